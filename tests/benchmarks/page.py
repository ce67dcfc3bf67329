"""Writes docs/performance.md from what is kept of all runs: one table a size, and who was asked beside us.

What stands below the mark in that page is written by hand, and every run keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import cores
from tests.benchmarks.processes import ROOT
from tests.benchmarks.rivals import DATASETTE, DUCKDB, OURS, OURS_ALONE, ROAPI
from tests.benchmarks.servers import THREADS
from tests.benchmarks.stage import ASKED_AGAIN
from tests.benchmarks.targets import DATA, ENGINES, REAL, TARGETS, written_in
from tests.benchmarks.wrk import CONNECTIONS

PAGE = ROOT / "docs" / "performance.md"
MARK = "<!-- Written by hand from here on: `make bench` writes all above anew, and keeps what stands below. -->"
_NOTHING_YET = "\n## What fell short, and why\n\nNothing has been written here yet.\n"
_ENGINE_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_BESIDE = (DATASETTE, ROAPI, "bare Flask", "the ORM")
Kept = Mapping[str, Any]


def results_file(page: Path) -> Path:
    """The file beside the page in which all that was measured is kept."""
    return page.with_suffix(".json")


def write(kept: Mapping[str, Kept], page: Path) -> None:
    """Writes the page anew, but for what is written by hand."""
    standing = page.read_text(encoding="utf-8") if page.exists() else ""
    _, mark, by_hand = standing.partition(MARK)
    lines = [*_head(), *(line for size in sorted(kept, key=int) for line in _size(int(size), kept[size]))]
    lines += [*_method(), MARK]
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines) + "\n" + (by_hand.removeprefix("\n") if mark else _NOTHING_YET), encoding="utf-8")


def _head() -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield (
        "`make bench` measures 100,000 events and writes this page, `make bench EVENTS=1000000` measures a million; "
        "`make bench ARGUMENTS=--help` says how to measure a part. Bold misses its target. The slowest questions with "
        "their addresses are in [performance.json](performance.json)."
    )
    yield ""


def _size(events: int, entries: Kept) -> Iterator[str]:
    columns = [name for engine in ENGINES for data in DATA if (name := f"{engine}, {data}") in entries]
    judged = [_verdict(target, name, entries[name]) for target in TARGETS for name in columns]
    yield f"## {events:,} events"
    yield ""
    yield f"Of {sum(met is not None for met in judged)} targets {sum(met is True for met in judged)} are met."
    machines = list(dict.fromkeys(entries[name]["machine"]["words"] for name in columns))
    days = sorted({day for name in columns for day in entries[name]["measured"].values()})
    yield f"Measured {' to '.join(dict.fromkeys((days[0], days[-1])))}: {'; '.join(machines)}."
    yield ""
    yield f"| Workload | Before | Reach | {' | '.join(map(_column, columns))} |"
    yield f"|---|---|---|{'---|' * len(columns)}"
    for target in TARGETS:
        cells = [_cell(target, name, entries[name]) for name in columns]
        if any(cells):
            yield f"| {target.workload} | {target.before} | {target.reach} | {' | '.join(cells)} |"
    yield ""
    yield from _beside(columns, entries)
    notes = [
        f"- {_column(name)}, {section}: {note}"
        for name in columns
        for section, listed in entries[name]["notes"].items()
        for note in listed
    ]
    if notes:
        yield from notes
        yield ""


def _column(name: str) -> str:
    engine, data = name.split(", ")
    return f"{_ENGINE_NAMES[engine]}, {'real rows' if data == REAL else data}"


def _verdict(target: Any, name: str, entry: Kept) -> bool | None:
    found = entry["values"].get(target.key)
    engine, data = name.split(", ")
    met: bool | None = None if found is None else target.is_met(engine, data, found["value"])
    return met


def _cell(target: Any, name: str, entry: Kept) -> str:
    found = entry["values"].get(target.key)
    if found is None:
        return ""
    told = written_in(target.unit, found["value"])
    return f"**{told}**" if _verdict(target, name, entry) is False else told


def _beside(columns: Sequence[str], entries: Kept) -> Iterator[str]:
    """Who was asked beside us over real rows, or over generated ones where there are no others: both engines in one table.

    What others reached was read beside each engine; the table has the first, and the factor is of the same run.
    """
    compared = [name for name in columns if entries[name]["beside"]]
    compared = [name for name in compared if name.endswith(REAL)] or compared
    if not compared:
        return
    rows = {name: entries[name]["beside"] for name in compared}
    questions = list(dict.fromkeys(question for beside in rows.values() for question in beside))
    others = [who for who in _BESIDE if any(who in row for beside in rows.values() for row in beside.values())]
    heads = [f"ours, {_engine(name)}" for name in compared]
    heads += [*others, *(f"times the better, {_engine(name)}" for name in compared)]
    heads += [*(f"ours alone, {_engine(name)}, ms" for name in compared), "DuckDB alone, ms"]
    yield f"### Beside others, over {'real rows' if compared[0].endswith(REAL) else 'generated events'}"
    yield ""
    yield f"| Requests/s, {CONNECTIONS} connections | {' | '.join(heads)} |"
    yield f"|---|{'---|' * len(heads)}"
    for question in questions:
        found = [rows[name].get(question, {}) for name in compared]
        cells = [_number(row.get(OURS)) for row in found]
        cells += [_number(next((row[who] for row in found if who in row), None)) for who in others]
        cells += [_factor(row) for row in found]
        cells += [_number(row.get(OURS_ALONE)) for row in found]
        cells.append(_number(next((row[DUCKDB] for row in found if DUCKDB in row), None)))
        yield f"| {question} | {' | '.join(cells)} |"
    yield ""


def _engine(name: str) -> str:
    return _ENGINE_NAMES[name.partition(", ")[0]]


def _factor(row: Mapping[str, float]) -> str:
    best = max((row[who] for who in (DATASETTE, ROAPI) if who in row), default=0)
    return f"{row[OURS] / best:,.1f}" if best and OURS in row else ""


def _number(value: float | None) -> str:
    return "" if value is None else written_in("", value)


def _method() -> Iterator[str]:
    yield "## How it is measured"
    yield ""
    yield f"- Cores: {cores.words()}. Loads may use both cores."
    yield (
        "- Real rows are UCDP GED's of Myanmar, replicated with other ids, dates and points; generated ones have their shape. "
        "The corpus stands beside both."
    )
    yield (
        f"- Nothing is remembered (`CONFLICT_EVENTS_CACHE_MEGABYTES=0`) but for *asked again* and 304. *Alone* is each "
        f"question once, the {ASKED_AGAIN} slowest again, the quickest of three told; *at {CONNECTIONS} connections* is by wrk."
    )
    yield (
        "- Ours, bare Flask (as many constant bytes) and an ORM over the same tables run under granian with one worker and "
        f"{THREADS} threads. Datasette and ROAPI serve our own export as two flat tables, with indexes, and are asked for the "
        "newest 100 with an exact count, and for plain sums, which count parts beside their wholes. DuckDB is asked for that "
        "plain sum without a server."
    )
    yield "- Disk is the database and what a worker keeps beside it. Memory leaves out pages of mapped files."
    yield ""
