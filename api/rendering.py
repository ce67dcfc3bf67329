"""Renders events that a load has just written, and stores their bytes; in a second process once there are many.

Rendering takes as long as all else that a load does, and needs nothing but the records and what they name.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, insert

from api.gathering import Around, Surroundings, at_hand, renditions
from api.kinds import Record, table_of
from api.loose_ends import write
from api.models import Event, EventWords, Figure
from api.stored_bytes import Model, Packer

# From how many events on a second process is worth its start, which takes as long as rendering some thousand.
LEAST_EVENTS = 5_000
# How many batches may be on their way to the second process and back: one that it works on, and one for each side.
_MOST_WAITING = 3


class Rendered(NamedTuple):
    """What is stored of some events: the rows of each table."""

    events: list[Record]
    figures: list[Record]
    words: list[Record]


class Batch(NamedTuple):
    """Events as they are sent to the second process, in JSON: to pickle them would take five times as long."""

    events: bytes
    # When they were written, which is no text to those who show it.
    at: datetime
    around: Around

    @classmethod
    def of(cls, events: Sequence[Record], around: Around) -> Batch:
        """These events, with what they name."""
        return cls(orjson.dumps(events), events[0]["updated_at"], around.of(events))

    def read(self) -> list[Record]:
        """The same events, with their days as text."""
        events: list[Record] = orjson.loads(self.events)
        for event in events:
            for record in (event, *event["figures"]):
                record["updated_at"] = self.at
        return events


class Renderer:
    """Renders and stores what one load brings anew; `close` has to be called whatever comes of the load."""

    def __init__(self, connection: Connection) -> None:
        self.surroundings = Surroundings(connection)
        self._connection, self._packer = connection, Packer(connection)
        self._events = 0
        self._process: _SecondProcess | None = None
        self._waiting: deque[Future[Rendered]] = deque()

    def put(self, events: Sequence[Record]) -> None:
        """Takes events of one dataset that were not there before, with all that hangs on them.

        Only such as are part of no episode: its title may not be there yet. They may be stored later, by `finish` at the
        latest.
        """
        if not events:
            return
        self.surroundings.fetch(events)
        if self._process is None and self._events >= LEAST_EVENTS:
            self._start(events[0]["dataset_id"])
        self._events += len(events)
        if self._process is None:
            found = rendered(events, self.surroundings)
            self._packer.put(Event, found.events)
            self._packer.put(Figure, found.figures)
            self._put_words(found)
            return
        self._waiting.append(self._process.ask(Batch.of(events, self.surroundings)))
        while len(self._waiting) > _MOST_WAITING:
            self._store(self._waiting.popleft().result())

    def finish(self) -> None:
        """Stores all that is still on its way."""
        while self._waiting:
            self._store(self._waiting.popleft().result())

    def close(self) -> None:
        """Ends the second process."""
        if self._process is not None:
            self._process.close()

    def _start(self, dataset_id: str) -> None:
        """Starts the second process, if there is anything for it to compress with: dictionaries are trained here."""
        contents = {model: self._packer.dictionary(dataset_id, model) for model in (Event, Figure)}
        if None not in contents.values():
            self._process = _SecondProcess(contents)

    def _store(self, found: Rendered) -> None:
        self._packer.store(Event, found.events)
        self._packer.store(Figure, found.figures)
        self._put_words(found)

    def _put_words(self, found: Rendered) -> None:
        write(self._connection, insert(table_of(EventWords)), found.words)


class _SecondProcess:
    """A process that renders and compresses what it is sent (see api/render_process.py), one after the other.

    It knows no database, imports nothing of whoever started the load, and ends when its input does.
    """

    def __init__(self, contents: Mapping[Model, bytes | None]) -> None:
        # What it imports is found where this process found it.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.render_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._send, pickle.dumps(contents))

    def ask(self, batch: Batch) -> Future[Rendered]:
        """What is to be stored of these events, compressed, when it is there. Errors: EOFError, where the process ended;
        it has told why on standard error."""
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

    def _answer(self, message: bytes) -> Rendered:
        self._send(message)
        assert self._process.stdout is not None
        found: Rendered = pickle.load(self._process.stdout)  # a process of our own wrote it
        return found


def rendered(events: Sequence[Record], around: Around) -> Rendered:
    """What is to be stored of these events, with their bytes as they are served."""
    gathered = at_hand(events, around)
    own, of_figures = renditions(gathered)
    figures = [figure for found in gathered for figure in found.figures]
    return Rendered(
        [beside(found.event, {"json": made}) for found, made in zip(gathered, own, strict=True)],
        [beside(figure, {"json": made}) for figure, made in zip(figures, of_figures, strict=True)],
        [beside(found.event, {"words": found.words}) for found in gathered],
    )


def beside(record: Mapping[str, Any], held: Record) -> Record:
    """What is stored beside an event or figure."""
    return {"number": record["number"], "dataset_id": record["dataset_id"], **held}
