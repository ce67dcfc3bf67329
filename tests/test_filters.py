"""Every filter of every resource, alone and together, finds what a plain-Python oracle finds in a small world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations, islice, product
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.codebook import MEASURES
from tests import list_oracle
from tests.conftest import ENGINES
from tests.databases import Databases
from tests.list_oracle import EVENTS, Written
from tests.small_world_questions import IDS, VALUES, each
from tests.sweep import for_each

# The copy that is asked is the same on both engines, so that one has a sample of the questions alone.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

RESOURCES = ("events", "figures", "casualties", "displacements", "groups", "locations", "documents")
# Parameters that choose the form of an answer and not what is in it.
OF_THE_ANSWER = {"hxl", "boundaries", "bom", "facets", "sort", "fields", "limit", "cursor", "page", "format"}
COMPOSED = ("groups", "locations", "documents")
# Made of the filters of events and figures, which are asked in full there.
ASKED_IN_BRIEF = ("casualties", "displacements", *COMPOSED)
MOST_VALUES_IN_BRIEF = 2
# Resources of one family take its measures alone.
FAMILIES = {"casualties": "casualty", "displacements": "displacement"}
# How many questions of several parameters each resource is asked, and how many parameters they have at the most.
COMBINATIONS, MOST_TOGETHER = 20, 5
# The copy is the same on PostgreSQL, and a page of records that it finds is fetched alike.
COMBINATIONS_BY_ENGINE = {"sqlite": COMBINATIONS, "postgresql": 6}
# The filters about a figure, and how many questions of each two of them are asked.
FIGURE_FILTERS = ["family", "measure", "population", "object", "sex", "age", "cause"]
FIGURE_FILTERS += ["term", "unit", "status", "best_min", "best_max"]
MOST_OF_A_PAIR = 1


def _answer(world: FlaskClient, resource: str, query: str | Written) -> dict[str, Any]:
    response = world.get(f"/v1/{resource}", query_string=query)
    assert response.status_code == 200, f"{resource} {query}: {response.text}"
    body: dict[str, Any] = response.json
    return body


def _found(world: FlaskClient, resource: str, asked: Written) -> list[str]:
    body = _answer(world, resource, {**asked, "limit": "1000", "fields": "id"})
    ids = [record["id"] for record in body["data"]]
    assert body["total"] == body["returned"] == len(ids), asked
    assert len(set(ids)) == len(ids), asked
    return ids


def _parameters(world: FlaskClient, resource: str) -> set[str]:
    """Everything that this resource can be asked, as a refusal lists it."""
    response = world.get(f"/v1/{resource}?zzz=1")
    assert response.status_code == 400, f"{resource}: {response.text}"
    (fault,) = response.get_json(force=True)["errors"]
    return set(fault["allowed"]) - OF_THE_ANSWER


def _questions(resource: str, taken: set[str]) -> dict[str, list[Written]]:
    """For each filter that the resource takes, questions with it alone or with what it needs."""
    values = {**VALUES, "id": each("id", *IDS[resource])}
    most = MOST_VALUES_IN_BRIEF if resource in ASKED_IN_BRIEF else None
    askable = {name: [asked for asked in listed if _is_askable(resource, asked)] for name, listed in values.items()}
    return {name: listed[:most] for name, listed in askable.items() if name in taken}


def _is_askable(resource: str, asked: Written) -> bool:
    measures = asked["measure"].split(",") if resource in FAMILIES and "measure" in asked else ()
    return all(MEASURES[measure].family == FAMILIES[resource] for measure in measures)


def _differences(world: FlaskClient, resource: str, questions: Iterable[Written]) -> list[str]:
    differences = []
    for asked in questions:
        right, found = set(list_oracle.found(resource, asked)), set(_found(world, resource, asked))
        if right != found:
            differences.append(f"{asked}: missing {sorted(right - found)}, too many {sorted(found - right)}")
    return differences


@for_each("resource", RESOURCES)
def test_every_filter_is_asked_here(world: FlaskClient, resource: str) -> None:
    taken = _parameters(world, resource)
    asked = {name for listed in _questions(resource, taken).values() for question in listed for name in question}
    assert asked == taken, f"give VALUES in tests/small_world_questions.py values of {taken - asked}"


@for_each("resource", RESOURCES)
def test_each_value_of_each_filter_finds_what_it_should(world: FlaskClient, resource: str) -> None:
    questions = _questions(resource, _parameters(world, resource))
    assert _differences(world, resource, (asked for listed in questions.values() for asked in listed)) == []
    assert set(_found(world, resource, {})) == set(list_oracle.found(resource, {}))


@on_both
@for_each("resource", RESOURCES)
def test_filters_together_find_what_they_should(databases: Databases, world: FlaskClient, resource: str) -> None:
    count = COMBINATIONS_BY_ENGINE[databases.name]
    combined = _combinations(resource, frozenset(_parameters(world, resource)), count)
    assert _differences(world, resource, combined) == []


@for_each("resource", ["events", "figures"])
def test_total_is_exact_whether_or_not_the_page_is_the_last(world: FlaskClient, resource: str) -> None:
    taken = _parameters(world, resource)
    alone = [listed[0] for listed in _questions(resource, taken).values()]
    of_one_figure = _of_one_figure(resource)
    assert _differences(world, resource, of_one_figure) == []
    # That lists have what they should is asked of the others above.
    for asked in (*alone, *of_one_figure, *_combinations(resource, frozenset(taken), COMBINATIONS)):
        right = set(list_oracle.found(resource, asked))
        # A first page that is the last one tells the total by itself; here it has to be counted.
        assert _answer(world, resource, {**asked, "limit": "1"})["total"] == len(right), asked


@cache
def _combinations(resource: str, taken: frozenset[str], count: int) -> Sequence[Written]:
    """Questions of several filters. Most find something, since empty answers agree all too easily."""
    random, questions = Random(f"{count} {resource}"), _questions(resource, set(taken))
    made: list[Written] = []
    while len(made) < count:
        asked: dict[str, str] = {}
        for name in random.sample(sorted(questions), random.randint(2, MOST_TOGETHER)):
            fitting = [{**asked, **more} for more in questions[name]]
            if random.random() < 0.9:
                fitting = [question for question in fitting if list_oracle.found(resource, question)]
            if fitting:
                asked = random.choice(fitting)
        if _agrees_with_itself(asked):
            made.append(asked)
    return made


@cache
def _of_one_figure(resource: str) -> Sequence[Written]:
    """Two filters each that one figure has to pass, where some record has two figures that pass one each."""

    @cache
    def passing(name: str, value: str) -> set[str]:
        return set(list_oracle.found(resource, {name: value}))

    def is_apart(asked: Written) -> bool:
        alone = set.intersection(*(passing(name, asked[name]) for name in (one, other)))
        return _agrees_with_itself(asked) and set(list_oracle.found(resource, asked)) < alone

    made: list[Written] = []
    for one, other in combinations(FIGURE_FILTERS, 2):
        both = ({**this, **that} for this, that in product(VALUES[one], VALUES[other]))
        made += islice(filter(is_apart, both), MOST_OF_A_PAIR)
    return made


def _agrees_with_itself(asked: Written) -> bool:
    """Whether the API would not refuse it as an impossible range."""
    return asked.get("date_from", "") <= asked.get("date_to", "9") and int(asked.get("best_min", 0)) <= int(
        asked.get("best_max", 10**9)
    )


# --- Counts ------------------------------------------------------------------------------------------------------


def _some_questions(world: FlaskClient, resource: str) -> Iterator[Written]:
    taken = _parameters(world, resource)
    yield {}
    yield from (listed[-1] for listed in _questions(resource, taken).values())
    yield from _combinations(resource, frozenset(taken), COMBINATIONS)[:8]


@for_each("resource", ["groups", "locations"])
def test_counts_are_of_the_matching_events(world: FlaskClient, resource: str) -> None:
    for asked in _some_questions(world, resource):
        right = list_oracle.groups(asked) if resource == "groups" else list_oracle.locations(asked)
        for record in _answer(world, resource, {**asked, "limit": "1000"})["data"]:
            events = [EVENTS[identity] for identity in right[record["id"]]]
            shown = (record["events"], record["first_date"], record["last_date"])
            first = min((event["date_start"].isoformat() for event in events), default=None)
            last = max((event["date_end"].isoformat() for event in events), default=None)
            assert shown == (len(events), first, last), f"{record['id']} {asked}"


def test_some_group_has_a_last_day_of_an_event_that_did_not_begin_last() -> None:
    def is_met(taken_part: Iterable[str]) -> bool:
        events = [EVENTS[identity] for identity in taken_part]
        last = max((event["date_end"] for event in events), default=None)
        begun = max((event["date_start"] for event in events), default=None)
        return bool(events) and all(event["date_start"] != begun for event in events if event["date_end"] == last)

    assert any(is_met(events) for events in list_oracle.groups({}).values())


def test_documents_support_the_matching_events_and_figures(world: FlaskClient) -> None:
    for asked in _some_questions(world, "documents"):
        right = list_oracle.documents(asked)
        for record in _answer(world, "documents", {**asked, "limit": "1000"})["data"]:
            events, figures = right[record["id"]]
            assert record["supports"] == {"events": len(events), "figures": len(figures)}, f"{record['id']} {asked}"


@for_each("resource", COMPOSED)
def test_one_more_filter_never_adds_a_record(world: FlaskClient, resource: str) -> None:
    for dataset in ("hills", "isles"):
        used = set(_found(world, resource, {"dataset": dataset}))
        for more in ({"kind": "incident,episode,aggregate"}, {"measure": "killed,injured"}, {"document": "h3"}):
            assert set(_found(world, resource, {"dataset": dataset, **more})) <= used
