"""Counts events by what they name, and finds what figures name, in columns that are kept in memory: of sets, and of texts.

Each gives a pair: a table as statements name it, and its rows, which are given with such a statement (`Copy.rows`). What names
nothing is left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import BigInteger, Column, ColumnElement, Date, TableClause, column, table

from api.columns.memory_columns import ALL_ROWS, Array, Rows, row_offsets
from api.columns.memory_columns import days as as_days
from api.columns.memory_conditions import is_always_true
from api.columns.reading_copy import Copy
from api.columns.tables import EVENT


def counted_events(copy: Copy, of: Column[Any], condition: ColumnElement[bool]) -> tuple[TableClause, pa.Table]:
    """Each value of a column in the events of which a condition holds, with the number of these and the period in which they
    happened."""
    own, none, values = copy.in_memory.coded(copy, of)
    rows = _rows(copy, of, condition)
    each = own[rows]
    numbers = np.bincount(each, minlength=none + 1)
    found = _but(none, np.flatnonzero(numbers))
    counted = [values(found), numbers[found]]
    for day, choose in ((EVENT.c.date_start, np.minimum), (EVENT.c.date_end, np.maximum)):
        days = copy.in_memory.column(copy, day)[rows]
        chosen: Any = np.empty(len(numbers), days.dtype)
        # Any of them first, and then the earliest or latest.
        chosen[each] = days
        choose.at(chosen, each, days)
        counted.append(as_days(chosen[found]))
    listed = (column("events", BigInteger()), column("first_date", Date()), column("last_date", Date()))
    events = table("matching_events", column("value", of.type), *listed)
    return events, pa.table(counted, names=events.c.keys())


def named_by_figures(copy: Copy, of: Column[Any], condition: ColumnElement[bool]) -> tuple[TableClause, pa.Table]:
    """Each value of a column in the figures of which a condition holds."""
    own, none, values = copy.in_memory.coded(copy, of)
    found = _but(none, np.flatnonzero(np.bincount(own[_rows(copy, of, condition)])))
    return table("matching_figures", column("value", of.type)), pa.table({"value": values(found)})


def _rows(copy: Copy, of: Column[Any], condition: ColumnElement[bool]) -> Rows:
    return ALL_ROWS if is_always_true(condition) else row_offsets(copy.where(of.table, condition))


def _but(none: int, codes: Array) -> Array:
    found: Array = codes[codes != none]
    return found
