"""Whoever follows `/v1/changes` alone has what the service has, and is told why."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from api.load.dataset_removal import remove
from api.load.terms import USUAL, Terms
from api.settings import Settings
from api.store.database import connect_for_loading
from tests.conftest import load_into
from tests.databases import Databases
from tests.edited_seeds import EditedSeeds, seeded
from tests.edits import EDITS, Round
from tests.made import Made, made_event, made_figure, made_group
from tests.stored import served

ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "sagaing-border-town-captured-2023-11"
# What a load of the seeds changes.
FOLLOWED = ("a title", "a group gone", "a figure gone that another event's contains", "the dataset", "a document")
# What a record shows of others by counting them when it is asked is no part of its history.
COUNTED = {"events", "first_date", "last_date", "children", "supports", "counts"}


class Follower:
    """A client that keeps what it has read, and may be killed at any time: it takes up its work from its last whole page."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.records: dict[tuple[str, str], Any] = {}
        self.lines: list[dict[str, Any]] = []

    def follow(self, client: FlaskClient, chance: random.Random) -> None:
        """Reads to the end, a few lines at a time; of some pages it does half, as one that is killed."""
        while True:
            since = {} if self.cursor is None else {"since": self.cursor}
            page = client.get(
                "/v1/changes", query_string={**since, "include": "body", "limit": chance.randint(5, 60)}
            ).json
            is_killed = chance.random() < 0.2
            for line in page["data"][: len(page["data"]) // 2] if is_killed else page["data"]:
                self._apply(client, line)
            if is_killed:
                continue
            self.lines += page["data"]
            self.cursor = page["cursor"]
            if page["next"] is None:
                return

    def _apply(self, client: FlaskClient, line: dict[str, Any]) -> None:
        self._put((line["record"], line["id"]), line["body"])
        for path in line["links"]["read"]:
            record = path.partition("?")[0].removeprefix("/v1/").removesuffix("s")
            for key in [
                key for key, body in self.records.items() if key[0] == record and body["dataset"] == line["id"]
            ]:
                del self.records[key]
            following = f"{path}&limit=50"
            while following:
                page = client.get(following).json
                for body in page["data"]:
                    self._put((record, body["id"]), body)
                following = page["next"]

    def _put(self, key: tuple[str, str], body: dict[str, Any] | None) -> None:
        if body is None:
            self.records.pop(key, None)
        else:
            self.records[key] = body


def served_records(client: FlaskClient) -> dict[tuple[str, str], Any]:
    """Every record that the service has."""
    return {
        (record, body["id"]): body
        for record in ("dataset", "document", "group", "location", "event", "figure")
        for body in client.get(f"/v1/{record}s?limit=1000").json["data"]
    }


def but_for_counts(records: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    return {key: {name: value for name, value in body.items() if name not in COUNTED} for key, body in records.items()}


def holds_that_the_removal_is_told(client: FlaskClient, dataset: str, cursor: str) -> None:
    """Holds that whoever follows one dataset from here is told that it is no more, by each path and page of the history."""
    for asked in ("", "&action=deleted"):
        *records, last = client.get(f"/v1/changes?dataset={dataset}&since={cursor}{asked}").json["data"]
        assert (last["record"], last["id"], last["action"]) == ("dataset", dataset, "deleted")
    assert records and {line["action"] for line in records} == {"deleted"}
    *_loads, removal = client.get(f"/v1/releases?dataset={dataset}").json["data"]
    assert removal["counts"]["events"]["withdrawn"] == sum(line["record"] == "event" for line in records)
    feed = ElementTree.fromstring(client.get(f"/v1/changes.atom?dataset={dataset}").data)
    assert len(feed.findall(f"{ATOM}entry")) > len(records)
    for path in (f"/since?dataset={dataset}", f"/v1/changes?dataset={dataset}&since={cursor}"):
        page = client.get(path, headers={"Accept": "text/html"}).text
        assert f'href="/v1/datasets/{dataset}"' in page
        assert f"<option selected>{dataset}</option>" in page
    for path in ("/v1/changes", "/v1/changes.atom", "/v1/releases", "/since", "/v1/events"):
        asked = "never-here" if path != "/v1/events" else dataset
        assert client.get(f"{path}?dataset={asked}").status_code == 400, path


def test_a_follower_has_what_the_service_has(databases: Databases, tmp_path: Path) -> None:
    hold_follower(databases, tmp_path, USUAL)


@pytest.mark.engines("sqlite")
def test_a_follower_has_what_the_service_has_where_much_is_told_together(databases: Databases, tmp_path: Path) -> None:
    hold_follower(databases, tmp_path, Terms(most_lines=5))


def hold_follower(databases: Databases, tmp_path: Path, terms: Terms) -> None:
    """Holds that followers have what the service has, after loads that tell so many lines one by one."""
    chance, address = random.Random(terms.most_lines), databases.copy(seeded(databases))
    follower, early = Follower(), Follower()
    other = Made(
        made_events=[made_event(f"fight-{number}", figures=[made_figure(f"dead-{number}")]) for number in range(8)]
    )
    renamed = Made(made_groups=[made_group(name="Other Watch", acronym="OW")], made_events=other.made_events[:6])
    everything: list[Any] = [other, renamed]
    seeds = EditedSeeds(tmp_path)
    Round(tuple(edit for edit in EDITS if edit.name in FOLLOWED)).change(seeds)
    everything.append(seeds.sources)
    with served(address) as client:
        early.follow(client, chance)
        for number, sources in enumerate(everything):
            load_into(address, *(sources if isinstance(sources, tuple | list) else (sources,)), terms=terms)
            if number != 1:
                early.follow(client, chance)
        before = client.get("/v1/changes?dataset=other").json["cursor"]
        engine = connect_for_loading(Settings(database_url=address))
        remove(engine, "other", lambda _connection: None)
        engine.dispose()
        holds_that_the_removal_is_told(client, "other", before)
        for one in (early, follower):
            one.follow(client, chance)
            assert but_for_counts(one.records) == but_for_counts(served_records(client))
        numbers = [line["revision"] for line in early.lines]
        assert numbers == sorted(numbers)
        loads = client.get("/v1/releases").json["data"]
        assert [load["revision"] for load in loads] == list(range(1, len(loads) + 1))
        for load in loads:
            following = client.get(load["links"]["changes"]).json["total"]
            assert following == sum(number >= load["revision"] for number in numbers)


@pytest.mark.engines("sqlite")
def test_what_is_withdrawn_is_found_by_asking_since_when(databases: Databases, tmp_path: Path) -> None:
    address = databases.copy(seeded(databases))
    with served(address) as client:
        state = client.get("/v1/events?limit=1").json["coverage"]["revision"]
        (before,) = client.get("/v1/datasets?id=op1027").json["data"]
        seeds = EditedSeeds(tmp_path)
        seeds.without_event(GONE)
        load_into(address, *seeds.sources)
        for since in (state, before["updated_at"]):
            page = client.get(f"/v1/changes?since={since}&action=deleted&record=event&dataset=op1027").json
            (line,) = page["data"]
            assert (line["id"], line["reason"]) == (GONE, "no longer in its dataset")
            assert client.get(line["links"]["self"]).status_code == 410
            assert client.get(f"/v1/changes?since={page['cursor']}").json["data"] == []
        versions = client.get(f"/v1/events/{GONE}/history").json["data"]
        assert [version["action"] for version in versions] == ["created", "deleted"]
        *_others, load = client.get(f"/v1/releases?since={state}").json["data"]
        assert load["counts"]["events"]["withdrawn"] == 1
        assert client.get(load["links"]["changes"]).json["total"] >= 2
        # It comes again, and is withdrawn again: the page tells of both, and of what is no more by its id.
        (tmp_path / "whole").mkdir()
        for sources in (EditedSeeds(tmp_path / "whole").sources, seeds.sources):
            load_into(address, *sources)
        page = client.get(f"/since?since={state}", headers={"Accept": "text/html"})
        assert page.status_code == 200 and page.text.count(GONE) >= 3


@pytest.mark.engines("sqlite")
def test_a_cursor_of_other_data_is_refused(client: FlaskClient) -> None:
    state = client.get("/v1/changes").json["cursor"].partition("-")[0]
    for since in (f"{state}-00000000.1", "999", "yesterday"):
        refused = client.get(f"/v1/changes?since={since}")
        assert refused.status_code == 400
        assert refused.json["errors"][0]["parameter"] == "since"


@pytest.mark.engines("sqlite")
def test_a_cursor_of_a_later_state_is_worth_asking_again(client: FlaskClient) -> None:
    for path in ("changes", "releases"):
        away = client.get(f"/v1/{path}?since=999-abcdef12.7")
        assert (away.status_code, away.json["type"]) == (503, "/problems/revision-away")
        assert int(away.headers["Retry-After"]) > 0 and "without 'since'" in away.json["detail"]


@pytest.mark.engines("sqlite")
def test_a_first_load_is_one_line_with_its_counts(client: FlaskClient) -> None:
    lines = client.get("/v1/changes?dataset=op1027").json["data"]
    (line,) = [line for line in lines if line["dataset"] == "op1027" and line["action"] == "created"]
    (dataset,) = client.get("/v1/datasets?id=op1027").json["data"]
    for name in ("events", "figures", "documents", "groups"):
        assert line["counts"][name] == {"created": dataset["counts"][name]}
        assert f"/v1/{name}?dataset=op1027" in line["links"]["read"]


@pytest.mark.engines("sqlite")
def test_a_total_is_of_its_page_and_all_that_follow(client: FlaskClient) -> None:
    question = "/v1/changes?dataset=gazetteer&record=location"
    everything = client.get(f"{question}&limit=1000").json["total"]
    following, left = f"{question}&limit=20", everything
    while following:
        page = client.get(following).json
        assert page["total"] == left
        left -= page["returned"]
        following = page["next"]
    assert left == 0 and everything > 20


@pytest.mark.engines("sqlite")
def test_a_feed_has_the_same_lines_newest_first(client: FlaskClient) -> None:
    answer = client.get("/v1/changes.atom?dataset=op1027", headers={"Accept": "application/atom+xml"})
    assert answer.content_type.startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.data)
    entries = feed.findall(f"{ATOM}entry")
    lines = client.get("/v1/changes?dataset=op1027").json["data"]
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == [line["at"] for line in reversed(lines)]
    assert {entry.find(f"{ATOM}link").get("href") for entry in entries} == {  # type: ignore[union-attr]
        f"http://localhost{line['links']['history']}" for line in lines
    }
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    again = ElementTree.fromstring(client.get("/v1/changes.atom?dataset=op1027&limit=1").data)
    assert again.findtext(f"{ATOM}entry/{ATOM}id") == ids[0]
