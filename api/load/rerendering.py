"""Renders stored events again whose bytes or words a load has changed.

Works on whole batches of events, each with a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import aliased

from api.load.event_details import EventDetails, stored_details
from api.load.history import IndirectChange, differing_keys
from api.load.inserts import write
from api.load.location_levels import places_below
from api.load.new_events import stored_row
from api.load.record_writer import RecordWriter
from api.load.rendition_writer import RenditionWriter
from api.records.events import EVENT_SHAPE
from api.records.figures import FIGURE_SHAPE
from api.records.renditions import render
from api.store.batches import batches
from api.store.groups_and_places import GroupsAndPlacesReader
from api.store.models import Claim, Event, EventRendition, EventWords, Figure, FigureRendition, Location, Participation
from api.store.record_types import table_of
from api.store.stored_bytes import decompressed, dictionaries_of

# Events that are rendered together; a few megabytes of rows at the most.
BATCH = 500
# Events whose bytes may no longer be true. Temporary: each load has its own, gone with its transaction.
_stale = Table(
    "stale_event",
    MetaData(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)


# --- What a load made stale --------------------------------------------------------------------------------------


def create_stale_table(connection: Connection) -> None:
    """Creates the temporary table that the numbers of stale events are written to, empty."""
    _stale.metadata.drop_all(connection)
    _stale.metadata.create_all(connection)


def note_stale(connection: Connection, ids: Collection[str]) -> None:
    """Marks these events; each id once, however often it is given."""
    _add(connection, ids, lambda batch: select(Event.number).where(Event.id.in_(batch)))


def note_wholes_stale(connection: Connection, figures: Collection[str]) -> None:
    """Marks the events of these figures, which something becomes, or ceases to be, part of."""
    _add(connection, figures, lambda batch: select(Figure.event_number).where(Figure.id.in_(batch)))


def note_all_stale(connection: Connection, dataset_id: str) -> None:
    """Marks a dataset's every event, for when other code loaded it."""
    _insert(connection, select(Event.number).where(Event.dataset_id == dataset_id))


def note_showing_changed(record_writer: RecordWriter) -> None:
    """Marks the events that stand now and show a group, place or outlet that changed."""
    connection = record_writer.connection
    groups, inside = (
        record_writer.changed.pop("group", ()),
        _lying_in(connection, record_writer.changed.pop("location", ())),
    )
    documents = record_writer.changed.pop("document", ())
    for column, where, ids in (
        (Participation.event_number, Participation.group_id, groups),
        (Event.number, Event.location_id, inside),
        (Figure.event_number, Figure.location_id, inside),
        (Claim.event_number, Claim.document_id, documents),
    ):
        _add(connection, ids, lambda some, column=column, where=where: select(column).where(where.in_(some)))  # type: ignore[misc]


def note_dependents_stale(connection: Connection, record_writer: RecordWriter) -> None:
    """Marks the events that show something of an event, figure, group, place or document that changed."""
    # An event shows the title of the episode that it is part of.
    episodes = select(Event.id).join(_stale, _stale.c.number == Event.number)
    _insert(connection, select(Event.number).where(Event.part_of.in_(episodes)))
    note_showing_changed(record_writer)
    # A figure shows what it contains, which may be another event's.
    part, whole = aliased(Figure), aliased(Figure)
    for shown, changed in ((whole, part), (part, whole)):
        dependents = (
            select(shown.event_number)
            .join(changed, and_(part.part_of == whole.id, part.event_number != whole.event_number))
            .where(changed.event_number.in_(select(_stale.c.number)))
        )
        _insert(connection, dependents)


def _lying_in(connection: Connection, places: Collection[str]) -> set[str]:
    """These places, and all that lie in them: below them, or in a country by its code."""
    found = set(places)
    for codes in batches(sorted({identity.upper() for identity in places})):
        found.update(connection.scalars(select(Location.id).where(Location.country.in_(codes))))
    return found | places_below(connection, found)


def _add(connection: Connection, ids: Collection[str], find: Callable[[Sequence[str]], Any]) -> None:
    for some in batches(sorted(ids)):
        _insert(connection, find(some))


def _insert(connection: Connection, found: Any) -> None:
    wanted = found.subquery()
    column = next(iter(wanted.c))
    fresh = select(column).where(column.not_in(select(_stale.c.number))).distinct()
    connection.execute(insert(_stale).from_select(["number"], fresh))


def _batches(connection: Connection) -> Iterator[list[int]]:
    last = 0
    while True:
        numbers = connection.scalars(
            select(_stale.c.number).where(_stale.c.number > last).order_by(_stale.c.number).limit(BATCH)
        ).all()
        if not numbers:
            return
        yield list(numbers)
        last = numbers[-1]


# --- Rendering ---------------------------------------------------------------------------------------------------


def render_stale(connection: Connection, record_writer: RecordWriter, progress: Callable[[int], None]) -> None:
    """Makes words and renditions of all stale events again; those that come out the same are left as they are.

    An event or figure whose bytes come out different has changed for its readers, whichever record the change was
    made in, so its `updated_at` is now.
    """
    reader, rendition_writer = (
        GroupsAndPlacesReader(connection),
        RenditionWriter(connection, record_writer.terms.least_samples),
    )
    for numbers in _batches(connection):
        _rerender(record_writer, stored_details(connection, numbers, reader), rendition_writer)
        progress(len(numbers))
    _stale.metadata.drop_all(connection)


def _rerender(record_writer: RecordWriter, details: Sequence[EventDetails], rendition_writer: RenditionWriter) -> None:
    connection, at = record_writer.connection, record_writer.at
    numbers = [found.event["number"] for found in details]
    events = _standing_json(
        connection, select(EventRendition.number, EventRendition.json), EventRendition.number.in_(numbers)
    )
    of_figures = select(FigureRendition.number, FigureRendition.json).join(
        Figure, Figure.number == FigureRendition.number
    )
    figures = _standing_json(connection, of_figures, Figure.event_number.in_(numbers))
    statement = select(EventWords.number, EventWords.words).where(EventWords.number.in_(numbers))
    standing_words = dict(connection.execute(statement).all())
    changed_events = _changed_bytes(Event, [found.event for found in details], events, at)
    changed_figures = _changed_bytes(Figure, [figure for found in details for figure in found.figures], figures, at)
    reworded = [found for found in details if standing_words.get(found.event["number"]) != found.words]
    again = [record for record, _made in (*changed_events, *changed_figures)] + [found.event for found in reworded]
    record_writer.changed_datasets.update(record["dataset_id"] for record in again)
    words = [stored_row(found.event, {"words": found.words}) for found in reworded]
    for model, changed, standing in ((Event, changed_events, events), (Figure, changed_figures, figures)):
        record_writer.history.write_indirect(model.__tablename__, _reading_otherwise(changed, standing, at))
        outdated = [record["id"] for record, _made in changed if record["updated_at"] != at]
        if outdated:
            connection.execute(update(model).where(model.id.in_(outdated)).values(updated_at=at))
    _delete(connection, EventRendition.number, [record["number"] for record, _made in changed_events])
    _delete(connection, FigureRendition.number, [record["number"] for record, _made in changed_figures])
    _delete(connection, EventWords.number, [row["number"] for row in words])
    rendition_writer.put(Event, [stored_row(record, {"json": rendered}) for record, rendered in changed_events])
    rendition_writer.put(Figure, [stored_row(record, {"json": rendered}) for record, rendered in changed_figures])
    write(connection, insert(table_of(EventWords)), words)


def _standing_json(connection: Connection, frames: Select[int, bytes], where: ColumnElement[bool]) -> dict[int, bytes]:
    """The JSON that stands for these records, as it is stored, by their numbers: an event's without its release."""
    found: dict[int, bytes] = dict(connection.execute(frames.where(where)).all())
    return dict(zip(found, decompressed(found.values(), dictionaries_of(connection)), strict=True))


def _changed_bytes(
    model: type[Event | Figure], sources: Sequence[Mapping[str, Any]], existing: Mapping[int, bytes], at: datetime
) -> list[tuple[Mapping[str, Any], bytes]]:
    """The records whose bytes differ from what stands, with bytes that say that they changed now."""
    shape = EVENT_SHAPE if model is Event else FIGURE_SHAPE
    changed = [
        record
        for record, rendered in zip(sources, render(shape, sources), strict=True)
        if existing.get(record["number"]) != rendered
    ]
    made_now = render(shape, [{**record, "updated_at": at} for record in changed])
    return list(zip(changed, made_now, strict=True))


def _reading_otherwise(
    changed: Sequence[tuple[Mapping[str, Any], bytes]], existing: Mapping[int, bytes], at: datetime
) -> list[IndirectChange]:
    """Those of these records that had bytes before, with the keys in which they differ now."""
    return [
        IndirectChange(
            record["id"],
            record["dataset_id"],
            differing_keys(existing[record["number"]], made),
            is_recoded=record["updated_at"] == at,
        )
        for record, made in changed
        if record["number"] in existing
    ]


def _delete(connection: Connection, column: Any, numbers: Sequence[int]) -> None:
    if numbers:
        connection.execute(delete(column.class_).where(column.in_(numbers)))
