"""Looks up what the values of dimensions are called, in code lists and by the names of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from api.domain.codebook import CODEBOOK
from api.query.dimensions import Dimension
from api.store.models import Dataset, Document, Group, Location

_NAMES: Mapping[str, tuple[Any, Any]] = {
    "location": (Location.id, Location.name),
    "group": (Group.id, Group.name),
    "dataset": (Dataset.id, Dataset.title),
    "document": (Document.id, Document.outlet),
}
# Ids that one look-up of names asks for.
_NAMED_AT_ONCE = 500


def labels_of(connection: Connection, dimension: Dimension, found: set[str | None]) -> dict[str, str]:
    """The names of a dimension's values; values without a name are their own."""
    if dimension.labels is None:
        return {}
    if dimension.labels.startswith("code:"):
        return {code.code: code.label for code in CODEBOOK[dimension.labels.removeprefix("code:")].codes}
    if dimension.labels == "country":
        rows = connection.execute(select(Location.country, Location.name).where(Location.level == "country"))
        return {str(code): name for code, name in rows}
    identity, name = _NAMES[dimension.labels]
    ids = sorted(value for value in found if value is not None)
    named: dict[str, str] = {}
    for start in range(0, len(ids), _NAMED_AT_ONCE):
        some = ids[start : start + _NAMED_AT_ONCE]
        named.update(connection.execute(select(identity, name).where(identity.in_(some))).all())
    return named
