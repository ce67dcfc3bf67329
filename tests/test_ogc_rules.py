"""Rules of OGC's own test suites, each held by every collection: ets-ogcapi-features10, and the abstract tests of Part 3 and CQL2.

What they ask about links, pages and errors is in tests/test_ogc.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient

from tests.sweep import for_each
from tests.test_ogc import GEO_JSON, NAMES, get, hrefs, ids, items, pages

pytestmark = pytest.mark.engines("sqlite")

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# Boxes of the suite: over the meridian, the equator, the antimeridian and the poles.
BOXES = ((-1.5, 50, 1.5, 53), (-80, -5, -70, 5), (177, 65, -177, 70), (-180, 85, 180, 90), (-180, -90, 180, -85))
# A value of each type of queryable.
VALUES = {
    "string": "'foo'",
    "boolean": "true",
    "number": "3.14",
    "integer": "1",
    "date": "DATE('2022-04-14')",
    "date-time": "TIMESTAMP('2022-04-14T14:48:46Z')",
}
# What the suite asks of a queryable of these types beside comparing it.
ASKED = {
    "string": ("IN ('foo', 'bar')", "LIKE '%'", r"LIKE '\%\_'"),
    "boolean": ("IN (true)",),
    "number": ("BETWEEN 0 AND 100", "IN (1, 2, 3)"),
    "integer": ("BETWEEN 100.0 AND 1.0", "IN (1, 2, 3)"),
    "date": ("IN ('2022-04-14', '2022-04-15')",),
    "date-time": ("IN ('2022-04-14T14:52:56Z', '2022-04-14T15:52:56Z')",),
}


def matched(client: FlaskClient, name: str, cql2: str, **asked: str) -> int:
    """How many features there are of which this filter holds."""
    return int(get(client, items(name, filter=cql2, limit="1", **asked))["numberMatched"])


def box_of(client: FlaskClient, name: str) -> list[float]:
    (box,) = get(client, f"/ogc/collections/{name}")["extent"]["spatial"]["bbox"]
    return list(box)


@for_each("name", NAMES)
def test_parameters_say_how_they_are_written(client: FlaskClient, name: str) -> None:
    told = get(client, "/ogc/api")
    taken = [one["$ref"].split("/")[-1] for one in told["paths"][f"/collections/{name}/items"]["get"]["parameters"]]
    by_name = {found["name"]: found for found in (told["components"]["parameters"][one] for one in taken)}
    for parameter in ("bbox", "limit", "datetime"):
        found = by_name[parameter]
        assert (found["in"], found["required"], found["style"], found["explode"]) == ("query", False, "form", False)
    # The suite asks for the most that is told, for half of it, and along `next` for the most again.
    most = by_name["limit"]["schema"]["maximum"]
    for limit in (1, 1 + (most - 1) // 2, most, most + 1):
        page = get(client, items(name, limit=str(limit)), Accept=GEO_JSON)
        assert page["numberReturned"] == min(limit, most, page["numberMatched"])
    first = get(client, items(name, limit="1"))
    (following,) = hrefs(first, "next")
    rest = get(client, following.replace("limit=1", f"limit={most}"))
    assert first["numberReturned"] + rest["numberReturned"] == min(first["numberMatched"], most + 1)


def test_addresses_are_read_as_the_suite_writes_them(client: FlaskClient) -> None:
    landing = get(client, "/ogc/", Accept="application/json")
    (told,) = [one for one in landing["links"] if one["rel"] == "service-desc"]
    assert client.get(told["href"], headers={"Accept": told["type"]}).content_type == told["type"]


@for_each("name", NAMES)
def test_queryables_are_told_in_a_header_and_in_the_collection(client: FlaskClient, name: str) -> None:
    address = f"http://localhost/ogc/collections/{name}/queryables"
    for path in (f"/ogc/collections/{name}", items(name)):
        answer = client.head(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200 and f'<{address}>; rel="{QUERYABLES}"' in answer.headers["Link"]
    answer = client.get(address, headers={"Accept": "application/schema+json"})
    assert (answer.mimetype, answer.json["$id"]) == ("application/schema+json", address)
    assert hrefs(get(client, f"/ogc/collections/{name}"), QUERYABLES) == [address.removeprefix("http://localhost")]


@for_each("name", NAMES)
def test_the_extent_of_a_collection_holds_all_that_is_drawn(client: FlaskClient, name: str) -> None:
    drawn = [feature["geometry"] for page in pages(client, items(name, limit="1000")) for feature in page["features"]]
    shapes = [shapely.from_geojson(json.dumps(geometry)) for geometry in drawn if geometry is not None]
    assert box_of(client, name) == pytest.approx(shapely.total_bounds(shapes).tolist())


@for_each("name", NAMES)
def test_what_a_box_gives_lies_in_it(client: FlaskClient, name: str) -> None:
    for west, south, east, north in (tuple(box_of(client, name)), *BOXES):
        page = get(client, items(name, bbox=f"{west},{south},{east},{north}", limit="1000"), Accept=GEO_JSON)
        assert page["numberReturned"] == min(page["numberMatched"], 1000)
        halves = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        area = shapely.union_all([shapely.box(left, south, right, north) for left, right in halves])
        for feature in page["features"]:
            assert shapely.from_geojson(json.dumps(feature["geometry"])).intersects(area), feature["id"]


@for_each("name", NAMES)
def test_comparisons_of_a_queryable_split_those_that_have_a_value(client: FlaskClient, name: str) -> None:
    properties = get(client, f"/ogc/collections/{name}/queryables")["properties"]
    one_of_each = {told.get("format", told.get("type")): key for key, told in properties.items() if "type" in told}
    everything = matched(client, name, "true")
    assert matched(client, name, "false") == 0 and "string" in one_of_each
    for kind, key in one_of_each.items():
        having = matched(client, name, f"{key} IS NOT NULL")
        assert having + matched(client, name, f"{key} is null") == everything
        for one, other in (("=", "<>"), (">", "<="), ("<", ">=")):
            counts = [matched(client, name, f"{key} {sign} {VALUES[kind]}") for sign in (one, other)]
            assert sum(counts) == having, (key, one, other)
        for asked in ASKED[kind]:
            assert matched(client, name, f"{key} {asked}") + matched(client, name, f"NOT ({key} {asked})") == having
    text = one_of_each["string"]
    assert matched(client, name, f"CASEI({text}) = CASEI('FOO')") == matched(client, name, f"{text} = 'foo'")
    for written in ("it''s", r"it\'s", r"a\ttab"):
        assert matched(client, name, f"\"{text}\" = '{written}'") == 0


@for_each("name", NAMES)
def test_a_filter_on_the_box_of_all_gives_all_that_is_drawn(client: FlaskClient, name: str) -> None:
    west, south, east, north = box_of(client, name)
    whole = f"S_INTERSECTS(geometry, BBOX({west}, {south}, {east}, {north}))"
    drawn = matched(client, name, "geometry IS NOT NULL")
    assert 0 < drawn == matched(client, name, whole) == matched(client, name, whole, filter_crs=CRS84)
    for shape in ("POINT(95.7 23.8)", "LINESTRING(95 23, 96 24)", "POLYGON((94 22, 97 22, 97 25, 94 25, 94 22))"):
        there = matched(client, name, f"S_INTERSECTS(geometry, {shape})")
        assert there == matched(client, name, f"S_INTERSECTS({shape}, geometry)")
        assert there + matched(client, name, f"S_DISJOINT(geometry, {shape})") == drawn
    # A box beside it lets through what both let through.
    assert matched(client, name, whole, bbox=f"{west},{south},{east},{north}") == drawn
    assert matched(client, name, whole, bbox="-170,-80,-169,-79") == 0 or name == "locations"
    for wrong in ("S_INTERSECTS(geometry, BBOX(1000000, 1000000, 2000000, 2000000))", "THIS IS NOT A FILTER"):
        get(client, items(name, filter=wrong), 400)
    get(client, items(name, filter="this_is_not_a_queryable IS NULL"), 400)
    get(client, items(name, filter=whole, filter_crs="http://www.opengis.net/def/crs/OGC/0/does_not_exist"), 400)


# --- Filters on totals, which choose among them ------------------------------------------------------------------

TOTALS: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("measure = 'killed'", lambda said: said["measure"] == "killed"),
    ("best >= 3 AND open_ended", lambda said: said["best"] is not None and said["best"] >= 3 and said["open_ended"]),
    ("best IS NULL OR low < high", lambda said: said["best"] is None or said["low"] < said["high"]),
    ("NOT (object IS NULL)", lambda said: said["object"] is not None),
    ("CASEI(name) LIKE 'sag%'", lambda said: (said["name"] or "").lower().startswith("sag")),
    (
        "place IN ('mmr005', 'mmr015') AND unit = 'person'",
        lambda said: said["place"] in ("mmr005", "mmr015") and said["unit"] == "person",
    ),
    ("place IS NULL", lambda said: said["place"] is None),
)


@for_each(("cql2", "holds"), TOTALS)
def test_a_filter_on_totals_lets_through_those_of_which_it_holds(
    client: FlaskClient, cql2: str, holds: Callable[[dict[str, Any]], bool]
) -> None:
    everything = get(client, items("totals-by-place", limit="1000"))["features"]
    wanted = [one for one in everything if holds(one["properties"])]
    assert 0 < len(wanted) < len(everything)
    page = get(client, items("totals-by-place", limit="1000", filter=cql2))
    assert (page["features"], page["numberMatched"]) == (wanted, len(wanted))
    # Along some pages, whose links keep it.
    some = str(1 + len(wanted) // 4)
    assert ids(client, items("totals-by-place", limit=some, filter=cql2)) == [one["id"] for one in wanted]


def test_a_filter_on_totals_as_json_and_beside_a_filter_of_what_is_counted(client: FlaskClient) -> None:
    asked = {"op": "<", "args": [{"property": "best"}, 50]}
    written = {"filter": json.dumps(asked), "filter-lang": "cql2-json", "by": "district", "population": "state_forces"}
    found = get(client, items("totals-by-place", **written))["features"]
    of_state_forces = get(client, items("totals-by-place", by="district", population="state_forces"))["features"]
    assert found == [one for one in of_state_forces if (one["properties"]["best"] or 50) < 50] != []
    # A part of the people is no property of a total; it is asked for by its name.
    problem = get(client, items("totals-by-place", filter="population = 'state_forces'"), 400)
    assert problem["errors"][0]["parameter"] == "filter" and "best" in problem["errors"][0]["allowed"]
