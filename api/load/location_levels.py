"""Works out, from its parents, which place of each level a location lies in; and finds the places that lie in others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, exists, or_, select, update
from sqlalchemy.orm import aliased

from api.domain.codebook.places import LEVELS
from api.load.source import LoadRefused
from api.store.batches import batches
from api.store.models import Location
from api.store.record_types import Record, table_of


def with_levels(
    connection: Connection, records: Iterable[Record], dataset_id: str, known: dict[str, Record]
) -> Iterator[Record]:
    """Locations with the level columns that follow from their parents; `known` holds some that were placed before."""
    for record in records:
        parent = None if record["parent_id"] is None else _parent(connection, known, record["parent_id"])
        columns: Record = dict.fromkeys(LEVELS) if parent is None else {level: parent[level] for level in LEVELS}
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


def places_below(connection: Connection, places: Collection[str]) -> set[str]:
    """The ids of all places that lie in these by their parents, at any depth."""
    found: set[str] = set()
    waiting = set(places)
    while waiting:
        children: set[str] = set()
        for ids in batches(sorted(waiting)):
            children.update(connection.scalars(select(Location.id).where(Location.parent_id.in_(ids))))
        waiting = children - found
        found |= children
    return found


def update_levels(connection: Connection) -> set[str]:
    """Brings the level columns of all places up to date with the places above them; the datasets of those that were not.

    A place that moves takes along all that lies in it, whichever dataset brought it, though nothing else of it changes.
    """
    parent = aliased(Location)
    found: set[str] = set()
    for position, level in enumerate(LEVELS):
        # A place's country is its own to say; the levels between are its parent's.
        above = [getattr(parent, name) for name in LEVELS[1:position]]
        if above:
            where = parent.id == Location.parent_id
            differs = or_(*(getattr(Location, value.key).is_distinct_from(value) for value in above))
            strayed = select(Location.dataset_id).join(parent, where).where(Location.level == level, differs)
            found.update(connection.scalars(strayed.distinct()))
            connection.execute(
                update(Location)
                .where(Location.level == level, exists(select(1).where(where, differs).correlate(Location)))
                .values({v.key: select(v).where(where).correlate(Location).scalar_subquery() for v in above})
            )
    return found
