"""A cache of groups and places as records show them, and of outlets, read from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from api.domain.codebook.places import LEVELS
from api.domain.names import CODE_RANK, NAME_RANK, stems
from api.store.models import Document, Group, GroupName, Location, LocationName
from api.store.record_types import Record

# Groups or places that are remembered at the most, beside those of one batch. Some come again and again; kept for as long
# as a load lasts, all the others would take as much memory as the load is long.
MOST_KNOWN = 5_000


class ShownGroup(NamedTuple):
    """A group as events show it."""

    shown: Record
    words: frozenset[str]


class ShownPlace(NamedTuple):
    """A place as events show it."""

    row: Mapping[str, Any]
    path: list[Record]
    words: frozenset[str]


@dataclass
class GroupsAndPlaces:
    """Groups and places as events show them, and the outlets of documents that speak for themselves, by id."""

    groups: dict[str, ShownGroup] = field(default_factory=dict)
    places: dict[str, ShownPlace] = field(default_factory=dict)
    outlets: dict[str, str] = field(default_factory=dict)

    def of(self, events: Iterable[Mapping[str, Any]]) -> GroupsAndPlaces:
        """Those alone that these events and their figures name."""
        groups, places, documents = _named_by(events)
        return GroupsAndPlaces(
            {identity: self.groups[identity] for identity in groups},
            {identity: self.places[identity] for identity in places},
            {identity: self.outlets[identity] for identity in documents & self.outlets.keys()},
        )

    def learn(self, others: GroupsAndPlaces) -> GroupsAndPlaces:
        """Remembers what others know too; what of it was new. Where it has become much, all else is forgotten first."""
        if len(self.groups) + len(self.places) + len(self.outlets) > MOST_KNOWN:
            for known in (self.groups, self.places, self.outlets):
                known.clear()
        fresh = GroupsAndPlaces(
            {identity: group for identity, group in others.groups.items() if identity not in self.groups},
            {identity: place for identity, place in others.places.items() if identity not in self.places},
            {identity: outlet for identity, outlet in others.outlets.items() if identity not in self.outlets},
        )
        self.groups |= fresh.groups
        self.places |= fresh.places
        self.outlets |= fresh.outlets
        return fresh

    def location_of(self, record: Mapping[str, Any]) -> Record:
        """The `location` of an event or figure: its place, with the record's own point where it has one."""
        place = self.places[record["location_id"]]
        row = place.row
        point = record if record["latitude"] is not None else row
        return {
            "id": row["id"],
            "name": row["name"],
            "level": row["level"],
            "pcode": row["pcode"],
            "precision": record["location_precision"],
            "latitude": point["latitude"],
            "longitude": point["longitude"],
            "country": row["country"],
            "path": place.path,
        }


def _named_by(events: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str], set[str]]:
    """The groups and the places that these events and their figures name, and the documents whose outlets decide how many
    roots a figure has: those that speak for themselves beside others."""
    groups: set[str] = set()
    places: set[str] = set()
    documents: set[str] = set()
    for event in events:
        groups.update([part["group_id"] for part in event["groups"]])
        places.add(event["location_id"])
        for figure in event["figures"]:
            places.add(figure["location_id"])
            if len(figure["claims"]) > 1:
                documents.update([claim["document_id"] for claim in figure["claims"] if not claim["chain"]])
    return groups, places, documents


class GroupsAndPlacesReader(GroupsAndPlaces):
    """The groups and places met of late, as they were when they were met."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self._places: dict[str, Record] = {}
        self._names: dict[str, list[str]] = defaultdict(list)

    def fetch(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Makes those groups, places and outlets known that there are of what these events and their figures name; others
        may be forgotten."""
        groups, places, documents = _named_by(events)
        self._fetch_groups(groups)
        self.fetch_places(places)
        self._fetch_outlets(documents)

    def note_outlets(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Makes the outlets of these documents known, as they have just been written; others may be forgotten."""
        self._forget_outlets()
        self.outlets.update({document["id"]: document["outlet"] for document in documents})

    def _fetch_groups(self, wanted: Collection[str]) -> None:
        if len(self.groups) > MOST_KNOWN:
            self.groups.clear()
        ids = set(wanted) - self.groups.keys()
        if not ids:
            return
        names: dict[str, list[str]] = defaultdict(list)
        named = select(GroupName.group_id, GroupName.name).where(
            GroupName.group_id.in_(ids), GroupName.rank >= CODE_RANK
        )
        for identity, name in self.connection.execute(named):
            names[identity].append(name)
        shown = select(Group.id, Group.name, Group.acronym).where(Group.id.in_(ids))
        for row in self.connection.execute(shown).mappings():
            self.groups[row["id"]] = ShownGroup(dict(row), _words(names[row["id"]]))

    def _fetch_outlets(self, wanted: set[str]) -> None:
        if wanted <= self.outlets.keys():
            return
        self._forget_outlets()
        told = select(Document.id, Document.outlet).where(Document.id.in_(wanted - self.outlets.keys()))
        self.outlets.update(dict(self.connection.execute(told).all()))

    def _forget_outlets(self) -> None:
        if len(self.outlets) > MOST_KNOWN:
            self.outlets.clear()

    def fetch_places(self, ids: Collection[str]) -> None:
        """Makes those of these places known that there are, and all above them; others may be forgotten."""
        if len(self._places) > MOST_KNOWN:
            for known in (self.places, self._places, self._names):
                known.clear()
        table = Location.__table__
        fresh = set(ids) - self.places.keys()
        wanted = fresh - self._places.keys()
        while wanted:
            rows = self.connection.execute(select(table).where(Location.id.in_(wanted))).mappings().all()
            self._places.update({row["id"]: dict(row) for row in rows})
            named = select(LocationName.location_id, LocationName.name).where(
                LocationName.location_id.in_(wanted), LocationName.rank >= NAME_RANK
            )
            for identity, name in self.connection.execute(named):
                self._names[identity].append(name)
            wanted = {above for row in rows for above in _path(dict(row))} - self._places.keys()
        for identity in fresh & self._places.keys():
            row = self._places[identity]
            path = [self._places[step] for step in _path(row)]
            self.places[identity] = ShownPlace(
                row,
                [{"id": step["id"], "name": step["name"], "level": step["level"]} for step in path],
                _words([name for step in path for name in self._names[step["id"]]]),
            )


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(stems(" ".join(names)))


def _path(row: Mapping[str, Any]) -> list[str]:
    """The ids from the country down to the place itself."""
    ids = [row[level] for level in LEVELS]
    if ids[0] is not None:
        # The column of countries holds their code; a country's id is its code in lower case.
        ids[0] = ids[0].lower()
    return [identity for identity in ids if identity is not None]
