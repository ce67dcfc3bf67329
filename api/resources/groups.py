"""Groups: with aliases, relations, external codes, and how many matching events they took part in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from api import narrow, narrow_many
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.composed import Composed
from api.counts import PERIOD_COUNTS, first_and_last, together, without
from api.declare.filter import Subject
from api.declare.usual_filters import codes
from api.docs import describe
from api.filters.figures import FIGURES
from api.filters.happenings import EVENT, HAPPENING
from api.filters.periods import PERIOD
from api.filters.places import PLACE
from api.filters.records import DATASET, ID, UPDATED_SINCE
from api.filters.saying import SAYING
from api.filters.taking_part import TAKING_PART
from api.filters.words import words_of_names
from api.models import (
    ALIAS_RANK,
    Claim,
    Event,
    Figure,
    Group,
    GroupCode,
    GroupName,
    GroupRelation,
    Participation,
    Report,
)
from api.shapes.named import GROUP
from api.tallies import records_of

BLUEPRINT = Blueprint("groups", __name__)

# What can be asked of groups. Filters on events and figures select those that took part in a matching event, or in the
# event of a matching figure.
FILTERS = (
    replace(ID, subject=Subject.OWN),
    codes("group_kind", "Kinds of groups.", "armed_group", Subject.OWN),
    words_of_names(GroupName, "group_id"),
    replace(UPDATED_SINCE, subject=Subject.OWN),
    DATASET,
    EVENT,
    *PERIOD,
    *PLACE,
    *HAPPENING,
    *TAKING_PART,
    *FIGURES,
    *SAYING,
)

EXAMPLE = "arakan-army"
LIST = Takes(
    "/v1/groups",
    "groups",
    GROUP,
    FILTERS,
    sorts=(
        Sort("id", lambda: Group.id),
        Sort("name", lambda: Group.name),
        Sort("events", lambda: None),
        Sort("last_date", lambda: None, is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Takes("/v1/groups/{identity}", "groups", GROUP, formats=(JSON,), is_record=True)


def _counts() -> Mapping[str, ColumnElement[Any]]:
    """The number and the period of all events that a group took part in."""
    first, last = first_and_last(Participation, lambda on: on.group_id == Group.id)
    return {"events": records_of(Event, "group_id", Group.id), "first_date": first, "last_date": last}


def _matched(of_events: narrow.Understood) -> Select[Any]:
    """Groups that took part in a matching event, or in the event of a matching figure, with the number and the period of
    their matching events."""
    in_events = narrow.but_for(of_events, Subject.PARTICIPATION)
    counted = (
        select(
            Participation.group_id.label("id"),
            # A group may have several roles in one event.
            func.count(Participation.event_number.distinct()).label("events"),
            func.min(Participation.date_start).label("first_date"),
            func.max(Participation.date_end).label("last_date"),
        )
        .where(narrow_many.events_by_number(of_events, Participation))
        .group_by(Participation.group_id)
    )
    of_figures = (
        select(Participation.group_id)
        .join(Figure, Figure.event_number == Participation.event_number)
        .where(narrow.figures_apart(in_events), narrow.participations(of_events))
    )
    others = [of_figures]
    if set(of_events) == {DATASET}:
        others.append(select(Group.id).where(_is_used(of_events[DATASET])))
    return together(PERIOD_COUNTS, counted, *(without(PERIOD_COUNTS, ids) for ids in others))


def _is_used(datasets: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a group without an event: as claimant, relation, by name, or as its own."""

    def some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).where(*conditions).correlate(Group))

    return or_(
        Group.dataset_id.in_(datasets),
        some(Report.claimant == Group.id, Event.number == Report.event_number, Event.dataset_id.in_(datasets)),
        some(Claim.claimant == Group.id, Figure.number == Claim.figure_number, Figure.dataset_id.in_(datasets)),
        some(
            or_(GroupRelation.from_group_id == Group.id, GroupRelation.to_group_id == Group.id),
            GroupRelation.dataset_id.in_(datasets),
        ),
        some(GroupName.group_id == Group.id, GroupName.dataset_id.in_(datasets)),
    )


def _compose(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The groups of one page with all that hangs on them, in four queries however many they are."""
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


LISTING = Composed(GROUP, Group, _compose, _counts, _matched)


@BLUEPRINT.get("/v1/groups")
@describe(LIST, GROUP.schema(), "list")
def list_groups() -> Response:
    """Groups, by id.

    Filters on events and figures select the groups that took part in a matching event or in that of a matching figure,
    and the counts are of the matching events. `dataset` alone selects every group that the dataset uses in any way.
    """
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/groups/<identity>")
@describe(RECORD, GROUP.schema(), "record", EXAMPLE)
def get_group(identity: str) -> Response:
    """One group by its id."""
    return one(OneOf("group", Group, LISTING.one), identity)
