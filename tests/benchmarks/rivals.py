"""The same questions for us, Datasette, ROAPI and a bare DuckDB, in turn; what each reached is kept side by side."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks import servers
from tests.benchmarks.client import Client
from tests.benchmarks.compared import COLUMNAR, SQLITE, Question, at_datasette
from tests.benchmarks.cores import SERVING, pinned
from tests.benchmarks.flat import Flat
from tests.benchmarks.processes import ROOT, BenchmarkFailed, Server
from tests.benchmarks.results import say
from tests.benchmarks.stage import Stage, Subject
from tests.benchmarks.wrk import Request

OURS, DATASETTE, ROAPI, DUCKDB, OURS_ALONE = "ours", "Datasette", "ROAPI", "DuckDB, ms", "ours alone, ms"
# How often the bare query is run, and ours beside it.
TIMES = 5
# The flat tables hold two groups of an event, and the corpus has so many events, some of them of more.
CORPUS_EVENTS = 52
# What takes longer is asked once.
MOST_REPEATED_MS = 2000


@dataclass(frozen=True)
class Rivals:
    """The others that run, by name, and why those that are missing do not."""

    running: Mapping[str, Server]
    missing: Mapping[str, str]


def installed() -> frozenset[str]:
    """Which of the others are installed here."""
    is_there = {
        DATASETTE: importlib.util.find_spec("datasette") is not None,
        ROAPI: servers.roapi_program() is not None,
    }
    return frozenset(name for name, found in is_there.items() if found)


@contextmanager
def rivals(flat: Flat, folder: Path, installed: Collection[str]) -> Iterator[Rivals]:
    """Datasette and ROAPI over the flat tables, as far as they are installed and start."""
    running: dict[str, Server] = {}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        started = {
            DATASETTE: lambda: servers.datasette(flat.sqlite, folder),
            ROAPI: lambda: servers.roapi(flat.parquet, folder),
        }
        for name, start in started.items():
            if name not in installed or (name == ROAPI and not flat.parquet):
                missing[name] = "is not installed"
                continue
            try:
                running[name] = stack.enter_context(start())
            except BenchmarkFailed as error:
                missing[name] = "did not start"
                say(f"    {error}")
        yield Rivals(running, missing)


def compare(
    stage: Stage, ours: Server, asked: Mapping[str, Sequence[Question]], *, asks_alone: bool = True
) -> list[float]:
    """How many times as many requests we answer as the better of the others, by question; keeps what each reached. Where none
    of the others is installed, we are asked alone if `asks_alone`."""
    factors: list[float] = []
    with rivals(stage.flat, stage.cache, installed()) as others:
        for name, why in others.missing.items():
            stage.results.note(f"{name} {why}.")
        for name, questions in asked.items() if others.running or asks_alone else ():
            # Where we do not answer in time, the page has no number of it, and the others are measured all the same.
            subjects = {OURS: Subject(ours, [Request(question.path) for question in questions], may_fail=True)}
            for rival, server in others.running.items():
                requests = [_request(rival, stage, question) for question in questions]
                subjects[rival] = Subject(server, requests, may_fail=True)
            say(f"    {name}")
            found = stage.take_turns(subjects)
            for who, reading in found.items():
                stage.results.compare(name, who, reading.requests_per_second)
            best = max((found[rival].requests_per_second for rival in others.running if rival in found), default=0)
            if best and OURS in found:
                factors.append(found[OURS].requests_per_second / best)
            if stage.results.section == "lists":
                _hold_totals(stage, ours, others, name, questions[0])
    return factors


def _request(rival: str, stage: Stage, question: Question) -> Request:
    if rival == DATASETTE:
        return Request(at_datasette(question.sql(SQLITE), stage.flat.sqlite.stem))
    return Request("/api/sql", body=question.sql(COLUMNAR))


def _hold_totals(stage: Stage, ours: Server, others: Rivals, name: str, question: Question) -> None:
    """Notes where another counts other than we do, since then another question is compared."""
    with Client(ours) as client:
        told = json.loads(client.ask(question.path).body)
    total = told.get("total")
    if total is None:
        stage.results.note(f"{name}: our total is not exact.")
        return
    for rival, server in others.running.items():
        request = _request(rival, stage, question)
        with Client(server) as client:
            rows = json.loads(client.ask(request.path, body=request.body).body)
        counted = rows[0]["total"] if rows else 0
        if abs(counted - total) > CORPUS_EVENTS:
            stage.results.note(f"{name}: {rival} counts {counted:,} where we count {total:,}.")


def compare_bare(stage: Stage, ours: Server, asked: Mapping[str, Sequence[Question]]) -> None:
    """Keeps the milliseconds of a bare DuckDB query of the same total, on the serving core, and of ours alone."""
    if stage.flat.duckdb is None:
        stage.results.note("DuckDB is not installed.")
        return
    statements = {name: questions[0].sql(COLUMNAR) for name, questions in asked.items()}
    told = subprocess.run(
        pinned([sys.executable, "-m", "tests.benchmarks.rivals", str(stage.flat.duckdb)], SERVING),
        input=json.dumps(statements),
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if told.returncode != 0:
        raise BenchmarkFailed(f"the bare query failed:\n{told.stderr}")
    for name, milliseconds in json.loads(told.stdout).items():
        with Client(ours) as client:
            alone = client.ask(asked[name][0].path).ms
            if alone < MOST_REPEATED_MS:
                alone = median([alone, *(client.ask(asked[name][0].path).ms for _time in range(TIMES - 1))])
        stage.results.compare(name, DUCKDB, milliseconds)
        stage.results.compare(name, OURS_ALONE, alone)
        say(f"    {name}: {alone:,.1f} ms, and a bare query {milliseconds:,.1f} ms")


def _run_bare(file: str) -> None:
    """Runs statements that stand on standard input, and prints the median milliseconds of each."""
    import duckdb  # where it is missing, nothing else is

    connection = duckdb.connect(file, read_only=True)
    connection.execute("SET threads = 1")
    found = {}
    for name, statement in json.load(sys.stdin).items():
        taken = []
        for _time in range(TIMES):
            start = time.perf_counter()
            connection.execute(statement).fetchall()
            taken.append((time.perf_counter() - start) * 1000)
        found[name] = median(taken)
    print(json.dumps(found))


if __name__ == "__main__":
    _run_bare(sys.argv[1])
