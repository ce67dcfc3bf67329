"""Writes new events of a load with all that is stored of them; their rows and bytes are made in a second process once
there are many.

To make them takes as long as all else that a load does, and needs nothing but the records and what they name.
"""

from __future__ import annotations

import logging
import os
import pickle
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import delete, insert
from zstandard import ZstdCompressor

from api.load.event_details import details_of_records, renditions
from api.load.inserts import savepoint, write
from api.load.record_writer import RecordWriter
from api.load.rendition_writer import RenditionWriter, prepared_renditions, with_compressed_json
from api.store.bulk import Prepared, insert_prepared, prepared
from api.store.groups_and_places import GroupsAndPlaces, GroupsAndPlacesReader
from api.store.models import Event, EventWords, Figure
from api.store.record_types import (
    EVENT_RECORD,
    FIGURE_RECORD,
    Record,
    child_rows,
    fingerprint,
    number_figures,
    table_of,
)
from api.store.stored_bytes import Model

log = logging.getLogger(__name__)

# How many batches may be on their way to the second process and back: one that it works on, and one for each side.
_MOST_WAITING = 3


class RenditionRows(NamedTuple):
    """What is stored of some events beside their rows: the rows of each table."""

    events: list[Record]
    figures: list[Record]
    words: list[Record]


class PreparedEvents(NamedTuple):
    """All that is stored of some events: rows that are ready to be written, and what is yet to be compressed; null where it
    stands among the rows, compressed."""

    rows: list[Prepared]
    rendered: RenditionRows | None


class Batch(NamedTuple):
    """New events with their numbers, as they are sent to the second process: in JSON, since to pickle them would take
    five times as long."""

    events: bytes
    # The `updated_at` of all of them; not in the JSON, since what renders it needs a datetime.
    at: datetime
    groups_and_places: GroupsAndPlaces

    @classmethod
    def of(cls, events: Sequence[Record], at: datetime, groups_and_places: GroupsAndPlaces) -> Batch:
        """These events, with what they name."""
        return cls(orjson.dumps(events), at, groups_and_places.of(events))

    def read(self) -> list[Record]:
        """The same events with what follows from them."""
        events: list[Record] = orjson.loads(self.events)
        number_figures(events)
        for event in events:
            for record_type, record in (
                (EVENT_RECORD, event),
                *((FIGURE_RECORD, figure) for figure in event["figures"]),
            ):
                record["fingerprint"] = fingerprint(record_type, record)
                record["updated_at"] = self.at
                for day in ("date_start", "date_end"):
                    record[day] = date.fromisoformat(record[day])
        return events


class NewEventWriter:
    """Writes the events that one load brings anew; `close` has to be called whatever comes of the load."""

    def __init__(self, record_writer: RecordWriter) -> None:
        self.groups_and_places = GroupsAndPlacesReader(record_writer.connection)
        self._record_writer = record_writer
        self._rendition_writer = RenditionWriter(record_writer.connection, record_writer.terms.least_samples)
        self._events = 0
        self._process: _SecondProcess | None = None
        self._waiting: deque[tuple[Sequence[Record], Future[PreparedEvents]]] = deque()

    def put(self, events: Sequence[Record]) -> None:
        """Takes new events, with their figures, which are new too, and their child rows.

        Only such as are part of no episode, since its title may not be there yet, and whose groups and places are all
        known. They may be written later, by `finish` at the latest. Errors: LoadRefused.
        """
        if not events:
            return
        if self._process is None and self._events >= self._record_writer.terms.second_process_from:
            self._start()
        self._events += len(events)
        for record_type, records in (
            (EVENT_RECORD, events),
            (FIGURE_RECORD, [figure for event in events for figure in event["figures"]]),
        ):
            self._record_writer.number(record_type, records)
            self._record_writer.record_created(record_type, records)
        batch = Batch.of(events, self._record_writer.at, self.groups_and_places)
        if self._process is None:
            self._store(
                events,
                lambda: prepared_events(self._record_writer.connection.dialect.name, batch, self.groups_and_places),
            )
            return
        self._waiting.append((events, self._process.ask(batch)))
        while len(self._waiting) > _MOST_WAITING:
            self._store_next()

    def finish(self) -> None:
        """Writes all that is still on its way."""
        while self._waiting:
            self._store_next()

    def close(self) -> None:
        """Ends the second process."""
        if self._process is not None:
            self._process.close()

    def _start(self) -> None:
        """Starts the second process, if there is anything for it to compress with: dictionaries are trained here."""
        contents = {
            model: self._rendition_writer.dictionary(self._record_writer.dataset_id, model) for model in (Event, Figure)
        }
        if None not in contents.values():
            log.debug("from here on a second process makes what is stored of events")
            self._process = _SecondProcess(self._record_writer.connection.dialect.name, contents)

    def _store_next(self) -> None:
        events, future = self._waiting.popleft()
        self._store(events, future.result)

    def _store(self, events: Sequence[Record], make: Callable[[], PreparedEvents]) -> None:
        """Writes what is made of these events. Errors: LoadRefused."""
        connection = self._record_writer.connection
        try:
            found = make()
            with savepoint(connection):
                for rows in found.rows:
                    insert_prepared(connection, rows)
        except sqlite3.OperationalError:
            # The disk is full, say: the transaction is gone, and whatever is written now would stay.
            raise
        except Exception:
            connection.execute(delete(Event).where(Event.number.in_([event["number"] for event in events])))
            # What compares them with what stands, and writes them as records, says what is wrong with which of them.
            self._record_writer.put(EVENT_RECORD, events)
            number_figures(events)
            self._record_writer.put(FIGURE_RECORD, [figure for event in events for figure in event["figures"]])
            raise
        if found.rendered is not None:
            self._rendition_writer.put(Event, found.rendered.events)
            self._rendition_writer.put(Figure, found.rendered.figures)
            write(connection, insert(table_of(EventWords)), found.rendered.words)


class _SecondProcess:
    """A process that makes and compresses what is stored of events (see api/load/render_process.py), one batch after the other.

    It knows no database, imports nothing of whoever started the load, and ends when its input does.
    """

    def __init__(self, engine: str, contents: Mapping[Model, bytes | None]) -> None:
        # What it was sent and has not forgotten: both sides learn the same in the same order.
        self._knows = GroupsAndPlaces()
        # What it imports is found where this process found it.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.load.render_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._send, pickle.dumps((engine, contents)))

    def ask(self, batch: Batch) -> Future[PreparedEvents]:
        """What is to be stored of these events, compressed, when it is there. Errors: EOFError, where the process ended;
        it has told why on standard error."""
        batch = batch._replace(groups_and_places=self._knows.learn(batch.groups_and_places))
        return self._thread.submit(self._answer, pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))

    def close(self) -> None:
        """Ends it, whatever it does."""
        self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        with self._process:
            pass

    def _send(self, message: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(message)
        self._process.stdin.flush()

    def _answer(self, message: bytes) -> PreparedEvents:
        self._send(message)
        assert self._process.stdout is not None
        found: PreparedEvents = pickle.load(self._process.stdout)  # a process of our own wrote it
        return found


def prepared_events(engine: str, batch: Batch, groups_and_places: GroupsAndPlaces) -> PreparedEvents:
    """What is to be stored of these events on this engine; their JSON is yet to be compressed."""
    events = batch.read()
    figures = [figure for event in events for figure in event["figures"]]
    rows = []
    for record_type, records in ((EVENT_RECORD, events), (FIGURE_RECORD, figures)):
        rows.append(prepared(engine, record_type.table, records))
        rows += [
            prepared(engine, child.table, child_rows(record_type, child, records)) for child in record_type.children
        ]
    return PreparedEvents(rows, rendition_rows(events, groups_and_places))


def compressed(engine: str, found: PreparedEvents, compressors: Mapping[Model, ZstdCompressor]) -> PreparedEvents:
    """The same, compressed and ready to be written."""
    assert found.rendered is not None, "it is compressed once"
    events, figures, words = found.rendered
    rows = [
        *found.rows,
        prepared_renditions(engine, Event, with_compressed_json(compressors[Event], events)),
        prepared_renditions(engine, Figure, with_compressed_json(compressors[Figure], figures)),
        prepared(engine, table_of(EventWords), words),
    ]
    return PreparedEvents(rows, None)


def rendition_rows(events: Sequence[Record], groups_and_places: GroupsAndPlaces) -> RenditionRows:
    """What is to be stored of these events, with their bytes not yet compressed."""
    gathered = details_of_records(events, groups_and_places)
    own, of_figures = renditions(gathered)
    figures = [figure for found in gathered for figure in found.figures]
    return RenditionRows(
        [stored_row(found.event, {"json": made}) for found, made in zip(gathered, own, strict=True)],
        [stored_row(figure, {"json": made}) for figure, made in zip(figures, of_figures, strict=True)],
        [stored_row(found.event, {"words": found.words}) for found in gathered],
    )


def stored_row(record: Mapping[str, Any], columns: Record) -> Record:
    """A row of what is stored of an event or figure beside its own row: these columns, with what tells whose they are."""
    return {**{name: record[name] for name in _BESIDE if name in record}, **columns}


# What tells whose a stored row is. Of a figure, its event knows the release.
_BESIDE = ("number", "dataset_id", "release")
