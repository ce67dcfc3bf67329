"""Groups: with aliases, relations, external codes, and how many matching events they took part in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select
from sqlalchemy.orm import aliased

from api.answers.description import describe
from api.answers.lists import answer_list
from api.answers.row_records import RowRecords, merged_counts, zero_counts
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject, codes
from api.query.filters.places import PLACE
from api.query.filters.shared import (
    DATASET,
    EVENT,
    EVENT_FILTERS,
    EVIDENCE,
    FIGURES,
    ID,
    PARTICIPANTS,
    PERIOD,
    UPDATED_SINCE,
)
from api.query.filters.words import words_of_names
from api.records.formats import CSV, JSON, NDJSON
from api.records.groups_and_locations import GROUP
from api.store.models import ALIAS_RANK, Group, GroupCode, GroupName, GroupRelation

BLUEPRINT = Blueprint("groups", __name__)

# What can be asked of groups. Filters on events and figures select those that took part in a matching event, or in the
# event of a matching figure.
FILTERS = (
    replace(ID, subject=Subject.OWN),
    codes("group_kind", "Kinds of groups.", "armed_group", Subject.OWN),
    words_of_names(tables.GROUP_NAME, "group_id"),
    replace(UPDATED_SINCE, subject=Subject.OWN),
    DATASET,
    EVENT,
    *PERIOD,
    *PLACE,
    *EVENT_FILTERS,
    *PARTICIPANTS,
    *FIGURES,
    *EVIDENCE,
)

EXAMPLE = "arakan-army"
LIST = Endpoint(
    "/v1/groups",
    "groups",
    GROUP,
    FILTERS,
    sorts=(
        Sort("id"),
        Sort("name"),
        Sort("events"),
        Sort("last_date", is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/groups/{identity}", "groups", GROUP, formats=(JSON,), is_record=True)


def _matched(of_events: conditions.FilterValues) -> Select[Any]:
    """Groups that took part in a matching event, or in the event of a matching figure, with the number and the period of
    their matching events."""
    in_events = conditions.but_for(of_events, Subject.PARTICIPATION)
    counted = _in_matching_events(of_events, in_events)
    if not of_events:
        return counted
    parts = [counted, zero_counts(_in_events_of_figures(of_events, in_events))]
    if set(of_events) == {DATASET}:
        parts.append(zero_counts(select(tables.GROUP.c.id).where(_is_used(of_events[DATASET]))))
    return merged_counts(*parts)


def _in_matching_events(of_events: conditions.FilterValues, in_events: conditions.FilterValues) -> Select[Any]:
    """Groups by the matching events that they took part in: what is asked of participants holds of the group itself."""
    counts = (
        func.count().label("events"),
        func.min(tables.EVENT.c.date_start).label("first_date"),
        func.max(tables.EVENT.c.date_end).label("last_date"),
    )
    happened = conditions.events(in_events)
    party = conditions.parties(of_events)
    if party is None:
        # Something is asked of each event beside its participants, so sets do not tell.
        each = select(
            tables.EVENT.c.number, tables.PARTY.c.group_id, tables.EVENT.c.date_start, tables.EVENT.c.date_end
        ).distinct()
        each = each.join(tables.PARTY, tables.PARTY.c.party_set == tables.EVENT.c.party_set)
        asked = each.where(happened, conditions.parties_in_event(of_events)).subquery()
        return select(
            asked.c.group_id.label("id"),
            func.count().label("events"),
            func.min(asked.c.date_start).label("first_date"),
            func.max(asked.c.date_end).label("last_date"),
        ).group_by(asked.c.group_id)
    sets = select(tables.EVENT.c.party_set, *counts).where(happened).group_by(tables.EVENT.c.party_set).subquery()
    members = select(tables.PARTY.c.party_set, tables.PARTY.c.group_id).where(party).distinct().subquery()
    return (
        select(
            members.c.group_id.label("id"),
            func.sum(sets.c.events).label("events"),
            func.min(sets.c.first_date).label("first_date"),
            func.max(sets.c.last_date).label("last_date"),
        )
        .join(sets, sets.c.party_set == members.c.party_set)
        .group_by(members.c.group_id)
    )


def _in_events_of_figures(of_events: conditions.FilterValues, in_events: conditions.FilterValues) -> Select[Any]:
    """The ids of groups in the events of matching figures, whose place and time may be other than their event's."""
    party, matching = conditions.parties(of_events), conditions.figures(in_events)
    group_id = tables.PARTY.c.group_id.label("id")
    if party is None:
        # Of each event it has to be asked which of its participants are meant.
        their_events = select(tables.FIGURE.c.event_number).where(matching)
        joined = select(group_id).join(tables.EVENT, tables.EVENT.c.party_set == tables.PARTY.c.party_set)
        return joined.where(tables.EVENT.c.number.in_(their_events), conditions.parties_in_event(of_events)).distinct()
    sets = select(tables.FIGURE.c.party_set).where(matching)
    return select(group_id).where(tables.PARTY.c.party_set.in_(sets), party).distinct()


def _is_used(datasets: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a group without an event: as claimant, relation, by name, or as its own."""
    said = select(tables.EVENT.c.said_set).where(tables.EVENT.c.dataset_id.in_(datasets))
    relations = tables.GROUP_RELATION.c.dataset_id.in_(datasets)
    return or_(
        tables.GROUP.c.dataset_id.in_(datasets),
        tables.GROUP.c.id.in_(select(tables.EVIDENCE.c.claimant).where(tables.EVIDENCE.c.said_set.in_(said))),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.from_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_RELATION.c.to_group_id).where(relations)),
        tables.GROUP.c.id.in_(select(tables.GROUP_NAME.c.group_id).where(tables.GROUP_NAME.c.dataset_id.in_(datasets))),
    )


def _compose(snapshot: Snapshot, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The groups of one page with all that hangs on them, in four queries however many they are."""
    connection = snapshot.connection
    ids = [row["id"] for row in rows]
    aliases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for found in connection.execute(
        select(GroupName)
        .where(GroupName.group_id.in_(ids), GroupName.rank == ALIAS_RANK)
        .order_by(GroupName.dataset_id, GroupName.position)
        .with_only_columns(GroupName.group_id, GroupName.name, GroupName.language, GroupName.document_id)
    ):
        alias = {"name": found.name, "language": found.language, "document": found.document_id}
        aliases[found.group_id].append(alias)
    external: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for group_id, scheme, code in connection.execute(
        select(GroupCode.group_id, GroupCode.scheme, GroupCode.code)
        .where(GroupCode.group_id.in_(ids))
        .order_by(GroupCode.scheme, GroupCode.code)
    ):
        external[group_id].append({"scheme": scheme, "code": code})
    relations = _relations(connection, ids)
    return [
        {**row, "aliases": aliases[row["id"]], "codes": external[row["id"]], "relations": relations[row["id"]]}
        for row in rows
    ]


def _relations(connection: Connection, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The relations of these groups, each from its own side."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    other = aliased(Group)
    for direction, own, theirs in (
        ("from", GroupRelation.from_group_id, GroupRelation.to_group_id),
        ("to", GroupRelation.to_group_id, GroupRelation.from_group_id),
    ):
        rows = connection.execute(
            select(
                own.label("own"),
                GroupRelation.type,
                GroupRelation.valid_from,
                GroupRelation.valid_to,
                GroupRelation.document_id,
                other.id,
                other.name,
                other.acronym,
            )
            .join(other, other.id == theirs)
            .where(own.in_(ids))
            .order_by(GroupRelation.type, theirs, GroupRelation.document_id, GroupRelation.position)
        )
        for row in rows:
            found[row.own].append(
                {
                    "type": row.type,
                    "direction": direction,
                    "group": {"id": row.id, "name": row.name, "acronym": row.acronym},
                    "valid_from": row.valid_from,
                    "valid_to": row.valid_to,
                    "document": row.document_id,
                }
            )
    return found


LISTING = RowRecords(GROUP, Group, tables.GROUP, _compose, _matched)


@BLUEPRINT.get("/v1/groups")
@describe(LIST, GROUP.schema(), "list")
def list_groups() -> Response:
    """Groups, by id.

    Filters on events and figures select the groups that took part in a matching event or in that of a matching figure,
    and the counts are of the matching events. `dataset` alone selects every group that the dataset uses in any way.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/groups/<identity>")
@describe(RECORD, GROUP.schema(), "record", EXAMPLE)
def get_group(identity: str) -> Response:
    """One group by its id."""
    return answer_record(SingleRecord("group", Group, LISTING.find), identity)
