"""Generated worlds: small datasets of every shape that the schema lets in, as sources for the load engine.

A world is made to collide: few places, days, groups and measures, so that wholes and parts often share all of them and
often just miss. What is printed of its events is invented. It knows nothing of how totals are reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from hypothesis import strategies as st
from sqlalchemy import Connection

from api.history import Record
from seeds.corpora import Gazetteer, Nothing
from tests.totals_oracle import Known, Membership

_numbers = count(1)

# --- What all worlds share ---------------------------------------------------------------------------------------

# From whole countries down to one site; places inside one another, beside one another, and in no country at all.
PLACES = (
    "mmr015001701",
    "mmr015001",
    "mmr015d001",
    "mmr015",
    "mmr014",
    "shan-state",
    "mmr",
    "mmr005024701",
    "mmr005",
    "mmr015302701",
    "muse-border-trade-zone",
    "south-east-asia",
    "cast-province",
    "cast-town",
    "tha",
)
# What is asked for beside them: subtrees that hold several.
WIDER_PLACES = ("mmr005d011", "mmr015009", "mmr015d002")
COUNTRIES = ("MMR", "THA")
GROUPS = ("cast-hill-guard", "cast-river-pact", "cast-plain-league", "cast-city-watch")
DOCUMENTS = ("cast-gazette", "cast-courier", "cast-post")
# Words for somebody who is no group may hold whatever a sentence holds.
CLAIMANTS = (
    "cast-hill-guard",
    "cast-city-watch",
    "a miller & his son",
    "a trader, in Lashio",
    '"Nurse" Thandé; unnamed',
)
_MEMBERSHIPS = (
    Membership("cast-hill-guard", "cast-river-pact", None, date(2023, 11, 5)),
    Membership("cast-hill-guard", "cast-plain-league", date(2023, 12, 31), None),
    Membership("cast-river-pact", "cast-plain-league", date(2023, 11, 1), date(2023, 12, 31)),
    Membership("cast-city-watch", "cast-river-pact", None, None),
)


def _dataset(identity: str) -> Record:
    return {
        "id": identity,
        "title": f"Invented dataset {identity}",
        "publisher": "Nobody",
        "description": None,
        "licence": "CC0-1.0",
        "licence_url": None,
        "citation": "Invented for tests.",
        "release": "1",
        "first_date": None,
        "last_date": None,
        "is_redistributable": True,
    }


def _place(identity: str, level: str, parent: str | None) -> Record:
    return {
        "id": identity,
        "name": identity.replace("-", " ").title(),
        "native_name": None,
        "level": level,
        "parent_id": parent,
        "pcode": None,
        "country": "THA",
        "latitude": None,
        "longitude": None,
        "uncertainty_km": None,
        "position_basis": None,
    }


class Cast(Nothing):
    """Who and where every world is about: groups, documents, claimants, and a second country."""

    content_hash = "1"
    dataset = _dataset("cast")

    def locations(self) -> Iterator[Record]:
        # A town that hangs on its province leaves the levels between empty.
        yield from (_place("tha", "country", None), _place("cast-province", "state_or_region", "tha"))
        yield _place("cast-town", "town", "cast-province")

    def documents(self) -> Iterator[Record]:
        for identity in DOCUMENTS:
            nothing = dict.fromkeys(
                ("title", "published_on", "published_on_basis", "published_on_reason", "language", "sha256", "length")
            )
            yield {**nothing, "id": identity, "outlet": identity, "outlet_basis": "stated", "agencies": []}

    def groups(self) -> Iterator[Record]:
        for identity in GROUPS:
            yield {
                "id": identity,
                "name": identity,
                "acronym": None,
                "group_kind": "armed_group",
                "country": None,
                "description": None,
                "codes": [],
            }

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        listed = GROUPS if kind == "group" else ("tha", "cast-province", "cast-town")
        return {identity: [{"rank": 0, "name": identity, "language": None, "document_id": None}] for identity in listed}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        found: dict[str, list[Record]] = {}
        for link in _MEMBERSHIPS:
            period = {"valid_from": link.since, "valid_to": link.until}
            held: Record = {"to_group_id": link.whole, "type": "member_of", "document_id": None, "spans": []}
            found.setdefault(link.member, []).append({**held, **period})
        return found

    def events(self) -> Iterator[Record]:
        # Whoever is asked about must have said something in some dataset.
        said = [_saying(DOCUMENTS[0], claimant, "unverified") for claimant in CLAIMANTS]
        yield {**_event("cast-event", _setting(date(2020, 1, 1), 0, "tha")), "reports": said}


def known() -> Known:
    """The places and memberships that every world stands on."""
    locations = [*Gazetteer().locations(), *Cast().locations()]
    return Known({place["id"]: place for place in locations}, _MEMBERSHIPS)


# --- Records -----------------------------------------------------------------------------------------------------


def _setting(
    start: date,
    days: int,
    location: str,
    precisions: tuple[str, str] = ("day", "exact"),
    point: tuple[float, float] | None = None,
) -> Record:
    """A time and a place."""
    return {
        "date_start": start,
        "date_end": start + timedelta(days),
        "date_precision": precisions[0],
        "date_reason": None,
        "location_id": location,
        "location_precision": precisions[1],
        "latitude": None if point is None else point[0],
        "longitude": None if point is None else point[1],
    }


def _event(identity: str, setting: Record) -> Record:
    return {
        "id": identity,
        "kind": "incident",
        "type": "battles",
        "subtype": None,
        "title": "An invented event",
        "summary": None,
        "part_of": None,
        "outcome": None,
        "coding_status": "coded",
        "codes": None,
        "groups": [],
        "reports": [],
        "figures": [],
        **setting,
    }


def _saying(document: str, claimant: str | None, verification: str) -> Record:
    said = {"document_id": document, "claimant": claimant, "verification": verification}
    return {**said, "spans": [[0, 1]], "chain": []}


@dataclass(frozen=True, repr=False)
class World:
    """The events of one or two datasets. Each record also says its `dataset`, and events their `episodes`."""

    datasets: tuple[str, ...]
    events: tuple[Record, ...]

    @property
    def figures(self) -> list[Record]:
        return [figure for event in self.events for figure in event["figures"]]

    def sources(self) -> list[WorldSource]:
        return [WorldSource(identity, self) for identity in self.datasets]

    def __repr__(self) -> str:
        """What a failing test prints: a line for each event and figure, with what is unlike the others."""
        told = ("kind", "subtype", "part_of", "groups", "population", "sex", "term", "measure", "object", "nesting")
        where = ("date_start", "date_end", "date_precision", "location_id", "location_precision", "latitude")
        lines = []
        for event in self.events:
            for record in (event, *event["figures"]):
                facts = [f"{name}={record[name]}" for name in (*told, *where) if record.get(name) not in (None, [])]
                if record is not event:
                    facts.append(
                        " ".join(str(record[name]) for name in ("status", "low", "best", "high", "open_ended"))
                    )
                listed = record["reports" if record is event else "claims"]
                facts += [f"{said['document_id']}/{said['claimant']}/{said['verification']}" for said in listed]
                lines.append(f"{record['id']} of {record['dataset']}: {', '.join(facts)}")
        return "World(\n  " + "\n  ".join(lines) + "\n)"


class WorldSource(Nothing):
    """One dataset of a world, to be loaded."""

    content_hash = "1"

    def __init__(self, identity: str, world: World) -> None:
        self.identity = identity
        self.world = world

    @property
    def dataset(self) -> Record:
        return _dataset(self.identity)

    def events(self) -> Iterator[Record]:
        for event in self.world.events:
            if event["dataset"] == self.identity:
                yield deepcopy(event)


# --- Strategies --------------------------------------------------------------------------------------------------

# Days at the edges of months, years and ISO weeks: 2024-12-30 lies in the first week of 2025.
_DAYS = tuple(
    date.fromisoformat(day)
    for day in ("2023-10-31", "2023-11-01", "2023-11-05", "2023-11-06", "2023-12-31", "2024-01-01", "2024-12-30")
)
POINTS = (None, (22.0, 97.5), (24.0, 95.5))
POPULATIONS = ("state_forces", "civilians", "mixed")
SEXES = ("female", "male", "unspecified")
VERIFICATIONS = ("unverified", "corroborated")
ROLES = ("attacker", "defender", "target")
KINDS = ("incident", "episode", "aggregate")
TYPES = (("battles", "armed_clash"), ("battles", None), ("violence_against_civilians", "attack"))
TITLES = ("alpha", "beta", "alpha beta")

# Family, measure, unit and object: what is never added to anything else.
_STRAINS = (
    ("casualty", "killed", "person", None),
    ("displacement", "displaced", "person", None),
    ("displacement", "displaced", "household", None),
    ("casualty", "injured", "person", None),
    ("damage", "destroyed", "thing", "house"),
    ("damage", "destroyed", "thing", "school"),
    ("force", "air_strikes", "thing", None),
    ("context", "population", "person", None),
)
_OF_THINGS = ("damage", "force")

_settings = st.builds(
    _setting,
    st.sampled_from(_DAYS),
    st.sampled_from((0, 0, 1, 7, 60)),
    st.sampled_from(PLACES),
    st.tuples(
        st.sampled_from(("day", "days", "week", "month", "year")),
        st.sampled_from(("exact", "near", "district", "state_or_region", "country")),
    ),
    st.sampled_from(POINTS),
)
_claimants = st.sampled_from((None, *CLAIMANTS))
_sayings = st.builds(_saying, st.sampled_from(DOCUMENTS), _claimants, st.sampled_from(VERIFICATIONS))
_participations = st.lists(
    st.fixed_dictionaries(
        {
            "group_id": st.sampled_from(GROUPS),
            "role": st.sampled_from(ROLES),
            "certainty": st.just("stated"),
        }
    ),
    max_size=3,
    unique_by=lambda part: (part["group_id"], part["role"]),
)


@st.composite
def _numbers_of(draw: st.DrawFn, largest: int) -> Record:
    """Bounds in every combination of nulls that the schema takes."""
    status = draw(st.sampled_from(("numbered",) * 7 + ("unnumbered", "unknown", "none_reported")))
    if status == "none_reported":
        return {"status": status, "low": 0, "best": 0, "high": 0, "open_ended": False, "qualifier": "none_reported"}
    if status != "numbered":
        nothing: Record = {"status": status, "low": None, "best": None, "high": None, "qualifier": None}
        return {**nothing, "open_ended": draw(st.booleans())}
    bounds = sorted(draw(st.lists(st.integers(0, largest), min_size=3, max_size=3)))
    given = draw(st.sampled_from(("111", "111", "111", "110", "100", "101", "011", "010", "001")))
    low, best, high = (number if is_given == "1" else None for number, is_given in zip(bounds, given, strict=True))
    opens = high is None and draw(st.booleans())
    return {"status": status, "low": low, "best": best, "high": high, "open_ended": opens, "qualifier": None}


@st.composite
def _claims(draw: st.DrawFn, numbers: Record) -> list[Record]:
    """What is said of a figure: its own numbers first, and others that the totals do not care for."""
    found: list[Record] = []
    for said in draw(st.lists(_sayings, max_size=3)):
        number = draw(st.integers(0, 99))
        bounds = {name: numbers[name] if not found else number for name in ("low", "best", "high")}
        found.append({**said, **bounds, "qualifier": "exact", "is_preferred": not found})
    return found


@dataclass(frozen=True)
class _Mould:
    """What the figures of one world are made from."""

    settings: Sequence[Record]
    strains: Sequence[tuple[str, str, str, str | None]]
    largest: int


@st.composite
def _figure(draw: st.DrawFn, identity: str, event: Record, whole: Record | None, mould: _Mould) -> Record:
    """A figure of the event, perhaps a part of a whole, with which it then often shares everything but whose people."""
    if whole is None:
        family, measure, unit, thing = draw(st.sampled_from(mould.strains))
    else:
        family, measure, unit, thing = (whole[name] for name in ("family", "measure", "unit", "object"))
    likely = event if whole is None else whole
    same = {name: likely[name] for name in mould.settings[0]}
    setting = same if draw(st.integers(0, 3)) else draw(st.sampled_from(mould.settings))
    # Parts that are smaller than their whole leave something over more often than not.
    numbers = draw(_numbers_of(mould.largest if whole is None else max(1, mould.largest // 2)))
    people: Record = {"population": None, "sex": None, "term": None}
    if family not in _OF_THINGS:
        people["population"] = draw(st.sampled_from(POPULATIONS))
        if whole is not None and draw(st.booleans()):
            people |= {"sex": whole["sex"], "term": whole["term"]}
        else:
            people["sex"] = draw(st.sampled_from(SEXES))
            people["term"] = draw(st.sampled_from((None, "displaced", "evacuated"))) if measure == "displaced" else None
    return {
        "id": identity,
        "dataset": event["dataset"],
        "type": event["type"],
        "family": family,
        "measure": measure,
        "unit": unit,
        "object": thing,
        **people,
        **numbers,
        "reason": None,
        **setting,
        "part_of": None if whole is None else whole["id"],
        "nesting": None if whole is None else draw(st.sampled_from(("certain", "possible"))),
        "claims": draw(_claims(numbers)),
    }


@st.composite
def worlds(draw: st.DrawFn, most_events: int = 4, most_figures: int = 9, largest: int = 40) -> World:
    """Worlds with ids of their own, so that all of them fit into one database."""
    name = f"w{next(_numbers)}"
    datasets = (name, f"{name}-b") if draw(st.integers(0, 4)) == 4 else (name,)
    settings = draw(st.lists(_settings, min_size=1, max_size=3))
    mould = _Mould(settings, draw(st.lists(st.sampled_from(_STRAINS), min_size=1, max_size=2)), largest)
    events: list[Record] = []
    for number in range(draw(st.integers(1, most_events))):
        setting = draw(st.sampled_from(settings))
        dataset = draw(st.sampled_from(datasets))
        type_, subtype = draw(st.sampled_from(TYPES))
        episode = draw(st.sampled_from((None, *(event for event in events if event["dataset"] == dataset))))
        identity = f"{name}-e{number}"
        events.append(
            {
                **_event(identity, setting),
                "dataset": dataset,
                "kind": draw(st.sampled_from(KINDS)),
                "type": type_,
                "subtype": subtype,
                "title": draw(st.sampled_from(TITLES)),
                "part_of": None if episode is None else episode["id"],
                "episodes": (identity, *(() if episode is None else episode["episodes"])),
                "groups": draw(_participations),
                "reports": draw(st.lists(_sayings, max_size=2)),
            }
        )
    tops: list[tuple[Record, Record]] = []
    for number in range(draw(st.integers(1, most_figures))):
        home, whole = draw(st.sampled_from(((None, None), *tops)))
        beside = [event for event in events if home is None or event["dataset"] == home["dataset"]]
        # A part lies in its whole's own event as often as not.
        event = home if home is not None and draw(st.booleans()) else draw(st.sampled_from(beside))
        figure = draw(_figure(f"{name}-f{number}", event, whole, mould))
        event["figures"].append(figure)
        if whole is None:
            tops.append((event, figure))
    return World(datasets, tuple(events))
