"""The servers that are compared, each a process on the serving core: ours, the ceiling, the object mapper, Datasette."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.benchmarks.ceiling import SIZES
from tests.benchmarks.processes import Server, free_port, serving

# As many as ours has unless told otherwise.
THREADS = 4


def ours(address: str, folder: Path, *, remembers: bool) -> AbstractContextManager[Server]:
    """The service as `conflict-events serve` starts it; one that remembers nothing has everything asked first."""
    port = free_port()
    environment = {
        "DATABASE_URL": address,
        "CONFLICT_EVENTS_PORT": str(port),
        "CONFLICT_EVENTS_WORKERS": "1",
        "CONFLICT_EVENTS_THREADS": str(THREADS),
        "CONFLICT_EVENTS_LOG_LEVEL": "WARNING",
        # A statement that takes too long is to be seen in the numbers.
        "CONFLICT_EVENTS_STATEMENT_TIMEOUT_SECONDS": "0",
        **({} if remembers else {"CONFLICT_EVENTS_CACHE_MEGABYTES": "0"}),
    }
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
    return serving(command, port, folder / f"ours-{port}.log", environment)


def ceiling(sizes: Sequence[int], folder: Path) -> AbstractContextManager[Server]:
    """Bare Flask with bodies of these sizes."""
    return _granian("ceiling", folder, {SIZES: ",".join(map(str, sorted(set(sizes))))})


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
    return serving(command, port, folder / f"{module}-{port}.log", environment)


def datasette(flat: Path, folder: Path) -> AbstractContextManager[Server]:
    """Datasette over the flat file, told that it never changes, which is how it is quickest."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "datasette", "serve", "--immutable", str(flat)),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    return serving(command, port, folder / f"datasette-{port}.log", {})
