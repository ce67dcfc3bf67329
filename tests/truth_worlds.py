"""Generated worlds in which every death is known: its day, and which figures count it; and what is said of each figure.

Many worlds are one dataset, each in a state of its own, so that one load brings them and one question asks all of them. Places,
groups and documents are those of the cast. It knows nothing of how totals are reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from api.load.source import EmptySource
from api.store.record_types import Record
from tests.cast import CLAIMANTS, DOCUMENTS, GROUPS, RELAYS, dataset_of, event_of, saying_of, setting_of

# Around the ends of a week, a month and a year.
_FIRST_DAY = date(2023, 12, 18)
_LENGTHS = (0, 0, 0, 1, 2, 6, 13, 30)
_POPULATIONS = ("state_forces", "civilians", "unspecified")
_SEXES = ("female", "unspecified")
_AGES = ("child", "unspecified")
_CAUSES = ("heavy_weapons", "unknown")
_KINDS = ("incident", "episode", "aggregate")
_TYPES = (("battles", "armed_clash"), ("violence_against_civilians", "attack"))
_VERIFICATIONS = ("unverified", "corroborated")
_SPANS: tuple[Sequence[Sequence[int]], ...] = ([[0, 1]], [[0, 1], [9, 12]], [[5, 7]])
# Family, measure, terms.
_STRAINS: tuple[tuple[str, str, Sequence[str | None]], ...] = (
    ("casualty", "killed", (None,)),
    ("displacement", "displaced", ("evacuated", "displaced")),
)


@dataclass
class TruthWorld:
    """One world: its events with their figures, and of each figure the days of those whom it counts, by person."""

    state: str
    places: Sequence[str]
    events: list[Record] = field(default_factory=list)
    people: dict[str, dict[int, date]] = field(default_factory=dict)

    @property
    def figures(self) -> list[Record]:
        return [figure for event in self.events for figure in event["figures"]]

    def __repr__(self) -> str:
        lines = []
        for event in self.events:
            lines.append(f"{event['id']}: {event['kind']} {event['date_start']} {event['groups']}")
            for figure in event["figures"]:
                told = (
                    "population",
                    "sex",
                    "age",
                    "cause",
                    "term",
                    "location_id",
                    "part_of",
                    "nesting",
                    "status",
                    "low",
                    "best",
                    "high",
                )
                lines.append(
                    f"  {figure['id']} {figure['date_start']}..{figure['date_end']} "
                    + " ".join(f"{name}={figure[name]}" for name in told)
                    + f" people={sorted(day.isoformat() for day in self.people[figure['id']].values())}"
                )
                for claim in figure["claims"]:
                    said = ("document_id", "claimant", "chain", "verification", "is_preferred", "qualifier", "spans")
                    lines.append("    " + " ".join(str(claim[name]) for name in (*said, "low", "best", "high")))
        return "\n".join(lines)


def truth_worlds(dataset: str, number: int, seed: int) -> list[TruthWorld]:
    """So many worlds of one dataset."""
    return [_Maker(dataset, place, Random(f"{seed} {place}")).made() for place in range(number)]


class _Maker:
    """Makes one world."""

    def __init__(self, dataset: str, place: int, chance: Random) -> None:
        self.dataset = dataset
        self.chance = chance
        self.name = f"{dataset}-{place:04}"
        self.world = TruthWorld(f"{self.name}-state", [f"{self.name}-a", f"{self.name}-b", f"{self.name}-state"])
        self._next_person = 0
        self._period = self._some_period()

    def made(self) -> TruthWorld:
        chance = self.chance
        for number in range(chance.randint(1, 3)):
            type_, subtype = chance.choice(_TYPES)
            setting = self._setting(self._period if chance.random() < 0.5 else self._some_period())
            groups = [
                (group, role) for group in GROUPS[:3] for role in ("attacker", "target") if chance.random() < 0.25
            ]
            said = {"kind": chance.choice(_KINDS), "type": type_, "subtype": subtype, "dataset": self.dataset}
            parts = [{"group_id": group, "role": role, "certainty": "stated"} for group, role in groups]
            reports = [self._saying() for _ in range(chance.randint(0, 2))]
            event = event_of(f"{self.name}-e{number}", setting)
            self.world.events.append({**event, **said, "groups": parts, "reports": reports, "episodes": (event["id"],)})
        strains = chance.sample(_STRAINS, chance.choice((1, 1, 2)))
        for _ in range(chance.randint(1, 3)):
            self._family(*chance.choice(strains))
        return self.world

    def _family(self, family: str, measure: str, terms: Sequence[str | None]) -> None:
        """A whole with the parts that it has, if any."""
        chance = self.chance
        period = self._period if chance.random() < 0.5 else self._some_period()
        people = self._people(period, chance.randint(0, 6))
        event = chance.choice(self.world.events)
        of: Record = {"family": family, "measure": measure, "unit": "person", "object": None}
        cause = "unknown" if family == "casualty" else None
        likely: Record = {"sex": "unspecified", "age": "unspecified", "cause": cause, "term": chance.choice(terms)}
        likely["population"] = "unspecified"
        whole = self._figure(event, {**of, **likely, "part_of": None, "nesting": None}, period, people)
        left = dict(people)
        # Parts of which the very same is said, word by word, stand or fall with their whole.
        is_alike = chance.random() < 0.3
        for _ in range(chance.choice((0, 0, 1, 2, 3))):
            nesting = chance.choice(("certain", "certain", "possible"))
            inside = dict(chance.sample(sorted(left.items()), chance.randint(0, len(left))))
            own = period if is_alike or chance.random() < 0.5 else self._touching(period)
            inside = {person: day for person, day in inside.items() if own[0] <= day <= own[1]}
            for person in inside:
                del left[person]
            beside = self._people(own, chance.randint(0, 3)) if nesting == "possible" else {}
            home = event if is_alike or chance.random() < 0.6 else chance.choice(self.world.events)
            cell = {
                "population": chance.choice(_POPULATIONS),
                "sex": chance.choice(_SEXES),
                "age": chance.choice(_AGES),
                "cause": chance.choice(_CAUSES) if family == "casualty" else None,
                "term": likely["term"] if chance.random() < 0.6 else chance.choice(terms),
            }
            alike = whole if is_alike else None
            self._figure(home, {**of, **cell, "part_of": whole["id"], "nesting": nesting}, own, inside | beside, alike)

    def _figure(
        self,
        event: Record,
        of: Record,
        period: tuple[date, date],
        people: Mapping[int, date],
        alike: Record | None = None,
    ) -> Record:
        count = len(people)
        numbers = self._numbers(count)
        identity = f"{self.name}-f{len(self.world.people)}"
        setting = self._setting(period)
        if alike is not None:
            setting["location_id"] = alike["location_id"]
        claims = self._claims(count, numbers) if alike is None else self._repeated(alike, count, numbers)
        found = {
            **of,
            **numbers,
            **setting,
            "id": identity,
            "dataset": event["dataset"],
            "reason": None,
            "claims": claims,
        }
        event["figures"].append(found)
        self.world.people[identity] = dict(people)
        return found

    # --- What is said -----------------------------------------------------------------------------------------------

    def _numbers(self, count: int) -> Record:
        """Bounds that hold of so many people, in every combination of nulls; or no number."""
        chance = self.chance
        if chance.random() < 0.15:
            status = chance.choice(("unnumbered", "unknown"))
            word = "unknown" if status == "unknown" else None
            nothing: Record = {"low": None, "best": None, "high": None, "open_ended": chance.random() < 0.5}
            return {**nothing, "status": status, "qualifier": word}
        low: int | None = chance.randint(max(0, count - 3), count)
        high: int | None = chance.randint(count, count + 3)
        assert low is not None and high is not None
        best: int | None = chance.randint(low, high)
        if chance.random() < 0.3:
            best, high = low, None
        elif chance.random() < 0.15:
            low = None
        elif chance.random() < 0.15:
            best = None
        is_open = high is None and chance.random() < 0.5
        return {"low": low, "best": best, "high": high, "open_ended": is_open, "status": "numbered", "qualifier": None}

    def _claims(self, count: int, numbers: Record) -> list[Record]:
        found: list[Record] = []
        for _ in range(self.chance.choice((0, 1, 1, 1, 2, 3, 4))):
            own = self._numbers(count) if found else numbers
            is_preferred = not found and self.chance.random() < 0.7
            found.append({**self._saying(), **_said_of(own), "is_preferred": is_preferred})
        return found

    def _repeated(self, alike: Record, count: int, numbers: Record) -> list[Record]:
        """Claims by the very same as those of another figure."""
        found = []
        for claim in alike["claims"]:
            own = self._numbers(count) if found else numbers
            found.append({**deepcopy(claim), **_said_of(own)})
        return found

    def _saying(self) -> Record:
        chance = self.chance
        claimant = chance.choice((None, None, *(claimant for claimant in CLAIMANTS if "," not in claimant)))
        relay = chance.choice((None, None, *RELAYS))
        return saying_of(
            chance.choice(DOCUMENTS), claimant, chance.choice(_VERIFICATIONS), relay, chance.choice(_SPANS)
        )

    # --- When and where ---------------------------------------------------------------------------------------------

    def _some_period(self) -> tuple[date, date]:
        start = _FIRST_DAY + timedelta(self.chance.randint(0, 24))
        return start, start + timedelta(self.chance.choice(_LENGTHS))

    def _touching(self, period: tuple[date, date]) -> tuple[date, date]:
        """A period that has a day of another one."""
        length = self.chance.choice(_LENGTHS)
        earliest, latest = period[0] - timedelta(length), period[1]
        start = earliest + timedelta(self.chance.randint(0, (latest - earliest).days))
        return start, start + timedelta(length)

    def _people(self, period: tuple[date, date], count: int) -> dict[int, date]:
        found = {}
        for _ in range(count):
            self._next_person += 1
            found[self._next_person] = period[0] + timedelta(self.chance.randint(0, (period[1] - period[0]).days))
        return found

    def _setting(self, period: tuple[date, date]) -> Record:
        place = self.chance.choice((self.world.places[0], *self.world.places))
        return setting_of(period[0], (period[1] - period[0]).days, place)


def _said_of(numbers: Record) -> Record:
    return {"population": None, **{name: numbers[name] for name in ("low", "best", "high", "qualifier")}}


class TruthWorlds(EmptySource):
    """Worlds as one dataset, to be loaded."""

    content_hash = "1"

    def __init__(self, identity: str, worlds: Sequence[TruthWorld]) -> None:
        self.identity = identity
        self.worlds = worlds

    @property
    def dataset(self) -> Record:
        return dataset_of(self.identity)

    def locations(self) -> Iterator[Record]:
        return iter(places_of(self.worlds))

    def names(self, record_type: str, connection: Any = None) -> Mapping[str, Sequence[Record]]:
        if record_type != "location":
            return {}
        named = {"rank": 0, "language": None, "document_id": None}
        return {place["id"]: [{**named, "name": place["id"]}] for place in places_of(self.worlds)}

    def events(self) -> Iterator[Record]:
        for world in self.worlds:
            yield from deepcopy(world.events)


def places_of(worlds: Sequence[TruthWorld]) -> list[Record]:
    """The places of these worlds: each has a state with two townships."""
    nothing = dict.fromkeys(("native_name", "pcode", "latitude", "longitude", "uncertainty_km", "position_basis"))
    found = []
    for world in worlds:
        for identity in (world.state, *world.places[:2]):
            is_state = identity == world.state
            level, parent = ("state_or_region", "tha") if is_state else ("township", world.state)
            found.append(
                {**nothing, "id": identity, "name": identity, "level": level, "parent_id": parent, "country": "THA"}
            )
    return found
