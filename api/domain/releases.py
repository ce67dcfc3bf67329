"""Which release of a dataset takes the place of which, and which of two is the newer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

# How many releases are named beside the first; more are counted.
_MOST_NAMED = 3


class Release(NamedTuple):
    """One published state of a dataset, or of a stretch of its days.

    `sort_key` sorts it among the releases of its dataset, the newest last; null where nobody can tell. `first_told` and
    `last_told` are the days of which it tells all; null where there is no such bound: an annual release has no first one, and what is
    taken from a living database has neither.
    """

    name: str
    sort_key: str | None = None
    first_told: date | None = None
    last_told: date | None = None
    # How its name is known.
    basis: str | None = None

    def supersedes(self, other: Release) -> bool:
        """Whether what the other told gives way to this one, where it is whole: it tells of the same days and more, or of
        the same days later. Where the order of one is not known, whatever comes takes the place of what is there."""
        if self.name == other.name or self.sort_key is None or other.sort_key is None:
            return True
        own, theirs = self._days(), other._days()
        if own == theirs:
            return self.sort_key >= other.sort_key
        return own[0] <= theirs[0] and own[1] >= theirs[1]

    def is_newer_than(self, other: Release) -> bool:
        """Whether it is known to be newer."""
        return self.sort_key is not None and other.sort_key is not None and self.sort_key > other.sort_key

    @property
    def is_of_living_data(self) -> bool:
        """Whether it is a copy of a database that changes all the time, of whatever its user asked for."""
        return self.last_told is None

    def _days(self) -> tuple[date, date]:
        return self.first_told or date.min, self.last_told or date.max


def named(names: Sequence[str]) -> str:
    """What a dataset that is made of these releases is called, the main one first: `25.1 with 25.0.7`."""
    first, *others = names
    if not others:
        return first
    if len(others) > _MOST_NAMED:
        return f"{first} with {len(others):,} further releases"
    return f"{first} with {', '.join(others)}"
