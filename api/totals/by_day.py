"""Sums in two steps: first by day and whatever else the keys are made of, then by the keys. Knows no figure.

An index has the rows in the order of the first step, so that nothing is sorted but its few results: SQLite would sort all
rows where a key is made of a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from api.dimensions import Dimension
from api.expressions import looked_at, whole_number
from api.models import TOTALLED_IN_ORDER
from api.totals.keys import columns_of, key_names
from api.totals.sums import SUMMED


def summed_by_day(
    table: Any,
    dimensions: tuple[Dimension, ...],
    sums: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
) -> Select[Any]:
    """The rows of a total over this table; `sums` are the numbers of a row, in the order of `SUMMED`."""
    needed: frozenset[str] = frozenset().union(*map(columns_of, dimensions))
    ordered = [name for name in TOTALLED_IN_ORDER if name in needed or name == "date_start"]
    raw = [getattr(table, name) for name in (*ordered, *sorted(needed.difference(ordered)))]
    # What is in every key. SQLite sorts all rows anew where a condition pins one of these to a value.
    apart = frozenset(table.__table__.c[name] for name in ("dataset_id", "measure", "unit", "object"))
    looked = [looked_at(condition, apart) for condition in conditions]
    named = [found.label(name) for name, found in zip(SUMMED, sums, strict=True)]
    by_day = select(*raw, *named).where(*looked).group_by(*raw).subquery()
    keys = [dimension.of(by_day.c) for dimension in dimensions]
    again = [whole_number(func.sum(by_day.c[name])) for name in SUMMED]
    return select(*(key.label(name) for key, name in zip(keys, key_names(dimensions), strict=True)), *again).group_by(
        *keys
    )
