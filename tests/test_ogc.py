"""OGC API Features as the rules of OGC's own suite have it, and its answers held against those of /v1.

The rules are those of OGC API Features Part 1 (17-069r4) and Part 3 (19-079r2), each test named by what it asks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from api.domain.errors import Problem
from api.ogc.collections import COLLECTIONS
from api.query import cql2_parsing
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

GEO_JSON = "application/geo+json"
NAMES = (*COLLECTIONS, "totals-by-place")
# Where each collection's records are listed by /v1.
LISTED = {name: f"/v1/{name}" for name in COLLECTIONS}


def get(client: FlaskClient, url: str, status: int = 200, **headers: str) -> Any:
    response = client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert response.status_code == status, f"{url}: {response.text}"
    return response.get_json(force=True)


def hrefs(document: Mapping[str, Any], rel: str) -> list[str]:
    """The paths of the links of this kind; every link has all that the standard asks of it."""
    assert all({"href", "rel", "type", "title"} <= link.keys() for link in document["links"])
    return [link["href"].removeprefix("http://localhost") for link in document["links"] if link["rel"] == rel]


def items(name: str, **asked: str) -> str:
    query = "&".join(f"{key.replace('_', '-')}={quote(value, safe=',:/')}" for key, value in asked.items())
    return f"/ogc/collections/{name}/items" + (f"?{query}" if query else "")


def pages(client: FlaskClient, url: str) -> Iterator[dict[str, Any]]:
    """Each page, from the first along `next`."""
    following: list[str] = [url]
    while following:
        page = get(client, following[0])
        yield page
        following = hrefs(page, "next")


def ids(client: FlaskClient, url: str) -> list[str]:
    return [feature["id"] for page in pages(client, url) for feature in page["features"]]


def listed(client: FlaskClient, name: str, query: str) -> list[str]:
    """The ids that /v1 gives for the same question."""
    return [record["id"] for record in get(client, f"{LISTED[name]}?limit=1000&{query}")["data"]]


# --- Part 1: core, GeoJSON, HTML and OpenAPI ---------------------------------------------------------------------


def test_the_landing_page_leads_to_everything(client: FlaskClient) -> None:
    landing = get(client, "/ogc")
    for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        assert hrefs(landing, rel), rel
    (described,) = hrefs(landing, "service-desc")
    answer = client.get(described)
    (told,) = [link["type"] for link in landing["links"] if link["rel"] == "service-desc"]
    assert answer.content_type == told == "application/vnd.oai.openapi+json;version=3.0"
    # The whole is valid OpenAPI (tests/test_description.py); of this part, all that it refers to has come along.
    for kind, name in set(re.findall(r'"#/components/(\w+)/([^"]+)"', answer.text)):
        assert name in answer.json["components"][kind]
    assert set(answer.json["paths"]) >= {
        "/",
        "/conformance",
        "/collections",
        *(f"/collections/{name}/items" for name in NAMES),
    }
    classes = get(client, *hrefs(landing, "conformance"))["conformsTo"]
    assert {
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}" for one in ("core", "oas30", "geojson", "html")
    } <= set(classes)
    (collections,) = hrefs(landing, "data")
    assert [one["id"] for one in get(client, collections)["collections"]] == list(NAMES)
    assert all(re.fullmatch("[a-z-]+", name) for name in NAMES)


@for_each(
    "path",
    [
        "",
        "/conformance",
        "/collections",
        *(f"/collections/{name}{rest}" for name in NAMES for rest in ("", "/queryables", "/items?limit=2")),
        *(f"/collections/{name}/items/{collection.example}" for name, collection in COLLECTIONS.items()),
    ],
)
def test_everything_has_a_page(client: FlaskClient, path: str) -> None:
    document = get(client, f"/ogc{path}")
    for link in document.get("links", ()):
        if link["rel"] in ("self", "alternate"):
            assert client.get(link["href"]).content_type.split(";")[0] == link["type"]
    page = client.get(f"/ogc{path}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    mark = "&" if "?" in path else "?"
    for shown in (page, client.get(f"/ogc{path}{mark}f=html")):
        other_forms = shown.text.partition("This view as")[2]
        (link,) = re.findall(r'<p class="links"><a href="([^"]*)">JSON</a></p>', other_forms)
        assert html.unescape(link) == f"/ogc{path}{mark}f=json"
        same = get(client, html.unescape(link), Accept="text/html")
        # Lists of features tell when they were asked.
        assert {**same, "timeStamp": None} == {**document, "timeStamp": None}
    # Of outlines it has no positions.
    assert "features" not in document or page.text.count("<li>") < 2_000
    assert client.get(f"/ogc{path}", headers={"Accept": "image/png"}).status_code == 406


@for_each("name", NAMES)
def test_a_collection_is_as_it_is_listed_and_its_parameters_are_described(client: FlaskClient, name: str) -> None:
    one = get(client, f"/ogc/collections/{name}")
    (of_many,) = [found for found in get(client, "/ogc/collections")["collections"] if found["id"] == name]
    shown = ("id", "title", "description", "extent", "itemType", "crs")
    assert {key: one[key] for key in shown} == {key: of_many[key] for key in shown}
    assert GEO_JSON in [link["type"] for link in one["links"] if link["rel"] == "items"]
    operation = get(client, "/ogc/api")["paths"][f"/collections/{name}/items"]["get"]
    components = get(client, "/ogc/api")["components"]["parameters"]
    taken = {
        found["name"]: found for found in (components[one["$ref"].split("/")[-1]] for one in operation["parameters"])
    }
    box, limit, when = taken["bbox"], taken["limit"], taken["datetime"]
    assert (box["schema"]["type"], box["schema"]["minItems"], box["schema"]["maxItems"]) == ("array", 4, 6)
    assert (box["style"], box["explode"], box["required"]) == ("form", False, False)
    assert (limit["schema"]["type"], limit["schema"]["minimum"], limit["schema"]["default"]) == ("integer", 1, 100)
    assert when["schema"]["type"] == "string"


@for_each("name", NAMES)
def test_every_feature_comes_once_over_all_pages(client: FlaskClient, name: str) -> None:
    size = {"locations": 311, "events": 11}.get(name, 5)
    found: list[str] = []
    for page in pages(client, items(name, limit=str(size))):
        assert page["type"] == "FeatureCollection" and re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page["timeStamp"]
        )
        assert page["numberReturned"] == len(page["features"]) <= size
        assert all(feature["type"] == "Feature" and "geometry" in feature for feature in page["features"])
        assert hrefs(page, "self") and hrefs(page, "alternate") and hrefs(page, "collection")
        matched = page["numberMatched"]
        found += [feature["id"] for feature in page["features"]]
    assert len(found) == len(set(found)) == matched
    if name in LISTED and name != "locations":
        assert found == listed(client, name, "")
    # More than a page may have is clamped, and not refused.
    assert get(client, items(name, limit="100000"))["numberReturned"] == min(matched, 1000)


@for_each("name", NAMES)
def test_one_feature_is_as_it_is_listed(client: FlaskClient, name: str) -> None:
    for feature in get(client, items(name, limit="5"))["features"]:
        one = get(client, f"{items(name)}/{quote(feature['id'])}")
        assert {key: one[key] for key in feature} == feature
        assert hrefs(one, "self") and hrefs(one, "collection") == [f"/ogc/collections/{name}"]
    assert get(client, f"{items(name)}/nothing-of-this-name", 404)["status"] == 404


@for_each(
    "path", ["events/items?dataset=op1027", "totals-by-place/items?dataset=op1027", "events/items/operation-1027"]
)
def test_features_tell_their_licence_in_a_header(client: FlaskClient, path: str) -> None:
    links = client.get(f"/ogc/collections/{path}").headers.getlist("Link")
    assert sum('rel="license"' in link for link in links) == 1


def test_a_figure_of_another_family_is_in_no_collection(client: FlaskClient) -> None:
    displaced = get(client, items("displacements", limit="1"))["features"][0]["id"]
    get(client, f"{items('casualties')}/{displaced}", 404)
    get(client, "/ogc/collections/figures", 404)


@for_each(
    ("query", "parameter"),
    [
        ("contry=MMR", "contry"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=94,25,97,22", "bbox"),
        ("bbox=1,2,3,4,5", "bbox"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857", "bbox-crs"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/3857", "crs"),
        ("datetime=yesterday", "datetime"),
        ("datetime=2023-11-30/2023-11-01", "datetime"),
        ("datetime=..", "datetime"),
        ("datetime=2023-11-01/..&datetime=2023-11-06/..", "datetime"),
        ("datetime=2023-11-06/..&datetime=../2023-11-01", "datetime"),
        ("datetime=2023-11-01/2023-11-02/2023-11-03", "datetime"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("datetime=2023-11-06&date_from=2023-11-01", "date_from"),
        ("f=xml", "f"),
        ("cursor=nowhere", "cursor"),
    ],
)
def test_what_is_wrong_is_refused(client: FlaskClient, query: str, parameter: str) -> None:
    for name in NAMES:
        problem = get(client, f"{items(name)}?{query}", 400)
        assert [fault["parameter"] for fault in problem["errors"]] == [parameter], name


# --- The same questions here and at /v1 --------------------------------------------------------------------------

SAME = (
    ("bbox=94,22,97,25", "bbox=94,22,97,25"),
    ("bbox=94,22,-10,97,25,5000", "bbox=94,22,97,25"),
    ("bbox=170,-90,97,90", "bbox=170,-90,97,90"),
    ("datetime=2023-11-06", "date_from=2023-11-06&date_to=2023-11-06"),
    ("datetime=2023-11-06T12:00:00Z", "date_from=2023-11-06&date_to=2023-11-06"),
    ("datetime=2023-11-06T23:30:00-02:00", "date_from=2023-11-07&date_to=2023-11-07"),
    ("datetime=2023-11-01/2023-11-30", "date_from=2023-11-01&date_to=2023-11-30"),
    ("datetime=2023-11-10T00:00:00Z/..", "date_from=2023-11-10"),
    ("datetime=/2023-11-10", "date_to=2023-11-10"),
    (
        "datetime=2023-11-06/..&type=battles&datetime=../2023-11-10",
        "type=battles&date_from=2023-11-06&date_to=2023-11-10",
    ),
    ("type=battles&location=Sagaing", "type=battles&location=Sagaing"),
    ("group=AA&group_role=attacker", "group=AA&group_role=attacker"),
    ("within=mmr005", "within=mmr005"),
    ("measure=killed&best_min=2", "measure=killed&best_min=2"),
    ("q=kawlin", "q=kawlin"),
)


@for_each(("here", "there"), SAME)
def test_a_question_has_the_same_answer_at_v1(client: FlaskClient, here: str, there: str) -> None:
    for name in COLLECTIONS:
        if name == "locations" and "bbox" in here:
            # They have outlines here.
            continue
        if name == "displacements" and "measure=killed" in here:
            continue
        wanted = listed(client, name, there)
        assert ids(client, f"{items(name)}?{here}&limit=40") == wanted, name
        if name == "events":
            assert wanted


FILTERS = (
    ("type = 'battles'", "type=battles"),
    ("type IN ('battles', 'displacement') AND kind = 'incident'", "type=battles,displacement&kind=incident"),
    ("NOT (type <> 'battles')", "type=battles"),
    ("date_end >= DATE('2023-11-06') AND date_start <= DATE('2023-11-10')", "date_from=2023-11-06&date_to=2023-11-10"),
    (
        "T_INTERSECTS(INTERVAL(date_start, date_end), INTERVAL('2023-11-06', '2023-11-10'))",
        "date_from=2023-11-06&date_to=2023-11-10",
    ),
    ("T_AFTER(date_start, DATE('2023-11-05'))", "date_from=2023-11-06&period=starts"),
    (
        "date_start BETWEEN DATE('2023-11-06') AND DATE('2023-11-10')",
        "date_from=2023-11-06&date_to=2023-11-10&period=starts",
    ),
    ("date_start >= TIMESTAMP('2023-11-06T00:00:00Z')", "date_from=2023-11-06&period=starts"),
    ("S_INTERSECTS(geometry, POLYGON((94 22, 97 22, 97 25, 94 25, 94 22)))", "bbox=94,22,97,25"),
    ("S_INTERSECTS(geometry, BBOX(94, 22, 97, 25))", "bbox=94,22,97,25"),
    ("location_id = 'mmr005024701'", "location=Kawlin town"),
    ("updated_at > TIMESTAMP('2020-01-01T00:00:00Z')", "updated_since=2020-01-01"),
    ("country = 'MMR' AND type = 'battles' OR id = 'nothing'", "country=MMR&type=battles"),
)


@for_each(("cql2", "there"), FILTERS)
def test_a_filter_in_cql2_has_the_same_answer_at_v1(client: FlaskClient, cql2: str, there: str) -> None:
    assert ids(client, items("events", filter=cql2)) == listed(client, "events", there) != []


@for_each(
    ("name", "cql2"),
    [
        ("events", {"op": "=", "args": [{"property": "type"}, "battles"]}),
        (
            "events",
            {
                "op": "s_within",
                "args": [
                    {"property": "geometry"},
                    {"type": "Polygon", "coordinates": [[[94, 22], [97, 22], [97, 25], [94, 25], [94, 22]]]},
                ],
            },
        ),
    ],
)
def test_a_filter_is_the_same_as_json(client: FlaskClient, name: str, cql2: dict[str, Any]) -> None:
    found = ids(client, items(name, filter=json.dumps(cql2), filter_lang="cql2-json"))
    assert found == listed(client, name, "type=battles" if cql2["op"] == "=" else "bbox=94,22,97,25") != []


def test_filters_on_text_and_numbers_and_nulls_say_what_sql_says(client: FlaskClient) -> None:
    features = {one["id"]: one["properties"] for one in get(client, items("casualties", limit="1000"))["features"]}

    def found(cql2: str) -> set[str]:
        return set(ids(client, items("casualties", filter=cql2)))

    def those(holds: Any) -> set[str]:
        return {identity for identity, said in features.items() if holds(said)}

    assert found("best > 2.5 AND best <= 60") == those(
        lambda said: said["best"] is not None and 2.5 < said["best"] <= 60
    )
    assert found("best IS NULL") == those(lambda said: said["best"] is None) != set()
    assert found("low < best OR high > best") == those(
        lambda said: said["best"] is not None and (said["low"] < said["best"] or (said["high"] or 0) > said["best"])
    )
    assert found("open_ended") == found("open_ended = true") == those(lambda said: said["open_ended"])
    assert found("event_title LIKE '%town%'") == those(lambda said: "town" in said["event_title"])
    assert (
        found("CASEI(event_title) LIKE CASEI('%KAWLIN%')")
        == those(lambda said: "kawlin" in said["event_title"].lower())
        != set()
    )
    assert found("geometry IS NULL") == {
        one["id"] for one in get(client, items("casualties", limit="1000"))["features"] if one["geometry"] is None
    }


@for_each(
    "cql2",
    [
        "colour = 'red'",
        "best = 'many'",
        "type",
        "type = ",
        "S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))",
        "S_INTERSECTS(type, POINT(1 2))",
        "S_INTERSECTS(geometry, POINT(200 2))",
        "frobnicate(type)",
        "date_start > DATE('2023-02-30')",
        "NOT " * 500 + "best = 1",
        "best + 1 = 2",
    ],
)
def test_a_filter_that_is_none_is_refused(client: FlaskClient, cql2: str) -> None:
    problem = get(client, items("casualties", filter=cql2), 400)
    assert [fault["parameter"] for fault in problem["errors"]] == ["filter"]
    assert get(client, items("events", filter="type = 'battles'", filter_crs="EPSG:4326"), 400)


@for_each(
    "hostile",
    [
        "-" * 7_000 + "1 = best",
        "1" + "^2" * 3_500 + " = best",
        "type = '" + ")" * 2_500 + "' AND " + "(" * 2_500 + "best = 1" + ")" * 2_500,
        "(" * 60 + "best == 1" + ")" * 60,
        "type IN " + "(" * 60,
    ],
    ids=["signs", "powers", "brackets behind a quote", "brackets around nothing", "brackets without end"],
)
def test_what_would_end_the_process_or_hold_it_up_for_ever_is_refused(hostile: str) -> None:
    with pytest.raises(Problem):
        cql2_parsing.parsed(hostile, cql2_parsing.TEXT, most_seconds=1)


def test_brackets_that_say_nothing_change_nothing(client: FlaskClient) -> None:
    deep = "(" * 60 + "type = 'battles'" + ")" * 60
    assert ids(client, items("events", filter=deep)) == listed(client, "events", "type=battles") != []


@for_each("name", NAMES)
def test_queryables_are_a_schema_of_what_features_say(client: FlaskClient, name: str) -> None:
    schema = get(client, f"/ogc/collections/{name}/queryables")
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/ogc/collections/{name}/queryables")
    for feature in get(client, items(name, limit="20"))["features"]:
        said = {key: value for key, value in feature["properties"].items() if value is not None}
        known = {key: value for key, value in said.items() if key in schema["properties"]}
        assert known
        Draft202012Validator(schema).validate(known)
    # Each may be asked for.
    every = " OR ".join(f"{key} IS NULL" for key in schema["properties"])
    get(client, items(name, filter=every, limit="1"))


@for_each("name", list(COLLECTIONS))
def test_a_parameter_that_is_called_like_a_property_asks_for_its_value(client: FlaskClient, name: str) -> None:
    features = get(client, items(name, limit="1000"))["features"]
    (operation,) = [
        found["get"] for path, found in get(client, "/ogc/api")["paths"].items() if path == f"/collections/{name}/items"
    ]
    taken = {one["$ref"].split("/")[-1].split(".")[-1] for one in operation["parameters"]}
    both = taken & set(features[0]["properties"])
    assert {"id", "date_precision"} <= both or name == "locations"
    for key in sorted(both - {"id"}):
        for value in sorted({one["properties"][key] for one in features} - {None})[:2]:
            has_it = {one["id"] for one in features if one["properties"][key] == value}
            found = {
                one["id"] for one in get(client, f"{items(name, limit='1000')}&{key}={quote(str(value))}")["features"]
            }
            assert found == has_it, (key, value)


# --- Places ------------------------------------------------------------------------------------------------------


def test_areas_are_drawn_as_their_outlines_and_found_by_them(client: FlaskClient) -> None:
    kawlin = "95.6,23.7,95.7,23.8"
    found = {
        one["id"]: one["geometry"]["type"]
        for one in get(client, items("locations", bbox=kawlin, limit="1000"))["features"]
    }
    assert {"mmr", "mmr005", "mmr005d011", "mmr005024701"} <= found.keys() and "mmr001" not in found
    assert found["mmr005024701"] == "Point" and found["mmr005"] in ("Polygon", "MultiPolygon")
    asked = "S_INTERSECTS(geometry, BBOX(95.6, 23.7, 95.7, 23.8))"
    assert set(ids(client, items("locations", filter=asked))) == set(found)


def test_totals_by_place_are_those_of_v1(client: FlaskClient) -> None:
    asked = "measure=killed&population=state_forces&date_from=2023-11-01&date_to=2023-11-30"
    rows = get(client, f"/v1/figures/totals?{asked}&group_by=state_or_region")["data"]
    features = get(
        client, f"{items('totals-by-place')}?measure=killed&population=state_forces&datetime=2023-11-01/2023-11-30"
    )["features"]
    numbers = ("low", "best", "high", "open_ended", "floating", "figures")
    assert [(row["key"]["state_or_region"], *(row[name] for name in numbers)) for row in rows] == [
        (one["properties"]["place"], *(one["properties"][name] for name in numbers)) for one in features
    ]
    assert "mmr005" in [one["properties"]["place"] for one in features]
    assert {one["geometry"]["type"] for one in features if one["properties"]["place"]} <= {"Polygon", "MultiPolygon"}
    in_sagaing = get(client, items("totals-by-place", bbox="95.6,23.7,95.7,23.8"))["features"]
    assert {one["properties"]["place"] for one in in_sagaing} == {"mmr005"}
    by_district = get(client, items("totals-by-place", by="district", measure="killed"))["features"]
    assert {one["properties"]["level"] for one in by_district} == {"district"}


@for_each("name", NAMES)
def test_a_collection_refuses_what_its_features_refuse(client: FlaskClient, name: str) -> None:
    for asked in ("dataset=nothing", "filter=nothing%20%3D%201", "location=Kawlinn"):
        features, collection = (client.get(f"/ogc/collections/{name}{part}?{asked}") for part in ("/items", ""))
        assert features.status_code == collection.status_code == 400
        assert features.get_json()["errors"] == collection.get_json()["errors"]
