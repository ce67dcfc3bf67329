"""A record as the bytes that are served, made once when it is loaded. Knows no request.

What hangs on an event is gathered for many events at once, so that the number of queries does not grow with them.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, select

from api.declare import Shape
from api.models import (
    DRAWN_PRECISIONS,
    LEVELS,
    UNDRAWN_LEVELS,
    Claim,
    Event,
    Figure,
    Group,
    GroupName,
    Location,
    LocationName,
    Participation,
    Report,
)
from api.names import words
from api.shapes import EVENT, EVENT_FIGURE, FIGURE

# A cell that begins like this would be run as a formula by a spreadsheet; an apostrophe makes it text again.
_RUNS_IN_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


class Rendition(NamedTuple):
    """One record in each stored form."""

    json: bytes
    csv: bytes
    geojson: bytes


def json_bytes(value: object) -> bytes:
    """A value as JSON; dates as ISO text."""
    return orjson.dumps(value)


def cell(value: object) -> str:
    """A value as one CSV cell: null is empty, and text is defused where a spreadsheet would run it."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_RUNS_IN_SPREADSHEETS):
        return f"'{value}"
    return str(value)


def csv_line(cells: Sequence[object]) -> bytes:
    """One CSV line as RFC 4180 has it, ended by CR LF."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value) for value in cells])
    return buffer.getvalue().encode()


def geometry(longitude: float | None, latitude: float | None, is_drawn: bool) -> dict[str, Any] | None:
    """The point of a record as GeoJSON; null where its place is known no better than its state or region."""
    if longitude is None or latitude is None or not is_drawn:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def feature(identity: str, point: Mapping[str, Any] | None, header: Sequence[str], cells: Sequence[Any]) -> bytes:
    """One GeoJSON feature; its properties are the flat columns."""
    properties = dict(zip(header, cells, strict=True))
    return json_bytes({"type": "Feature", "id": identity, "geometry": point, "properties": properties})


def render(shape: Shape, source: Mapping[str, Any]) -> Rendition:
    """One event or figure in each stored form."""
    record = shape.record(source)
    cells = shape.flat(source, record)
    place = source["place"]
    point = geometry(place["longitude"], place["latitude"], place["precision"] in DRAWN_PRECISIONS)
    return Rendition(json_bytes(record), csv_line(cells), feature(source["id"], point, shape.header, cells))


def is_drawn(location: Mapping[str, Any]) -> bool:
    """Whether a listed location has a point on a map."""
    return location["level"] not in UNDRAWN_LEVELS


# --- Gathering ---------------------------------------------------------------------------------------------------


@dataclass
class Gazetteer:
    """The places met so far, with their paths and names; fetched once for each load."""

    connection: Connection
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def fetch(self, ids: set[str]) -> None:
        """Makes these places and all above them known."""
        table = Location.__table__
        wanted = ids - self.rows.keys()
        while wanted:
            found = self.connection.execute(select(table).where(Location.id.in_(wanted))).mappings().all()
            above: set[str] = set()
            for row in found:
                self.rows[row["id"]] = dict(row)
                above.update(self.above(self.rows[row["id"]]))
            named = select(LocationName.location_id, LocationName.name).where(
                LocationName.location_id.in_(wanted), LocationName.rank >= 2
            )
            for identity, name in self.connection.execute(named):
                self.names[identity].append(name)
            wanted = above - self.rows.keys()

    @staticmethod
    def above(row: Mapping[str, Any]) -> list[str]:
        """The ids from the country down to the place itself."""
        ids = [row[level] for level in LEVELS]
        if ids[0] is not None:
            # The column of countries holds their code; a country's id is its code in lower case.
            ids[0] = ids[0].lower()
        return [identity for identity in ids if identity is not None]

    def path(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """From the country down to the place itself."""
        return [
            {"id": identity, "name": self.rows[identity]["name"], "level": self.rows[identity]["level"]}
            for identity in self.above(row)
        ]

    def place(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The `location` of an event or figure: its place, with the record's own point where it has one."""
        row = self.rows[record["location_id"]]
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
            "path": self.path(row),
        }


@dataclass(frozen=True, slots=True)
class Gathered:
    """An event with all that hangs on it, and the same for each of its figures."""

    event: Mapping[str, Any]
    figures: Sequence[Mapping[str, Any]]
    words: str

    def renditions(self) -> tuple[Rendition, list[Rendition]]:
        return render(EVENT, self.event), [render(FIGURE, figure) for figure in self.figures]


def _children(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of a table that hang on these events, in their order, by event."""
    statement = (
        select(table)
        .where(table.c.event_id.in_(ids))
        .order_by(table.c.event_id, table.c.position, *table.primary_key.columns)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        found[row["event_id"]].append(dict(row))
    return found


def gather(connection: Connection, ids: Sequence[str], gazetteer: Gazetteer) -> list[Gathered]:
    """These events with all that their bytes show."""
    event_table, figure_table = Event.__table__, Figure.__table__
    assert isinstance(figure_table, Table)
    listed_events = select(event_table).where(Event.id.in_(ids)).order_by(Event.id)
    events = [dict(row) for row in connection.execute(listed_events).mappings()]
    reports = _children(connection, Report.__table__, ids)  # type: ignore[arg-type]  # declared tables are tables
    claims: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for listed in _children(connection, Claim.__table__, ids).values():  # type: ignore[arg-type]  # as above
        for claim in listed:
            claims[claim["figure_id"]].append(claim)
    figures = _children(connection, figure_table, ids)
    groups = _participants(connection, ids)
    figure_ids = [figure["id"] for listed in figures.values() for figure in listed]
    contains: dict[str, list[str]] = defaultdict(list)
    parts = select(Figure.part_of, Figure.id).where(Figure.part_of.in_(figure_ids)).order_by(Figure.id)
    for whole, part in connection.execute(parts):
        contains[str(whole)].append(part)
    titles = dict(
        connection.execute(
            select(Event.id, Event.title).where(Event.id.in_({row["part_of"] for row in events if row["part_of"]}))
        ).all()
    )
    gazetteer.fetch(
        {row["location_id"] for row in events}
        | {figure["location_id"] for listed in figures.values() for figure in listed}
    )
    gathered = []
    for row in events:
        own_figures = [
            _figure(figure, row["title"], contains[figure["id"]], claims[figure["id"]], gazetteer)
            for figure in figures[row["id"]]
        ]
        place = gazetteer.place(row)
        source = {
            **row,
            "dataset": row["dataset_id"],
            "place": place,
            "part_of_title": titles.get(row["part_of"]),
            "groups": [participant.shown for participant in groups[row["id"]]],
            "figure_rows": own_figures,
            "figures": [EVENT_FIGURE.record(figure) for figure in own_figures],
            "reports": [_report(report) for report in reports[row["id"]]],
        }
        named = [name for participant in groups[row["id"]] for name in participant.names]
        named += [name for step in place["path"] for name in gazetteer.names[step["id"]]]
        text = " ".join([row["title"], row["summary"] or "", *named])
        gathered.append(Gathered(source, own_figures, " ".join(sorted(set(words(text))))))
    return gathered


class _Participant(NamedTuple):
    shown: dict[str, Any]
    names: list[str]


def _participants(connection: Connection, ids: Sequence[str]) -> dict[str, list[_Participant]]:
    rows = connection.execute(
        select(Participation.event_id, Group.id, Group.name, Group.acronym, Participation.role, Participation.certainty)
        .join(Group, Group.id == Participation.group_id)
        .where(Participation.event_id.in_(ids))
        .order_by(Participation.event_id, Participation.position)
    ).mappings()
    found: dict[str, list[_Participant]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    listed = rows.all()
    named = select(GroupName.group_id, GroupName.name).where(
        GroupName.group_id.in_({row["id"] for row in listed}), GroupName.rank >= 1
    )
    for identity, name in connection.execute(named):
        names[identity].append(name)
    for row in listed:
        shown = {key: row[key] for key in ("id", "name", "acronym", "role", "certainty")}
        found[row["event_id"]].append(_Participant(shown, names[row["id"]]))
    return found


def _report(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document": row["document_id"],
        "claimant": row["claimant"],
        "chain": row["chain"],
        "verification": row["verification"],
        "spans": row["spans"],
    }


def _claim(row: Mapping[str, Any]) -> dict[str, Any]:
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


def _figure(
    row: Mapping[str, Any],
    event_title: str,
    contains: list[str],
    claims: Sequence[Mapping[str, Any]],
    gazetteer: Gazetteer,
) -> dict[str, Any]:
    return {
        **row,
        "dataset": row["dataset_id"],
        "event_title": event_title,
        "place": gazetteer.place(row),
        "contains": contains,
        "claims": [_claim(claim) for claim in claims],
    }
