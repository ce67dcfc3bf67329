"""Rows of totals in flat forms: as columns, with the values of a dimension as columns, and as features on a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from api.boundaries import geometry
from api.domain.errors import Fault, InvalidValue, refuse
from api.query.dimensions import Dimension
from api.query.question import Question
from api.records.renditions import feature
from api.records.shape import FlatColumn, flat_column

# What a point has, in the order of its columns.
AXES = ("latitude", "longitude")
# What tells which row it is.
_OF_KEY = ("key", "labels", "starts", "points")
# The numbers that become columns where `fields` names none, as far as a total has them.
_USUAL_NUMBERS = ("low", "best", "high", "open_ended", "events")
# More columns than that nobody reads; a workbook has 16,384.
_MOST_COLUMNS = 1_000
_NOT_SPECIFIED = "not_specified"

# The flat columns under each top-level key, and a row as an object.
Columns = Mapping[str, Sequence[FlatColumn]]
Body = Mapping[str, Any]


def columns(
    question: Question, dimensions: Sequence[Dimension], fields: Mapping[str, Any], numbers: Sequence[str], counts: str
) -> Columns:
    """The flat columns under each top-level key that is shown."""
    names = [dimension.name for dimension in dimensions]
    found = {
        "key": [FlatColumn(f"key_{name}", str, f"The row's {name}.") for name in names],
        "labels": [FlatColumn(f"labels_{name}", str, f"What its {name} is called.") for name in names],
        "starts": [
            FlatColumn(f"{dimension.name}_start", date, f"The first day of its {dimension.name}.")
            for dimension in dimensions
            if dimension.begins is not None
        ],
        "points": [
            FlatColumn(f"{place.name}_{axis}", float, f"The {axis} of a point of its {place.name}, in degrees.")
            for place in dimensions
            if place.is_of_places
            for axis in AXES
        ],
        **{number: [flat_column(number, fields[number])] for number in numbers},
        "links": [FlatColumn(f"links_{counts}", str, f"The {counts} of the row.")],
    }
    return {key: listed for key, listed in found.items() if key in (question.fields or tuple(found))}


def cells(listed: Columns, body: Body, base: str) -> list[Any]:
    """A row's cells, one for each of these columns; links with this address before them."""
    return [cell for key in listed for cell in _cells(key, body[key], base)]


def _cells(key: str, value: Any, base: str) -> list[Any]:
    """The cells of one top-level key: an object's values, or the value itself; of a point, each axis."""
    if key == "links":
        return [f"{base}{path}" for path in value.values()]
    if key == "points":
        return [None if point is None else point[axis] for point in value.values() for axis in AXES]
    return list(value.values()) if isinstance(value, dict) else [value]


def wide(question: Question, listed: Columns, bodies: Sequence[Body]) -> tuple[list[FlatColumn], list[list[Any]]]:
    """The columns and rows of a total whose last dimension's values are columns; no cell where there is no such row.

    Errors: a Problem, where that are too many columns.
    """
    last = question.dimensions[-1].name
    numbers = [key for key in listed if key not in (*_OF_KEY, "links")]
    if not question.fields:
        numbers = [number for number in numbers if number in _USUAL_NUMBERS]
    found = sorted({body["key"][last] for body in bodies}, key=lambda value: (value is None, value or ""))
    if len(found) * len(numbers) > _MOST_COLUMNS:
        told = f"'shape' would give {len(found) * len(numbers):,} columns, over the most, {_MOST_COLUMNS:,}: put another dimension last."
        raise refuse([Fault("shape", told, InvalidValue)])
    rows: dict[tuple[Any, ...], dict[Any, Body]] = {}
    for body in bodies:
        rest = tuple(value for name, value in body["key"].items() if name != last)
        rows.setdefault(rest, {})[body["key"][last]] = body
    of_key = {key: kept for key in listed if key in _OF_KEY for kept in [listed[key]]}
    is_kept = [not _is_about(column.name, last) for shown in of_key.values() for column in shown]
    flat_columns = [column for shown in of_key.values() for column in shown if not _is_about(column.name, last)]
    for value in found:
        name = _NOT_SPECIFIED if value is None else value
        for number in numbers:
            (own,) = listed[number]
            named = name if len(numbers) == 1 else f"{name}_{number}"
            flat_columns.append(FlatColumn(named, own.type, f"{own.meaning} Of {last} {name}."))
    wide_rows = []
    for by_value in rows.values():
        first = next(iter(by_value.values()))
        row = [cell for cell, kept in zip(cells(of_key, first, ""), is_kept, strict=True) if kept]
        row += [by_value[value][number] if value in by_value else None for value in found for number in numbers]
        wide_rows.append(row)
    return flat_columns, wide_rows


def _is_about(name: str, dimension: str) -> bool:
    """Whether a column is about this dimension."""
    return name in (
        *(f"{key}_{dimension}" for key in ("key", "labels")),
        f"{dimension}_start",
        *(f"{dimension}_{axis}" for axis in AXES),
    )


def features(question: Question, listed: Columns, bodies: Iterable[Body], base: str) -> list[bytes]:
    """The rows as GeoJSON features, each at the place of the last dimension of places: its point, or its outline where
    `boundaries` asks for it; without geometry where the row has no place, or the place neither."""
    place = [dimension.name for dimension in question.dimensions if dimension.is_of_places][-1]
    header = [column.name for shown in listed.values() for column in shown]
    found = []
    for body in bodies:
        value, point = body["key"][place], body["points"][place]
        drawn: Mapping[str, Any] | None = (
            None if point is None else {"type": "Point", "coordinates": [point[axis] for axis in reversed(AXES)]}
        )
        if question.values.get("boundaries"):
            drawn = geometry(None if value is None else value.lower()) or drawn
        identity = ",".join(value or "" for value in body["key"].values())
        found.append(feature(identity, drawn, header, cells(listed, body, base)))
    return found
