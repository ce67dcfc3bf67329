"""Loading by the service's own ways: how quickly, with how much memory, and whether the end is as quick as the start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.client import Client
from tests.benchmarks.engines import Database, folder_bytes
from tests.benchmarks.processes import ROOT, BenchmarkFailed, watched
from tests.benchmarks.results import Results
from tests.repeatedly import repeatedly

BYTES_PER_KILOBYTE = 1000
# How often it is looked at how far a file was read, and the share of the rows whose time is compared.
LOOKS_A_SECOND, PART = 50, 0.1


@dataclass(frozen=True)
class Loaded:
    """What one load took."""

    events: int
    seconds: float
    # Those of the first and of the last tenth of the rows, as they were taken; 0 where it could not be seen.
    first_seconds: float
    last_seconds: float
    peak_megabytes: float


def prepare(database: Database, cache: Path) -> None:
    """The schema, and in it the gazetteer and the corpus, as before any import."""
    _run([*servers.CONFLICT_EVENTS, "migrate"], database, cache)
    _run([*servers.CONFLICT_EVENTS, "load"], database, cache)


def import_rows(database: Database, cache: Path, rows: Path, events: int) -> Loaded:
    """Imports a file of real rows by the command line."""
    process = _started([*servers.CONFLICT_EVENTS, "import", "ucdp-ged", str(rows)], database, cache)
    with _reading(process.pid, rows) as read:
        seconds, peak, _told = _waited_for(process)
    return Loaded(events, seconds, *_tenths(read, rows.stat().st_size), peak)


def load_world(database: Database, cache: Path, events: int) -> Loaded:
    """Loads a generated world by the load engine."""
    command = [sys.executable, "-m", "tests.benchmarks.load_child", "world", database.address, str(events)]
    seconds, peak, told = _waited_for(_started(command, database, cache))
    found = json.loads(told)
    return Loaded(events, seconds, found["first"], found["last"], peak)


def edited_seconds(database: Database, cache: Path) -> float:
    """How long the load of the corpus with one edit takes."""
    command = [sys.executable, "-m", "tests.benchmarks.load_child", "edit", database.address]
    return float(json.loads(_run(command, database, cache))["seconds"])


def judge(loaded: Loaded, database: Database, cache: Path, results: Results) -> None:
    """Keeps what a load took, and what it left on the disk: the database, and the copy that a worker reads, if any."""
    results.keep("import", loaded.events / loaded.seconds, f"{loaded.seconds:,.0f} s")
    if loaded.last_seconds:
        told = f"{loaded.first_seconds:,.1f} s, {loaded.last_seconds:,.1f} s"
        results.keep("last_tenth", loaded.first_seconds / loaded.last_seconds, told)
    results.keep("import_memory", loaded.peak_megabytes)
    with servers.ours(database.address, cache, remembers=False) as server, Client(server) as client:
        client.ask("/v1/events?type=battles")
    size = database.size_bytes + folder_bytes(cache)
    results.keep("disk", size / loaded.events / BYTES_PER_KILOBYTE, f"{size / 1e6:,.0f} MB")
    results.keep("edit", edited_seconds(database, cache))


def _environment(database: Database, cache: Path) -> Mapping[str, str]:
    return {**os.environ, "DATABASE_URL": database.address, **servers.cached_in(cache)}


def _started(command: Sequence[str], database: Database, cache: Path) -> subprocess.Popen[str]:
    # Not pinned: a load may use both cores.
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(database, cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _waited_for(process: subprocess.Popen[str]) -> tuple[float, float, str]:
    """Its seconds, its memory at the peak, and what it said. Errors: BenchmarkFailed."""
    start = time.monotonic()
    with watched(process.pid) as looks:
        told, errors = process.communicate()
    if process.returncode != 0:
        raise BenchmarkFailed(f"{process.args} failed:\n{errors}")
    return time.monotonic() - start, max(looks), told


def _run(command: Sequence[str], database: Database, cache: Path) -> str:
    return _waited_for(_started(command, database, cache))[2]


@contextmanager
def _reading(pid: int, path: Path) -> Iterator[list[tuple[float, int]]]:
    """How far a process has read a file, again and again: seconds and bytes. Only Linux tells."""
    looks: list[tuple[float, int]] = []

    def look() -> None:
        for opened in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                if opened.readlink() == path.resolve():
                    told = Path(f"/proc/{pid}/fdinfo/{opened.name}").read_text()
                    looks.append((time.monotonic(), int(told.split()[1])))
            except OSError:
                # It was closed meanwhile.
                continue

    with repeatedly(look, LOOKS_A_SECOND):
        yield looks


def _tenths(looks: Sequence[tuple[float, int]], size: int) -> tuple[float, float]:
    """The seconds in which the first and the last tenth of a file were read, in the last time that it was read through."""
    start = max((number for number in range(1, len(looks)) if looks[number][1] < looks[number - 1][1]), default=0)
    last_pass = looks[start:]

    def reached(share: float) -> float:
        return next((at for at, place in last_pass if place >= size * share), last_pass[-1][0])

    if not last_pass:
        return 0, 0
    return reached(PART) - last_pass[0][0], reached(1) - reached(1 - PART)
