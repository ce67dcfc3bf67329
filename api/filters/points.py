"""Where, by the point that is drawn on a map: boxes and circles. Knows no place by its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from api.db import unindexed
from api.declare.filter import Filter, InForm, Subject
from api.declare.values import Number, Numbers, Parameter
from api.models import DRAWN_PRECISIONS, UNDRAWN_LEVELS, Location

# The mean radius of the Earth (IUGG), and the length of one degree along a meridian.
_EARTH_RADIUS_KM = 6371.0088
_DEGREE_KM = math.pi * _EARTH_RADIUS_KM / 180
# Half the way around the Earth: a radius over it would be the whole of it.
_MOST_RADIUS_KM = 20015.0


def _is_drawn(on: Any) -> ColumnElement[bool]:
    """Whether the record has a point on a map: its place is known better than its state or region."""
    if hasattr(on, "location_precision"):
        found: ColumnElement[bool] = on.location_precision.in_(DRAWN_PRECISIONS)
        return found
    drawn: ColumnElement[bool] = on.level.not_in(UNDRAWN_LEVELS)
    return drawn


def _drawn_where(point: Any, on: Any, holds: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Is drawn at a point for which this holds: the record's own, or its place's where it has none of its own.

    `point` has the record's coordinates.
    """
    if not hasattr(on, "location_id"):
        return and_(holds(point), _is_drawn(on))
    at_place = on.location_id.in_(select(Location.id).where(holds(Location)).correlate(None))
    return and_(or_(holds(point), and_(point.latitude.is_(None), at_place)), _is_drawn(on))


class _Passing(NamedTuple):
    """A record's coordinates where no index of them is to be used."""

    latitude: Any
    longitude: Any


def _passing(on: Any) -> _Passing:
    return _Passing(*(unindexed(column) for column in (on.latitude, on.longitude)))


class _Box(NamedTuple):
    """Edges in degrees."""

    west: float
    south: float
    east: float
    north: float
    crosses_antimeridian: bool

    def in_form(self) -> InForm:
        """Whether it crosses the antimeridian decides what is asked."""
        return self[:-1], lambda edges: _Box._make((*edges, self.crosses_antimeridian)), self.crosses_antimeridian

    def holds(self, point: Any) -> ColumnElement[bool]:
        across = (
            or_(point.longitude >= self.west, point.longitude <= self.east)
            if self.crosses_antimeridian
            else point.longitude.between(self.west, self.east)
        )
        return and_(point.latitude.between(self.south, self.north), across)


BBOX = Filter(
    Parameter(
        "bbox",
        Numbers(("west", "south", "east", "north"), ((-180, 180), (-90, 90), (-180, 180), (-90, 90))),
        "Drawn within west,south,east,north in degrees; west over east crosses the antimeridian.",
        "94,22,97,25",
    ),
    Subject.RECORD,
    lambda value, on: _drawn_where(on, on, value.holds),
    lambda value, _asked, _look_up: _Box._make((*value, value[0] > value[2])),
    passing=lambda value, on: _drawn_where(_passing(on), on, value.holds),
)


class _Circle(NamedTuple):
    """A great-circle distance around a point, with the box around it, since an index knows that."""

    latitude: float
    longitude: float
    cosine: float
    # The squared sine of half the angle of the radius.
    most: float
    south: float
    north: float
    # Null where a pole lies within.
    west: float | None
    east: float | None
    crosses_antimeridian: bool

    @classmethod
    def around(cls, latitude: float, longitude: float, radius_km: float) -> _Circle:
        """The circle of this radius."""
        reach = radius_km / _DEGREE_KM
        west = east = None
        if abs(latitude) + reach < 90:
            # The widest longitudes of a circle on a sphere.
            width = math.degrees(math.asin(min(1.0, math.sin(math.radians(reach)) / math.cos(math.radians(latitude)))))
            west, east = longitude - width, longitude + width
        crosses = west is not None and east is not None and (west < -180 or east > 180)
        return cls(
            latitude,
            longitude,
            math.cos(math.radians(latitude)),
            math.sin(min(radius_km / _EARTH_RADIUS_KM, math.pi) / 2) ** 2,
            latitude - reach,
            latitude + reach,
            west + 360 if west is not None and west < -180 else west,
            east - 360 if east is not None and east > 180 else east,
            crosses,
        )

    def in_form(self) -> InForm:
        """Where it crosses the antimeridian or holds a pole, another box is asked."""
        return self[:-1], lambda parts: _Circle._make((*parts, self.crosses_antimeridian)), self.crosses_antimeridian

    def holds(self, point: Any) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [point.latitude.between(self.south, self.north)]
        if self.crosses_antimeridian:
            conditions.append(or_(point.longitude >= self.west, point.longitude <= self.east))
        elif self.west is not None:
            conditions.append(point.longitude.between(self.west, self.east))
        # The haversine formula; squared sines stay exact where points are close.
        north = func.sin(func.radians(point.latitude - self.latitude) / 2)
        east = func.sin(func.radians(point.longitude - self.longitude) / 2)
        half_chord = north * north + self.cosine * func.cos(func.radians(point.latitude)) * east * east
        return and_(*conditions, half_chord <= self.most)


NEAR = Filter(
    Parameter(
        "near",
        Numbers(("latitude", "longitude"), ((-90, 90), (-180, 180))),
        "Drawn within `radius_km` of latitude,longitude, by great circle.",
        "23.79,95.68",
    ),
    Subject.RECORD,
    lambda value, on: _drawn_where(on, on, value.holds),
    lambda value, asked, _look_up: _Circle.around(value[0], value[1], asked["radius_km"]),
    passing=lambda value, on: _drawn_where(_passing(on), on, value.holds),
    companions=(Parameter("radius_km", Number(0, _MOST_RADIUS_KM), "The radius around `near`, in kilometres.", "50"),),
)
