"""Real databases for tests: SQLite files, and a PostgreSQL server of our own in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.schema import migrate

# What is lost with the machine is only a test.
QUICKEST = {"fsync": "off"}

_numbers = count(1)


def postgresql_folder() -> Path | None:
    """The folder of PostgreSQL's server programs; null where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    return None if program is None else Path(program).parent


def _as_server(command: list[str]) -> None:
    """Runs a server program; it refuses to be root, so root runs it as the user `postgres`."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, capture_output=True, cwd="/")  # our own command


@contextmanager
def postgresql_server(settings: Mapping[str, str] = QUICKEST) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block; without the name of a database."""
    programs = postgresql_folder()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="conflict-events-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    # Another locale than ours, so that an order that leans on the server's language shows.
    _as_server(
        [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
    )
    wanted = {"listen_addresses": "127.0.0.1", "max_connections": "60", **settings}
    options = " ".join([f"-p {port} -k {folder}", *(f"-c {name}={value}" for name, value in wanted.items())])
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    _as_server([*control, "-o", options, "-l", str(folder / "log"), "start"])
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        _as_server([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes migrated databases of one engine, each new one a copy of a template."""

    def __init__(self, server: str | None, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self._made: dict[str, str] = {}
        # Databases that are served while they are copied: PostgreSQL copies only what nobody is connected to, so each
        # has a twin that nobody ever is.
        self._twins: dict[str, str] = {}

    @property
    def name(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    def empty(self) -> str:
        """The address of a new, empty database."""
        number = next(_numbers)
        if self.server is None:
            return f"sqlite:///{self.folder / f'{number}.db'}"
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE test_{number}")
        return f"{self.server}/test_{number}"

    def migrated(self) -> str:
        """The address of a new database with the schema and no rows."""
        if "" not in self._made:
            self._made[""] = self.empty()
            migrate_at(self._made[""])
        return self.copy(self._made[""])

    def made_once(self, name: str, fill: Callable[[str], None]) -> str:
        """The address of the migrated database of this name, filled the first time that it is asked for. Not to be
        written to."""
        if name not in self._made:
            self._made[name] = self.migrated()
            fill(self._made[name])
        return self._made[name]

    def served(self, address: str) -> str:
        """The address of a copy that is not to be written to, and may be copied while it is served."""
        fresh = self.copy(address)
        self._twins[fresh] = address
        return fresh

    def copy(self, address: str) -> str:
        """The address of a new database with the same content; nobody may be writing to the old one."""
        address = self._twins.get(address, address)
        if self.server is None:
            fresh = self.empty()
            shutil.copy(address.removeprefix("sqlite:///"), fresh.removeprefix("sqlite:///"))
            return fresh
        number = next(_numbers)
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            for _attempt in range(50):
                try:
                    connection.execute(f"CREATE DATABASE test_{number} TEMPLATE {address.rsplit('/', 1)[1]}")
                    break
                except psycopg.errors.ObjectInUse:
                    # A connection that was closed a moment ago may still be on its way out.
                    time.sleep(0.1)
            else:
                raise AssertionError(f"{address} is still in use and cannot be copied")
        return f"{self.server}/test_{number}"


def migrate_at(address: str) -> None:
    """Brings the database at this address up to date, and leaves no connection behind."""
    engine = connect_for_loading(Settings(database_url=address))
    migrate(engine)
    engine.dispose()
    if address.startswith("sqlite:///"):
        _fold_in_log(Path(address.removeprefix("sqlite:///")))


def _fold_in_log(path: Path) -> None:
    """Writes SQLite's log into the file itself, so that the file alone is the database."""
    import sqlite3  # used here alone

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
