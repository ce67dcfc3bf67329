"""The filters that several resources share, each declared once. Knows the tables, no request.

A filter of one resource alone stands in that resource's file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from api.db import unindexed
from api.declare import (
    Asked,
    Day,
    Filter,
    InForm,
    InSQL,
    LookUp,
    Number,
    Numbers,
    Parameter,
    Several,
    Subject,
    Time,
    Whole,
    Word,
    Yes,
    among,
    codes,
    held_in,
    no_coarser,
)
from api.errors import Fault, InvalidValue, refuse
from api.models import DRAWN_PRECISIONS, UNDRAWN_LEVELS, EventWords, Location
from api.names import words

# The rank of aliases among a record's names; before it come the id, the code and the name.
ALIAS_RANK = 3
# The mean radius of the Earth (IUGG), and the length of one degree along a meridian.
EARTH_RADIUS_KM = 6371.0088
DEGREE_KM = math.pi * EARTH_RADIUS_KM / 180
# Half the way around the Earth: a radius over it would be the whole of it.
MOST_RADIUS_KM = 20015.0


def _named(parameter: str) -> Any:
    def understand(value: Sequence[str], asked: Asked, look_up: LookUp) -> Sequence[Any]:
        return look_up.resolve(parameter, value, asked)

    return understand


# --- Which records -----------------------------------------------------------------------------------------------

DATASET = Filter(
    Parameter("dataset", Several(Word()), "Dataset ids.", "op1027"),
    Subject.RECORD,
    among("dataset_id"),
    _named("dataset"),
    holds=held_in("dataset_id"),
)
ID = Filter(
    Parameter("id", Several(Word()), "These records, by id.", ""),
    Subject.RECORD,
    among("id"),
    _named("id"),
    parts_figures=True,
)
UPDATED_SINCE = Filter(
    Parameter("updated_since", Time(), "Changed after this time.", "2024-01-01T00:00:00Z"),
    Subject.RECORD,
    lambda value, on: on.updated_at > value,
    parts_figures=True,
)

# --- When --------------------------------------------------------------------------------------------------------


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days) if (day - date.min).days > days else date.min


DATE_FROM = Filter(
    Parameter("date_from", Day(), "Overlaps the period that begins on this day.", "2023-11-01"),
    Subject.RECORD,
    # No period that reaches this day can begin earlier than the longest one would, and starts are in the index.
    lambda value, on: and_(on.date_end >= value[0], on.date_start >= value[1]),
    lambda value, _asked, look_up: (value, _days_before(value, look_up.longest_days())),
    first_day=itemgetter(0),
)
DATE_TO = Filter(
    Parameter("date_to", Day(), "Overlaps the period that ends on this day, included.", "2023-11-30"),
    Subject.RECORD,
    lambda value, on: on.date_start <= value,
    is_of_parts=True,
    last_day=lambda value: value,
)
DATE_PRECISION = no_coarser("date_precision", "The time is known no coarser than this.", "day", Subject.RECORD)

# --- Where -------------------------------------------------------------------------------------------------------


def _in_places(value: Sequence[Any], on: Any) -> ColumnElement[bool]:
    """Lies in the subtree of any of these locations: one comparison for each, by the column of its level."""
    return or_(
        *(getattr(on, place.level) == (place.country if place.level == "country" else place.id) for place in value)
    )


def _one_place(value: Sequence[Any]) -> tuple[str, Sequence[str]] | None:
    """Of several places one may lie in another."""
    if len(value) > 1:
        return None
    (place,) = value
    return place.level, [place.country if place.level == "country" else place.id]


LOCATION = Filter(
    Parameter(
        "location",
        Several(Word()),
        "Places by id, P-code, name or alias, each with all that lies in it. Compared without case, accents, apostrophes,"
        " hyphens and spaces. Of nested places of one name the outermost is meant; `Kawlin town` names an inner one.",
        "Sagaing",
    ),
    Subject.RECORD,
    _in_places,
    _named("location"),
    holds=_one_place,
)
COUNTRY = Filter(
    Parameter("country", Several(Word()), "ISO 3166-1 alpha-3 country codes.", "MMR"),
    Subject.RECORD,
    among("country"),
    _named("country"),
    holds=held_in("country"),
)
LOCATION_PRECISION = no_coarser(
    "location_precision", "The place is known no coarser than this.", "township", Subject.RECORD
)


def is_drawn(on: Any) -> ColumnElement[bool]:
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
        return and_(holds(point), is_drawn(on))
    at_place = on.location_id.in_(select(Location.id).where(holds(Location)).correlate(None))
    return and_(or_(holds(point), and_(point.latitude.is_(None), at_place)), is_drawn(on))


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
        reach = radius_km / DEGREE_KM
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
            math.sin(min(radius_km / EARTH_RADIUS_KM, math.pi) / 2) ** 2,
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
    companions=(Parameter("radius_km", Number(0, MOST_RADIUS_KM), "The radius around `near`, in kilometres.", "50"),),
)

# --- What happened -----------------------------------------------------------------------------------------------

KIND = replace(codes("kind", "Kinds of events.", "incident", Subject.RECORD, code_list="event_kind"), is_of_parts=True)
TYPE = codes("type", "Event types.", "battles", Subject.RECORD, code_list="event_type")
SUBTYPE = codes("subtype", "Event subtypes.", "air_drone_strike", Subject.EVENT, code_list="event_subtype")


def _part_of(value: Sequence[str], asked: Asked, look_up: LookUp) -> Sequence[str]:
    return look_up.subtree(look_up.resolve("part_of", value, asked))


PART_OF = Filter(
    Parameter(
        "part_of",
        Several(Word()),
        "Episodes by id: they themselves, what is part of them, and what is part of that.",
        "operation-1027",
    ),
    Subject.EVENT,
    among("id"),
    _part_of,
)


def _some_words(text: str) -> list[str]:
    """The words of a question; refuses one that has none, since it would not narrow anything."""
    found = words(text)
    if not found:
        raise refuse([Fault("q", "'q' has no word in it.", InvalidValue)])
    return found


def _has_words(value: tuple[Any, tuple[Any, Any]], on: Any) -> ColumnElement[bool]:
    """The event's words hold all of these: looked at on the event, for where it was found by something else."""
    held, _found = value
    return exists(select(1).where(EventWords.event_id == on.id, held).correlate(on))


def _words_asked(text: str, _asked: Asked, look_up: LookUp) -> tuple[Any, tuple[Any, Any]]:
    found = _some_words(text)
    return look_up.holding(found), look_up.full_text(found)


Q = Filter(
    Parameter(
        "q",
        Word(),
        "Every word occurs, as a whole word, in the title or summary or in the names and aliases of the groups and"
        " places. Case, accents and apostrophes are ignored; there are no operators.",
        "Kawlin",
    ),
    Subject.EVENT,
    _has_words,
    _words_asked,
    start=lambda value: value[1],
    in_sql=InSQL.AS_PARTS,
)


def words_of(description: str, holds: Callable[[str, Any], ColumnElement[bool]]) -> Filter:
    """The same question of a record that is no event: every word occurs, as a whole word, where `holds` looks.

    `holds` is given the word between spaces, as it stands among the words that are stored.
    """
    return Filter(
        Parameter("q", Word(), description, "Kawlin"),
        Subject.OWN,
        lambda value, on: and_(*(holds(f" {word} ", on) for word in value)),
        lambda value, _asked, _look_up: _some_words(value),
    )


def words_of_names(names: Any, owner: str) -> Filter:
    """Every word occurs, as a whole word, in the names and aliases of the listed record itself."""
    return words_of(
        "Every word occurs, as a whole word, in its names and aliases; case, accents and apostrophes ignored.",
        lambda word, on: exists(
            select(1).where(getattr(names, owner) == on.id, names.words.contains(word, autoescape=True)).correlate(on)
        ),
    )


EVENT = Filter(
    Parameter("event", Several(Word()), "Of these events, by id.", "battle-of-kawlin-2023"),
    Subject.EVENT,
    among("id"),
    _named("event"),
)

# --- Who took part -----------------------------------------------------------------------------------------------


def _takes_part(value: Sequence[Any], part: Any) -> ColumnElement[bool]:
    """Is one of the groups, or was a member of one when the event began."""
    always = [member.group_id for member in value if member.since is None and member.until is None]
    found: list[ColumnElement[bool]] = [part.group_id.in_(always)] if always else []
    for member in value:
        if member.since is not None or member.until is not None:
            limits = [part.group_id == member.group_id]
            if member.since is not None:
                limits.append(part.date_start >= member.since)
            if member.until is not None:
                limits.append(part.date_start <= member.until)
            found.append(and_(*limits))
    return or_(*found)


def _groups_at_any_time(value: Sequence[Any]) -> tuple[str, Sequence[str]] | None:
    is_always = all(member.since is None and member.until is None for member in value)
    return ("group_id", [member.group_id for member in value]) if is_always else None


GROUP = Filter(
    Parameter(
        "group",
        Several(Word()),
        "Groups by id, acronym, name or alias, compared without case, accents, apostrophes, hyphens and spaces.",
        "AA",
    ),
    Subject.PARTICIPATION,
    _takes_part,
    _named("group"),
    holds=_groups_at_any_time,
    companions=(
        Parameter(
            "include_members",
            Yes(),
            "With `group`: its members too, to any depth, as of the start of the event.",
            "true",
        ),
    ),
)
GROUP_ROLE = codes(
    "group_role",
    "Roles that a group has in the event.",
    "attacker",
    Subject.PARTICIPATION,
    column="role",
    code_list="role",
)

# --- Which figures -----------------------------------------------------------------------------------------------

FAMILY = codes("family", "Families of measures.", "casualty", Subject.FIGURE)
MEASURE = codes("measure", "What is counted.", "killed", Subject.FIGURE)
OBJECT = codes("object", "Which things are counted.", "house", Subject.FIGURE)
UNIT = codes("unit", "What one of it is.", "person", Subject.FIGURE)


def _partition(found: Filter) -> Filter:
    """The same filter, saying which part of the people is meant and not which figures are talked about."""
    return replace(found, is_partition=True)


POPULATION = _partition(codes("population", "Whose people.", "civilians", Subject.FIGURE))
SEX = _partition(codes("sex", "People of which sex.", "female", Subject.FIGURE))
TERM = _partition(codes("term", "Kinds of displacement.", "evacuated", Subject.FIGURE))

STATUS = replace(
    codes("status", "Whether there is a number, and if not, why.", "numbered", Subject.FIGURE), parts_figures=True
)
_MOST_PEOPLE = 10**12
BEST_MIN = Filter(
    Parameter("best_min", Whole(0, _MOST_PEOPLE), "The best number is at least this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best >= value,
    parts_figures=True,
)
BEST_MAX = Filter(
    Parameter("best_max", Whole(0, _MOST_PEOPLE), "The best number is at most this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best <= value,
    parts_figures=True,
)

# --- Who says so -------------------------------------------------------------------------------------------------

DOCUMENT = Filter(
    Parameter("document", Several(Word()), "Supported by these documents, by id.", "004_84814d1eef1d8517"),
    Subject.SAID,
    among("document_id"),
    _named("document"),
    parts_figures=True,
)
CLAIMANT = Filter(
    Parameter(
        "claimant",
        Several(Word()),
        "On the word of these: groups by id, acronym, name or alias, or the words that a record has.",
        "national-unity-government",
    ),
    Subject.SAID,
    among("claimant"),
    _named("claimant"),
    parts_figures=True,
)
VERIFICATION = replace(
    codes("verification", "How well it is verified.", "unverified", Subject.SAID), parts_figures=True
)

# --- As the resources take them ----------------------------------------------------------------------------------

RECORDS: tuple[Filter, ...] = (DATASET, ID)
PERIOD: tuple[Filter, ...] = (DATE_FROM, DATE_TO, DATE_PRECISION)
PLACE: tuple[Filter, ...] = (LOCATION, COUNTRY, BBOX, NEAR, LOCATION_PRECISION)
HAPPENING: tuple[Filter, ...] = (KIND, TYPE, SUBTYPE, PART_OF)
TAKING_PART: tuple[Filter, ...] = (GROUP, GROUP_ROLE)
FIGURES: tuple[Filter, ...] = (FAMILY, MEASURE, POPULATION, OBJECT, SEX, TERM, UNIT, STATUS, BEST_MIN, BEST_MAX)
SAYING: tuple[Filter, ...] = (DOCUMENT, CLAIMANT, VERIFICATION)
