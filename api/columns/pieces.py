"""The pieces of the reading copy in the database: written by a load in its own transaction, read wherever it is served."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
from sqlalchemy import Connection, delete, insert, select

from api.columns.make_pieces import PIECES, make_pieces
from api.store.code_hash import code_hash
from api.store.models import ColumnChunk, ColumnPiece, Dataset

# PostgreSQL's and SQLite's drivers hold a value in memory several times over while they send it.
_CHUNK_BYTES = 4_000_000
_HASH_BYTES = 16


class StoredPiece(NamedTuple):
    """What is known of a piece without its content."""

    name: str
    hash: str
    code_hash: str


class DamagedPiece(Exception):
    """A piece does not have the content that it should have."""


def _own_code() -> str:
    """The hash of the code that makes pieces."""
    return code_hash("api.columns.make_pieces")


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_HASH_BYTES).hexdigest()


def _hash_of(file: Path | None) -> str:
    """The hash of a file's content; of nothing where there is none."""
    if file is None:
        return _hash(b"")
    with file.open("rb") as read:
        return hashlib.file_digest(read, partial(hashlib.blake2b, digest_size=_HASH_BYTES)).hexdigest()


def _chunks(file: Path | None) -> Iterator[bytes]:
    """A file's content, as it is stored."""
    if file is not None:
        with file.open("rb") as read:
            yield from iter(partial(read.read, _CHUNK_BYTES), b"")


def store_pieces(connection: Connection, datasets: Iterable[str]) -> None:
    """Writes the pieces of these datasets anew, but for those that would come out as they stand."""
    for dataset in datasets:
        standing = {piece.name: piece for piece in stored_pieces(connection).get(dataset, ())}
        made: set[str] = set()
        for piece in make_pieces(connection, dataset):
            made.add(piece.table)
            fresh = StoredPiece(piece.table, _hash_of(piece.file), _own_code())
            if standing.get(piece.table) == fresh:
                continue
            if piece.table in standing:
                _remove(connection, dataset, [piece.table])
            row = {"dataset_id": dataset, "rows": piece.rows, **fresh._asdict()}
            connection.execute(insert(ColumnPiece), [row])
            for position, content in enumerate(_chunks(piece.file)):
                chunk = {"dataset_id": dataset, "name": piece.table, "position": position, "content": content}
                connection.execute(insert(ColumnChunk), [chunk])
        if gone := standing.keys() - made:
            _remove(connection, dataset, sorted(gone))


def is_complete(listed: Sequence[StoredPiece]) -> bool:
    """Whether a dataset has all of its pieces, and this code made them."""
    return {piece.name for piece in listed} == set(PIECES) and all(piece.code_hash == _own_code() for piece in listed)


def _remove(connection: Connection, dataset: str, names: Sequence[str]) -> None:
    for model in (ColumnChunk, ColumnPiece):
        connection.execute(delete(model).where(model.dataset_id == dataset, model.name.in_(names)))


def stored_pieces(connection: Connection) -> Mapping[str, Sequence[StoredPiece]]:
    """Each dataset's pieces as they are stored, without their content; nothing of one that has none."""
    rows = connection.execute(
        select(Dataset.id, ColumnPiece.name, ColumnPiece.hash, ColumnPiece.code_hash)
        .outerjoin(ColumnPiece, ColumnPiece.dataset_id == Dataset.id)
        .order_by(Dataset.id, ColumnPiece.name)
    )
    found: dict[str, list[StoredPiece]] = {}
    for dataset, name, hash_, code in rows:
        listed = found.setdefault(dataset, [])
        if name is not None:
            listed.append(StoredPiece(name, hash_, code))
    return found


def copy_name(listed: Mapping[str, Sequence[StoredPiece]], token: str) -> str:
    """The name of the copy that is made of these pieces; where some have to be made from the rows, of this revision."""
    told = [f"{dataset} {piece.name} {piece.hash}" for dataset, own in listed.items() for piece in own]
    if not all(map(is_complete, listed.values())):
        told.append(token)
    # Another DuckDB may write files that this one does not read.
    return _hash("\n".join([code_hash("api.columns.assemble"), duckdb.__version__, *told]).encode())


def unpack(connection: Connection, dataset: str, listed: Sequence[StoredPiece], folder: Path) -> None:
    """Writes a dataset's pieces into a folder, each as `<table>.parquet`.

    Pieces of other code, and those that are damaged, are made again from the rows, and nothing is written to the
    database.
    """
    try:
        if not is_complete(listed):
            raise DamagedPiece
        for piece in listed:
            _write(connection, dataset, piece, folder)
    except DamagedPiece:
        for made in make_pieces(connection, dataset):
            if made.file is not None:
                shutil.move(made.file, folder / f"{made.table}.parquet")


def _write(connection: Connection, dataset: str, piece: StoredPiece, folder: Path) -> None:
    chunks = connection.scalars(
        select(ColumnChunk.content)
        .where(ColumnChunk.dataset_id == dataset, ColumnChunk.name == piece.name)
        .order_by(ColumnChunk.position)
    )
    found = hashlib.blake2b(digest_size=_HASH_BYTES)
    file = folder / f"{piece.name}.parquet"
    with file.open("wb") as written:
        for content in chunks:
            found.update(content)
            written.write(content)
    if found.hexdigest() != piece.hash:
        raise DamagedPiece
    if piece.hash == _hash(b""):
        # A table of which the dataset has nothing.
        file.unlink()
