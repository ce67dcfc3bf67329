"""Withdraws what a load did not bring, and lists what it did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, select

from api.load import rerendering
from api.load.ingest import BROUGHT, existing_figures
from api.load.integrity import unused_by_anyone, used_by_others
from api.load.record_writer import RecordWriter
from api.store.batches import batches
from api.store.record_types import (
    DOCUMENT_RECORD,
    EVENT_RECORD,
    FIGURE_RECORD,
    GROUP_RECORD,
    LOCATION_RECORD,
    RecordType,
)


def withdraw_not_brought(record_writer: RecordWriter, *, keeps_used: bool) -> None:
    """Withdraws the dataset's records that this load did not bring, dependants first.

    With `keeps_used`, those that another dataset uses stay until it does not; else the load is refused.
    """
    connection = record_writer.connection
    for record_type in (EVENT_RECORD, GROUP_RECORD, DOCUMENT_RECORD, LOCATION_RECORD):
        table = record_type.table
        not_brought = (table.c.dataset_id == record_writer.dataset_id, table.c.id.not_in(ids_brought(record_type)))
        left = record_writer.left_in_place[record_type.name]
        gone = [
            identity
            for identity in connection.scalars(select(table.c.id).where(*not_brought).order_by(table.c.id))
            if identity not in left
        ]
        if record_type is EVENT_RECORD:
            _refuse_too_many(record_writer, gone)
            withdraw_events(record_writer, gone, "no longer in its dataset")
            continue
        if keeps_used:
            record_writer.keep_used(record_type, used_by_others(connection, table, gone, record_writer.dataset_id))
            gone = [identity for identity in gone if identity not in left]
        record_writer.remove(record_type, gone, "no longer in its dataset")


def withdraw_replaced(record_writer: RecordWriter, replaced: Collection[str]) -> None:
    """Withdraws the events that this load did not bring and that are of a release which it replaces, and what nothing uses
    any more then: other releases stay, and their documents, groups and places are not this one's to bring."""
    connection, event = record_writer.connection, EVENT_RECORD.table
    own = (event.c.dataset_id == record_writer.dataset_id, event.c.release.in_(replaced))
    not_brought = select(event.c.id).where(*own, event.c.id.not_in(ids_brought(EVENT_RECORD))).order_by(event.c.id)
    left = record_writer.left_in_place[EVENT_RECORD.name]
    gone = [identity for identity in connection.scalars(not_brought) if identity not in left]
    _refuse_too_many(record_writer, gone)
    withdraw_events(record_writer, gone, "no longer in its dataset")
    for record_type in (GROUP_RECORD, DOCUMENT_RECORD, LOCATION_RECORD) if gone else ():
        unused = unused_by_anyone(
            connection, record_type.table, record_writer.dataset_id, but_for=ids_brought(record_type)
        )
        record_writer.remove(record_type, unused, "no longer in its dataset")


def _refuse_too_many(record_writer: RecordWriter, gone: Collection[str]) -> None:
    """Errors: LoadRefused, where the source does not let so many events go."""
    if record_writer.refuse_withdrawing is not None:
        record_writer.refuse_withdrawing(len(gone))


def ids_brought(record_type: RecordType) -> Select[Any]:
    """The ids of the records of a type that this load has brought; none in a first load, which has brought all there is."""
    return select(BROUGHT.c.id).where(BROUGHT.c.record_type == record_type.name)


def withdraw_events(record_writer: RecordWriter, ids: Sequence[str], reason: str) -> None:
    """Withdraws events with their figures."""
    connection = record_writer.connection
    numbers = [row.number for row in record_writer.existing(EVENT_RECORD, ids).values()]
    for some in batches(numbers):
        figures = existing_figures(connection, some, ())
        rerendering.note_wholes_stale(connection, {was.part_of for was in figures.values() if was.part_of})
        record_writer.remove(FIGURE_RECORD, sorted(figures), "its event was withdrawn")
    record_writer.remove(EVENT_RECORD, ids, reason)
