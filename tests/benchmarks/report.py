"""Writes docs/performance.md: what was run, where, how each thing is measured, and what came of it.

What stands below the mark in that file is written by hand, and every run keeps it.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks import cores
from tests.benchmarks.engines import POSTGRESQL_SETTINGS
from tests.benchmarks.findings import Finding
from tests.benchmarks.loads import Loaded
from tests.benchmarks.processes import ROOT
from tests.benchmarks.servers import THREADS
from tests.benchmarks.wrk import CONNECTIONS, Reading

PAGE = ROOT / "docs" / "performance.md"
MARK = "<!-- Written by hand from here on: `make bench` writes all above anew, and keeps what stands below. -->"
_NOTHING_YET = "\n## What fell short, and why\n\nNothing has been written here yet.\n"
BYTES_PER_GIBIBYTE = 1 << 30


@dataclass(frozen=True)
class Measured:
    """What came of one engine."""

    engine: str
    version: str
    loaded: Sequence[Loaded]
    findings: Sequence[Finding]
    readings: dict[str, Reading]


@dataclass(frozen=True)
class Run:
    """How the benchmark was called, and how long it took."""

    command: str
    events: int
    small: int
    seconds: float
    rounds: int
    taken_seconds: float


def write(run: Run, measured: Sequence[Measured], page: Path = PAGE) -> None:
    """Writes the page anew, but for what is written by hand."""
    standing = page.read_text(encoding="utf-8") if page.exists() else ""
    _, mark, by_hand = standing.partition(MARK)
    lines = [*_head(run, measured), *_method(run), *_results(measured), MARK]
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines) + "\n" + (by_hand.removeprefix("\n") if mark else _NOTHING_YET), encoding="utf-8")


def _head(run: Run, measured: Sequence[Measured]) -> Iterator[str]:
    engines = ", ".join(f"{'SQLite' if one.engine == 'sqlite' else 'PostgreSQL'} {one.version}" for one in measured)
    judged = [finding for one in measured for finding in one.findings if finding.is_met is not None]
    missed = sum(not finding.is_met for finding in judged)
    yield "# Performance"
    yield ""
    yield f"`{run.command}` on {datetime.now(UTC):%Y-%m-%d}, {run.taken_seconds / 60:.0f} minutes. "
    yield (
        f"A generated world of {run.events:,} events (and one of {run.small:,}), with the shape of real UCDP GED data: "
        "skewed places, groups and dates, groups that fight in one country and some of them for some years only, and 30% "
        "of events with several figures."
    )
    yield ""
    yield f"Of {len(judged)} targets {len(judged) - missed} are met and {missed} are not."
    yield ""
    yield "| Machine | |"
    yield "|---|---|"
    yield f"| Cores | {len(cores.CORES) or os.cpu_count()}, {_processor()} |"
    yield f"| Memory | {_memory_gibibytes():.0f} GiB |"
    yield f"| Python | {platform.python_version()} |"
    yield f"| Engines | {engines} |"
    yield f"| Servers | granian {version('granian')}, Flask {version('flask')}, Datasette {_datasette_version()} |"
    yield ""


def _datasette_version() -> str:
    """Its version; no benchmark runs without it, and yet a page can be written where it is not installed."""
    try:
        return version("datasette")
    except PackageNotFoundError:
        return "of no known version"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return platform.machine() if found is None else found[1]


def _memory_gibibytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / BYTES_PER_GIBIBYTE


def _method(run: Run) -> Iterator[str]:
    settings = ", ".join(f"`{name} = {value}`" for name, value in POSTGRESQL_SETTINGS.items())
    yield "## How it is measured"
    yield ""
    yield f"- **Placing**: {cores.words()}."
    yield (
        f"- **Servers**: ours (`conflict-events serve`), the ceiling and the ORM each run under granian with one worker and "
        f"{THREADS} threads. Datasette runs under its own server, its file declared immutable."
    )
    yield (
        f"- **Rounds**: wrk asks with {CONNECTIONS} connections for {run.seconds:g} s (longer where little is answered), "
        f"each subject in turn, in {run.rounds} rounds; told is the median of the rounds. Any answer but a good one ends the "
        "run. Ratios hold on other machines; absolute times do not."
    )
    yield (
        "- **First time asked**: `CONFLICT_EVENTS_CACHE_MEGABYTES=0`, so that the service remembers neither answers nor "
        "counts; it knows what the datasets cover, which no question changes, and reads from tables what was counted at "
        "load. Up to 40 addresses in turn. **Asked again**: the default settings, the same addresses."
    )
    yield ("- **Ceiling**: bare Flask that returns constant bytes of the same size (within 5%) under the same server.")
    yield (
        "- **Datasette**: the same events as one flat SQLite table of 24 columns, with an index of each filter column and the "
        "date. It is asked for the newest 100 rows without counting and without facets, which we do count."
    )
    yield (
        "- **ORM and marshmallow**: the same records from the same tables by `selectinload`, `Schema(many=True).dump` and "
        "orjson; the run fails where they differ from ours. It neither counts nor validates."
    )
    yield (
        "- **Loads**: the load engine in a process of its own; making the world counts inside the time. Memory is the "
        "loading process's own, without the pages of files that are mapped into it. It is flat where ten times the events take at most a quarter more."
    )
    yield (
        "- **Alone**: one connection, one answer at a time, the quicker of two. **`total`**: the statements of the page and of "
        "the count, timed apart inside one process, since no page comes without its count."
    )
    yield (
        "- **Exports**: of everything, drained by one client; the bare driver (`sqlite3`; `psycopg` with a named binary "
        "cursor) reads the same stored bytes in no order, on the serving core. Memory is likewise, at "
        "its peak over what the worker had."
    )
    yield f"- **PostgreSQL**: {settings}; all else is its default. After a load: `VACUUM (ANALYZE)`, as autovacuum would."
    yield ""


def _results(measured: Sequence[Measured]) -> Iterator[str]:
    for one in measured:
        title = f"{'SQLite' if one.engine == 'sqlite' else 'PostgreSQL'}"
        yield f"## {title}"
        yield ""
        yield "| Workload | Asked | Reach | Reached | |"
        yield "|---|---|---|---|---|"
        order = list(dict.fromkeys(finding.workload for finding in one.findings))
        for finding in sorted(one.findings, key=lambda finding: order.index(finding.workload)):
            cells = (finding.workload, finding.what, finding.reach, finding.reached, finding.verdict)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""
        yield f"### {title}: loading"
        yield ""
        yield "| Events | Events/s | Seconds | Of them making the world | MB at 25 · 50 · 75 · 100 % | Peak MB |"
        yield "|---|---|---|---|---|---|"
        for load in one.loaded:
            memory = " · ".join(f"{found:,.0f}" for found in load.megabytes)
            yield (
                f"| {load.events:,} | {load.events_per_second:,.0f} | {load.seconds:,.1f} | {load.making_seconds:,.1f} "
                f"| {memory} | {load.peak_megabytes:,.0f} |"
            )
        yield ""
        yield f"### {title}: in figures"
        yield ""
        yield "| Subject | Requests/s | Median ms | p99 ms | Bytes an answer |"
        yield "|---|---|---|---|---|"
        for name, reading in one.readings.items():
            yield (
                f"| {name} | {reading.requests_per_second:,.0f} | {reading.median_ms:,.2f} | {reading.p99_ms:,.2f} "
                f"| {reading.bytes_per_answer:,.0f} |"
            )
        yield ""
