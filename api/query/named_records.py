"""The groups, locations and documents that matching events and figures name, with counts of these; where no filter is given, all
records that have anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    Subquery,
    Table,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from api.columns import tables
from api.columns.held_documents import SUPPORTING, Support
from api.columns.reading_copy import Copy
from api.query import conditions
from api.query.conditions import FilterValues
from api.query.filters.filter import Subject
from api.query.filters.shared import DATASET_FILTER


class Counted(NamedTuple):
    """Counts of records: by their `id`, or by their `place` where they were counted in memory. And the tables that they are read
    from, where the copy does not have them."""

    counts: FromClause
    given: Mapping[str, pa.Table] = {}


def datasets(_copy: Copy, _filters: FilterValues) -> Counted:
    """All datasets, which take no filter on events, with the number of records of each type and of claims."""
    held: list[tuple[Table, ColumnElement[Any]]] = [
        (table, func.count().label(f"{table.name}s"))
        for table in (tables.EVENT, tables.FIGURE, tables.DOCUMENT, tables.GROUP, tables.LOCATION)
    ]
    held.append((tables.FIGURE, func.sum(tables.FIGURE.c.claims).label("claims")))
    from_clause: FromClause = tables.DATASET
    found = []
    for table, number in held:
        own = table.c.dataset_id
        each = select(own, number).group_by(own).subquery()
        from_clause = from_clause.outerjoin(each, each.c.dataset_id == tables.DATASET.c.id)
        found.append(each.c[number.name])
    return Counted(select(tables.DATASET.c.id, *found).select_from(from_clause).subquery())


# --- Groups ------------------------------------------------------------------------------------------------------


def groups(_copy: Copy, filters: FilterValues) -> Counted:
    """Groups that took part in a matching event, or in the event of a matching figure, with the number and the period of
    their matching events."""
    in_events = conditions.without_subjects(filters, Subject.PARTICIPATION)
    counted = _groups_in_events(filters, in_events)
    if not filters:
        return Counted(counted.subquery())
    parts = [counted, _uncounted(_groups_in_events_of_figures(filters, in_events))]
    if set(filters) == {DATASET_FILTER}:
        parts.append(_uncounted(select(tables.GROUP.c.id).where(_uses_group(filters[DATASET_FILTER]))))
    return Counted(_merged(*parts).subquery())


def _groups_in_events(filters: FilterValues, in_events: FilterValues) -> Select[Any]:
    """Groups by the matching events that they took part in: filters on participants hold of the group itself."""
    happened = conditions.events(in_events)
    party = conditions.participants(filters)
    if party is None:
        # A filter looks at each event beside its participants, so sets do not tell.
        each = select(
            tables.EVENT.c.number, tables.PARTICIPANT.c.group_id, tables.EVENT.c.date_start, tables.EVENT.c.date_end
        ).distinct()
        each = each.join(tables.PARTICIPANT, tables.PARTICIPANT.c.participant_set == tables.EVENT.c.participant_set)
        taken_part = each.where(happened, conditions.participants_in_event(filters)).subquery()
        return select(taken_part.c.group_id.label("id"), *_event_counts(taken_part)).group_by(taken_part.c.group_id)
    sets = select(tables.EVENT.c.participant_set, *_event_counts(tables.EVENT)).where(happened)
    counted = sets.group_by(tables.EVENT.c.participant_set).subquery()
    members = (
        select(tables.PARTICIPANT.c.participant_set, tables.PARTICIPANT.c.group_id).where(party).distinct().subquery()
    )
    return (
        select(members.c.group_id.label("id"), *_sums(counted, "participant_set"))
        .join(counted, counted.c.participant_set == members.c.participant_set)
        .group_by(members.c.group_id)
    )


def _groups_in_events_of_figures(filters: FilterValues, in_events: FilterValues) -> Select[Any]:
    """The ids of groups in the events of matching figures, whose place and time may be other than their event's."""
    party, matching = conditions.participants(filters), conditions.figures(in_events)
    group_id = tables.PARTICIPANT.c.group_id.label("id")
    if party is None:
        # Which participants match differs from event to event.
        their_events = select(tables.FIGURE.c.event_number).where(matching)
        joined = select(group_id).join(
            tables.EVENT, tables.EVENT.c.participant_set == tables.PARTICIPANT.c.participant_set
        )
        return joined.where(
            tables.EVENT.c.number.in_(their_events), conditions.participants_in_event(filters)
        ).distinct()
    sets = select(tables.FIGURE.c.participant_set).where(matching)
    return select(group_id).where(tables.PARTICIPANT.c.participant_set.in_(sets), party).distinct()


def _uses_group(owners: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a group without an event: as claimant, relation, by name, or as its own."""
    said = select(tables.EVENT.c.attribution_set).where(tables.EVENT.c.dataset_id.in_(owners))
    relations = tables.GROUP_RELATION.c.dataset_id.in_(owners)
    return or_(
        tables.GROUP.c.dataset_id.in_(owners),
        tables.GROUP.c.id.in_(
            select(tables.ATTRIBUTION.c.claimant).where(tables.ATTRIBUTION.c.attribution_set.in_(said))
        ),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.from_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.to_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_NAME.c.group_id).where(tables.GROUP_NAME.c.dataset_id.in_(owners))),
    )


# --- Locations ---------------------------------------------------------------------------------------------------


def locations(_copy: Copy, filters: FilterValues) -> Counted:
    """Locations with a matching event or figure somewhere inside, with the number and the period of the matching events
    in them."""
    location_id = tables.EVENT.c.location_id
    at_place = select(location_id.label("id"), *_event_counts(tables.EVENT)).where(conditions.events(filters))
    at_place = at_place.group_by(location_id)
    if not filters:
        return Counted(_rolled_up(at_place).subquery())
    of_figures = select(tables.FIGURE.c.location_id.label("id")).where(conditions.figures(filters)).distinct()
    found = _rolled_up(_merged(at_place, _uncounted(of_figures)))
    if set(filters) == {DATASET_FILTER}:
        # By name, or as their own.
        owners = filters[DATASET_FILTER]
        named = select(tables.LOCATION_NAME.c.location_id).where(tables.LOCATION_NAME.c.dataset_id.in_(owners))
        is_used = or_(tables.LOCATION.c.dataset_id.in_(owners), tables.LOCATION.c.id.in_(named))
        found = _merged(found, _uncounted(select(tables.LOCATION.c.id).where(is_used)))
    return Counted(found.subquery())


def _rolled_up(at_place: Select[Any]) -> Select[Any]:
    """Counts at places as counts of the places' whole subtrees.

    Events are first counted where they are, so that only as many rows are carried up as there are places.
    """
    counts = at_place.subquery()
    above = tables.LOCATION_ABOVE
    carried = select(above.c.above_id.label("id"), *(column for column in counts.c if column.key != "id"))
    return _merged(carried.join(counts, counts.c.id == above.c.location_id))


# --- Documents ---------------------------------------------------------------------------------------------------


def documents(copy: Copy, filters: FilterValues) -> Counted:
    """Documents with the number of matching events and figures that they support: filters on who says so hold of their
    own report or claim."""
    happened = conditions.without_subjects(filters, Subject.ATTRIBUTION)

    def support(records: Table, holds: ColumnElement[bool], sets: tables.Sets) -> Support:
        return Support(records, holds, sets, conditions.members(filters, Subject.ATTRIBUTION, sets))

    supports = {
        "events": support(tables.EVENT, conditions.events(happened), tables.ATTRIBUTIONS),
        "figures": support(tables.FIGURE, conditions.figures(happened), tables.CLAIMS),
    }
    # Its own documents, used or not, beside those of others that it codes.
    is_own = tables.DOCUMENT.c.dataset_id.in_(filters[DATASET_FILTER]) if set(filters) == {DATASET_FILTER} else None
    return Counted(SUPPORTING, {SUPPORTING.name: copy.supporting(supports, is_own)})


# --- Counts ------------------------------------------------------------------------------------------------------


def _event_counts(events: Table | Subquery) -> tuple[ColumnElement[Any], ...]:
    """The number and the period of some events."""
    return (
        func.count().label("events"),
        func.min(events.c.date_start).label("first_date"),
        func.max(events.c.date_end).label("last_date"),
    )


def _uncounted(ids: Select[Any]) -> Select[Any]:
    """These records with no event counted, to be merged with those that have some."""
    listed = ids.subquery()
    no_day = null().cast(Date)
    return select(listed.c.id, literal(0).label("events"), no_day.label("first_date"), no_day.label("last_date"))


def _merged(*parts: Select[Any]) -> Select[Any]:
    """One row for each id in any of these parts, which have `id` and the same counts."""
    each = union_all(*parts).subquery()
    return select(each.c.id, *_sums(each, "id")).group_by(each.c.id)


def _sums(counts: Subquery, key: str) -> list[ColumnElement[Any]]:
    """The counts beside this key, each over several rows: numbers are added, of days named `first_…` the earliest is
    taken, and of others the latest."""
    return [_over_rows(column).label(column.key) for column in counts.c if column.key != key]


def _over_rows(column: Any) -> Any:
    if not isinstance(column.type, Date):
        return func.sum(column).cast(column.type)
    return (func.min if str(column.key).startswith("first_") else func.max)(column)
