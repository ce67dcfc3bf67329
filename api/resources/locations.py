"""Locations: with parents, aliases, P-codes, and how many matching events happened in each or anywhere inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Select, func, or_, select

from api.answers.description import describe
from api.answers.lists import answer_list
from api.answers.row_records import RowRecords, merged_counts, zero_counts
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Filter, Subject, codes
from api.query.filters.places import BBOX, COUNTRY, LOCATION, LOCATION_PRECISION, NEAR
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
from api.query.parameters import Parameter, Several, Word
from api.records.formats import CSV, GEOJSON, JSON, NDJSON
from api.records.groups_and_locations import LOCATION_RECORD
from api.store.groups_and_places import GroupsAndPlacesReader
from api.store.models import ALIAS_RANK, Location, LocationName

BLUEPRINT = Blueprint("locations", __name__)

PARENT = Filter(
    Parameter("parent", Several(Word()), "Lies directly in one of these places; names as for `location`.", "mmr005"),
    Subject.OWN,
    lambda value, on: on.parent_id.in_([place.id for place in value]),
    lambda value, asked, look_up: look_up.resolve("parent", value, asked),
)

# What can be asked of locations. Where a place is, is its own; filters on events and figures select the places with
# a matching event or figure in them.
FILTERS = (
    replace(ID, subject=Subject.OWN),
    codes("level", "Levels of places.", "township", Subject.OWN, code_list="location_level"),
    PARENT,
    replace(LOCATION, subject=Subject.OWN),
    replace(COUNTRY, subject=Subject.OWN),
    replace(BBOX, subject=Subject.OWN),
    replace(NEAR, subject=Subject.OWN),
    words_of_names(tables.LOCATION_NAME, "location_id"),
    replace(UPDATED_SINCE, subject=Subject.OWN),
    DATASET,
    EVENT,
    *PERIOD,
    LOCATION_PRECISION,
    *EVENT_FILTERS,
    *PARTICIPANTS,
    *FIGURES,
    *EVIDENCE,
)

EXAMPLE = "mmr005024701"
LIST = Endpoint(
    "/v1/locations",
    "locations",
    LOCATION_RECORD,
    FILTERS,
    sorts=(
        Sort("id"),
        Sort("name"),
        Sort("events"),
        Sort("last_date", is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, GEOJSON, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/locations/{identity}", "locations", LOCATION_RECORD, formats=(JSON,), is_record=True)


def _matched(of_events: conditions.FilterValues) -> Select[Any]:
    """Locations with a matching event or figure somewhere inside, with the number and the period of the matching events
    in them."""
    at_place = (
        select(
            tables.EVENT.c.location_id.label("id"),
            func.count().label("events"),
            func.min(tables.EVENT.c.date_start).label("first_date"),
            func.max(tables.EVENT.c.date_end).label("last_date"),
        )
        .where(conditions.events(of_events))
        .group_by(tables.EVENT.c.location_id)
    )
    if not of_events:
        return _rolled_up(at_place)
    of_figures = select(tables.FIGURE.c.location_id.label("id")).where(conditions.figures(of_events)).distinct()
    found = _rolled_up(merged_counts(at_place, zero_counts(of_figures)))
    if set(of_events) == {DATASET}:
        used = select(tables.LOCATION.c.id).where(_is_used(of_events[DATASET]))
        return merged_counts(found, zero_counts(used))
    return found


def _rolled_up(at_place: Select[Any]) -> Select[Any]:
    """Counts at places as counts of the places' whole subtrees.

    Events are first counted where they are, so that only as many rows are carried up as there are places.
    """
    counts = at_place.subquery()
    above = tables.LOCATION_ABOVE
    carried = select(above.c.above_id.label("id"), *(column for column in counts.c if column.key != "id"))
    return merged_counts(carried.join(counts, counts.c.id == above.c.location_id))


def _is_used(datasets: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a location without an event or figure in it: by name, or as their own."""
    named = select(tables.LOCATION_NAME.c.location_id).where(tables.LOCATION_NAME.c.dataset_id.in_(datasets))
    return or_(tables.LOCATION.c.dataset_id.in_(datasets), tables.LOCATION.c.id.in_(named))


def _compose(snapshot: Snapshot, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The locations of one page with their paths and aliases, in a fixed number of queries."""
    connection = snapshot.connection
    ids = [row["id"] for row in rows]
    surroundings = GroupsAndPlacesReader(connection)
    surroundings.fetch_places(ids)
    aliases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for found in connection.execute(
        select(LocationName.location_id, LocationName.name, LocationName.language, LocationName.document_id)
        .where(LocationName.location_id.in_(ids), LocationName.rank == ALIAS_RANK)
        .order_by(LocationName.dataset_id, LocationName.position)
    ):
        alias = {"name": found.name, "language": found.language, "document": found.document_id}
        aliases[found.location_id].append(alias)
    below = select(Location.parent_id, func.count()).where(Location.parent_id.in_(ids)).group_by(Location.parent_id)
    children = dict(connection.execute(below).all())
    composed = []
    for row in rows:
        path = surroundings.sites[row["id"]].path
        parent = next((step for step in path if step["id"] == row["parent_id"]), None)
        composed.append(
            {
                **row,
                "parent": parent,
                "path": path,
                "aliases": aliases[row["id"]],
                "children": children.get(row["id"], 0),
            }
        )
    return composed


LISTING = RowRecords(LOCATION_RECORD, Location, tables.LOCATION, _compose, _matched)


@BLUEPRINT.get("/v1/locations")
@describe(LIST, LOCATION_RECORD.schema(), "list")
def list_locations() -> Response:
    """Locations, by id.

    Filters on events and figures select the places with a matching event or figure in them, and the counts are of the
    matching events, those of the whole subtree included. `dataset` alone selects every place that the dataset uses in any way.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/locations/<identity>")
@describe(RECORD, LOCATION_RECORD.schema(), "record", EXAMPLE)
def get_location(identity: str) -> Response:
    """One location by its id."""
    return answer_record(SingleRecord("location", Location, LISTING.find), identity)
