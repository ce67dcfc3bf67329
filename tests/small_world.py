"""A small invented world, known by heart: three datasets, two countries, 26 events. Tests ask the API about it.

`PLACES`, `GROUPS`, `DOCUMENTS`, `RELATIONS` and the events of tests/small_world_events.py are what a plain-Python oracle
(tests/list_oracle.py) reads; `load_world` loads the same records. Knows no HTTP.

Made to be awkward: places on both sides of the antimeridian, nested and unrelated places of one name, accents,
apostrophes, Burmese script, members that join, leave and join again, an acronym that two groups share, an alias that
is another group's acronym, and one dataset that uses another's groups, places and documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from api.load.loading import load
from api.load.source import EmptySource, Expectation
from api.load.terms import Terms
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.record_types import Record
from tests.small_world_events import HILLS_EVENTS, ISLES_EVENTS, WITHDRAWN_EVENT

# When each dataset was loaded: the hills twice, for they had a second release.
LOADED_AT: Mapping[str, datetime] = {
    "atlas 1": datetime(2031, 5, 1, 8, tzinfo=UTC),
    "hills 1": datetime(2031, 5, 2, 8, tzinfo=UTC),
    "isles 1": datetime(2031, 5, 3, 8, tzinfo=UTC),
    "hills 2": datetime(2031, 5, 4, 8, tzinfo=UTC),
}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _dataset(identity: str, first: str | None, last: str | None, **told: str | bool | None) -> Record:
    return {
        "id": identity,
        "title": f"The {identity}, invented",
        "publisher": "Nobody",
        "description": None,
        "licence": "CC-BY-4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "citation": "Invented for tests",
        "release": "1",
        "first_date": _day(first),
        "last_date": _day(last),
        "is_redistributable": True,
        **told,
    }


DATASETS: Mapping[str, Record] = {
    "atlas": _dataset("atlas", None, None),
    "hills": _dataset("hills", "2031-01-01", "2031-03-31", citation='Résumé of the "Hills", 2031'),
    "isles": _dataset(
        "isles", "2031-02-01", "2031-04-30", licence="ask first", licence_url=None, is_redistributable=False
    ),
}


# --- Places ------------------------------------------------------------------------------------------------------


def _place(
    identity: str,
    name: str,
    level: str,
    parent: str | None,
    point: tuple[float, float] | None,
    *aliases: str,
    country: str | None = "MMR",
    pcode: str | None = None,
    native: str | None = None,
) -> Record:
    latitude, longitude = (None, None) if point is None else point
    return {
        "id": identity,
        "name": name,
        "native_name": native,
        "level": level,
        "parent_id": parent,
        "pcode": pcode,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
        "uncertainty_km": None if point is None else 2.5,
        "position_basis": None if point is None else "invented",
        "aliases": list(aliases),
    }


def _isle(
    identity: str, name: str, level: str, parent: str | None, point: tuple[float, float], *aliases: str
) -> Record:
    return _place(identity, name, level, parent, point, *aliases, country="FJI")


PLACES: Mapping[str, Record] = {
    place["id"]: place
    for place in (
        _place("mmr", "Myanmar", "country", None, (21.0, 96.0), "Burma"),
        _place("hill-country", "Hill Country", "area", "mmr", (21.5, 98.0), "The Hills State"),
        _place("mm01", "Hill Country (North)", "state_or_region", "hill-country", (22.9, 97.8), pcode="MM01"),
        _place("mm0101", "Lashio", "district", "mm01", (22.95, 97.8), pcode="MM0101"),
        _place("mm010101", "Lashio", "township", "mm0101", (22.96, 97.78), "Lasho", pcode="MM010101"),
        _place("lashio-town", "Lashio", "town", "mm010101", (22.94, 97.75), "Lasho", native="လားရှိုး"),
        _place("stone-bridge", "Stone Bridge", "site", "mm010101", (22.9, 97.7)),
        _place("taang-hsar", "Ta\u2019ang Hsar", "village", "mm010101", (23.1, 97.9), "Palaung Hsar"),
        _place("springs-north", "Springs", "village", "mm0101", (23.0, 98.1)),
        _place("mm02", "Hill Country (South)", "state_or_region", "hill-country", (20.8, 97.0), pcode="MM02"),
        _place("rivermouth-mm", "Rivermouth", "town", "mm02", (20.7, 97.1)),
        _place("mm03", "Plain", "state_or_region", "mmr", (23.0, 95.0), "Plain Region", pcode="MM03"),
        _place("kale-township", "Kalé", "township", "mm03", (23.2, 94.0), "Kalay", "Kale-myo"),
        _place("kawlin-village", "ကော့လင်း", "village", "kale-township", (23.79, 95.68), "Kawlin"),
        _place("springs-plain", "Springs", "village", "mm03", (22.5, 95.2)),
        _isle("fji", "Fiji", "country", None, (-17.8, 178.0), "Viti"),
        _isle("north-isles", "North Isles", "state_or_region", "fji", (-16.6, 179.3), "Îles du Nord"),
        _isle("west-reef", "West Reef", "town", "north-isles", (-16.8, 179.6)),
        _isle("east-reef", "East Reef", "town", "north-isles", (-16.7, -179.7)),
        _isle("rivermouth-fj", "Rivermouth", "town", "north-isles", (-16.9, 179.95)),
        _isle("south-isles", "South Isles", "state_or_region", "fji", (-19.1, 178.2)),
        _place("open-ocean", "Open Ocean", "area", None, None, country=None),
        _place("pathless-hamlet", "Pathless Hamlet", "village", "mm02", None),
    )
}

# --- Groups ------------------------------------------------------------------------------------------------------


def _group(
    identity: str, name: str, acronym: str | None, group_kind: str, *aliases: str, country: str | None = "MMR"
) -> Record:
    return {
        "id": identity,
        "name": name,
        "acronym": acronym,
        "group_kind": group_kind,
        "country": country,
        "description": None,
        "codes": [{"scheme": "ucdp_name", "code": name}] if acronym else [],
        "aliases": list(aliases),
    }


HILLS_GROUPS: Sequence[Record] = (
    _group("great-pact", "Great Pact", "GP", "alliance", "The Pact"),
    _group("stone-guard", "Stone Guard", "SG", "armed_group", "Guard of Stone"),
    _group("river-league", "River League", "RL", "armed_group"),
    _group("hill-youth", "Hill Youth", None, "armed_group", "Jeunesse des Collines"),
    _group("crown-army", "Crown Army", "CA", "force", "The Crown"),
    _group("crown-police", "Crown Police", None, "force"),
    _group("taang-band", "Ta\u2019ang Band", None, "armed_group", "Palaung Band"),
    # An acronym is tried before an alias, so `CA` is the Crown Army all the same.
    _group("coast-alliance", "Coast Alliance", None, "alliance", "CA"),
    _group("free-front-north", "Free Front (North)", "FF", "armed_group"),
    _group("people-of-lashio", "People of Lashio", None, "population"),
)
ISLES_GROUPS: Sequence[Record] = (
    _group("tide-movement", "Tide Movement", "TM", "armed_group", "Mouvement de la Marée", country="FJI"),
    _group("harbour-police", "Harbour Police", None, "force", country="FJI"),
    _group("free-front-isles", "Free Front (Isles)", "FF", "armed_group", country="FJI"),
    _group("silent-circle", "Silent Circle", None, "organisation", country=None),
)
GROUPS: Mapping[str, Record] = {
    **{group["id"]: {**group, "dataset": "hills"} for group in HILLS_GROUPS},
    **{group["id"]: {**group, "dataset": "isles"} for group in ISLES_GROUPS},
}


def _relation(dataset: str, one: str, type_: str, other: str, since: str | None, until: str | None) -> Record:
    return {
        "dataset": dataset,
        "from": one,
        "type": type_,
        "to": other,
        "valid_from": _day(since),
        "valid_to": _day(until),
    }


# The Stone Guard was in the pact, left it, and came back; the youth belongs to it through the league, for a while.
RELATIONS: Sequence[Record] = (
    _relation("hills", "stone-guard", "member_of", "great-pact", "2031-01-10", "2031-02-15"),
    _relation("hills", "stone-guard", "member_of", "great-pact", "2031-03-20", None),
    _relation("hills", "river-league", "member_of", "great-pact", "2031-02-01", None),
    _relation("hills", "hill-youth", "branch_of", "river-league", None, "2031-02-28"),
    _relation("hills", "crown-police", "branch_of", "crown-army", None, None),
    _relation("hills", "taang-band", "allied_with", "great-pact", None, None),
    _relation("isles", "river-league", "allied_with", "tide-movement", None, None),
)

# --- Documents ---------------------------------------------------------------------------------------------------


def _document(dataset: str, identity: str, outlet: str, published: str | None, *agencies: str) -> Record:
    return {
        "dataset": dataset,
        "id": identity,
        "outlet": outlet,
        "outlet_basis": "stated",
        "agencies": list(agencies),
        "title": None if published is None else f"News of {published}",
        "published_on": _day(published),
        "published_on_basis": None if published is None else "stated",
        "published_on_reason": None,
        "language": "en",
        "sha256": "0" * 64,
        "url": f"https://example.org/{identity}",
        "archive_url": f"https://archive.example/{identity}",
        "archived_on": date(2031, 5, 2),
        "length": 1000,
    }


DOCUMENTS: Mapping[str, Record] = {
    document["id"]: document
    for document in (
        _document("hills", "h1", "Hill Courier", "2031-01-20", "Réunion Press"),
        _document("hills", "h2", "Valley Post", "2031-02-21"),
        _document("hills", "h3", "Hill Courier", "2031-02-21"),
        _document("hills", "h4", "Unused Gazette", None),
        _document("isles", "i1", "Isle Times", "2031-03-04", "Hill Courier"),
        _document("isles", "i2", "Isle Times", None),
    )
}
# Spellings that the isles' documents add to what the hills and the atlas brought.
NAMES_FROM_ISLES: Mapping[str, Mapping[str, str]] = {
    "group": {"stone-guard": "Garde de Pierre"},
    "location": {"taang-hsar": "Tāang Sār"},
}


def names_of(kind: str, identity: str) -> list[str]:
    """All that a group or place is called, its id left out."""
    record = GROUPS[identity] if kind == "group" else PLACES[identity]
    code = record["acronym"] if kind == "group" else record["pcode"]
    native = [] if kind == "group" or record["native_name"] is None else [record["native_name"]]
    found = [code, record["name"], *native, *record["aliases"], NAMES_FROM_ISLES[kind].get(identity)]
    return [name for name in found if name is not None]


# --- As the load engine takes it ---------------------------------------------------------------------------------


def _name(rank: int, name: str, document: str | None = None) -> Record:
    return {"rank": rank, "name": name, "language": None, "document_id": document}


def _own_names(kind: str, identity: str) -> list[Record]:
    record = GROUPS[identity] if kind == "group" else PLACES[identity]
    code = record["acronym"] if kind == "group" else record["pcode"]
    met_by_isles = NAMES_FROM_ISLES[kind].get(identity)
    aliases = [name for name in names_of(kind, identity) if name not in (code, record["name"], met_by_isles)]
    return [
        _name(0, identity),
        *([] if code is None else [_name(1, code)]),
        _name(2, record["name"]),
        *(_name(3, alias) for alias in aliases),
    ]


def _without(record: Mapping[str, Any], *keys: str) -> Record:
    return {key: deepcopy(value) for key, value in record.items() if key not in keys}


class Part(EmptySource):
    """One dataset of the world, in one of its releases, as `api.load.loading.load` takes it."""

    is_whole = True
    keeps_used = False
    expectation = Expectation()

    def __init__(self, name: str, release: str, events: Sequence[Record]) -> None:
        self.name = name
        self.dataset: Record = {**DATASETS[name], "release": release}
        self.content_hash = f"{name} {release}"
        self._events = events

    def locations(self) -> Iterator[Record]:
        if self.name == "atlas":
            yield from (_without(place, "aliases") for place in PLACES.values())

    def documents(self) -> Iterator[Record]:
        yield from (_without(found, "dataset") for found in DOCUMENTS.values() if found["dataset"] == self.name)

    def groups(self) -> Iterator[Record]:
        own = (group for group in GROUPS.values() if group["dataset"] == self.name)
        yield from (_without(group, "dataset", "aliases") for group in own)

    def names(self, record_type: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        if record_type == "location":
            own = list(PLACES) if self.name == "atlas" else []
        else:
            own = [group["id"] for group in GROUPS.values() if group["dataset"] == self.name]
        found = {identity: _own_names(record_type, identity) for identity in own}
        if self.name == "isles":
            found |= {identity: [_name(3, name, "i1")] for identity, name in NAMES_FROM_ISLES[record_type].items()}
        return found

    def relations(self) -> Mapping[str, Sequence[Record]]:
        document = {"hills": "h1", "isles": "i1"}.get(self.name)
        found: dict[str, list[Record]] = {}
        for relation in RELATIONS:
            if relation["dataset"] == self.name:
                row = {**_without(relation, "dataset", "from", "to"), "to_group_id": relation["to"]}
                found.setdefault(relation["from"], []).append({**row, "document_id": document, "spans": [[0, 10]]})
        return found

    def events(self) -> Iterator[Record]:
        yield from deepcopy(list(self._events))


def _first_release() -> list[Record]:
    """The hills as they first stood: one event more, and one number that was corrected later."""
    before = deepcopy(list(HILLS_EVENTS))
    (corrected,) = (event for event in before if event["id"] == "kale-arrests-2031-02-03")
    corrected["figures"][0]["claims"][0]["best"] = corrected["figures"][0]["best"] = 3
    corrected["figures"][0]["low"] = 3
    return [*before, deepcopy(WITHDRAWN_EVENT)]


ATLAS, ISLES = Part("atlas", "1", ()), Part("isles", "1", ISLES_EVENTS)
HILLS, FIRST_HILLS = Part("hills", "2", HILLS_EVENTS), Part("hills", "1", _first_release())


def load_world(address: str, *parts: Part) -> None:
    """Loads the world into a migrated database, each part at its own time; these parts alone where some are named."""
    engine = connect_for_loading(Settings(database_url=address))
    for part in parts or (ATLAS, FIRST_HILLS, ISLES, HILLS):
        load(engine, part, lambda _what, _count: None, terms=Terms(at=LOADED_AT[part.content_hash]))
    engine.dispose()
