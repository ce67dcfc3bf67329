"""Faults while the service is asked: what fails, and after how many seconds everything is answered again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

import psycopg
from sqlalchemy import text

from api.settings import Settings
from api.store.database import connect_for_loading
from seeds.datasets import DATASETS
from tests.conftest import load_into
from tests.databases import Databases, migrate_at
from tests.made import Made, made_event
from tests.many_events import NOTE
from tests.running import LOOK_SECONDS, START_SECONDS, Running, running, started
from tests.soak.load import LIST, MIXED, Load, ask
from tests.test_overload import hung

LOAD = (sys.executable, "-m", "api", "load")
MIGRATE = (*LOAD[:-1], "migrate")
MOMENTS = 8
CLIENTS, FAULT_SECONDS = 4, 5
# After how many seconds loads and migrations are killed.
KILLED_AFTER = (0.5, 1, 2, 3, 5)


@contextmanager
def _under_load(server: Running, told: list[str]) -> Iterator[None]:
    """Asks while the block lasts and until all is well again, and tells what came of it."""
    with Load(server.port, MIXED, CLIENTS).running() as load:
        time.sleep(1)
        yield
        seconds = _seconds_until_well(server)
    told.append(f"well again after {seconds:.1f} s; {load}")


def _seconds_until_well(server: Running) -> float:
    """For how long questions are not answered from now on."""
    begun = time.monotonic()
    while ask(server.port, LIST) != "200" or ask(server.port, "/health/ready") != "200":
        assert time.monotonic() - begun < START_SECONDS, server.told()
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def _one(server: Running, fault: Callable[[], None]) -> str:
    told: list[str] = []
    with _under_load(server, told):
        fault()
    return told[0]


def worker_killed(server: Running) -> str:
    """A worker is killed under load."""
    return _one(server, lambda: os.kill(server.workers()[0], signal.SIGKILL))


def connections_ended(server: Running, address: str) -> str:
    """Every connection to PostgreSQL is ended, as by a restart."""

    def fault() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
            )

    return _one(server, fault)


def postgresql_hung(server: Running, address: str) -> str:
    """PostgreSQL hangs for some seconds."""

    def fault() -> None:
        with hung(address):
            time.sleep(FAULT_SECONDS)

    return _one(server, fault)


def connections_used_up(server: Running, address: str) -> str:
    """Others hold all connections to PostgreSQL for some seconds."""

    def fault() -> None:
        with ExitStack() as held, psycopg.connect(address, autocommit=True) as connection:
            # Those of the service too, so that it has to make them anew.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
            )
            try:
                while True:
                    held.enter_context(psycopg.connect(address, connect_timeout=FAULT_SECONDS))
            except psycopg.OperationalError:
                time.sleep(FAULT_SECONDS)

    return _one(server, fault)


def cache_folders(address: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Cache folders of the reading copy that are of no use; each server is asked for a list and for one event, and how long
    it takes until it answers again once they are of use."""
    paths = (LIST, "/v1/events/event-00001", "/health/ready", "/health/live")
    for what, harm, mend in (("full", "size=64k", "size=64m"), ("read only", "ro", "rw")):
        with _small(folder / what, "64m") as cache:
            if cache is None:
                yield f"cache folder {what}", "not tried: only root may mount one"
                continue
            with running(address, folder, cache_folder=str(cache)) as server:
                _remount(cache, harm)
                told = ", ".join(f"{path}: {ask(server.port, path)}" for path in paths)
                _remount(cache, mend)
                yield f"cache folder {what}", f"{told}; well again after {_seconds_until_well(server):.1f} s"
    # Nobody may write there, root included.
    with started(address, folder, cache_folder="/proc/conflict-events") as server:
        code = server.process.wait(START_SECONDS)
        yield "cache folder read only at the start", f"exit {code}: {server.told().strip()}"
    cache = folder / "damaged"
    with running(address, folder, cache_folder=str(cache)) as server:
        ask(server.port, LIST)
    for copy in cache.rglob("*.duckdb"):
        with copy.open("r+b") as opened:
            opened.truncate(copy.stat().st_size // 2)
    with running(address, folder, cache_folder=str(cache)) as server:
        told = ask(server.port, LIST)
        yield "cache folder damaged", f"{LIST}: {told}; well again after {_seconds_until_well(server):.1f} s"


@contextmanager
def _small(folder: Path, size: str) -> Iterator[Path | None]:
    """A folder of a file system with so much room; null where it may not be made."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    try:
        yield folder if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def database_disk_full(databases: Databases, folder: Path) -> Iterator[tuple[str, str]]:
    """The disk of the database is full in the middle of a load; it is asked meanwhile, and loads once there is room."""
    what = "disk of the database full"
    with _small(folder / "disk", "40m" if databases.server is None else "24m") as disk:
        if disk is None:
            yield what, "not tried: only root may mount one"
            return
        address = _on_disk(databases, disk)
        migrate_at(address)
        load_into(address, *DATASETS.values())
        made = Made(
            made_events=[
                made_event(f"event-{number:05}", codes={"note": token_hex(len(NOTE) // 2)}, figures=[])
                for number in range(8_000)
            ]
        )
        with running(address, folder) as server, Load(server.port, MIXED, CLIENTS).running() as load:
            told = "nothing"
            try:
                load_into(address, made)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is what is told
                told = str(getattr(error, "orig", error)).splitlines()[0]
            _remount(disk, "size=400m")
            load_into(address, made)
        yield what, f"the load ended with '{told}'; with room: {_count(address)} events; meanwhile {load}"


def _on_disk(databases: Databases, disk: Path) -> str:
    """The address of a new database whose tables lie in this folder."""
    if databases.server is None:
        return f"sqlite:///{disk}/events.db"
    # The server's own user has to come by.
    disk.parent.chmod(0o711)
    shutil.chown(disk, "postgres")
    with psycopg.connect(f"{databases.server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        connection.execute("CREATE DATABASE on_disk TABLESPACE small")
    return f"{databases.server}/on_disk"


def loads_killed(address: str) -> str:
    """Loads are killed at several moments; the one after them leaves what an undisturbed one does."""
    migrate_at(address)
    environment = {**os.environ, "DATABASE_URL": address}
    states: list[int] = []
    for seconds in KILLED_AFTER:
        with subprocess.Popen(LOAD, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        states.append(_count(address))
    begun = time.monotonic()
    subprocess.run(LOAD, env=environment, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    checked = subprocess.run(
        (*LOAD[:-1], "columns", "--check"), env=environment, check=True, capture_output=True, text=True
    )
    return (
        f"events after each: {states}; then {_count(address)}, loaded in {seconds:.1f} s: "
        f"{checked.stdout.strip().splitlines()[-1]}"
    )


def migrations_killed(databases: Databases) -> str:
    """Migrations of new databases are killed at several moments; the one after each goes through."""
    begun = time.monotonic()
    subprocess.run(MIGRATE, env={**os.environ, "DATABASE_URL": databases.empty()}, check=True, capture_output=True)
    whole = time.monotonic() - begun
    longest = 0.0
    for part in range(1, MOMENTS):
        environment = {**os.environ, "DATABASE_URL": databases.empty()}
        with subprocess.Popen(
            MIGRATE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                process.wait(whole * part / MOMENTS)
            except subprocess.TimeoutExpired:
                process.kill()
        begun = time.monotonic()
        subprocess.run(MIGRATE, env=environment, check=True, capture_output=True)
        longest = max(longest, time.monotonic() - begun)
    return f"killed at {MOMENTS - 1} moments of {whole:.1f} s; the next one went through each time, in {longest:.1f} s at the most"


def _count(address: str) -> int:
    engine = connect_for_loading(Settings(database_url=address))
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM event")).scalar_one())
    finally:
        engine.dispose()
