"""Whatever goes wrong is told as a problem (RFC 9457) that says what, where, and what would be right.

Most is refused before any row is read. What rows decide, and what a database itself does, is asked on both engines.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NoReturn

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.errors import MOST_TOLD, PROBLEMS
from api.query.standard_parameters import LAST_PAGED_ROW, MOST_LIMIT
from tests.conftest import ENGINES, application, close
from tests.databases import Databases
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

LISTS = (
    "/v1/events",
    "/v1/groups",
    "/v1/locations",
    "/v1/casualties",
    "/v1/displacements",
    "/v1/figures",
    "/v1/documents",
    "/v1/datasets",
)
TOTALS = ("/v1/events/totals", "/v1/casualties/totals", "/v1/displacements/totals", "/v1/figures/totals")
RECORDS = (
    "/v1/events/kale-arrests-2031-02-03",
    "/v1/figures/kale-captured",
    "/v1/groups/stone-guard",
    "/v1/locations/lashio-town",
    "/v1/documents/h1",
    "/v1/datasets/hills",
    "/v1/codebook/event_type",
)
PAGES = (
    "/",
    "/openapi.json",
    "/openapi.yaml",
    "/health/live",
    "/health/ready",
    "/problems/not-found",
    "/v1/codebook",
    "/v1/methodology",
)
EVERYTHING = (*LISTS, *TOTALS, *RECORDS, *PAGES)


def problem(response: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """The body of an answer that has to be this problem, complete and in form."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    body: dict[str, Any] = response.get_json(force=True)
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["title"] and body["detail"] and body["instance"]
    return body


def fault(response: TestResponse, slug: str, parameter: str) -> dict[str, Any]:
    """The one fault of a refused question, which has to be this parameter's."""
    body = problem(response, 400, slug)
    (found,) = body["errors"]
    assert found["parameter"] == parameter
    assert found["message"] in body["detail"]
    return dict(found)


def forged(*content: object) -> str:
    """A cursor that `next` never gave."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


# --- 400: parameters ---------------------------------------------------------------------------------------------


@for_each("path", EVERYTHING)
def test_unknown_parameter_is_refused_everywhere(world: FlaskClient, path: str) -> None:
    found = fault(world.get(f"{path}?zzz=1"), "unknown-parameter", "zzz")
    assert f"of {path.rsplit('/', 1)[0]}" in found["message"] or f"of {path}" in found["message"]


@for_each("path", [*(path for path in LISTS if path != "/v1/datasets"), *TOTALS])
def test_misspelt_parameter_gets_a_suggestion(world: FlaskClient, path: str) -> None:
    found = fault(world.get(f"{path}?contry=MMR"), "unknown-parameter", "contry")
    assert found["did_you_mean"] == "country"
    assert "Did you mean 'country'?" in found["message"]
    assert {"country", "location", "limit"} <= set(found["allowed"])


@for_each(
    ("parameter", "value", "told"),
    [
        ("date_from", "2023-13-01", "'2023-13-01' is not a date"),
        ("date_to", "2023-02-29", "'2023-02-29' is not a date"),
        ("date_to", "20230201", "'20230201' is not a date"),
        ("updated_since", "yesterday", "'yesterday' is not a time"),
        ("updated_since", "2031-05-01T00:00:00", "lacks its zone"),
        ("limit", "5000", "5,000, over the most, 1,000"),
        ("limit", "0", "0 is below the least, 1"),
        ("limit", "ten", "'ten' is not a whole number"),
        ("limit", "1.5", "'1.5' is not a whole number"),
        ("limit", "1" * 30, "over the most"),
        ("page", "0", "0 is below the least, 1"),
        ("page", "-1", "-1 is below the least, 1"),
        ("page", "101", "'next', which carries a 'cursor'"),
        ("bbox", "1,2,3", "west, south, east, north"),
        ("bbox", "1,2,3,4,5", "not 5"),
        ("bbox", "1,2,3,north", "north is 'north', which is not a number"),
        ("bbox", "1,2,3,91", "north is 91; it lies between -90 and 90. The order is west,south,east,north."),
        ("bbox", "-181,2,3,4", "west is -181"),
        ("bbox", "170,-20,190,-10", "A box across the 180th meridian has its west over its east, such as 170,-20,-170"),
        ("near", "95.68,23.79", "latitude is 95.68; it lies between -90 and 90. The order is latitude,longitude"),
        ("bbox", "1,nan,3,4", "which is not a number"),
        ("best_min", "-1", "-1 is below the least, 0"),
        ("best_max", "1e3", "'1e3' is not a whole number"),
        ("sort", "colour", "'colour' is not one of its values"),
        ("sort", "--date", "'--date' is not one of its values"),
        ("fields", "id,colour", "'colour' is not one of its values"),
        ("fields", "id,id", "'id' stands in it twice"),
        ("cursor", "abc", "is not one that 'next' gave"),
        ("cursor", "bm90IGpzb24", "is not one that 'next' gave"),
        ("cursor", "\u00e9", "is not one that 'next' gave"),
        ("cursor", forged("-date", {"day": "2031-01-01"}, 7), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"day": "2031-01-01"}, "a\0b"), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"day": "2031-01-01"}, "\ud800"), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"day": "2031-01-32"}, "a"), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"time": "2031-01-01T00:00:00"}, "a"), "is not one that 'next' gave"),
        ("cursor", forged("-date", "2031-01-01", "a"), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"year": "2031"}, "a"), "is not one that 'next' gave"),
        ("cursor", forged("-date", ["2031-01-01"], "a"), "is not one that 'next' gave"),
        ("cursor", forged("-date", {"time": "2031-01-01T00:00:00Z"}, "a"), "is not one that 'next' gave"),
        ("cursor", forged("id", "a", "a"), "belongs to the order 'id'"),
        ("type", "battle", "Did you mean 'battles'?"),
        ("type", "Battles,battles", "'battles' stands in it twice"),
        ("status", "numbred", "Did you mean 'numbered'?"),
        ("country", "", "it is empty"),
        ("type", " ", "it is empty"),
        ("country", "MMR,", "one of its values is empty"),
        ("type", "battles,battles", "'battles' stands in it twice"),
        ("q", "", "it is empty"),
    ],
)
def test_bad_value_is_refused_and_named(world: FlaskClient, parameter: str, value: str, told: str) -> None:
    found = fault(world.get("/v1/events", query_string={parameter: value}), "invalid-value", parameter)
    assert told in found["message"]


@for_each(
    ("parameter", "control"),
    product(
        ["group", "claimant", "q", "row", "date_from", "limit", "cursor"],
        ["\r\nX-Injected: 1", "\x00", "\n", "a\tb", "a\x7fb"],
    ),
)
def test_control_characters_are_refused(world: FlaskClient, parameter: str, control: str) -> None:
    response = world.get("/v1/events", query_string={parameter: f"x{control}"})
    assert "holds a control character" in fault(response, "invalid-value", parameter)["message"]
    response = world.get("/v1/events", query_string={parameter: f"{control}x"})
    assert "holds a control character" in fault(response, "invalid-value", parameter)["message"]
    assert "X-Injected" not in response.headers


@on_both
@for_each("identity", ["a%0d%0aX-Injected:1", "a%00b", "%F0%9F%98%80", "%FF", "%ED%A0%80", "'--", "%25"])
def test_ids_of_any_characters_are_not_found(world: FlaskClient, identity: str) -> None:
    for path in RECORDS:
        response = world.get(f"{path.rsplit('/', 1)[0]}/{identity}")
        problem(response, 404, "not-found")
        assert "X-Injected" not in response.headers


def test_unknown_parameter_of_any_characters_is_refused(world: FlaskClient) -> None:
    for name in ("a\r\nX-Injected: 1", "\x00", "", "\u1000", "<script>"):
        fault(world.get("/v1/events", query_string={name: "1"}), "unknown-parameter", name)


@for_each(
    "query",
    ["date_from=2031-02-01&date_from=2031-02-02", "limit=5&limit=5", "format=json&format=csv", "q=a&type=riots&q=b"],
)
def test_parameter_given_twice_is_refused(world: FlaskClient, query: str) -> None:
    found = fault(world.get(f"/v1/events?{query}"), "repeated-parameter", query.split("=")[0])
    assert "given twice" in found["message"]


@for_each(
    ("sort", "value"),
    [
        *(("best", value) for value in (True, 2**63, -(2**64), 1.5, "12", {"day": "2031-01-01"})),
        *(("updated_at", value) for value in ({"time": "2031-01-01T00:00:00"}, {"day": "2031-01-01"}, 7)),
    ],
)
def test_cursor_with_another_kind_of_value_is_refused(world: FlaskClient, sort: str, value: object) -> None:
    response = world.get("/v1/figures", query_string={"sort": sort, "cursor": forged(sort, value, "a")})
    fault(response, "invalid-value", "cursor")


def test_parameter_without_a_value_is_refused(world: FlaskClient) -> None:
    assert "it is empty" in fault(world.get("/v1/events?country"), "invalid-value", "country")["message"]


@for_each(
    ("query", "parameter", "told"),
    [
        ("date_from=2031-02-02&date_to=2031-02-01", "date_from", "2031-02-02"),
        ("best_min=6&best_max=5", "best_min", "6"),
        ("bbox=1,30,3,20", "bbox", "south (30) above its north (20)"),
        ("near=21,96", "near", "needs 'radius_km'"),
        ("radius_km=5", "radius_km", "needs 'near'"),
        ("include_members=true", "include_members", "needs 'group'"),
        ("row=mmr", "row", "needs 'group_by'"),
        ("group_by=country", "group_by", "needs 'row'"),
        ("group_by=country&row=MMR,mm01", "row", "2 values for 1 dimensions"),
        ("page=1&cursor=abc", "page", "exclude each other"),
        ("format=csv&page=1", "page", "gives the whole result"),
        ("format=ndjson&cursor=abc", "cursor", "gives the whole result"),
        ("format=geojson&page=2", "page", "gives the whole result"),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    world: FlaskClient, query: str, parameter: str, told: str
) -> None:
    assert told in fault(world.get(f"/v1/events?{query}"), "parameters-disagree", parameter)["message"]


def test_bounds_that_meet_are_no_impossible_range(world: FlaskClient) -> None:
    for query in ("date_from=2031-02-14&date_to=2031-02-14", "best_min=12&best_max=12", "bbox=95,20,99,20"):
        assert world.get(f"/v1/events?{query}").status_code == 200


@for_each(
    "query",
    [
        "near=91,2&radius_km=1",
        "near=1&radius_km=1",
        "near=1,2&radius_km=-1",
        "near=1,2&radius_km=inf",
        "near=1,2&radius_km=20016",
    ],
)
def test_bad_circle_is_refused(world: FlaskClient, query: str) -> None:
    problem(world.get(f"/v1/events?{query}"), 400, "invalid-value")


def test_include_members_is_true_or_false(world: FlaskClient) -> None:
    found = fault(world.get("/v1/events?group=stone-guard&include_members=yes"), "invalid-value", "include_members")
    assert found["allowed"] == ["true", "false"]


def test_row_of_an_unknown_code_is_refused(world: FlaskClient) -> None:
    found = fault(world.get("/v1/events?group_by=type&row=battle"), "invalid-value", "row")
    assert "battles" in found["allowed"]


@on_both
@for_each(
    ("dimension", "value"),
    [
        *(("day", value) for value in ("foo", "2031-02-30", "20310214", "2031-02", "2031-W02-1", "2031-2-014")),
        *(("week", value) for value in ("2031-W60", "2031-W2", "2031-02-1", "2031-W5\uff13")),
        *(("month", value) for value in ("2031-13", "2031", "2031-W02")),
        *(("year", value) for value in ("banana", "31", "20311")),
        *((name, "nowhere") for name in ("state_or_region", "district", "township", "location")),
        *(("country", value) for value in ("XXX", "Myanmar")),
        *((name, "nobody") for name in ("group", "claimant", "dataset", "document")),
        # A name is not the id that the row itself has.
        *(("group", "Stone Guard"), ("claimant", "Stone Guard")),
    ],
)
def test_row_of_an_impossible_value_is_refused(world: FlaskClient, dimension: str, value: str) -> None:
    body = world.get("/v1/figures", query_string={"group_by": dimension, "row": value}).get_json(force=True)
    assert body["status"] == 400
    assert [found["parameter"] for found in body["errors"]] == ["row"]
    assert value in body["errors"][0]["message"]


def test_more_than_four_dimensions_are_refused(world: FlaskClient) -> None:
    found = fault(world.get("/v1/figures/totals?group_by=day,week,month,year,type"), "invalid-value", "group_by")
    assert "at most 4" in found["message"]


def test_all_faults_are_told_at_once(world: FlaskClient) -> None:
    body = problem(world.get("/v1/events?contry=MMR&type=battle&limit=x"), 400, "unknown-parameter")
    assert [found["parameter"] for found in body["errors"]] == ["contry", "type", "limit"]
    body = problem(world.get("/v1/events?group=nobody&location=nowhere"), 400, "unknown-name")
    assert {found["parameter"] for found in body["errors"]} == {"group", "location"}


def test_limits_are_taken_up_to_the_most(world: FlaskClient) -> None:
    assert world.get(f"/v1/events?limit={MOST_LIMIT}").status_code == 200
    fault(world.get(f"/v1/events?limit={MOST_LIMIT + 1}"), "invalid-value", "limit")


def test_page_numbers_reach_the_last_row_and_no_further(world: FlaskClient) -> None:
    assert world.get(f"/v1/events?limit=1000&page={LAST_PAGED_ROW // 1000}").json["data"] == []
    found = fault(world.get(f"/v1/events?limit=1000&page={LAST_PAGED_ROW // 1000 + 1}"), "invalid-value", "page")
    assert "10,000" in found["message"] and "cursor" in found["message"]


# --- 400: names --------------------------------------------------------------------------------------------------


def test_unknown_group_is_refused(world: FlaskClient) -> None:
    assert (
        "no group is called 'nobody'" in fault(world.get("/v1/events?group=nobody"), "unknown-name", "group")["message"]
    )


@on_both
@for_each(
    ("parameter", "written", "meant"),
    [
        ("group", "Stone Gard", "stone-guard"),
        ("group", "Mouvement de la Maree!", None),
        ("location", "Lashoi", "lashio-town"),
        ("location", "Taang Hsarr", "taang-hsar"),
        ("dataset", "hils", "hills"),
        ("document", "h11", "h1"),
        ("event", "kale-arrest-2031-02-03", "kale-arrests-2031-02-03"),
        ("part_of", "hills-campaign-2031", "hill-campaign-2031"),
        ("claimant", "keeper of the bridge", "the keeper of the bridge"),
        ("claimant", "Crown Armee", "crown-army"),
        ("country", "MMX", "MMR"),
        ("country", "Burmma", "MMR"),
        ("id", "kale-capture", "kale-captured"),
    ],
)
def test_misspelt_name_gets_a_suggestion(world: FlaskClient, parameter: str, written: str, meant: str | None) -> None:
    response = world.get("/v1/figures", query_string={parameter: written})
    if meant is None:
        assert response.status_code == 200
        return
    found = fault(response, "unknown-name", parameter)
    assert meant in [candidate["id"] for candidate in found["candidates"]]
    assert found["did_you_mean"] in found["message"]


@on_both
def test_an_unknown_id_is_told_with_what_it_is_an_id_of(world: FlaskClient) -> None:
    for parameter in ("id", "part_of"):
        found = fault(world.get(f"/v1/events?{parameter}=nothing"), "unknown-name", parameter)
        assert found["message"].startswith(f"In '{parameter}', there is no event 'nothing' (they are at /v1/events).")
    found = fault(world.get("/v1/events?dataset=acled"), "unknown-name", "dataset")
    assert found["message"] == "In 'dataset', there is no dataset 'acled' (they are at /v1/datasets)."
    assert found["allowed"] == [one["id"] for one in world.get("/v1/datasets").get_json()["data"]]
    found = fault(world.get("/v1/events?release=acled"), "unknown-name", "release")
    assert "(they are at /v1/datasets)" in found["message"]


@on_both
def test_candidates_bear_the_names_of_their_records(world: FlaskClient) -> None:
    for parameter, written, record in (
        ("location", "springs-nort", "locations"),
        ("location", "MM010109", "locations"),
        ("group", "crown-armi", "groups"),
        ("claimant", "FF", "groups"),
        ("part_of", "hills-campaign-2031", "events"),
        ("document", "h11", "documents"),
        ("dataset", "hils", "datasets"),
    ):
        (found,) = world.get("/v1/events", query_string={parameter: written}).get_json()["errors"]
        assert found["candidates"], written
        for one in found["candidates"]:
            body = world.get(f"/v1/{record}/{one['id']}").get_json()
            assert one["name"] == (body.get("name") or body.get("title")), written


@on_both
@for_each(
    ("query", "parameter", "candidates"),
    [
        ("group=FF", "group", ["free-front-isles", "free-front-north"]),
        ("claimant=FF", "claimant", ["free-front-isles", "free-front-north"]),
        ("location=Springs", "location", ["springs-north", "springs-plain"]),
        ("location=Springs&country=MMR", "location", ["springs-north", "springs-plain"]),
        ("location=Rivermouth", "location", ["rivermouth-fj", "rivermouth-mm"]),
    ],
)
def test_ambiguous_name_is_refused_with_its_candidates(
    world: FlaskClient, query: str, parameter: str, candidates: list[str]
) -> None:
    found = fault(world.get(f"/v1/events?{query}"), "ambiguous-name", parameter)
    assert sorted(candidate["id"] for candidate in found["candidates"]) == candidates
    for candidate in candidates:
        assert candidate in found["message"]


@on_both
@for_each("parameter", ["id", "part_of", "dataset", "document", "country", "group", "location"])
def test_withdrawn_id_in_a_filter_is_told_as_withdrawn_where_it_was_one(world: FlaskClient, parameter: str) -> None:
    found = fault(world.get(f"/v1/events?{parameter}=old-rumour-2031"), "unknown-name", parameter)
    assert ("'old-rumour-2031' was withdrawn" in found["message"]) is (parameter in ("id", "part_of"))
    # What else is there is not what was meant.
    assert parameter not in ("id", "part_of") or "did_you_mean" not in found


@for_each("value", ['"Star" Guard', 'Star "Guard"'])
def test_quotes_around_no_whole_value_are_part_of_it(world: FlaskClient, value: str) -> None:
    found = fault(world.get("/v1/events", query_string={"group": value}), "unknown-name", "group")
    assert f"no group is called '{value}'" in found["message"]


@for_each("query", ["q=%FF", "q=a%C3&limit=1", "limit=1&group=%ED%A0%80", "%FF=1"])
def test_bytes_that_are_no_text_are_refused(world: FlaskClient, query: str) -> None:
    parameter = next(pair for pair in query.split("&") if "%" in pair).partition("=")[0].replace("%FF", "\ufffd")
    found = fault(world.get(f"/v1/events?{query}"), "invalid-value", parameter)
    assert "UTF-8" in found["message"]


def test_question_without_a_word_is_refused(world: FlaskClient) -> None:
    for path in LISTS[:7]:
        assert "has no word" in fault(world.get(f"{path}?q=..."), "invalid-value", "q")["message"]


@for_each("asked", ["measure=trade_share", "measure=population,trade_share", "family=context"])
def test_what_is_never_totalled_is_refused_with_its_list(world: FlaskClient, asked: str) -> None:
    """An empty total would say that nobody lives there."""
    for path in ("/v1/figures/totals", "/ogc/collections/totals-by-place/items"):
        found = fault(world.get(f"{path}?{asked}"), "parameters-disagree", asked.partition("=")[0])
        assert "has no totals: the figures are at /v1/figures." in found["message"]
    # Events are counted, whatever their figures are of, and pages show what there is.
    assert world.get(f"/v1/events/totals?{asked}").json["total"] > 0
    for page in ("/", "/v1/figures"):
        assert world.get(f"{page}?{asked}", headers={"Accept": "text/html"}).status_code == 200
    assert world.get(f"/v1/figures?{asked}").json["total"] > 0


@for_each("operator", ["reef OR lashio", "reef NOT lashio", "reef -lashio", "ree*", "reef|lashio", '"east reef"'])
def test_operator_is_no_word(world: FlaskClient, operator: str) -> None:
    for path in LISTS[:7]:
        refused = world.get(path, query_string={"q": operator})
        assert "'q' has no operators" in fault(refused, "invalid-value", "q")["message"]
    # What only looks like one is punctuation.
    for text in ("reef - lashio", "Operation -1027", '"reef"', "reef and lashio", "notorious", "stone-guard"):
        assert world.get("/v1/events", query_string={"q": text}).status_code == 200


def test_place_is_not_asked_for_with_what_it_lies_in(world: FlaskClient) -> None:
    """As alternatives `Lashio town, Myanmar` asks for all of Myanmar, which nobody means."""
    found = fault(world.get("/v1/events?location=lashio-town,+Myanmar"), "parameters-disagree", "location")
    assert found["did_you_mean"] == "lashio-town" and "all of 'Myanmar'" in found["message"]
    # Alternatives are taken, as programs write them too.
    for asked in ("lashio-town,+north-isles", "Myanmar,+lashio-town", "lashio-town,Myanmar"):
        assert world.get(f"/v1/events?location={asked}").status_code == 200


# --- 400 and 406: formats ----------------------------------------------------------------------------------------


@for_each("path", [*LISTS, *TOTALS, *RECORDS])
def test_unknown_format_is_refused_with_the_list(world: FlaskClient, path: str) -> None:
    found = fault(world.get(f"{path}?format=pdf"), "invalid-value", "format")
    assert found["allowed"][0] == "json"
    assert all(name in found["message"] for name in found["allowed"])


def test_geojson_is_refused_where_nothing_has_a_place(world: FlaskClient) -> None:
    for path in ("/v1/groups", "/v1/documents", "/v1/datasets"):
        fault(world.get(f"{path}?format=geojson"), "invalid-value", "format")
        problem(world.get(path, headers={"Accept": "application/geo+json"}), 406, "not-acceptable")
    for path in TOTALS:
        fault(world.get(f"{path}?format=geojson&group_by=month"), "parameters-disagree", "format")


@for_each("path", [*LISTS, *TOTALS, *RECORDS, "/v1/codebook"])
def test_accept_header_that_names_nothing_we_have_is_not_acceptable(world: FlaskClient, path: str) -> None:
    body = problem(world.get(path, headers={"Accept": "image/png"}), 406, "not-acceptable")
    assert "application/json" in body["detail"]
    assert world.get(path, headers={"Accept": "image/png, */*;q=0.1"}).status_code == 200


@for_each(
    ("accept", "media_type"),
    [
        ("application/json; charset=utf-8", "application/json"),
        ("text/csv;header=present", "text/csv"),
        ("text/csv; header=present; charset=utf-8", "text/csv"),
        ("application/geo+json;q=0.5, text/csv; charset=utf-8;q=0.6", "text/csv"),
    ],
)
def test_parameters_of_a_media_type_are_no_hindrance(world: FlaskClient, accept: str, media_type: str) -> None:
    response = world.get("/v1/events", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)


def test_record_is_not_acceptable_as_csv(world: FlaskClient) -> None:
    for path in RECORDS:
        problem(world.get(path, headers={"Accept": "text/csv"}), 406, "not-acceptable")


# --- 404, 405, 410, 414 ------------------------------------------------------------------------------------------


@on_both
@for_each(
    ("path", "near"),
    [
        ("/v1/events/kale-arrest-2031-02-03", "kale-arrests-2031-02-03"),
        ("/v1/figures/kale-capture", "kale-captured"),
        ("/v1/casualties/kale-captured", "/v1/figures/kale-captured"),
        ("/v1/displacements/kale-captured", "/v1/figures/kale-captured"),
        ("/v1/groups/stone-gard", "stone-guard"),
        ("/v1/locations/lashio-twon", "lashio-town"),
        ("/v1/documents/h11", "h1"),
        ("/v1/datasets/hils", "hills"),
        ("/v1/codebook/event_types", "event_type"),
        ("/v1/event", "/v1/events"),
        ("/v1/displacement", "/v1/displacements"),
        ("/v2/events", "/v1/events"),
        ("/v1/Events", "/v1/events"),
        ("/problems/not-fond", "not-found"),
    ],
)
def test_what_is_not_here_is_not_found_with_near_matches(world: FlaskClient, path: str, near: str) -> None:
    body = problem(world.get(path), 404, "not-found")
    assert near in body["near"]
    assert path.startswith("/problems") or f"Did you mean '{body['near'][0]}'?" in body["detail"]
    assert body["instance"] == path


@for_each(
    ("path", "meant"),
    [
        ("/v1/casualties/total", "/v1/casualties/totals"),
        ("/v1/displacements/total/", "/v1/displacements/totals"),
        ("/v1/events/total", "/v1/events/totals"),
        ("/v1/casualties/nothing-like-it", "/v1/casualties"),
        ("/v1/casualties/totals/month", "/v1/casualties/totals"),
        ("/v1/places", "/v1/locations"),
        ("/v1/casualties/deaths", "/v1/casualties"),
    ],
)
def test_an_address_that_is_not_here_leads_to_one_that_is(world: FlaskClient, path: str, meant: str) -> None:
    body = problem(world.get(path), 404, "not-found")
    assert body["near"][0] == meant and meant in body["detail"]
    assert world.get(meant).status_code == 200


def test_filters_of_the_start_page_are_none_of_its_data(world: FlaskClient) -> None:
    refused = fault(world.get("/?location=Lashio"), "unknown-parameter", "location")
    assert "format=html" in refused["message"] and "/v1/events" in refused["message"]
    assert world.get("/?location=lashio-town&format=html").status_code == 200


def test_faults_are_told_together_however_they_are_found(world: FlaskClient) -> None:
    by_get = problem(world.get("/v1/events?format=xml&date_from=x&limit=1"), 400, "invalid-value")
    assert {fault["parameter"] for fault in by_get["errors"]} == {"format", "date_from"}
    posted = problem(world.post("/v1/events/query", json={"date_from": "x", "limit": "1"}), 400, "invalid-value")
    assert {fault["parameter"] for fault in posted["errors"]} == {"limit", "date_from"}


def test_nothing_near_is_no_near_match(world: FlaskClient) -> None:
    body = problem(world.get("/v1/events/zzzzzzzzzzzz"), 404, "not-found")
    assert body["near"] == [] and "Did you mean" not in body["detail"]


@for_each("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writing_is_not_allowed(world: FlaskClient, method: str) -> None:
    for path in (*EVERYTHING, "/v1/events/nobody-knows"):
        response = world.open(path, method=method, json={"id": "x"})
        body = problem(response, 405, "method-not-allowed")
        assert {"GET", "HEAD", "OPTIONS"} == set(re.split(r",\s*", response.headers["Allow"])), path
        assert method in body["detail"], path


def test_refusal_says_where_a_question_is_posted(world: FlaskClient) -> None:
    body = problem(world.post("/v1/events", json={}), 405, "method-not-allowed")
    assert "posted to /v1/events/query" in body["detail"]
    body = problem(world.get("/v1/events/query"), 404, "not-found")
    assert "posted to this address" in body["detail"] and body["near"] == ["/v1/events"]


@on_both
@for_each("path", ["/v1/events/old-rumour-2031", "/v1/figures/rumour-killed"])
def test_withdrawn_record_is_gone_with_its_tombstone(world: FlaskClient, path: str) -> None:
    body = problem(world.get(path), 410, "withdrawn")
    tombstone = body["tombstone"]
    assert tombstone["id"] == path.rsplit("/", 1)[1]
    assert (tombstone["dataset"], tombstone["action"], tombstone["replaced_by"]) == ("hills", "deleted", None)
    assert tombstone["at"] == "2031-05-04T08:00:00Z"
    assert tombstone["reason"]


def test_tombstone_is_of_that_kind_of_record_alone(world: FlaskClient) -> None:
    problem(world.get("/v1/figures/old-rumour-2031"), 404, "not-found")


def test_address_over_its_length_is_refused(world: FlaskClient) -> None:
    room = 8192 - len("/v1/events?q=")
    assert world.get(f"/v1/events?q={'a' * room}").status_code == 200
    body = problem(world.get(f"/v1/events?q={'a' * (room + 1)}"), 414, "address-too-long")
    assert "8,193" in body["detail"] and "8,192" in body["detail"]
    # Bytes as they came over the wire, not characters as they are meant.
    problem(world.get(f"/v1/events?q={'%E1%80%80' * 1000}"), 414, "address-too-long")
    problem(world.get(f"/{'a' * 9000}"), 414, "address-too-long")


@for_each("path", ["/v1/events?contry=MMR", "/v1/nothing", "/v1/events/old-rumour-2031"])
def test_head_gets_the_status_of_the_problem_and_no_body(world: FlaskClient, path: str) -> None:
    asked, told = world.head(path), world.get(path)
    assert asked.status_code == told.status_code
    assert asked.content_type == "application/problem+json"
    assert asked.data == b""


@for_each("path", ["/v1/events?contry=MMR", "/v1/nothing", "/v1/events/old-rumour-2031"])
def test_problems_may_be_read_from_any_origin(world: FlaskClient, path: str) -> None:
    response = world.get(path, headers={"Origin": "https://maps.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


# --- 429 ---------------------------------------------------------------------------------------------------------


def test_no_rate_is_limited_unless_it_is_set(world: FlaskClient) -> None:
    assert {world.get("/health/live").status_code for _ in range(50)} == {200}


@pytest.fixture
def limited(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that answers three requests a minute."""
    app = application(world_address, rate_limit="3 per minute")
    yield app.test_client()
    close(app)


def test_client_that_asks_too_often_is_told_when_to_ask_again(limited: FlaskClient) -> None:
    # The limit is on the client, whatever it asks for.
    assert [limited.get(path).status_code for path in ("/v1/events", "/v1/groups", "/v1/figures")] == [200] * 3
    response = limited.get("/v1/locations")
    body = problem(response, 429, "too-many-requests")
    assert "3 per 1 minute" in body["detail"]
    assert 0 < int(response.headers["Retry-After"]) <= 60
    other = limited.get("/v1/locations", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200
    # Whoever supervises the service asks as often as it wants to.
    assert [limited.get(f"/health/{path}").status_code for path in ("live", "ready")] == [200] * 2


# --- 503 and 500 -------------------------------------------------------------------------------------------------

FROM_THE_DATABASE = (
    "/",
    *LISTS,
    *TOTALS,
    *RECORDS[:6],
    "/v1/events?format=csv",
    "/v1/events?group=AA",
    "/health/ready",
)


@pytest.fixture(scope="module", params=["away", "empty"])
def without_data(request: pytest.FixtureRequest, databases: Databases) -> Iterator[FlaskClient]:
    """A client of an application whose database cannot be reached, or has no schema."""
    if request.param == "empty":
        address = databases.empty()
    elif databases.server is None:
        address = f"sqlite:///{databases.folder / 'no-such-folder' / 'data.db'}"
    else:
        address = "postgresql://postgres@127.0.0.1:1/nothing"
    app = application(address)
    yield app.test_client()
    close(app)


@on_both
@for_each("path", FROM_THE_DATABASE)
def test_database_that_is_away_or_unmigrated_is_told_as_such(without_data: FlaskClient, path: str) -> None:
    response = without_data.get(path)
    body = problem(response, 503, "database-away")
    assert int(response.headers["Retry-After"]) > 0
    assert "sqlite" not in response.text.lower() and "psycopg" not in response.text.lower()
    assert "127.0.0.1" not in body["detail"] and "no such table" not in body["detail"]


# A file cannot cut a connection.
@pytest.mark.engines("postgresql")
def test_connections_that_were_cut_are_made_anew(databases: Databases, world_address: str) -> None:
    # Nobody else's are cut.
    address = databases.copy(world_address)
    app = application(address)
    client = app.test_client()
    before = ("/v1/events?limit=2", "/v1/events/kale-arrests-2031-02-03", "/v1/events?limit=2&format=csv")
    # Others, so that nothing is answered from memory.
    after = ("/v1/events?limit=3", "/v1/events/hill-campaign-2031", "/v1/events?limit=3&format=csv")
    assert [client.get(path).status_code for path in before] == [200] * len(before)
    with psycopg.connect(address, autocommit=True) as connection:
        others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        cut = connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS others").fetchall()
    assert len(cut) >= 2
    assert [client.get(path).status_code for path in after] == [200] * len(after)
    close(app)


@on_both
def test_what_needs_no_database_is_answered_without_one(without_data: FlaskClient) -> None:
    for path in ("/health/live", "/openapi.json", "/problems/database-away"):
        assert without_data.get(path).status_code == 200
    problem(without_data.get("/v1/nothing"), 404, "not-found")
    problem(without_data.post("/v1/events"), 405, "method-not-allowed")


@pytest.fixture
def broken(world_address: str) -> Iterator[Flask]:
    """An application in which the list of events and one record fail."""
    app = application(world_address)

    def fail(**_identity: str) -> NoReturn:
        raise RuntimeError("the secret of the house: postgresql://user:password@host")

    app.view_functions["events.list_events"] = fail
    app.view_functions["groups.get_group"] = fail
    yield app
    close(app)


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events?type=battles", "/v1/groups/stone-guard"])
def test_failure_of_ours_tells_an_id_and_the_log_tells_the_rest(
    broken: Flask, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.ERROR):
        response = broken.test_client().get(path)
    body = problem(response, 500, "internal-error")
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert "secret" not in response.text and "RuntimeError" not in response.text
    assert re.fullmatch("[0-9a-f]{16}", body["instance"])
    assert body["instance"] in caplog.text
    assert path.partition("?")[0] in caplog.text
    assert "the secret of the house" in caplog.text


def test_each_failure_has_an_id_of_its_own(broken: Flask) -> None:
    client = broken.test_client()
    assert client.get("/v1/events").get_json(force=True) != client.get("/v1/events").get_json(force=True)


# --- Pages that explain ------------------------------------------------------------------------------------------


@for_each("slug", [kind.slug for kind in PROBLEMS])
def test_type_of_every_problem_resolves_to_a_page(world: FlaskClient, slug: str) -> None:
    kind = next(kind for kind in PROBLEMS if kind.slug == slug)
    page = world.get(f"/problems/{slug}", headers={"Accept": "text/html"})
    assert page.status_code == 200 and page.mimetype == "text/html"
    assert kind.title in page.text
    assert world.get(f"/problems/{slug}").status_code == 200


# --- All faults at once -------------------------------------------------------------------------------------------


def told(response: TestResponse, status: int) -> dict[str, Any]:
    """The body of a problem of any kind."""
    assert response.status_code == status, response.text
    body: dict[str, Any] | None = response.get_json()
    assert body is not None
    return body


@for_each(
    ("query", "parameters"),
    [
        ("group=Foo&fields=bogus", ["fields", "group"]),
        ("contry=MMR&group=Foo&location=Nowhere&claimant=Nobody", ["contry", "claimant", "group", "location"]),
        ("group=Foo,Bar&include_members=perhaps", ["include_members"]),
        ("type=battle,riot,battles", ["type", "type"]),
        ("group=Foo,Bar,AA", ["group", "group"]),
        ("document=one,two", ["document", "document"]),
        ("near=23,95&limit=none", ["limit", "near"]),
        ("near=23,95&radius_km=far&group=Foo", ["group", "radius_km"]),
        ("group_by=month&row=a,b&limit=none", ["limit", "row"]),
        ("group_by=month&row=2023&type=riot", ["row", "type"]),
    ],
)
def test_every_fault_is_told_at_once(client: FlaskClient, query: str, parameters: list[str]) -> None:
    body = told(client.get(f"/v1/events?{query}"), 400)
    assert sorted(error["parameter"] for error in body["errors"]) == sorted(parameters)
    assert all(error["message"] in body["detail"] for error in body["errors"])


@for_each("name", ["type", "group", "location", "claimant", "document"])
def test_of_one_list_ten_wrong_values_are_told(client: FlaskClient, name: str) -> None:
    wrong = ",".join(f"qq{number}" for number in range(MOST_TOLD + 5))
    errors = told(client.get(f"/v1/events?{name}={wrong}"), 400)["errors"]
    assert [error["parameter"] for error in errors] == [name] * MOST_TOLD
    assert all(f"'qq{number}'" in error["message"] for number, error in enumerate(errors))


@for_each("query", ['group="Arakan Army', 'location=Kawlin,"Tamu', 'q="air strike', 'q=air strike"'])
def test_a_quote_that_is_not_closed_is_refused(client: FlaskClient, query: str) -> None:
    assert "quote that is not closed" in told(client.get(f"/v1/events?{query}"), 400)["detail"]


def test_who_only_passes_on_is_asked_for_as_source(client: FlaskClient) -> None:
    body = told(client.get("/v1/figures?claimant=Associated+Press"), 400)
    assert "'source'" in body["detail"]
    assert client.get("/v1/figures?source=Associated+Press").get_json()["total"] > 0
    # A group is no outlet, though it says something.
    assert "by 'source'" in told(client.get("/v1/figures?outlet=UN"), 400)["detail"]


def test_an_id_that_is_a_parameter_or_a_path_is_told_where_that_is(client: FlaskClient) -> None:
    for path, told_of, near in (
        ("/v1/events/facets", "'facets' is a parameter of /v1/events: facets=type,", "/v1/events"),
        ("/v1/events/facets?by=type&limit=3", "'facets' is a parameter of /v1/events: facets=type,", "/v1/events"),
        ("/v1/events/groups", "'groups' is at /v1/groups.", "/v1/groups"),
        ("/v1/groups/totals", "'totals' is at /v1/events/totals.", "/v1/events/totals"),
    ):
        body = told(client.get(path), 404)
        assert body["detail"].startswith(f"There is no {path.split('/')[2].removesuffix('s')} '")
        assert told_of in body["detail"] and near in body["near"]
        assert f'href="{near}"' in client.get(path, headers={"Accept": "text/html"}).text
    assert told(client.get("/v1/events/nobody?fields=id"), 404)["detail"] == "There is no event 'nobody'."
    # Of a record that is there, what else is asked is refused as before.
    assert told(client.get("/v1/groups/arakan-army?fields=id"), 400)["errors"][0]["parameter"] == "fields"


@for_each(("path", "near"), [("groups/AA", "arakan-army"), ("locations/Kawlin+town", "mmr005024701")])
def test_a_name_in_place_of_an_id_leads_to_the_record(client: FlaskClient, path: str, near: str) -> None:
    found = told(client.get(f"/v1/{path}"), 404)["near"]
    assert near in found


@for_each(
    ("query", "meant"),
    [
        ("contry=MMR", "country"),
        ("outcomes=captured", "outcome"),
        ("group=Arakan+Armi", "Arakan Army"),
        ("wombat=1", None),
        ("deadliest=1", None),
        ("group=Kangaroo+Force", None),
        ("type=wombats", None),
        ("population=soldiers", "state_forces"),
        ("sex=women", "female"),
        ("cause=airstrike", "heavy_weapons"),
        ("subtype=airstrike", "air_drone_strike"),
        ("verification=verified", "confirmed"),
        ("measure=arrested", "captured"),
        ("sort=killed_best", "killed"),
        ("fields=deaths", "killed_best"),
        ("format=excel", "xlsx"),
        ("dataset=OP1027", "op1027"),
        ("document=002", "002_49c7442abbe22091"),
        ("claimant=resident of Pauktaw", "a resident of Pauktaw"),
    ],
)
def test_only_what_is_truly_close_is_suggested(client: FlaskClient, query: str, meant: str | None) -> None:
    (error,) = told(client.get(f"/v1/events?{query}"), 400)["errors"]
    assert error.get("did_you_mean") == meant


# --- What is no outage -------------------------------------------------------------------------------------------


def test_words_without_end_are_refused_alike(world: FlaskClient) -> None:
    for path in ("events", "figures", "groups", "locations", "documents"):
        refused = fault(world.get(f"/v1/{path}?q={'+'.join(f'word{n}' for n in range(499))}"), "invalid-value", "q")
        assert refused["message"] == "'q' has 499 words; at most 100 are taken."
        assert world.get(f"/v1/{path}?q={'+'.join(f'word{n}' for n in range(100))}").json["total"] == 0


@on_both
def test_only_a_database_that_is_away_is_worth_asking_again(world_address: str) -> None:
    app = application(world_address)

    def asking(table: str) -> Callable[[], str]:
        def view() -> str:
            with app.extensions["conflict_events"].engine.connect() as connection:
                return str(connection.exec_driver_sql(f"SELECT absent FROM {table}").scalar())

        return view

    app.add_url_rule("/mistake", "mistake", asking("revision"))
    app.add_url_rule("/unmigrated", "unmigrated", asking("revisions"))
    client = app.test_client()
    problem(client.get("/mistake"), 500, "internal-error")
    problem(client.get("/unmigrated"), 503, "database-away")
    close(app)


@for_each(
    ("query", "told_too"),
    [
        ("type=air_drone_strike", "It is a value of 'subtype'."),
        ("measure=female", "It is a value of 'sex'."),
        ("date_from=2023-11", "'2023-11' is from 2023-11-01 to 2023-11-30"),
        ("date_to=2024-02", "from 2024-02-01 to 2024-02-29"),
        ("date_from=2023", "from 2023-01-01 to 2023-12-31"),
        ("date_from=2023-W45", "'2023-W45' is from 2023-11-06 to 2023-11-12"),
        ("date_from=20231106", "'20231106' is written 2023-11-06"),
        ("within=POLYGON((92 19,95 19,95 22,92 19))", "written as GeoJSON"),
        ("document=reuters", "ask for it by 'outlet'"),
    ],
)
def test_a_refusal_says_where_what_was_written_belongs(client: FlaskClient, query: str, told_too: str) -> None:
    (error,) = told(client.get(f"/v1/events?{query}"), 400)["errors"]
    assert told_too in error["message"]


@for_each(
    ("path", "measure", "at"),
    [
        ("casualties", "displaced", "/v1/displacements."),
        ("displacements/totals", "Killed", "/v1/casualties/totals."),
        ("casualties/totals", "trapped", "/v1/figures/totals."),
        ("casualties/totals", "population", "/v1/figures."),
    ],
)
def test_a_measure_of_another_family_is_refused_with_where_it_is(
    client: FlaskClient, path: str, measure: str, at: str
) -> None:
    (error,) = told(client.get(f"/v1/{path}?measure={measure}"), 400)["errors"]
    assert error["message"].endswith(at) and measure.casefold() not in error["allowed"]
    assert client.get(f"{at.rstrip('.')}?measure={measure}").status_code == 200


def test_a_refusal_says_how_many_values_it_leaves_out(client: FlaskClient) -> None:
    (many,) = told(client.get("/v1/events?fields=colour&format=csv"), 400)["errors"]
    (few,) = told(client.get("/v1/events?kind=colour"), 400)["errors"]
    assert many["allowed_total"] > len(many["allowed"]) and "allowed_total" not in few
