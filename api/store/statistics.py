"""Tells the engines what their tables hold, by which they plan how to look something up."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

# How many rows of each index SQLite looks at to learn what it holds.
SQLITE_ANALYSED_ROWS = 1_000


def forget_statistics(connection: Connection) -> None:
    """Has SQLite take every table for a large one: of those that a load has yet to fill it would read the whole, again and
    again, wherever it looks some ids up. PostgreSQL sees itself how large they are."""
    if connection.dialect.name == "sqlite" and inspect(connection).has_table("sqlite_stat1"):
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        # It goes by what it has read before until it is told to read it again.
        connection.exec_driver_sql("ANALYZE sqlite_schema")


def refresh_statistics(connection: Connection) -> None:
    """Tells the planner roughly what the tables hold now, from a part of them: rows are found by keys, and what has to be
    weighed is asked of the reading copy. All of them would take SQLite 17 s at a million events."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {SQLITE_ANALYSED_ROWS}")
    connection.exec_driver_sql("ANALYZE")
