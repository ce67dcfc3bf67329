"""Lists: asked for the first time, asked again, and asked whether they have changed; beside what others make of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from tests.benchmarks import flat
from tests.benchmarks.client import Client
from tests.benchmarks.facts import VALUES, Facts
from tests.benchmarks.findings import at_most_times, rate_of, share, times, told
from tests.benchmarks.processes import BenchmarkFailed, Server
from tests.benchmarks.stage import Stage, Subject
from tests.benchmarks.world import DAYS, FIRST_DAY
from tests.benchmarks.wrk import Reading

FIRST, AGAIN, UNCHANGED, GROWTH = "first time asked", "asked again", "If-None-Match", "cost from a tenth of the events"
LEAST_OF_CEILING, LEAST_OF_DATASETTE, LEAST_AGAIN, LEAST_UNCHANGED = 0.2, 4, 0.6, 0.8
MOST_GROWTH = 1.5
NEWEST = "newest 100"
# A 304 has no body; the smallest that says that something was answered is one byte.
LEAST_BODY = 1
# Of so many answers of a workload the size is looked at.
SIZED = 10
_PERIOD = timedelta(days=365)


def events(**asked: str) -> str:
    """The path of a list of events."""
    return f"/v1/events?{urlencode(asked)}" if asked else "/v1/events"


def lists(facts: Facts) -> dict[str, list[str]]:
    """The lists of the issue by name, each with the paths that are asked in turn."""
    return {
        NEWEST: [events()],
        "by country": [events(country=value) for value in facts.full("countries")],
        "by group": [events(group=value) for value in facts.full("groups")],
        "by location subtree": [events(location=value) for value in facts.full("states")],
        "by type": [events(type=value) for value in facts.full("types")],
        "by period": [
            events(date_from=first.isoformat(), date_to=(first + _PERIOD).isoformat()) for first in _first_days()
        ],
    }


def _first_days() -> list[date]:
    """Days from all over the time that the world covers."""
    span = timedelta(days=DAYS) - _PERIOD
    return [FIRST_DAY + span * number / VALUES for number in range(VALUES)]


def _at_datasette(facts: Facts, stage: Stage) -> dict[str, list[str]]:
    """The same lists of Datasette, over its flat table."""

    def narrowed(column: str, kind: str) -> list[str]:
        return [flat.newest(stage.flat, **{column: value}) for value in facts.full(kind)]

    return {
        NEWEST: [flat.newest(stage.flat)],
        "by country": narrowed("country", "countries"),
        "by group": narrowed("group_a", "groups"),
        "by location subtree": narrowed("state", "states"),
        "by type": narrowed("type", "types"),
        "by period": [
            flat.newest(stage.flat, date_start__gte=first.isoformat(), date_start__lte=(first + _PERIOD).isoformat())
            for first in _first_days()
        ],
    }


def measure(stage: Stage) -> None:
    """Everything that is asked of lists."""
    facts = stage.large.facts
    asked, asked_small = lists(facts), lists(stage.small.facts)
    _hold_mapper_to_ours(stage)
    sizes = {name: mean_size(stage.large.fresh, paths) for name, paths in asked.items()}
    with stage.ceilings([*sizes.values(), LEAST_BODY]) as ceilings:
        subjects: dict[str, Subject] = {}
        for name, paths in asked.items():
            subjects[f"ours, first time, {name}"] = Subject(stage.large.fresh, paths)
            subjects[ceilings.name(sizes[name])] = ceilings.like(sizes[name])
            subjects[f"Datasette, {name}"] = Subject(stage.datasette, _at_datasette(facts, stage)[name])
            subjects[f"ours, first time, a tenth of the events, {name}"] = Subject(stage.small.fresh, asked_small[name])
        subjects["ORM and marshmallow, newest 100"] = Subject(stage.mapper, ["/events"])
        first = stage.take_turns(subjects)
        _judge_first(stage, first, {name: ceilings.name(size) for name, size in sizes.items()})

        again: dict[str, Subject] = {}
        for name, paths in asked.items():
            again[f"ours, asked again, {name}"] = Subject(stage.remembering, paths, is_warmed=True)
            again[ceilings.name(sizes[name])] = ceilings.like(sizes[name])
        with Client(stage.remembering) as client:
            tag = client.ask(events()).tag
        again["ours, If-None-Match"] = Subject(stage.remembering, [events()], tag)
        again[ceilings.name(LEAST_BODY)] = ceilings.like(LEAST_BODY)
        found = stage.take_turns(again)
        for name, size in sizes.items():
            part = rate_of(found[f"ours, asked again, {name}"], found[ceilings.name(size)])
            stage.findings.append(share(AGAIN, name, part, LEAST_AGAIN, "the ceiling"))
        unchanged = found["ours, If-None-Match"]
        part = rate_of(unchanged, found[ceilings.name(LEAST_BODY)])
        stage.findings.append(share(UNCHANGED, "beside a body of one byte", part, LEAST_UNCHANGED, "the ceiling"))
        part = rate_of(unchanged, found[ceilings.name(sizes[NEWEST])])
        stage.findings.append(told(UNCHANGED, "beside the ceiling of the whole page", f"{part:.0%} of that"))


def _judge_first(stage: Stage, readings: Mapping[str, Reading], ceilings: Mapping[str, str]) -> None:
    for name, ceiling in ceilings.items():
        ours, small = (
            readings[f"ours, first time, {name}"],
            readings[f"ours, first time, a tenth of the events, {name}"],
        )
        datasette = readings[f"Datasette, {name}"]
        stage.findings += [
            share(FIRST, name, rate_of(ours, readings[ceiling]), LEAST_OF_CEILING, "the ceiling"),
            times(FIRST, name, rate_of(ours, datasette), LEAST_OF_DATASETTE, "Datasette"),
            at_most_times(GROWTH, f"list, {name}", ours.cost_ms / small.cost_ms, MOST_GROWTH, "the cost"),
        ]
    ours, mapper = readings[f"ours, first time, {NEWEST}"], readings["ORM and marshmallow, newest 100"]
    stage.findings.append(told(FIRST, "beside ORM and marshmallow", f"{rate_of(ours, mapper):.1f} times as quick"))


def mean_size(server: Server, paths: Sequence[str]) -> int:
    """The mean size of these answers' bodies, from a few of them all over the list."""
    some = paths[:: max(len(paths) // SIZED, 1)]
    with Client(server) as client:
        return sum(len(client.ask(path).body) for path in some) // len(some)


def _hold_mapper_to_ours(stage: Stage) -> None:
    """Errors: BenchmarkFailed where the ORM's answer is not the same, since then another question is measured."""
    with Client(stage.large.fresh) as one, Client(stage.mapper) as other:
        ours, theirs = (
            json.loads(client.ask(path).body)["data"] for client, path in ((one, events()), (other, "/events"))
        )
    for mine, its in zip(ours, theirs, strict=True):
        different = [key for key in mine if mine[key] != its.get(key)]
        if different:
            key = different[0]
            raise BenchmarkFailed(f"the ORM tells {key} of {mine['id']} differently: {its.get(key)} for {mine[key]}")
