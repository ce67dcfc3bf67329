"""Sums of what figures add as it was worked out at load. Knows no figure from its parts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from api.dimensions import Dimension, joins
from api.models import Figure
from api.totals.by_day import summed_by_day
from api.totals.keys import joined, key_columns, key_names
from api.totals.question import Question
from api.totals.sums import row_sums


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
        return summed_by_day(Figure, dimensions, row_sums({c.name: c for c in columns[len(dimensions) :]}), conditions)
    once = select(*columns).select_from(joined(dimensions, Figure)).where(*conditions).subquery()
    keys = [once.c[key] for key in key_names(dimensions)]
    return select(*keys, *row_sums(once.c)).group_by(*keys)
