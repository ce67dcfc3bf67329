"""Reads the stored bytes of events and figures, which are compressed with a dictionary for each dataset's events and one
for its figures.

Each record is one zstd frame of JSON. An event's lacks its release, which stands beside the frame and is put in where it is
read: a newer release that changes nothing of an event then need not write it again. A frame names the dictionary that it needs by a number that follows from the
dictionary's content, so what has a number never changes. Until a dataset has enough records to train a dictionary from,
its frames need none. A load writes them (`api/load/rendition_writer.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from threading import local
from typing import Any

import orjson
from sqlalchemy import Connection
from zstandard import ZstdCompressionDict, ZstdDecompressor, get_frame_parameters

from api.store.driver_rows import fetch_rows
from api.store.models import Event, EventRendition, Figure, FigureRendition
from api.store.revision import SingleRowReader

Model = type[Event | Figure]
# Finds the content of a dictionary by its number.
Find = Callable[[int], bytes]

RENDITIONS: Mapping[Model, type[EventRendition | FigureRendition]] = {Event: EventRendition, Figure: FigureRendition}

# The columns of a rendition that its JSON is made of.
STORED: Mapping[Model, Sequence[str]] = {Event: ("json", "release"), Figure: ("json",)}
# What stands in an event's stored JSON where its release will: its first key of this name.
_NO_RELEASE = b'"release":null'

_SELECT_DICTIONARY = {
    "sqlite": "SELECT content FROM rendition_dictionary WHERE number = ?",
    "postgresql": "SELECT content FROM rendition_dictionary WHERE number = %s",
}
# One text for any number of records, so that it is prepared once.
_SELECT_FRAMES = {
    "sqlite": (
        "SELECT stored.number, {columns} FROM json_each(?) AS wanted"
        " CROSS JOIN {table} AS stored ON stored.number = wanted.value"
    ),
    "postgresql": "SELECT number, {columns} FROM {table} AS stored WHERE number = ANY (%s)",
}
_FRAMES = {
    (engine, model): text.format(
        table=rendition.__tablename__, columns=", ".join(f"stored.{name}" for name in STORED[model])
    )
    for engine, text in _SELECT_FRAMES.items()
    for model, rendition in RENDITIONS.items()
}


def read_renditions(connection: Connection, model: Model, numbers: Sequence[int]) -> list[bytes]:
    """The stored JSON of these events or figures, as it is served, in the order of their numbers.

    Errors: KeyError, where there is no record of a number.
    """
    engine = connection.dialect.name
    wanted = orjson.dumps(numbers).decode() if engine == "sqlite" else list(numbers)
    stored = {number: told for number, *told in fetch_rows(connection, _FRAMES[engine, model], (wanted,))}
    return as_served([stored[number] for number in numbers], dictionaries_of(connection))


def as_served(stored: Sequence[Sequence[Any]], find: Find) -> list[bytes]:
    """The JSON of records as it is served, of the columns STORED of each."""
    found = decompressed([frame for frame, *_release in stored], find)
    return [
        made.replace(_NO_RELEASE, _told_release(*release), 1) if release else made
        for made, (_frame, *release) in zip(found, stored, strict=True)
    ]


# A dataset has a few releases.
@lru_cache(maxsize=64)
def _told_release(name: str) -> bytes:
    return b'"release":' + orjson.dumps(name)


def decompressed(frames: Iterable[bytes], find: Find) -> list[bytes]:
    """The bytes that these frames hold, as they are stored; `find` is asked for a dictionary that this thread has not met."""
    found = []
    last = None
    for frame in frames:
        number = get_frame_parameters(frame).dict_id
        if number != last:
            last, decompress = number, _decompressor(number, find)
        found.append(decompress(frame))
    return found


def dictionaries_of(database: Connection | SingleRowReader) -> Find:
    """What finds the dictionaries of this database."""
    statement = _SELECT_DICTIONARY[database.dialect.name]

    def find(number: int) -> bytes:
        if isinstance(database, SingleRowReader):
            return bytes(database.first(statement, (number,))[0])
        return bytes(fetch_rows(database, statement, (number,))[0][0])

    return find


# Dictionaries that this process has met, of whatever database, and what decompresses by them in each thread: two threads may
# not use one at once. There are two dictionaries for a dataset, so they stay.
_met: dict[int, ZstdCompressionDict] = {}
_of_thread = local()


def _decompressor(number: int, find: Find) -> Callable[[bytes], bytes]:
    """What decompresses frames that name this dictionary; 0 is none."""
    known: dict[int, Callable[[bytes], bytes]] = _of_thread.__dict__.setdefault("decompressors", {})
    if number not in known:
        if number != 0 and number not in _met:
            _met[number] = ZstdCompressionDict(find(number))
        known[number] = ZstdDecompressor(dict_data=_met.get(number)).decompress
    return known[number]
