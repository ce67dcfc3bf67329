"""Locations: with parents, aliases, P-codes, and how many matching events happened in each or anywhere inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, cast, exists, func, or_, select, union, union_all
from sqlalchemy.orm import aliased

from api import narrow
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, GEOJSON, JSON, NDJSON
from api.asking.question import Question
from api.asking.takes import Sort, Takes
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
from api.listings import Composed
from api.models import ALIAS_RANK, LEVELS, Event, Figure, Location, LocationName
from api.shapes.named import LOCATION_RECORD

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


def _base(question: Question | None, identity: str | None) -> Select[Any]:
    """Locations with the number and the period of the matching events in them.

    A question about events or figures leaves those with a matching event or figure somewhere inside.
    """
    understood = {} if question is None else question.understood
    of_events = {wanted: value for wanted, value in understood.items() if wanted.subject is not Subject.OWN}
    at_place = (
        select(
            Event.location_id,
            func.count().label("events"),
            func.min(Event.date_start).label("first_date"),
            func.max(Event.date_end).label("last_date"),
        )
        .where(narrow.events(of_events))
        .group_by(Event.location_id)
    )
    if identity is not None:
        at_place = at_place.where(_lies_in(Event, identity))
    counts = _rolled_up(at_place).subquery()
    child = aliased(Location)
    children = select(func.count()).where(child.parent_id == Location.id).correlate(Location).scalar_subquery()
    statement = select(
        Location.__table__,
        Location.dataset_id.label("dataset"),
        children.label("children"),
        func.coalesce(counts.c.events, 0).label("events"),
        counts.c.first_date,
        counts.c.last_date,
    ).outerjoin(counts, counts.c.id == Location.id)
    if of_events:
        is_matching = or_(counts.c.events > 0, Location.id.in_(_around(narrow.figures_apart(of_events))))
        if set(of_events) == {DATASET}:
            is_matching = or_(is_matching, _is_used(of_events[DATASET]))
        statement = statement.where(is_matching)
    if identity is not None:
        statement = statement.where(Location.id == identity)
    return statement.where(narrow.own(understood, Location))


def _lies_in(on: Any, identity: str) -> ColumnElement[bool]:
    """Lies in the place with this id, of whatever level it is."""
    return or_(*(getattr(on, level) == (identity.upper() if level == "country" else identity) for level in LEVELS))


def _rolled_up(at_place: Select[Any, Any, Any, Any]) -> Select[Any]:
    """Counts at places as counts of the places' whole subtrees.

    Events are first counted where they are, so that only as many rows are carried up as there are places.
    """
    counts = at_place.cte("at_place")
    place = aliased(Location)
    numbers = (counts.c.events, counts.c.first_date, counts.c.last_date)
    steps = [
        select(_id_at(level, place).label("id"), *numbers)
        .join(place, place.id == counts.c.location_id)
        .where(getattr(place, level).is_not(None))
        for level in LEVELS
    ]
    each = union_all(*steps).subquery()
    return select(
        each.c.id,
        # PostgreSQL sums whole numbers into decimals.
        cast(func.sum(each.c.events), BigInteger).label("events"),
        func.min(each.c.first_date).label("first_date"),
        func.max(each.c.last_date).label("last_date"),
    ).group_by(each.c.id)


def _around(of_figures: ColumnElement[bool]) -> Select[str]:
    """The ids of the places of these figures, and of all that those lie in."""
    place = aliased(Location)
    levels = [_id_at(level, place).label("id") for level in LEVELS]
    at = place.id.in_(select(Figure.location_id).where(of_figures))
    found = union(*(select(identity).where(at, identity.is_not(None)) for identity in levels)).subquery()
    return select(found.c.id)


def _id_at(level: str, place: Any) -> ColumnElement[Any]:
    """The id of the place of this level that a place lies in, or that it is; null where there is none."""
    found: ColumnElement[Any] = func.lower(place.country) if level == "country" else getattr(place, level)
    return found


def _is_used(datasets: Sequence[str]) -> ColumnElement[bool]:
    """Whether these datasets use a location in any way: as a place of an event or figure, by name, or as its own."""

    def some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).where(*conditions).correlate(Location))

    return or_(
        Location.dataset_id.in_(datasets),
        some(Event.location_id == Location.id, Event.dataset_id.in_(datasets)),
        some(Figure.location_id == Location.id, Figure.dataset_id.in_(datasets)),
        some(LocationName.location_id == Location.id, LocationName.dataset_id.in_(datasets)),
    )


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
    composed = []
    for row in rows:
        path = surroundings.sites[row["id"]].path
        parent = next((step for step in path if step["id"] == row["parent_id"]), None)
        composed.append({**row, "parent": parent, "path": path, "aliases": aliases[row["id"]]})
    return composed


LISTING = Composed(LOCATION_RECORD, _base, _compose)


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
