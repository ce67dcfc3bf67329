"""Ids and country codes: whether they are there. Knows no names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, select

from api.declare.filter import Asked
from api.errors import refuse
from api.forms import run_with
from api.keeping import Remember
from api.lookup.refusals import closest, neighbours, unknown, withdrawn
from api.models import Dataset, Document, Event, Figure, Group, Location

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
# One function for each, since the form of a question is told by it.
_IDS: Mapping[Any, Callable[[], Select[Any]]] = {model: partial(select, model.id) for model in _BY_PARAMETER.values()}


def known_ids(connection: Connection, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[str]:
    """These ids, where every one is there; what they are ids of is told by the parameter or the resource."""
    model = _BY_PARAMETER[asked["resource"] if parameter == "id" else parameter]
    return _known(connection, parameter, names, model)


def known_countries(connection: Connection, parameter: str, names: Sequence[str], known: Remember) -> Sequence[str]:
    """These codes, where every one is a country's."""
    # There are few, and many questions ask for one.
    found = known("countries", lambda: frozenset(connection.scalars(_countries())))
    return _of(connection, parameter, names, found, _countries, None)


def _countries() -> Select[Any]:
    return select(Location.country).where(Location.level == "country")


def _known(connection: Connection, parameter: str, names: Sequence[str], model: Any) -> Sequence[str]:
    """The names themselves, where every one is an id of such a record."""
    select_known = _IDS[model]

    def among(slots: Sequence[Any]) -> Select[Any]:
        known = select_known()
        (column,) = known.selected_columns
        return known.where(column.in_(slots))

    found = {name for (name,) in run_with(connection, ("known", select_known), names, among)}
    return _of(connection, parameter, names, found, select_known, model)


def _of(
    connection: Connection,
    parameter: str,
    names: Sequence[str],
    found: Collection[str],
    select_known: Callable[[], Select[Any]],
    model: Any,
) -> Sequence[str]:
    """The names themselves, where every one was found among those that are known; `model` if they are a record's."""
    faults = []
    for name in names:
        if name not in found:
            gone = None if model is None else withdrawn(connection, model, parameter, name)
            near = [] if gone is not None else closest(name, neighbours(connection, select_known(), name))
            there_is_none = unknown(parameter, f"there is no {parameter} '{name}'", [(other, other) for other in near])
            faults.append(gone or there_is_none)
    if faults:
        raise refuse(faults)
    return names
