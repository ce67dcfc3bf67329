"""Writes the stored bytes of events and figures in a load, each compressed with a dictionary of its dataset, and trains
these dictionaries.

How they are read again, and what a frame is, says `api/store/stored_bytes.py`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select, update
from zstandard import ZstdCompressionDict, ZstdCompressor, train_dictionary

from api.load.inserts import write
from api.store.bulk import Prepared, insert_many, prepared
from api.store.models import RenditionDictionary
from api.store.record_types import Record, table_of
from api.store.stored_bytes import RENDITIONS, Model, decompressed, dictionaries_of

# How large dictionaries become. With larger ones nothing takes less.
_DICTIONARY_BYTES = 65_536
# zstd's own default. Twice the level saves a tenth and takes five times as long.
_LEVEL = 3
# Where the format has a dictionary's number, and which numbers nobody registers (RFC 8878, section 5).
_NUMBER_AT, _NUMBER_BYTES, _HASH_BYTES = 4, 4, 8
_FIRST_FREE_NUMBER, _AFTER_FREE_NUMBERS = 32_768, 1 << 31


def compressor(content: bytes | None) -> ZstdCompressor:
    """What compresses with the dictionary of this content, or without one."""
    found = None if content is None else ZstdCompressionDict(content)
    if found is not None:
        found.precompute_compress(_LEVEL)
    return ZstdCompressor(_LEVEL, dict_data=found)


def with_compressed_json(by: ZstdCompressor, records: Iterable[Record]) -> list[Record]:
    """The same records with their JSON compressed."""
    return [record | {"json": by.compress(record["json"])} for record in records]


def prepared_renditions(engine: str, model: Model, rows: Sequence[Record]) -> Prepared:
    """Compressed renditions as rows of their table, for the driver of an engine."""
    return prepared(engine, table_of(RENDITIONS[model]), rows)


class RenditionWriter:
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
            rows += with_compressed_json(self._compressor(record["dataset_id"], model), [record])
        write(self._connection, insert(table_of(RENDITIONS[model])), rows)
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

    def _compressor(self, dataset_id: str, model: Model) -> ZstdCompressor:
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
        rendition = RENDITIONS[model]
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
        samples = decompressed(frames.values(), dictionaries_of(self._connection))
        content = _trained(samples)
        number = ZstdCompressionDict(content).dict_id()
        row = {"dataset_id": dataset_id, "record": model.__tablename__, "number": number, "content": content}
        insert_many(self._connection, table_of(RenditionDictionary), [row])
        self._compressors[key] = compressor(content)
        anew = map(self._compressors[key].compress, samples)
        table = table_of(RENDITIONS[model])
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
