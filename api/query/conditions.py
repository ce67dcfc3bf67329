"""Turns the filters of a question into SQL conditions on events and figures.

Filters of one subject hold of the same thing: of one participant, one figure, one claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, column, exists, select, true

from api.columns.tables import (
    ATTRIBUTIONS,
    CLAIMED_FIGURE,
    CLAIMS,
    EVENT,
    EVENT_COLUMNS_OF_FIGURES,
    FIGURE,
    ONE_COLUMN_SETS,
    PARTICIPANTS,
    PROFILES,
    Sets,
)
from api.query.dimensions import in_row
from api.query.filters.filter import Filter, Subject
from api.query.question import Question

# The filters of a query, with their values after names became ids.
FilterValues = Mapping[Filter, Any]
FilterValue = tuple[Filter, Any]


def by_subject(filter_values: FilterValues) -> dict[Subject, list[FilterValue]]:
    """The filters by what they speak about."""
    found: dict[Subject, list[FilterValue]] = defaultdict(list)
    for wanted, value in filter_values.items():
        found[wanted.subject].append((wanted, value))
    return found


def without_subjects(filter_values: FilterValues, *subjects: Subject) -> dict[Filter, Any]:
    """These filters without those that speak of these subjects."""
    return {wanted: value for wanted, value in filter_values.items() if wanted.subject not in subjects}


def all_of(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition that all of these hold; true where there are none."""
    return and_(true(), *conditions)


def own(filter_values: FilterValues, table: Table) -> ColumnElement[bool]:
    """The condition on a group, place, document or dataset that is listed, by the filters on the record itself."""
    return all_of(_all_on(by_subject(filter_values)[Subject.OWN], table.c))


def members(filter_values: FilterValues, subject: Subject, sets: Sets) -> ColumnElement[bool]:
    """The condition on a member of a set: all filters of this subject hold of it."""
    return all_of(_all_on(by_subject(filter_values)[subject], sets.table.c))


def participants(filter_values: FilterValues) -> ColumnElement[bool] | None:
    """The condition on a participant: all filters on participants hold of it. Null where they ask something of each event as
    well, such as whether a membership held when it began."""
    if not _reads_only(by_subject(filter_values)[Subject.PARTICIPATION], PARTICIPANTS.table.c.keys()):
        return None
    return members(filter_values, Subject.PARTICIPATION, PARTICIPANTS)


def participants_in_event(filter_values: FilterValues) -> ColumnElement[bool]:
    """The same where participants and their event are joined."""
    return all_of(_all_on(by_subject(filter_values)[Subject.PARTICIPATION], _ParticipantInEvent()))


def events(filter_values: FilterValues) -> ColumnElement[bool]:
    """The condition on an event: all these filters hold of it.

    A figure filter asks for one figure of the event; a filter on who says so asks for one report, or one claim.
    """
    found = by_subject(filter_values)
    conditions = [*_all_on(found[Subject.RECORD], EVENT.c), *_all_on(found[Subject.EVENT], EVENT.c)]
    if found[Subject.PARTICIPATION]:
        conditions.append(_takes_part(found[Subject.PARTICIPATION]))
    if found[Subject.FIGURE]:
        conditions.append(_has_figure(found[Subject.FIGURE]))
    if found[Subject.ATTRIBUTION]:
        conditions.append(_has_attribution(found[Subject.ATTRIBUTION], ATTRIBUTIONS, EVENT))
    return all_of(conditions)


def figures(filter_values: FilterValues, on: FromClause = FIGURE) -> ColumnElement[bool]:
    """The condition on a figure, or a claimed figure: all these filters hold of it. Period and place are the figure's own."""
    found = by_subject(filter_values)
    conditions = [_of_figure(given, on) for given in (*found[Subject.RECORD], *found[Subject.FIGURE])]
    conditions += [_of_its_event(given, on) for given in found[Subject.EVENT]]
    if found[Subject.PARTICIPATION]:
        conditions.append(_has_participant(found[Subject.PARTICIPATION], on))
    if found[Subject.ATTRIBUTION]:
        given = found[Subject.ATTRIBUTION]
        if on is CLAIMED_FIGURE:
            conditions += _all_on(given, on.c)
        else:
            conditions.append(_has_attribution(given, CLAIMS, on))
    return all_of(conditions)


def of_question(question: Question, counted: Table, family: str | None = None) -> ColumnElement[bool]:
    """The condition on events or figures for a whole question, the row of a total included; `family` is the one that all
    of them are of, where a path has only one."""
    found = [events(question.filter_values) if counted is EVENT else figures(question.filter_values)]
    if family is not None:
        found.append(counted.c.family == family)
    if question.row is not None:
        said = by_subject(question.filter_values)[Subject.ATTRIBUTION]
        date_from = question.values.get("date_from")
        found.append(in_row(question.dimensions, question.row, counted, date_from, lambda on: _all_on(said, on)))
    return and_(*found)


def _all_on(given: Iterable[FilterValue], on: Any) -> list[ColumnElement[bool]]:
    return [wanted.clause(value, on) for wanted, value in given]


def _in_sets(sets: Sets, owner: FromClause, conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition that the owner's set has a member of which all these hold."""
    found: ColumnElement[bool] = owner.c[sets.key].in_(select(sets.table.c[sets.key]).where(*conditions))
    return found


def _has_attribution(given: Sequence[FilterValue], sets: Sets, owner: FromClause) -> ColumnElement[bool]:
    """The condition that the owner's set has a report or claim as asked; one thing is asked of the smaller sets of that alone."""
    chosen = _one_column_set(given, sets, owner) or sets
    return _in_sets(chosen, owner, _all_on(given, chosen.table.c))


def _one_column_set(given: Sequence[FilterValue], sets: Sets, owner: FromClause) -> Sets | None:
    smaller = (own for own in ONE_COLUMN_SETS[sets].values() if own.key in owner.c)
    return next((own for own in smaller if _reads_only(given, own.table.c.keys())), None)


class _ColumnsRead:
    """Stands for the columns of a table, and collects the names of those that conditions read."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return column(name)


def _reads_only(given: Iterable[FilterValue], columns: Iterable[str]) -> bool:
    """Whether the conditions of these filters read no columns but these."""
    read = _ColumnsRead()
    _all_on(given, read)
    return read.names <= set(columns)


class _ParticipantInEvent:
    """The columns of a participant, and for the rest those of its event."""

    def __getattr__(self, name: str) -> Any:
        return getattr(PARTICIPANTS.table.c if name in PARTICIPANTS.table.c else EVENT.c, name)


def _takes_part(given: Sequence[FilterValue]) -> ColumnElement[bool]:
    """The condition on an event: one of its participants is as asked."""
    participant = PARTICIPANTS.table
    if _reads_only(given, participant.c.keys()):
        return _in_sets(PARTICIPANTS, EVENT, _all_on(given, participant.c))
    # Something is asked of the event as well, such as whether a membership held when it began.
    is_of_event = participant.c.participant_set == EVENT.c.participant_set
    return exists(select(1).where(is_of_event, *_all_on(given, _ParticipantInEvent())).correlate(EVENT))


def _has_participant(given: Sequence[FilterValue], on: FromClause) -> ColumnElement[bool]:
    """The condition on a figure: one of its event's participants is as asked."""
    if _reads_only(given, PARTICIPANTS.table.c.keys()):
        return _in_sets(PARTICIPANTS, on, _all_on(given, PARTICIPANTS.table.c))
    found: ColumnElement[bool] = on.c.event_number.in_(select(EVENT.c.number).where(_takes_part(given)))
    return found


def _of_figure(given: FilterValue, on: FromClause) -> ColumnElement[bool]:
    """The condition on a figure: a filter on figures holds of it. A claimed figure does not have all of their columns."""
    wanted, value = given
    if on is FIGURE or _reads_only([given], on.c.keys()):
        return wanted.clause(value, on.c)
    found: ColumnElement[bool] = on.c.number.in_(select(FIGURE.c.number).where(wanted.clause(value, FIGURE.c)))
    return found


def _has_figure(given: Sequence[FilterValue]) -> ColumnElement[bool]:
    """The condition on an event: one of its figures is as asked."""
    if _reads_only(given, PROFILES.table.c.keys()):
        return _in_sets(PROFILES, EVENT, _all_on(given, PROFILES.table.c))
    # Profiles have no numbers.
    found: ColumnElement[bool] = EVENT.c.number.in_(select(FIGURE.c.event_number).where(*_all_on(given, FIGURE.c)))
    return found


def _of_its_event(given: FilterValue, on: FromClause) -> ColumnElement[bool]:
    """The condition on a figure: a filter on events holds of its event."""
    wanted, value = given
    if _reads_only([given], EVENT_COLUMNS_OF_FIGURES):
        return wanted.clause(value, on.c)
    found: ColumnElement[bool] = on.c.event_number.in_(select(EVENT.c.number).where(wanted.clause(value, EVENT.c)))
    return found
