"""Removes a dataset: all that it has is withdrawn, but for what others use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, exists, insert, select

from api.load.loading import load
from api.load.result import LoadResult
from api.load.source import EmptySource, LoadRefused
from api.store.models import Change, ColumnChunk, ColumnPiece, Dataset, Document, Group, Location, Revision
from api.store.record_types import Record


class _RemovedDataset(EmptySource):
    """A dataset that brings nothing any more."""

    content_hash = "removed"
    keeps_used = True
    release = None

    def __init__(self, dataset: str) -> None:
        self.dataset: Record = {"id": dataset, "first_date": None, "last_date": None}


def remove(engine: Engine, dataset: str, before_commit: Callable[[Connection], object]) -> LoadResult:
    """What removing a dataset did. One transaction: any failure leaves the database as it was.

    Where others use places, groups or documents of it, these stay, and with them the dataset without an event.
    `before_commit` is called as `load` calls it. Errors: LoadRefused.
    """
    with engine.connect() as connection:
        if connection.scalar(select(Dataset.id).where(Dataset.id == dataset)) is None:
            there = ", ".join(connection.scalars(select(Dataset.id).order_by(Dataset.id)))
            raise LoadRefused(f"there is no dataset '{dataset}'; there are {there or 'none'}")

    is_gone = False

    def end(connection: Connection) -> None:
        nonlocal is_gone
        is_gone = not any(
            connection.scalar(select(exists().where(model.dataset_id == dataset)))
            for model in (Location, Group, Document)
        )
        if is_gone:
            for piece in (ColumnChunk, ColumnPiece):
                connection.execute(delete(piece).where(piece.dataset_id == dataset))
            connection.execute(delete(Dataset).where(Dataset.id == dataset))
            line = {"record": "dataset", "record_id": dataset, "dataset_id": dataset, "action": "deleted"}
            at, revision = datetime.now(UTC).replace(microsecond=0), connection.scalar(select(Revision.number))
            gone = {**line, "at": at, "revision": revision, "reason": "removed by its operator", "fields": None}
            connection.execute(insert(Change).values(gone))
        before_commit(connection)

    result = load(engine, _RemovedDataset(dataset), lambda _what, _count: None, end)
    if is_gone:
        result.note("dataset", "deleted", dataset)
    return result
