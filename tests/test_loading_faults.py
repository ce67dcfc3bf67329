"""Whatever is wrong in a dataset, its load leaves the database as it was and says where the fault is.

Each fault is loaded where the dataset is new, and where it stands already: the two are written in different ways.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from api.load.loading import load
from api.load.source import Expectation, LoadRefused
from api.settings import Settings
from api.store.database import connect_for_loading
from tests.conftest import load_into
from tests.databases import Databases
from tests.edited_seeds import ELSEWHERE, EditedSeeds, seeded
from tests.made import (
    Made,
    made_document,
    made_event,
    made_figure,
    made_group,
    made_location,
    made_name,
    made_relation,
    said,
)
from tests.stored import Rows, rows, served
from tests.sweep import for_each

# Of SQLite, in a database of the corpus: room for some of the events that a test loads, and not for all.
MOST_NEW_PAGES = 20
NOBODY = {"group_id": "nobody", "role": "attacker", "certainty": "stated"}


def one_event(**changes: Any) -> Made:
    """The dataset with another event."""
    return Made(made_events=[made_event(**changes)])


def one_figure(**changes: Any) -> Made:
    """The dataset with another figure."""
    return one_event(figures=[made_figure(**changes)])


def figures(*parts: dict[str, Any]) -> Made:
    """The dataset with an event of these figures."""
    return one_event(figures=[made_figure(**changes) for changes in parts])


def stop() -> None:
    raise RuntimeError("the file ends in the middle of row 12")


@dataclass(frozen=True)
class Wrong:
    """A dataset with a fault, and what must be said of it: each of these somewhere in the message."""

    name: str
    make: Callable[[], Made]
    said: tuple[str, ...]
    error: type[Exception] = LoadRefused

    def __str__(self) -> str:
        return self.name


CLAIM = made_figure()["claims"][0]
PART = {"identity": "part", "part_of": "whole", "nesting": "certain"}
WRONG = (
    # References to nothing.
    Wrong(
        "an event's place",
        lambda: one_event(location_id="nowhere"),
        ("no location 'nowhere'", "event 'other-fight'"),
    ),
    Wrong(
        "a figure's place",
        lambda: one_figure(location_id="nowhere"),
        ("no location 'nowhere'", "figure 'other-killed'"),
    ),
    Wrong(
        "a participant", lambda: one_event(groups=[NOBODY]), ("no group 'nobody'", "participation 0 of 'other-fight'")
    ),
    Wrong(
        "a report's document",
        lambda: one_event(reports=[{**said(), "document_id": "lost"}]),
        ("no document 'lost'", "report 0 of 'other-fight'"),
    ),
    Wrong(
        "a claim's document",
        lambda: one_figure(claims=[{**CLAIM, "document_id": "lost"}]),
        ("no document 'lost'", "claim 0 of 'other-killed'"),
    ),
    Wrong("an episode", lambda: one_event(part_of="lost"), ("no event 'lost' for its part_of", "event 'other-fight'")),
    Wrong(
        "a whole",
        lambda: one_figure(part_of="lost", nesting="certain"),
        ("no figure 'lost' for its part_of", "figure 'other-killed'"),
    ),
    Wrong(
        "a relation",
        lambda: Made(made_relations={"other-guard": [made_relation("nobody")]}),
        ("no group 'nobody' for its to_group_id", "group relation 0 of 'other-guard'"),
    ),
    Wrong(
        "a relation's own group",
        lambda: Made(made_relations={"nobody": [made_relation("other-guard")]}),
        ("no group 'nobody' for its from_group_id",),
    ),
    Wrong(
        "a name of nothing",
        lambda: Made(made_names={"location": {"nowhere": [made_name("Nowhere")]}, "group": {}}),
        ("no location 'nowhere'", "location name 0 of 'nowhere'"),
    ),
    Wrong(
        "a name's document",
        lambda: Made(made_names={"location": {}, "group": {"other-guard": [made_name("OG", document_id="lost")]}}),
        ("no document 'lost'", "group name 0 of 'other-guard'"),
    ),
    Wrong(
        "a parent",
        lambda: Made(made_locations=[made_location(parent_id="nowhere")]),
        ("the parent 'nowhere' of a location",),
    ),
    # Ids.
    Wrong("an event twice", lambda: Made(made_events=[made_event(), made_event()]), ("event 'other-fight' twice",)),
    Wrong("a figure twice", lambda: figures({}, {}), ("figure 'other-killed' twice",)),
    Wrong(
        "a figure in two events",
        lambda: Made(made_events=[made_event(), made_event("other-flight")]),
        ("figure 'other-killed' twice",),
    ),
    Wrong("a group twice", lambda: Made(made_groups=[made_group(), made_group()]), ("group 'other-guard' twice",)),
    Wrong(
        "another dataset's event",
        lambda: Made(made_events=[made_event("operation-1027")]),
        ("event 'operation-1027' belongs to the dataset 'op1027'",),
    ),
    Wrong(
        "another dataset's figure",
        lambda: one_figure(identity="kawlin-bank-seized"),
        ("figure 'kawlin-bank-seized' belongs to the dataset 'op1027'",),
    ),
    Wrong(
        "another dataset's group",
        lambda: Made(made_groups=[made_group("arakan-army")]),
        ("group 'arakan-army' belongs to the dataset 'op1027'",),
    ),
    Wrong(
        "another dataset's place",
        lambda: Made(made_locations=[made_location("mmr005024", level="township", parent_id="mmr005d011")]),
        ("location 'mmr005024' belongs to the dataset 'gazetteer'",),
    ),
    # Values.
    Wrong("an unknown code", lambda: one_event(kind="scuffle"), ("event 'other-fight'", "ck_event_kind_known")),
    Wrong("bounds out of order", lambda: one_figure(low=3), ("figure 'other-killed'", "ck_figure_bounds_in_order")),
    Wrong("no title", lambda: one_event(title=None), ("event 'other-fight'", "title")),
    Wrong("a number of 64 bits", lambda: one_figure(high=1 << 63), ("figure 'other-killed'",)),
    Wrong(
        "two preferred claims",
        lambda: one_figure(claims=[CLAIM, CLAIM]),
        ("claim 1 of 'other-killed'",),
    ),
    Wrong(
        "a document without length",
        lambda: Made(made_documents=[made_document(length=0)]),
        ("document 'other-report'", "ck_document_length_positive"),
    ),
    Wrong(
        "a place in a finer one",
        lambda: Made(made_locations=[made_location(level="state_or_region")]),
        ("the state_or_region 'other-hill' cannot lie in a township",),
    ),
    Wrong(
        "a group related to itself",
        lambda: Made(made_relations={"other-guard": [made_relation("other-guard")]}),
        ("group relation 0 of 'other-guard'", "ck_group_relation_not_with_itself"),
    ),
    # Nesting.
    Wrong(
        "a part of a part",
        lambda: figures({"identity": "whole", "part_of": "all", "nesting": "certain"}, {"identity": "all"}, PART),
        ("figure 'part' cannot be part of 'whole'",),
    ),
    Wrong(
        "a part of another measure",
        lambda: figures({"identity": "whole"}, {**PART, "measure": "injured"}),
        ("figure 'part' cannot be part of 'whole'",),
    ),
    Wrong(
        "a part of another dataset's figure",
        lambda: figures({**PART, "part_of": "week-2023-12-11-killed-state-forces"}),
        ("figure 'part' cannot be part of 'week-2023-12-11-killed-state-forces'",),
    ),
    # The load itself.
    Wrong("too little", lambda: Made(expectation=Expectation(events=2)), ("would hold 1 events; at least 2",)),
    Wrong("too few figures", lambda: Made(expectation=Expectation(figures=9)), ("would hold 1 figures; at least 9",)),
    Wrong("an exception on the way", lambda: Made(at_the_end=stop), ("in the middle of row 12",), RuntimeError),
)


@dataclass(frozen=True)
class Before:
    """A database, and every row of it."""

    address: str
    rows: Rows


@pytest.fixture(scope="module", params=["new", "standing"])
def before(request: pytest.FixtureRequest, databases: Databases) -> Before:
    """A database where the little dataset is new or stands already; no fault may change it."""
    address = databases.copy(seeded(databases))
    if request.param == "standing":
        load_into(address, Made())
    return Before(address, rows(address))


def _refuses(before: Before, wrong: Wrong) -> None:
    with pytest.raises(wrong.error) as refused:
        load_into(before.address, deepcopy(wrong.make()))
    for phrase in wrong.said:
        assert phrase in str(refused.value)
    assert rows(before.address) == before.rows


@pytest.mark.engines("sqlite")
@for_each("wrong", WRONG, ids=str)
def test_a_fault_leaves_everything_as_it_was_and_is_told(before: Before, wrong: Wrong) -> None:
    _refuses(before, wrong)


# What a load refuses by itself it refuses before either engine would; test_schema.py breaks each constraint on both.
@pytest.mark.engines("postgresql")
@for_each("wrong", WRONG[::4], ids=str)
def test_some_faults_leave_everything_as_it_was_on_postgresql(before: Before, wrong: Wrong) -> None:
    _refuses(before, wrong)


def test_the_first_of_many_wrong_records_is_named(before: Before) -> None:
    events = [made_event(f"other-{number}", figures=[]) for number in range(20)]
    events[7]["type"] = "scuffle"
    with pytest.raises(LoadRefused, match=re.escape("the event 'other-7' cannot stand: ")):
        load_into(before.address, Made(made_events=events))
    assert rows(before.address) == before.rows


def test_a_place_where_something_happened_cannot_be_withdrawn(before: Before, tmp_path: Path) -> None:
    seeds = EditedSeeds(tmp_path)
    with seeds.places() as places:
        del places["mmr005030"]
    with pytest.raises(LoadRefused, match="the location 'mmr005030' cannot be withdrawn: the event '"):
        load_into(before.address, seeds.sources[0])
    assert rows(before.address) == before.rows


@pytest.mark.parametrize(
    ("user", "said"),
    [
        # The name would vanish with the place, and nobody would know.
        (
            Made(made_names={"location": {ELSEWHERE: [made_name("Far Off")]}, "group": {}}),
            f"the location '{ELSEWHERE}' cannot be withdrawn: the location name 0 of '{ELSEWHERE}'",
        ),
        (
            Made(made_locations=[made_location(parent_id=ELSEWHERE)]),
            f"the location 'other-hill' cannot stand: there is no location '{ELSEWHERE}' for its parent_id",
        ),
    ],
    ids=["by a name", "by a place in it"],
)
def test_a_place_that_another_dataset_uses_cannot_be_withdrawn(
    databases: Databases, tmp_path: Path, user: Made, said: str
) -> None:
    address = databases.copy(seeded(databases))
    load_into(address, deepcopy(user))
    before = rows(address)
    seeds = EditedSeeds(tmp_path)
    with seeds.places() as places:
        del places[ELSEWHERE]
    with pytest.raises(LoadRefused, match=re.escape(said)):
        load_into(address, seeds.sources[0])
    assert rows(address) == before


def test_after_a_fault_the_mended_dataset_loads(before: Before, databases: Databases) -> None:
    address = databases.copy(before.address)
    with pytest.raises(LoadRefused):
        load_into(address, one_event(kind="scuffle"))
    load_into(address, one_event(title="A fight after all"))
    with served(address) as client:
        assert client.get("/v1/events/other-fight").json["title"] == "A fight after all"


@pytest.mark.engines("sqlite")
def test_a_disk_that_is_full_leaves_everything_as_it_was(databases: Databases, corpus_address: str) -> None:
    address = databases.copy(corpus_address)
    before = rows(address)
    engine = connect_for_loading(Settings(database_url=address))

    @event.listens_for(engine, "connect")
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + MOST_NEW_PAGES}")

    events = [made_event(f"other-{number}", figures=[made_figure(f"dead-{number}")]) for number in range(1_200)]
    with pytest.raises(Exception, match="database or disk is full"):
        load(engine, Made(made_events=events), lambda _what, _count: None)
    engine.dispose()
    assert rows(address) == before
