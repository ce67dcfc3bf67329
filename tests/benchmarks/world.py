"""A made-up dataset of any size with the shape of real data, from a seed, for the load engine. Nothing in it is real.

Places, sides and dates are as skewed as UCDP GED's are: groups fight in one country, some of them for some years only. A
third of its events have a split by side beside their total, as many have no named source, most have one, and a document
tells of two or three events, a few of a hundred. As in news, which GED does not keep: who says a number and by whom it
came, several claims on one figure, every verification; and reports of weeks and months whose dead lie in part in events
of their own. Ids and dates come in no order.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from math import gcd
from typing import Any

from sqlalchemy import Connection

from api.domain.releases import Release
from api.load.source import Expectation
from tests.benchmarks.world_people import Sides, code_of, documents, groups, names_of, places, skewed
from tests.benchmarks.world_said import Saying

Record = dict[str, Any]

FIRST_DAY = date(1989, 1, 1)
DAYS = 35 * 365
# More of the events are recent, as more of the reporting is.
RECENT_POWER = 0.6
# The most countries that there are; very small worlds have fewer, so that they are quickly made.
MOST_COUNTRIES, LEAST_COUNTRIES, EVENTS_A_COUNTRY = 30, 3, 100
# Real events share a document with one or two others, in the mean.
LEAST_DOCUMENTS, EVENTS_A_DOCUMENT = 50, 2.6
# Numbers of dead fall off as a power; only those of two or more can be split, and so many events have one.
SHARE_WITH_PARTS, SHARE_WITH_DEAD, POWER, MOST_DEAD = 0.3, 0.74, 1.1, 5000
SHARE_DIVISIBLE = SHARE_WITH_DEAD * 2**-POWER
TYPES = (
    (("battles", "armed_clash"), 0.68),
    (("violence_against_civilians", "attack"), 0.24),
    (("explosions_remote_violence", "shelling_artillery_missile_attack"), 0.08),
)
PRECISIONS = (("exact", 0.2), ("near", 0.2), ("township", 0.1), ("district", 0.35), ("state_or_region", 0.15))
# How long a period is, in days, and how often: as many real events last longer than a day, a week, a month.
LENGTHS = (((0, 0), 0.85), ((1, 6), 0.085), ((7, 30), 0.05), ((31, 365), 0.015))
# How often an event is the report of a period whose dead lie in part in others, and in how many: two or three, which
# come among the next so many events.
SHARE_OF_REPORTS_OF_PERIODS, PARTS_ELSEWHERE, WITHIN = 0.04, (2, 3), 50
# Such a part is surely in its whole, or possibly.
NESTINGS = (("certain", 0.7), ("possible", 0.3))
# The report of a period counts more than its parts, by so much at the most.
MOST_BEYOND_PARTS = 40
REPORTED_DAYS = (6, 120)
WORDS = [
    "army",
    "rebels",
    "village",
    "town",
    "convoy",
    "outpost",
    "clash",
    "raid",
    "ambush",
    "shelling",
    "attack",
    "checkpoint",
    "river",
    "bridge",
    "market",
    "road",
    "hill",
    "camp",
    "patrol",
]
# The frequent word stands in every second title.
FREQUENT_WORD = "fighting"
# Ids are dealt out by steps of this prime, and so in no order.
ID_STEP = 7_368_787


def _weights(listed: Sequence[tuple[Any, float]]) -> tuple[list[Any], list[float]]:
    """Values and their cumulative weights."""
    return [value for value, _share in listed], list(accumulate(share for _value, share in listed))


@dataclass
class World:
    """A generated dataset, as a source for the load engine."""

    events_wanted: int
    seed: int = 1027
    identity: str = "world"
    is_whole: bool = True
    keeps_used: bool = False
    takes_older: bool = False
    expectation: Expectation = field(default_factory=Expectation)

    @property
    def dataset(self) -> Record:
        return {
            "id": self.identity,
            "title": f"Generated world of {self.events_wanted:,} events",
            "publisher": "conflict-events-api benchmarks",
            "description": None,
            "licence": "CC0-1.0",
            "licence_url": "https://creativecommons.org/publicdomain/zero/1.0/",
            "citation": "Generated; nothing in it is real.",
            "release": str(self.seed),
            "first_date": FIRST_DAY,
            "last_date": FIRST_DAY + timedelta(days=DAYS),
            "is_redistributable": True,
        }

    @property
    def release(self) -> Release:
        return Release(self.dataset["release"])

    @property
    def countries_wanted(self) -> int:
        return max(LEAST_COUNTRIES, min(self.events_wanted // EVENTS_A_COUNTRY, MOST_COUNTRIES))

    @property
    def documents_wanted(self) -> int:
        return max(LEAST_DOCUMENTS, int(self.events_wanted / EVENTS_A_DOCUMENT))

    @property
    def content_hash(self) -> str:
        return f"{self.events_wanted}-{self.seed}"

    def records(self, _connection: Connection) -> Iterator[tuple[str, Record]]:
        """Places, documents and groups, then events, each made when it is asked for."""
        for place, _is_leaf in places(self.identity, self.seed, self.countries_wanted):
            yield "location", {**place, "names": names_of(place)}
        for document in documents(self.identity, self.documents_wanted, FIRST_DAY, DAYS):
            yield "document", document
        for group in groups(self.identity, self.countries_wanted):
            yield "group", {**group, "names": names_of(group)}
        for event in self.events():
            yield "event", event

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        del connection
        if record_type == "location":
            return {p["id"]: names_of(p) for p, _leaf in places(self.identity, self.seed, self.countries_wanted)}
        return {group["id"]: names_of(group) for group in groups(self.identity, self.countries_wanted)}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return {}

    def events(self) -> Iterator[Record]:
        """The events, in no order of ids or dates."""
        return _Making(self).events()


@dataclass(frozen=True)
class _Whole:
    """The report of a period, as its parts in other events have to know it."""

    figure: str
    place: Record
    start: date
    end: date
    best: int


class _Making:
    """Makes the events of one world, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = random.Random(world.seed + 1)
        found = places(world.identity, world.seed, world.countries_wanted)
        self.leaves = [record for record, is_leaf in found if is_leaf]
        self.numbers.shuffle(self.leaves)
        self.by_district: dict[str, list[Record]] = {}
        for leaf in self.leaves:
            self.by_district.setdefault(leaf["parent_id"], []).append(leaf)
        self.place_weights = skewed(len(self.leaves))
        codes = [code_of(number) for number in range(world.countries_wanted)]
        self.sides = Sides([code.upper() for code in codes])
        self.saying = Saying(self.numbers, world.identity, world.documents_wanted)
        self.types, self.precisions, self.lengths = _weights(TYPES), _weights(PRECISIONS), _weights(LENGTHS)
        self.nestings = _weights(NESTINGS)
        # Parts of reported periods that have to come yet, each with its turn.
        self.due: deque[tuple[int, _Whole]] = deque()
        self.step = ID_STEP
        while gcd(self.step, world.events_wanted) > 1:
            self.step += 2

    def events(self) -> Iterator[Record]:
        for number in range(self.world.events_wanted):
            identity = f"{self.world.identity}-{number * self.step % self.world.events_wanted}"
            if self.due and self.due[0][0] <= number:
                yield self._part_elsewhere(identity, self.due.popleft()[1])
            elif self._chance(SHARE_OF_REPORTS_OF_PERIODS):
                yield self._report_of_period(identity, number)
            else:
                yield self._incident(identity)

    def _chance(self, share: float) -> bool:
        return self.numbers.random() < share

    def _chosen(self, weighted: tuple[list[Any], list[float]]) -> Any:
        values, weights = weighted
        return self.numbers.choices(values, cum_weights=weights)[0]

    def _start(self) -> date:
        return FIRST_DAY + timedelta(days=int(DAYS * self.numbers.random() ** RECENT_POWER))

    def _period(self, start: date) -> tuple[date, date]:
        shortest, longest = self._chosen(self.lengths)
        return start, start + timedelta(days=self.numbers.randint(shortest, longest))

    def _incident(self, identity: str) -> Record:
        (place,) = self.numbers.choices(self.leaves, cum_weights=self.place_weights)
        return self._event(identity, "incident", place, self._period(self._start()), self._dead(), self._any_parts)

    def _report_of_period(self, identity: str, number: int) -> Record:
        """What somebody counted over weeks or months; some of it lies in events that come later."""
        (place,) = self.numbers.choices(self.leaves, cum_weights=self.place_weights)
        start = self._start()
        period = (start, start + timedelta(days=self.numbers.randint(*REPORTED_DAYS)))
        parts = self.numbers.randint(*PARTS_ELSEWHERE)
        best = parts + self.numbers.randint(1, MOST_BEYOND_PARTS)
        whole = _Whole(f"{identity}-killed", place, *period, best // parts)
        turns = sorted(number + self.numbers.randint(1, WITHIN) for _part in range(parts))
        self.due = deque(sorted([*self.due, *((turn, whole) for turn in turns)], key=lambda due: due[0]))
        return self._event(identity, "aggregate", place, period, best, lambda *_given: [])

    def _part_elsewhere(self, identity: str, whole: _Whole) -> Record:
        """An incident in the same district and period, whose dead are among those of a report of the period."""
        place = self.numbers.choice(self.by_district[whole.place["parent_id"]])
        start = whole.start + timedelta(days=self.numbers.randint(0, (whole.end - whole.start).days))
        best = self.numbers.randint(1, whole.best)
        event = self._event(identity, "incident", place, self._period(start), best, lambda *_given: [])
        event["figures"][0].update(part_of=whole.figure, nesting=self._chosen(self.nestings))
        return event

    def _dead(self) -> int:
        if not self._chance(SHARE_WITH_DEAD):
            return 0
        return min(int(self.numbers.paretovariate(POWER)), MOST_DEAD)

    def _any_parts(self, best: int) -> list[tuple[str, str, int]]:
        """How the dead are split by side, where they are."""
        if best < 2 or not self._chance(SHARE_WITH_PARTS / SHARE_DIVISIBLE):
            return []
        of_one = self.numbers.randrange(1, best)
        return [("-a", "state_forces", of_one), ("-b", "armed_opposition", best - of_one)]

    def _event(
        self, identity: str, kind: str, place: Record, period: tuple[date, date], best: int, parts: Any
    ) -> Record:
        numbers = self.numbers
        sides = self.sides.choose(numbers, place["country"], (period[0] - FIRST_DAY).days / DAYS)
        type_, subtype = self._chosen(self.types)
        text = numbers.choices(WORDS, k=3) + ([FREQUENT_WORD] if self._chance(0.5) else [])
        roles = [(sides[0], "attacker")] + ([(sides[1], "defender")] if sides[0] != sides[1] else [])
        when_and_where = {
            "date_start": period[0],
            "date_end": period[1],
            "date_precision": _precision((period[1] - period[0]).days),
            "date_reason": None,
            "location_id": place["id"],
            "latitude": round(place["latitude"] + numbers.uniform(-0.05, 0.05), 5),
            "longitude": round(place["longitude"] + numbers.uniform(-0.05, 0.05), 5),
            "location_precision": self._chosen(self.precisions),
        }
        reports = self.saying.reports(place["name"])
        return {
            "id": identity,
            "kind": kind,
            "type": type_,
            "subtype": subtype,
            "title": f"Group number {sides[0]} against group number {sides[1]}: {' '.join(text)}",
            "summary": None,
            **when_and_where,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": {"type_of_violence": numbers.randint(1, 3), "where_prec": numbers.randint(1, 7)},
            "groups": [
                {"group_id": f"{self.world.identity}-group-{side}", "role": role, "certainty": "inferred"}
                for side, role in roles
            ],
            "reports": reports,
            "figures": self._figures(identity, when_and_where, reports, best, parts(best)),
        }

    def _figures(
        self,
        identity: str,
        when_and_where: Record,
        reports: Sequence[Record],
        best: int,
        parts: Sequence[tuple[str, str, int]],
    ) -> list[Record]:
        high = best + int(self.numbers.random() * best) + (1 if best == 0 else 0)
        whole = self._figure(f"{identity}-killed", "mixed", (best // 2, best, high), when_and_where, reports)
        split = [
            self._figure(f"{whole['id']}{suffix}", population, (None, dead, None), when_and_where, reports[:1])
            for suffix, population, dead in parts
        ]
        for part in split:
            part.update(part_of=whole["id"], nesting="certain")
        return [whole, *split]

    def _figure(
        self,
        identity: str,
        population: str,
        bounds: tuple[int | None, int, int | None],
        when_and_where: Record,
        reports: Sequence[Record],
    ) -> Record:
        low, best, high = bounds
        return {
            "id": identity,
            "family": "casualty",
            "measure": "killed",
            "population": population,
            "object": None,
            "sex": "unspecified",
            "age": "unspecified",
            "cause": "unknown",
            "term": None,
            "unit": "person",
            "low": low,
            "best": best,
            "high": high,
            "open_ended": False,
            "qualifier": None,
            "status": "numbered",
            "reason": None,
            **when_and_where,
            "part_of": None,
            "nesting": None,
            "claims": self.saying.claims(reports, bounds),
        }


def _precision(days: int) -> str:
    if days == 0:
        return "day"
    return "days" if days < 7 else "month" if days <= 31 else "year"
