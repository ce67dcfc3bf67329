"""Facets of a list: the values that matching records have, with exact counts, held to the lists themselves."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sweep import for_each

# Facets are counted in the copy, which is the same on both engines.
pytestmark = pytest.mark.engines("sqlite")

QUESTIONS = (
    ("/v1/events", "", "type,country,township,month,group,role,population,document"),
    ("/v1/events", "type=battles&group=AA", "type,group,role,week,claimant"),
    ("/v1/casualties", "measure=killed", "measure,population,state_or_region,group,claimant,dataset"),
    ("/v1/figures", "location=Sagaing", "location,measure,year,sex,document"),
)


def asked(client: FlaskClient, path: str, query: str) -> Any:
    response = client.get(f"{path}?{query}")
    assert response.status_code == 200, response.text
    return response.json


# The parameters that choose among the values of a dimension, where it is no time.
NARROWED_BY = {"role": "group_role", "township": "location", "state_or_region": "location"}
TIMES = ("day", "week", "month", "year")


@for_each(("path", "query", "facets"), QUESTIONS)
def test_a_facet_counts_what_the_list_of_each_value_holds(
    client: FlaskClient, path: str, query: str, facets: str
) -> None:
    found = asked(client, path, f"{query}&facets={facets}&limit=1")["facets"]
    assert list(found) == facets.split(",")
    for name, facet in found.items():
        own = NARROWED_BY.get(name, name)
        rest = "&".join(pair for pair in query.split("&") if pair.split("=")[0] != own)
        assert facet["others"] == 0 and facet["values"]
        counts = [value["count"] for value in facet["values"]]
        assert counts == sorted(counts, reverse=True)
        for value in facet["values"]:
            row = "" if value["value"] is None else f'"{value["value"]}"'
            listed = asked(client, path, f"{rest}&group_by={name}&row={row}&limit=1")
            assert listed["total"] == value["count"], (name, value)


def test_values_beyond_the_hundred_most_frequent_are_counted_together(world: FlaskClient) -> None:
    everything = "kind=incident,episode,aggregate"
    facet = asked(world, "/v1/events", f"{everything}&facets=day&limit=1")["facets"]["day"]
    rows = asked(world, "/v1/events/totals", f"{everything}&group_by=day")["data"]
    of_day: dict[str, int] = {}
    for row in rows:
        of_day[row["key"]["day"]] = of_day.get(row["key"]["day"], 0) + row["events"]
    assert len(facet["values"]) == min(100, len(of_day))
    assert facet["others"] == sum(of_day.values()) - sum(value["count"] for value in facet["values"])


def test_facets_go_with_pages(client: FlaskClient) -> None:
    response = client.get("/v1/events?facets=type&format=csv")
    assert response.status_code == 400 and "facets" in response.text
    response = client.get("/v1/events?facets=sort")
    assert response.status_code == 400 and response.json["errors"][0]["allowed"]
    assert "facets" not in asked(client, "/v1/events", "limit=1")
