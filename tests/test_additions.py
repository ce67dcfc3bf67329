"""A filter, a dimension and a column that are added by the line that CONTRIBUTING names are right at once.

The lines are put into a copy of the code, which loads generated worlds and is asked; the oracles are told of them too.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import filter_oracle, row_oracle
from tests.added_code import ADDITIONS, AddedCode, Answer, copy_with, running
from tests.cast import event_of, known, setting_of, with_cast
from tests.databases import Databases
from tests.filter_oracle import is_figure_asked
from tests.known import Known
from tests.questions import Question, questions
from tests.sweep import for_each
from tests.totals_oracle import event_rows, figure_rows
from tests.worlds import QUALIFIERS, World, worlds

# The same worlds and questions each time, and the first that is answered wrongly is told as it is: what is added is always the same.
HELD = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
QUESTIONS = 6


def _counted(identity: str, population: str, bounds: tuple[int, int, int], **more: str) -> dict[str, Any]:
    return {
        "id": identity,
        "dataset": "added",
        "type": "battles",
        "family": "casualty",
        "measure": "killed",
        "unit": "person",
        "object": None,
        "population": population,
        "sex": "unspecified",
        "age": "unspecified",
        "cause": "unknown",
        "term": None,
        **dict(zip(("low", "best", "high"), bounds, strict=True)),
        "status": "numbered",
        "open_ended": False,
        "reason": None,
        "part_of": None,
        "nesting": None,
        "claims": [],
        **_SETTING,
        **more,
    }


_SETTING = setting_of(date(2023, 11, 6), 0, "mmr005")
# A hundred of whom about fifty were civilians, where no other filter parts the one from the other.
WHOLE_AND_PART = World(
    ("added",),
    (
        {
            **event_of("added-event", _SETTING),
            "dataset": "added",
            "episodes": ("added-event",),
            "figures": [
                _counted("added-whole", "mixed", (100, 100, 100), qualifier="exact"),
                _counted(
                    "added-part",
                    "civilians",
                    (45, 50, 55),
                    qualifier="around",
                    part_of="added-whole",
                    nesting="certain",
                ),
            ],
        },
    ),
)


# What is added is asked of the reading copy, which is the same whatever the engine.
pytestmark = pytest.mark.engines("sqlite")
# Worlds that are loaded.
WORLDS = 4


class Added:
    """The service with all additions, over the worlds that it is asked about."""

    def __init__(self, code: AddedCode, address: str, loaded: Sequence[World]) -> None:
        self._code = code
        self._code.open(address)
        self.worlds = st.sampled_from(loaded)
        for world in (WHOLE_AND_PART, *loaded):
            for source in world.sources():
                self._code.load(source)

    def get(self, address: str) -> Answer:
        """What the service answers."""
        return self._code.get(address)


@pytest.fixture(scope="module")
def added(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    """The service with all additions, and a database with the gazetteer, the cast and the worlds."""
    address, folder = with_cast(databases), tmp_path_factory.mktemp("added")
    copy_with(folder, *ADDITIONS)
    loaded: list[World] = []

    @settings(HELD, max_examples=WORLDS)
    @given(worlds())
    def keep(world: World) -> None:
        loaded.append(world)

    keep()
    with running(folder) as code, pytest.MonkeyPatch.context() as patch:
        patch.setitem(filter_oracle.OF_FIGURE, "qualifier", filter_oracle.among("qualifier"))
        patch.setitem(row_oracle.OF_FIGURE, "qualifier", lambda figure, _known: figure["qualifier"])
        yield Added(code, address, loaded)


@pytest.fixture(scope="module")
def cast() -> Known:
    """The places and memberships behind the worlds."""
    return known()


def ask(added: Added, address: str) -> dict[str, Any]:
    """The JSON body of an answer."""
    answer = added.get(address)
    assert answer.status == 200, (address, answer.text)
    body: dict[str, Any] = json.loads(answer.text)
    return body


def told(row: dict[str, Any]) -> dict[str, Any]:
    """All numbers of a row of figures."""
    return {name: value for name, value in row.items() if name not in ("key", "labels", "starts", "points", "links")}


def grouped(asked: Question) -> Question:
    """The same question, by qualifier first."""
    return replace(asked, dimensions=("qualifier", *asked.dimensions[:2]))


def drawn(data: st.DataObject, world: World, counts: str = "figures") -> list[Question]:
    """Questions about a world."""
    return data.draw(st.lists(questions(world, counts), min_size=QUESTIONS, max_size=QUESTIONS))


def filtered(data: st.DataObject, world: World) -> list[Question]:
    """Questions about the figures of some qualifiers."""
    some = st.lists(st.sampled_from(QUALIFIERS), min_size=1, max_size=2, unique=True)
    return [replace(asked, asked={**asked.asked, "qualifier": data.draw(some)}) for asked in drawn(data, world)]


def test_the_description_shows_what_was_added(added: Added) -> None:
    described = ask(added, "/openapi.json")

    def parameters(path: str) -> dict[str, dict[str, Any]]:
        listed = described["paths"][path]["get"]["parameters"]
        shared = described["components"]["parameters"]
        found = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in listed]
        return {one["name"]: one for one in found}

    for path in ("/v1/figures", "/v1/figures/totals", "/v1/casualties", "/v1/displacements"):
        assert set(QUALIFIERS) < set(parameters(path)["qualifier"]["schema"]["items"]["enum"])
    for path in ("/v1/figures/totals", "/v1/events/totals"):
        assert "qualifier" in parameters(path)["group_by"]["schema"]["items"]["enum"]
    assert "week" in described["components"]["schemas"]["Figure"]["properties"]


@HELD
@given(data=st.data())
def test_an_added_filter_finds_what_the_oracle_finds(added: Added, cast: Known, data: st.DataObject) -> None:
    world = data.draw(added.worlds)
    for question in filtered(data, world):
        found = ask(added, f"/v1/figures?{replace(question, dimensions=()).query(limit='1000', fields='id')}")
        assert sorted(record["id"] for record in found["data"]) == sorted(
            figure["id"]
            for event in world.events
            for figure in event["figures"]
            if is_figure_asked(figure, event, question.asked, cast)
        )
        assert found["total"] == len(found["data"])


@for_each("added_as", ["filter", "dimension"])
def test_totals_by_what_was_added_are_the_oracles(added: Added, cast: Known, added_as: str) -> None:
    only = {"dataset": list(WHOLE_AND_PART.datasets)}
    by_hand = {
        "filter": [Question({**only, "qualifier": [word]}) for word in ("exact", "around")],
        "dimension": [Question(only, ("qualifier",)), Question(only, ("qualifier", "population"))],
    }
    for question in by_hand[added_as]:
        _are_the_oracles(added, cast, WHOLE_AND_PART, question)

    @HELD
    @given(data=st.data())
    def holds_of(data: st.DataObject) -> None:
        world = data.draw(added.worlds)
        asked = filtered(data, world) if added_as == "filter" else list(map(grouped, drawn(data, world)))
        for question in asked:
            _are_the_oracles(added, cast, world, question)

    holds_of()


def _are_the_oracles(added: Added, cast: Known, world: World, question: Question) -> None:
    found = ask(added, f"/v1/figures/totals?{question.query()}")["data"]
    for row in found:
        bounds = [row[name] for name in ("low", "best", "high") if row[name] is not None]
        assert bounds == sorted(bounds), (question.query(), row)
    assert [(row["key"], told(row)) for row in found] == [
        (row.key, row.numbers()) for row in figure_rows(world.events, question.asked, question.dimensions, cast)
    ]


@HELD
@given(data=st.data())
def test_rows_of_an_added_dimension_link_to_exactly_what_they_count(
    added: Added, cast: Known, data: st.DataObject
) -> None:
    world = data.draw(added.worlds)
    for question in map(grouped, drawn(data, world)[:2]):
        rows = ask(added, f"/v1/figures/totals?{question.query()}")["data"]
        for row, wanted in zip(rows, figure_rows(world.events, question.asked, question.dimensions, cast), strict=True):
            listed = ask(added, f"{row['links']['figures']}&limit=1000")["data"]
            assert sorted(figure["id"] for figure in listed) == list(wanted.members)


@HELD
@given(data=st.data())
def test_counts_of_events_by_an_added_dimension_are_the_oracles(added: Added, cast: Known, data: st.DataObject) -> None:
    world = data.draw(added.worlds)
    for question in map(grouped, drawn(data, world, "events")):
        rows = ask(added, f"/v1/events/totals?{question.query()}")["data"]
        assert [(row["key"], row["events"], row["spanning"]) for row in rows] == [
            (row.key, len(row.members), row.spanning)
            for row in event_rows(world.events, question.asked, question.dimensions, cast)
        ]


@HELD
@given(data=st.data())
def test_an_added_column_shows_in_every_form(added: Added, data: st.DataObject) -> None:
    world = data.draw(added.worlds)
    expected = {figure["id"]: row_oracle.TIMES["week"](figure["date_start"]) for figure in world.figures}
    asked = f"/v1/figures?dataset={','.join(world.datasets)}"
    listed = ask(added, f"{asked}&limit=1000")["data"]
    assert {record["id"]: record["week"] for record in listed} == expected
    few = ask(added, f"{asked}&limit=1000&fields=id,week")["data"]
    assert {record["id"]: record["week"] for record in few} == expected
    features = ask(added, f"{asked}&format=geojson")["features"]
    assert {feature["id"]: feature["properties"]["week"] for feature in features} == expected
    lines = csv.DictReader(io.StringIO(added.get(f"{asked}&format=csv").text))
    assert {line["id"]: line["week"] for line in lines} == expected
