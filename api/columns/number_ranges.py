"""Cuts the numbers of records into ranges of so many records each, to derive some at a time in little memory."""

from __future__ import annotations

import duckdb


def number_ranges(database: duckdb.DuckDBPyConnection, table: str, rows_at_a_time: int) -> list[tuple[int, int]]:
    """The first and last `number` of each range of this table, in order; numbers may have gaps. The name is ours."""
    return database.execute(
        "select min(number), max(number) from"
        f" (select number, (row_number() over (order by number) - 1) // {rows_at_a_time} as range from {table})"
        " group by range order by range"
    ).fetchall()
