"""Cuts the numbers of records into ranges of so many records each, to derive some at a time in little memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

Ranges = Sequence[tuple[int, int]]


def number_ranges(database: duckdb.DuckDBPyConnection, table: str, rows_at_a_time: int) -> Ranges:
    """The first and last `number` of each range of this table, in order; numbers may have gaps. One of nothing, where the
    table has no row. The name is ours."""
    found: Ranges = database.execute(
        "select min(number), max(number) from"
        f" (select number, (row_number() over (order by number) - 1) // {rows_at_a_time} as range from {table})"
        " group by range order by range"
    ).fetchall()
    return found or [(0, 0)]


def create_by_ranges(
    database: duckdb.DuckDBPyConnection, table: str, ranges: Ranges, statement: Callable[[int, int], str]
) -> None:
    """Makes a temporary table of what a statement selects of each range, one after the other. All names are ours."""
    (first, last), *others = ranges
    database.execute(f"create or replace temp table {table} as {statement(first, last)}")
    for first, last in others:
        database.execute(f"insert into {table} {statement(first, last)}")
