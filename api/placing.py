"""Where places lie: the column of each level, worked out from parents. Knows no file and no request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, exists, not_, or_, select, update
from sqlalchemy.orm import aliased

from api.kinds import Record, table_of
from api.loose_ends import LoadRefused
from api.models import DRAWN_PRECISIONS, LEVELS, OF_THEIR_EVENT, Event, Figure, Location, Participation


def place_columns(location: Mapping[str, Any]) -> Record:
    """The level columns of whatever lies at this location."""
    return {level: location[level] for level in LEVELS}


def drawn_at(record: Mapping[str, Any], location: Mapping[str, Any]) -> Record:
    """The point at which an event or figure at this location stands on a map (see models.Drawn)."""
    is_drawn = record["location_precision"] in DRAWN_PRECISIONS
    point = record if record["latitude"] is not None else location
    return {f"drawn_{name}": point[name] if is_drawn else None for name in _POINT}


def _drawn_at(model: Any, place: Any) -> dict[str, Any]:
    """The same in SQL."""
    is_drawn = model.location_precision.in_(DRAWN_PRECISIONS)
    return {
        f"drawn_{name}": case(
            (not_(is_drawn), None),
            (model.latitude.is_not(None), getattr(model, name)),
            else_=getattr(place, name),
        )
        for name in _POINT
    }


_POINT = ("latitude", "longitude")


def placed(
    connection: Connection, records: Iterable[Record], dataset_id: str, known: dict[str, Record]
) -> Iterator[Record]:
    """Locations with the level columns that follow from their parents; `known` holds some that were placed before."""
    for record in records:
        parent = None if record["parent_id"] is None else _parent(connection, known, record["parent_id"])
        columns: Record = dict.fromkeys(LEVELS) if parent is None else place_columns(parent)
        if parent is not None and LEVELS.index(parent["level"]) >= LEVELS.index(record["level"]):
            raise LoadRefused(
                f"the {record['level']} '{record['id']}' cannot lie in a {parent['level']}, '{parent['id']}'"
            )
        columns[record["level"]] = record["id"]
        columns["country"] = record["country"]
        known[record["id"]] = {**record, **columns, "dataset_id": dataset_id}
        yield known[record["id"]]


def _parent(connection: Connection, known: dict[str, Record], identity: str) -> Record:
    if identity in known:
        return known[identity]
    table = table_of(Location)
    found = connection.execute(select(table).where(table.c.id == identity)).mappings().one_or_none()
    if found is None:
        raise LoadRefused(f"the parent '{identity}' of a location is neither loaded nor brought before it")
    known[identity] = dict(found)
    return known[identity]


def place_again(connection: Connection) -> set[str]:
    """Brings the level columns of all places, events, participations and figures up to date with the places above them,
    and the points of events and figures with their places'; the datasets of the places that were not.

    A place that moves takes along all that lies in it, whichever dataset brought it, though nothing else of it changes.
    """
    parent = aliased(Location)
    found: set[str] = set()
    for position, level in enumerate(LEVELS):
        # A place's country is its own to say; the levels between are its parent's.
        above = LEVELS[1:position]
        if above:
            own = {name: getattr(parent, name) for name in above}
            where = parent.id == Location.parent_id
            strayed = (
                select(Location.dataset_id).join(parent, where).where(Location.level == level, _differs(Location, own))
            )
            found.update(connection.scalars(strayed.distinct()))
            _follow(connection, Location, where, own, level)
    moved = 0
    for model in (Event, Figure):
        place = aliased(Location)
        own = {name: getattr(place, name) for name in LEVELS} | _drawn_at(model, place)
        moved += _follow(connection, model, place.id == model.location_id, own, None)
    if moved:
        # What participations know of their event was worked out with it, so it is wrong only where the event's was.
        event = aliased(Event)
        own = {level: getattr(event, level) for level in LEVELS if level in OF_THEIR_EVENT}
        _follow(connection, Participation, event.number == Participation.event_number, own, None)
    return found


def _differs(model: Any, own: Mapping[str, Any]) -> ColumnElement[bool]:
    return or_(*(getattr(model, name).is_distinct_from(value) for name, value in own.items()))


def _follow(connection: Connection, model: Any, where: Any, own: Mapping[str, Any], level: str | None) -> int:
    """Gives these columns their values of the row that `where` finds for each, where they differ; how many rows it did."""
    statement = (
        update(model)
        .where(exists(select(1).where(where, _differs(model, own)).correlate(model)))
        .values({name: select(value).where(where).correlate(model).scalar_subquery() for name, value in own.items()})
    )
    return connection.execute(statement if level is None else statement.where(model.level == level)).rowcount
