"""Filters by place: by name and level, by box, by circle, and by precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_

from api.domain.codebook.places import UNDRAWN_LEVELS
from api.query.filters.filter import Filter, Subject, among, named, no_coarser
from api.query.parameters import ListOf, Number, Numbers, Parameter, Text

# The mean radius of the Earth (IUGG), and the length of one degree along a meridian.
EARTH_RADIUS_KM = 6371.0088
_DEGREE_KM = math.pi * EARTH_RADIUS_KM / 180
# Half the way around the Earth: a radius over it would be the whole of it.
_MOST_RADIUS_KM = 20015.0


class DrawnPoint(NamedTuple):
    """The coordinates at which a record is drawn."""

    latitude: Any
    longitude: Any


def _point(on: Any) -> DrawnPoint:
    return DrawnPoint(on.drawn_latitude, on.drawn_longitude)


def drawn_where(value: Any, on: Any) -> ColumnElement[bool]:
    """Is drawn at a point that the box, circle or polygon holds."""
    if hasattr(on, "drawn_latitude"):
        return and_(value.condition(_point(on)))
    return and_(value.condition(DrawnPoint(on.latitude, on.longitude)), on.level.not_in(UNDRAWN_LEVELS))


_LATITUDES, _LONGITUDES = (-90, 90), (-180, 180)
_ACROSS = "A box across the 180th meridian has its west over its east, such as 170,-20,-170,-10"


class _Box(NamedTuple):
    """Edges in degrees."""

    west: float
    south: float
    east: float
    north: float
    crosses_antimeridian: bool

    def condition(self, point: DrawnPoint) -> ColumnElement[bool]:
        across = (
            or_(point.longitude >= self.west, point.longitude <= self.east)
            if self.crosses_antimeridian
            else point.longitude.between(self.west, self.east)
        )
        return and_(point.latitude.between(self.south, self.north), across)


BBOX = Filter(
    Parameter(
        "bbox",
        Numbers(
            ("west", "south", "east", "north"),
            (_LONGITUDES, _LATITUDES, _LONGITUDES, _LATITUDES),
            {"west": _ACROSS, "east": _ACROSS},
        ),
        "Drawn within west,south,east,north in degrees; west over east crosses the antimeridian.",
        "94,22,97,25",
    ),
    Subject.RECORD,
    drawn_where,
    lambda value, _query, _look_up: _Box._make((*value, value[0] > value[2])),
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
    # Edges of a box that surely lies within: south, north, west, east.
    within: tuple[float, float, float, float]
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
        cosine, most = math.cos(math.radians(latitude)), math.sin(min(radius_km / EARTH_RADIUS_KM, math.pi) / 2) ** 2
        to_north, to_east = _surely_within(latitude, reach, cosine, most)
        return cls(
            latitude,
            longitude,
            cosine,
            most,
            latitude - reach,
            latitude + reach,
            west + 360 if west is not None and west < -180 else west,
            east - 360 if east is not None and east > 180 else east,
            (latitude - to_north, latitude + to_north, longitude - to_east, longitude + to_east),
            crosses,
        )

    def condition(self, point: DrawnPoint) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [point.latitude.between(self.south, self.north)]
        if self.crosses_antimeridian:
            conditions.append(or_(point.longitude >= self.west, point.longitude <= self.east))
        elif self.west is not None:
            conditions.append(point.longitude.between(self.west, self.east))
        # The haversine formula; squared sines stay exact where points are close.
        north = func.sin((point.latitude - self.latitude) * _HALF_DEGREE)
        east = func.sin((point.longitude - self.longitude) * _HALF_DEGREE)
        half_chord = north * north + self.cosine * func.cos(func.radians(point.latitude)) * east * east
        if self.crosses_antimeridian:
            return and_(*conditions, half_chord <= self.most)
        # Sines cost several times what all else does, and most points need none.
        is_within = and_(point.latitude.between(*self.within[:2]), point.longitude.between(*self.within[2:]))
        return and_(*conditions, or_(is_within, half_chord <= self.most))


def _surely_within(latitude: float, reach: float, cosine: float, most: float) -> tuple[float, float]:
    """How many degrees to the north or south and how many to the east or west lie within a circle, both at once.

    By the haversine formula: of all points so far to the north or south, those nearest to the equator are the farthest
    from the centre.
    """
    north = reach * _LARGEST_BOX
    widest = math.cos(math.radians(max(abs(latitude) - north, 0.0)))
    left = (most - math.sin(math.radians(north) / 2) ** 2) / (cosine * widest)
    return north, math.degrees(2 * math.asin(math.sqrt(min(left, 1.0))))


# Half a degree, as an angle.
_HALF_DEGREE = math.pi / 360
# About the half height of the largest box in a circle, as a part of the circle's radius; that of a flat one is the root
# of a half.
_LARGEST_BOX = 0.7


NEAR = Filter(
    Parameter(
        "near",
        Numbers(("latitude", "longitude"), (_LATITUDES, _LONGITUDES)),
        "Drawn within `radius_km` of latitude,longitude, by great circle.",
        "23.79,95.68",
    ),
    Subject.RECORD,
    drawn_where,
    lambda value, query, _look_up: _Circle.around(value[0], value[1], query["radius_km"]),
    companions=(Parameter("radius_km", Number(0, _MOST_RADIUS_KM), "The radius around `near`, in kilometres.", "50"),),
)


def _in_places(value: Sequence[Any], on: Any) -> ColumnElement[bool]:
    """Lies in the subtree of any of these locations: one comparison for each, by the column of its level."""
    return or_(
        *(getattr(on, place.level) == (place.country if place.level == "country" else place.id) for place in value)
    )


LOCATION_FILTER = Filter(
    Parameter(
        "location",
        ListOf(Text()),
        "Places by id, P-code, name or alias, each with all that lies in it. Compared without case, accents, apostrophes,"
        " hyphens and spaces. Of nested places of one name the outermost is meant; `Kawlin town` names an inner one. A name"
        " that holds a comma stands in double quotes.",
        "Sagaing",
    ),
    Subject.RECORD,
    _in_places,
    named("location"),
)
COUNTRY = Filter(
    Parameter(
        "country",
        ListOf(Text()),
        "Countries by ISO 3166-1 code (alpha-3 or alpha-2), M49 number, name or usual variant, in any case. A country that"
        " has no data here is an empty answer. `XKX` is Kosovo; what lies at sea has no country.",
        "MMR",
    ),
    Subject.RECORD,
    among("country"),
    named("country"),
)
PARENT = Filter(
    Parameter("parent", ListOf(Text()), "Lies directly in one of these places; names as for `location`.", "mmr005"),
    Subject.OWN,
    lambda value, on: on.parent_id.in_([place.id for place in value]),
    named("parent"),
)
LOCATION_PRECISION = no_coarser(
    "location_precision", "The place is known no coarser than this.", "township", Subject.RECORD
)

PLACE_FILTERS: tuple[Filter, ...] = (LOCATION_FILTER, COUNTRY, BBOX, NEAR, LOCATION_PRECISION)
