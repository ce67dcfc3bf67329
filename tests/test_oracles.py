"""The oracles know all that the service declares, and refuse what they do not know.

So a filter, dimension, measure or column that is added without telling its oracle fails here, by name.
"""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.answers.routes import routes
from api.domain.codebook import MEASURES
from api.query.endpoint import Endpoint
from api.records.figures import EVENT_FIGURE_SHAPE
from tests import column_oracle, filter_oracle, list_oracle, row_oracle
from tests.known import UnknownToOracle, refuse_unknown
from tests.list_oracle import EVENTS, FIGURES, KNOWN
from tests.row_oracle import rows_of_figure
from tests.small_world_questions import VALUES
from tests.totals_oracle import APART, event_rows, figure_rows

# What is declared has nothing to do with an engine.
pytestmark = pytest.mark.engines("sqlite")

# Resources that are asked by filters of their own, which are few and tested by themselves.
OF_THEIR_OWN = {"datasets", "codebook", "about", "matches", "changes"}
EVERY_KIND = "kind=incident,episode,aggregate&limit=1000"


@pytest.fixture
def declared(app: Flask) -> list[Endpoint]:
    """What every path declares that it takes."""
    return [route.described.endpoint for route in routes(app)]


def test_every_declared_filter_is_known_to_its_oracle(declared: list[Endpoint]) -> None:
    asked = [endpoint for endpoint in declared if endpoint.filters and endpoint.tag not in OF_THEIR_OWN]
    assert {endpoint.tag for endpoint in asked} == {
        *("events", "figures", "casualties", "displacements", "groups", "locations", "documents")
    }
    for endpoint in asked:
        names = {parameter.name for found in endpoint.filters for parameter in (found.parameter, *found.companions)}
        refuse_unknown(f"filters of {endpoint.path}", names, list_oracle.parameters(endpoint.tag))


def test_every_declared_partition_is_known_to_the_oracle(declared: list[Endpoint]) -> None:
    partitions = {found.name for endpoint in declared for found in endpoint.filters if found.is_partition}
    assert partitions == set(filter_oracle.PARTITION)


def test_every_declared_dimension_is_known_to_the_oracle(declared: list[Endpoint]) -> None:
    names = {dimension.name for endpoint in declared for dimension in endpoint.dimensions}
    assert names
    refuse_unknown("dimensions", names | set(APART), row_oracle.dimensions())


def test_rows_of_every_declared_dimension_are_asked_for(declared: list[Endpoint]) -> None:
    names = {dimension.name for endpoint in declared for dimension in endpoint.dimensions}
    asked = {name for one in VALUES["group_by"] for name in one["group_by"].split(",")}
    assert asked == names, f"give VALUES in tests/small_world_questions.py rows by {names - asked}"


def test_every_measure_is_known_to_the_oracle() -> None:
    assert {name: measure.family for name, measure in MEASURES.items()} == filter_oracle.FAMILIES
    assert {measure.family for measure in MEASURES.values() if not measure.is_totalled} == {filter_oracle.CONTEXT}


def test_every_column_shows_what_its_oracle_says(world: FlaskClient, declared: list[Endpoint]) -> None:
    shapes = {
        endpoint.path: endpoint.shape for endpoint in declared if endpoint.shape is not None and not endpoint.is_record
    }
    for path, stored in (("/v1/events", EVENTS), ("/v1/figures", FIGURES)):
        shape = shapes[path]
        assert shape is not None
        of_kinds = EVERY_KIND if path == "/v1/events" else "limit=1000"
        records = world.get(f"{path}?{of_kinds}").json["data"]
        assert {record["id"] for record in records} == stored.keys()
        for record in records:
            assert record == column_oracle.shown(shape.name, stored[record["id"]], shape.keys)
        computed = [column.key for column in shape.columns if column.value is None]
        flat = column_oracle.FLAT[shape.name]
        for feature in json.loads(world.get(f"{path}?{of_kinds}&format=geojson").data)["features"]:
            event_or_figure = stored[feature["id"]]
            expected = {name: show(event_or_figure) for name, show in flat.items()}
            expected |= column_oracle.shown(shape.name, event_or_figure, [key for key in computed if key not in flat])
            assert {key: feature["properties"][key] for key in expected} == expected
            assert expected.keys() >= set(computed)
    refuse_unknown("columns of EventFigure", EVENT_FIGURE_SHAPE.keys, column_oracle.IN_EVENT)


def test_an_oracle_refuses_what_it_does_not_know() -> None:
    (event, *_), asked = list(EVENTS.values()), {"colour": ["red"]}
    (figure, *_) = event["figures"]
    for ask, named in (
        (lambda: filter_oracle.is_event_asked(event, asked, KNOWN), "colour"),
        (lambda: filter_oracle.in_scope([event], asked, KNOWN), "colour"),
        (lambda: list_oracle.found("groups", {"colour": "red"}), "colour"),
        (lambda: filter_oracle.family_of({**figure, "measure": "shouted_at"}), "shouted_at"),
        (lambda: rows_of_figure(figure, event, ["mood"], KNOWN), "mood"),
        (lambda: figure_rows([event], {}, ["mood"], KNOWN), "mood"),
        (lambda: event_rows([event], {"kind": [event["kind"]]}, ["mood"], KNOWN), "mood"),
        (lambda: column_oracle.shown("Figure", figure, ["id", "weight"]), "weight"),
    ):
        with pytest.raises(UnknownToOracle, match=f"does not know .* {named}: write down"):
            ask()
