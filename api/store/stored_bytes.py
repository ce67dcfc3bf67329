"""Writes and reads the stored bytes of events and figures, compressed with a dictionary for each dataset's events and one
for its figures.

Each record is one zstd frame of JSON. An event's lacks its release, which stands beside the frame and is put in where it is
read: a newer release that changes nothing of an event then need not write it again. A frame names the dictionary that it needs by a number that follows from the
dictionary's content, so what has a number never changes. Until a dataset has enough records to train a dictionary from,
its frames need none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from threading import local
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update
from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, get_frame_parameters, train_dictionary

from api.store.bulk import Prepared, insert_many, prepared
from api.store.driver_rows import fetch_rows
from api.store.inserts import write
from api.store.models import Event, EventRendition, Figure, FigureRendition, RenditionDictionary
from api.store.record_types import Record, table_of
from api.store.revision import SingleRowReader

# How large dictionaries become. With larger ones nothing takes less.
_DICTIONARY_BYTES = 65_536
# zstd's own default. Twice the level saves a tenth and takes five times as long.
_LEVEL = 3

Model = type[Event | Figure]
# Finds the content of a dictionary by its number.
Find = Callable[[int], bytes]

_RENDITIONS: Mapping[Model, type[EventRendition | FigureRendition]] = {Event: EventRendition, Figure: FigureRendition}

# What is stored of a record that its JSON is made of.
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
    for model, rendition in _RENDITIONS.items()
}


# --- Reading -----------------------------------------------------------------------------------------------------


def read_renditions(connection: Connection, model: Model, numbers: Sequence[int]) -> list[bytes]:
    """The stored JSON of these events or figures, as it is served, in the order of their numbers.

    Errors: KeyError, where there is no record of a number.
    """
    engine = connection.dialect.name
    wanted = orjson.dumps(numbers).decode() if engine == "sqlite" else list(numbers)
    stored = {number: told for number, *told in fetch_rows(connection, _FRAMES[engine, model], (wanted,))}
    return as_served([stored[number] for number in numbers], dictionaries_of(connection))


def as_served(stored: Sequence[Sequence[Any]], find: Find) -> list[bytes]:
    """The JSON of records as it is served, of what is stored of each (see STORED)."""
    found = unpacked([frame for frame, *_release in stored], find)
    return [
        made.replace(_NO_RELEASE, _told_release(*release), 1) if release else made
        for made, (_frame, *release) in zip(found, stored, strict=True)
    ]


# A dataset has a few releases.
@lru_cache(maxsize=64)
def _told_release(name: str) -> bytes:
    return b'"release":' + orjson.dumps(name)


def unpacked(frames: Iterable[bytes], find: Find) -> list[bytes]:
    """The bytes that these frames hold, as they are stored; `find` is asked for a dictionary that this thread has not met."""
    found = []
    last = None
    for frame in frames:
        number = get_frame_parameters(frame).dict_id
        if number != last:
            last, unpack = number, _unpacker(number, find)
        found.append(unpack(frame))
    return found


def dictionaries_of(database: Connection | SingleRowReader) -> Find:
    """What finds the dictionaries of this database."""
    statement = _SELECT_DICTIONARY[database.dialect.name]

    def find(number: int) -> bytes:
        if isinstance(database, SingleRowReader):
            return bytes(database.first(statement, (number,))[0])
        return bytes(fetch_rows(database, statement, (number,))[0][0])

    return find


# Dictionaries that this process has met, of whatever database, and what unpacks by them in each thread: two threads may
# not use one at once. There are two dictionaries for a dataset, so they stay.
_met: dict[int, ZstdCompressionDict] = {}
_of_thread = local()


def _unpacker(number: int, find: Find) -> Callable[[bytes], bytes]:
    """What unpacks frames that name this dictionary; 0 is none."""
    known: dict[int, Callable[[bytes], bytes]] = _of_thread.__dict__.setdefault("unpackers", {})
    if number not in known:
        if number != 0 and number not in _met:
            _met[number] = ZstdCompressionDict(find(number))
        known[number] = ZstdDecompressor(dict_data=_met.get(number)).decompress
    return known[number]


# --- Writing -----------------------------------------------------------------------------------------------------


def compressor(content: bytes | None) -> ZstdCompressor:
    """What compresses with the dictionary of this content, or without one."""
    found = None if content is None else ZstdCompressionDict(content)
    if found is not None:
        found.precompute_compress(_LEVEL)
    return ZstdCompressor(_LEVEL, dict_data=found)


def packed(by: ZstdCompressor, records: Iterable[Record]) -> list[Record]:
    """The same records with their JSON compressed."""
    return [record | {"json": by.compress(record["json"])} for record in records]


def prepared_renditions(engine: str, model: Model, rows: Sequence[Record]) -> Prepared:
    """Compressed renditions as rows of their table, for the driver of an engine."""
    return prepared(engine, table_of(_RENDITIONS[model]), rows)


class Packer:
    """Writes renditions in one load's transaction, each compressed with the dictionary of its record's dataset.

    It trains the dictionary of a dataset that has none as soon as so many of its records are stored, and compresses
    those once more.
    """

    def __init__(self, connection: Connection, least_samples: int) -> None:
        self._connection, self._least_samples = connection, least_samples
        self._compressors: dict[tuple[str, Model], ZstdCompressor] = {}
        # How many records are stored of those datasets that have no dictionary.
        self._stored: dict[tuple[str, Model], int] = {}

    def put(self, model: Model, records: Sequence[Record]) -> None:
        """Stores the renditions of records that have none: rows of their table, with `dataset_id` beside it."""
        rows = []
        for record in records:
            rows += packed(self._of(record["dataset_id"], model), [record])
        write(self._connection, insert(table_of(_RENDITIONS[model])), rows)
        for dataset_id, count in Counter([row["dataset_id"] for row in rows]).items():
            key = dataset_id, model
            if key in self._stored:
                self._stored[key] += count
                if self._stored[key] >= self._least_samples:
                    self._train(dataset_id, model)

    def dictionary(self, dataset_id: str, model: Model) -> bytes | None:
        """The content of a dataset's dictionary; null while it has too few records."""
        table = table_of(RenditionDictionary)
        own = (table.c.dataset_id == dataset_id, table.c.record == model.__tablename__)
        return self._connection.scalar(select(table.c.content).where(*own))

    def _of(self, dataset_id: str, model: Model) -> ZstdCompressor:
        """What compresses a dataset's records."""
        key = dataset_id, model
        if key not in self._compressors:
            content = self.dictionary(dataset_id, model)
            if content is None:
                self._stored[key] = len(self._frames(dataset_id, model))
            self._compressors[key] = compressor(content)
        return self._compressors[key]

    def _frames(self, dataset_id: str, model: Model) -> dict[int, bytes]:
        """The frame of each stored record of a dataset by its number, which are few while it has no dictionary."""
        rendition = _RENDITIONS[model]
        found = select(rendition.number, rendition.json).join(model, model.number == rendition.number)
        own = found.where(model.dataset_id == dataset_id).order_by(rendition.number)
        return dict(self._connection.execute(own).all())

    def _train(self, dataset_id: str, model: Model) -> None:
        """Gives a dataset its dictionary, and compresses with it what is stored."""
        key = dataset_id, model
        frames = self._frames(dataset_id, model)
        self._stored[key] = len(frames)
        if len(frames) < self._least_samples:
            # Some were stored in the place of others.
            return
        del self._stored[key]
        samples = unpacked(frames.values(), dictionaries_of(self._connection))
        content = _trained(samples)
        number = ZstdCompressionDict(content).dict_id()
        row = {"dataset_id": dataset_id, "record": model.__tablename__, "number": number, "content": content}
        insert_many(self._connection, table_of(RenditionDictionary), [row])
        self._compressors[key] = compressor(content)
        anew = map(self._compressors[key].compress, samples)
        table = table_of(_RENDITIONS[model])
        self._connection.execute(
            update(table).where(table.c.number == bindparam("number_")).values(json=bindparam("json_")),
            [{"number_": number, "json_": frame} for number, frame in zip(frames, anew, strict=True)],
        )


def _trained(samples: Sequence[bytes]) -> bytes:
    """The content of a dictionary for records like these.

    The number that zstd gives it leaves out a part of it, so it is made anew from all of it, among those that zstd leaves
    to everyone.
    """
    trained = train_dictionary(_DICTIONARY_BYTES, list(samples)).as_bytes()
    magic, rest = trained[:_NUMBER_AT], trained[_NUMBER_AT + _NUMBER_BYTES :]
    hashed = int.from_bytes(hashlib.blake2b(rest, digest_size=_HASH_BYTES).digest(), "little")
    number = _FIRST_FREE_NUMBER + hashed % (_AFTER_FREE_NUMBERS - _FIRST_FREE_NUMBER)
    return magic + number.to_bytes(_NUMBER_BYTES, "little") + rest


# Where the format has a dictionary's number, and which numbers nobody registers (RFC 8878, section 5).
_NUMBER_AT, _NUMBER_BYTES, _HASH_BYTES = 4, 4, 8
_FIRST_FREE_NUMBER, _AFTER_FREE_NUMBERS = 32_768, 1 << 31
