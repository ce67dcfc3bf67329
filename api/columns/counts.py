"""How many events and figures hold each value of a column, counted when the copy is made.

Most lists ask for nothing, or for one value of one column, and tell their total: these are looked up and not counted. An
event's kind and a figure's family part every count, since most questions are about some of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import String, Table

from api.columns import tables

# Columns with a value of its own for nearly every record.
_NOT_COUNTED = frozenset({"id", "part_of"})
# The column that parts the counts of each table.
WITHIN: Mapping[Table, str] = {tables.EVENT: "kind", tables.FIGURE: "family"}


def counted_columns(table: Table) -> list[str]:
    """The columns of events or figures whose values are counted."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String) and column.name not in _NOT_COUNTED and column.name != WITHIN[table]
    ]


def statement(table: Table) -> str:
    """SQL that makes `<table>_count`: one row for each value of each column, of each kind or family. All names are ours."""
    within, columns = WITHIN[table], counted_columns(table)
    sets = ", ".join([f"({within})", *(f"({within}, {column})" for column in columns)])
    # Which column a row is of follows from which of them it is not grouped by.
    return f"""
        create table {table.name}_count as
        select {within} as within, grouping_id({", ".join(columns)}) as left_out, coalesce({", ".join(f"{column}::varchar" for column in columns)}) as value,
            count(*)::int as records
        from {table.name} group by grouping sets ({sets})
    """


class _Value(NamedTuple):
    column: str
    value: str
    within: str


class Counts:
    """The counts of one table, as the copy has them."""

    def __init__(self, table: Table, rows: Sequence[tuple[str, int, str | None, int]]) -> None:
        columns = counted_columns(table)
        self._columns = frozenset(columns)
        everything = (1 << len(columns)) - 1
        # The first column has the highest bit.
        by_mask = {everything ^ (1 << (len(columns) - 1 - place)): column for place, column in enumerate(columns)}
        self._all: Counter[str] = Counter()
        self._of: dict[_Value, int] = {}
        for within, left_out, value, records in rows:
            if left_out == everything:
                self._all[within] += records
            elif value is not None:
                self._of[_Value(by_mask[left_out], value, within)] = records

    def count(self, within: Sequence[str] | None, column: str | None, values: Sequence[str]) -> int | None:
        """How many records of these kinds or families, of all where none are named, hold one of these values; of all
        values where no column is named. Null of columns that are not counted."""
        if column is not None and column not in self._columns:
            return None
        kinds = self._all if within is None else within
        if column is None:
            return sum(self._all[kind] for kind in kinds)
        return sum(self._of.get(_Value(column, value, kind), 0) for kind in kinds for value in values)
