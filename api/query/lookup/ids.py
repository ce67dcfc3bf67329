"""Checks that ids, country codes and releases exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from api.domain import deadlines
from api.domain.errors import MOST_SUGGESTED, MOST_TOLD, Fault, refuse
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
    countries = select(Location.country, Location.name).where(Location.level == "country").order_by(Location.id)
    found = {str(country): name for country, name in connection.execute(countries)}
    missing = [name for name in names if name not in found]
    if missing:
        raise refuse([_no_country(parameter, name, found) for name in missing[:MOST_TOLD]])
    return names


def _no_country(parameter: str, name: str, names: Mapping[str, str]) -> Fault:
    """The fault of what is no country's code, with the countries whose code or name is close to it."""
    codes = {called: code for code, called in names.items()}
    near = dict.fromkeys(codes.get(match, match) for match in closest(name, [*names, *codes]))
    return unknown(parameter, f"no country here has the code '{name}'", [(code, code) for code in near])


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
        kind = parameter if model is None else model.__tablename__
        there_is_none = unknown(parameter, f"there is no {kind} '{name}'", [(other, other) for other in near])
        faults.append(gone or there_is_none)
    raise refuse(faults)
