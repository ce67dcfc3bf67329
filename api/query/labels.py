"""Looks up what the values of dimensions are called, in code lists and by the names of records, and where places lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from api.domain.codebook import CODEBOOK
from api.domain.corroboration import UNNAMED_OUTLET
from api.query.dimension import Dimension
from api.store.batches import batches
from api.store.models import Dataset, Document, Group, Location

# Of each kind of value the id and the name of its records.
_GROUPS = (Group.id, Group.name)
# A document is called by its outlet; by its title where nobody knows that.
_DOCUMENTS = (Document.id, func.coalesce(func.nullif(Document.outlet, UNNAMED_OUTLET), Document.title))
_NAMES: Mapping[str, Sequence[tuple[Any, Any]]] = {
    "location": [(Location.id, Location.name)],
    "group": [_GROUPS],
    "dataset": [(Dataset.id, Dataset.title)],
    "document": [_DOCUMENTS],
    # A document whose outlet is not named is a source by itself.
    "source": [_GROUPS, _DOCUMENTS],
}


def labels_of(connection: Connection, dimension: Dimension, found: set[str | None]) -> dict[str, str]:
    """The names of a dimension's values; values without a name are their own."""
    if dimension.labels is None:
        return {}
    if dimension.labels.startswith("code:"):
        return {code.code: code.label for code in CODEBOOK[dimension.labels.removeprefix("code:")].codes}
    if dimension.labels == "country":
        rows = connection.execute(select(Location.country, Location.name).where(Location.level == "country"))
        return {str(code): name for code, name in rows}
    return {
        row[0]: row[1]
        for identity, name in _NAMES[dimension.labels]
        for row in _looked_up(connection, found, identity, name)
        if row[1] is not None
    }


def points_of(
    connection: Connection, dimension: Dimension, found: set[str | None]
) -> dict[str, tuple[float | None, float | None]]:
    """The latitude and longitude of the places that are a dimension's values, null where nobody knows them."""
    point = (Location.latitude, Location.longitude)
    rows: Iterable[Sequence[Any]] = _looked_up(connection, found, Location.id, *point)
    if dimension.labels == "country":
        rows = connection.execute(select(Location.country, *point).where(Location.level == "country"))
    return {row[0]: (row[1], row[2]) for row in rows}


def _looked_up(connection: Connection, found: set[str | None], identity: Any, *columns: Any) -> Iterator[Sequence[Any]]:
    """These columns of the records with these ids, after each one's id."""
    ids = sorted(value for value in found if value is not None)
    for some in batches(ids):
        yield from connection.execute(select(identity, *columns).where(identity.in_(some)))
