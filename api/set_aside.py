"""Indexes that are set aside while a load brings more rows than there were, and made again when all are in.

Keeping them up row by row costs several times what sorting once does. On SQLite alone: readers there see the old state,
indexes included, until the commit; on PostgreSQL they would have to wait for the load to end.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select, text

from api.db import SQLITE_CACHE_KIB
from api.models import Event

# Fewer events are not worth it.
LEAST_EVENTS = 20_000
# SQLite's helpers for sorting; it takes no more than it was built for. Each sorts as much at a time as the page cache may
# hold, so that with the usual one a load would take several times its memory where an index no longer fits into that.
_SORTING_THREADS = 2
_SORTING_CACHE_KIB = -32_768
# Tables that grow with events.
_TABLES = ("event", "participation", "report", "figure", "claim", "event_rendition", "figure_rendition")
# What keeps rows unique is not among them: it has to stay.
_INDEXES = text(
    "SELECT name, sql FROM sqlite_master"
    " WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' AND tbl_name IN :tables ORDER BY name"
).bindparams(bindparam("tables", expanding=True))


class SetAside:
    """The indexes of one load's database: in place until there is reason to set them aside."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._statements: list[str] = []
        self._brought = 0
        self._is_decided = connection.dialect.name != "sqlite"

    def count(self, events: int) -> None:
        """Hears of so many more events that were not there before; sets indexes aside once they are the most."""
        self._brought += events
        if self._is_decided or self._brought <= LEAST_EVENTS:
            return
        there = self._connection.execute(select(func.count()).select_from(Event)).scalar_one()
        if self._brought <= there - self._brought:
            return
        self._is_decided = True
        found = self._connection.execute(_INDEXES, {"tables": _TABLES}).all()
        quote = self._connection.dialect.identifier_preparer.quote
        for name, statement in found:
            self._connection.exec_driver_sql(f"DROP INDEX {quote(name)}")
            self._statements.append(statement)

    def put_back(self) -> None:
        """Makes the indexes again that were set aside."""
        if not self._statements:
            return
        self._connection.exec_driver_sql(f"PRAGMA threads = {_SORTING_THREADS}")
        self._connection.exec_driver_sql(f"PRAGMA cache_size = {_SORTING_CACHE_KIB}")
        for statement in self._statements:
            self._connection.exec_driver_sql(statement)
        self._connection.exec_driver_sql(f"PRAGMA cache_size = {SQLITE_CACHE_KIB}")
        self._statements.clear()
