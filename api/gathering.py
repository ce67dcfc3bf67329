"""Events with all that their bytes show, put together from records on their way in or from what is stored.

Knows no file. Groups and places are remembered for a while, with the words they are found by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from api.kinds import EVENT as EVENT_KIND
from api.kinds import FIGURE as FIGURE_KIND
from api.kinds import Record, read
from api.models import LEVELS, Event, Figure, Group, GroupName, Location, LocationName
from api.names import words
from api.renditions import render
from api.shapes.events import EVENT
from api.shapes.figures import EVENT_FIGURE, FIGURE

# Names from this rank on say what a record is called; below stand its id and, for places, its P-code.
_FIRST_GROUP_RANK = 1
_FIRST_LOCATION_RANK = 2


# Groups or places that are remembered at the most, beside those of one batch. Some come again and again; kept for as long
# as a load lasts, all the others would take as much memory as the load is long.
MOST_KNOWN = 5_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """An event with all that hangs on it, and the same for each of its figures."""

    event: Mapping[str, Any]
    figures: Sequence[Mapping[str, Any]]
    # What full-text search finds it by.
    words: str


def renditions(gathered: Sequence[Gathered]) -> tuple[list[bytes], list[bytes]]:
    """The events' bytes, and those of all of their figures in the same order."""
    figures = [figure for found in gathered for figure in found.figures]
    return render(EVENT, [found.event for found in gathered]), render(FIGURE, figures)


class Party(NamedTuple):
    """A group as events show it."""

    shown: Record
    words: frozenset[str]


class Site(NamedTuple):
    """A place as events show it."""

    row: Mapping[str, Any]
    path: list[Record]
    words: frozenset[str]


@dataclass
class Around:
    """Groups and places as events show them, by id."""

    parties: dict[str, Party] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)

    def of(self, events: Iterable[Mapping[str, Any]]) -> Around:
        """Those alone that these events and their figures name."""
        groups, places = _named_by(events)
        return Around(
            {identity: self.parties[identity] for identity in groups},
            {identity: self.sites[identity] for identity in places},
        )

    def learn(self, others: Around) -> Around:
        """Remembers what others know too; what of it was new. Where it has become much, all else is forgotten first."""
        if len(self.parties) + len(self.sites) > MOST_KNOWN:
            self.parties.clear()
            self.sites.clear()
        fresh = Around(
            {identity: party for identity, party in others.parties.items() if identity not in self.parties},
            {identity: site for identity, site in others.sites.items() if identity not in self.sites},
        )
        self.parties |= fresh.parties
        self.sites |= fresh.sites
        return fresh

    def place(self, record: Mapping[str, Any]) -> Record:
        """The `location` of an event or figure: its place, with the record's own point where it has one."""
        site = self.sites[record["location_id"]]
        row = site.row
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
            "path": site.path,
        }


def _named_by(events: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """The groups and the places that these events and their figures name."""
    groups: set[str] = set()
    places: set[str] = set()
    for event in events:
        groups.update([part["group_id"] for part in event["groups"]])
        places.add(event["location_id"])
        places.update([figure["location_id"] for figure in event["figures"]])
    return groups, places


class Surroundings(Around):
    """The groups and places met of late, as they were when they were met."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self._places: dict[str, Record] = {}
        self._names: dict[str, list[str]] = defaultdict(list)

    def fetch(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Makes all groups and places known that these events and their figures name; others may be forgotten."""
        groups, places = _named_by(events)
        self._fetch_groups(groups)
        self.fetch_places(places)

    def _fetch_groups(self, wanted: Collection[str]) -> None:
        if len(self.parties) > MOST_KNOWN:
            self.parties.clear()
        ids = set(wanted) - self.parties.keys()
        if not ids:
            return
        names: dict[str, list[str]] = defaultdict(list)
        named = select(GroupName.group_id, GroupName.name).where(
            GroupName.group_id.in_(ids), GroupName.rank >= _FIRST_GROUP_RANK
        )
        for identity, name in self.connection.execute(named):
            names[identity].append(name)
        shown = select(Group.id, Group.name, Group.acronym).where(Group.id.in_(ids))
        for row in self.connection.execute(shown).mappings():
            self.parties[row["id"]] = Party(dict(row), _words(names[row["id"]]))

    def fetch_places(self, ids: Collection[str]) -> None:
        """Makes those of these places known that there are, and all above them; others may be forgotten."""
        if len(self._places) > MOST_KNOWN:
            for known in (self.sites, self._places, self._names):
                known.clear()
        table = Location.__table__
        fresh = set(ids) - self.sites.keys()
        wanted = fresh - self._places.keys()
        while wanted:
            rows = self.connection.execute(select(table).where(Location.id.in_(wanted))).mappings().all()
            self._places.update({row["id"]: dict(row) for row in rows})
            named = select(LocationName.location_id, LocationName.name).where(
                LocationName.location_id.in_(wanted), LocationName.rank >= _FIRST_LOCATION_RANK
            )
            for identity, name in self.connection.execute(named):
                self._names[identity].append(name)
            wanted = {above for row in rows for above in _path(dict(row))} - self._places.keys()
        for identity in fresh & self._places.keys():
            row = self._places[identity]
            path = [self._places[step] for step in _path(row)]
            self.sites[identity] = Site(
                row,
                [{"id": step["id"], "name": step["name"], "level": step["level"]} for step in path],
                _words([name for step in path for name in self._names[step["id"]]]),
            )


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(words(" ".join(names)))


def _path(row: Mapping[str, Any]) -> list[str]:
    """The ids from the country down to the place itself."""
    ids = [row[level] for level in LEVELS]
    if ids[0] is not None:
        # The column of countries holds their code; a country's id is its code in lower case.
        ids[0] = ids[0].lower()
    return [identity for identity in ids if identity is not None]


def gather(connection: Connection, numbers: Sequence[int], surroundings: Surroundings) -> list[Gathered]:
    """The stored events of these numbers, in the order of their ids, with all that their bytes show."""
    events = read(connection, EVENT_KIND, Event.number.in_(numbers))
    figures = read(connection, FIGURE_KIND, Figure.event_number.in_(numbers))
    for event in events.values():
        event["figures"] = []
    for figure in sorted(figures.values(), key=itemgetter("position")):
        events[figure["event_id"]]["figures"].append(figure)
    contains: dict[str, list[str]] = defaultdict(list)
    whole = aliased(Figure)
    parts = (
        select(Figure.part_of, Figure.id)
        .join(whole, whole.id == Figure.part_of)
        .where(whole.event_number.in_(numbers))
        .order_by(Figure.id)
    )
    for containing, part in connection.execute(parts):
        contains[str(containing)].append(part)
    episodes = {event["part_of"] for event in events.values()} - {None}
    titles = dict(connection.execute(select(Event.id, Event.title).where(Event.id.in_(episodes))).all())
    surroundings.fetch(events.values())
    return [_gathered(event, surroundings, contains, titles) for _id, event in sorted(events.items())]


def at_hand(events: Sequence[Record], around: Around) -> list[Gathered]:
    """The same for events that were just written and are part of no episode, from the records themselves."""
    gathered = []
    for event in events:
        contains: dict[str, list[str]] = defaultdict(list)
        for figure in event["figures"]:
            if figure["part_of"] is not None:
                contains[figure["part_of"]].append(figure["id"])
        for parts in contains.values():
            parts.sort()
        gathered.append(_gathered(event, around, contains, {}))
    return gathered


def _gathered(event: Record, around: Around, contains: Mapping[str, list[str]], titles: Mapping[str, str]) -> Gathered:
    figures = [
        {
            **figure,
            "dataset": figure["dataset_id"],
            "event_title": event["title"],
            "place": around.place(figure),
            "contains": contains.get(figure["id"], []),
            "claims": [_claim(claim) for claim in figure["claims"]],
        }
        for figure in event["figures"]
    ]
    parties = [(around.parties[part["group_id"]], part) for part in event["groups"]]
    source = {
        **event,
        "dataset": event["dataset_id"],
        "place": around.place(event),
        "part_of_title": titles.get(event["part_of"]),
        "groups": [{**party.shown, "role": part["role"], "certainty": part["certainty"]} for party, part in parties],
        "figures": [EVENT_FIGURE.record(figure) for figure in figures],
        "reports": [_report(report) for report in event["reports"]],
    }
    own_words = set(words(event["title"] if event["summary"] is None else f"{event['title']} {event['summary']}"))
    found = own_words.union(around.sites[event["location_id"]].words, *(party.words for party, _part in parties))
    return Gathered(source, figures, " ".join(sorted(found)))


def _report(row: Mapping[str, Any]) -> Record:
    return {
        "document": row["document_id"],
        "claimant": row["claimant"],
        "chain": row["chain"],
        "verification": row["verification"],
        "spans": row["spans"],
    }


def _claim(row: Mapping[str, Any]) -> Record:
    return {
        "document": row["document_id"],
        "claimant": row["claimant"],
        "chain": row["chain"],
        "qualifier": row["qualifier"],
        "low": row["low"],
        "best": row["best"],
        "high": row["high"],
        "verification": row["verification"],
        "preferred": row["is_preferred"],
        "spans": row["spans"],
    }
