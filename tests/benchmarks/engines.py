"""The two database engines as the benchmark runs them: with the settings that the report tells, and their bare drivers."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from api.db import SQLITE_CACHE_KIB, SQLITE_MAPPED_BYTES
from tests.databases import Databases, postgresql_server

BYTES_PER_MEBIBYTE = 1 << 20
# PostgreSQL's manual takes a quarter of the memory for a server of its own; here it shares the machine.
SHARE_OF_MEMORY, MOST_BUFFERS_MEBIBYTES = 8, 4096
# Rows that a bare driver is asked for at once; as many as the service takes.
FETCHED_ROWS = 500


def _buffers_mebibytes() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // BYTES_PER_MEBIBYTE
    return min(memory // SHARE_OF_MEMORY, MOST_BUFFERS_MEBIBYTES)


# Commits are written to the disk, as anywhere that the data matters; the rest is what its manual says for such a
# machine. Everything else is PostgreSQL's default.
POSTGRESQL_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": f"{_buffers_mebibytes()}MB",
    "effective_cache_size": f"{2 * _buffers_mebibytes()}MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}


@dataclass(frozen=True)
class Database:
    """A database, and the way to it without any library of ours."""

    address: str

    @property
    def engine(self) -> str:
        return self.address.partition(":")[0]

    @property
    def is_sqlite(self) -> bool:
        return self.engine == "sqlite"

    @contextmanager
    def bare(self) -> Iterator[Any]:
        """A connection of the bare driver, with the service's own settings for SQLite."""
        if self.is_sqlite:
            connection: Any = sqlite3.connect(self.address.removeprefix("sqlite:///"))
            connection.execute(f"PRAGMA cache_size = {SQLITE_CACHE_KIB}")
            connection.execute(f"PRAGMA mmap_size = {SQLITE_MAPPED_BYTES}")
        else:
            connection = psycopg.connect(self.address)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement whose parameters are written `?`."""
        with self.bare() as connection:
            cursor = connection.execute(statement if self.is_sqlite else statement.replace("?", "%s"), values)
            found: list[Any] = cursor.fetchall()
            return found

    def stored(self, column: str) -> Iterator[Sequence[Any]]:
        """All events in one stored form, batch by batch, as quickly as the bare driver reads them."""
        with self.bare() as connection:
            # A named cursor streams; binary spares PostgreSQL from writing bytes as text.
            cursor = connection.cursor() if self.is_sqlite else connection.cursor(name="stored", binary=True)
            if not self.is_sqlite:
                cursor.itersize = FETCHED_ROWS
            cursor.execute(f"SELECT {column} FROM event_rendition")
            while batch := cursor.fetchmany(FETCHED_ROWS):
                yield batch

    def settle(self) -> None:
        """Does what the engine would do by itself within minutes of a load, so that it does not do it meanwhile."""
        if self.is_sqlite:
            with self.bare() as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    @property
    def version(self) -> str:
        """What the engine calls itself."""
        statement = "SELECT sqlite_version()" if self.is_sqlite else "SHOW server_version"
        return str(self.rows(statement)[0][0])


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[Databases]:
    """Databases of one engine, gone with the block: a million events take several gigabytes."""
    inside = folder / engine
    inside.mkdir()
    try:
        if engine == "sqlite":
            yield Databases(None, inside)
        else:
            with postgresql_server(POSTGRESQL_SETTINGS) as server:
                yield Databases(server, inside)
    finally:
        shutil.rmtree(inside, ignore_errors=True)
