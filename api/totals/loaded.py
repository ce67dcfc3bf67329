"""Sums of what figures add as it was worked out at load. Knows no figure from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from api.db import looked_at
from api.dimensions import Dimension, joins
from api.models import TOTALLED_IN_ORDER, Figure
from api.totals.keys import columns_of, joined, key_columns, key_names
from api.totals.question import Question
from api.totals.sums import SUMMED, row_sums, whole_number

# What is in every key. SQLite sorts all figures anew where a condition pins one of these to a value.
_APART_COLUMNS = frozenset(getattr(Figure.__table__.c, name) for name in ("dataset_id", "measure", "unit", "object"))


def summed(question: Question, dimensions: tuple[Dimension, ...]) -> Select[Any]:
    """The rows of figures that no filter here parts from their own parts."""
    way = "split" if question.asks_population else "joint"
    bounds = [getattr(Figure, f"{way}_{bound}").label(bound) for bound in ("low", "best", "high")]
    columns = [
        *key_columns(dimensions, Figure),
        *bounds,
        getattr(Figure, f"{way}_open").label("is_open"),
        Figure.status.label("status"),
        question.spanning(Figure).label("is_spanning"),
    ]
    conditions = (question.scope(), question.partition(), ~question.is_looked_at())
    if not joins(dimensions, Figure):
        return _summed_by_day(question, dimensions, columns[len(dimensions) :], conditions)
    # A figure is counted once in a row, however many of its joined rows fall into it.
    once = joined(select(Figure.id, *columns).distinct(), dimensions, Figure).where(*conditions).subquery()
    keys = [once.c[key] for key in key_names(dimensions)]
    return select(*keys, *row_sums(once.c)).group_by(*keys)


def _summed_by_day(
    question: Question,
    dimensions: tuple[Dimension, ...],
    counted: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
) -> Select[Any]:
    """The same sums in two steps: first by day and whatever else the keys are made of, then by the keys.

    An index has the figures in the order of the first step, so that nothing is sorted but its few rows.
    """
    needed = frozenset().union(*map(columns_of, dimensions))
    ordered = [name for name in TOTALLED_IN_ORDER if name in needed or name == "date_start"]
    raw = [getattr(Figure, name) for name in (*ordered, *sorted(needed.difference(ordered)))]
    sums = [found.label(name) for name, found in zip(SUMMED, row_sums({c.name: c for c in counted}), strict=True)]
    looked = [looked_at(condition, _APART_COLUMNS) for condition in conditions]
    by_day = select(*raw, *sums).where(*looked).group_by(*raw).subquery()
    keys = [dimension.of(by_day.c) for dimension in dimensions]
    again = [whole_number(func.sum(by_day.c[name])) for name in SUMMED]
    return select(*(key.label(f"key_{index}") for index, key in enumerate(keys)), *again).group_by(*keys)
