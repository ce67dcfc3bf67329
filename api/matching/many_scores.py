"""Scores one event beside many others at once, as arrays: exactly what `score` says of each of them, in thousandths.

`api/matching/score.py` says what is scored and why. What is worked out here is the same, part by part, so that the two are rounded
alike; where a mean lies so close to the middle of two thousandths that it may not be, `score` is asked itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

from api.domain.codebook.places import DRAWN_PRECISIONS
from api.matching.score import (
    DIGITS,
    FAR_KM,
    GAPS,
    NEAR_KM,
    OVERLAPPING,
    POINTS,
    SHARED_UNITS,
    SHARING_A_DAY,
    WEIGHTS,
    ComparedEvent,
    Toll,
    score,
    sides_alike,
    types_alike,
)
from api.query.filters.places import EARTH_RADIUS_KM

# So many thousandths are one; as near to the middle of two of them a mean may be rounded otherwise than by `score`.
THOUSANDTHS = 10**DIGITS
_MIDDLE, _NEAR_MIDDLE = 0.5, 1e-6

Key = TypeVar("Key", bound=Hashable)


class ManyScores:
    """Events to score others beside."""

    def __init__(self, events: Sequence[ComparedEvent]) -> None:
        self.events = events
        self._starts = np.array([event.start.toordinal() for event in events], dtype=np.int64)
        self._ends = np.array([event.end.toordinal() for event in events], dtype=np.int64)
        self._latitudes = np.radians(_numbers([event.latitude for event in events]))
        self._longitudes = _numbers([event.longitude for event in events])
        self._are_points = np.array([event.location_precision in POINTS for event in events], dtype=bool)
        self._are_points &= ~np.isnan(self._latitudes) & ~np.isnan(self._longitudes)
        self._codes: dict[str, int] = {}
        self._locations = self._coded([event.location_id for event in events])
        self._units = {level: self._coded([event.units[level] for event in events]) for level in SHARED_UNITS}
        tolls = [event.killed or Toll(None, None, None, False) for event in events]
        self._lows, self._bests, self._highs = (
            _numbers([getattr(toll, bound) for toll in tolls]) for bound in ("low", "best", "high")
        )
        self._sides = _Alike([event.groups for event in events], sides_alike)
        self._types = _Alike([(event.type, event.subtype) for event in events], types_alike)

    def _coded(self, names: Sequence[str | None]) -> Any:
        """A number for each name, below 0 for none."""
        codes = self._codes
        return np.array([-1 if name is None else codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)

    def beside(self, one: ComparedEvent) -> Any:
        """How well each of the events matches this one, in thousandths; below 0 where they share no place, or lie too many days
        apart."""
        place, days = self._place(one), self._days(one)
        parts = {
            "place": place,
            "days": days,
            "sides": self._sides.beside(one.groups),
            "type": self._types.beside((one.type, one.subtype)),
            "toll": self._toll(one.killed),
        }
        # In the order in which `score` adds them up: what is not said adds nothing.
        sums, weights = np.zeros(len(self.events)), np.zeros(len(self.events))
        for name, part in parts.items():
            is_said = ~np.isnan(part)
            sums = sums + WEIGHTS[name] * np.where(is_said, part, 0.0)
            weights = weights + WEIGHTS[name] * is_said
        exact = sums / weights * THOUSANDTHS
        found = np.rint(exact).astype(np.int64)
        found[(place == 0) | (days == 0)] = -1
        middle = np.abs(exact - np.floor(exact) - _MIDDLE) < _NEAR_MIDDLE
        for at in np.flatnonzero(middle & (found >= 0)).tolist():
            made = score(one, self.events[at])
            found[at] = -1 if made is None else round(made.score * THOUSANDTHS)
        return found

    def _place(self, one: ComparedEvent) -> Any:
        counts = np.zeros(len(self.events))
        for level, shared in SHARED_UNITS.items():
            unit = self._codes.get(one.units[level] or "", -2)
            counts = np.maximum(counts, np.where(self._units[level] == unit, shared, 0.0))
        if one.location_precision in POINTS and one.latitude is not None and one.longitude is not None:
            near = np.clip((FAR_KM - self._great_circle_km(one.latitude, one.longitude)) / (FAR_KM - NEAR_KM), 0.0, 1.0)
            counts = np.where(self._are_points, near, counts)
        if one.location_precision in DRAWN_PRECISIONS:
            counts = np.where(self._locations == self._codes.get(one.location_id, -2), 1.0, counts)
        return counts

    def _great_circle_km(self, latitude: float, longitude: float) -> Any:
        south = np.radians(latitude)
        half = np.sin((self._latitudes - south) / 2) ** 2
        half = (
            half + np.cos(south) * np.cos(self._latitudes) * np.sin(np.radians(self._longitudes - longitude) / 2) ** 2
        )
        return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))

    def _days(self, one: ComparedEvent) -> Any:
        start, end = one.start.toordinal(), one.end.toordinal()
        shared = np.minimum(self._ends, end) - np.maximum(self._starts, start) + 1
        spanned = np.maximum(self._ends, end) - np.minimum(self._starts, start) + 1
        counts = np.where(shared > 0, SHARING_A_DAY + (1 - SHARING_A_DAY) * shared / spanned, 0.0)
        for apart, gap in GAPS.items():
            counts = np.where(shared == 1 - apart, gap, counts)
        return counts

    def _toll(self, ours: Toll | None) -> Any:
        if ours is None or ours.best is None:
            return np.full(len(self.events), np.nan)
        alike = (np.minimum(self._bests, ours.best) + 1) / (np.maximum(self._bests, ours.best) + 1)
        low, high = (np.nan if bound is None else float(bound) for bound in (ours.low, ours.high))
        # The lower of the two by best numbers, this one where they are the same.
        is_upper = self._bests < ours.best
        lower_high = np.where(is_upper, self._highs, high)
        upper_low, upper_best = np.where(is_upper, low, self._lows), np.where(is_upper, ours.best, self._bests)
        overlap = (upper_low <= lower_high) & ((lower_high > 0) | (upper_low == upper_best))
        return np.where(overlap, np.maximum(alike, OVERLAPPING), alike)


class _Alike:
    """How alike a value is to those of many events, which have few different ones."""

    def __init__(self, values: Sequence[Key], alike: Callable[[Key, Key], float | None]) -> None:
        self._different = list(dict.fromkeys(values))
        number = {value: place for place, value in enumerate(self._different)}
        self._numbers = np.array([number[value] for value in values], dtype=np.int64)
        self._alike: Callable[[Any, Any], float | None] = alike
        self._known: dict[Hashable, Any] = {}

    def beside(self, value: Hashable) -> Any:
        """How alike each event's is, NaN where nothing is said."""
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = _numbers([self._alike(value, other) for other in self._different])
        return found[self._numbers]


def _numbers(values: Sequence[float | None]) -> Any:
    """The numbers as an array, NaN where there is none."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
