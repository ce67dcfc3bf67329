"""What the measurements of one database stand on: the database, what is in it, and how long may be asked."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.client import Client
from tests.benchmarks.engines import Database
from tests.benchmarks.facts import Facts
from tests.benchmarks.flat import Flat
from tests.benchmarks.processes import BenchmarkFailed, Server
from tests.benchmarks.questions import SEED
from tests.benchmarks.results import Results, told_reading
from tests.benchmarks.service import Service
from tests.benchmarks.wrk import Reading, Request, ask, middle

# Of a sweep the slowest so many are asked again so often: a busy machine only ever adds.
ASKED_AGAIN, TIMES_AGAIN = 20, 2
# A 304 is headers alone.
MOST_UNCHANGED_BYTES = 2000


@dataclass(frozen=True)
class Pace:
    """How long each subject is asked in each round, how many rounds there are, and how long a sweep may take."""

    seconds: float
    rounds: int
    sweep_seconds: float


@dataclass
class Stage:
    """One loaded database, and what is kept of what was measured on it."""

    database: Database
    # Where its workers keep what they make of it.
    cache: Path
    flat: Flat
    facts: Facts
    service: Service
    pace: Pace
    folder: Path
    results: Results

    @contextmanager
    def ours(self, *, remembers: bool) -> Iterator[Server]:
        """The service on the serving core."""
        with servers.ours(self.database.address, self.cache, remembers=remembers) as server:
            yield server

    def sweep(self, server: Server, paths: Sequence[str], what: str) -> dict[str, float]:
        """The milliseconds of each of these, asked alone and once, in an order that only the seed knows.

        The slowest are asked again, and the quickest of their times counts. Where time is up before all were asked, that
        is noted.
        """
        taken: dict[str, float] = {}
        mixed = list(dict.fromkeys(paths))
        random.Random(SEED).shuffle(mixed)
        until = time.monotonic() + self.pace.sweep_seconds
        with Client(server) as client:
            for path in mixed:
                taken[path] = client.ask_milliseconds(path)
                if time.monotonic() > until:
                    break
            for path in sorted(taken, key=taken.__getitem__, reverse=True)[:ASKED_AGAIN]:
                if time.monotonic() > until + self.pace.sweep_seconds:
                    break
                taken[path] = min(taken[path], *(client.ask_milliseconds(path) for _time in range(TIMES_AGAIN)))
        if len(taken) < len(mixed):
            self.results.note(f"{what}: {len(taken):,} of {len(mixed):,} were asked before time was up.")
        return taken

    def take_turns(self, subjects: Mapping[str, Subject]) -> dict[str, Reading]:
        """The median reading of each subject that answers; they take turns, so that what disturbs falls on all alike."""
        readings: dict[str, list[Reading]] = {name: [] for name in subjects}
        failed: set[str] = set()
        for _round in range(self.pace.rounds):
            for name, subject in subjects.items():
                if name in failed:
                    continue
                try:
                    readings[name].append(subject.read(self.pace.seconds))
                except BenchmarkFailed as error:
                    if not subject.may_fail:
                        raise
                    failed.add(name)
                    self.results.note(f"{name} failed: {error}")
        found = {name: middle(listed) for name, listed in readings.items() if listed and name not in failed}
        for name, reading in found.items():
            told_reading(name, reading)
        return found


@dataclass(frozen=True)
class Subject:
    """A server and what it is asked in turn. With `may_fail`, the page has no number of it where it fails."""

    server: Server
    requests: Sequence[Request]
    may_fail: bool = False

    def read(self, seconds: float) -> Reading:
        """What it reached. Errors: BenchmarkFailed, where any answer is not a good one."""
        reading = ask(self.server, self.requests, seconds)
        if self.requests[0].tag and reading.bytes_per_answer > MOST_UNCHANGED_BYTES:
            raise BenchmarkFailed(f"{self.requests[0].path} answered with a body, not with 304")
        return reading


def asking(server: Server, paths: Sequence[str], tag: str = "") -> Subject:
    """A subject of ours."""
    return Subject(server, [Request(path, tag) for path in paths])


def warmed(server: Server, paths: Sequence[str]) -> Subject:
    """A subject of which each address was asked before."""
    with Client(server) as client:
        for path in paths:
            client.ask(path)
    return asking(server, paths)


def answers(server: Server, path: str) -> bool:
    """Whether a path is answered at all: a service of before may not have it yet."""
    with Client(server) as client:
        try:
            client.ask(path, status=HTTPStatus.OK)
        except BenchmarkFailed:
            return False
    return True


Section = Callable[[Stage], None]
