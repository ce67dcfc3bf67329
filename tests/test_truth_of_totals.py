"""Totals hold the truth: in generated worlds where every death is known, every row says what domain.md says of it.

Many worlds are one dataset, and one question asks all of them; what is answered is held to the oracle and to the truth itself.
`TRUTH_WORLDS` and `TRUTH_QUESTIONS` in the environment ask for other numbers of both, `TRUTH_SEED` for other ones.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from flask import Flask

from tests import cast
from tests.cast import known, with_cast
from tests.conftest import application, close, load_into
from tests.databases import Databases
from tests.known import Asked, Known
from tests.questions import OVERLAPPING, SAID, Question
from tests.totals_oracle import Row, figure_rows
from tests.truth_worlds import TruthWorld, TruthWorlds, places_of, truth_worlds

# Totals are read from the same copy whatever the engine; that it is the same is what test_totals.py asks on both.
pytestmark = pytest.mark.engines("sqlite")

WORLDS = int(os.environ.get("TRUTH_WORLDS", "60"))
QUESTIONS = int(os.environ.get("TRUTH_QUESTIONS", "25"))
SEED = int(os.environ.get("TRUTH_SEED", "1"))
DATASET = "truth"
# Every row is of one world.
WORLD = "state_or_region"
NUMBERS = ("low", "best", "high")
# Sources whose claims are left alone in a dataset of its own each.
ALONE = ("cast-gazette", "cast-hill-guard", "a wire service")

_DIMENSIONS = (
    *("day", "week", "month", "year", "township", "location", "kind", "type", "subtype"),
    *("population", "measure", "sex", "age", "cause", "term", "status", *OVERLAPPING),
)
_TIMES = ("day", "week", "month", "year")
_DAYS = ("2023-12-20", "2023-12-25", "2023-12-31", "2024-01-01", "2024-01-06", "2024-01-20")
_FILTERS: Mapping[str, Sequence[str]] = {
    "date_from": _DAYS,
    "date_to": _DAYS,
    "kind": ("incident", "episode,aggregate"),
    "type": ("battles",),
    "group": (*cast.GROUPS[:3], ",".join(cast.GROUPS[:2])),
    "group_role": ("attacker", "target"),
    "measure": ("killed", "displaced"),
    "population": ("civilians", "civilians,unspecified", "state_forces"),
    "sex": ("female", "unspecified"),
    "age": ("child", "unspecified"),
    "cause": ("heavy_weapons", "unknown"),
    "term": ("evacuated", "displaced"),
    "status": ("numbered", "unnumbered,unknown"),
    "best_min": ("1", "3"),
    "best_max": ("4",),
    "roots_min": ("1", "2"),
    "document": (*cast.DOCUMENTS, ",".join(cast.DOCUMENTS[:2])),
    "claimant": ("cast-hill-guard", "cast-city-watch", "cast-hill-guard,cast-city-watch"),
    "source": (*cast.SOURCES, "cast-river-pact,a wire service"),
    "outlet": (*cast.OUTLETS, ",".join(cast.OUTLETS[:2])),
    "verification": ("unverified", "corroborated", "unverified,corroborated"),
}


def some_question(chance: Random, dimensions: Sequence[str] = _DIMENSIONS) -> Question:
    """Filters and dimensions that fit together; time and who says so more often than others."""
    likely = chance.choice(((), _TIMES, SAID, (*_TIMES, *SAID)))
    names = [name for name in likely if name in dimensions]
    chosen = chance.sample(names, min(len(names), chance.randint(0, 2)))
    chosen += chance.sample([name for name in dimensions if name not in chosen], chance.randint(0, 3 - len(chosen)))
    asked: dict[str, list[str]] = {"dataset": [DATASET]}
    likely = chance.choice((tuple(_FILTERS), ("date_from", "date_to"), SAID))
    for name in chance.sample([one for one in likely if one in _FILTERS], chance.randint(0, 2)):
        asked[name] = chance.choice(_FILTERS[name]).split(",")
    if chance.random() < 0.3:
        name = chance.choice(tuple(_FILTERS))
        asked[name] = chance.choice(_FILTERS[name]).split(",")
    if {"date_from", "date_to"} <= asked.keys():
        asked["date_from"], asked["date_to"] = sorted((asked["date_from"], asked["date_to"]))
    if {"best_min", "best_max"} <= asked.keys():
        del asked["best_max"]
    if {"date_from", "date_to"} & asked.keys() and chance.random() < 0.4:
        asked["period"] = [chance.choice(("overlaps", "starts", "within"))]
    return Question(asked, (WORLD, *chosen))


@dataclass
class Truths:
    """A service of many worlds, the worlds by their states, and what is known of places and documents."""

    app: Flask
    worlds: dict[str, TruthWorld]
    known: Known

    def rows(self, question: Question) -> dict[str, list[dict[str, Any]]]:
        """What a total answers, by world."""
        response = self.app.test_client().get(f"/v1/figures/totals?{question.query(format='ndjson')}")
        assert response.status_code == 200, response.text
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in response.text.splitlines():
            row = json.loads(line)
            found[row["key"][WORLD]].append(row)
        return found

    def held(self, question: Question) -> Iterator[tuple[TruthWorld, list[dict[str, Any]], list[Row]]]:
        """Each world with what is answered of it, and what the oracle says."""
        answered = self.rows(question)
        for state, world in self.worlds.items():
            yield world, answered[state], figure_rows(world.events, question.asked, question.dimensions, self.known)


def alone_with(source: str, known: Known, dataset: str) -> list[TruthWorld]:
    """The same worlds as another dataset, in which nobody but this source says anything."""
    found = truth_worlds(dataset, WORLDS, SEED)
    for world in found:
        for figure in world.figures:
            figure["claims"] = [claim for claim in figure["claims"] if source in known.sources_of(claim)]
    return found


@pytest.fixture(scope="module")
def truths(databases: Databases) -> Iterator[Truths]:
    """A service of generated worlds, and beside them of some with one source's claims alone."""
    worlds = truth_worlds(DATASET, WORLDS, SEED)
    everything = known()
    places = dict(everything.places) | {place["id"]: place for place in places_of(worlds)}
    everything = Known(places, everything.memberships, documents=everything.documents)
    beside = [
        TruthWorlds(f"alone-{number}", alone_with(source, everything, f"alone-{number}"))
        for number, source in enumerate(ALONE)
    ]
    address = with_cast(databases)
    load_into(address, TruthWorlds(DATASET, worlds), *beside)
    app = application(address)
    yield Truths(app, {world.state: world for world in worlds}, everything)
    close(app)


@pytest.mark.parametrize("number", range(QUESTIONS))
def test_every_row_is_the_oracles_and_holds_the_truth(truths: Truths, number: int) -> None:
    question = some_question(Random(f"{SEED} {number}"))
    for world, rows, expected in truths.held(question):
        assert [(row["key"], _numbers(row)) for row in rows] == [(row.key, row.numbers()) for row in expected], (
            question.query(),
            world,
        )
        for row in expected:
            true = _truth(world, row)
            told = (question.query(), row, true, world)
            assert row.low is None or row.low <= true, told
            assert row.high is None or row.open_ended or row.floating is None or true <= row.high + row.floating, told
            assert row.low is None or row.low <= (row.best or 0) <= (row.high or 0), told


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("key", "labels", "starts", "points", "links")}


def _truth(world: TruthWorld, row: Row) -> int:
    """The people that the figures of the row's key count, and no part of them that is talked about, who fell in its
    period."""
    part_of = {figure["id"]: figure["part_of"] for figure in world.figures}
    found = 0
    for identity in row.kin:
        inside = {person for part in row.scope if part_of[part] == identity for person in world.people[part]}
        own = {person: day for person, day in world.people[identity].items() if person not in inside}
        found += sum(row.period[0] <= day <= row.period[1] for day in own.values())
    return found


@pytest.mark.parametrize("number", range(1 + QUESTIONS // 3))
def test_best_adds_up_over_the_rows(truths: Truths, number: int) -> None:
    additive = [name for name in _DIMENSIONS if name not in OVERLAPPING]
    question = some_question(Random(f"adds up {SEED} {number}"), additive)
    wholes = truths.rows(Question(question.asked, (WORLD,)))
    for state, rows in truths.rows(question).items():
        for whole in wholes[state]:
            same = [row for row in rows if all(row["key"][name] == value for name, value in whole["key"].items())]
            sums = {name: sum(row[name] or 0 for row in same) for name in (*NUMBERS, "figures")}
            told = (question.query(), sums, whole, truths.worlds[state])
            assert sums["best"] == (whole["best"] or 0) and sums["figures"] == whole["figures"], told
            assert sums["low"] <= (whole["low"] or 0) and sums["high"] >= (whole["high"] or 0), told


@pytest.mark.parametrize("number", range(1 + QUESTIONS // 3))
def test_a_sources_row_is_the_same_where_nobody_else_speaks(truths: Truths, number: int) -> None:
    place = number % len(ALONE)
    chance = Random(f"alone {SEED} {number}")
    question = some_question(chance)
    by_dimension = chance.random() < 0.5
    # On how many roots a figure rests is about all who speak of it.
    asked = {name: values for name, values in question.asked.items() if name not in ("source", "roots_min")}
    # Its own claims may be preferred or not, and stay so.
    asked, names = (asked, ("source",)) if by_dimension else ({**asked, "source": [ALONE[place]]}, ())
    dimensions = (*names, *(name for name in question.dimensions if name != "source"))[:4]
    with_all = _of_source(truths.rows(_for(asked, dimensions, DATASET)), ALONE[place], DATASET)
    alone = _of_source(truths.rows(_for(asked, dimensions, f"alone-{place}")), ALONE[place], f"alone-{place}")
    assert with_all == alone, (question.query(), dimensions)


def _for(asked: Asked, dimensions: tuple[str, ...], dataset: str) -> Question:
    return Question({**asked, "dataset": [dataset]}, dimensions)


def _of_source(rows: Mapping[str, list[dict[str, Any]]], source: str, dataset: str) -> list[str]:
    """The rows of a source, without the names of the dataset."""
    found = [
        json.dumps({"key": row["key"], **_numbers(row)}).replace(f"{dataset}-", "").replace(f'"{dataset}"', '""')
        for listed in rows.values()
        for row in listed
        if row["key"].get("source", source) == source
    ]
    return sorted(found)


@pytest.mark.parametrize("number", range(1 + QUESTIONS // 3))
def test_flat_rows_say_what_each_figure_adds(truths: Truths, number: int) -> None:
    question = Question(some_question(Random(f"adds {SEED} {number}")).asked)
    names = [f"adds_{bound}" for bound in NUMBERS]
    address = f"/v1/figures?{question.query(format='csv', fields=','.join(('id', *names)))}"
    lines = csv.DictReader(io.StringIO(truths.app.test_client().get(address).text))
    found = {line["id"]: tuple(line[name] for name in names) for line in lines}
    expected = {
        identity: ("", "", "") if adds is None else tuple(map(str, adds))
        for world in truths.worlds.values()
        for row in figure_rows(world.events, question.asked, (), truths.known)
        for identity, adds in row.adds.items()
    }
    assert found == expected, question.query()
