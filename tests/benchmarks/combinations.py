"""The worst combination of two or three filters that can be found, frequent, rare, and such as exclude each other."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from statistics import median

import click

from tests.benchmarks.client import Client, asked_alone
from tests.benchmarks.facts import Facts
from tests.benchmarks.findings import told, under
from tests.benchmarks.lists import events
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.stage import Stage, Subject
from tests.benchmarks.wrk import CONNECTIONS

COMBINED = "two and three filters"
MOST_MS, MOST_DISJOINT_MS, MOST_AGAIN_P99_MS = 100, 250, 50
EXCLUSIVE = "exclusive"
# Triples are too many to ask for all of them; these are drawn from a seed.
TRIPLES, SEED = 80, 1027
# The slowest so many are asked again at once; all of them would not fit into what the service remembers.
ASKED_AGAIN = 40
# The slowest so many are told with their addresses.
TOLD = 5

Asked = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Values:
    """Single filters: those that many events pass, those that few do, and pairs that no event passes."""

    frequent: list[Asked]
    rare: list[Asked]
    exclusive: list[Asked]


def _values(facts: Facts) -> Values:
    latitude, longitude = facts.busiest_point
    country, other_country = facts.countries[0], _other_country(facts)
    early = next((group for group in facts.groups if facts.last_day[group] < _LATE), facts.groups[-1])
    frequent: list[Asked] = [
        (("country", country),),
        (("country", facts.countries[len(facts.countries) // 2]),),
        (("group", facts.groups[0]),),
        (("group", early),),
        (("location", facts.states[0]),),
        (("type", "battles"),),
        (("type", "explosions_remote_violence"),),
        (("subtype", "attack"),),
        (("date_from", "2015-01-01"),),
        (("date_to", "1995-12-31"),),
        (("location_precision", "exact"),),
        (("measure", "killed"),),
        (("population", "state_forces"),),
        (("best_min", "10"),),
        (("verification", "unverified"),),
        (("group_role", "defender"),),
        (("q", "fighting"),),
        (("q", "ambush"),),
        (("bbox", _box(latitude, longitude, 10)),),
        (("near", f"{latitude:.3f},{longitude:.3f}"), ("radius_km", "1500")),
    ]
    rare: list[Asked] = [
        (("group", facts.groups[-1]),),
        (("location", facts.towns[-1]),),
        (("document", facts.documents[-1]),),
        (("best_min", "3000"),),
        (("q", f"number {facts.groups[-1].rsplit('-', 1)[1]}"),),
        (("date_from", "2001-03-03"), ("date_to", "2001-03-03")),
        (("bbox", _box(latitude + 1, longitude, 0.05)),),
        (("near", f"{latitude + 1:.3f},{longitude:.3f}"), ("radius_km", "5")),
    ]
    group = facts.groups[0]
    exclusive: list[Asked] = [
        (("group", group), ("country", other_country)),
        (("group", early), ("date_from", (_LATE + timedelta(days=60)).isoformat())),
        (("group", early), ("date_to", "1988-01-01")),
        (("country", other_country), ("location", facts.states[0])),
        (("type", "battles"), ("subtype", "attack")),
        (("type", "battles"), ("population", "civilians")),
        (("country", country), ("population", "civilians")),
        (("country", country), ("best_min", "100000")),
        (("country", other_country), ("bbox", _box(latitude, longitude, 0.5))),
        (("q", "fighting"), ("best_min", "100000")),
        (("q", "fighting"), ("population", "civilians")),
        (("q", f"country {country.lower()}"), ("country", other_country)),
        (("verification", "corroborated"), ("type", "battles")),
        (("date_from", "2000-01-01"), ("outcome", "captured")),
        (("document", facts.documents[0]), ("location", facts.towns[-1])),
    ]
    return Values(frequent, rare, exclusive)


# Groups whose last event is before this are gone in the newest third of the time.
_LATE = date(2010, 1, 1)


def _other_country(facts: Facts) -> str:
    """The most frequent country that the most frequent group was never in."""
    known = facts.group_countries[facts.groups[0]]
    return next(country for country in facts.countries if country not in known)


def _box(latitude: float, longitude: float, degrees: float) -> str:
    return f"{longitude - degrees:.3f},{latitude - degrees:.3f},{longitude + degrees:.3f},{latitude + degrees:.3f}"


def paths(facts: Facts) -> dict[str, list[str]]:
    """Paths by what kinds of filters they combine."""
    values = _values(facts)
    triples = list(combinations(values.frequent, 3)) + [
        (one, other, third) for one, other in combinations(values.frequent, 2) for third in values.rare
    ]
    random.Random(SEED).shuffle(triples)
    return {
        "frequent and frequent": list(_joined(combinations(values.frequent, 2))),
        "frequent and rare": list(_joined(product(values.frequent, values.rare))),
        "rare and rare": list(_joined(combinations(values.rare, 2))),
        "three": list(_joined(triples))[:TRIPLES],
        EXCLUSIVE: list(_joined((one,) for one in values.exclusive)),
        f"{EXCLUSIVE} and frequent": list(_joined(product(values.exclusive, values.frequent)))[::3],
    }


def _joined(
    listed: Iterable[tuple[Asked, ...]],
) -> Iterator[str]:
    """Paths of these combinations, but for those that the service refuses: one filter twice, or an end before its start."""
    for several in listed:
        pairs = [pair for one in several for pair in one]
        names = [name for name, _value in pairs]
        asked = dict(pairs)
        is_possible = asked.get("date_from", "") <= asked.get("date_to", "9")
        if len(names) == len(set(names)) and is_possible:
            yield events(**asked)


def measure(stage: Stage) -> None:
    """Asks every combination alone for the first time, then the slowest of them again at once."""
    taken: dict[str, float] = {}
    asked = paths(stage.large.facts)
    _hold_exclusive(stage, asked[EXCLUSIVE])
    for kind, all_listed in asked.items():
        listed = all_listed[: stage.pace.combinations]
        alone = dict(zip(listed, asked_alone(stage.large.fresh, listed, times=2), strict=True))
        most = MOST_DISJOINT_MS if kind.startswith(EXCLUSIVE) else MOST_MS
        slowest = max(alone, key=alone.__getitem__)
        click.echo(f"    {kind}: {len(listed)} combinations, the slowest {alone[slowest]:.1f} ms: {slowest}")
        stage.findings += [
            under(COMBINED, f"{kind}, first time, alone: the slowest of {len(listed)}", alone[slowest], most),
            told(COMBINED, f"{kind}, first time, alone: the median", f"{median(alone.values()):.1f} ms"),
        ]
        taken |= alone
    slow = slowest_first(taken)
    stage.findings += [told(COMBINED, "among the slowest", f"{taken[path]:.1f} ms: `{path}`") for path in slow[:TOLD]]
    name = f"ours, asked before, the {ASKED_AGAIN} slowest combinations"
    found = stage.take_turns({name: Subject(stage.remembering, slow[:ASKED_AGAIN], is_warmed=True)})
    what = f"asked before, p99 at {CONNECTIONS} connections"
    stage.findings.append(under(COMBINED, what, found[name].p99_ms, MOST_AGAIN_P99_MS))


def _hold_exclusive(stage: Stage, listed: list[str]) -> None:
    """Errors: BenchmarkFailed where there is an event that passes filters which are to exclude each other."""
    with Client(stage.remembering) as client:
        for path in listed:
            if json.loads(client.ask(path).body)["total"] != 0:
                raise BenchmarkFailed(f"{path} has events; its filters do not exclude each other")


def slowest_first(taken: Mapping[str, float]) -> list[str]:
    """The paths, the slowest first."""
    return sorted(taken, key=taken.__getitem__, reverse=True)
