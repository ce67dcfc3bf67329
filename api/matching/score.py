"""Scores how well two events of different datasets tell of the same thing: by place, days, sides, type and toll.

Each part is between 0 and 1, null where one of the two says nothing of it; the score is their weighted mean. Without a shared
place, or more than three days apart, there is no match. How well it does is measured in docs/matching.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from api.domain.codebook.places import DRAWN_PRECISIONS
from api.query.filters.places import EARTH_RADIUS_KM

# How much each part weighs.
WEIGHTS: Mapping[str, int] = {"place": 4, "days": 3, "sides": 2, "type": 1, "toll": 2}
# Two points are one place up to here, and none from there on.
NEAR_KM, FAR_KM = 3.0, 40.0
# Precisions at which a point tells where something happened, and not only in which unit.
POINTS = frozenset(("exact", "near"))
# What it counts that both lie in the same unit, the finest that they share.
SHARED_UNITS: Mapping[str, float] = {"township": 0.8, "district": 0.5, "state_or_region": 0.25, "area": 0.2}
# What it counts that two periods are so many days apart, and at least where they share a day.
GAPS: Mapping[int, float] = {1: 0.5, 2: 0.3, 3: 0.15}
MOST_DAYS_APART = max(GAPS)
SHARING_A_DAY = 0.6
# Types of one fight, which publishers call one or the other.
_VIOLENT = frozenset(("battles", "explosions_remote_violence", "violence_against_civilians"))
_ALIKE_TYPES, _OTHER_SUBTYPE = 0.5, 0.8
# What it counts that bounds overlap, where the best numbers are further apart.
OVERLAPPING = 0.8
DIGITS = 3
# A type and its subtype.
Kind = tuple[str, str | None]


class Toll(NamedTuple):
    """How many an event says were killed in it alone."""

    low: int | None
    best: int | None
    high: int | None
    is_open: bool


class ComparedEvent(NamedTuple):
    """What is compared of an event."""

    id: str
    dataset: str
    release: str
    title: str
    kind: str
    type: str
    subtype: str | None
    start: date
    end: date
    date_precision: str
    location_id: str
    location_name: str
    location_precision: str
    latitude: float | None
    longitude: float | None
    # Its place at each level that units are shared at.
    units: Mapping[str, str | None]
    # All groups that take part, in whatever role, with all that they belong to.
    groups: frozenset[str]
    # Null where it tells of no dead.
    killed: Toll | None


class Score(NamedTuple):
    """How well two events match: in all, and by part."""

    score: float
    parts: Mapping[str, float | None]


def score(one: ComparedEvent, other: ComparedEvent) -> Score | None:
    """How well two events match; null where they share no place, or lie more than three days apart."""
    place, days = _place(one, other), _days(one, other)
    if place == 0 or days == 0:
        return None
    parts = {
        "place": place,
        "days": days,
        "sides": sides_alike(one.groups, other.groups),
        "type": types_alike((one.type, one.subtype), (other.type, other.subtype)),
        "toll": _toll(one.killed, other.killed),
    }
    told = {name: part for name, part in parts.items() if part is not None}
    mean = sum(WEIGHTS[name] * part for name, part in told.items()) / sum(WEIGHTS[name] for name in told)
    return Score(
        round(mean, DIGITS), {name: None if part is None else round(part, DIGITS) for name, part in parts.items()}
    )


def sides_alike(ours: frozenset[str], theirs: frozenset[str]) -> float | None:
    """The share of the smaller set of groups that is in the other; null where one of them says nothing of it."""
    if not ours or not theirs:
        return None
    return len(ours & theirs) / min(len(ours), len(theirs))


def types_alike(ours: Kind, theirs: Kind) -> float:
    """How alike two types are, each with its subtype."""
    if ours[0] == theirs[0]:
        return 1.0 if ours == theirs else _OTHER_SUBTYPE
    return _ALIKE_TYPES if {ours[0], theirs[0]} <= _VIOLENT else 0.0


def days_between(one: ComparedEvent, other: ComparedEvent) -> int:
    """How many days two periods are apart: 0 where they share one, 1 where one begins on the day after the other."""
    return max(0, (max(one.start, other.start) - min(one.end, other.end)).days)


def _place(one: ComparedEvent, other: ComparedEvent) -> float:
    if one.location_id == other.location_id and one.location_precision in DRAWN_PRECISIONS:
        return 1.0
    if {one.location_precision, other.location_precision} <= POINTS:
        found = _great_circle_km(one, other)
        if found is not None:
            return max(0.0, min(1.0, (FAR_KM - found) / (FAR_KM - NEAR_KM)))
    return next(
        (
            counts
            for level, counts in SHARED_UNITS.items()
            if one.units[level] is not None and one.units[level] == other.units[level]
        ),
        0.0,
    )


def _great_circle_km(one: ComparedEvent, other: ComparedEvent) -> float | None:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    south, north = radians(one.latitude), radians(other.latitude)
    half = sin((north - south) / 2) ** 2
    half += cos(south) * cos(north) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def _days(one: ComparedEvent, other: ComparedEvent) -> float:
    apart = days_between(one, other)
    if apart:
        return GAPS.get(apart, 0.0)
    shared = (min(one.end, other.end) - max(one.start, other.start)).days + 1
    spanned = (max(one.end, other.end) - min(one.start, other.start)).days + 1
    return SHARING_A_DAY + (1 - SHARING_A_DAY) * shared / spanned


def _toll(ours: Toll | None, theirs: Toll | None) -> float | None:
    if ours is None or theirs is None or ours.best is None or theirs.best is None:
        return None
    # One more of each, so that none and one are not as far apart as none and a hundred.
    alike = (min(ours.best, theirs.best) + 1) / (max(ours.best, theirs.best) + 1)
    return max(alike, OVERLAPPING) if _overlap(ours, theirs) else alike


def _overlap(ours: Toll, theirs: Toll) -> bool:
    lower, upper = sorted((ours, theirs), key=lambda toll: toll.best or 0)
    if upper.low is None or lower.high is None:
        return False
    return upper.low <= lower.high and (lower.high > 0 or upper.low == upper.best)
