"""How the filters that were asked become one condition on a table: filters of one subject hold of the same thing.

Knows the tables and the filters' subjects, no parameter by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, select, true
from sqlalchemy.sql.elements import True_

from api.asking.question import Question
from api.declare.filter import Filter, Subject
from api.dimensions import in_row
from api.models import Claim, Event, Figure, Participation, Report

# What tells of events: a report of the event, or a claim of one of its figures.
SAYING = (Report, Claim)
# Filters that were asked, with their values as understood.
Understood = Mapping[Filter, Any]


def by_subject(understood: Understood) -> dict[Subject, list[tuple[Filter, Any]]]:
    found: dict[Subject, list[tuple[Filter, Any]]] = defaultdict(list)
    for wanted, value in understood.items():
        found[wanted.subject].append((wanted, value))
    return found


def but_for(understood: Understood, *subjects: Subject) -> dict[Filter, Any]:
    """These filters without those that speak of these subjects."""
    return {wanted: value for wanted, value in understood.items() if wanted.subject not in subjects}


def all_on(listed: Iterable[tuple[Filter, Any]], on: Any) -> list[ColumnElement[bool]]:
    return [wanted.clause(value, on) for wanted, value in listed]


def all_of(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that all of these hold; `true()` itself where nothing is asked (see is_anything)."""
    asked = [condition for condition in conditions if not is_anything(condition)]
    return and_(*asked) if asked else true()


def is_anything(condition: ColumnElement[bool]) -> bool:
    """Whether nothing is asked, so that no row has to be looked at."""
    return isinstance(condition, True_)


def events(understood: Understood) -> ColumnElement[bool]:
    """The condition on `event` that all these filters hold of it.

    A figure filter asks for one figure of the event; a filter on who says so asks for one report, or one claim.
    """
    found = by_subject(understood)
    conditions = all_on(found[Subject.RECORD], Event) + all_on(found[Subject.EVENT], Event)
    for subject, hanging in ((Subject.PARTICIPATION, Participation), (Subject.FIGURE, Figure)):
        if found[subject]:
            conditions.append(some(hanging, hanging.event_number == Event.number, found[subject]))
    if found[Subject.SAID]:
        # Asked whether there are some, PostgreSQL would gather all of them before it looks at the first event.
        first = (_those(by, by.event_number == Event.number, found[Subject.SAID]).limit(1) for by in SAYING)
        conditions.append(func.coalesce(*(said.scalar_subquery() for said in first), false()))
    return all_of(*conditions)


def figures(understood: Understood) -> ColumnElement[bool]:
    """The condition on `figure` that all these filters hold of it: period and place are its own."""
    found = by_subject(understood)
    conditions = all_on(found[Subject.RECORD], Figure) + all_on(found[Subject.FIGURE], Figure)
    for subject, other, is_its in (
        (Subject.EVENT, Event, Event.number == Figure.event_number),
        (Subject.PARTICIPATION, Participation, Participation.event_number == Figure.event_number),
        (Subject.SAID, Claim, Claim.figure_number == Figure.number),
    ):
        if found[subject]:
            conditions.append(some(other, is_its, found[subject]))
    return all_of(*conditions)


def figures_apart(understood: Understood) -> ColumnElement[bool]:
    """The condition on `figure` that all these filters hold of it, though its event may be elsewhere or at another time.

    Where a figure shares its event's place and period, whatever holds of the figure holds of the event too.
    """
    return and_(Figure.is_apart, figures(understood))


def some(hanging: Any, is_its: ColumnElement[bool], listed: Iterable[tuple[Filter, Any]]) -> ColumnElement[bool]:
    """The condition that all these filters hold of one and the same row that hangs on what is asked about."""
    return exists(_those(hanging, is_its, listed))


def _those(hanging: Any, is_its: ColumnElement[bool], listed: Iterable[tuple[Filter, Any]]) -> Select[bool]:
    return select(true()).where(is_its, *all_on(listed, hanging)).correlate_except(hanging)


def participations(understood: Understood) -> ColumnElement[bool]:
    """The condition on `participation` alone, for where the same one is joined."""
    return all_of(*all_on(by_subject(understood)[Subject.PARTICIPATION], Participation))


def said(understood: Understood, on: Any) -> ColumnElement[bool]:
    """The condition on a claim or report alone, for where the same one is joined."""
    return all_of(*all_on(by_subject(understood)[Subject.SAID], on))


def own(understood: Understood, table: Any) -> ColumnElement[bool]:
    """The condition on a listed record that is neither event nor figure, by filters on itself."""
    return all_of(*all_on(by_subject(understood)[Subject.OWN], table))


def events_asked(question: Question) -> ColumnElement[bool]:
    """The condition on `event` for a whole question, the row of a total included."""
    return all_of(_led(question, Event), events(question.understood), _row(question, Event))


def events_of_one_group(question: Question) -> Select[str, date, int] | None:
    """The newest events of one group, or of one role, as the index of participations has them; null of other questions.

    Read in the order of all events, those of a group that takes part in one of a hundred are a hundred times as far.
    """
    asked = question.understood.items()
    taking_part = [(wanted, value) for wanted, value in asked if wanted.subject is Subject.PARTICIPATION]
    is_one = bool(taking_part) and all(len(value) == 1 for _wanted, value in taking_part)
    if (
        not is_one
        or not question.led.is_in_order
        or not question.led.is_by_part
        or question.sort is None
        or question.sort.key != "date"
    ):
        return None
    taking_part += [(wanted, value) for wanted, value in asked if wanted.is_of_parts(value)]
    known = {wanted for wanted, _value in taking_part}
    condition = all_of(events({wanted: value for wanted, value in asked if wanted not in known}), _row(question, Event))
    holds = exists(select(1).where(Event.number == Participation.event_number, condition).correlate(Participation))
    # Told apart by what the index is ordered by alone: with the number too, PostgreSQL would sort, in several processes.
    identity, start, number = Participation.event_id, Participation.date_start, func.min(Participation.event_number)
    return (
        select(identity.label("id"), start.label("sort_key"), number.label("number"))
        .where(*all_on(taking_part, Participation), condition if is_anything(condition) else holds)
        .group_by(start, identity)
    )


def figures_asked(question: Question) -> ColumnElement[bool]:
    """The condition on `figure` for a whole question, the row of a total included."""
    return all_of(_led(question, Figure), figures(question.understood), _row(question, Figure))


def _led(question: Question, counted: type[Event | Figure]) -> ColumnElement[bool]:
    return true() if question.led.numbers is None else counted.number.in_(question.led.numbers)


def _row(question: Question, counted: type[Event | Figure]) -> ColumnElement[bool]:
    return true() if question.row is None else in_row(question.dimensions, question.row, counted)
