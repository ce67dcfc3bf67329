"""What is to be totalled, and which rows of the total are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, FromClause, and_, case, cast, false, func, literal, or_

from api.query.conditions import FilterValues
from api.query.dimension import Dimension
from api.query.dimensions import ClippedToPeriod, end_of_period
from api.query.question import Question


@dataclass(frozen=True)
class TotalQuestion:
    """What is to be totalled: filters, dimensions, the period asked for, and what the resource itself asks."""

    filter_values: FilterValues
    dimensions: tuple[Dimension, ...]
    date_from: date | None
    date_to: date | None
    # The family that is totalled; null where all are that can be.
    family: str | None
    # Which rows are wanted: how many come before them, and how many there are; null where all are wanted.
    start: int = 0
    size: int | None = None
    # The number that rows are sorted by; null where they are by their keys.
    sort: str | None = None
    is_descending: bool = False
    # Where buckets without any of it get rows too: each dataset's first day and last day of such rows.
    filled: Mapping[str, tuple[date, date]] | None = None

    @classmethod
    def of(cls, question: Question, family: str | None) -> TotalQuestion:
        """All rows of what a query asks, in the order of their keys."""
        days = (question.values.get("date_from"), question.values.get("date_to"))
        return cls(question.filter_values, question.dimensions, *days, family)

    @property
    def times(self) -> tuple[Dimension, ...]:
        """The dimensions of time."""
        return tuple(dimension for dimension in self.dimensions if dimension.last_bucket is not None)

    def spanning(self, on: FromClause) -> ColumnElement[bool]:
        """Whether a period reaches beyond its bucket, or beyond the period asked for."""
        # Most periods are one day; only of the others is it worked out where they end.
        is_one_day = on.c.date_start == on.c.date_end
        found: list[ColumnElement[bool]] = [
            case((is_one_day, false()), else_=dimension.of(on.c) != dimension.last_bucket(on.c))
            for dimension in self.times
            if dimension.last_bucket is not None
        ]
        if self.date_from is not None:
            found.append(on.c.date_start < self.date_from)
        if self.date_to is not None:
            found.append(on.c.date_end > self.date_to)
        return or_(*found) if found else literal(False)

    @property
    def may_span(self) -> bool:
        """Whether a figure can reach beyond where it is counted."""
        return bool(self.times) or self.date_from is not None or self.date_to is not None

    def last_day(self, on: FromClause) -> ColumnElement[date]:
        """The last day of a period that is asked about."""
        found: ColumnElement[date] = on.c.date_end
        return found if self.date_to is None else func.least(found, end_of_period("date_to", self.date_to))

    def reaches(self, on: FromClause) -> ColumnElement[bool]:
        """Whether a period reaches a bucket after the one that it stands in."""
        own, last = ClippedToPeriod(on.c, self.date_from), _LastDay(self.last_day(on))
        changes = (dimension.of(own) != dimension.of(last) for dimension in self.times)
        return and_(on.c.date_start != on.c.date_end, or_(*changes))

    def bucket_start(self, on: FromClause) -> ColumnElement[date]:
        """The first day of the bucket that a period stands in; of several dimensions of time, of the latest to begin."""
        return latest([dimension.of(ClippedToPeriod(on.c, self.date_from)) for dimension in self.times])


class _LastDay(NamedTuple):
    """A period as dimensions of time see it that begins on its last day."""

    date_start: ColumnElement[date]


def latest(buckets: Sequence[ColumnElement[Any]]) -> ColumnElement[date]:
    """The latest of these buckets' first days."""
    days = [cast(bucket, Date) for bucket in buckets]
    return days[0] if len(days) == 1 else func.greatest(*days)


def key_dimensions(dimensions: Sequence[Dimension], always: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """The dimensions asked for, and after them those that are in every key."""
    asked = {dimension.name for dimension in dimensions}
    return (*dimensions, *(dimension for dimension in always if dimension.name not in asked))


def key_text(dimensions: Sequence[Dimension], values: Sequence[Any]) -> tuple[str | None, ...]:
    """A row's key as it is shown."""
    return tuple(dimension.as_key(value) for dimension, value in zip(dimensions, values, strict=True))
