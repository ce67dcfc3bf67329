"""Pages: a walk over all of them gives each record once and in order, however it is made."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import column_oracle, list_oracle
from tests.conftest import ENGINES
from tests.sweep import for_each
from tests.test_errors import fault

# Order and totals are read from the same copy whatever the engine; records are fetched by number from each.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

EVERY_KIND = "kind=incident,episode,aggregate"
# The lists with the keys that they are sorted by; the first is the default, in the direction that is written.
SORTS: dict[str, tuple[str, ...]] = {
    f"events?{EVERY_KIND}": ("-date", "updated_at", "id", "killed", "injured", "displaced"),
    "figures?dataset=hills,isles": ("-date", "updated_at", "best", "id"),
    "casualties?dataset=hills,isles": ("-date", "updated_at", "best", "id"),
    "displacements?dataset=hills,isles": ("-date", "updated_at", "best", "id"),
    "groups?updated_since=2000-01-01": ("id", "name", "events", "last_date"),
    "groups?dataset=isles": ("id", "name", "events", "last_date"),
    "locations?updated_since=2000-01-01": ("id", "name", "events", "last_date"),
    f"locations?{EVERY_KIND}": ("id", "name", "events", "last_date"),
    "documents?updated_since=2000-01-01": ("id", "published_on"),
    "datasets?updated_since=2000-01-01": ("id",),
}
WALKS = [(path, key, sign) for path, keys in SORTS.items() for key in keys for sign in ("", "-")]


def answer(client: FlaskClient, url: str) -> dict[str, Any]:
    """The body of a good answer, its headers held against it."""
    response = client.get(url)
    assert response.status_code == 200, f"{url}: {response.text}"
    body: dict[str, Any] = response.json
    assert body["returned"] == len(body["data"])
    assert response.headers.getlist("Total-Count") == [str(body["total"])]
    assert next_in_header(response) == body["next"]
    return body


def next_in_header(response: TestResponse) -> str | None:
    """The address of the next page in the Link header; null where there is none."""
    found = [match[1] for link in response.headers.getlist("Link") if (match := re.match('<(.*)>; rel="next"', link))]
    assert len(found) <= 1
    return found[0] if found else None


def walk(client: FlaskClient, url: str) -> Iterator[dict[str, Any]]:
    """Every page from this one on."""
    following: str | None = url
    while following is not None:
        page = answer(client, following)
        yield page
        following = page["next"]


def walked(client: FlaskClient, url: str) -> list[str]:
    """The ids on all pages, in the order in which they came."""
    return [record["id"] for page in walk(client, url) for record in page["data"]]


def _sort_value(record: dict[str, Any], key: str) -> Any:
    if key in column_oracle.FLAT_MEASURES:
        best = f"{key}_best"
        return column_oracle.shown("Event", list_oracle.EVENTS[record["id"]], [best])[best]
    return record["date"]["start"] if key == "date" else record[key]


@for_each(("path", "key", "sign"), WALKS)
def test_walk_gives_each_record_once_and_in_order(world: FlaskClient, path: str, key: str, sign: str) -> None:
    sort = f"{sign}{key.removeprefix('-')}"
    whole = answer(world, f"/v1/{path}&sort={sort}&limit=1000")
    ids = [record["id"] for record in whole["data"]]
    assert len(set(ids)) == len(ids) == whole["total"]
    found = [_sort_value(record, sort.removeprefix("-")) for record in whole["data"]]
    some = [value for value in found if value is not None]
    # Null comes last either way.
    assert found == [*sorted(some, reverse=sign == "-"), *(None for value in found if value is None)]
    assert walked(world, f"/v1/{path}&sort={sort}&limit=9") == ids
    # Numbered pages are cut from the same order, so that one direction of each shows it.
    if sign == "":
        assert walked(world, f"/v1/{path}&sort={sort}&limit=14&page=1") == ids


def test_walks_meet_ties_and_nulls(world: FlaskClient) -> None:
    best = [record["best"] for record in answer(world, "/v1/figures?sort=best&limit=1000")["data"]]
    assert best.count(None) >= 5 and best.count(12) >= 4
    last = [record["last_date"] for record in answer(world, "/v1/groups?sort=last_date&limit=1000")["data"]]
    assert last.count(None) >= 2
    assert len({record["updated_at"] for record in answer(world, "/v1/events?sort=updated_at")["data"]}) == 3


@on_both
@for_each("path", list(SORTS))
def test_default_order_is_the_documented_one(world: FlaskClient, path: str) -> None:
    written = answer(world, f"/v1/{path}&sort={SORTS[path][0]}")
    assert answer(world, f"/v1/{path}")["data"] == written["data"]


@for_each("path", list(SORTS))
def test_order_is_refused_where_it_is_not_documented(world: FlaskClient, path: str) -> None:
    allowed = fault(world.get(f"/v1/{path}&sort=colour"), "invalid-value", "sort")["allowed"]
    assert {key.removeprefix("-") for key in allowed} == {key.removeprefix("-") for key in SORTS[path]}
    assert len(allowed) == 2 * len(SORTS[path])


@on_both
@for_each("size", [1, 2, 11, 37])
def test_pages_of_any_size_are_the_same_walk(world: FlaskClient, size: int) -> None:
    whole = walked(world, "/v1/figures?limit=1000&sort=-best")
    assert walked(world, f"/v1/figures?limit={size}&sort=-best") == whole
    assert walked(world, f"/v1/figures?limit={size}&sort=-best&page=1") == whole


def test_every_page_tells_the_same_total(world: FlaskClient) -> None:
    pages = list(walk(world, "/v1/figures?limit=10"))
    assert [page["returned"] for page in pages] == [10, 10, 10, 7]
    assert {page["total"] for page in pages} == {37}


@for_each(
    "question",
    [
        {"q": "ကော့လင်း"},
        {"q": 'Ta\'ang & school + "1027"'},
        {"claimant": "the keeper of the bridge,crown-army"},
        {"location": "hill-country,kale-township", "date_from": "2031-01-10"},
        {"group": "great-pact", "include_members": "true", "group_role": "attacker,supporter"},
        {"near": "-16.8,180", "radius_km": "60"},
        {"group_by": "month,population", "row": "2031-02,"},
    ],
)
def test_next_carries_the_whole_question(world: FlaskClient, question: dict[str, str]) -> None:
    first = world.get("/v1/events", query_string={**question, "limit": "1", "fields": "id"})
    found = [record["id"] for record in first.json["data"]]
    if first.json["next"] is not None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(first.json["next"]).query).items()}
        assert {name: asked[name] for name in question} == question
        found += walked(world, first.json["next"])
    assert sorted(found) == sorted(list_oracle.found("events", question))


# --- Ends --------------------------------------------------------------------------------------------------------


@for_each("path", list(SORTS))
def test_page_past_the_end_is_an_empty_list(world: FlaskClient, path: str) -> None:
    page = answer(world, f"/v1/{path}&limit=50&page=3")
    assert page["data"] == [] and page["next"] is None
    assert page["total"] == answer(world, f"/v1/{path}")["total"]


def test_cursor_past_the_end_is_an_empty_list(world: FlaskClient) -> None:
    content = json.dumps(["id", "zzz", "zzz"]).encode()
    page = answer(world, f"/v1/groups?cursor={base64.urlsafe_b64encode(content).decode().rstrip('=')}")
    assert page["data"] == [] and page["next"] is None and page["total"] == 14


def test_last_page_that_is_full_has_no_next(world: FlaskClient) -> None:
    assert answer(world, "/v1/figures?limit=37")["next"] is None
    assert answer(world, "/v1/figures?limit=36")["next"] is not None


COUNTRIES = "/v1/events/totals?dataset=isles&group_by=country"


def test_empty_answer_still_tells_what_is_covered(world: FlaskClient) -> None:
    page = answer(world, "/v1/events?dataset=isles&date_to=2000-01-01")
    assert page["data"] == [] and page["total"] == 0 and page["next"] is None
    assert page["coverage"]["datasets"] == ["isles"]
    assert (page["coverage"]["first_date"], page["coverage"]["last_date"]) == ("2031-02-01", "2031-04-30")
    everything = answer(world, "/v1/events?q=nowhere")["coverage"]
    assert everything["datasets"] == ["hills", "isles"]
    assert (everything["first_date"], everything["last_date"]) == ("2031-01-01", "2031-04-30")
    assert everything["revision"] == page["coverage"]["revision"]
    # One says nothing of the days and countries that only the other has.
    (hills, isles) = everything["by_dataset"]
    assert (hills["dataset"], hills["first_date"], isles["dataset"]) == ("hills", "2031-01-01", "isles")
    assert page["coverage"]["by_dataset"] == [isles]
    assert isles == {
        "dataset": "isles",
        "first_date": "2031-02-01",
        "last_date": "2031-04-30",
        "countries": sorted({row["key"]["country"] for row in answer(world, COUNTRIES)["data"]} - {None}),
    }
    assert [one["countries"] for one in answer(world, "/v1/changes")["coverage"]["by_dataset"]] == [None, None]
    told = world.get("/v1/events?dataset=isles&q=zebra&format=md").text
    assert "No record has zebra." in told and "Covered by isles: 2031-02-01 to 2031-04-30, with events in " in told


@for_each(("size", "last"), [(1, 10_000), (100, 100), (1000, 10), (999, 10)])
def test_page_past_row_ten_thousand_is_refused_with_a_pointer(world: FlaskClient, size: int, last: int) -> None:
    assert answer(world, f"/v1/events?limit={size}&page={last}")["data"] == []
    found = fault(world.get(f"/v1/events?limit={size}&page={last + 1}"), "invalid-value", "page")
    assert "10,000" in found["message"] and "cursor" in found["message"]


def test_numbers_hand_over_to_cursors_where_they_end(world: FlaskClient) -> None:
    # A row for each day of thirty years.
    pages = list(
        walk(
            world,
            "/v1/events/totals?group_by=day&dataset=hills&fill=true&date_from=2002-01-01&date_to=2031-12-31&limit=1000&page=9",
        )
    )
    carried = ["page" if "&page=" in (page["next"] or "") else "cursor" for page in pages[:-1]]
    assert carried == ["page", "cursor"]
    found = [date.fromisoformat(row["key"]["day"]) for page in pages for row in page["data"]]
    assert [day - found[0] for day in found] == [timedelta(number) for number in range(len(found))]


# --- Totals of a list --------------------------------------------------------------------------------------------


@for_each("resource", ["events", "figures", "groups", "locations", "documents"])
def test_total_is_exact_on_every_page(world: FlaskClient, resource: str) -> None:
    exact = len(list_oracle.found(resource, {}))
    assert exact > 5
    pages = list(walk(world, f"/v1/{resource}?limit=2"))
    assert {page["total"] for page in pages} == {exact} and len(pages) > 2
    beyond = answer(world, f"/v1/{resource}?limit=5&page=2")
    assert beyond["total"] == exact


# --- Cursors -----------------------------------------------------------------------------------------------------


def _cursor(page: dict[str, Any]) -> str:
    return parse_qs(urlsplit(page["next"]).query)["cursor"][0]


def test_cursor_of_another_order_is_refused(world: FlaskClient) -> None:
    cursor = _cursor(answer(world, "/v1/events?limit=2&sort=date"))
    for other in ("", "&sort=-date", "&sort=id", "&sort=updated_at"):
        found = fault(world.get(f"/v1/events?limit=2{other}&cursor={cursor}"), "invalid-value", "cursor")
        assert "belongs to the order 'date'" in found["message"]
    assert answer(world, f"/v1/events?limit=2&sort=date&cursor={cursor}")["returned"] == 2


def test_cursor_goes_on_from_its_place_whatever_the_page_size(world: FlaskClient) -> None:
    whole = walked(world, "/v1/events?sort=date")
    cursor = _cursor(answer(world, "/v1/events?limit=3&sort=date"))
    assert walked(world, f"/v1/events?sort=date&limit=6&cursor={cursor}") == whole[3:]


# --- Rows of totals ----------------------------------------------------------------------------------------------


@for_each("path", ["/v1/figures/totals?group_by=month,population", "/v1/events/totals?group_by=day,group"])
def test_rows_of_totals_are_walked_like_records(world: FlaskClient, path: str) -> None:
    whole = answer(world, path)
    assert whole["total"] == whole["returned"] > 10
    for size in (whole["total"] // 4, whole["total"]):
        for start in ("", "&page=1"):
            rows = [row for page in walk(world, f"{path}&limit={size}{start}") for row in page["data"]]
            assert rows == whole["data"]
    assert answer(world, f"{path}&limit=1000&page=2")["data"] == []
    fault(world.get(f"{path}&cursor=abc"), "invalid-value", "cursor")
