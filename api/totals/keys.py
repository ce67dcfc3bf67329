"""The key of a row: its dimensions as columns, the tables they need, and the order of rows. Knows no numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, and_, true
from sqlalchemy.sql import visitors

from api.dimensions import Dimension, joins
from api.models import Figure


def in_order(key: Iterable[str | None]) -> list[str]:
    """What keys are sorted by: null after everything else."""
    return [_AFTER_ALL if value is None else value for value in key]


# No text begins with it, since it is no character.
_AFTER_ALL = chr(sys.maxunicode)


def key_names(dimensions: Sequence[Dimension]) -> list[str]:
    """What the columns of the key are called in every statement here."""
    return [f"key_{index}" for index in range(len(dimensions))]


def key_columns(dimensions: Sequence[Dimension], counted: Any) -> list[ColumnElement[Any]]:
    """The dimensions as columns `key_0`, `key_1`, ... of what is counted and of what is joined to it."""
    return [
        dimension.of(join.model if (join := dimension.join(counted)) is not None else counted).label(f"key_{index}")
        for index, dimension in enumerate(dimensions)
    ]


@cache
def columns_of(dimension: Dimension) -> frozenset[str]:
    """The names of the figure's own columns that a dimension's value is made of."""
    return frozenset(
        found.name for found in visitors.iterate(dimension.of(Figure.__table__.c)) if isinstance(found, Column)
    )


def joined(statement: Select[Any], dimensions: Sequence[Dimension], counted: Any) -> Select[Any]:
    """The statement over what is counted, with the tables its dimensions need."""
    from_clause: Any = counted.__table__
    for join in joins(dimensions, counted):
        from_clause = from_clause.outerjoin(join.model.__table__, join.condition(counted))
    return statement.select_from(from_clause)


def same_key(one: FromClause, other: FromClause, keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether two rows have the same key; null is the same as null."""
    return and_(true(), *(one.c[key].is_not_distinct_from(other.c[key]) for key in keys))
