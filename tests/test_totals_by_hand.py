"""Totals by period and by source, worked out by hand: the week's hundred with the sixty that reach beyond it, and who fled."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.store.record_types import Record
from tests.conftest import ENGINES, application, close, load_into
from tests.databases import Databases
from tests.made import Made, made_document, made_event, made_figure, said
from tests.sweep import for_each
from tests.test_errors import problem

# Totals are read from the same copy whatever the engine.
pytestmark = pytest.mark.engines("sqlite")

Bounds = tuple[int | None, int | None, int | None]


def _period(first: str, last: str) -> Record:
    return {"date_start": date.fromisoformat(first), "date_end": date.fromisoformat(last), "date_precision": "days"}


def _figure(identity: str, bounds: Bounds, days: Record, **more: Any) -> Record:
    low, best, high = bounds
    numbers = {"low": low, "best": best, "high": high, "open_ended": high is None, "qualifier": None}
    status = "unnumbered" if best is None else "numbered"
    return made_figure(identity, **{**numbers, "status": status, **days, **more, "claims": more.get("claims", [])})


def _claim(claimant: str | None, bounds: Bounds, *, preferred: bool = True) -> Record:
    low, best, high = bounds
    chain = [] if claimant is None else [claimant]
    numbers = {"population": None, "qualifier": None, "low": low, "best": best, "high": high, "is_preferred": preferred}
    return {**said(), "claimant": claimant, "chain": chain, **numbers}


NAMHSAN = _period("2023-12-10", "2023-12-15")
WEEK = _period("2023-12-11", "2023-12-17")
TAMU = _period("2023-12-13", "2023-12-13")
FLED = {"family": "displacement", "measure": "displaced", "population": "civilians", "term": "displaced"}
SINCE = _period("2023-10-26", "2023-11-28")
KAWLIN = _period("2023-11-06", "2023-11-20")
AN_INHABITANT = (27000, 30000, 33000)
UN = (32000, 33000, 33000)

CHILDREN = {"population": "civilians", "sex": "female", "age": "child", "cause": "heavy_weapons"}
SOLDIERS = {"population": "state_forces", "age": "adult", "cause": "small_arms"}
PART = {"part_of": "all-hurt", "nesting": "certain"}

LOST = _period("2023-10-30", "2023-11-05")
MISSING = {"measure": "missing", "population": "civilians", "sex": "unspecified"}
OF_THE_MISSING = {"part_of": "all-missing", "nesting": "certain"}

EVENTS = [
    made_event(
        "raid",
        figures=[
            _figure("all-hurt", (90, 100, 110), TAMU, measure="injured", population="mixed"),
            _figure("girls-hurt", (8, 10, 12), TAMU, measure="injured", **CHILDREN, **PART),
            _figure("soldiers-hurt", (30, 30, 30), TAMU, measure="injured", **SOLDIERS, **PART),
            _figure("more-girls-hurt", (2, 2, 2), TAMU, measure="injured", **CHILDREN),
            _figure(
                "some-hurt",
                (None, None, None),
                TAMU,
                measure="injured",
                population="civilians",
                # A letter that speaks of the hurt, and of the raid no further.
                claims=[{**_claim("a nurse", (None, None, None)), "document_id": "other-letter"}],
            ),
        ],
    ),
    made_event(
        "week",
        kind="aggregate",
        figures=[
            _figure("week-killed", (90, 100, 110), WEEK),
            _figure("namhsan-killed", (60, 60, 60), NAMHSAN, part_of="week-killed", nesting="certain"),
            _figure("tamu-killed", (30, 30, 30), TAMU, part_of="week-killed", nesting="certain"),
        ],
    ),
    made_event(
        "lost",
        figures=[
            _figure("all-missing", (100, 120, 150), LOST, **MISSING),
            _figure("town-missing", (20, 30, 40), _period("2023-10-30", "2023-10-30"), **MISSING, **OF_THE_MISSING),
            _figure(
                "women-missing",
                (10, 20, 30),
                _period("2023-11-02", "2023-11-03"),
                **{**MISSING, "sex": "female"},
                **OF_THE_MISSING,
            ),
        ],
    ),
    made_event(
        "flight",
        figures=[
            _figure("all-fled", UN, SINCE, **FLED, claims=[_claim("the UN", UN)]),
            _figure(
                "kawlin-fled",
                AN_INHABITANT,
                KAWLIN,
                **FLED,
                part_of="all-fled",
                nesting="possible",
                claims=[
                    _claim("a resident", AN_INHABITANT),
                    _claim("a driver", (None, None, None), preferred=False),
                ],
            ),
        ],
    ),
]


@pytest.fixture(scope="module")
def made(databases: Databases, corpus_address: str) -> Iterator[FlaskClient]:
    """A client of the corpus with these events beside it."""
    address = databases.copy(corpus_address)
    load_into(address, Made(EVENTS, made_documents=[made_document(), made_document("other-letter", outlet="Letters")]))
    app = application(address)
    yield app.test_client()
    close(app)


def _rows(client: FlaskClient, query: str) -> dict[str | None, tuple[Any, ...]]:
    """The numbers of each row, by its value in the first dimension; of an ungrouped total, by its dataset."""
    response = client.get(f"/v1/figures/totals?dataset=other&{query}")
    assert response.status_code == 200, response.text
    return {
        next(iter(row["key"].values())): tuple(row[name] for name in ("low", "best", "high", "floating", "spanning"))
        for row in response.json["data"]
    }


def test_a_whole_adds_what_its_parts_leave_however_its_people_are_divided(made: FlaskClient) -> None:
    # The example of api/query/totals/split_families.py.
    assert _rows(made, "measure=missing&group_by=sex") == {
        "unspecified": (70, 100, 140, 0, 0),
        "female": (10, 20, 30, 0, 0),
    }


def test_what_a_split_family_leaves_of_its_whole_floats(made: FlaskClient) -> None:
    # The example of api/query/totals/floating.py.
    assert _rows(made, "measure=missing&group_by=month") == {
        "2023-10": (20, 100, 140, 0, 1),
        "2023-11": (10, 20, 30, 100, 0),
    }


def test_what_reaches_beyond_a_week_is_placed_once_and_floats(made: FlaskClient) -> None:
    assert _rows(made, "measure=killed&group_by=week") == {
        "2023-W49": (0, 60, 60, 0, 1),
        "2023-W50": (30, 40, 50, 60, 0),
    }


def test_what_spans_takes_no_low_from_its_whole(made: FlaskClient) -> None:
    assert _rows(made, "measure=killed&date_from=2023-12-11&date_to=2023-12-17") == {"other": (90, 100, 110, 0, 1)}


def test_two_days_of_a_week_may_have_none_of_it(made: FlaskClient) -> None:
    assert _rows(made, "measure=killed&date_from=2023-12-11&date_to=2023-12-12") == {"other": (0, 100, 110, 0, 2)}


def test_who_is_displaced_since_october_floats_into_november(made: FlaskClient) -> None:
    assert _rows(made, "measure=displaced&group_by=month") == {
        "2023-10": (0, 3000, 33000, 0, 1),
        "2023-11": (27000, 30000, 33000, 33000, 0),
    }


def test_rows_begin_where_the_question_does(made: FlaskClient) -> None:
    found = _rows(made, "measure=displaced&group_by=month&date_from=2023-11-08")
    assert found == {"2023-11": (0, 33000, 66000, 0, 2)}


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("overlaps", ["namhsan-killed", "tamu-killed", "week-killed"]),
        ("starts", ["tamu-killed", "week-killed"]),
        ("within", ["tamu-killed"]),
    ],
)
def test_a_period_is_touched_begun_in_or_filled(made: FlaskClient, period: str, names: list[str]) -> None:
    asked = f"dataset=other&measure=killed&date_from=2023-12-11&date_to=2023-12-13&period={period}"
    listed = made.get(f"/v1/figures?{asked}").json["data"]
    assert sorted(figure["id"] for figure in listed) == names


def test_a_period_without_a_day_is_refused(made: FlaskClient) -> None:
    refused = problem(made.get("/v1/events?period=starts"), 400, "parameters-disagree")
    assert [fault["parameter"] for fault in refused["errors"]] == ["period"]


def test_each_source_has_said_what_it_said(made: FlaskClient) -> None:
    found = _rows(made, "measure=displaced&group_by=claimant")
    assert {claimant: numbers[:3] for claimant, numbers in found.items()} == {
        "a driver": (None, None, None),
        "a resident": AN_INHABITANT,
        "the UN": UN,
    }
    assert made.get("/v1/figures/totals?group_by=claimant").json["additive"] is False


@pytest.mark.parametrize(
    ("query", "bounds"),
    [
        ("displacements/totals?measure=displaced&claimant=united-nations", (32000, 33000, 33000)),
        ("displacements/totals?measure=displaced&claimant=a+resident+of+Kawlin", (27000, 30000, 33000)),
        ("displacements/totals?measure=displaced&document=003_64ef8adc0deea420", (None, None, None)),
        ("casualties/totals?measure=killed&claimant=a+resident+of+Kawlin", (23, 23, 23)),
        ("casualties/totals?measure=killed&document=002_49c7442abbe22091", (23, 23, 23)),
        ("casualties/totals?measure=killed&claimant=local+media", (None, None, None)),
    ],
)
def test_sources_of_the_corpus_said_no_more_than_they_said(client: FlaskClient, query: str, bounds: Bounds) -> None:
    (row,) = client.get(f"/v1/{query}").json["data"]
    assert (row["low"], row["best"], row["high"]) == bounds
    grouped = client.get(f"/v1/{query}&group_by=source").json
    assert grouped["additive"] is False and len(grouped["data"]) >= 1


@pytest.mark.parametrize("sort", ["best", "-best", "high", "-figures", "-key", "key"])
def test_rows_are_sorted_by_what_is_asked_and_unknown_comes_last(client: FlaskClient, sort: str) -> None:
    name = sort.removeprefix("-")
    rows = client.get(f"/v1/figures/totals?group_by=location&sort={sort}").json["data"]
    values = [row["key"]["location"] if name == "key" else row[name] for row in rows]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == sorted(known, reverse=sort.startswith("-")) and len(set(known)) > 2
    assert name not in ("best", "high") or len(known) < len(values)


def test_events_are_counted_in_the_order_of_their_number(client: FlaskClient) -> None:
    counts = [row["events"] for row in client.get("/v1/events/totals?group_by=type&sort=-events").json["data"]]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1]


@pytest.mark.parametrize("measure", ["killed", "injured", "displaced"])
def test_events_are_sorted_by_what_they_cost(world: FlaskClient, measure: str) -> None:
    flat = world.get("/v1/events?format=csv").text
    header, *lines = csv.reader(io.StringIO(flat))
    at = header.index(f"{measure}_best")
    cost = {line[0]: int(line[at]) if line[at] else None for line in lines}
    found: list[str] = []
    following: str | None = f"/v1/events?sort=-{measure}&fields=id&limit=4"
    while following is not None:
        body = world.get(following).json
        found += [record["id"] for record in body["data"]]
        following = body["next"]
    assert sorted(found) == sorted(cost)
    values = [cost[identity] for identity in found]
    known = [value for value in values if value is not None]
    assert values == [*sorted(known, reverse=True), *[None] * (len(values) - len(known))] and known


@pytest.mark.engines(*ENGINES)
def test_list_download_and_totals_speak_of_the_same_events(client: FlaskClient) -> None:
    for query in (
        "",
        "location=Tamu",
        "group=KIA",
        "document=002_49c7442abbe22091",
        "date_from=2023-12-01",
        "type=battles",
    ):
        total = client.get(f"/v1/events?{query}&limit=1").json["total"]
        assert total == len(client.get(f"/v1/events?{query}&format=ndjson&fields=id").text.splitlines()) > 0
        assert total == sum(
            row["events"] for row in client.get(f"/v1/events/totals?{query}&group_by=kind").json["data"]
        )
    assert {event["kind"] for event in client.get("/v1/events?limit=1000").json["data"]} == {
        *("incident", "episode", "aggregate")
    }


@for_each("who", ["document", "outlet", "claimant", "source", "verification"])
def test_events_of_who_says_so_are_the_same_in_list_total_facet_and_count(made: FlaskClient, who: str) -> None:
    asked = "/v1/events{}?dataset=other"
    rows = made.get(f"{asked.format('/totals')}&group_by={who}").json["data"]
    (facet,) = made.get(f"{asked.format('')}&facets={who}").json["facets"].values()
    counted = {row["key"][who]: row["events"] for row in rows}
    assert counted == {value["value"]: value["count"] for value in facet["values"]}
    listed = {value: made.get(f"{asked.format('')}&{who}={value}").json["total"] for value in counted if value}
    assert listed == {value: number for value, number in counted.items() if value} and listed
    if who == "document":
        documents = made.get("/v1/documents?dataset=other").json["data"]
        assert {document["id"]: document["supports"]["events"] for document in documents} == listed
        assert listed["other-letter"] == 1


def test_the_table_of_casualty_recorders_keeps_bounds_and_what_is_not_known(made: FlaskClient) -> None:
    asked = "/v1/casualties/totals?dataset=other&measure=injured"
    answer = made.get(f"{asked}&group_by=population,sex,age,cause").json
    bounds = ("low", "best", "high", "open_ended", "unnumbered")
    found = {tuple(list(row["key"].values())[:4]): tuple(row[name] for name in bounds) for row in answer["data"]}
    assert found == {
        ("civilians", "female", "child", "heavy_weapons"): (10, 12, 14, False, 0),
        ("civilians", "unspecified", "unspecified", "unknown"): (None, None, None, True, 1),
        # What the parts may be at the most and at the least, taken from 90 to 110.
        ("mixed", "unspecified", "unspecified", "unknown"): (48, 60, 72, False, 0),
        ("state_forces", "unspecified", "adult", "small_arms"): (30, 30, 30, False, 0),
    }
    assert answer["additive"] is True
    (whole,) = made.get(asked).json["data"]
    assert (whole["low"], whole["best"], whole["high"], whole["unnumbered"]) == (92, 102, 112, 1)
    for name, value in (("age", "child"), ("cause", "heavy_weapons"), ("sex", "female")):
        (row,) = made.get(f"{asked}&{name}={value}").json["data"]
        assert (row["low"], row["best"], row["high"]) == (10, 12, 14), name
