"""Compares the reading copy with the rows that it was made from: counts and sums of every dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, select

from api.columns import tables
from api.columns.column_types import BOUNDS
from api.columns.reading_copy import Copy, by_dataset
from api.store.models import Claim, Document, Event, Figure, Group, Location

_COUNTED: dict[Any, Table] = {
    Event: tables.EVENT,
    Figure: tables.FIGURE,
    Document: tables.DOCUMENT,
    Group: tables.GROUP,
    Location: tables.LOCATION,
}


class Difference(NamedTuple):
    """Something that the copy has otherwise than the rows; null where a dataset has nothing of it."""

    dataset: str
    what: str
    rows: int | None
    copy: int | None


def differences(connection: Connection, copy: Copy) -> Iterator[Difference]:
    """What the copy has otherwise than the rows as this connection sees them."""
    for model, table in _COUNTED.items():
        counts = _compared(
            f"{table.name}s", _by_dataset(connection, model, func.count()), by_dataset(copy, table, func.count())
        )
        yield from counts
    for bound in BOUNDS:
        held = _by_dataset(connection, Figure, func.sum(getattr(Figure, bound)))
        yield from _compared(
            f"{bound} of figures", held, by_dataset(copy, tables.FIGURE, func.sum(tables.FIGURE.c[bound]))
        )
    of_claims = select(Figure.dataset_id, func.count()).join(Claim, Claim.figure_number == Figure.number)
    claims = dict(connection.execute(of_claims.group_by(Figure.dataset_id)).all())
    yield from _compared("claims", claims, by_dataset(copy, tables.FIGURE, func.sum(tables.FIGURE.c.claims)))


def _by_dataset(connection: Connection, model: Any, number: Any) -> dict[str, Any]:
    return dict(connection.execute(select(model.dataset_id, number).group_by(model.dataset_id)).all())


def _compared(what: str, rows: dict[str, Any], copy: dict[str, Any]) -> Iterator[Difference]:
    for dataset in sorted(rows.keys() | copy.keys()):
        one, other = (None if found is None else int(found) for found in (rows.get(dataset), copy.get(dataset)))
        # A dataset without claims has no row of them, or a sum of nothing.
        if (one or 0) != (other or 0):
            yield Difference(dataset, what, one, other)
