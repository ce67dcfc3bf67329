"""Resolves the names in a query to ids: the one entry for filters, over rows and reading copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select, union

from api.columns.reading_copy import Copy
from api.columns.tables import EVENT, FIGURE, LOCATION, POINT
from api.domain.codebook.places import UNDRAWN_LEVELS
from api.domain.errors import MOST_SUGGESTED, MOST_TOLD, Fault, Problem, refusal
from api.query.filters.filter import QueryValues
from api.query.lookup.groups import Member, Speakers, find_group, find_speakers, with_members
from api.query.lookup.ids import ids_of_publisher, known_countries, known_ids, known_releases
from api.query.lookup.names import closest, ids_by_name, neighbours
from api.query.lookup.places import FilterPlace, find_place, lies_in
from api.store.models import Group, GroupName, Location, LocationName

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class DatabaseLookUp:
    """Look-ups in one state of the data."""

    connection: Connection
    copy: Copy

    def resolve(self, parameter: str, names: Sequence[str], query: QueryValues) -> Sequence[Any]:
        """The records that these names mean, for this parameter."""
        match parameter:
            case "location" | "parent" | "within":
                return _each(
                    names,
                    lambda name, is_suggested: find_place(
                        self.connection, self.copy, parameter, name, query, is_suggested
                    ),
                )
            case "group":
                found = _each(names, lambda name, is_suggested: find_group(self.connection, name, is_suggested))
                if query.get("include_members"):
                    return with_members(self.connection, found)
                return [Member(i, None, None) for i in found]
            case "claimant" | "source" | "outlet":
                said = Speakers(self.copy, parameter, names)
                called = _each(
                    names, lambda name, is_suggested: find_speakers(self.connection, said, name, is_suggested)
                )
                return list(dict.fromkeys(speaker for found in called for speaker in found))
            case "country":
                return known_countries(self.connection, parameter, names)
            case "dataset_of_history":
                return known_ids(self.connection, "dataset", names, query, takes_withdrawn=True)
            case "release":
                return known_releases(self.connection, parameter, names)
            case _:
                return known_ids(self.connection, parameter, names, query)

    def lies_in(self, inner: FilterPlace, outer: FilterPlace) -> bool:
        """Whether one place that was resolved lies in another."""
        return lies_in(self.connection, inner, outer)

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""
        found = list(dict.fromkeys(events))
        waiting = found
        while waiting:
            below = (
                select(EVENT.c.id).where(EVENT.c.part_of.in_(waiting), EVENT.c.id.not_in(found)).order_by(EVENT.c.id)
            )
            waiting = [identity for (identity,) in self.copy.rows(below)]
            found += waiting
        return found

    def drawn_points(self, bounds: Sequence[float]) -> Sequence[tuple[float, float]]:
        """The distinct points within these bounds at which anything is drawn."""
        west, south, east, north = bounds

        def within(table: Table, latitude: str, longitude: str) -> Select[Any]:
            point = (table.c[latitude], table.c[longitude])
            return select(*point).where(point[0].between(south, north), point[1].between(west, east))

        records = [within(table, "drawn_latitude", "drawn_longitude") for table in (EVENT, FIGURE)]
        places = within(LOCATION, *POINT).where(LOCATION.c.level.not_in(UNDRAWN_LEVELS))
        return [(latitude, longitude) for latitude, longitude in self.copy.rows(union(*records, places))]


def _each(names: Sequence[str], find: Callable[[str, bool], Found]) -> list[Found]:
    """What each of these names means; `find` is told whether what is near is suggested. Errors: a Problem that tells of as
    many as are told."""
    found: list[Found] = []
    faults: list[Fault] = []
    for name in dict.fromkeys(names):
        try:
            found.append(find(name, len(faults) < MOST_SUGGESTED))
        except Problem as problem:
            faults += [replace(fault, value=name) for fault in problem.faults]
        if len(faults) >= MOST_TOLD:
            break
    if faults:
        raise refusal(faults)
    return found


_NAMED: Mapping[Any, tuple[Any, str]] = {Group: (GroupName, "group_id"), Location: (LocationName, "location_id")}


def near_ids(connection: Connection, model: Any, identity: str) -> list[str]:
    """Ids close to one that is not there: of what bears it as a name or its publisher's id, else such as are written nearly so."""
    bearing = ids_by_name(connection, *_NAMED[model], identity) if model in _NAMED else []
    bearing = bearing or ids_of_publisher(connection, model, identity)
    return bearing or closest(identity, neighbours(connection, select(model.id), identity))
