"""Every form of an answer holds the same records, and HTTP's manners are kept: negotiation, compression, caching."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli
import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from api import __version__
from api.answers.lists import answer_list
from api.answers.service import Service
from api.resources.figures import LIST as FIGURE_LIST
from api.resources.figures import LISTING
from tests.added_code import copy_with
from tests.column_oracle import FLAT
from tests.conftest import ENGINES, application, close
from tests.databases import Databases
from tests.list_oracle import EVENTS, FIGURES, KNOWN
from tests.many_events import many_events
from tests.small_world import ATLAS, DATASETS, HILLS, ISLES, load_world
from tests.statements import recorded
from tests.sweep import for_each
from tests.test_errors import RECORDS, problem

# Forms and manners are made in Python. What streams and tags take from a database is asked of both.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

EVERY_KIND = "kind=incident,episode,aggregate"
LISTS = {
    "events": f"/v1/events?{EVERY_KIND}",
    "figures": "/v1/figures?sort=best",
    "casualties": "/v1/casualties?sort=-updated_at",
    "displacements": "/v1/displacements?dataset=isles,hills",
    "groups": "/v1/groups?sort=-events",
    "locations": "/v1/locations?sort=name",
    "documents": "/v1/documents?sort=published_on",
    "datasets": "/v1/datasets?sort=-id",
}
TOTALS = {
    "event totals": "/v1/events/totals?group_by=state_or_region,type",
    "figure totals": "/v1/figures/totals?group_by=month,claimant",
    "casualty totals": "/v1/casualties/totals?group_by=population",
    "displacement totals": "/v1/displacements/totals?group_by=location",
}
DRAWN = ("events", "figures", "casualties", "displacements", "locations")
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
# How many records each batch of a stream brings (api/answers/stored_records.py and row_records.py).
BATCHED = 200
# They say which address was asked.
FILES = ("xlsx", "parquet")


def get(client: FlaskClient, url: str, **headers: str) -> TestResponse:
    """A good answer, read to its end: a stream that is not read keeps its connection."""
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get(url, headers=written, buffered=True)
    assert response.status_code == 200, f"{url}: {response.text}"
    return response


def records(client: FlaskClient, url: str) -> list[dict[str, Any]]:
    """All records of a list, as JSON has them."""
    body = get(client, f"{url}&limit=1000").json
    assert body["next"] is None
    found: list[dict[str, Any]] = body["data"]
    return found


def lines(text: str) -> list[dict[str, str]]:
    """CSV by its header; every line as wide as it."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


# --- What a flat form has to hold, told from the JSON ------------------------------------------------------------

# What stands for an object in a list; the others are listed as they are.
STANDS_FOR: Mapping[str, Callable[[Any], str]] = {
    "aliases": lambda alias: alias["name"],
    "codes": lambda code: code["code"],
    "relations": lambda relation: relation["group"]["id"],
    "reports": lambda report: report["document"],
    "claims": lambda claim: claim["document"],
    "groups": lambda group: group["id"],
    "figures": lambda figure: figure["id"],
    "path": lambda step: step["id"],
    "releases": lambda release: release["name"],
}


def flat(record: Mapping[str, Any], column: str) -> Any:
    """What the flat column of a record has to hold."""
    if column in ("latitude", "longitude") and "location" in record:
        return record["location"][column]
    if column == "link":
        return f"http://localhost{record['links']['self']}"
    if column.startswith("links_"):
        return f"http://localhost{record['links'][column.removeprefix('links_')]}"
    if column in record:
        return _one_cell(column, record[column])
    dimension, _, what = column.rpartition("_")
    if what == "start" and dimension in record.get("starts", ()):
        return record["starts"][dimension]
    if dimension in record.get("points", ()) and what in ("latitude", "longitude"):
        return (record["points"][dimension] or {}).get(what)
    for key, value in record.items():
        if column.startswith(f"{key}_") and (value is None or isinstance(value, dict)):
            inner = column.removeprefix(f"{key}_")
            return None if value is None else _one_cell(inner, value[inner])
    raise AssertionError(f"the column {column} has nothing behind it")


def _one_cell(column: str, value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(STANDS_FOR.get(column, str)(item) for item in value) or None
    if isinstance(value, dict):
        return "; ".join(f"{key}={item}" for key, item in value.items()) or None
    return value


def as_csv(value: Any) -> str:
    """A value as CSV writes it: null empty, text that a spreadsheet would run behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else str(value)


OF_THE_EVENT_ALONE = tuple(
    f"{measure}_{bound}"
    for measure in ("killed", "injured", "captured", "displaced")
    for bound in ("low", "best", "high", "open_ended")
)
# What no record has, or has otherwise; tests of totals and tests/test_oracles.py look at it.
FLAT_ALONE = {*OF_THE_EVENT_ALONE, "adds_low", "adds_best", "adds_high", *FLAT["Event"], *FLAT["Figure"]} - {"link"}


# --- The same records in every form ------------------------------------------------------------------------------


@on_both
@for_each("name", list(LISTS))
def test_csv_holds_the_same_records_in_the_same_order(world: FlaskClient, name: str) -> None:
    found = lines(get(world, f"{LISTS[name]}&format=csv").text)
    expected = records(world, LISTS[name])
    assert [line["id"] for line in found] == [record["id"] for record in expected]
    for line, record in zip(found, expected, strict=True):
        for column in line.keys() - FLAT_ALONE:
            assert line[column] == as_csv(flat(record, column)), f"{record['id']} {column}"


@for_each("name", DRAWN)
def test_geojson_holds_the_same_records_in_the_same_order(world: FlaskClient, name: str) -> None:
    body = json.loads(get(world, f"{LISTS[name]}&format=geojson").data)
    assert set(body) == {"type", "features", "sources"} and body["type"] == "FeatureCollection"
    expected = records(world, LISTS[name])
    assert [feature["id"] for feature in body["features"]] == [record["id"] for record in expected]
    for feature, record in zip(body["features"], expected, strict=True):
        assert set(feature) == {"type", "id", "geometry", "properties"} and feature["type"] == "Feature"
        for column in feature["properties"].keys() - FLAT_ALONE:
            assert feature["properties"][column] == flat(record, column), f"{record['id']} {column}"


@on_both
@for_each("url", [*LISTS.values(), *TOTALS.values()])
def test_ndjson_holds_the_same_records_in_the_same_order(world: FlaskClient, url: str) -> None:
    text = get(world, f"{url}&format=ndjson").text
    assert text.endswith("\n") and "\n\n" not in text
    assert [json.loads(line) for line in text.splitlines()] == records(world, url)


@for_each("url", list(TOTALS.values()))
def test_csv_of_totals_holds_the_same_rows(world: FlaskClient, url: str) -> None:
    found, expected = lines(get(world, f"{url}&format=csv").text), records(world, url)
    assert len(found) == len(expected) > 0
    for line, row in zip(found, expected, strict=True):
        assert line == {column: as_csv(flat(row, column)) for column in line}
    assert {f"key_{name}" for name in expected[0]["key"]} <= set(found[0])


def test_csv_of_an_event_has_the_totals_of_that_event_alone(world: FlaskClient) -> None:
    for line in lines(get(world, f"{LISTS['events']}&format=csv").text):
        url = f"/v1/figures/totals?event={line['id']}&unit=person&measure=killed,injured,captured,displaced&limit=1000"
        rows = {row["key"]["measure"]: row for row in get(world, url).json["data"]}
        for measure in ("killed", "injured", "captured", "displaced"):
            # Where no figure has a number, its high end is open and the other cells are empty.
            total = rows.get(measure, {})
            for bound in ("low", "best", "high", "open_ended"):
                assert line[f"{measure}_{bound}"] == as_csv(total.get(bound)), f"{line['id']} {measure} {bound}"


OF_PLACE = (
    "location_id location_name location_level location_pcode location_precision latitude longitude country admin1_name"
    " admin1_pcode admin2_name admin2_pcode admin3_name admin3_pcode"
)
OF_DATE = "date_start date_end date_precision"
PROMISED = {
    "events": f"id dataset release kind type subtype title summary {OF_DATE} {OF_PLACE} part_of_id part_of_title outcome"
    " attackers attacker_names defenders defender_names targets target_names participants participant_names"
    " killed_low killed_best killed_high killed_open_ended killed_civilians_low killed_civilians_best killed_civilians_high"
    " injured_low injured_best injured_high injured_open_ended captured_low captured_best captured_high"
    " captured_open_ended displaced_low displaced_best displaced_high displaced_open_ended figures documents outlets"
    " claimants coding_status codes updated_at link",
    "figures": "id dataset event_id event_title family measure population object sex age cause term unit low best high"
    f" open_ended qualifier status {OF_DATE} {OF_PLACE} part_of nesting contains claims roots reason documents outlets"
    " claimants adds_low adds_best adds_high updated_at link",
}


def test_csv_columns_are_named_as_promised(world: FlaskClient) -> None:
    for name, promised in PROMISED.items():
        header = get(world, f"/v1/{name}?format=csv&limit=1").text.split("\r\n")[0]
        assert header == promised.replace(" ", ",")
    # A column by its name, and all under a key, in the order of the header.
    some = get(world, "/v1/events?format=csv&fields=killed_best,attacker_names,admin1_name,date,link&limit=1").text
    assert some.startswith("date_start,date_end,date_precision,admin1_name,attacker_names,killed_best,link\r\n")
    (feature, *_features) = json.loads(get(world, "/v1/figures?format=geojson&fields=corroboration,country").data)[
        "features"
    ]
    assert list(feature["properties"]) == ["country", "claims", "roots"]
    problem(world.get("/v1/events?fields=admin1_name"), 400, "parameters-disagree")
    assert get(world, f"{TOTALS['figure totals']}&format=csv").text.startswith("key_month,key_claimant,")


@for_each("url", [*LISTS.values(), *TOTALS.values()])
def test_header_is_at_most_sixty_four_columns_each_named_once(world: FlaskClient, url: str) -> None:
    (header, *_rows) = csv.reader(io.StringIO(get(world, f"{url}&format=csv").text, newline=""))
    assert 5 < len(header) <= 64
    assert len(set(header)) == len(header)


def test_csv_lines_end_as_its_standard_says(world: FlaskClient) -> None:
    response = get(world, "/v1/groups?format=csv")
    assert response.text.count("\r\n") == 15 and response.text.endswith("\r\n")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"


def test_text_that_a_spreadsheet_would_run_is_defused_in_csv_alone(world: FlaskClient) -> None:
    url = "/v1/events?id=school-shelled-2031-02-28"
    (line,), (record,) = lines(get(world, f"{url}&format=csv").text), records(world, url)
    assert line["title"].startswith("'-1027 shells") and record["title"].startswith("-1027 shells")
    assert line["summary"].startswith("'=HYPERLINK") and line["summary"].endswith("second line")
    (feature,) = json.loads(get(world, f"{url}&format=geojson").data)["features"]
    assert feature["properties"]["title"] == record["title"]
    (some,) = lines(get(world, f"{url}&format=csv&fields=title").text)
    assert some == {"title": line["title"]}


def test_numbers_are_never_defused(world: FlaskClient) -> None:
    (line,) = lines(get(world, "/v1/events?id=rivermouth-riot-2031-03-02&format=csv").text)
    assert (line["latitude"], line["longitude"]) == ("-16.95", "-179.95")


# --- Geometry ----------------------------------------------------------------------------------------------------


@for_each("name", ["events", "figures"])
def test_geometry_is_null_where_the_place_is_known_no_better_than_its_state(world: FlaskClient, name: str) -> None:
    stored = EVENTS if name == "events" else FIGURES
    features = json.loads(get(world, f"{LISTS[name]}&format=geojson").data)["features"]
    assert len(features) == len(stored)
    for feature in features:
        record = stored[feature["id"]]
        point, is_drawn = (
            KNOWN.point_of(record),
            record["location_precision"] in ("exact", "near", "township", "district"),
        )
        # GeoJSON has the longitude first.
        expected = {"type": "Point", "coordinates": [point[1], point[0]]} if point is not None and is_drawn else None
        assert feature["geometry"] == expected, feature["id"]
    assert {feature["geometry"] is None for feature in features} == {True, False}


def test_states_and_countries_are_not_drawn_as_points(world: FlaskClient) -> None:
    for feature in json.loads(get(world, "/v1/locations?format=geojson").data)["features"]:
        is_wide = feature["properties"]["level"] in ("country", "area", "state_or_region")
        has_point = feature["properties"]["latitude"] is not None
        assert (feature["geometry"] is not None) == (has_point and not is_wide), feature["id"]


@for_each("name", DRAWN)
def test_box_around_the_world_holds_what_is_drawn(world: FlaskClient, name: str) -> None:
    drawn = [
        feature["id"]
        for feature in json.loads(get(world, f"{LISTS[name]}&format=geojson").data)["features"]
        if feature["geometry"] is not None
    ]
    assert [record["id"] for record in records(world, f"{LISTS[name]}&bbox=-180,-90,180,90")] == drawn


# --- Nothing found, some fields, some records --------------------------------------------------------------------


@for_each("name", [name for name in LISTS if name != "datasets"])
def test_empty_csv_is_its_header(world: FlaskClient, name: str) -> None:
    full, empty = get(world, f"{LISTS[name]}&format=csv").text, get(world, f"{LISTS[name]}&format=csv&q=nowhere").text
    assert empty == f"{full.splitlines()[0]}\r\n"


@for_each("url", list(TOTALS.values()))
def test_empty_csv_of_totals_is_its_header(world: FlaskClient, url: str) -> None:
    full, empty = get(world, f"{url}&format=csv").text, get(world, f"{url}&format=csv&date_to=2000-01-01").text
    assert empty == f"{full.splitlines()[0]}\r\n"


@for_each("name", DRAWN)
def test_empty_geojson_is_a_collection_of_nothing(world: FlaskClient, name: str) -> None:
    body = json.loads(get(world, f"{LISTS[name]}&format=geojson&q=nowhere").data)
    assert body["type"] == "FeatureCollection" and body["features"] == []


def test_empty_ndjson_is_empty(world: FlaskClient) -> None:
    for url in (LISTS["events"], LISTS["groups"], TOTALS["event totals"]):
        assert get(world, f"{url}&format=ndjson&date_to=2000-01-01").data == b""


@for_each(
    ("name", "fields", "columns"),
    [
        ("events", "id,date", ["id", "date_start", "date_end", "date_precision"]),
        ("events", "part_of,id", ["id", "part_of_id", "part_of_title"]),
        ("figures", "best,id", ["id", "best"]),
        ("groups", "aliases,name", ["name", "aliases"]),
        ("locations", "id,latitude,parent", ["id", "latitude", "parent_id", "parent_name", "parent_level"]),
        ("documents", "supports", ["supports_events", "supports_figures"]),
        ("datasets", "id,counts", None),
    ],
)
def test_fields_leave_only_these_in_every_form(
    world: FlaskClient, name: str, fields: str, columns: list[str] | None
) -> None:
    full, some = records(world, LISTS[name]), records(world, f"{LISTS[name]}&fields={fields}")
    assert some == [{key: value for key, value in record.items() if key in fields.split(",")} for record in full]
    found = lines(get(world, f"{LISTS[name]}&fields={fields}&format=csv").text)
    whole = lines(get(world, f"{LISTS[name]}&format=csv").text)
    if columns is not None:
        assert list(found[0]) == columns
    assert found == [{column: line[column] for column in found[0]} for line in whole]
    text = get(world, f"{LISTS[name]}&fields={fields}&format=ndjson").text
    assert [json.loads(line) for line in text.splitlines()] == some
    if name in DRAWN:
        features = json.loads(get(world, f"{LISTS[name]}&fields={fields}&format=geojson").data)["features"]
        all_features = json.loads(get(world, f"{LISTS[name]}&format=geojson").data)["features"]
        assert [feature["geometry"] for feature in features] == [feature["geometry"] for feature in all_features]
        assert all(list(feature["properties"]) == list(found[0]) for feature in features)


@for_each("url", list(TOTALS.values()))
def test_totals_take_each_of_their_columns_by_name(world: FlaskClient, url: str) -> None:
    whole = lines(get(world, f"{url}&format=csv").text)
    for names in (list(whole[0])[::2], list(whole[0])[1::2]):
        found = lines(get(world, f"{url}&fields={','.join(reversed(names))}&format=csv").text)
        assert found == [{name: line[name] for name in names} for line in whole]
    assert (
        "'district', which is not in 'group_by'"
        in (problem(world.get(f"{url}&fields=labels_district&format=csv"), 400, "parameters-disagree")["detail"])
    )
    problem(world.get(f"{url}&fields=key_dataset"), 400, "parameters-disagree")


@for_each("form", ["csv", "ndjson", "geojson"])
def test_limit_caps_a_stream_and_has_no_maximum_there(world: FlaskClient, form: str) -> None:
    def ids(limit: str) -> list[str]:
        text = get(world, f"{LISTS['figures']}&format={form}{limit}").text
        if form == "csv":
            return [line["id"] for line in lines(text)]
        listed = json.loads(text)["features"] if form == "geojson" else map(json.loads, text.splitlines())
        return [record["id"] for record in listed]

    whole = ids("")
    assert len(whole) == 37
    assert ids("&limit=5") == whole[:5]
    assert ids("&limit=1000000") == whole
    assert len(lines(get(world, f"{TOTALS['event totals']}&format=csv&limit=3").text)) == 3


def test_total_count_of_an_export_is_how_many_records_it_holds(world: FlaskClient) -> None:
    for url, form in product((*LISTS.values(), *TOTALS.values()), ("csv", "ndjson")):
        whole = records(world, url)
        # What caps a stream does so before it is written in any form.
        capped = [("&limit=3", whole[:3]), ("&limit=1000000", whole)] if form == "csv" else []
        for asked, expected in (("", whole), *capped):
            response = get(world, f"{url}&format={form}{asked}")
            found = lines(response.text) if form == "csv" else response.text.splitlines()
            assert response.headers.getlist("Total-Count") == [str(len(found))] == [str(len(expected))], (form, asked)
            assert world.head(f"{url}&format={form}{asked}").headers["Total-Count"] == str(len(expected))
    for name, asked in product(DRAWN, ("", "&q=nowhere")):
        response = get(world, f"{LISTS[name]}&format=geojson{asked}")
        assert response.headers["Total-Count"] == str(len(json.loads(response.data)["features"])), (name, asked)


def test_total_count_of_a_page_is_its_total(world: FlaskClient) -> None:
    for url in (*LISTS.values(), *TOTALS.values()):
        expected = str(len(records(world, url)))
        for page in ("", "&limit=1", "&limit=2&page=2", "&limit=1000&page=3"):
            response = get(world, f"{url}{page}")
            assert response.headers.getlist("Total-Count") == [expected] == [str(response.json["total"])], (url, page)


def test_total_count_is_of_what_can_be_counted(world: FlaskClient) -> None:
    for url in (*RECORDS, "/v1/events?contry=MMR", "/v1/events/never-was", "/openapi.json"):
        assert "Total-Count" not in world.get(url).headers
    tag = get(world, "/v1/events").headers["ETag"]
    for _time in range(2):
        unchanged = world.get("/v1/events", headers={"If-None-Match": tag})
        assert unchanged.status_code == 304 and "Total-Count" not in unchanged.headers


@on_both
def test_streams_of_many_batches_are_the_list(databases: Databases, corpus_address: str) -> None:
    app = application(many_events(databases, corpus_address))
    client = app.test_client()
    # A record for each batch at the least.
    for url in ("/v1/events?dataset=other&sort=id", "/v1/locations?sort=id"):
        pages = [get(client, f"{url}&fields=id&limit=1000&page={page}").json["data"] for page in (1, 2)]
        expected = [record["id"] for page in pages for record in page]
        assert len(expected) > 4 * BATCHED
        for form, told in (
            ("csv", lambda body: [row["id"] for row in lines(body)]),
            ("ndjson", lambda body: [json.loads(line)["id"] for line in body.splitlines()]),
            ("geojson", lambda body: [feature["id"] for feature in json.loads(body)["features"]]),
        ):
            assert told(get(client, f"{url}&fields=id&format={form}").text) == expected, (url, form)
    close(app)


# --- Where the data comes from -----------------------------------------------------------------------------------


def _licences(response: TestResponse) -> list[tuple[str, str]]:
    """Target and title of each Link header that names a licence."""
    found = []
    for link in response.headers.getlist("Link"):
        target, options = parse_options_header(link)
        if options.get("rel") == "license":
            found.append((target.strip("<>"), unquote(options["title"])))
    return found


NOT_TO_BE_PASSED_ON = f"{DATASETS['isles']['citation']} Not for redistribution."


@for_each(("resource", "asked"), product(["locations", "groups", "documents"], ["", "dataset=isles", "measure=killed"]))
def test_lists_of_what_datasets_share_credit_whose_it_is(world: FlaskClient, resource: str, asked: str) -> None:
    answer = get(world, f"/v1/{resource}?limit=1000&{asked}").json
    assert answer["data"]
    assert {record["dataset"] for record in answer["data"]} <= {source["dataset"] for source in answer["sources"]}
    assert answer["coverage"]["datasets"] == (["isles"] if "isles" in asked else ["hills", "isles"])
    table = get(world, f"/v1/{resource}?format=csv&{asked}")
    assert _licences(table) == _licences(get(world, f"/v1/{resource}?{asked}"))


@for_each("resource", ["events", "figures", "groups", "locations", "documents", "datasets"])
def test_every_record_carries_the_licence_of_its_dataset(world: FlaskClient, resource: str) -> None:
    listed = get(
        world, f"/v1/{resource}?fields=id,links{'' if resource == 'datasets' else ',dataset'}&limit=1000"
    ).json["data"]
    for record in {record.get("dataset", record["id"]): record for record in listed}.values():
        expected = _licences(get(world, f"/v1/events?dataset={record.get('dataset', record['id'])}"))
        assert len(expected) == 1
        # The second time nothing of it is looked up.
        for _time in range(2):
            assert _licences(get(world, record["links"]["self"])) == expected


@for_each("form", list(MEDIA_TYPES))
def test_every_form_carries_licence_and_citation(world: FlaskClient, form: str) -> None:
    response = get(world, f"/v1/events?format={form}")
    assert _licences(response) == [
        (str(DATASETS["hills"]["licence_url"]), DATASETS["hills"]["citation"]),
        ("/v1/datasets/isles", NOT_TO_BE_PASSED_ON),
    ]
    only_one = get(world, f"/v1/events?format={form}&dataset=isles")
    assert _licences(only_one) == [("/v1/datasets/isles", NOT_TO_BE_PASSED_ON)]
    if form in ("json", "geojson"):
        wanted = ("licence", "licence_url", "citation", "is_redistributable")
        assert json.loads(only_one.data)["sources"] == [
            {"dataset": "isles", **{key: DATASETS["isles"][key] for key in wanted}}
        ]


@for_each("form", ["csv", "geojson", "ndjson", *FILES])
def test_streams_have_a_file_name(world: FlaskClient, form: str) -> None:
    assert f'filename="events.{form}"' in get(world, f"/v1/events?format={form}").headers["Content-Disposition"]


# --- Negotiation -------------------------------------------------------------------------------------------------


@for_each(
    ("accept", "form"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("text/*", "csv"),
        *((media_type, form) for form, media_type in MEDIA_TYPES.items()),
        ("text/csv, application/json;q=0.5", "csv"),
        ("text/csv;q=0.5, application/json", "json"),
        ("application/json;q=0, text/csv", "csv"),
        ("image/png, application/geo+json;q=0.2", "geojson"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    ],
)
def test_accept_header_chooses_the_form(world: FlaskClient, accept: str | None, form: str) -> None:
    response = world.get("/v1/events", headers={} if accept is None else {"Accept": accept})
    assert response.status_code == 200 and response.mimetype == {**MEDIA_TYPES, "html": "text/html"}[form]
    assert form in ("json", "html", *FILES) or response.data == get(world, f"/v1/events?format={form}").data


def test_parameter_wins_over_the_accept_header(world: FlaskClient) -> None:
    assert get(world, "/v1/events?format=csv", Accept="application/json").mimetype == "text/csv"
    assert get(world, "/v1/events?format=json", Accept="image/png").mimetype == "application/json"


@for_each("name", ["events", "displacements", "documents", "datasets", "event totals", "casualty totals"])
def test_an_ending_is_the_same_as_a_format(world: FlaskClient, name: str) -> None:
    path, _, query = {**LISTS, **TOTALS}[name].partition("?")
    for form, media_type in MEDIA_TYPES.items():
        if form == "geojson" and name not in DRAWN:
            continue
        response, expected = get(world, f"{path}.{form}?{query}"), get(world, f"{path}?{query}&format={form}")
        assert response.data == expected.data or form in FILES
        for header in ("Content-Type", "Content-Disposition", "Total-Count", "Link", "Vary"):
            assert response.headers.getlist(header) == expected.headers.getlist(header)
        # Nobody who accepts something else asked for an ending.
        assert get(world, f"{path}.{form}?{query}", Accept="text/html").mimetype == media_type
    first = get(world, f"{path}.json?{query}&limit=1").json
    assert first["next"].startswith(f"http://localhost{path}.json?") and get(world, first["next"]).json["returned"] == 1
    problem(world.get(f"{path}.csv?{query}&format=json"), 400, "parameters-disagree")
    assert get(world, f"{path}.csv?{query}&format=csv").mimetype == "text/csv"


@for_each(
    "path", ["/v1/events/reef-siege-2031", "/v1/datasets/isles", "/v1/codebook/qualifier", "/v1/groups/stone-guard"]
)
def test_an_ending_asks_for_a_form_of_a_record_too(world: FlaskClient, path: str) -> None:
    for form in ("json", "md", "html"):
        response, expected = get(world, f"{path}.{form}"), get(world, f"{path}?format={form}")
        assert response.mimetype == expected.mimetype
        # A page says at its end from which address it is.
        shown = [one.text.partition("This view as")[0] for one in (response, expected)]
        assert shown[0] == shown[1]
    problem(world.get(f"{path}.csv"), 404, "not-found")
    problem(world.get(f"{path}.json?format=md"), 400, "parameters-disagree")


def test_byte_order_mark_stands_before_csv_alone(world: FlaskClient) -> None:
    for url in (LISTS["groups"], LISTS["figures"], TOTALS["figure totals"]):
        plain = get(world, f"{url}&format=csv").data
        assert get(world, f"{url}&format=csv&bom=true").data == b"\xef\xbb\xbf" + plain
        assert get(world, f"{url}&format=csv&bom=false").data == plain
        problem(world.get(f"{url}&format=ndjson&bom=true"), 400, "parameters-disagree")
    (row, *_rows) = lines(get(world, f"{TOTALS['figure totals']}&format=csv&bom=true").text)
    assert "bom" not in row["links_figures"]


# A tag and its attributes, as the standard of HXL has them.
HXL_TAG = re.compile(r"#[a-z][a-z0-9]*(\+[a-z][a-z0-9_]*)*")


@for_each("url", [*LISTS.values(), *TOTALS.values()])
def test_row_of_hxl_tags_stands_after_the_header(world: FlaskClient, url: str) -> None:
    plain, tagged = (get(world, f"{url}&format=csv{hxl}").text.split("\r\n") for hxl in ("", "&hxl=true"))
    # A row that leads to its figures does not lead to a row of tags.
    assert [tagged[0], *tagged[2:]] == plain
    tags = dict(zip(tagged[0].split(","), tagged[1].split(","), strict=True))
    assert all(tag == "" or HXL_TAG.fullmatch(tag) for tag in tags.values())
    known = {"id", "date_start", "latitude", "admin1_pcode", "killed_civilians_low", "best", "key_month", "events"}
    assert all(tags[name] for name in known & tags.keys()) and any(tags.values())
    problem(world.get(f"{url}&format=xlsx&hxl=true"), 400, "parameters-disagree")


def test_refused_everything_is_not_acceptable(world: FlaskClient) -> None:
    problem(world.get("/v1/events", headers={"Accept": "*/*;q=0"}), 406, "not-acceptable")


@for_each("url", [*LISTS.values(), "/v1/events?format=csv", *TOTALS.values(), *RECORDS, "/v1/codebook"])
def test_head_is_get_without_its_body(world: FlaskClient, url: str) -> None:
    asked, told = world.head(url), get(world, url)
    assert asked.status_code == 200 and asked.data == b""
    for name in ("Content-Type", "ETag", "Link", "Vary", "Cache-Control", "Content-Disposition"):
        assert asked.headers.getlist(name) == told.headers.getlist(name)
    if "Content-Length" in told.headers:
        assert asked.headers["Content-Length"] == told.headers["Content-Length"]


@for_each(
    ("url", "methods"),
    [
        ("/v1/events", {"GET", "HEAD", "OPTIONS"}),
        ("/v1/groups/stone-guard", {"GET", "HEAD", "OPTIONS"}),
        ("/v1/figures/totals/query", {"POST", "OPTIONS"}),
    ],
)
def test_options_tell_the_methods_to_browsers_and_others(world: FlaskClient, url: str, methods: set[str]) -> None:
    response = world.options(url)
    assert response.status_code == 200
    assert methods == set(response.headers["Allow"].split(", "))
    asked = {"Origin": "https://maps.example", "Access-Control-Request-Method": "GET"}
    preflight = world.options(url, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert methods <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))


@for_each("url", ["/v1/events", "/v1/events?format=csv", "/v1/groups/stone-guard"])
def test_any_origin_may_read_answers_and_their_headers(world: FlaskClient, url: str) -> None:
    response = get(world, url, Origin="https://maps.example")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert {"ETag", "Link", "Retry-After"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


def test_origins_can_be_limited(world_address: str) -> None:
    app = application(world_address, cors_origins="https://one.example,https://two.example")
    client = app.test_client()
    found = {
        origin: get(client, "/v1/datasets", Origin=origin).headers.get("Access-Control-Allow-Origin")
        for origin in ("https://one.example", "https://two.example", "https://three.example")
    }
    close(app)
    assert found == {
        "https://one.example": "https://one.example",
        "https://two.example": "https://two.example",
        "https://three.example": None,
    }


def test_answer_to_one_origin_is_not_kept_for_another(world_address: str) -> None:
    app = application(world_address, cors_origins="https://one.example")
    for headers in ({}, {"Origin": "https://one.example"}, {"Origin": "https://three.example"}):
        assert "Origin" in get(app.test_client(), "/v1/datasets", **headers).headers["Vary"]
    close(app)


# --- Compression and caching -------------------------------------------------------------------------------------


def _unpacked(response: TestResponse) -> bytes:
    match response.headers.get("Content-Encoding"):
        case "gzip":
            return gzip.decompress(response.data)
        case "br":
            return bytes(brotli.decompress(response.data))
        case "zstd":
            zstd = pytest.importorskip("compression.zstd" if _has_zstd() else "backports.zstd")
            return bytes(zstd.decompress(response.data))
    return response.data


def _has_zstd() -> bool:
    """Whether Python brings zstd itself, as it does from 3.14 on."""
    try:
        import compression.zstd  # noqa: F401
    except ImportError:
        return False
    return True


CACHED = [
    LISTS["events"],
    LISTS["groups"],
    *(f"{LISTS['events']}&format={form}" for form in ("csv", "geojson", "ndjson")),
]
CACHED += [TOTALS["figure totals"], "/v1/events/kale-arrests-2031-02-03", "/v1/codebook/event_subtype"]


@for_each("url", CACHED)
def test_compressed_answers_are_the_same_under_one_weak_tag(world: FlaskClient, url: str) -> None:
    plain = get(world, url)
    tag = plain.headers["ETag"]
    assert tag.startswith('W/"') and "Content-Encoding" not in plain.headers
    for coding in ("gzip", "br", "zstd"):
        packed = get(world, url, Accept_Encoding=coding)
        assert packed.headers["Content-Encoding"] == coding
        assert _unpacked(packed) == plain.data and len(packed.data) < len(plain.data)
        assert packed.headers["ETag"] == tag
        assert {"Accept", "Accept-Encoding"} <= {part.strip() for part in packed.headers["Vary"].split(",")}
        again = world.get(url, headers={"Accept-Encoding": coding, "If-None-Match": tag})
        assert again.status_code == 304 and again.headers["ETag"] == tag


def test_best_coding_of_a_browser_is_used(world: FlaskClient) -> None:
    assert get(world, "/v1/events", Accept_Encoding="gzip, deflate, br, zstd").headers["Content-Encoding"] == "zstd"
    assert "Content-Encoding" not in get(world, "/v1/events", Accept_Encoding="identity").headers


@for_each("refused", ["gzip;q=0", "br;q=0.0, zstd; q=0", "*;q=0", "gzip;q=0, identity"])
def test_coding_of_no_quality_is_not_used(world: FlaskClient, refused: str) -> None:
    assert "Content-Encoding" not in get(world, "/v1/events", Accept_Encoding=refused).headers


def test_coding_is_chosen_by_quality(world: FlaskClient) -> None:
    assert get(world, "/v1/events", Accept_Encoding="br;q=0.5, gzip; q=0.9").headers["Content-Encoding"] == "gzip"
    assert get(world, "/v1/events", Accept_Encoding="gzip;q=0, br;q=0.1").headers["Content-Encoding"] == "br"


@for_each("url", CACHED)
def test_answers_say_how_they_may_be_kept(world: FlaskClient, url: str) -> None:
    response = get(world, url)
    assert {part.strip() for part in response.headers["Cache-Control"].split(",")} == {"public", "max-age=60"}
    assert {"Accept", "Accept-Encoding"} <= {part.strip() for part in response.headers["Vary"].split(",")}


@pytest.fixture
def statements(world_address: str) -> Iterator[tuple[FlaskClient, list[str]]]:
    """A client of an application of its own, and the SQL that the application has run."""
    app = application(world_address)
    service = app.extensions["conflict_events"]
    assert isinstance(service, Service)
    with recorded(service) as run:
        yield app.test_client(), run
    close(app)


@on_both
@for_each("url", CACHED)
def test_same_tag_again_is_answered_before_any_row_is_read(statements: tuple[FlaskClient, list[str]], url: str) -> None:
    client, run = statements
    tag = get(client, url).headers["ETag"]
    # Code lists are in no table, and a stored record is read past the engine with the revision.
    assert run or "codebook" in url or "/v1/events/" in url
    run.clear()
    for written in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        response = client.get(url, headers={"If-None-Match": written})
        assert response.status_code == 304 and response.data == b""
        assert response.headers["ETag"] == tag
        assert {"Cache-Control", "Vary"} <= set(response.headers.keys())
    # The revision is looked at past the engine, and nothing else is.
    assert run == []
    assert get(client, url, If_None_Match='W/"other"').data


def test_any_tag_is_of_a_good_answer_only(world: FlaskClient) -> None:
    for url in CACHED:
        response = world.get(url, headers={"If-None-Match": "*"})
        assert response.status_code == 304 and response.data == b""
        assert response.headers["ETag"] == get(world, url).headers["ETag"]
    for url, status in (("/v1/events?bad=1", 400), ("/v1/events/never-was", 404), ("/v1/events?type=x", 400)):
        assert world.get(url, headers={"If-None-Match": "*"}).status_code == status


def test_tag_is_of_the_question_the_form_and_the_host(world: FlaskClient) -> None:
    tags = [
        get(world, "/v1/events").headers["ETag"],
        get(world, "/v1/events?limit=1").headers["ETag"],
        get(world, "/v1/figures").headers["ETag"],
        get(world, "/v1/events", Accept="text/csv").headers["ETag"],
        get(world, "/v1/events", Accept="application/geo+json").headers["ETag"],
        get(world, "/v1/events", Host="127.0.0.1").headers["ETag"],
    ]
    assert len(set(tags)) == len(tags)
    assert get(world, "/v1/events").headers["ETag"] == tags[0]


def test_tag_changes_with_the_software(world: FlaskClient, world_address: str, tmp_path: Path) -> None:
    copy_with(tmp_path)
    told = tmp_path / "api" / "__init__.py"
    code = told.read_text(encoding="utf-8")
    told.write_text(code.replace(f'"{__version__}"', '"another"'), encoding="utf-8")
    ask = "from api.app import create_app; answer = create_app().test_client().get('/v1/codebook'); print(answer.headers['ETag'])"
    environment = {**os.environ, "DATABASE_URL": world_address}
    found = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip().startswith("W/")
    assert found.stdout.strip() != get(world, "/v1/codebook").headers["ETag"]


@on_both
def test_tag_changes_with_the_data_and_only_then(databases: Databases) -> None:
    address = databases.migrated()
    load_world(address, ATLAS, HILLS)
    app = application(address)
    client = app.test_client()
    urls = ("/v1/events", "/v1/events?format=csv", "/v1/groups", "/v1/events/totals", "/v1/groups/tide-movement")
    before = {url: client.get(url, buffered=True) for url in urls}
    tags = {url: response.headers.get("ETag") for url, response in before.items()}
    assert before["/v1/groups/tide-movement"].status_code == 404
    load_world(address, HILLS)
    for url in urls[:4]:
        assert client.get(url, headers={"If-None-Match": str(tags[url])}).status_code == 304
    load_world(address, ISLES)
    for url in urls:
        after = get(client, url, If_None_Match=str(tags[url]))
        assert after.headers["ETag"] != tags[url]
        assert "isles" in after.text
    close(app)


# --- Streams that fail -------------------------------------------------------------------------------------------


class Failing:
    """The figures, as a list whose streams fail after so many batches of five records."""

    def __init__(self, after: int) -> None:
        self._after = after
        self.shape, self.count = LISTING.shape, LISTING.count

    def batches(self, *asked: Any) -> Iterator[list[bytes]]:
        whole = (batch[start : start + 5] for batch in LISTING.batches(*asked) for start in range(0, len(batch), 5))
        yield from islice(whole, self._after)
        raise RuntimeError("the disk is gone")


@pytest.fixture
def failing(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that also has figures whose streams fail, at `/failing/` and after how many batches."""
    app = application(world_address)

    @app.get("/failing/<int:after>")
    def list_failing(after: int) -> Response:
        return answer_list(FIGURE_LIST, Failing(after))  # type: ignore[arg-type]  # it has all that a stream asks of it

    yield app.test_client()
    service = app.extensions["conflict_events"]
    assert isinstance(service, Service)
    assert _checked_out(service) == 0
    close(app)


def _checked_out(service: Service) -> int:
    count = getattr(service.engine.pool, "checkedout", None)
    return 0 if count is None else int(count())


@on_both
@pytest.mark.parametrize("form", ["csv", "ndjson", "geojson"])
def test_stream_that_fails_at_once_is_a_proper_failure(failing: FlaskClient, form: str) -> None:
    body = problem(failing.get(f"/failing/0?format={form}"), 500, "internal-error")
    assert "disk" not in json.dumps(body)


@on_both
@pytest.mark.parametrize("form", ["csv", "ndjson", "geojson"])
def test_stream_that_fails_later_is_cut_off_and_never_gets_prose(
    failing: FlaskClient, world: FlaskClient, form: str
) -> None:
    whole = get(world, f"/v1/figures?format={form}").data
    response = failing.get(f"/failing/2?format={form}", buffered=False)
    assert response.status_code == 200
    came = b""
    with pytest.raises(RuntimeError, match="the disk is gone"):
        for piece in response.response:
            came += piece if isinstance(piece, bytes) else piece.encode()
    response.close()
    assert whole.startswith(came) and 0 < len(came) < len(whole)


@on_both
def test_stream_that_nobody_reads_to_the_end_gives_its_connection_back(world_address: str) -> None:
    app = application(world_address)
    client = app.test_client()
    # One that is kept would be told of below, and a second and third time what went before is still there.
    for _ in range(3):
        client.get("/v1/figures?format=csv", buffered=False).close()
        client.head("/v1/figures?format=csv")
    service = app.extensions["conflict_events"]
    assert isinstance(service, Service)
    assert _checked_out(service) == 0
    close(app)
