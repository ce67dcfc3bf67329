"""Checks that ids and releases exist, and finds countries by code, number or name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, select

from api.domain import deadlines
from api.domain.countries import countries, country_code
from api.domain.errors import MOST_SUGGESTED, MOST_TOLD, Fault, refusal
from api.domain.names import folded
from api.query.filters.filter import QueryValues
from api.query.lookup.names import Near, closest, ids_by_name, near_records, neighbours, unknown, withdrawn
from api.records.changes import PATHS
from api.store.models import Change, Dataset, Document, Event, Figure, Group, Location, LocationName, Release

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


def known_ids(
    connection: Connection,
    parameter: str,
    names: Sequence[str],
    query: QueryValues,
    *,
    takes_withdrawn: bool = False,
) -> Sequence[str]:
    """These ids, where every one is there, or was where withdrawn ones will do; what they are ids of is told by the
    parameter or the resource."""
    model = _BY_PARAMETER[query["resource"] if parameter == "id" else parameter]
    known = select(model.id)
    found = set(connection.scalars(known.where(model.id.in_(names))))
    if takes_withdrawn and not found.issuperset(names):
        line = select(Change.record_id).where(Change.record == model.__tablename__, Change.record_id.in_(names))
        found |= set(connection.scalars(line.distinct()))
    return _all_found(connection, parameter, names, found, known, model)


def known_countries(connection: Connection, parameter: str, names: Sequence[str]) -> Sequence[str]:
    """The alpha-3 codes of the countries of these codes, numbers or names, whether there is data of them or not."""
    codes = {name: country_code(name) or _country_here(connection, name) for name in names}
    missing = [name for name, code in codes.items() if code is None]
    if missing:
        raise refusal([replace(_no_country(parameter, name), value=name) for name in missing[:MOST_TOLD]])
    return list(dict.fromkeys(code for code in codes.values() if code is not None))


def _country_here(connection: Connection, name: str) -> str | None:
    """The code of the country that has this code, name or alias here; null where none has, or several have. ISO leaves some
    codes to whoever needs them."""
    own = connection.scalar(select(Location.country).where(Location.country == name.upper()).limit(1))
    if own is not None:
        return own
    found = ids_by_name(connection, LocationName, "location_id", name, ["country"])
    return connection.scalar(select(Location.country).where(Location.id == found[0])) if len(found) == 1 else None


def _no_country(parameter: str, name: str) -> Fault:
    """The fault of what is no country's code or name, with the countries whose code or name is close to it."""
    by_word = {word: country for country in countries() for word in (country.alpha_3, *country.names)}
    found = dict.fromkeys(by_word[word] for word in closest(name, by_word))
    near = [Near(country.alpha_3, country.names[0], country.names[0]) for country in found]
    return unknown(parameter, f"no country has the code or name '{name}'", near)


def known_releases(connection: Connection, parameter: str, names: Sequence[str]) -> Sequence[str]:
    """These names, where a dataset is made of a release of each."""
    known = select(Release.name)
    found = set(connection.scalars(known.where(Release.name.in_(names))))
    return _all_found(connection, parameter, names, found, known, None)


def ids_of_publisher(connection: Connection, model: Any, printed: str) -> list[str]:
    """The ids that are made of a publisher's own: `ucdp-ged-48528` for `48528`."""
    made = [f"{dataset}-{printed.lower()}" for dataset in connection.scalars(select(Dataset.id))]
    return list(connection.scalars(select(model.id).where(model.id.in_(made)).order_by(model.id)))


def _all_found(
    connection: Connection, parameter: str, names: Sequence[str], found: Collection[str], known: Select[Any], model: Any
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
        near = ids_of_publisher(connection, model, name) if is_suggested and model is not None else []
        if is_suggested and not near:
            near = closest(name, neighbours(connection, known, name))
        if is_suggested and parameter == "document" and _is_outlet(connection, name):
            faults.append(unknown(parameter, f"'{name}' is an outlet, not a document: ask for it by 'outlet'", []))
            continue
        faults.append(replace(gone or _no_record(connection, parameter, name, model, near), value=name))
    raise refusal(faults)


def _no_record(connection: Connection, parameter: str, name: str, model: Any, near: Sequence[str]) -> Fault:
    """The fault of the id of no record, or of no release, where `model` is null: where they are, and of datasets all."""
    if model is None:
        # Each dataset tells the releases that it is made of.
        what = f"there is no {parameter} '{name}' (they are at {PATHS['dataset']})"
        return unknown(parameter, what, [Near(one, one, one) for one in near])
    record = model.__tablename__
    every = list(connection.scalars(select(Dataset.id).order_by(Dataset.id))) if model is Dataset else []
    what = f"there is no {record} '{name}' (they are at {PATHS[record]})"
    return unknown(parameter, what, near_records(connection, model, near), every)


def _is_outlet(connection: Connection, name: str) -> bool:
    """Whether a document is of the outlet of this name."""
    outlets = connection.scalars(select(Document.outlet).where(Document.outlet.is_not(None)).distinct())
    return folded(name) in {folded(outlet) for outlet in outlets}
