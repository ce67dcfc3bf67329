"""Lists of events: every combination of filters alone and at once, and those that others answer as well."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import compared, questions
from tests.benchmarks.bare_flask import path as of_size
from tests.benchmarks.client import Client
from tests.benchmarks.processes import Server
from tests.benchmarks.results import slowest
from tests.benchmarks.rivals import OURS, compare
from tests.benchmarks.servers import bare_flask, object_mapper
from tests.benchmarks.stage import Stage, Subject, asking
from tests.benchmarks.targets import BY_KEY
from tests.benchmarks.wrk import Request

NEWEST = "newest 100"
# The lists of one filter that the rates are told of.
ONE_FILTER = ("by country", "by group", "by state", "by type", "by period")
# All questions are to be asked at least once at eight connections: so much longer than they took one after the other.
LONGER = 1.2


def measure(stage: Stage) -> None:
    """Everything that is asked of lists of events."""
    with stage.ours(remembers=False) as server:
        _sweep(stage, server)
        asked = compared.lists(stage.facts)
        factors = compare(stage, server, asked)
        if factors:
            stage.results.keep("lists_beside", min(factors), f"{len(factors)} kinds, the median {median(factors):.1f}")
        beside = stage.results.beside
        stage.results.keep("newest", beside[NEWEST][OURS])
        slow = min(ONE_FILTER, key=lambda name: beside[name][OURS])
        stage.results.keep("one_filter", beside[slow][OURS], slow)
        _beside_the_usual(stage, server)


def _sweep(stage: Stage, server: Server) -> None:
    paths = questions.flattened(questions.combinations(stage.facts))
    taken = stage.sweep(server, paths, BY_KEY["lists_alone"].workload)
    several = f"of {len(taken)}, the median {median(taken.values()):.1f} ms"
    stage.results.keep("lists_alone", max(taken.values()), [several, *slowest(taken)])
    seconds = max(stage.pace.seconds, LONGER * sum(taken.values()) / 1000)
    reading = asking(server, questions.in_some_order(taken)).read(seconds)
    stage.results.keep("lists_p99", reading.p99_ms, f"{reading.requests_per_second:,.0f} requests/s")


def _beside_the_usual(stage: Stage, server: Server) -> None:
    """The newest hundred beside bare Flask with as many constant bytes, and beside the ORM."""
    with Client(server) as client:
        size = len(client.ask(questions.events()).body)
    with bare_flask([size], stage.cache) as bare, object_mapper(stage.database.address, stage.cache) as mapper:
        found = stage.take_turns(
            {
                "bare Flask": asking(bare, [of_size(size)]),
                "the ORM": Subject(mapper, [Request("/events")], may_fail=True),
            }
        )
    for who, reading in found.items():
        stage.results.compare(NEWEST, who, reading.requests_per_second)
