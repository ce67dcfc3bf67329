"""Matches: events of other datasets that may tell of the same happening, and what datasets say of one place and period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

from flask import Blueprint, Response
from sqlalchemy import func, select

from api.answers.asked_format import format_or_page_asked
from api.answers.coverage import coverage
from api.answers.lists import next_after, page_answer, parsed, start_of
from api.answers.responses import WholeAnswer, answered
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, missing
from api.columns.snapshot import Snapshot
from api.columns.tables import EVENT
from api.domain.errors import Fault, InvalidValue, refusal
from api.matching.candidates import Candidate, find, matches
from api.matching.comparison import DIFFERENCES, MOST_READ, ComparedPair, compare, events_here, nearly
from api.query import conditions
from api.query.endpoint import Endpoint
from api.query.filters.shared import DATASET_FILTER, MEASURE, OF_COMPARISONS
from api.query.question import Question
from api.query.standard_parameters import CURSOR, PAGE
from api.query.totals.figures import figure_totals
from api.query.totals.question import TotalQuestion
from api.records import matches as shapes
from api.records.formats import JSON
from api.records.renditions import json_bytes
from api.store.models import Dataset, Event

BLUEPRINT = Blueprint("matches", __name__)

# Datasets that are compared two by two, and events of each, so that an answer stays quick and can be read.
MOST_DATASETS = 4
MOST_EVENTS = 1_000

Found = TypeVar("Found")

MATCHES = Endpoint(
    "/v1/events/{identity}/matches",
    "matches",
    None,
    (DATASET_FILTER,),
    formats=(JSON,),
    is_paged=False,
    options=(CURSOR, PAGE),
)
COMPARISONS = Endpoint(
    "/v1/comparisons", "matches", None, OF_COMPARISONS, formats=(JSON,), is_paged=False, options=(CURSOR, PAGE)
)


@BLUEPRINT.get("/v1/events/<identity>/matches")
@describe(MATCHES, shapes.Match, "rows", "battle-of-kawlin-2023")
def list_matches(identity: str) -> Response:
    """Events of other datasets that may tell of the same as this one, best first.

    Each has a score and what it is made of. They are candidates: nothing is merged, and their numbers are never to be added.
    """

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer:
        question = parsed(snapshot, MATCHES, format_)
        event = None if "\0" in identity else find(snapshot.copy, identity)
        if event is None:
            raise missing(snapshot.connection, SingleRecord("event", Event), identity)
        found = matches(snapshot.copy, event, question.filter_values.get(DATASET_FILTER, ()))
        return _page(snapshot, question, found, _match, {})

    return answered(format_or_page_asked(MATCHES.formats), make)


@BLUEPRINT.get("/v1/comparisons")
@describe(COMPARISONS, shapes.Compared, "rows", beside={"said": shapes.Said, "apart": shapes.Apart})
def compare_datasets() -> Response:
    """What datasets say of one place and period, which of their events pair, and where their numbers of killed come apart.

    `said` has what each dataset says by itself, `apart` how far each two are from each other and in what, and `data` their events,
    each in one row. Up to four datasets, and of each up to 1,000 events. Numbers of different datasets are never added.
    """

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer:
        question = parsed(snapshot, COMPARISONS, format_)
        counts = _counts(snapshot, question)
        totals = _totals(snapshot, question)
        rows: list[tuple[tuple[str, str], ComparedPair]] = []
        apart = []
        periods = select(Dataset.id, Dataset.first_date, Dataset.last_date)
        covered = {identity: (begins, ends) for identity, begins, ends in snapshot.connection.execute(periods)}
        here = events_here(snapshot.copy, question, counts if len(counts) > 1 else ())
        for first, second in combinations(counts, 2):
            found = compare(here, (first, second), (covered[first], covered[second]))
            rows += [((first, second), pair) for pair in found]
            apart.append(_apart((first, second), found, totals))
        said = [{"dataset": name, "events": count, "killed": totals.get(name)} for name, count in counts.items()]
        return _page(snapshot, question, rows, _row, {"said": said, "apart": apart})

    return answered(format_or_page_asked(COMPARISONS.formats), make)


def _page(
    snapshot: Snapshot,
    question: Question,
    found: Sequence[Found],
    row_of: Callable[[Found], dict[str, Any]],
    beside: Mapping[str, Any],
) -> WholeAnswer:
    start = start_of(question)
    shown = [json_bytes(row_of(one)) for one in found[start : start + question.page_size]]
    rest = {"total": len(found), "returned": len(shown), "next": next_after(question, start, len(found)), **beside}
    return page_answer(shown, rest, coverage(snapshot, question))


def _match(match: Candidate) -> dict[str, Any]:
    return {"event": shapes.matched_event(match.event), "score": match.score.score, "parts": match.score.parts}


def _counts(snapshot: Snapshot, question: Question) -> dict[str, int]:
    """How many matching events each dataset has, of those that are asked for. Errors: a Problem, where that is too much."""
    which = conditions.events(question.filter_values)
    statement = select(EVENT.c.dataset_id, func.count()).where(which).group_by(EVENT.c.dataset_id)
    found = {str(dataset): count for dataset, count in snapshot.copy.rows(statement)}
    asked = question.filter_values.get(DATASET_FILTER, sorted(found))
    if DATASET_FILTER in question.filter_values and len(set(asked)) > MOST_DATASETS:
        raise _refused("dataset", f"'dataset' names up to {MOST_DATASETS} datasets to compare.")
    if len(asked) > MOST_DATASETS:
        raise _refused("dataset", f"{', '.join(asked)} have events here; name up to {MOST_DATASETS} with 'dataset'.")
    for dataset, count in found.items():
        if count > MOST_EVENTS:
            told = f"{dataset} has {count:,} events here, and {MOST_EVENTS:,} at the most are compared"
            raise _refused("date_from", f"{told}: ask for a shorter period or a smaller place.")
    around = select(EVENT.c.dataset_id, func.count()).where(nearly(question)).group_by(EVENT.c.dataset_id)
    for dataset, count in snapshot.copy.rows(around):
        if dataset in asked and count > MOST_READ:
            told = f"{dataset} has {count:,} events here and in the days around, and {MOST_READ:,} at the most are read"
            raise _refused("location", f"{told}: ask for a smaller place.")
    return {dataset: found.get(dataset, 0) for dataset in dict.fromkeys(asked)}


def _refused(parameter: str, message: str) -> Exception:
    return refusal([Fault(parameter, message, InvalidValue)])


def _totals(snapshot: Snapshot, question: Question) -> dict[str, Mapping[str, Any]]:
    """How many people each dataset says were killed, by the rules of totals; nothing of one that counts none."""
    of_people = {**question.filter_values, MEASURE: ["killed"]}
    days = (question.values.get("date_from"), question.values.get("date_to"))
    dimensions, rows, _count = figure_totals(snapshot.copy, TotalQuestion(of_people, (), *days, "casualty"))
    place = [dimension.name for dimension in dimensions].index("dataset")
    return {str(row.key[place]): shapes.toll(row.low, row.best, row.high, row.open_ended) for row in rows}


def _row(compared: tuple[tuple[str, str], ComparedPair]) -> dict[str, Any]:
    datasets, found = compared
    pair = found.pair
    first, second = (None if event is None else shapes.matched_event(event) for event in (pair.first, pair.second))
    return {
        "datasets": datasets,
        "first": first,
        "second": second,
        "score": None if pair.score is None else pair.score.score,
        "parts": None if pair.score is None else pair.score.parts,
        "differences": found.differences,
    }


def _apart(
    datasets: tuple[str, str], found: Sequence[ComparedPair], totals: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    first, second = ((totals.get(name) or {}).get("best") or 0 for name in datasets)
    parts = {kind: sum(one.killed_more for one in found if one.because == kind) for kind in DIFFERENCES}
    return {
        "datasets": datasets,
        "paired": sum(one.pair.score is not None for one in found),
        "only_first": sum(one.pair.second is None for one in found),
        "only_second": sum(one.pair.first is None for one in found),
        "killed": first - second,
        **parts,
        "rest": first - second - sum(parts.values()),
    }
