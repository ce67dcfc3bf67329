"""How many events and figures hold each value of a column, counted when the copy is made.

Most lists ask for nothing, or for one value of one column, and tell their total: these are looked up and not counted. An
event's kind and a figure's family divide every count, since most questions are about some of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import String, Table

from api.columns import tables

# Columns in which nearly every record has a value of its own.
_NOT_COUNTED = frozenset({"id", "part_of"})
# The column by which the counts of each table are divided.
WITHIN: Mapping[Table, str] = {tables.EVENT: "kind", tables.FIGURE: "family"}


def counted_columns(table: Table) -> list[str]:
    """The columns of events or figures whose values are counted."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String) and column.name not in {*_NOT_COUNTED, *tables.SHOWN, WITHIN[table]}
    ]


def statement(table: Table) -> str:
    """SQL that makes `<table>_count`: one row for each value of each column, of each kind or family. All names are ours.

    A query for each column: sets of groupings took ten times as long for few records, and longer for many.
    """
    counted = " union all ".join(
        f"select {WITHIN[table]} as within, '{column}' as name, {column}::varchar as value, count(*)::int as records"
        f" from {table.name} group by all"
        for column in counted_columns(table)
    )
    return f"create table {table.name}_count as {counted}"


class _Value(NamedTuple):
    column: str
    value: str
    within: str


class Counts:
    """The counts of one table, as the copy has them."""

    def __init__(self, table: Table, rows: Sequence[tuple[str, str, str | None, int]]) -> None:
        first, *others = counted_columns(table)
        self._columns = frozenset((first, *others))
        self._all: Counter[str] = Counter()
        self._of: dict[_Value, int] = {}
        for within, column, value, records in rows:
            # Every record is counted in every column, null included.
            if column == first:
                self._all[within] += records
            if value is not None:
                self._of[_Value(column, value, within)] = records

    def count(self, within: Sequence[str] | None, column: str | None, values: Sequence[str]) -> int | None:
        """How many records of these kinds or families, of all where none are named, hold one of these values; of all
        values where no column is named. Null of columns that are not counted."""
        if column is not None and column not in self._columns:
            return None
        kinds = self._all if within is None else within
        if column is None:
            return sum(self._all[kind] for kind in kinds)
        return sum(self._of.get(_Value(column, value, kind), 0) for kind in kinds for value in values)
