"""Locations: with parents, aliases, P-codes, and how many matching events happened in each or anywhere inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, case, exists, func, or_, select, union_all

from api import narrow, narrow_many
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, GEOJSON, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.composed import Composed
from api.counts import PERIOD_COUNTS, first_and_last, together, without
from api.declare.filter import Filter, Subject
from api.declare.usual_filters import codes
from api.declare.values import Parameter, Several, Word
from api.docs import describe
from api.filters.figures import FIGURES
from api.filters.happenings import EVENT, HAPPENING
from api.filters.periods import PERIOD
from api.filters.places import COUNTRY, LOCATION, LOCATION_PRECISION
from api.filters.points import BBOX, NEAR
from api.filters.records import DATASET, ID, UPDATED_SINCE
from api.filters.saying import SAYING
from api.filters.taking_part import TAKING_PART
from api.filters.words import words_of_names
from api.gathering import Surroundings
from api.models import ALIAS_RANK, LEVELS, Event, Figure, Location, LocationName
from api.shapes.named import LOCATION_RECORD
from api.tallies import records_of

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
    words_of_names(LocationName, "location_id"),
    replace(UPDATED_SINCE, subject=Subject.OWN),
    DATASET,
    EVENT,
    *PERIOD,
    LOCATION_PRECISION,
    *HAPPENING,
    *TAKING_PART,
    *FIGURES,
    *SAYING,
)

EXAMPLE = "mmr005024701"
LIST = Takes(
    "/v1/locations",
    "locations",
    LOCATION_RECORD,
    FILTERS,
    sorts=(
        Sort("id", lambda: Location.id),
        Sort("name", lambda: Location.name),
        Sort("events", lambda: None),
        Sort("last_date", lambda: None, is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, GEOJSON, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Takes("/v1/locations/{identity}", "locations", LOCATION_RECORD, formats=(JSON,), is_record=True)


def _counts() -> Mapping[str, ColumnElement[Any]]:
    """The number and the period of all events in a location, of whatever level it is."""
    held = case((Location.level == "country", Location.country), else_=Location.id)
    periods = [(level, first_and_last(Event, lambda on, level=level: getattr(on, level) == held)) for level in LEVELS]  # type: ignore[misc]  # bound now
    first, last = (case(*((Location.level == level, days[end]) for level, days in periods)) for end in (0, 1))
    return {"events": records_of(Event, Location.level, held), "first_date": first, "last_date": last}


def _matched(of_events: narrow.Understood) -> Select[Any]:
    """Locations with a matching event or figure somewhere inside, with the number and the period of the matching events
    in them."""
    at_place = (
        select(
            Event.location_id.label("id"),
            func.count().label("events"),
            func.min(Event.date_start).label("first_date"),
            func.max(Event.date_end).label("last_date"),
        )
        .where(narrow_many.events_by_number(of_events, Event))
        .group_by(Event.location_id)
    )
    of_figures = select(Figure.location_id).where(narrow.figures_apart(of_events))
    found = _rolled_up(union_all(at_place, without(PERIOD_COUNTS, of_figures)))
    if set(of_events) == {DATASET}:
        used = select(Location.id).where(_is_used(of_events[DATASET]))
        return together(PERIOD_COUNTS, found, without(PERIOD_COUNTS, used))
    return found


def _rolled_up(at_place: CompoundSelect[Any]) -> Select[Any]:
    """Counts at places as counts of the places' whole subtrees.

    Events are first counted where they are, so that only as many rows are carried up as there are places.
    """
    counts = at_place.subquery()
    # A country's id is its code in lower case.
    levels = [func.lower(Location.country).label("country"), *(getattr(Location, level) for level in LEVELS[1:])]
    numbers = [counts.c[name] for name in PERIOD_COUNTS]
    placed = select(*levels, *numbers).join(Location, Location.id == counts.c.id).cte("placed")
    carried = [placed.c[name] for name in PERIOD_COUNTS]
    each = [select(placed.c[level].label("id"), *carried).where(placed.c[level].is_not(None)) for level in LEVELS]
    return together(PERIOD_COUNTS, *each)


def _is_used(datasets: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a location without an event or figure in it: by name, or as their own."""
    names = select(1).where(LocationName.location_id == Location.id, LocationName.dataset_id.in_(datasets))
    return or_(Location.dataset_id.in_(datasets), exists(names.correlate(Location)))


def _compose(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The locations of one page with their paths and aliases, in a fixed number of queries."""
    ids = [row["id"] for row in rows]
    surroundings = Surroundings(connection)
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


LISTING = Composed(LOCATION_RECORD, Location, _compose, _counts, _matched)


@BLUEPRINT.get("/v1/locations")
@describe(LIST, LOCATION_RECORD.schema(), "list")
def list_locations() -> Response:
    """Locations, by id.

    Filters on events and figures select the places with a matching event or figure in them, and the counts are of the
    matching events, those of the whole subtree included. `dataset` alone selects every place that the dataset uses in any way.
    """
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/locations/<identity>")
@describe(RECORD, LOCATION_RECORD.schema(), "record", EXAMPLE)
def get_location(identity: str) -> Response:
    """One location by its id."""
    return one(OneOf("location", Location, LISTING.one), identity)
