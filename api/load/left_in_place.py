"""Leaves events in place that a release holds and that could not be read from it, with all that they use."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from api.load.ingest import BROUGHT
from api.load.record_writer import RecordWriter
from api.store.batches import batches
from api.store.models import Claim, Event, Figure, Location, Participation, Report
from api.store.record_types import DOCUMENT_RECORD, EVENT_RECORD, GROUP_RECORD, LOCATION_RECORD, RecordType


def leave_events_in_place(record_writer: RecordWriter, ids: Collection[str]) -> None:
    """Notes that these events stay, as far as they stand, with their groups, documents and places."""
    found = record_writer.existing(EVENT_RECORD, sorted(set(ids)))
    numbers = [row.number for row in found.values() if row.dataset_id == record_writer.dataset_id]
    places: set[str] = set()
    for some in batches(numbers):
        figures = Figure.event_number.in_(some)
        _note(record_writer, EVENT_RECORD, select(Event.id).where(Event.number.in_(some)))
        _note(record_writer, GROUP_RECORD, select(Participation.group_id).where(Participation.event_number.in_(some)))
        _note(record_writer, DOCUMENT_RECORD, select(Report.document_id).where(Report.event_number.in_(some)))
        of_figures = select(Claim.document_id).join(Figure, Figure.number == Claim.figure_number)
        _note(record_writer, DOCUMENT_RECORD, of_figures.where(figures))
        for used in (
            select(Event.location_id).where(Event.number.in_(some)),
            select(Figure.location_id).where(figures),
        ):
            places |= _note(record_writer, LOCATION_RECORD, used)
    while places:
        above = select(Location.parent_id).where(Location.parent_id.is_not(None))
        outer: set[str] = set()
        for some_ids in batches(sorted(places)):
            outer |= _note(record_writer, LOCATION_RECORD, above.where(Location.id.in_(some_ids)))
        places = outer


def _note(record_writer: RecordWriter, record_type: RecordType, used: Select[Any]) -> set[str]:
    """Notes those of these records that this load did not bring; returns all of them."""
    connection = record_writer.connection
    ids = set(connection.scalars(used.distinct()))
    of_type = select(BROUGHT.c.id).where(BROUGHT.c.record_type == record_type.name)
    brought = {
        identity
        for some in batches(sorted(ids))
        for identity in connection.scalars(of_type.where(BROUGHT.c.id.in_(some)))
    }
    record_writer.left_in_place[record_type.name] |= ids - brought
    return ids
