"""The corpus answers what its totals are worked out to by hand (docs/totals.md)."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from flask.testing import FlaskClient

from tests.sweep import for_each

Bounds = tuple[int | None, int | None, int | None, bool]


def _totals(client: FlaskClient, query: str) -> dict[tuple[Any, ...], Bounds]:
    response = client.get(query)
    assert response.status_code == 200, response.text
    return {
        tuple(value for name, value in row["key"].items() if name not in ("dataset", "unit", "object")): (
            row["low"],
            row["best"],
            row["high"],
            row["open_ended"],
        )
        for row in response.json["data"]
    }


@for_each(
    ("query", "expected"),
    [
        ("measure=killed&population=state_forces", (130, 140, 150, True)),
        ("measure=killed&population=armed_opposition", (3, 3, 4, False)),
        ("measure=killed&population=civilians", (1, 1, 1, True)),
        ("measure=killed", (134, 144, 155, True)),
        ("measure=injured", (21, 21, 21, False)),
        ("measure=captured", (47, 48, 49, False)),
        ("measure=killed&location=Namhsan", (60, 60, 60, False)),
    ],
)
def test_worked_casualty_totals_come_out(client: FlaskClient, query: str, expected: Bounds) -> None:
    assert list(_totals(client, f"/v1/casualties/totals?{query}").values()) == [expected]


@for_each(
    ("other", "name"),
    [
        ("စစ်ကိုင်း", "Sagaing"),
        ("စစ်ကိုင်းတိုင်း", "Sagaing Region"),
        ("ရခိုင်", "Rakhine"),
        ("ရှမ်းပြည်နယ်မြောက်ပိုင်း", "Northern Shan State"),
        ("ကောလင်း", "Kawlin"),
        ("ကောလင်းမြို့နယ်", "Kawlin township"),
        ("ကောလင်းမြို့", "Kawlin town"),
        ("Kawlin city", "Kawlin town"),
        ("မြန်မာ", "Myanmar"),
    ],
)
def test_a_place_is_the_same_under_its_other_names(client: FlaskClient, other: str, name: str) -> None:
    asked = [
        client.get("/v1/events", query_string={"location": place, "fields": "id"}).json["data"]
        for place in (other, name)
    ]
    assert asked[0] and asked[0] == asked[1]


def test_worked_displacement_total_comes_out(client: FlaskClient) -> None:
    assert list(_totals(client, "/v1/displacements/totals?measure=displaced").values()) == [(32000, 33000, 66000, True)]


def test_december_counts_nobody_twice(client: FlaskClient) -> None:
    query = "/v1/casualties/totals?measure=killed&date_from=2023-12-10&date_to=2023-12-18"
    (found,) = _totals(client, query).values()
    assert found[1] == 100
    by_state = _totals(client, f"{query}&group_by=state_or_region")
    assert {key[0]: bounds[1] for key, bounds in by_state.items()} == {"mmr015": 60, "mmr005": 30, None: 10}


def test_a_partition_filter_equals_its_row(client: FlaskClient) -> None:
    rows = _totals(client, "/v1/casualties/totals?measure=killed&group_by=population")
    for (population, _measure), bounds in rows.items():
        filtered = _totals(client, f"/v1/casualties/totals?measure=killed&population={population}")
        assert list(filtered.values()) == [bounds]


def test_rows_say_when_and_where_a_chart_draws_them(client: FlaskClient) -> None:
    asked = "/v1/events/totals?dataset=op1027&group_by=week,day,township,country"
    found = client.get(asked).json["data"]
    assert {tuple(row["starts"]) for row in found} == {("week", "day")}
    assert {tuple(row["points"]) for row in found} == {("township", "country")}
    for row in found:
        week = date.fromisocalendar(int(row["key"]["week"][:4]), int(row["key"]["week"][-2:]), 1)
        assert row["starts"] == {"week": week.isoformat(), "day": row["key"]["day"]}
        for dimension in ("township", "country"):
            place = row["key"][dimension]
            known = {} if place is None else client.get(f"/v1/locations/{place.lower()}").json
            point = {axis: known.get(axis) for axis in ("latitude", "longitude")}
            assert row["points"][dimension] == (point if point["latitude"] is not None else None)
    assert any(row["points"]["township"] for row in found)
    lines = csv.DictReader(io.StringIO(client.get(f"{asked}&format=csv").text))
    for line, row in zip(lines, found, strict=True):
        assert (line["week_start"], line["day_start"]) == (row["starts"]["week"], row["starts"]["day"])
        drawn = row["points"]["township"] or {"latitude": "", "longitude": ""}
        assert all(line[f"township_{axis}"] == str(degrees) for axis, degrees in drawn.items())
    kept = client.get(f"{asked}&format=csv&fields=starts,events").text.splitlines()[0]
    assert kept == "week_start,day_start,events"


@for_each("kind", ["group", "location"])
def test_every_record_is_found_by_its_name_in_quotes(client: FlaskClient, kind: str) -> None:
    listed = client.get(f"/v1/{kind}s?dataset=op1027&limit=1000").json["data"]
    assert kind == "location" or any("," in record["name"] for record in listed)
    for record in listed:
        quoted = record["name"].replace('"', '""')
        named = {kind: f'"{quoted}"', "limit": "1000"}
        answer = client.get("/v1/events", query_string=named)
        # Several may bear one name, and then that is what is said.
        if answer.status_code == 400:
            assert answer.json["type"] == "/problems/ambiguous-name", answer.text
        else:
            by_id = client.get("/v1/events", query_string={**named, kind: record["id"]}).json
            assert kind == "location" or answer.json["data"] == by_id["data"]


@for_each(
    ("figure", "sex", "age", "cause"),
    [
        ("kawlin-wuntho-shelling-killed-civilians", "female", "adult", "heavy_weapons"),
        ("kawlin-wuntho-shelling-injured-civilians", "male", "adult", "heavy_weapons"),
        ("pauktaw-killed-civilians", "unspecified", "unspecified", "small_arms"),
        ("namhsan-killed-state-forces", "unspecified", "unspecified", "unknown"),
        ("myanmar-displaced-since-2023-10-26", "both", "both", None),
        ("kawlin-town-seized", None, None, None),
    ],
)
def test_figures_say_whom_and_by_what_as_the_texts_do(
    client: FlaskClient, figure: str, sex: str | None, age: str | None, cause: str | None
) -> None:
    found = client.get(f"/v1/figures/{figure}").json
    assert (found["sex"], found["age"], found["cause"]) == (sex, age, cause)
    assert {claim["population"] for claim in found["claims"]} == {None}


def test_causes_are_found_by_filter_facet_and_word(client: FlaskClient) -> None:
    asked = "dataset=op1027&family=casualty"
    found = client.get(f"/v1/figures?{asked}&cause=heavy_weapons&limit=1000").json
    facets = client.get(f"/v1/figures?{asked}&facets=cause,age&limit=1").json["facets"]
    counted = {value["value"]: value["count"] for value in facets["cause"]["values"]}
    assert counted["heavy_weapons"] == found["total"] == 4
    assert counted["small_arms"] == 1
    assert all(figure["cause"] == "heavy_weapons" for figure in found["data"])
    words = client.get("/v1/events?dataset=op1027&q=small+arms&limit=1000").json["data"]
    assert "pauktaw-civilians-shot-2023-11-16" in {event["id"] for event in words}


@for_each(
    ("query", "others"),
    [
        ("air+strikes", ("air+strike", "AIR+striking")),
        ("airstrikes", ("airstrike",)),
        ("captured", ("capture", "capturing")),
        ("communications", ("communication",)),
    ],
)
def test_words_are_found_by_their_stems(client: FlaskClient, query: str, others: tuple[str, ...]) -> None:
    asked = "/v1/events?dataset=op1027&fields=id&limit=1000&q="
    found = client.get(asked + query).json
    assert found["total"] > 0 and found["unmatched_words"] == []
    assert all(client.get(asked + other).json["data"] == found["data"] for other in others)


@for_each(
    ("path", "unmatched"),
    [
        ("events?q=Kawlin+Zeppelins+zeppelin", ["zeppelins", "zeppelin"]),
        ("events?q=Namhsan+Pauktaw", []),
        ("casualties?q=zeppelin", ["zeppelin"]),
        ("events/totals?q=zeppelin&group_by=month", ["zeppelin"]),
        ("casualties/totals?q=Kawlin", []),
        ("groups?q=kachin+zeppelin", ["zeppelin"]),
        ("locations?q=kawlins", []),
        ("documents?q=Reuters+zeppelin", ["zeppelin"]),
        ("events?type=battles", None),
    ],
)
def test_words_that_no_record_has_are_named(client: FlaskClient, path: str, unmatched: list[str] | None) -> None:
    assert client.get(f"/v1/{path}").json.get("unmatched_words") == unmatched


def test_an_outlet_that_nobody_knows_has_no_name(client: FlaskClient) -> None:
    documents = {each["id"]: each for each in client.get("/v1/documents?dataset=op1027").json["data"]}
    unnamed = {identity for identity, document in documents.items() if document["outlet"] is None}
    assert {document["outlet"] for document in documents.values()} == {"Reuters", None}
    found = client.get("/v1/documents?q=unnamed+outlet").json
    assert (found["total"], found["unmatched_words"]) == (0, ["unnamed", "outlet"])
    for row in client.get("/v1/events/totals?dataset=op1027&group_by=document,outlet").json["data"]:
        document = row["key"]["document"]
        is_unnamed = document in unnamed
        assert row["key"]["outlet"] == (document if is_unnamed else "Reuters")
        called = documents[document]["title"] if is_unnamed else "Reuters"
        assert row["labels"]["outlet"] == row["labels"]["document"] == called
    found = {outlet: client.get(f"/v1/events?outlet={outlet}").json["total"] for outlet in ("reuters", *unnamed)}
    assert all(found.values())
    assert client.get("/v1/events?outlet=Unnamed+outlet").status_code == 400
