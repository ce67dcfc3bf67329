"""Where the generated world is and who is in it: places, documents, groups, and who fights where and when."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

Record = dict[str, Any]

STATES_A_COUNTRY, DISTRICTS_A_STATE, PLACES_A_DISTRICT = 12, 8, 6
GROUPS_A_COUNTRY = 20
# In so many parts of the whole time; every second group is there in two of them, the others always.
ERAS = 5
# How often the other side has come from the neighbouring country.
SHARE_OF_STRANGERS = 0.02
OUTLETS = 197


def skewed(count: int, power: float = 1.0) -> list[float]:
    """Cumulative weights that fall off as real places, actors and outlets do."""
    return list(accumulate(1 / (rank + 1) ** power for rank in range(count)))


def code_of(country: int) -> str:
    """The id of a country, by its number; its code in capitals is one that ISO 3166 leaves to users."""
    return "q" + chr(97 + country // 26) + chr(97 + country % 26)


def names_of(record: Record) -> list[Record]:
    """What a place or group is called."""
    return [
        {"rank": 0, "name": record["id"], "language": None, "document_id": None},
        {"rank": 2, "name": record["name"], "language": None, "document_id": None},
    ]


class Sides:
    """Who fights where and when: the groups of each country in each era, the frequent ones first."""

    def __init__(self, countries: Sequence[str]) -> None:
        self._homes = {country: number for number, country in enumerate(countries)}
        self._present = {
            (home, era): [home + len(countries) * rank for rank in range(GROUPS_A_COUNTRY) if _is_present(rank, era)]
            for home in range(len(countries))
            for era in range(ERAS)
        }
        self._weights = {key: skewed(len(groups)) for key, groups in self._present.items()}

    def choose(self, numbers: random.Random, country: str, share_of_time: float) -> tuple[int, int]:
        """Attacker and defender, by number; one may be both."""
        era = min(int(share_of_time * ERAS), ERAS - 1)
        home = self._homes[country]
        key = (home, era)
        one, other = numbers.choices(self._present[key], cum_weights=self._weights[key], k=2)
        if numbers.random() < SHARE_OF_STRANGERS:
            other = numbers.choice(self._present[(home + 1) % len(self._homes), era])
        return one, other


def _is_present(rank: int, era: int) -> bool:
    """Whether the groups of this rank in their country fight in this era."""
    return rank % 2 == 0 or era - rank // 2 % (ERAS - 1) in (0, 1)


def places(identity: str, seed: int, countries: int) -> Iterator[tuple[Record, bool]]:
    """Places, each after that in which it lies, and whether nothing lies in it."""
    numbers = random.Random(seed)
    for c in range(countries):
        country = code_of(c)
        code = country.upper()
        latitude, longitude = numbers.uniform(-50, 50), numbers.uniform(-150, 150)
        yield _place(country, f"Country {code}", "country", None, code, (latitude, longitude)), False
        for s in range(STATES_A_COUNTRY):
            state = f"{identity}-{country}-s{s}"
            at = (latitude + numbers.uniform(-5, 5), longitude + numbers.uniform(-5, 5))
            yield _place(state, f"State {code} {s}", "state_or_region", country, code, at), False
            for d in range(DISTRICTS_A_STATE):
                district = f"{state}-d{d}"
                yield _place(district, f"District {code} {s} {d}", "district", state, code, at), False
                for p in range(PLACES_A_DISTRICT):
                    point = (at[0] + numbers.uniform(-1, 1), at[1] + numbers.uniform(-1, 1))
                    town = f"{district}-p{p}"
                    yield _place(town, f"Town {code} {s} {d} {p}", "town", district, code, point), True


def _place(identity: str, name: str, level: str, parent: str | None, code: str, point: tuple[float, float]) -> Record:
    return {
        "id": identity,
        "name": name,
        "native_name": None,
        "level": level,
        "parent_id": parent,
        "pcode": None,
        "country": code,
        "latitude": round(point[0], 5),
        "longitude": round(point[1], 5),
        "uncertainty_km": 2.0,
        "position_basis": "generated",
    }


def documents(identity: str, count: int, first: date, days: int) -> Iterator[Record]:
    """Documents of outlets of which a few print most."""
    numbers = random.Random(count)
    weights = skewed(OUTLETS)
    for number in range(count):
        (outlet,) = numbers.choices(range(OUTLETS), cum_weights=weights)
        yield {
            "id": f"{identity}-document-{number}",
            "outlet": f"Outlet {outlet}",
            "outlet_basis": "stated",
            "agencies": [],
            "title": None,
            "published_on": first + timedelta(days=numbers.randrange(days)),
            "published_on_basis": "stated",
            "published_on_reason": None,
            "language": None,
            "sha256": None,
            **dict.fromkeys(("url", "archive_url", "archived_on")),
            "length": None,
        }


def groups(identity: str, countries: int) -> Iterator[Record]:
    """The groups of all countries, by number."""
    for number in range(countries * GROUPS_A_COUNTRY):
        yield {
            "id": f"{identity}-group-{number}",
            "name": f"Group number {number}",
            "acronym": None,
            "group_kind": "force" if number % 5 == 0 else "armed_group",
            "country": None,
            "description": None,
            "codes": [],
        }
