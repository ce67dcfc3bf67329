"""The groups, locations and documents that matching events and figures name, with counts of these. Those that nothing names are
not among them: where no filter is given, lists add them (api/answers/row_records.py).
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
    Table,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from api.columns import tables
from api.columns.memory_counts import counted_events, named_by_figures
from api.columns.memory_documents import SUPPORTING, Support
from api.columns.reading_copy import Copy
from api.query import conditions
from api.query.conditions import FilterValues
from api.query.filters.filter import Subject
from api.query.filters.shared import DATASET_FILTER


class Counted(NamedTuple):
    """Counts of records: by their `id`, or by their `row_offset` where they were counted in memory. And the tables that they are read
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


def groups(copy: Copy, filters: FilterValues) -> Counted:
    """Groups that took part in a matching event, or in the event of a matching figure, with the number and the period of
    their matching events: filters on participants hold of the group itself."""
    in_events = conditions.without_subjects(filters, Subject.PARTICIPATION)
    happened, matching = conditions.events(in_events), conditions.figures(in_events)
    party = conditions.participants(filters)
    if party is None:
        return Counted(_groups_event_by_event(filters, happened, matching).subquery())
    key, group_id = tables.PARTICIPANT.c.participant_set, tables.PARTICIPANT.c.group_id
    sets, rows = counted_events(copy, tables.EVENT.c.participant_set, happened)
    members = select(key, group_id).where(party).distinct().subquery()
    counted = select(members.c.group_id.label("id"), *_sums(sets, "value")).group_by(members.c.group_id)
    counted = counted.join(sets, sets.c.value == members.c.participant_set)
    given = {sets.name: rows}
    if not filters:
        return Counted(counted.subquery(), given)
    of_figures, given[of_figures.name] = named_by_figures(copy, tables.FIGURE.c.participant_set, matching)
    in_their_events = select(group_id.label("id")).where(key.in_(select(of_figures.c.value)), party).distinct()
    parts = [counted, _uncounted(in_their_events)]
    if set(filters) == {DATASET_FILTER}:
        parts.append(_uncounted(select(tables.GROUP.c.id).where(_uses_group(filters[DATASET_FILTER]))))
    return Counted(_merged(*parts).subquery(), given)


def _groups_event_by_event(
    filters: FilterValues, happened: ColumnElement[bool], matching: ColumnElement[bool]
) -> Select[Any]:
    """The same where filters look at each event beside its participants, so that sets do not tell."""
    event, participant, party = tables.EVENT.c, tables.PARTICIPANT.c, conditions.participants_in_event(filters)
    are_of_event = event.participant_set == participant.participant_set
    each = select(event.number, participant.group_id, event.date_start, event.date_end).distinct()
    taken_part = each.where(are_of_event, happened, party).subquery()
    counted = select(
        taken_part.c.group_id.label("id"),
        func.count().label("events"),
        func.min(taken_part.c.date_start).label("first_date"),
        func.max(taken_part.c.date_end).label("last_date"),
    ).group_by(taken_part.c.group_id)
    of_figures = select(participant.group_id.label("id")).where(are_of_event, party).distinct()
    of_figures = of_figures.where(event.number.in_(select(tables.FIGURE.c.event_number).where(matching)))
    return _merged(counted, _uncounted(of_figures))


def _uses_group(owners: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a group without an event: as claimant, relation, by name, or as its own."""
    claimants = tables.ONE_COLUMN_SETS[tables.ATTRIBUTIONS]["claimant"]
    said = select(tables.EVENT.c[claimants.key]).where(tables.EVENT.c.dataset_id.in_(owners))
    relations = tables.GROUP_RELATION.c.dataset_id.in_(owners)
    return or_(
        tables.GROUP.c.dataset_id.in_(owners),
        tables.GROUP.c.id.in_(select(claimants.table.c.claimant).where(claimants.table.c[claimants.key].in_(said))),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.from_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.to_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_NAME.c.group_id).where(tables.GROUP_NAME.c.dataset_id.in_(owners))),
    )


# --- Locations ---------------------------------------------------------------------------------------------------


def locations(copy: Copy, filters: FilterValues) -> Counted:
    """Locations with a matching event or figure somewhere inside, with the number and the period of the matching events
    in them."""
    places, rows = counted_events(copy, tables.EVENT.c.location_id, conditions.events(filters))
    at_place = select(places.c.value.label("id"), *(column for column in places.c if column.key != "value"))
    given = {places.name: rows}
    if not filters:
        return Counted(_rolled_up(at_place).subquery(), given)
    of_figures, given[of_figures.name] = named_by_figures(
        copy, tables.FIGURE.c.location_id, conditions.figures(filters)
    )
    found = _rolled_up(_merged(at_place, _uncounted(select(of_figures.c.value.label("id")))))
    if set(filters) == {DATASET_FILTER}:
        # By name, or as their own.
        owners = filters[DATASET_FILTER]
        named = select(tables.LOCATION_NAME.c.location_id).where(tables.LOCATION_NAME.c.dataset_id.in_(owners))
        is_used = or_(tables.LOCATION.c.dataset_id.in_(owners), tables.LOCATION.c.id.in_(named))
        found = _merged(found, _uncounted(select(tables.LOCATION.c.id).where(is_used)))
    return Counted(found.subquery(), given)


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

    def support(records: Table, condition: ColumnElement[bool], sets: tables.Sets) -> Support:
        return Support(records, condition, sets, conditions.members(filters, Subject.ATTRIBUTION, sets))

    supports = {
        "events": support(tables.EVENT, conditions.events(happened), tables.ATTRIBUTIONS),
        "figures": support(tables.FIGURE, conditions.figures(happened), tables.CLAIMS),
    }
    # Its own documents, used or not, beside those of others that it codes.
    is_own = tables.DOCUMENT.c.dataset_id.in_(filters[DATASET_FILTER]) if set(filters) == {DATASET_FILTER} else None
    return Counted(SUPPORTING, {SUPPORTING.name: copy.supporting(supports, is_own)})


# --- Counts ------------------------------------------------------------------------------------------------------


def _uncounted(ids: Select[Any]) -> Select[Any]:
    """These records with no event counted, to be merged with those that have some."""
    listed = ids.subquery()
    no_day = null().cast(Date)
    return select(listed.c.id, literal(0).label("events"), no_day.label("first_date"), no_day.label("last_date"))


def _merged(*parts: Select[Any]) -> Select[Any]:
    """One row for each id in any of these parts, which have `id` and the same counts."""
    each = union_all(*parts).subquery()
    return select(each.c.id, *_sums(each, "id")).group_by(each.c.id)


def _sums(counts: FromClause, key: str) -> list[ColumnElement[Any]]:
    """The counts beside this key, each over several rows: numbers are added, of days named `first_…` the earliest is
    taken, and of others the latest."""
    return [_over_rows(column).label(column.key) for column in counts.c if column.key != key]


def _over_rows(column: Any) -> Any:
    if not isinstance(column.type, Date):
        return func.sum(column).cast(column.type)
    return (func.min if str(column.key).startswith("first_") else func.max)(column)
