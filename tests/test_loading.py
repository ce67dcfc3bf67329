"""A changed seed changes exactly what follows from it, and comes to the same as a fresh load of the changed seeds.

Every edit is loaded into a database that holds the seeds as they ship, and into an empty one.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from sqlalchemy import update

from api.load.loading import load
from api.settings import Settings
from api.store.batches import BATCH
from api.store.database import connect_for_loading
from api.store.models import EventWords, Release
from tests.conftest import load_into
from tests.databases import Databases
from tests.edited_seeds import EditedSeeds, seeded
from tests.edits import ROUNDS, Round
from tests.made import Made, made_event, made_figure
from tests.stored import (
    answers,
    changes,
    connected,
    last_change,
    moments,
    rows,
    served,
    stale_pieces,
    state,
    strayed,
    told,
)

GONE = "sagaing-border-town-captured-2023-11"


@pytest.fixture(scope="module")
def loaded(databases: Databases) -> str:
    """A database with the seeds as they ship. Not to be written to."""
    return seeded(databases)


@pytest.fixture(scope="module")
def unchanged(loaded: str) -> dict[str, Any]:
    """What the API tells of the seeds as they ship."""
    with served(loaded) as client:
        return answers(client)


@dataclass(frozen=True)
class Outcome:
    """An edit, the database that it was loaded into, and what the API tells of it."""

    edit: Round
    address: str
    lines: dict[Any, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    sources: tuple[Any, ...]


@pytest.fixture(scope="module", params=ROUNDS, ids=str)
def outcome(
    request: pytest.FixtureRequest,
    databases: Databases,
    loaded: str,
    unchanged: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:
    """What an edit of the seeds came to."""
    seeds = EditedSeeds(tmp_path_factory.mktemp("seeds"))
    request.param.change(seeds)
    address = databases.copy(loaded)
    number = last_change(address)
    load_into(address, *seeds.sources)
    with served(address) as client:
        after = answers(client)
    return Outcome(request.param, address, changes(address, number), unchanged, after, seeds.sources)


def test_an_edit_leaves_exactly_the_lines_of_history_that_it_implies(outcome: Outcome) -> None:
    assert outcome.lines == outcome.edit.lines


def test_an_edit_makes_new_exactly_what_reads_differently(outcome: Outcome, loaded: str) -> None:
    was, now = moments(loaded), moments(outcome.address)
    newer = {record for record, at in now.items() if at > was.get(record, at.min.replace(tzinfo=at.tzinfo))}
    expected = {(kind, identity) for kind, identity, action in outcome.lines if action != "deleted"}
    for kind in ("event", "figure"):
        before, after = told(outcome.before, kind), told(outcome.after, kind)
        expected |= {(kind, identity) for identity, record in after.items() if record != before.get(identity)}
    assert newer == expected


def test_an_edit_comes_to_the_same_as_a_fresh_load(outcome: Outcome, databases: Databases) -> None:
    fresh = databases.migrated()
    load_into(fresh, *outcome.sources)
    assert state(outcome.address) == state(fresh)
    assert not any(strayed(outcome.address).values())
    assert stale_pieces(outcome.address) == []
    with served(fresh) as client:
        assert outcome.after == answers(client)


def test_the_same_seeds_again_change_nothing_and_say_so(loaded: str, databases: Databases, tmp_path: Path) -> None:
    seeds = EditedSeeds(tmp_path)
    address = databases.copy(loaded)
    before = rows(address)
    for source in seeds.sources:
        engine = connect_for_loading(Settings(database_url=address))
        account = load(engine, source, lambda _what, _count: None)
        engine.dispose()
        assert account.changed_nothing
        assert list(account.lines()) == ["datasets unchanged: 1"]
    assert rows(address) == before


@pytest.mark.engines("sqlite")
def test_what_other_code_made_of_the_same_seeds_is_made_again(
    loaded: str, databases: Databases, tmp_path: Path
) -> None:
    address, expected = databases.copy(loaded), moments(loaded)
    with connected(address) as connection:
        connection.execute(update(Release).values(code_hash="other"))
        connection.execute(update(EventWords).values(words="nothing"))
    assert state(address) != state(loaded)
    before, number = moments(address), last_change(address)
    time.sleep(1 - time.time() % 1)
    load_into(address, *EditedSeeds(tmp_path).sources)
    assert state(address) == state(loaded)
    assert not any(strayed(address).values())
    assert changes(address, number) == {}
    assert expected.keys() == before.keys()
    assert {record for record, at in moments(address).items() if at != before[record]} <= {
        ("dataset", "gazetteer"),
        ("dataset", "op1027"),
    }


@pytest.fixture(scope="module")
def without(databases: Databases, loaded: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database from whose seeds an event was withdrawn. Not to be written to."""
    address, seeds = databases.copy(loaded), EditedSeeds(tmp_path_factory.mktemp("without"))
    seeds.without_event(GONE)
    load_into(address, *seeds.sources)
    return address


def test_a_record_that_comes_back_is_created_again(
    loaded: str, without: str, databases: Databases, tmp_path: Path
) -> None:
    address = databases.copy(without)
    number = last_change(address)
    load_into(address, *EditedSeeds(tmp_path).sources)
    lines = changes(address, number)
    assert {line for line in lines if line[0] != "dataset"} == {
        ("event", GONE, "created"),
        ("figure", "sagaing-border-town-seized", "created"),
    }
    assert state(address) == state(loaded)
    with served(address) as client:
        assert client.get(f"/v1/events/{GONE}").status_code == 200


def test_a_withdrawn_record_is_told_with_its_tombstone(databases: Databases, without: str) -> None:
    with served(databases.served(without)) as client:
        for path, kind, identity, reason in (
            ("/v1/events", "event", GONE, "no longer in its dataset"),
            ("/v1/figures", "figure", "sagaing-border-town-seized", "its event was withdrawn"),
        ):
            gone = client.get(f"{path}/{identity}")
            assert gone.status_code == 410
            tombstone = gone.json["tombstone"]
            assert {name: tombstone[name] for name in ("id", "record", "dataset", "action", "reason")} == {
                "id": identity,
                "record": kind,
                "dataset": "op1027",
                "action": "deleted",
                "reason": reason,
            }
            asked = client.get(f"{path}?id={identity}")
            assert asked.status_code == 400
            assert f"'{identity}' was withdrawn" in asked.json["detail"]
        # What never was is no more than unknown.
        assert client.get(f"/v1/events/{GONE}-too").status_code == 404


def test_another_dataset_may_use_groups_and_places_that_are_not_its_own(
    loaded: str, databases: Databases, tmp_path: Path
) -> None:
    address = databases.copy(loaded)
    number = last_change(address)
    load_into(address, Made())
    # Names and relations change the record that they are attached to, whoever brought it.
    assert changes(address, number) == {
        ("dataset", "other", "created"): None,
        ("location", "mmr005024701", "updated"): {"names": [[], [ANY]]},
    }
    with served(address) as client:
        (found,) = client.get("/v1/events?dataset=other").json["data"]
        assert (found["groups"][0]["id"], found["location"]["id"]) == ("arakan-army", "mmr005024701")
        assert client.get("/v1/groups/arakan-army").json["dataset"] == "op1027"
        assert client.get("/v1/events?location=Koolin&dataset=other").json["total"] == 1
        (relation,) = client.get("/v1/groups/other-guard").json["relations"]
        assert (relation["group"]["id"], relation["direction"]) == ("arakan-army", "from")
    without = Made(made_names={"location": {}, "group": {}}, made_relations={})
    load_into(address, without)
    with served(address) as client:
        assert client.get("/v1/events?location=Koolin&dataset=other").status_code == 400
        assert client.get("/v1/groups/other-guard").json["relations"] == []
    # The other datasets' own names and relations are as they were.
    number = last_change(address)
    load_into(address, *EditedSeeds(tmp_path).sources)
    assert changes(address, number) == {}
    with served(address) as client:
        assert client.get("/v1/events?location=Kawlin&kind=incident").json["total"] > 1


@pytest.mark.engines("sqlite")
def test_a_figure_may_move_between_events_that_are_written_apart(loaded: str, databases: Databases) -> None:
    def dataset(*, is_moved: bool) -> Made:
        """One figure that moves to a later event, and one to an earlier, with more between them than is written at once."""
        events: dict[str, dict[str, Any]] = {}
        for way in ("down", "up"):
            whole = made_figure(f"whole-{way}", low=5, best=5, high=5, population="mixed")
            part = made_figure(f"part-{way}", part_of=f"whole-{way}", nesting="certain")
            events[f"old-{way}"] = made_event(f"old-{way}", figures=[whole] if is_moved else [whole, part])
            events[f"new-{way}"] = made_event(f"new-{way}", figures=[part] if is_moved else [])
        between = [made_event(f"between-{number}", groups=[], reports=[], figures=[]) for number in range(BATCH)]
        return Made([events["old-down"], events["new-up"], *between, events["new-down"], events["old-up"]])

    address, fresh = databases.copy(loaded), databases.copy(loaded)
    load_into(address, dataset(is_moved=False))
    number = last_change(address)
    load_into(address, dataset(is_moved=True))
    load_into(fresh, dataset(is_moved=True))
    moved = {("figure", f"part-{way}", "updated") for way in ("down", "up")}
    assert set(changes(address, number)) == {("dataset", "other", "updated"), *moved}
    assert state(address) == state(fresh)
    with served(address) as client, served(fresh) as other:
        assert answers(client) == answers(other)


def test_loads_at_once_wait_for_each_other(loaded: str, databases: Databases, tmp_path: Path) -> None:
    address, seeds = databases.copy(loaded), EditedSeeds(tmp_path)
    with seeds.opened("op1027/dataset.yaml") as dataset:
        dataset["title"] = "Five reports"
    _gazetteer, corpus = seeds.sources
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(load_into, address, source) for source in (corpus, Made())]:
            done.result()
    with served(address) as client:
        assert client.get("/v1/events?dataset=other").json["total"] == 1
        assert client.get("/v1/datasets/op1027").json["title"] == "Five reports"
        revision = client.get("/v1/events?limit=1").json["coverage"]["revision"]
    assert revision.startswith("4-")
