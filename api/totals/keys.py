"""The key of a row: its dimensions as columns, the tables they need, and the order of rows. Knows no numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Label, and_, exists, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from api.dimensions import Dimension, Join, joins
from api.models import Figure


def in_order(key: Iterable[str | None]) -> list[str]:
    """What keys are sorted by: null after everything else."""
    return [_AFTER_ALL if value is None else value for value in key]


# No text begins with it, since it is no character.
_AFTER_ALL = chr(sys.maxunicode)


def key_names(dimensions: Sequence[Dimension]) -> list[str]:
    """What the columns of the key are called in every statement here."""
    return [f"key_{index}" for index in range(len(dimensions))]


def key_columns(dimensions: Sequence[Dimension], counted: Any) -> list[Label[Any]]:
    """The dimensions as columns `key_0`, `key_1`, ... of what is counted and of what is joined to it."""
    return [
        dimension.of(join.model if (join := dimension.join(counted)) is not None else counted).label(f"key_{index}")
        for index, dimension in enumerate(dimensions)
    ]


@cache
def columns_of(dimension: Dimension) -> frozenset[str]:
    """The names of the figure's own columns that a dimension's value is made of."""
    return frozenset(column.name for column in _columns_in(dimension.of(Figure.__table__.c)))


def _columns_in(expression: Any) -> Iterator[Column[Any]]:
    return (found for found in visitors.iterate(expression) if isinstance(found, Column))


def joined(dimensions: Sequence[Dimension], counted: Any) -> FromClause:
    """What is counted with the tables its dimensions need: in each row of a total it stands once, however many of the
    rows that hang on it fall into that row of the total."""
    found: FromClause = counted.__table__
    for join in joins(dimensions, counted):
        found = found.outerjoin(
            join.model.__table__, and_(join.condition(counted), is_first(join, dimensions, counted))
        )
    return found


def is_first(join: Join, dimensions: Sequence[Dimension], counted: Any) -> ColumnElement[bool]:
    """Whether no joined row before this one hangs on the same and has the same values in these dimensions.

    To select what is distinct would come to the same, by sorting all of what is counted.
    """
    of_join = [dimension for dimension in dimensions if dimension.join(counted) == join]
    keys = {column.name for dimension in of_join for column in _columns_in(dimension.of(join.model.__table__.c))}
    rest = [name for name in join.apart if name not in keys]
    if not rest:
        return true()
    this, other = join.model, aliased(join.model)
    is_alike = (dimension.of(other).is_not_distinct_from(dimension.of(this)) for dimension in of_join)
    is_before = tuple_(*(getattr(other, name) for name in rest)) < tuple_(*(getattr(this, name) for name in rest))
    is_same = getattr(other, join.own) == getattr(this, join.own)
    return ~exists(select(1).where(is_same, *is_alike, is_before).correlate(this))


def same_key(one: FromClause, other: FromClause, keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether two rows have the same key; null is the same as null."""
    return and_(true(), *(one.c[key].is_not_distinct_from(other.c[key]) for key in keys))
