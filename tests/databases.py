"""Real databases for tests: SQLite files, and a PostgreSQL server of our own in a temporary folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from api.columns.copy_files import folder_of
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.schema import MIGRATIONS, migrate

# What is lost with the machine is only a test.
QUICKEST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# What a primary and its standbys need beside that.
REPLICATED = {"wal_level": "replica", "max_wal_senders": "8", "wal_retrieve_retry_interval": "200ms"}
# Another locale than ours, so that an order that leans on the server's language shows.
_FRESH = ("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
_SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

# Where files may stand in memory, and how much of it has to be free for that: a run of all tests has four gigabytes there, most of
# them in some hundred databases of a server. To copy one there takes a third of the processor time.
_MEMORY, _LEAST_FREE_BYTES = Path("/dev/shm"), 12 * 10**9

_numbers = count(1)
# Processes that remove what is left when its time has come, which may be after this one.
_waiting: list[subprocess.Popen[bytes]] = []


def postgresql_folder() -> Path | None:
    """The folder of PostgreSQL's server programs; null where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    return None if program is None else Path(program).parent


def _as_server(command: list[str]) -> list[str]:
    """This command of a server program; it refuses to be root, so root runs it as the user `postgres`."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd="/")  # our own command


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server of our own."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Its address without the name of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def control(self, *told: str) -> list[str]:
        """A command to the server."""
        programs = postgresql_folder()
        assert programs is not None
        return _as_server([str(programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *told])

    def start(self, settings: Mapping[str, str]) -> None:
        """Starts it with these settings."""
        wanted = {"listen_addresses": "127.0.0.1", "max_connections": "120", **settings}
        options = " ".join(
            [f"-p {self.port} -k {self.folder}", *(f"-c {name}={value}" for name, value in wanted.items())]
        )
        _run(self.control("-o", options, "-l", str(self.folder / "log"), "start"))

    def die(self) -> None:
        """Ends it as a fault would."""
        _run(self.control("-m", "immediate", "stop"))

    def promote(self) -> None:
        """Makes a primary of a standby."""
        _run(self.control("promote"))


def memory() -> Path | None:
    """The folder whose files are in memory; null where not enough of it is free."""
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
        available = 1024 * int(told.partition("MemAvailable:")[2].split()[0])
        free = min(available, shutil.disk_usage(_MEMORY).free)
    except (OSError, IndexError):
        return None
    return _MEMORY if free >= _LEAST_FREE_BYTES else None


def start_server(lease: Path, settings: Mapping[str, str] = QUICKEST, within: Path | None = None) -> str:
    """The address of a new PostgreSQL server, without the name of a database; its files are in this folder, or where the system
    keeps such things. It ends, and nothing of it is left, when no process holds a lock on the file `lease` any more,
    killed or not."""
    return _made_server(lease, settings, _FRESH, within).address


def _made_server(lease: Path, settings: Mapping[str, str], made: Sequence[str], within: Path | None = None) -> Server:
    """A server whose data this program of PostgreSQL's makes."""
    programs = postgresql_folder()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="conflict-events-postgresql-", dir=within))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(folder, free.getsockname()[1])
    remove_when_released(lease, folder, *server.control("-m", "immediate", "stop"))
    program, *arguments = made
    _run(_as_server([str(programs / program), "-D", str(folder / "data"), *arguments]))
    server.start(settings)
    return server


def remove_when_released(lease: Path, folder: Path, *command: str) -> None:
    """Has a folder removed, after this command, when no process holds a lock on the file `lease` any more, killed or not."""
    waits = [sys.executable, str(Path(__file__).with_name("when_released.py")), str(lease), str(folder), *command]
    # A session of its own, so that what interrupts the tests lets it do its work.
    _waiting.append(subprocess.Popen(waits, start_new_session=True, **_SILENT))


@contextmanager
def postgresql_server(settings: Mapping[str, str]) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block."""
    with tempfile.NamedTemporaryFile() as lease:
        fcntl.flock(lease, fcntl.LOCK_SH)
        yield start_server(Path(lease.name), settings)


@contextmanager
def replicated(standbys: int, **settings: str) -> Iterator[list[Server]]:
    """A primary and its standbys, which live as long as the block; each follows whichever of the others is the primary."""
    with tempfile.NamedTemporaryFile() as lease:
        fcntl.flock(lease, fcntl.LOCK_SH)
        wanted = {**QUICKEST, **REPLICATED, **settings}
        found = [_made_server(Path(lease.name), wanted, _FRESH)]
        for _ in range(standbys):
            copied = ("pg_basebackup", "--checkpoint=fast", "--no-sync", "--write-recovery-conf", "-U", "postgres")
            hosts = ("-h", "127.0.0.1", "-p", str(found[0].port))
            found.append(_made_server(Path(lease.name), wanted, (*copied, *hosts)))
        ports = ",".join(str(server.port) for server in found)
        follow = (
            f"'host={','.join(['127.0.0.1'] * len(found))} port={ports} user=postgres target_session_attrs=primary'"
        )
        for server in found[1:]:
            with psycopg.connect(f"{server.address}/postgres", autocommit=True) as connection:
                connection.execute(f"ALTER SYSTEM SET primary_conninfo = {follow}")
                connection.execute("SELECT pg_reload_conf()")
        yield found


class Databases:
    """Makes databases of one engine, in a folder that all processes of a test run share: what one has made is copied by
    all."""

    def __init__(self, server: str | None, folder: Path) -> None:
        self.server = server
        self.folder = folder
        # Databases that are served while they are copied: PostgreSQL copies only what nobody is connected to, so each
        # has a twin that nobody ever is.
        self._twins: dict[str, str] = {}

    @property
    def name(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    def _next(self) -> str:
        """The address of a database that is not there yet."""
        number = f"test_{os.getpid()}_{next(_numbers)}"
        return f"sqlite:///{self.folder / number}.db" if self.server is None else f"{self.server}/{number}"

    def empty(self, options: str = "") -> str:
        """The address of a new, empty database; PostgreSQL makes it with these options."""
        address = self._next()
        if self.server is not None:
            with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {address.rsplit('/', 1)[1]} {options}")
        return address

    def migrated(self) -> str:
        """The address of a new database with the schema and no rows."""
        return self.copy(self._once("migrated", self._migrated))

    def _migrated(self) -> str:
        address = self.empty()
        migrate_at(address)
        return address

    def made_once(self, name: str, fill: Callable[[str], None], of: str | None = None) -> str:
        """The address of the database of this name, a copy of the one at `of` or a migrated one, filled the first time that
        it is asked for. Not to be written to."""

        def made() -> str:
            address = self.migrated() if of is None else self.copy(of)
            fill(address)
            return address

        return self._once(name, made)

    def _once(self, name: str, make: Callable[[], str]) -> str:
        """The address of the database that the first process to ask for this name makes."""
        told = self.folder / f"{self.name}-{name}"
        with locked(told.with_suffix(".lock")):
            if not told.exists():
                told.write_text(make())
            return told.read_text()

    def served(self, address: str) -> str:
        """The address of a copy that is not to be written to, and may be copied while it is served."""
        fresh = self._once(f"served-{Path(address).stem}", lambda: self.copy(address))
        self._twins[fresh] = address
        return fresh

    def copy(self, address: str) -> str:
        """The address of a new database with the same content; nobody may be writing to the old one."""
        address, fresh = self._twins.get(address, address), self._next()
        self._copy_reading_copies(address, fresh)
        if self.server is None:
            shutil.copy(address.removeprefix("sqlite:///"), fresh.removeprefix("sqlite:///"))
            return fresh
        old, new = (name.rsplit("/", 1)[1] for name in (address, fresh))
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            for _attempt in range(500):
                try:
                    connection.execute(f"CREATE DATABASE {new} TEMPLATE {old}")
                    return fresh
                except psycopg.errors.ObjectInUse:
                    # A connection that was closed a moment ago may still be on its way out.
                    time.sleep(0.01)
        raise AssertionError(f"{address} is still in use and cannot be copied")

    def _copy_reading_copies(self, address: str, fresh: str) -> None:
        """Puts the reading copies that stand of a database, or of its twin that is served, beside the new one: each is named by
        what is in it, so that whoever asks for the same need not have it made again."""
        known = [address, *(served for served, twin in self._twins.items() if twin == address)]
        old, new = ([folder_of(Settings(database_url=one)) for one in listed] for listed in (known, [fresh]))
        for file in {file.name: file for folder in old for file in folder.glob("*.duckdb")}.values():
            # It may be removed meanwhile.
            with suppress(FileNotFoundError):
                shutil.copy(file, new[0] / file.name)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds a lock that the other processes of a test run wait for."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def migrate_at(address: str, migrations: Path = MIGRATIONS) -> None:
    """Brings the database at this address up to date, and leaves no connection behind."""
    engine = connect_for_loading(Settings(database_url=address))
    migrate(engine, migrations=migrations)
    engine.dispose()
    if address.startswith("sqlite:///"):
        _fold_in_log(Path(address.removeprefix("sqlite:///")))


def _fold_in_log(path: Path) -> None:
    """Writes SQLite's log into the file itself, so that the file alone is the database."""
    import sqlite3  # used here alone

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
