"""A query understood, as the rest of the reading wing is handed it. Knows neither how it was read nor its SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from api.asking.paging import DEFAULT_LIMIT, MOST_LIMIT
from api.asking.takes import Sort, Takes
from api.declare.filter import Filter
from api.dimensions import Dimension

_NOT_OF_SCOPE = ("sort", "fields", "limit", "cursor", "page", "format")


class Led(NamedTuple):
    """How a question is best answered."""

    # A select of the numbers to start from, where a filter on something else leaves few.
    numbers: Any = None
    # Whether one of the question's filters on the listed record itself leaves few: they are found first, then sorted.
    is_few: bool = False
    # What matches are counted from, where that is not the list's own order.
    counted_from: Any = None
    # Whether no other filter leaves fewer than those on who takes part, so that the list may be read in their order.
    is_by_part: bool = True
    # Whether what is counted is held to sets that are found first, where a filter knows of one (see Filter.counting).
    is_set_first: bool = True
    # How many match, where that came out; and how many at least.
    total: int | None = None
    at_least: int = 0

    @property
    def is_in_order(self) -> bool:
        """Whether the list is read in its order until a page is full."""
        return self.numbers is None and not self.is_few


IN_ORDER = Led()


@dataclass(frozen=True)
class Question:
    """A query understood."""

    takes: Takes
    # What was given, by parameter, as read; names as ids.
    values: Mapping[str, Any]
    understood: Mapping[Filter, Any]
    format: str
    sort: Sort | None
    is_descending: bool
    dimensions: tuple[Dimension, ...]
    # The query as it was written, for links.
    pairs: tuple[tuple[str, str], ...]
    # How it is best answered (see api/leading.py).
    led: Led = IN_ORDER

    @property
    def limit(self) -> int | None:
        found: int | None = self.values.get("limit")
        return found

    @property
    def page_size(self) -> int:
        """How many records a page has."""
        return self.limit or (MOST_LIMIT if self.takes.is_totals else DEFAULT_LIMIT)

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """What decides how many match, as it was written: everything but the order, the page and the form."""
        return tuple(sorted(pair for pair in self.pairs if pair[0] not in _NOT_OF_SCOPE))

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.values.get("fields", ()))

    @property
    def row(self) -> tuple[str | None, ...] | None:
        found = self.values.get("row")
        return None if found is None else tuple(found)
