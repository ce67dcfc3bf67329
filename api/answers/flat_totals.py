"""Rows of totals in flat forms: as columns, with the values of a dimension as columns, and as features on a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from api.boundaries import geometry
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.dimension import AXES, Dimension
from api.query.question import Question
from api.records.renditions import feature
from api.records.shape import FlatColumn, flat_column

# What tells which row it is.
_OF_KEY = ("key", "labels", "starts", "points")
# The numbers that become columns where `fields` names none, as far as a total has them.
_USUAL_NUMBERS = ("low", "best", "high", "open_ended", "events")
# More columns than that nobody reads; a workbook has 16,384.
_MOST_COLUMNS = 1_000
_NOT_SPECIFIED = "not_specified"

# The flat columns under each top-level key, each with its place among all of that key; and a row as an object.
Columns = Mapping[str, Sequence[tuple[int, FlatColumn]]]
Body = Mapping[str, Any]


def columns(
    question: Question, dimensions: Sequence[Dimension], fields: Mapping[str, Any], numbers: Sequence[str], counts: str
) -> Columns:
    """The flat columns that are shown: of all top-level keys, or of those that `fields` names, or named there themselves."""

    def of_dimensions(key: str, kind: type, meaning: str) -> list[FlatColumn]:
        return [
            FlatColumn(name, kind, meaning.format(*name.rsplit("_", 1), dimension=dimension.name))
            for dimension in dimensions
            for name in dimension.flat_names_by_key[key]
        ]

    found = {
        "key": of_dimensions("key", str, "The row's {dimension}."),
        "labels": of_dimensions("labels", str, "What its {dimension} is called."),
        "starts": of_dimensions("starts", date, "The first day of its {dimension}."),
        "points": of_dimensions("points", float, "The {1} of a point of its {dimension}, in degrees."),
        **{number: [flat_column(number, fields[number])] for number in numbers},
        "links": [FlatColumn(f"links_{counts}", str, f"The {counts} of the row.")],
    }
    asked = question.fields or tuple(found)
    shown = {
        key: [(place, column) for place, column in enumerate(listed) if key in asked or column.name in asked]
        for key, listed in found.items()
    }
    return {key: kept for key, kept in shown.items() if kept}


def header(listed: Columns) -> list[FlatColumn]:
    """These columns in order."""
    return [column for shown in listed.values() for _place, column in shown]


def cells(listed: Columns, body: Body, base: str) -> list[Any]:
    """A row's cells, one for each of these columns; links with this address before them."""
    found = ((_cells(key, body[key], base), shown) for key, shown in listed.items())
    return [of_key[place] for of_key, shown in found for place, _column in shown]


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
    dimension = question.dimensions[-1]
    last = dimension.name
    numbers = [key for key in listed if key not in (*_OF_KEY, "links")]
    if not question.fields:
        numbers = [number for number in numbers if number in _USUAL_NUMBERS]
    found = sorted({body["key"][last] for body in bodies}, key=lambda value: (value is None, value or ""))
    if len(found) * len(numbers) > _MOST_COLUMNS:
        told = f"'shape' would give {len(found) * len(numbers):,} columns, over the most, {_MOST_COLUMNS:,}: put another dimension last."
        raise refusal([Fault("shape", told, InvalidValue)])
    rows: dict[tuple[Any, ...], dict[Any, Body]] = {}
    for body in bodies:
        rest = tuple(value for name, value in body["key"].items() if name != last)
        rows.setdefault(rest, {})[body["key"][last]] = body
    of_key = {
        key: [(place, column) for place, column in shown if column.name not in dimension.flat_names]
        for key, shown in listed.items()
        if key in _OF_KEY
    }
    flat_columns = header(of_key)
    for value in found:
        name = _NOT_SPECIFIED if value is None else value
        for number in numbers:
            ((_place, own),) = listed[number]
            named = name if len(numbers) == 1 else f"{name}_{number}"
            flat_columns.append(FlatColumn(named, own.type, f"{own.meaning} Of {last} {name}."))
    wide_rows = []
    for by_value in rows.values():
        first = next(iter(by_value.values()))
        row = cells(of_key, first, "")
        row += [by_value[value][number] if value in by_value else None for value in found for number in numbers]
        wide_rows.append(row)
    return flat_columns, wide_rows


def features(question: Question, listed: Columns, bodies: Iterable[Body], base: str) -> list[bytes]:
    """The rows as GeoJSON features, each at the place of the last dimension of places: its point, or its outline where
    `boundaries` asks for it; without geometry where the row has no place, or the place neither."""
    place = [dimension.name for dimension in question.dimensions if dimension.is_of_places][-1]
    names = [column.name for column in header(listed)]
    found = []
    for body in bodies:
        value, point = body["key"][place], body["points"][place]
        drawn: Mapping[str, Any] | None = (
            None if point is None else {"type": "Point", "coordinates": [point[axis] for axis in reversed(AXES)]}
        )
        if question.values.get("boundaries"):
            drawn = geometry(None if value is None else value.lower()) or drawn
        identity = ",".join(value or "" for value in body["key"].values())
        found.append(feature(identity, drawn, names, cells(listed, body, base)))
    return found
