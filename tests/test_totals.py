"""Totals count nobody twice: what the service answers is held to the definition in generated worlds.

The worlds stand beside one another in one database, each in datasets of its own, and every test asks about many of them.
Totals are read from the same copy whatever the engine, so PostgreSQL has fewer worlds, and few questions of the oracles'
tests alone.
`EXAMPLES` in the environment asks for another number of worlds and of questions, for a long soak.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.domain.codebook import MEASURES
from tests.cast import known, with_cast
from tests.conftest import IS_CI, application, close, load_into
from tests.databases import Databases
from tests.filter_oracle import in_scope
from tests.known import Known, Record
from tests.questions import (
    ADDITIVE,
    OVERLAPPING,
    OVERLAPPING_OF_EVENTS,
    SAID,
    Question,
    dimensions,
    narrowings,
    partitions,
    questions,
    scopes,
)
from tests.totals_oracle import APART, event_rows, figure_rows, high_of, is_open, low_of
from tests.worlds import POPULATIONS, World, worlds

# Examples of each test; with these the file takes half a minute, most of it to load the worlds.
EXAMPLES = int(os.environ.get("EXAMPLES", "16"))
HELD = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=IS_CI,
    # The ids of a world are new each time, so an example kept from the last run would not be the same.
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What the oracles' tests would find too needs fewer.
HELD_AS_WELL = settings(HELD, max_examples=1 + EXAMPLES // 2)
# Examples for each world, by engine.
EXAMPLES_A_WORLD = {"sqlite": 3, "postgresql": 6}
# How many questions an example asks of a world at the least and at the most, by engine.
QUESTIONS = {"sqlite": (10, 15), "postgresql": (1, 3)}
QUESTIONS_OF_EVENTS = {"sqlite": (2, 4), "postgresql": (1, 1)}
# How far beyond the last number the truth is tried where nobody says how many there are at the most.
BEYOND = 2
# Paths of totals: the family that each counts, all where there is none, and the filters that its figures cannot pass.
PATHS = {
    "/v1/figures": (None, set()),
    "/v1/casualties": ("casualty", {"family", "object", "term"}),
    "/v1/displacements": ("displacement", {"family", "object", "cause"}),
}
NUMBERS = ("low", "best", "high")
COUNTS = ("figures", "numbered", "unnumbered", "unknown", "none_reported", "spanning")


class House:
    """A service over many worlds, and those small enough to try everything that may be true of them."""

    def __init__(self, address: str, worlds: Sequence[World], small: Sequence[World]) -> None:
        load_into(address, *(source for world in (*worlds, *small) for source in world.sources()))
        self.app = application(address)
        # A failing example shrinks towards the first.
        self.worlds = st.sampled_from(sorted(worlds, key=_size))
        self.small_worlds = st.sampled_from(sorted(small, key=_size))

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def answer(self, address: str) -> dict[str, Any]:
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.text)
        body: dict[str, Any] | None = response.json
        assert body is not None
        return body

    def every(self, address: str) -> list[dict[str, Any]]:
        """All records of a list or total, page after page."""
        body = self.answer(address)
        found = list(body["data"])
        while body["next"] is not None:
            parts = urlsplit(body["next"])
            body = self.answer(f"{parts.path}?{parts.query}")
            found += body["data"]
        assert len(found) == body["total"], address
        return found

    def adds(self, address: str) -> dict[str, tuple[int, ...] | None]:
        """What the flat rows of a list of figures say that each adds, by its id; null where they say nothing."""
        names = [f"adds_{bound}" for bound in NUMBERS]
        response = self.client.get(f"{address}&format=csv&fields=id,{','.join(names)}")
        assert response.status_code == 200, (address, response.text)
        cells = {row["id"]: [row[name] for name in names] for row in csv.DictReader(io.StringIO(response.text))}
        assert all(len({cell == "" for cell in adds}) == 1 for adds in cells.values()), address
        return {identity: None if adds[0] == "" else tuple(map(int, adds)) for identity, adds in cells.items()}

    def rows(self, question: Question, path: str = "/v1/figures") -> list[dict[str, Any]]:
        return self.every(f"{path}/totals?{question.query()}")


def numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """All that a row says but for its names and links."""
    return {name: row[name] for name in (*NUMBERS, "open_ended", "floating", *COUNTS)}


def apart(row: Mapping[str, Any]) -> tuple[str | None, ...]:
    """What a row's figures share with all that they may be added to."""
    return tuple(row["key"][name] for name in APART)


def added(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> dict[tuple[str | None, ...], Counter[str]]:
    """The sums of these numbers over rows, by what is never added; where nobody said a number it adds nothing."""
    found: dict[tuple[str | None, ...], Counter[str]] = {}
    for row in rows:
        found.setdefault(apart(row), Counter()).update({name: row[name] or 0 for name in names})
    return found


def _askable(asked: Mapping[str, Sequence[str]], family: str | None, lacking: set[str]) -> dict[str, Sequence[str]]:
    """Of these filters those that a family's path takes, and of measures its own; none where none of them is."""
    measures = [name for name in asked.get("measure", ()) if family in (None, MEASURES[name].family)]
    found = {name: asked[name] for name in asked.keys() - lacking} | {"measure": measures}
    return {name: values for name, values in found.items() if values}


def _size(world: World) -> tuple[int, int]:
    return len(world.figures), len(world.events)


def _drawn(count: int, strategy: st.SearchStrategy[World]) -> list[World]:
    """This many worlds."""
    found: list[World] = []

    @settings(HELD, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def keep(world: World) -> None:
        found.append(world)

    keep()
    return found


@pytest.fixture(scope="module")
def house(databases: Databases) -> Iterator[House]:
    """A service over a database with the gazetteer, the cast and all worlds."""
    count = 1 + EXAMPLES // EXAMPLES_A_WORLD[databases.name]
    small = worlds(most_events=2, most_figures=5, largest=4)
    found = House(with_cast(databases), _drawn(count, worlds()), _drawn(1 + count // 2, small))
    yield found
    close(found.app)


@pytest.fixture(scope="module")
def cast() -> Known:
    """The places and memberships behind the worlds."""
    return known()


@HELD
@given(data=st.data())
def test_totals_of_figures_are_the_oracles(
    databases: Databases, house: House, cast: Known, data: st.DataObject
) -> None:
    world = data.draw(house.worlds)
    paths, (least, most) = st.sampled_from(sorted(PATHS)), QUESTIONS[databases.name]
    for question, path in data.draw(st.lists(st.tuples(questions(world), paths), min_size=least, max_size=most)):
        family, lacking = PATHS[path]
        question = replace(question, asked=_askable(question.asked, family, lacking))
        asked = question.asked if family is None else {**question.asked, "family": [family]}
        body = house.answer(f"{path}/totals?{question.query()}")
        assert [(row["key"], numbers(row)) for row in body["data"]] == [
            (row.key, row.numbers()) for row in figure_rows(world.events, asked, question.dimensions, cast)
        ]
        assert body["additive"] == (not set(question.dimensions) & set(OVERLAPPING))


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_rows_come_page_after_page(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    question = data.draw(questions(world))
    for path in ("/v1/figures", "/v1/events"):
        asked = {name: values for name, values in question.asked.items() if name not in ("id", "event")}
        query = replace(question, asked=asked)
        assert house.every(f"{path}/totals?{query.query(limit='2')}") == house.rows(query, path)


@pytest.mark.engines("sqlite")
@HELD
@given(data=st.data())
def test_each_row_links_to_exactly_its_figures(house: House, cast: Known, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    question = data.draw(questions(world))
    expected = figure_rows(world.events, question.asked, question.dimensions, cast)
    for row, wanted in zip(house.rows(question), expected, strict=True):
        listed = house.every(f"{row['links']['figures']}&limit=3")
        assert sorted(figure["id"] for figure in listed) == list(wanted.members)
        assert len(listed) == row["figures"]


@pytest.mark.engines("sqlite")
@HELD
@given(data=st.data())
def test_flat_rows_say_what_each_figure_adds_to_its_row(house: House, cast: Known, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    question = data.draw(questions(world))
    if not question.dimensions:
        every = figure_rows(world.events, question.asked, (), cast)
        expected = {identity: adds for row in every for identity, adds in row.adds.items()}
        found = house.adds(f"/v1/figures?{question.query()}")
        assert {identity: adds for identity, adds in found.items() if identity in expected} == expected
        # No total counts the others, which are shares and populations.
        assert all(adds is None for identity, adds in found.items() if identity not in expected)
    for row, wanted in zip(
        house.rows(question), figure_rows(world.events, question.asked, question.dimensions, cast), strict=True
    ):
        assert house.adds(row["links"]["figures"]) == wanted.adds


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_low_best_and_high_are_in_order_in_every_row(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    for question in data.draw(st.lists(questions(world), min_size=2, max_size=4)):
        for row in house.rows(question):
            bounds = [row[name] for name in NUMBERS]
            has_numbers = row["numbered"] + row["none_reported"] > 0
            assert (bounds == sorted(bounds)) if has_numbers else (bounds == [None, None, None])


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_best_adds_up_over_rows_that_do_not_overlap(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    asked = data.draw(scopes(world))
    wholes = added(house.rows(Question(asked)), (*NUMBERS, *COUNTS))
    for names in data.draw(st.lists(dimensions(*ADDITIVE), min_size=2, max_size=4)):
        sums = added(house.rows(Question(asked, names)), (*NUMBERS, *COUNTS))
        assert sums.keys() == wholes.keys()
        for key, whole in wholes.items():
            assert [sums[key][name] for name in ("best", *COUNTS[:-1])] == [
                whole[name] for name in ("best", *COUNTS[:-1])
            ]
            assert sums[key]["low"] <= whole["low"]
            assert sums[key]["high"] >= whole["high"]


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_a_partition_filter_equals_its_row(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    for grouped, filtered, name, value in data.draw(st.lists(partitions(world), min_size=2, max_size=3)):
        rows = [row for row in house.rows(grouped) if row["key"][name] == value]
        for row in rows:
            del row["key"][name]
        assert [(row["key"], numbers(row)) for row in house.rows(filtered)] == [
            (row["key"], numbers(row)) for row in rows
        ]


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_whoever_asks_for_every_population_asks_for_all_people(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    for question in data.draw(st.lists(questions(world), min_size=2, max_size=4)):
        asked = {name: values for name, values in question.asked.items() if name != "population"}
        every = replace(question, asked={**asked, "population": list(POPULATIONS)})
        people = [row for row in house.rows(replace(question, asked=asked)) if row["key"]["unit"] != "thing"]
        assert [(row["key"], numbers(row)) for row in house.rows(every)] == [
            (row["key"], numbers(row)) for row in people
        ]


@pytest.mark.engines("sqlite")
@HELD_AS_WELL
@given(data=st.data())
def test_a_narrower_scope_never_gives_a_larger_total(house: House, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    for wide, narrow in data.draw(st.lists(narrowings(world), min_size=2, max_size=3)):
        wider = added(house.rows(wide), (*NUMBERS, *COUNTS[:-1]))
        for key, narrower in added(house.rows(narrow), (*NUMBERS, *COUNTS[:-1])).items():
            assert all(narrower[name] <= wider[key][name] for name in narrower)


@pytest.mark.engines("sqlite")
@HELD
@given(data=st.data())
def test_no_row_excludes_a_truth(house: House, cast: Known, data: st.DataObject) -> None:
    world = data.draw(house.small_worlds)
    for question in data.draw(st.lists(questions(world), min_size=2, max_size=4)):
        if set(SAID) & {*question.asked, *question.dimensions}:
            # What each source says is held to a truth of its own in test_truth_of_totals.py.
            continue
        scope = in_scope(world.events, question.asked, cast)
        families = [
            list(truths(top, [part for part in scope.values() if part["part_of"] == top["id"]]))
            for top in scope.values()
            if top["part_of"] not in scope
        ]
        expected = figure_rows(world.events, question.asked, question.dimensions, cast)
        for row, wanted in zip(house.rows(question), expected, strict=True):
            # Figures of one family have nothing to do with those of another, so the extremes of all are those of each.
            people = [[sum(own.get(one, 0) for one in wanted.members) for own in family] for family in families]
            # Where a whole has less room than its parts for certain need, nothing is true.
            if row["low"] is None or not all(people):
                continue
            assert row["low"] <= sum(min(numbers) for numbers in people)
            assert row["open_ended"] or row["high"] >= sum(max(numbers) for numbers in people)


def truths(whole: Record, parts: Sequence[Record]) -> Iterator[dict[str, int]]:
    """Everything that may be true of a whole and its parts: by figure, whom it has that no part of it has.

    A certain part lies inside its whole; a possible one may, all of it, in part or not at all.
    """
    for total, *sizes in product(*(_possible(figure) for figure in (whole, *parts))):
        insides = [
            (size,) if part["nesting"] == "certain" else range(size + 1)
            for part, size in zip(parts, sizes, strict=True)
        ]
        own = {part["id"]: size for part, size in zip(parts, sizes, strict=True)}
        for inside in product(*insides):
            if sum(inside) <= total:
                yield {**own, whole["id"]: total - sum(inside)}


def _possible(figure: Record) -> range:
    if is_open(figure):
        return range(low_of(figure), high_of(figure) + BEYOND + 1)
    return range(low_of(figure), high_of(figure) + 1)


@HELD
@given(data=st.data())
def test_counts_of_events_are_the_oracles(databases: Databases, house: House, cast: Known, data: st.DataObject) -> None:
    world = data.draw(house.worlds)
    least, most = QUESTIONS_OF_EVENTS[databases.name]
    for question in data.draw(st.lists(questions(world, "events"), min_size=least, max_size=most)):
        expected = event_rows(world.events, question.asked, question.dimensions, cast)
        body = house.answer(f"/v1/events/totals?{question.query()}")
        found = body["data"]
        assert body["additive"] == (not set(question.dimensions) & set(OVERLAPPING_OF_EVENTS))
        assert [(row["key"], row["events"], row["spanning"]) for row in found] == [
            (row.key, len(row.members), row.spanning) for row in expected
        ]
        for row, wanted in zip(found, expected, strict=True):
            listed = house.every(f"{row['links']['events']}&limit=3")
            assert sorted(event["id"] for event in listed) == list(wanted.members)
