"""Puts the Earth on a sheet: equal areas for the world, true to shape for a part of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Wider stretches than this, in degrees, are drawn as a world.
_WORLD_DEGREES = 80.0
# The coefficients of Equal Earth (Šavrič, Patterson and Jenny, 2018).
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2
# No stretch around points is narrower than this, so that something shows of where they are.
_LEAST_DEGREES = 3.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A stretch of the Earth, in degrees; it does not cross the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, points: Iterable[Point], margin: float = 0.06) -> Box | None:
        """The box of these points (longitude, latitude) with a margin, as a part of its size; null of no point."""
        found = list(points)
        if not found:
            return None
        west, east = min(x for x, _y in found), max(x for x, _y in found)
        south, north = min(y for _x, y in found), max(y for _x, y in found)
        size = max(east - west, north - south)
        over = max(margin * size, (_LEAST_DEGREES - size) / 2)
        return cls(max(west - over, -180), max(south - over, -90), min(east + over, 180), min(north + over, 90))

    @property
    def width(self) -> float:
        return self.east - self.west

    @property
    def height(self) -> float:
        return self.north - self.south

    @property
    def middle(self) -> Point:
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def meets(self, other: Box) -> bool:
        """Whether they have anything in common."""
        return not (
            self.east < other.west or other.east < self.west or self.north < other.south or other.north < self.south
        )

    def contains(self, point: Point) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    def scaled(self, factor: float) -> Box:
        """As much larger around the same middle, within the Earth."""
        (x, y), width, height = self.middle, self.width * factor / 2, self.height * factor / 2
        return Box(max(x - width, -180), max(y - height, -90), min(x + width, 180), min(y + height, 90))

    def __str__(self) -> str:
        return ",".join(
            f"{edge:.3f}".rstrip("0").rstrip(".") for edge in (self.west, self.south, self.east, self.north)
        )


class Projection:
    """Longitude and latitude to a sheet of this width; the height follows from the box, within bounds."""

    def __init__(self, box: Box, width: float, lowest: float, highest: float) -> None:
        """`lowest` and `highest` are the least and the most that the sheet may be high, as parts of its width."""
        self.is_world = box.width > _WORLD_DEGREES
        self._narrow = math.cos(math.radians(box.middle[1]))
        across = (box.west, box.middle[0], box.east)
        up = (box.south, 0 if self.is_world else box.south, box.north)
        corners = [self._flat(x, y) for x in across for y in up]
        left, right = min(x for x, _y in corners), max(x for x, _y in corners)
        bottom, top = min(y for _x, y in corners), max(y for _x, y in corners)
        ratio = min(max((top - bottom) / (right - left), lowest), highest)
        self.width, self.height = width, round(width * ratio)
        self.scale = min(self.width / (right - left), self.height / (top - bottom))
        # What is left over lies evenly at both sides.
        self._left = (left + right) / 2 - self.width / self.scale / 2
        self._top = (bottom + top) / 2 + self.height / self.scale / 2
        west, north = self._left / self._narrow, self._top
        # All that the sheet shows; of a world the box itself.
        self.box = box
        if not self.is_world:
            self.box = Box(
                max(west, -180),
                max(north - self.height / self.scale, -90),
                min(west + self.width / self.scale / self._narrow, 180),
                min(north, 90),
            )

    def _flat(self, longitude: float, latitude: float) -> Point:
        if not self.is_world:
            return longitude * self._narrow, latitude
        angle = math.asin(_M * math.sin(math.radians(latitude)))
        second = angle * angle
        sixth = second**3
        x = math.radians(longitude) * math.cos(angle)
        x /= _M * (_A1 + 3 * _A2 * second + sixth * (7 * _A3 + 9 * _A4 * second))
        return x, angle * (_A1 + _A2 * second + sixth * (_A3 + _A4 * second))

    def __call__(self, longitude: float, latitude: float) -> Point:
        """Where a point lies on the sheet, from its upper left corner."""
        x, y = self._flat(longitude, latitude)
        return (x - self._left) * self.scale, (self._top - y) * self.scale
