"""Reads points, and tells the boxes that countries lie in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from api.boundaries import outlines
from seeds.importer.records import Unknown
from seeds.importer.values import degrees

# Latitude and longitude.
Point = tuple[float, float]


class Box(NamedTuple):
    """The least and the most degrees of a country."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, latitude: float, longitude: float, around: float) -> bool:
        """Whether a point lies in the box, or so many degrees around it."""
        return (
            self.south - around <= latitude <= self.north + around
            and self.west - around <= longitude <= self.east + around
        )


def point_of(latitude: str, longitude: str) -> tuple[Point | None, Sequence[Unknown]]:
    """The point that a row prints, null where it prints none, or 0, 0, as programs write what they do not have; that is told.

    Errors: Unreadable.
    """
    if not latitude.strip() and not longitude.strip():
        return None, ()
    point = degrees("latitude", latitude, 90), degrees("longitude", longitude, 180)
    return (point, ()) if any(point) else (None, (("latitude and longitude", f"{latitude}, {longitude}", "no point"),))


def box_of(country: str) -> Box | None:
    """The box of the country of this code; null where no outline of it is at hand."""
    return _boxes().get(country)


@cache
def _boxes() -> Mapping[str, Box]:
    """The box of each country by its alpha-3 code."""
    return {
        feature["properties"]["code"].upper(): _box(list(_positions(feature["geometry"]["coordinates"])))
        for feature in outlines("country")["features"]
    }


def _positions(coordinates: Sequence[Any]) -> Iterator[Point]:
    """All positions of a geometry, latitude first."""
    if isinstance(coordinates[0], int | float):
        yield coordinates[1], coordinates[0]
    else:
        for part in coordinates:
            yield from _positions(part)


def _box(positions: Sequence[Point]) -> Box:
    latitudes, longitudes = zip(*positions, strict=True)
    return Box(min(latitudes), min(longitudes), max(latitudes), max(longitudes))
