"""Generated worlds: small datasets of every shape that the schema lets in, as sources for the load engine.

A world is made to collide: few places, days, groups and measures, so that wholes and parts often share all of them and
often just miss. What is printed of its events is invented. It knows nothing of how totals are reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, count

from hypothesis import strategies as st

from api.load.source import EmptySource
from api.store.record_types import Record
from tests.cast import CLAIMANTS, DOCUMENTS, GROUPS, PLACES, RELAYS, dataset_of, event_of, saying_of, setting_of

_numbers = count(1)


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
        told = ("kind", "subtype", "part_of", "groups", "population", *PARTS, "measure", "object", "nesting")
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


class WorldSource(EmptySource):
    """One dataset of a world, to be loaded."""

    content_hash = "1"

    def __init__(self, identity: str, world: World) -> None:
        self.identity = identity
        self.world = world

    @property
    def dataset(self) -> Record:
        return dataset_of(self.identity)

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
AGES = ("child", "unspecified")
CAUSES = ("heavy_weapons", "unknown")
PARTS = ("sex", "age", "cause", "term")
VERIFICATIONS = ("unverified", "corroborated")
# Words that come with a number; others come with none.
QUALIFIERS = ("exact", "around", "more_than")
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
    setting_of,
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
_sayings = st.builds(
    saying_of,
    st.sampled_from(DOCUMENTS),
    _claimants,
    st.sampled_from(VERIFICATIONS),
    st.sampled_from((None, None, *RELAYS)),
    st.sampled_from(([[0, 1]], [[0, 1], [9, 12]], [[5, 7]])),
)
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
    low_end = draw(st.integers(0, largest))
    steps = st.sampled_from((0, 0, 1, 1 + largest // 4))
    bounds = list(accumulate((low_end, draw(steps), draw(steps))))
    given = draw(st.sampled_from(("111", "111", "111", "110", "100", "101", "011", "010", "001")))
    low, best, high = (number if is_given == "1" else None for number, is_given in zip(bounds, given, strict=True))
    opens, word = high is None and draw(st.booleans()), draw(st.sampled_from((None, *QUALIFIERS)))
    return {"status": status, "low": low, "best": best, "high": high, "open_ended": opens, "qualifier": word}


@st.composite
def _claims(draw: st.DrawFn, numbers: Record) -> list[Record]:
    """What is said of a figure: its own numbers first, and others that only their sources' totals care for."""
    found: list[Record] = []
    for said in draw(st.lists(_sayings, max_size=4)):
        own = draw(_numbers_of(40)) if found else numbers
        word = own["status"] if own["status"] in ("unknown", "none_reported") else None
        # Who says that there were none has to be somebody.
        if word == "none_reported" and said["claimant"] is None:
            word = None
        bounds = {name: own[name] for name in ("low", "best", "high")}
        is_preferred = not found and draw(st.integers(0, 3)) > 0
        held = draw(st.sampled_from((None, None, *POPULATIONS)))
        found.append({**said, **bounds, "population": held, "qualifier": word, "is_preferred": is_preferred})
    return found


@dataclass(frozen=True)
class _Mould:
    """What the figures of one world are made from."""

    settings: Sequence[Record]
    strains: Sequence[tuple[str, str, str, str | None]]
    largest: int
    # Whether parts differ from their whole in population alone, and so stand or fall with it in most questions.
    is_orderly: bool


@st.composite
def _figure(draw: st.DrawFn, identity: str, event: Record, whole: Record | None, mould: _Mould) -> Record:
    """A figure of the event, perhaps a part of a whole, with which it then often shares everything but whose people."""
    if whole is None:
        family, measure, unit, thing = draw(st.sampled_from(mould.strains))
    else:
        family, measure, unit, thing = (whole[name] for name in ("family", "measure", "unit", "object"))
    likely = event if whole is None else whole
    same = {name: likely[name] for name in mould.settings[0]}
    is_twin = whole is not None and mould.is_orderly
    setting = same if is_twin or draw(st.integers(0, 3)) else draw(st.sampled_from(mould.settings))
    # Parts that are smaller than their whole leave something over more often than not.
    numbers = draw(_numbers_of(mould.largest if whole is None else 1 + mould.largest // 8))
    people: Record = {"population": None, **dict.fromkeys(PARTS)}
    if family not in _OF_THINGS:
        taken = whole["population"] if whole is not None and is_twin else None
        people["population"] = draw(st.sampled_from([other for other in POPULATIONS if other != taken]))
        if whole is not None and (is_twin or draw(st.booleans())):
            people |= {name: whole[name] for name in PARTS}
        else:
            people["sex"], people["age"] = draw(st.sampled_from(SEXES)), draw(st.sampled_from(AGES))
            people["cause"] = draw(st.sampled_from(CAUSES)) if family == "casualty" else None
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
def worlds(draw: st.DrawFn, most_events: int = 5, most_figures: int = 16, largest: int = 40) -> World:
    """Worlds with ids of their own, so that all of them fit into one database."""
    # Of one length, so that ids come in one order whatever the number.
    name = f"w{next(_numbers):06}"
    datasets = (name, f"{name}-b") if draw(st.integers(0, 4)) == 4 else (name,)
    settings = draw(st.lists(_settings, min_size=1, max_size=3))
    mould = _Mould(
        settings, draw(st.lists(st.sampled_from(_STRAINS), min_size=1, max_size=2)), largest, draw(st.booleans())
    )
    events: list[Record] = []
    for number in range(draw(st.integers(1, most_events))):
        setting = draw(st.sampled_from(settings))
        dataset = draw(st.sampled_from(datasets))
        type_, subtype = draw(st.sampled_from(TYPES))
        episode = draw(st.sampled_from((None, *(event for event in events if event["dataset"] == dataset))))
        identity = f"{name}-e{number}"
        events.append(
            {
                **event_of(identity, setting),
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
        stays = home is not None and (mould.is_orderly or draw(st.booleans()))
        event = home if home is not None and stays else draw(st.sampled_from(beside))
        figure = draw(_figure(f"{name}-f{number}", event, whole, mould))
        event["figures"].append(figure)
        if whole is None:
            tops.append((event, figure))
    return World(datasets, tuple(events))
