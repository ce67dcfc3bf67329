"""Totals as a chart or a map takes them: without gaps, with a dimension as columns, and as features."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyarrow import parquet

from api.boundaries import geometry
from api.query.dimensions import BY_NAME
from tests.small_world import DATASETS
from tests.sweep import for_each
from tests.test_errors import problem
from tests.test_formats import as_csv, get, lines

# What is asked is made into statements alike, and rows into forms in Python.
pytestmark = pytest.mark.engines("sqlite")

FILLED = (
    "/v1/figures/totals?group_by=day&dataset=hills&measure=killed&unit=person",
    "/v1/figures/totals?group_by=month,population&measure=killed,injured",
    "/v1/casualties/totals?group_by=week&date_from=2031-02-10&date_to=2031-03-20",
    "/v1/events/totals?group_by=state_or_region,month",
    "/v1/events/totals?group_by=year,month&date_to=2031-12-31",
)

# How buckets are called.
FORMS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}


def rows_of(client: FlaskClient, url: str) -> list[dict[str, Any]]:
    """All rows of a total."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following is not None:
        body = get(client, following).json
        found += body["data"]
        following = body["next"]
    assert len(found) == body["total"]
    return found


def buckets(times: list[str], first: date, last: date) -> set[tuple[str, ...]]:
    """The buckets of these dimensions that days from the first to the last are in."""
    days = (first + timedelta(days=days) for days in range((last - first).days + 1))
    return {tuple(day.strftime(FORMS[name]) for name in times) for day in days}


@for_each("url", FILLED)
def test_filled_totals_have_every_bucket_and_the_same_numbers(world: FlaskClient, url: str) -> None:
    plain, filled = rows_of(world, url), rows_of(world, f"{url}&fill=true&limit=300")
    counted = "events" if "/events/" in url else "figures"
    links = [row.pop("links") for row in filled]
    assert [row for row in filled if row[counted]] == [{k: v for k, v in row.items() if k != "links"} for row in plain]
    assert not any("fill" in link[counted] for link in links)
    asked = dict(pair.split("=") for pair in url.partition("?")[2].split("&"))
    times = [name for name in asked["group_by"].split(",") if BY_NAME[name].last_bucket is not None]
    found: dict[tuple[Any, ...], list[tuple[str, ...]]] = {}
    for row in filled:
        rest = tuple(value for name, value in row["key"].items() if name not in times)
        found.setdefault(rest, []).append(tuple(row["key"][name] for name in times))
        if not row[counted]:
            assert row.get("best") is None and row.get("low") is None and row["spanning"] == 0
    for rest, listed in found.items():
        dataset = next(value for value in rest if value in DATASETS)
        declared = (DATASETS[dataset]["first_date"], DATASETS[dataset]["last_date"])
        first, last = (
            date.fromisoformat(asked[name]) if name in asked else day
            for name, day in zip(("date_from", "date_to"), declared, strict=True)
        )
        assert len(set(listed)) == len(listed)
        assert set(listed) >= buckets(times, first, last)
        # What lies beyond is there only where something is counted, or floats to.
        assert len(listed) > sum(
            row[counted] > 0 for row in filled if tuple(v for k, v in row["key"].items() if k not in times) == rest
        )


def test_an_empty_bucket_says_what_floats_into_it(world: FlaskClient) -> None:
    url = "/v1/figures/totals?group_by=day&unit=person"
    empty = [row for row in rows_of(world, f"{url}&fill=true") if not row["figures"]]
    floating = [row for row in empty if row["floating"] != 0]
    assert floating and len(floating) < len(empty)
    for row in [*floating[:: max(1, len(floating) // 8)], *[row for row in empty if row["floating"] == 0][:3]]:
        key = row["key"]
        of_day = f"/v1/figures/totals?unit=person&dataset={key['dataset']}&measure={key['measure']}&date_from={key['day']}&date_to={key['day']}"
        there = rows_of(world, of_day)
        expected = None if there and there[0]["open_ended"] else there[0]["high"] if there else 0
        assert row["floating"] == expected, key


def test_buckets_into_which_figures_only_float_have_rows_wherever_they_lie(client: FlaskClient) -> None:
    url = "/v1/figures/totals?measure=trafficked&group_by=year"
    assert [row["key"]["year"] for row in rows_of(client, url)] == ["2021"]
    assert get(client, url).json["coverage"]["first_date"] > "2023"
    filled = rows_of(client, f"{url}&fill=true")
    assert [(row["key"]["year"], row["figures"]) for row in filled] == [("2021", 2), ("2022", 0), ("2023", 0)]
    assert filled[1]["floating"] == filled[0]["high"]
    assert rows_of(client, f"{url}&fill=true&date_from=2022-01-01&date_to=2022-12-31")[0]["key"]["year"] == "2022"
    # An event floats nowhere.
    years = [
        row["key"]["year"] for row in rows_of(client, "/v1/events/totals?measure=trafficked&group_by=year&fill=true")
    ]
    assert years == ["2021", "2023"]


def test_filling_is_refused_where_it_makes_no_sense(world: FlaskClient) -> None:
    assert (
        "'group_by'"
        in problem(world.get("/v1/figures/totals?group_by=type&fill=true"), 400, "parameters-disagree")["detail"]
    )
    problem(world.get("/v1/events?fill=true"), 400, "unknown-parameter")
    centuries = "/v1/figures/totals?group_by=day&fill=true&date_from=1700-01-01&date_to=2099-12-31"
    assert "longer buckets" in problem(world.get(centuries), 400, "invalid-value")["detail"]


@for_each(
    ("url", "last", "numbers"),
    [
        (
            "/v1/figures/totals?group_by=month,population&measure=killed",
            "population",
            ("low", "best", "high", "open_ended"),
        ),
        ("/v1/casualties/totals?group_by=population,month&fields=key,best&fill=true", "month", ("best",)),
        ("/v1/events/totals?group_by=township,type", "type", ("events",)),
    ],
)
def test_wide_rows_have_the_values_of_the_last_dimension_as_columns(
    world: FlaskClient, url: str, last: str, numbers: tuple[str, ...]
) -> None:
    rows = rows_of(world, url)
    table = lines(get(world, f"{url}&shape=wide&format=csv").text)
    values = sorted({row["key"][last] for row in rows}, key=lambda value: (value is None, value or ""))
    expected: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        rest = {f"key_{name}": as_csv(value) for name, value in row["key"].items() if name != last}
        cells = expected.setdefault(tuple(rest.values()), dict(rest))
        for number in numbers:
            name = row["key"][last] or "not_specified"
            cells[name if len(numbers) == 1 else f"{name}_{number}"] = as_csv(row[number])
    assert len(table) == len(expected)
    for line, wanted in zip(table, expected.values(), strict=True):
        assert line.items() >= wanted.items()
        assert (
            sum(name not in wanted and value != "" for name, value in line.items()) <= 10
        )  # labels, starts and points
    assert list(table[0])[-len(numbers) * len(values)].startswith(values[0])
    assert not any(f"_{last}" in name for name in table[0])
    typed = parquet.read_table(io.BytesIO(get(world, f"{url}&shape=wide&format=parquet").data))
    assert typed.column_names == list(table[0]) and typed.num_rows == len(table)
    assert get(world, f"{url}&shape=long&format=csv").data == get(world, f"{url}&format=csv").data
    assert get(world, f"{url}&shape=wide&format=csv").headers["Total-Count"] == str(len(table))


def test_wide_rows_are_refused_where_there_are_none(world: FlaskClient) -> None:
    for asked in ("group_by=type&shape=wide", "shape=wide&format=csv", "group_by=type&shape=wide&format=ndjson"):
        problem(world.get(f"/v1/figures/totals?{asked}"), 400, "parameters-disagree")


@for_each("place", ["country", "state_or_region", "township", "location"])
def test_totals_by_place_are_features_where_the_places_are(world: FlaskClient, place: str) -> None:
    for url in (f"/v1/figures/totals?group_by=measure,{place}", f"/v1/events/totals?group_by={place},month"):
        rows = rows_of(world, url)
        collection = json.loads(get(world, f"{url}&format=geojson").data)
        table = lines(get(world, f"{url}&format=csv").text)
        assert len({feature["id"] for feature in collection["features"]}) == len(rows)
        for feature, row, line in zip(collection["features"], rows, table, strict=True):
            point = row["points"][place]
            drawn = None if point is None else {"type": "Point", "coordinates": [point["longitude"], point["latitude"]]}
            assert feature["geometry"] == drawn
            assert {name: as_csv(value) for name, value in feature["properties"].items()} == line
        outlined = json.loads(get(world, f"{url}&format=geojson&boundaries=true").data)["features"]
        for feature, plain, row in zip(outlined, collection["features"], rows, strict=True):
            outline = geometry(str(row["key"][place]).lower())
            assert feature == {**plain, "geometry": plain["geometry"] if outline is None else outline}


def test_places_that_have_outlines_are_drawn_by_them(client: FlaskClient) -> None:
    url = "/v1/casualties/totals?group_by=state_or_region&dataset=op1027&measure=killed&format=geojson"
    drawn = [json.loads(get(client, f"{url}{more}").data)["features"] for more in ("", "&boundaries=true")]
    kinds = [{feature["geometry"]["type"] for feature in found if feature["geometry"]} for found in drawn]
    assert kinds[0] == {"Point"} and kinds[1] & {"Polygon", "MultiPolygon"}


def test_features_need_a_place(world: FlaskClient) -> None:
    told = problem(world.get("/v1/figures/totals?group_by=month&format=geojson"), 400, "parameters-disagree")
    assert "place" in told["detail"]
    problem(world.get("/v1/figures/totals?group_by=township&boundaries=true"), 400, "parameters-disagree")
