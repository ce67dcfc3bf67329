"""The servers that are compared, each a process on the serving core: ours, bare Flask, the ORM, Datasette, ROAPI."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.benchmarks.bare_flask import SIZES
from tests.benchmarks.client import Client, Unavailable
from tests.benchmarks.processes import Server, free_port, serving

CONFLICT_EVENTS = (sys.executable, "-c", "from api.cli import main; main()")
# As many as ours has unless told otherwise.
THREADS = 4
# Datasette gives up after a second and cuts answers at 1,000 rows; what is compared has to be the whole answer.
MOST_MILLISECONDS, MOST_ROWS = 60_000, 1_000_000
# How long the reading copy may take to be made.
MOST_SECONDS = 300
# The folder in which workers keep what they make of the database, where they make anything.
CACHE_FOLDER = "CONFLICT_EVENTS_CACHE_FOLDER"


def cached_in(folder: Path) -> dict[str, str]:
    """The environment in which what is made of a database goes into this folder."""
    return {CACHE_FOLDER: str(folder), "XDG_CACHE_HOME": str(folder)}


@contextmanager
def ours(address: str, cache: Path, *, remembers: bool) -> Iterator[Server]:
    """The service as `conflict-events serve` starts it, once its reading copy is made; one that remembers nothing has everything
    asked first. Errors: BenchmarkFailed."""
    port = free_port()
    cache.mkdir(parents=True, exist_ok=True)
    environment = {
        "DATABASE_URL": address,
        "CONFLICT_EVENTS_PORT": str(port),
        "CONFLICT_EVENTS_WORKERS": "1",
        "CONFLICT_EVENTS_THREADS": str(THREADS),
        "CONFLICT_EVENTS_LOG_LEVEL": "WARNING",
        # A question that takes too long is to be seen in the numbers.
        "CONFLICT_EVENTS_REQUEST_SECONDS": "3600",
        **cached_in(cache),
        **({} if remembers else {"CONFLICT_EVENTS_CACHE_MEGABYTES": "0"}),
    }
    with serving([*CONFLICT_EVENTS, "serve"], port, _log(cache, "ours", port), environment) as server:
        _wait_for_copy(server)
        yield server


def _wait_for_copy(server: Server) -> None:
    until = time.monotonic() + MOST_SECONDS
    while True:
        try:
            with Client(server) as client:
                client.ask("/v1/casualties/totals?measure=killed")
            return
        except Unavailable:
            if time.monotonic() > until:
                raise


def bare_flask(sizes: Sequence[int], folder: Path) -> AbstractContextManager[Server]:
    """Bare Flask with bodies of these sizes."""
    return _granian("bare_flask", folder, {SIZES: ",".join(map(str, sorted(set(sizes))))})


def object_mapper(address: str, folder: Path) -> AbstractContextManager[Server]:
    """The ORM and marshmallow over the same database."""
    return _granian("object_mapper", folder, {"DATABASE_URL": address})


def _granian(module: str, folder: Path, environment: Mapping[str, str]) -> AbstractContextManager[Server]:
    """An application under the same server with the same number of threads as ours."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", f"tests.benchmarks.{module}:create_app", "--factory"),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"),
        *("--workers", "1", "--blocking-threads", str(THREADS), "--log-level", "warning"),
    ]
    return serving(command, port, _log(folder, module, port), environment)


def datasette(file: Path, folder: Path) -> AbstractContextManager[Server]:
    """Datasette over an SQLite file, told that it never changes, which is how it is quickest."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "datasette", "serve", "--immutable", str(file)),
        *("--setting", "sql_time_limit_ms", str(MOST_MILLISECONDS), "--setting", "max_returned_rows", str(MOST_ROWS)),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    return serving(command, port, _log(folder, "datasette", port), {})


def roapi_program() -> str | None:
    """The program that the package brings; null where it is not installed."""
    beside = Path(sys.executable).parent / "roapi"
    return str(beside) if beside.exists() else shutil.which("roapi")


def roapi(tables: Sequence[Path], folder: Path) -> AbstractContextManager[Server]:
    """ROAPI over Parquet files, each a table of its file's name, which it holds in memory."""
    port = free_port()
    program = roapi_program()
    assert program is not None
    command = [program, "--addr-http", f"127.0.0.1:{port}", "--addr-postgres", f"127.0.0.1:{free_port()}"]
    command += ["--addr-flight-sql", f"127.0.0.1:{free_port()}"]
    for table in tables:
        command += ["--table", f"{table.stem}={table}"]
    return serving(command, port, _log(folder, "roapi", port), {})


def _log(folder: Path, name: str, port: int) -> Path:
    # Beside the folder, since what is in it is counted.
    return folder.parent / f"{name}-{port}.log"
