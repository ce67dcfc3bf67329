"""Makes SQL conditions on events and figures of the filters asked for; filters of one subject hold of the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, exists, select, true

from api.columns.tables import (
    ATTRIBUTIONS,
    CLAIMED_FIGURE,
    CLAIMS,
    EVENT,
    FIGURE,
    KNOWN_OF_EVENT,
    PARTICIPANTS,
    PROFILES,
    Sets,
)
from api.query.dimensions import in_row
from api.query.filters.filter import Filter, Subject
from api.query.question import Question

# Filters that were asked, with their values as filter_values.
FilterValues = Mapping[Filter, Any]
Asked = tuple[Filter, Any]


def by_subject(filter_values: FilterValues) -> dict[Subject, list[Asked]]:
    """The filters by what they speak about."""
    found: dict[Subject, list[Asked]] = defaultdict(list)
    for wanted, value in filter_values.items():
        found[wanted.subject].append((wanted, value))
    return found


def but_for(filter_values: FilterValues, *subjects: Subject) -> dict[Filter, Any]:
    """These filters without those that speak of these subjects."""
    return {wanted: value for wanted, value in filter_values.items() if wanted.subject not in subjects}


def all_of(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition that all of these hold; true where there are none."""
    return and_(true(), *conditions)


def own(filter_values: FilterValues, table: Table) -> ColumnElement[bool]:
    """The condition on a listed record that is neither event nor figure, by filters on itself."""
    return all_of(_all_on(by_subject(filter_values)[Subject.OWN], table.c))


def members(filter_values: FilterValues, subject: Subject, sets: Sets) -> ColumnElement[bool]:
    """The condition on the members of sets that the filters of this subject hold of one of them."""
    return all_of(_all_on(by_subject(filter_values)[subject], sets.table.c))


def participants(filter_values: FilterValues) -> ColumnElement[bool] | None:
    """The condition on participants that the filters on them hold; null where they ask something of each event as well,
    such as whether a membership held when it began."""
    try:
        return members(filter_values, Subject.PARTICIPATION, PARTICIPANTS)
    except AttributeError:
        return None


def participants_in_event(filter_values: FilterValues) -> ColumnElement[bool]:
    """The same where participants and their event are joined."""
    return all_of(_all_on(by_subject(filter_values)[Subject.PARTICIPATION], _PartyInEvent()))


def events(filter_values: FilterValues) -> ColumnElement[bool]:
    """The condition on events that all these filters hold of them.

    A figure filter asks for one figure of the event; a filter on who says so asks for one report, or one claim.
    """
    found = by_subject(filter_values)
    conditions = [*_all_on(found[Subject.RECORD], EVENT.c), *_all_on(found[Subject.EVENT], EVENT.c)]
    if found[Subject.PARTICIPATION]:
        conditions.append(_takes_part(found[Subject.PARTICIPATION]))
    if found[Subject.FIGURE]:
        conditions.append(_has_figure(found[Subject.FIGURE]))
    if found[Subject.ATTRIBUTION]:
        conditions.append(_in_sets(ATTRIBUTIONS, EVENT, _all_on(found[Subject.ATTRIBUTION], ATTRIBUTIONS.table.c)))
    return all_of(conditions)


def figures(filter_values: FilterValues, on: FromClause = FIGURE) -> ColumnElement[bool]:
    """The condition on figures, or on figures as one claim states them, that all these filters hold of them: period and
    place are the figure's own."""
    found = by_subject(filter_values)
    conditions = [_of_figure(wanted, value, on) for wanted, value in (*found[Subject.RECORD], *found[Subject.FIGURE])]
    conditions += [_of_its_event(wanted, value, on) for wanted, value in found[Subject.EVENT]]
    if found[Subject.PARTICIPATION]:
        conditions.append(_has_parties(found[Subject.PARTICIPATION], on))
    if found[Subject.ATTRIBUTION]:
        said = found[Subject.ATTRIBUTION]
        conditions += (
            _all_on(said, on.c) if on is CLAIMED_FIGURE else [_in_sets(CLAIMS, on, _all_on(said, CLAIMS.table.c))]
        )
    return all_of(conditions)


def asked(question: Question, counted: Table, family: str | None = None) -> ColumnElement[bool]:
    """The condition on events or figures for a whole question, the row of a total included; `family` is the one that all
    of them are of, where a path has only one."""
    found = [events(question.filter_values) if counted is EVENT else figures(question.filter_values)]
    if family is not None:
        found.append(counted.c.family == family)
    if question.row is not None:
        said = by_subject(question.filter_values)[Subject.ATTRIBUTION]
        since = question.values.get("date_from")
        found.append(in_row(question.dimensions, question.row, counted, since, lambda on: _all_on(said, on)))
    return and_(*found)


def _all_on(listed: Iterable[Asked], on: Any) -> list[ColumnElement[bool]]:
    return [wanted.clause(value, on) for wanted, value in listed]


def _in_sets(sets: Sets, owner: FromClause, conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition that the owner's set has a member of which all these hold."""
    found: ColumnElement[bool] = owner.c[sets.key].in_(select(sets.table.c[sets.key]).where(*conditions))
    return found


class _PartyInEvent:
    """The columns of a participant, and for the rest those of its event."""

    def __getattr__(self, name: str) -> Any:
        return getattr(PARTICIPANTS.table.c if name in PARTICIPANTS.table.c else EVENT.c, name)


def _takes_part(listed: Sequence[Asked]) -> ColumnElement[bool]:
    """The condition on events that one of its participants is as asked."""
    try:
        return _in_sets(PARTICIPANTS, EVENT, _all_on(listed, PARTICIPANTS.table.c))
    except AttributeError:
        # Something is asked of the event as well, such as whether a membership held when it began.
        party = PARTICIPANTS.table
        together = _all_on(listed, _PartyInEvent())
        return exists(select(1).where(party.c.participant_set == EVENT.c.participant_set, *together).correlate(EVENT))


def _has_parties(listed: Sequence[Asked], on: FromClause) -> ColumnElement[bool]:
    """The condition on figures that one of their event's participants is as asked."""
    try:
        return _in_sets(PARTICIPANTS, on, _all_on(listed, PARTICIPANTS.table.c))
    except AttributeError:
        found: ColumnElement[bool] = on.c.event_number.in_(select(EVENT.c.number).where(_takes_part(listed)))
        return found


def _of_figure(wanted: Filter, value: Any, on: FromClause) -> ColumnElement[bool]:
    """The condition that a filter on figures holds; a claimed figure does not have all of their columns."""
    try:
        return wanted.clause(value, on.c)
    except AttributeError:
        if on is FIGURE:
            raise
        found: ColumnElement[bool] = on.c.number.in_(select(FIGURE.c.number).where(wanted.clause(value, FIGURE.c)))
        return found


def _has_figure(listed: Sequence[Asked]) -> ColumnElement[bool]:
    """The condition on events that one of their figures is as asked."""
    try:
        return _in_sets(PROFILES, EVENT, _all_on(listed, PROFILES.table.c))
    except AttributeError:
        # Profiles know no numbers.
        found: ColumnElement[bool] = EVENT.c.number.in_(select(FIGURE.c.event_number).where(*_all_on(listed, FIGURE.c)))
        return found


class _OfItsEvent:
    """What a figure knows of its event, under the names that the event's own columns have."""

    def __init__(self, on: FromClause) -> None:
        self._on = on

    def __getattr__(self, name: str) -> Any:
        if name != "number" and name not in KNOWN_OF_EVENT:
            raise AttributeError(name)
        return self._on.c["event_number" if name == "number" else name]


def _of_its_event(wanted: Filter, value: Any, on: FromClause) -> ColumnElement[bool]:
    """The condition on figures that a filter on events holds of theirs."""
    try:
        return wanted.clause(value, _OfItsEvent(on))
    except AttributeError:
        of_event = select(EVENT.c.number).where(wanted.clause(value, EVENT.c))
        found: ColumnElement[bool] = on.c.event_number.in_(of_event)
        return found
