"""What is to be totalled, and which rows of the total are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, case, false, literal, or_

from api.query.conditions import FilterValues
from api.query.dimensions import Dimension


@dataclass(frozen=True)
class TotalQuestion:
    """What is to be totalled: filters, dimensions, the period asked for, and what the resource itself asks."""

    understood: FilterValues
    dimensions: tuple[Dimension, ...]
    date_from: date | None
    date_to: date | None
    # The family that is totalled; null where all are that can be.
    family: str | None
    # Which rows are wanted: how many come before them, and how many there are; null where all are wanted.
    start: int = 0
    size: int | None = None

    def spanning(self, on: Table) -> ColumnElement[bool]:
        """Whether a period reaches beyond its bucket, or beyond the period asked for."""
        # Most periods are one day; only of the others is it worked out where they end.
        is_one_day = on.c.date_start == on.c.date_end
        found: list[ColumnElement[bool]] = [
            case((is_one_day, false()), else_=dimension.of(on.c) != dimension.until(on.c))
            for dimension in self.dimensions
            if dimension.until is not None
        ]
        if self.date_from is not None:
            found.append(on.c.date_start < self.date_from)
        if self.date_to is not None:
            found.append(on.c.date_end > self.date_to)
        return or_(*found) if found else literal(False)


def with_apart(dimensions: Sequence[Dimension], apart: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """The dimensions asked for, and after them those that are in every key."""
    asked = {dimension.name for dimension in dimensions}
    return (*dimensions, *(dimension for dimension in apart if dimension.name not in asked))


def told_key(dimensions: Sequence[Dimension], values: Sequence[Any]) -> tuple[str | None, ...]:
    """A row's key as it is told."""
    return tuple(dimension.told(value) for dimension, value in zip(dimensions, values, strict=True))
