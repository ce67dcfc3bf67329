"""Buffers source records and writes them in batches, what others refer to first, and has new events rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Connection, MetaData, Table, bindparam, select, update

from api.domain.corroboration import named_outlet
from api.domain.names import spaced_stems
from api.load import rerendering
from api.load.location_levels import with_levels
from api.load.names_and_relations import add_names, put_names
from api.load.new_events import NewEventWriter
from api.load.record_writer import BroughtTwice, RecordWriter
from api.load.result import LEFT_TO_NEWER_RELEASE
from api.load.source import LoadRefused
from api.store.batches import BATCH, batches
from api.store.bulk import insert_many
from api.store.groups_and_places import MOST_KNOWN
from api.store.models import GroupName, LocationName
from api.store.models.base import Text
from api.store.record_types import (
    DOCUMENT_RECORD,
    EVENT_RECORD,
    FIGURE_RECORD,
    GROUP_RECORD,
    LOCATION_RECORD,
    Record,
    RecordType,
    number_figures,
    table_of,
)

# Told what is being done, and how many records more are done.
Progress = Callable[[str, int], None]

# The records that this load has brought; empty in a first load, which has brought all that its dataset has. Temporary: each
# load has its own.
BROUGHT = Table(
    "brought_record",
    MetaData(),
    Column("record_type", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)


def _with_words(document: Record, dataset_id: str) -> Record:
    """A document with the words that it is found by."""
    told = " ".join([document["title"] or "", named_outlet(document["outlet"]) or "", *document["agencies"]])
    return {**document, "dataset_id": dataset_id, "words": spaced_stems(told)}


# What is written before what, where records of several types wait.
_ORDER = {
    record_type.name: record_type for record_type in (LOCATION_RECORD, DOCUMENT_RECORD, GROUP_RECORD, EVENT_RECORD)
}


class Ingest:
    """Buffers records until there is a batch of one type, and writes what they may refer to first."""

    def __init__(self, record_writer: RecordWriter, new_event_writer: NewEventWriter, progress: Progress) -> None:
        self.record_writer = record_writer
        self.progress = progress
        self.waiting: dict[str, list[Record]] = {name: [] for name in _ORDER}
        self.with_levels: dict[str, Record] = {}
        self.events = _EventWriter(record_writer, new_event_writer)

    def take(self, record_type: str, record: Record) -> None:
        """Takes one record in."""
        listed = self.waiting[record_type]
        listed.append(record)
        if len(listed) == BATCH:
            self._write(up_to=record_type)

    def put_names(self, names: Mapping[str, Mapping[str, Sequence[Record]]]) -> None:
        """Writes names of places and groups, by record type and id, before the events that show them."""
        self._write(up_to=GROUP_RECORD.name)
        for record_type, model in ((LOCATION_RECORD, LocationName), (GROUP_RECORD, GroupName)):
            put_names(self.record_writer, record_type, table_of(model), names[record_type.name], removes_missing=False)
        rerendering.note_showing_changed(self.record_writer)

    def finish(self) -> None:
        """Writes what still waits."""
        self._write(up_to=EVENT_RECORD.name)
        self.events.finish()

    def _write(self, up_to: str) -> None:
        for name, record_type in _ORDER.items():
            listed, self.waiting[name] = self.waiting[name], []
            if listed:
                self._put(record_type, listed)
                self.progress(f"{name}s", len(listed))
            if name == up_to:
                return

    def _put(self, record_type: RecordType, records: list[Record]) -> None:
        record_writer = self.record_writer
        if record_writer.newer:
            records = _without_newer(record_writer, record_type, records)
        _note_brought(record_writer, record_type, [record["id"] for record in records])
        if record_type is EVENT_RECORD:
            self.events.put(records)
        elif record_type is LOCATION_RECORD:
            if len(self.with_levels) > MOST_KNOWN:
                self.with_levels.clear()
            found = record_writer.put(
                record_type,
                list(with_levels(record_writer.connection, records, record_writer.dataset_id, self.with_levels)),
            )
            add_names(record_writer, record_type, table_of(LocationName), found.created)
        elif record_type is DOCUMENT_RECORD:
            record_writer.put(record_type, [_with_words(record, record_writer.dataset_id) for record in records])
            self.events.new_event_writer.groups_and_places.note_outlets(records)
        else:
            found = record_writer.put(
                record_type, [{**record, "dataset_id": record_writer.dataset_id} for record in records]
            )
            add_names(record_writer, record_type, table_of(GroupName), found.created)


class _EventWriter:
    """Writes events with their figures."""

    def __init__(self, record_writer: RecordWriter, new_event_writer: NewEventWriter) -> None:
        self.record_writer = record_writer
        self.new_event_writer = new_event_writer
        # Figures that their event no longer brings. A later event may still bring them as its own.
        self.gone: set[str] = set()
        # Figures that something in another event is part of; they may come later than their parts.
        self.wholes: set[str] = set()

    def put(self, batch: list[Record]) -> None:
        """Writes these events and their figures."""
        self.new_event_writer.groups_and_places.fetch(batch)
        _complete_events(self.record_writer, batch, self.new_event_writer.groups_and_places.places)
        figures = [figure for event in batch for figure in event["figures"]]
        _note_brought(self.record_writer, FIGURE_RECORD, [figure["id"] for figure in figures])
        for event in batch:
            own = {figure["id"] for figure in event["figures"]}
            self.wholes |= {figure["part_of"] for figure in event["figures"]} - own - {None}
        new = self._new(batch)
        self.new_event_writer.put(new)
        if len(new) < len(batch):
            ids = {event["id"] for event in new}
            self._compare([event for event in batch if event["id"] not in ids])

    def _new(self, batch: list[Record]) -> list[Record]:
        """Those of these events that are new, with all of their figures, and of which all that they show is known.

        In a first load all are: one that comes twice is refused as it is written.
        """
        groups = self.new_event_writer.groups_and_places.groups
        found = [
            event
            for event in batch
            if event["part_of"] is None and all(part["group_id"] in groups for part in event["groups"])
        ]
        if found and not self.record_writer.is_first_load:
            events = self.record_writer.existing(EVENT_RECORD, [event["id"] for event in found])
            found = [event for event in found if event["id"] not in events]
            figures = self.record_writer.existing(
                FIGURE_RECORD, [figure["id"] for event in found for figure in event["figures"]]
            )
            found = [event for event in found if not any(figure["id"] in figures for figure in event["figures"])]
        return found

    def _compare(self, batch: list[Record]) -> None:
        """Writes these events and their figures, of which the database may have some; their bytes are made later."""
        record_writer, connection = self.record_writer, self.record_writer.connection
        figures = [figure for event in batch for figure in event["figures"]]
        events, brought = {event["id"] for event in batch}, {figure["id"] for figure in figures}
        written = record_writer.put(EVENT_RECORD, batch)
        number_figures(batch)
        numbers = [event["number"] for event in batch]
        existing = {} if record_writer.is_first_load else existing_figures(connection, numbers, sorted(brought))
        changed = record_writer.put(FIGURE_RECORD, figures)
        missing = {identity for identity, was in existing.items() if was.event_id in events} - brought
        self.gone = (self.gone | missing) - brought
        left = [existing[identity] for identity in missing | changed.ids() & existing.keys()]
        moved = [
            figure
            for figure in figures
            if figure["id"] in existing and existing[figure["id"]].position != figure["position"]
        ]
        _write_positions(connection, moved)
        changed_events = written.ids() | {figure["event_id"] for listed in (*changed, moved) for figure in listed}
        rerendering.note_stale(connection, changed_events | {was.event_id for was in left})
        rerendering.note_wholes_stale(connection, {was.part_of for was in left if was.part_of is not None})

    def finish(self) -> None:
        """Stores what is being rendered, and withdraws the figures that no event brought any more."""
        self.new_event_writer.finish()
        self.record_writer.remove(FIGURE_RECORD, sorted(self.gone), "no longer in its dataset")
        rerendering.note_wholes_stale(self.record_writer.connection, self.wholes)


def _complete_events(record_writer: RecordWriter, batch: Sequence[Record], places: Collection[str]) -> None:
    """Adds to each event and figure whose it is, and to figures their place in the event. Errors: LoadRefused,
    where one lies in none of these places."""
    for event in batch:
        for position, figure in enumerate(event["figures"]):
            figure.update(event_id=event["id"], position=position)
        for record_type, record in ((EVENT_RECORD, event), *((FIGURE_RECORD, figure) for figure in event["figures"])):
            if record["location_id"] not in places:
                raise LoadRefused(
                    f"there is no location '{record['location_id']}' for the {record_type.name} '{record['id']}'"
                )
            record["dataset_id"] = record_writer.dataset_id
        event["release"] = record_writer.release


def _write_positions(connection: Connection, figures: Sequence[Record]) -> None:
    """Writes the positions of these figures in their events."""
    table = FIGURE_RECORD.table
    statement = update(table).where(table.c.id == bindparam("id_")).values(position=bindparam("position_"))
    if figures:
        connection.execute(statement, [{f"{name}_": figure[name] for name in ("id", "position")} for figure in figures])


class ExistingFigure(NamedTuple):
    """A figure as the load found it: of which event, at which position in it, part of which figure."""

    event_id: str
    position: int
    part_of: str | None


def existing_figures(
    connection: Connection, events: Sequence[int], figures: Sequence[str]
) -> dict[str, ExistingFigure]:
    """The figures that the database has of the events of these numbers, and these figures, whichever events they are of."""
    table = FIGURE_RECORD.table
    found: dict[str, ExistingFigure] = {}
    for column, keys in ((table.c.event_number, events), (table.c.id, figures)):
        for some in batches(keys):
            rows = connection.execute(
                select(table.c.id, table.c.event_id, table.c.position, table.c.part_of).where(column.in_(some))
            )
            found |= {row.id: ExistingFigure(row.event_id, row.position, row.part_of) for row in rows}
    return found


def _without_newer(record_writer: RecordWriter, record_type: RecordType, records: list[Record]) -> list[Record]:
    """Those of these records that may be written though a newer release stands: events that it does not have, and of other records those
    that the dataset does not have yet."""
    ids = [record["id"] for record in records]
    if record_type is EVENT_RECORD:
        table = record_type.table
        held = {
            identity
            for batch in batches(ids)
            for identity in record_writer.connection.scalars(
                select(table.c.id).where(table.c.id.in_(batch), table.c.release.in_(record_writer.newer))
            )
        }
        record_writer.result.note(EVENT_RECORD.name, LEFT_TO_NEWER_RELEASE, *sorted(held))
    else:
        held = {
            identity
            for identity, existing in record_writer.existing(record_type, ids).items()
            if existing.dataset_id == record_writer.dataset_id
        }
    return [record for record in records if record["id"] not in held]


def _note_brought(record_writer: RecordWriter, record_type: RecordType, ids: Sequence[str]) -> None:
    """Notes that this load brings these records. Errors: BroughtTwice.

    In a first load whatever the dataset has came with it, so nothing is noted (see RecordWriter.put).
    """
    twice = {identity for identity, times in Counter(ids).items() if times > 1}
    if not record_writer.is_first_load:
        of_type = select(BROUGHT.c.id).where(BROUGHT.c.record_type == record_type.name)
        for some in batches(ids):
            twice.update(record_writer.connection.scalars(of_type.where(BROUGHT.c.id.in_(some))))
    if twice:
        raise BroughtTwice(record_type.name, twice)
    if not record_writer.is_first_load:
        insert_many(
            record_writer.connection, BROUGHT, [{"record_type": record_type.name, "id": identity} for identity in ids]
        )
