"""Writes and reads the stored bytes of events and figures, compressed with a dictionary for each dataset and form.

Each form of a record is one zstd frame. A frame names the dictionary that it needs by a number that follows from the
dictionary's content, so what has a number never changes. Until a dataset has enough records to train dictionaries from,
its frames need none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import local
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update
from zstandard import (
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    get_frame_parameters,
    train_dictionary,
)

from api.bulk import insert_many
from api.db import rows_of
from api.keeping import Watch
from api.kinds import Record, table_of
from api.loose_ends import write
from api.models import Event, EventRendition, Figure, FigureRendition, RenditionDictionary

# The forms that each record is stored in, which are the columns of its rendition.
FORMS = ("json", "csv", "geojson")
# From how many records dictionaries are trained, and how large they become. With half as many samples the JSON of events
# takes a seventh more; with larger dictionaries nothing takes less.
LEAST_SAMPLES = 4_000
_DICTIONARY_BYTES = 65_536
# zstd's own default. Twice the level saves a tenth and takes five times as long.
_LEVEL = 3

Model = type[Event | Figure]
# Finds the content of a dictionary by its number.
Find = Callable[[int], bytes]

_RENDITIONS: Mapping[Model, type[EventRendition | FigureRendition]] = {Event: EventRendition, Figure: FigureRendition}

_SELECT_DICTIONARY = {
    "sqlite": "SELECT content FROM rendition_dictionary WHERE number = ?",
    "postgresql": "SELECT content FROM rendition_dictionary WHERE number = %s",
}
# One text for any number of records, so that it is prepared once.
_SELECT_FRAMES = {
    "sqlite": (
        "SELECT stored.number, stored.{form} FROM json_each(?) AS wanted"
        " CROSS JOIN {table} AS stored ON stored.number = wanted.value"
    ),
    "postgresql": "SELECT number, {form} FROM {table} WHERE number = ANY (%s)",
}
_FRAMES = {
    (engine, model, form): text.format(form=form, table=rendition.__tablename__)
    for engine, text in _SELECT_FRAMES.items()
    for model, rendition in _RENDITIONS.items()
    for form in FORMS
}


# --- Reading -----------------------------------------------------------------------------------------------------


def read_renditions(connection: Connection, model: Model, form: str, numbers: Sequence[int]) -> list[bytes]:
    """The stored bytes of these events or figures in one of FORMS, as they are served, in the order of their numbers.

    Errors: KeyError, where there is no record of a number.
    """
    engine = connection.dialect.name
    wanted = orjson.dumps(numbers).decode() if engine == "sqlite" else list(numbers)
    frames = dict(rows_of(connection, _FRAMES[engine, model, form], (wanted,)))
    return unpacked([frames[number] for number in numbers], dictionaries_of(connection))


def unpacked(frames: Iterable[bytes], find: Find) -> list[bytes]:
    """The bytes that these frames hold; `find` is asked for a dictionary that this thread has not met."""
    found = []
    last = None
    for frame in frames:
        number = get_frame_parameters(frame).dict_id
        if number != last:
            last, unpack = number, _unpacker(number, find)
        found.append(unpack(frame))
    return found


def dictionaries_of(database: Connection | Watch) -> Find:
    """What finds the dictionaries of this database."""
    statement = _SELECT_DICTIONARY[database.dialect.name]

    def find(number: int) -> bytes:
        if isinstance(database, Watch):
            return bytes(database.first(statement, (number,))[0])
        return bytes(rows_of(database, statement, (number,))[0][0])

    return find


# Dictionaries that this process has met, of whatever database, and what unpacks by them in each thread: two threads may
# not use one at once. There are six dictionaries for a dataset, so they stay.
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


# What compresses each form of a dataset's events or figures.
Compressors = Mapping[str, ZstdCompressor]


def compressors(contents: Mapping[str, bytes]) -> Compressors:
    """What compresses with dictionaries of these contents, by form, and without one where there is none."""
    return {form: _compressor(contents.get(form)) for form in FORMS}


def packed(by_form: Compressors, records: Iterable[Record]) -> list[Record]:
    """The same records with each form compressed."""
    return [record | {form: by_form[form].compress(record[form]) for form in FORMS} for record in records]


class Packer:
    """Writes renditions in one load's transaction, each compressed with the dictionaries of its record's dataset.

    It trains the dictionaries of a dataset that has none as soon as enough of its records are stored, and compresses
    those once more.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._compressors: dict[tuple[str, Model], Compressors] = {}
        # How many records are stored of those datasets that have no dictionaries.
        self._stored: dict[tuple[str, Model], int] = {}

    def put(self, model: Model, records: Sequence[Record]) -> None:
        """Stores the renditions of records that have none: rows of their table, with `dataset_id` beside it."""
        rows = []
        for record in records:
            rows += packed(self._of(record["dataset_id"], model), [record])
        self.store(model, rows)

    def store(self, model: Model, rows: Sequence[Record]) -> None:
        """Stores such rows that are compressed already."""
        write(self._connection, insert(table_of(_RENDITIONS[model])), rows)
        for dataset_id, count in Counter([row["dataset_id"] for row in rows]).items():
            key = dataset_id, model
            if key in self._stored:
                self._stored[key] += count
                if self._stored[key] >= LEAST_SAMPLES:
                    self._train(dataset_id, model)

    def dictionaries(self, dataset_id: str, model: Model) -> Mapping[str, bytes]:
        """The contents of a dataset's dictionaries by form; none while it has too few records."""
        table = table_of(RenditionDictionary)
        own = (table.c.dataset_id == dataset_id, table.c.record == model.__tablename__)
        return dict(self._connection.execute(select(table.c.form, table.c.content).where(*own)).all())

    def _of(self, dataset_id: str, model: Model) -> Compressors:
        """What compresses each form of a dataset's records."""
        key = dataset_id, model
        if key not in self._compressors:
            contents = self.dictionaries(dataset_id, model)
            if not contents:
                self._stored[key] = len(self._frames(dataset_id, model))
            self._compressors[key] = compressors(contents)
        return self._compressors[key]

    def _frames(self, dataset_id: str, model: Model) -> Sequence[Any]:
        """The number and all frames of each stored record of a dataset, which are few while it has no dictionaries."""
        rendition = _RENDITIONS[model]
        columns = (rendition.number, *(getattr(rendition, form) for form in FORMS))
        found = select(*columns).join(model, model.number == rendition.number).where(model.dataset_id == dataset_id)
        return self._connection.execute(found.order_by(rendition.number)).all()

    def _train(self, dataset_id: str, model: Model) -> None:
        """Gives a dataset its dictionaries, and compresses with them what is stored."""
        key = dataset_id, model
        numbers, *columns = zip(*self._frames(dataset_id, model), strict=True)
        self._stored[key] = len(numbers)
        if len(numbers) < LEAST_SAMPLES:
            # Some were stored in the place of others.
            return
        del self._stored[key]
        find = dictionaries_of(self._connection)
        samples = {form: unpacked(frames, find) for form, frames in zip(FORMS, columns, strict=True)}
        contents = {form: _trained(samples[form]) for form in FORMS}
        own = {"dataset_id": dataset_id, "record": model.__tablename__}
        dictionaries = [
            {**own, "form": form, "number": ZstdCompressionDict(content).dict_id(), "content": content}
            for form, content in contents.items()
        ]
        insert_many(self._connection, table_of(RenditionDictionary), dictionaries)
        self._compressors[key] = compressors(contents)
        anew = [map(self._compressors[key][form].compress, samples[form]) for form in FORMS]
        table = table_of(_RENDITIONS[model])
        names = ("number", *FORMS)
        statement = update(table).where(table.c.number == bindparam("number_"))
        self._connection.execute(
            statement.values({form: bindparam(f"{form}_") for form in FORMS}),
            [
                {f"{name}_": value for name, value in zip(names, row, strict=True)}
                for row in zip(numbers, *anew, strict=True)
            ],
        )


def _compressor(dictionary: bytes | None) -> ZstdCompressor:
    found = None if dictionary is None else ZstdCompressionDict(dictionary)
    if found is not None:
        found.precompute_compress(_LEVEL)
    return ZstdCompressor(_LEVEL, dict_data=found)


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
