"""The two database engines as the benchmark runs them, with the settings that the page tells."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.databases import Databases, postgresql_server

BYTES_PER_MEBIBYTE = 1 << 20
# PostgreSQL's manual takes a quarter of the memory for a server of its own; here it shares the machine.
SHARE_OF_MEMORY, MOST_BUFFERS_MEBIBYTES = 8, 4096


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
    """A database by its address."""

    address: str

    @property
    def is_sqlite(self) -> bool:
        return self.address.startswith("sqlite")

    @property
    def engine(self) -> str:
        return "sqlite" if self.is_sqlite else "postgresql"

    @property
    def _path(self) -> Path:
        return Path(self.address.removeprefix("sqlite:///"))

    def settle(self) -> None:
        """Does what the engine would do by itself within minutes of a load, so that it does not do it meanwhile."""
        if self.is_sqlite:
            connection = sqlite3.connect(self._path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        else:
            with psycopg.connect(self.address, autocommit=True) as server:
                server.execute("VACUUM (ANALYZE)")
                server.execute("CHECKPOINT")
        # What is measured next would share its core with the system's writing of what was loaded.
        os.sync()

    @property
    def size_bytes(self) -> int:
        """What the database takes on the disk, but for PostgreSQL's log, which is as large as its settings say."""
        if self.is_sqlite:
            return sum(path.stat().st_size for path in self._path.parent.glob(f"{self._path.name}*"))
        with psycopg.connect(self.address) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            assert row is not None
            return int(row[0])

    @property
    def version(self) -> str:
        """What the engine calls itself."""
        if self.is_sqlite:
            return sqlite3.sqlite_version
        with psycopg.connect(self.address) as connection:
            row = connection.execute("SHOW server_version").fetchone()
            assert row is not None
            return str(row[0])


@contextmanager
def empty_databases(engine: str, folder: Path) -> Iterator[Databases]:
    """Makes empty databases of one engine; those of PostgreSQL are gone with the block, and their server."""
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        yield Databases(None, folder)
        return
    with postgresql_server(POSTGRESQL_SETTINGS) as server:
        yield Databases(server, folder)


def folder_bytes(folder: Path) -> int:
    """What a folder holds, all included; 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(folder: Path) -> None:
    """Takes a folder away: a million events take several gigabytes."""
    shutil.rmtree(folder, ignore_errors=True)
