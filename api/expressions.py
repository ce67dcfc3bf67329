"""Pieces of SQL that SQLite and PostgreSQL have to be told differently, each written once. Knows no table."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, cast, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement


def whole_number(expression: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as a whole number; 0 where there is nothing to add."""
    # PostgreSQL sums whole numbers into numbers of any length, which drivers read as another type.
    return cast(func.coalesce(expression, 0), BigInteger)


class unindexed(FunctionElement[Any]):  # stands where a function of SQL would
    """A column as it is, but for SQLite's planner: it knows nothing of how a column's values are spread, and would take
    an index of it for the best that there is. PostgreSQL's planner knows, and is left to choose."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


def looked_at(condition: ColumnElement[bool], columns: AbstractSet[Any]) -> ColumnElement[bool]:
    """The same condition, with no index of these columns used for it."""
    found: ColumnElement[bool] = visitors.replacement_traverse(
        condition, {}, lambda element, **_how: unindexed(element) if element in columns else None
    )
    return found


@compiles(unindexed)
def _as_it_is(element: unindexed, compiler: Any, **how: Any) -> str:
    written: str = compiler.process(element.clauses, **how)
    return written


@compiles(unindexed, "sqlite")
def _with_a_sign(element: unindexed, compiler: Any, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"


class days_before(FunctionElement[date]):  # stands where a function of SQL would
    """So many days before a day; no earlier than the first day that there is."""

    inherit_cache = True
    type = Date()


@compiles(days_before)
def _in_whole_days(element: days_before, compiler: Any, **how: Any) -> str:
    day, days = (f"({compiler.process(part, **how)})" for part in element.clauses)
    return f"(DATE '0001-01-01' + greatest(0, {day} - DATE '0001-01-01' - {days}))"


@compiles(days_before, "sqlite")
def _in_text(element: days_before, compiler: Any, **how: Any) -> str:
    day, days = (f"({compiler.process(part, **how)})" for part in element.clauses)
    # Null, where SQLite knows no such day; and any text comes after an empty one.
    return f"coalesce(date({day}, -{days} || ' days'), '')"
