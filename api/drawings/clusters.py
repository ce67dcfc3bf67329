"""Puts places that lie close to each other on a sheet into clusters, so that each can be seen and met."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.drawings.projection import Box, Point

# Places whose circles are in one square of the sheet are one cluster.
_CELL = 24.0
# The radius of one event, and the most of any.
_LEAST_RADIUS, _MOST_RADIUS = 3.0, 22.0


@dataclass(frozen=True)
class Place:
    """A place with how many events are known to have happened there."""

    id: str
    name: str
    longitude: float
    latitude: float
    count: int
    # Whether it is the middle of an area rather than a spot.
    is_area: bool
    # Which dataset counts, from 0.
    series: int


@dataclass(frozen=True)
class Cluster:
    """Places that are drawn as one circle, at their middle on the sheet."""

    places: Sequence[Place]
    x: float
    y: float

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def box(self) -> Box | None:
        """Where its places lie; null where they all lie at one point."""
        points = {(place.longitude, place.latitude) for place in self.places}
        return Box.around(points, margin=0.25) if len(points) > 1 else None


def clustered(places: Iterable[tuple[Place, Point]]) -> list[Cluster]:
    """The clusters of places by where they lie on the sheet, of each dataset by itself; the largest first."""
    cells: dict[tuple[int, bool, int, int], list[tuple[Place, Point]]] = {}
    for place, (x, y) in places:
        cells.setdefault((place.series, place.is_area, int(x // _CELL), int(y // _CELL)), []).append((place, (x, y)))
    found = []
    for members in cells.values():
        total = sum(place.count for place, _point in members)
        x, y = (sum(place.count * point[axis] for place, point in members) / total for axis in (0, 1))
        found.append(Cluster([place for place, _point in members], x, y))
    return sorted(found, key=lambda cluster: (-cluster.count, cluster.x, cluster.y))


def radius(count: int, most: int) -> float:
    """The radius of a circle whose area grows with the count; never so small that it cannot be seen."""
    return max(_LEAST_RADIUS, min(_MOST_RADIUS, 3 * math.sqrt(most)) * math.sqrt(count / most))
