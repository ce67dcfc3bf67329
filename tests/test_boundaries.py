"""The outlines that maps are drawn with, held against the places that they outline."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import shape

from api.boundaries import OUTLINED_LEVELS, geometry, outlines
from tests.sweep import for_each

PLACES = Path("seeds/gazetteer/places.csv")
# Outlines are right to about two kilometres, and so are points of the gazetteer.
NEAR_DEGREES = 0.05


def gazetteer() -> list[dict[str, str]]:
    with PLACES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@for_each("level", OUTLINED_LEVELS)
def test_every_outline_is_valid_and_is_a_place_of_its_level(level: str) -> None:
    places = {place["id"]: place for place in gazetteer()}
    for feature in outlines(level)["features"]:
        drawn, said = shape(feature["geometry"]), feature["properties"]
        assert drawn.is_valid and drawn.geom_type in ("Polygon", "MultiPolygon"), feature["id"]
        # Exterior rings run counterclockwise.
        assert drawn.equals_exact(shapely.orient_polygons(drawn, exterior_cw=False))
        assert geometry(feature["id"]) is geometry(said["code"]) is feature["geometry"]
        if feature["id"].startswith("mmr") or level != "country":
            place = places[feature["id"]]
            assert (said["name"], said["level"]) == (place["name"], place["level"])
            assert said["parent"] == (place["parent"] or None)


def test_no_outline_goes_around_the_world() -> None:
    # Russia and Fiji lie on both sides of the antimeridian; a ring drawn across it would hold a belt around the world.
    around = set()
    for feature in outlines("country")["features"]:
        for polygon in getattr(shape(feature["geometry"]), "geoms", [shape(feature["geometry"])]):
            longitudes = [longitude for longitude, _latitude in polygon.exterior.coords]
            if any(abs(one - other) > 180 for one, other in pairwise(longitudes)):
                around.add(feature["id"])
    # Around the pole.
    assert around == {"ata"}
    barrow, chukotka, bolivia = (-156.8, 71.3), (175.0, 67.0), (-68.0, -16.4)
    assert [shape(geometry("rus") or {}).contains(shapely.Point(point)) for point in (barrow, chukotka)] == [
        False,
        True,
    ]
    assert not shape(geometry("fji") or {}).contains(shapely.Point(bolivia))


def test_a_place_lies_in_the_outline_of_its_district() -> None:
    above = {place["id"]: place["parent"] for place in gazetteer()}
    districts = {place["id"] for place in gazetteer() if place["level"] == "district"}
    far = []
    for place in gazetteer():
        found = place["id"]
        while found and found not in districts:
            found = above[found]
        if found and place["latitude"]:
            point = shapely.Point(float(place["longitude"]), float(place["latitude"]))
            if shapely.distance(shape(geometry(found) or {}), point) > NEAR_DEGREES:
                far.append(place["id"])
    # The Coco Islands, which the outlines leave out.
    assert far == ["mmr013032", "mmr013032701"]


def test_states_are_exactly_their_districts_and_the_country_its_states() -> None:
    parts: dict[str, list[shapely.Geometry]] = {}
    for level in ("area", "state_or_region", "district"):
        for feature in outlines(level)["features"]:
            parts.setdefault(feature["properties"]["parent"], []).append(shape(feature["geometry"]))
    for whole, inner in parts.items():
        apart = shapely.symmetric_difference(shape(geometry(whole) or {}), shapely.union_all(inner)).area
        # Of a coast, islets are left out of each by itself.
        assert apart < 0.01 * sum(part.area for part in inner), whole


def test_a_place_without_an_outline_has_none() -> None:
    assert geometry("mmr005024") is None and geometry(None) is None
    assert geometry("XKX") and geometry("xkx")


@pytest.mark.engines("sqlite")
def test_locations_come_with_their_outlines_where_that_is_asked(client: FlaskClient) -> None:
    places = "/v1/locations?id=mmr005,mmr005024,shan-state"
    for_clients = client.get(f"{places}&boundaries=true").json["data"]
    on_maps = client.get(f"{places}&boundaries=true&format=geojson").json["features"]
    for record, feature in zip(for_clients, on_maps, strict=True):
        assert record["id"] == feature["id"]
        assert record["boundary"] == geometry(record["id"])
        drawn = {"type": "Point", "coordinates": [record["longitude"], record["latitude"]]}
        assert feature["geometry"] == (record["boundary"] or drawn)
    assert [record["boundary"] is None for record in for_clients] == [False, True, False]
    assert all("boundary" not in record for record in client.get(places).json["data"])
    assert client.get(f"{places}&boundaries=false&format=geojson").json["features"][0]["geometry"] is None
    assert client.get(f"{places}&boundaries=true&format=csv").status_code == 400


@pytest.mark.engines("sqlite")
@for_each(
    ("within", "told"),
    [
        ("nowhere at all", "no place is called 'nowhere at all'"),
        ("Kawlin town", "'mmr005024701' has no outline here; ask 'location=mmr005024701'"),
        ("{", "this is no GeoJSON"),
        ("{}", "GeoJSON of the types Polygon and MultiPolygon"),
        ('{"type":"Point","coordinates":[95,23]}', "GeoJSON of the types Polygon and MultiPolygon"),
        ('{"type":"Polygon"}', "this is no GeoJSON"),
        ('{"type":"Polygon","coordinates":[]}', "it is empty"),
        ('{"type":"Polygon","coordinates":[[[94,22],[97,22],[97,25]]]}', "this is no GeoJSON"),
        ('{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}', "Self-intersection"),
        ('{"type":"Polygon","coordinates":[[[94,22],[190,22],[97,25],[94,22]]]}', "some lie beyond"),
    ],
)
def test_a_shape_that_is_none_is_refused(client: FlaskClient, within: str, told: str) -> None:
    answer = client.get("/v1/events", query_string={"within": within})
    assert answer.status_code == 400
    (fault,) = answer.json["errors"]
    assert fault["parameter"] == "within" and told in fault["message"]
