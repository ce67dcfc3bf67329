"""Compares what two datasets tell of one place and period: which of their events pair, and where they differ.

Each event pairs with one of the other dataset at the most, the best matches first. Nothing is merged or added together.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, and_, select

from api.columns.reading_copy import Copy
from api.columns.tables import EVENT
from api.matching.candidates import read
from api.matching.many_scores import THOUSANDTHS, ManyScores
from api.matching.score import MOST_DAYS_APART, ComparedEvent, Score, Toll, score
from api.query import conditions
from api.query.filters.shared import DATE_FROM, DATE_TO
from api.query.question import Question

# From which score on two events are taken for the same. Measured in docs/matching.md.
LEAST_SCORE = 0.7
# Events of one dataset that can be compared, those of the days around the period among them.
MOST_READ = 5_000
LACKING, UNCOVERED, TOLL, DAY, STATUS = DIFFERENCES = ("lacking", "uncovered", "toll", "day", "status")
# The first and last day that a dataset declares to cover; null where it declares none.
Covered = tuple[date | None, date | None]


class Pair(NamedTuple):
    """Two events that are taken for the same, or one that the other dataset lacks; and what they differ in."""

    first: ComparedEvent | None
    second: ComparedEvent | None
    score: Score | None

    @property
    def differences(self) -> tuple[str, ...]:
        """The kinds of differences, in the order of DIFFERENCES."""
        if self.first is None or self.second is None:
            return (LACKING,)
        ours, theirs = _best(self.first.killed), _best(self.second.killed)
        found = []
        if ours is not None and theirs is not None and ours != theirs:
            found.append(TOLL)
        if (self.first.start, self.first.end) != (self.second.start, self.second.end):
            found.append(DAY)
        if (ours is None) != (theirs is None):
            found.append(STATUS)
        return tuple(found)


class ComparedPair(NamedTuple):
    """A pair in a place and period that is asked for: how many more dead its first event has, by best numbers, and what that comes
    from. An event that lies outside, beside one that lies inside, counts none."""

    pair: Pair
    killed_more: int
    because: str

    @property
    def differences(self) -> tuple[str, ...]:
        """The kinds of differences, in the order of DIFFERENCES: no dataset lacks what lies outside of the days that it covers."""
        return (UNCOVERED,) if self.because == UNCOVERED else self.pair.differences


class EventsHere(NamedTuple):
    """The events of some datasets that match a question, and those beside them that would a few days earlier or later."""

    by_dataset: Mapping[str, Sequence[ComparedEvent]]
    matching: frozenset[str]


def events_here(copy: Copy, question: Question, datasets: Iterable[str]) -> EventsHere:
    """The events of these datasets for a question. None has more than MOST_READ events `nearly` there."""
    found = {name: read(copy, nearly(question) & (EVENT.c.dataset_id == name), MOST_READ) for name in datasets}
    inside = conditions.events(question.filter_values) & EVENT.c.dataset_id.in_(list(found))
    matching = frozenset(identity for (identity,) in copy.rows(select(EVENT.c.id).where(inside)))
    return EventsHere(found, matching)


def compare(here: EventsHere, datasets: tuple[str, str], covered: tuple[Covered, Covered]) -> list[ComparedPair]:
    """The pairs of two datasets' events that match the question; what one has outside its period pairs, too. `covered` are the
    days that each of them covers."""
    first, second = (here.by_dataset[dataset] for dataset in datasets)
    found = []
    for pair in pairs(first, second):
        events = (pair.first, pair.second)
        is_inside = [event is not None and event.id in here.matching for event in events]
        if any(is_inside):
            ours, theirs = (
                (_best(event.killed) or 0) if event is not None and held else 0
                for event, held in zip(events, is_inside, strict=True)
            )
            found.append(ComparedPair(pair, ours - theirs, _reasons(pair, all(is_inside), covered)))
    return found


def _reasons(pair: Pair, is_all_inside: bool, covered: tuple[Covered, Covered]) -> str:
    if pair.first is None and pair.second is not None:
        return LACKING if _touches(pair.second, covered[0]) else UNCOVERED
    if pair.second is None and pair.first is not None:
        return LACKING if _touches(pair.first, covered[1]) else UNCOVERED
    if not is_all_inside:
        return DAY
    return STATUS if STATUS in pair.differences else TOLL


def _touches(event: ComparedEvent, covered: Covered) -> bool:
    first, last = covered
    return (first is None or event.end >= first) and (last is None or event.start <= last)


def nearly(question: Question) -> ColumnElement[bool]:
    """The condition on events that match the question, or would a few days earlier or later."""
    asked = {wanted: value for wanted, value in question.filter_values.items() if wanted not in (DATE_FROM, DATE_TO)}
    found = [conditions.events(asked)]
    days = timedelta(days=MOST_DAYS_APART)
    if "date_from" in question.values:
        found.append(EVENT.c.date_end >= question.values["date_from"] - days)
    if "date_to" in question.values:
        found.append(EVENT.c.date_start <= question.values["date_to"] + days)
    return and_(*found)


def _best(toll: Toll | None) -> int | None:
    return None if toll is None else toll.best


def pairs(first: Sequence[ComparedEvent], second: Sequence[ComparedEvent], least: float = LEAST_SCORE) -> list[Pair]:
    """All events of both, each in one pair, by the day that the earlier of the two begins."""
    taken_first, taken_second = set[str](), set[str]()
    found: list[Pair] = []
    for one, other in _best_pairs(sorted(first, key=_id), sorted(second, key=_id), math.ceil(least * THOUSANDTHS)):
        taken_first.add(one.id)
        taken_second.add(other.id)
        found.append(Pair(one, other, score(one, other)))
    found += [Pair(event, None, None) for event in first if event.id not in taken_first]
    found += [Pair(None, event, None) for event in second if event.id not in taken_second]
    return sorted(found, key=_in_order)


def _best_pairs(
    first: Sequence[ComparedEvent], second: Sequence[ComparedEvent], least: int
) -> Iterator[tuple[ComparedEvent, ComparedEvent]]:
    """The pairs that score as many thousandths, the best first and then by their ids, in whose order the events are; each event in one.

    Of each event of the first no more is held than the best that is left for it, so that it takes little memory where many events
    of a few days and one town all match each other.
    """
    scores, is_left = ManyScores(second), np.ones(len(second), dtype=bool)
    waiting: list[tuple[int, int, int]] = []

    def wait(place: int) -> None:
        made = np.where(is_left, scores.beside(first[place]), -1)
        best = int(made.argmax())
        if made[best] >= least:
            heapq.heappush(waiting, (-int(made[best]), place, best))

    for place in range(len(first)) if second else ():
        wait(place)
    while waiting:
        _score, place, best = heapq.heappop(waiting)
        if is_left[best]:
            is_left[best] = False
            yield first[place], second[best]
        else:
            wait(place)


def _id(event: ComparedEvent) -> str:
    return event.id


def _in_order(pair: Pair) -> tuple[str, str]:
    begins = min(event.start for event in (pair.first, pair.second) if event is not None)
    return (begins.isoformat(), (pair.first or pair.second).id)  # type: ignore[union-attr]  # one of them is there
