"""Finds among many events those that may score at all beside one, by place and days, all of them at once as arrays.

It leaves out what cannot reach the least score whatever else is said; the others are scored one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from api.matching.score import FAR_KM, GAPS, POINTS, SHARED_UNITS, TOUCHING, WEIGHTS, ComparedEvent

# A degree of latitude is nowhere shorter.
_KM_A_DEGREE = 110.0
_ROUNDING = 0.001
_REST = sum(WEIGHTS.values()) - WEIGHTS["place"] - WEIGHTS["days"]


class LikelyEvents:
    """Events to compare others with, where a pair counts from a least score on."""

    def __init__(self, events: Sequence[ComparedEvent], least: float) -> None:
        self._events = events
        self._least = (least - _ROUNDING) * sum(WEIGHTS.values()) - _REST
        self._starts = np.array([event.start.toordinal() for event in events], dtype=np.int64)
        self._ends = np.array([event.end.toordinal() for event in events], dtype=np.int64)
        self._latitudes = np.array([np.nan if event.latitude is None else event.latitude for event in events])
        self._are_points = np.array([event.location_precision in POINTS for event in events], dtype=bool)
        self._are_points &= ~np.isnan(self._latitudes)
        self._codes: dict[str, int] = {}
        self._locations = self._coded([event.location_id for event in events])
        self._units = {level: self._coded([event.units[level] for event in events]) for level in SHARED_UNITS}

    def _coded(self, names: Sequence[str | None]) -> Any:
        """A number for each name, below 0 for none."""
        codes = self._codes
        return np.array([-1 if name is None else codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)

    def beside(self, one: ComparedEvent) -> Iterator[ComparedEvent]:
        """Those that may score so much beside this event, in their order."""
        reached = WEIGHTS["place"] * self._places(one) + WEIGHTS["days"] * self._days(one)
        for place in np.flatnonzero(reached >= self._least).tolist():
            yield self._events[place]

    def _places(self, one: ComparedEvent) -> Any:
        """The most that places can count."""
        counts = np.zeros(len(self._events))
        for level, shared in SHARED_UNITS.items():
            unit = self._codes.get(one.units[level] or "", -2)
            counts = np.maximum(counts, np.where(self._units[level] == unit, shared, 0.0))
        if one.location_precision in POINTS and one.latitude is not None:
            are_near = np.abs(self._latitudes - one.latitude) <= FAR_KM / _KM_A_DEGREE
            counts = np.where(self._are_points, np.where(are_near, 1.0, 0.0), counts)
        return np.where(self._locations == self._codes.get(one.location_id, -2), 1.0, counts)

    def _days(self, one: ComparedEvent) -> Any:
        """What days count."""
        start, end = one.start.toordinal(), one.end.toordinal()
        shared = np.minimum(self._ends, end) - np.maximum(self._starts, start) + 1
        spanned = np.maximum(self._ends, end) - np.minimum(self._starts, start) + 1
        counts = np.where(shared > 0, TOUCHING + (1 - TOUCHING) * shared / spanned, 0.0)
        for apart, gap in GAPS.items():
            counts = np.where(shared == 1 - apart, gap, counts)
        return counts
