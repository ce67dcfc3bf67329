"""A made-up dataset of any size with the shape of real GED data: skewed places, actors and dates, from a seed.

Three events in ten have several figures: a total and its split by side. As in the real data, groups fight at home and
some only for some years, so that there are frequent groups, countries and periods that exclude each other. Nothing in
it is real.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection

from api.loading import Expectation

Record = dict[str, Any]

# The most countries that there are; very small worlds have fewer, so that they are quickly made.
MOST_COUNTRIES, LEAST_COUNTRIES, EVENTS_A_COUNTRY = 30, 3, 100
STATES_A_COUNTRY = 12
DISTRICTS_A_STATE = 8
PLACES_A_DISTRICT = 6
GROUPS_A_COUNTRY = 20
# In so many parts of the whole time; every second group is there in two of them, the others always.
ERAS = 5
# How often the other side has come from the neighbouring country.
SHARE_OF_STRANGERS = 0.02
# The most documents that there are; fewer events than that come from fewer of them.
MOST_DOCUMENTS, LEAST_DOCUMENTS, EVENTS_A_DOCUMENT = 20_000, 50, 5
FIRST_DAY = date(1989, 1, 1)
DAYS = 35 * 365
# A third of the real dataset's events have a split by side beside their total. Numbers of dead fall off as a power;
# only those of two or more can be split, and so many events have one.
SHARE_WITH_PARTS = 0.3
SHARE_WITH_DEAD, POWER = 0.9, 1.1
SHARE_DIVISIBLE = SHARE_WITH_DEAD * 2**-POWER
TYPES = (
    ("battles", "armed_clash"),
    ("violence_against_civilians", "attack"),
    ("explosions_remote_violence", "shelling_artillery_missile_attack"),
)
TYPE_WEIGHTS = (0.72, 0.2, 0.08)
PRECISIONS = (("exact", 0.55), ("near", 0.2), ("district", 0.15), ("state_or_region", 0.1))
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


def _skewed(count: int, power: float = 1.0) -> list[float]:
    """Cumulative weights that fall off as real places and actors do."""
    return list(accumulate(1 / (rank + 1) ** power for rank in range(count)))


class _Sides:
    """Who fights where and when: the groups of each country in each era, the frequent ones first."""

    def __init__(self, countries: int) -> None:
        self._homes = {_code(country).upper(): country for country in range(countries)}
        self._present = {
            (country, era): [country + countries * rank for rank in range(GROUPS_A_COUNTRY) if _is_present(rank, era)]
            for country in range(countries)
            for era in range(ERAS)
        }
        self._weights = {key: _skewed(len(groups)) for key, groups in self._present.items()}

    def choose(self, numbers: random.Random, place: Record, day: date) -> tuple[int, int]:
        """Attacker and defender, by number; one may be both."""
        era = min((day - FIRST_DAY).days * ERAS // DAYS, ERAS - 1)
        home = self._homes[place["country"]]
        key = (home, era)
        one, other = numbers.choices(self._present[key], cum_weights=self._weights[key], k=2)
        if numbers.random() < SHARE_OF_STRANGERS:
            other = numbers.choice(self._present[(home + 1) % len(self._homes), era])
        return one, other


def _is_present(rank: int, era: int) -> bool:
    """Whether the groups of this rank in their country fight in this era."""
    return rank % 2 == 0 or era - rank // 2 % (ERAS - 1) in (0, 1)


def _code(country: int) -> str:
    """The id of a country, by its number; its code in capitals is one that ISO 3166 leaves to users."""
    return "q" + chr(97 + country // 26) + chr(97 + country % 26)


def _names(record: Record) -> list[Record]:
    """What a place or group is called."""
    return [
        {"rank": 0, "name": record["id"], "language": None, "document_id": None},
        {"rank": 2, "name": record["name"], "language": None, "document_id": None},
    ]


@dataclass
class World:
    """A generated dataset, as a source for the load engine."""

    events_wanted: int
    seed: int = 1027
    identity: str = "world"
    is_complete: bool = True
    keeps_used: bool = False
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
    def countries_wanted(self) -> int:
        return max(LEAST_COUNTRIES, min(self.events_wanted // EVENTS_A_COUNTRY, MOST_COUNTRIES))

    @property
    def documents_wanted(self) -> int:
        return max(LEAST_DOCUMENTS, min(self.events_wanted // EVENTS_A_DOCUMENT, MOST_DOCUMENTS))

    @property
    def content_hash(self) -> str:
        return f"{self.events_wanted}-{self.seed}"

    def records(self, _connection: Connection) -> Iterator[tuple[str, Record]]:
        """Places, documents and groups, then events, each made when it is asked for."""
        for place in self.locations():
            yield "location", {**place, "names": _names(place)}
        for document in self.documents():
            yield "document", document
        for group in self.groups():
            yield "group", {**group, "names": _names(group)}
        for event in self.events():
            yield "event", event

    def locations(self) -> Iterator[Record]:
        for record, _leaf in self._places():
            yield record

    def _places(self) -> Iterator[tuple[Record, bool]]:
        numbers = random.Random(self.seed)
        for c in range(self.countries_wanted):
            country = _code(c)
            code = country.upper()
            latitude, longitude = numbers.uniform(-50, 50), numbers.uniform(-150, 150)
            yield self._place(country, f"Country {code}", "country", None, code, latitude, longitude), False
            for s in range(STATES_A_COUNTRY):
                state = f"{self.identity}-{country}-s{s}"
                north, east = latitude + numbers.uniform(-5, 5), longitude + numbers.uniform(-5, 5)
                yield self._place(state, f"State {code} {s}", "state_or_region", country, code, north, east), False
                for d in range(DISTRICTS_A_STATE):
                    district = f"{state}-d{d}"
                    yield self._place(district, f"District {code} {s} {d}", "district", state, code, north, east), False
                    for p in range(PLACES_A_DISTRICT):
                        at = (north + numbers.uniform(-1, 1), east + numbers.uniform(-1, 1))
                        town = f"{district}-p{p}"
                        yield self._place(town, f"Town {code} {s} {d} {p}", "town", district, code, *at), True

    @staticmethod
    def _place(
        identity: str, name: str, level: str, parent: str | None, code: str, latitude: float, longitude: float
    ) -> Record:
        return {
            "id": identity,
            "name": name,
            "native_name": None,
            "level": level,
            "parent_id": parent,
            "pcode": None,
            "country": code,
            "latitude": round(latitude, 5),
            "longitude": round(longitude, 5),
            "uncertainty_km": 2.0,
            "position_basis": "generated",
        }

    def documents(self) -> Iterator[Record]:
        for number in range(self.documents_wanted):
            yield {
                "id": f"{self.identity}-document-{number}",
                "outlet": f"Outlet {number % 97}",
                "outlet_basis": "stated",
                "agencies": [],
                "title": None,
                "published_on": FIRST_DAY + timedelta(days=number % DAYS),
                "published_on_basis": "stated",
                "published_on_reason": None,
                "language": None,
                "sha256": None,
                "length": None,
            }

    def groups(self) -> Iterator[Record]:
        for number in range(self.countries_wanted * GROUPS_A_COUNTRY):
            yield {
                "id": f"{self.identity}-group-{number}",
                "name": f"Group number {number}",
                "acronym": None,
                "group_kind": "force" if number % 5 == 0 else "armed_group",
                "country": None,
                "description": None,
                "codes": [],
            }

    def names(self, kind: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        del connection
        records = self.locations() if kind == "location" else self.groups()
        return {record["id"]: _names(record) for record in records}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return {}

    def events(self) -> Iterator[Record]:
        numbers = random.Random(self.seed + 1)
        leaves = [record for record, is_leaf in self._places() if is_leaf]
        numbers.shuffle(leaves)
        place_weights = _skewed(len(leaves))
        sides = _Sides(self.countries_wanted)
        precisions = [precision for precision, _share in PRECISIONS]
        precision_weights = list(accumulate(share for _precision, share in PRECISIONS))
        type_weights = list(accumulate(TYPE_WEIGHTS))
        for number in range(self.events_wanted):
            (place,) = numbers.choices(leaves, cum_weights=place_weights)
            (kind,) = numbers.choices(TYPES, cum_weights=type_weights)
            (precision,) = numbers.choices(precisions, cum_weights=precision_weights)
            # More of the events are recent, as more of the reporting is.
            start = FIRST_DAY + timedelta(days=int(DAYS * numbers.random() ** 0.6))
            end = start + timedelta(days=0 if numbers.random() < 0.8 else numbers.randint(1, 30))
            yield self._event(
                numbers, number, place, sides.choose(numbers, place, start), kind, (start, end), precision
            )

    def _event(
        self,
        numbers: random.Random,
        number: int,
        place: Record,
        sides: tuple[int, int],
        kind: tuple[str, str],
        period: tuple[date, date],
        precision: str,
    ) -> Record:
        identity = f"{self.identity}-{number}"
        when_and_where = {
            "date_start": period[0],
            "date_end": period[1],
            "date_precision": "day"
            if period[0] == period[1]
            else "days"
            if (period[1] - period[0]).days < 7
            else "month",
            "date_reason": None,
            "location_id": place["id"],
            "latitude": round(place["latitude"] + numbers.uniform(-0.05, 0.05), 5),
            "longitude": round(place["longitude"] + numbers.uniform(-0.05, 0.05), 5),
            "location_precision": precision,
        }
        document = f"{self.identity}-document-{numbers.randrange(self.documents_wanted)}"
        said: Record = {
            "document_id": document,
            "spans": [],
            "claimant": None,
            "chain": [],
            "verification": "unverified",
        }
        roles = [(sides[0], "attacker")] + ([(sides[1], "defender")] if sides[0] != sides[1] else [])
        # The frequent word stands in every second event, the others are as skewed as words are.
        text = numbers.choices(WORDS, k=3) + (["fighting"] if number % 2 else [])
        return {
            "id": identity,
            "kind": "incident",
            "type": kind[0],
            "subtype": kind[1],
            "title": f"Group number {sides[0]} against group number {sides[1]}: {' '.join(text)}",
            "summary": None,
            **when_and_where,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": {"type_of_violence": 1 + number % 3, "where_prec": 1 + number % 5},
            "groups": [
                {"group_id": f"{self.identity}-group-{side}", "role": role, "certainty": "inferred"}
                for side, role in roles
            ],
            "reports": [said],
            "figures": self._figures(numbers, identity, when_and_where, said),
        }

    @staticmethod
    def _figures(numbers: random.Random, identity: str, when_and_where: Record, said: Record) -> list[Record]:
        best = int(numbers.paretovariate(POWER)) if numbers.random() < SHARE_WITH_DEAD else 0
        best = min(best, 5000)
        high = best + int(numbers.random() * best) + (1 if best == 0 else 0)

        def figure(
            suffix: str, population: str, bounds: tuple[int | None, int, int | None], whole: str | None
        ) -> Record:
            low, middle, top = bounds
            return {
                "id": f"{identity}-killed{suffix}",
                "family": "casualty",
                "measure": "killed",
                "population": population,
                "object": None,
                "sex": "unspecified",
                "term": None,
                "unit": "person",
                "low": low,
                "best": middle,
                "high": top,
                "open_ended": False,
                "qualifier": None,
                "status": "numbered",
                "reason": None,
                **when_and_where,
                "part_of": whole,
                "nesting": None if whole is None else "certain",
                "claims": [
                    {
                        **said,
                        "qualifier": "exact",
                        "low": low,
                        "best": middle,
                        "high": top,
                        "is_preferred": True,
                    }
                ],
            }

        whole = figure("", "mixed", (best // 2, best, high), None)
        if best < 2 or numbers.random() >= SHARE_WITH_PARTS / SHARE_DIVISIBLE:
            return [whole]
        of_one = numbers.randrange(1, best)
        return [
            whole,
            figure("-a", "state_forces", (None, of_one, None), whole["id"]),
            figure("-b", "armed_opposition", (None, best - of_one, None), whole["id"]),
        ]
