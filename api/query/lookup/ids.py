"""Checks that ids, country codes and releases exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from api.domain import deadlines
from api.domain.errors import MOST_SUGGESTED, MOST_TOLD, refuse
from api.query.filters.filter import QueryValues
from api.query.lookup.names import closest, neighbours, unknown, withdrawn
from api.store.models import Dataset, Document, Event, Figure, Group, Location, Release

_BY_PARAMETER: Mapping[str, Any] = {
    "dataset": Dataset,
    "document": Document,
    "event": Event,
    "part_of": Event,
    "events": Event,
    "figures": Figure,
    "groups": Group,
    "locations": Location,
    "documents": Document,
    "datasets": Dataset,
}


def known_ids(connection: Connection, parameter: str, names: Sequence[str], query: QueryValues) -> Sequence[str]:
    """These ids, where every one is there; what they are ids of is told by the parameter or the resource."""
    model = _BY_PARAMETER[query["resource"] if parameter == "id" else parameter]
    known = select(model.id)
    found = set(connection.scalars(known.where(model.id.in_(names))))
    return _all_found(connection, parameter, names, found, known, model)


def known_countries(connection: Connection, parameter: str, names: Sequence[str]) -> Sequence[str]:
    """These codes, where every one is a country's."""
    known: Select[Any] = select(Location.country).where(Location.level == "country")
    found = set(connection.scalars(known.where(Location.country.in_(names))))
    return _all_found(connection, parameter, names, found, known, None)


def known_releases(connection: Connection, parameter: str, names: Sequence[str]) -> Sequence[str]:
    """These names, where a dataset is made of a release of each."""
    known = select(Release.name)
    found = set(connection.scalars(known.where(Release.name.in_(names))))
    return _all_found(connection, parameter, names, found, known, None)


def _all_found(
    connection: Connection,
    parameter: str,
    names: Sequence[str],
    found: Collection[str],
    known: Select[Any],
    model: Any,
) -> Sequence[str]:
    """The names themselves, where every one was found among those that are known; `model` if they are a record's."""
    missing = [name for name in names if name not in found]
    if not missing:
        return names
    faults = []
    for place, name in enumerate(missing[:MOST_TOLD]):
        deadlines.check("looking for what is close to unknown names")
        gone = None if model is None else withdrawn(connection, model, parameter, name)
        is_suggested = gone is None and place < MOST_SUGGESTED
        near = closest(name, neighbours(connection, known, name)) if is_suggested else []
        there_is_none = unknown(parameter, f"there is no {parameter} '{name}'", [(other, other) for other in near])
        faults.append(gone or there_is_none)
    raise refuse(faults)
