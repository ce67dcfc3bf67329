"""Answers to totals: rows with keys, labels, numbers, and links to the records that each row is made of."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import Response
from sqlalchemy import Connection, Table

from api.answers.coverage import Coverage, coverage
from api.answers.files import filed
from api.answers.lists import paged, parsed, streamed
from api.answers.responses import WholeAnswer, answered, base, next_address
from api.columns.snapshot import Snapshot
from api.columns.tables import EVENT
from api.domain import deadlines
from api.domain.errors import Fault, InvalidValue, refuse
from api.query.dimensions import Dimension, is_additive
from api.query.endpoint import Endpoint
from api.query.filters.words import unmatched_words
from api.query.labels import labels_of, points_of
from api.query.pages import decoded, encoded
from api.query.question import Question
from api.query.totals.events import EventRow, event_totals
from api.query.totals.figures import FigureRow, figure_totals
from api.query.totals.question import TotalQuestion
from api.records.files import FILES, table_of
from api.records.formats import CSV, JSON
from api.records.renditions import csv_line, json_bytes
from api.records.shape import FlatColumn, flat_column
from api.records.totals import EventTotal, FigureTotal

# So many rows are written in some milliseconds.
_ROWS_UNCHECKED = 1_000
# Names of the filters that a row's own key replaces in the link to its figures.
_APART_FILTERS = ("dataset", "measure", "unit", "object")
# What a point has, in the order of its columns.
_AXES = ("latitude", "longitude")


@dataclass(frozen=True)
class TotalsEndpoint:
    """A path of totals: what it takes, what it counts, and the path that lists what its rows are made of."""

    endpoint: Endpoint
    # Events or figures.
    counted: Table
    listed_at: str
    # The family that is totalled; null where all are that can be.
    family: str | None = None

    @property
    def counts(self) -> str:
        """What it counts, as its links and counts are called."""
        return f"{self.counted.name}s"

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the numbers in a row."""
        if self.counted is EVENT:
            return ("events", "spanning")
        names = ("low", "best", "high", "open_ended", "floating")
        return (*names, "figures", "numbered", "unnumbered", "unknown", "none_reported", "spanning")


def answer_totals(path: TotalsEndpoint) -> Response:
    """The total that the query asks for, by its dimensions."""

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer | Response:
        question = parsed(snapshot, path.endpoint, format_)
        about = coverage(snapshot, question)
        if format_ != JSON:
            dimensions, rows, _total = _rows(snapshot, path, question, 0, question.limit)
            return _streamed(snapshot.connection, path, question, about, dimensions, rows)
        start = _start(question)
        dimensions, rows, total = _rows(snapshot, path, question, start, question.page_size)
        bodies = _bodies(snapshot.connection, path, question, dimensions, rows)
        records = [json_bytes(_only(body, question.fields)) for body in bodies]
        rest: dict[str, Any] = {
            "total": total,
            "returned": len(records),
            "next": _next(question, start, total),
            "additive": is_additive(question.dimensions, path.counted),
        }
        unmatched = unmatched_words(snapshot, question, path.counted)
        if unmatched is not None:
            rest["unmatched_words"] = unmatched
        return paged(records, rest, about)

    return answered(path.endpoint.formats, make, is_total=True)


def _rows(
    snapshot: Snapshot, path: TotalsEndpoint, question: Question, start: int, size: int | None
) -> tuple[tuple[Dimension, ...], Sequence[FigureRow | EventRow], int]:
    """The dimensions of the key, the rows that are wanted, and how many there are in all."""
    asked = replace(
        TotalQuestion.of(question, path.family),
        start=start,
        size=size,
        sort=None if question.sort is None or question.sort.key == "key" else question.sort.key,
        is_descending=question.is_descending,
    )
    return event_totals(snapshot.copy, asked) if path.counted is EVENT else figure_totals(snapshot.copy, asked)


# --- Pages of rows -----------------------------------------------------------------------------------------------


def _start(question: Question) -> int:
    """How many rows come before this page. A total is worked out whole, so its cursor is a place in it."""
    written = question.values.get("cursor")
    if written is None:
        return int((question.values.get("page", 1) - 1) * question.page_size)
    try:
        start = int(decoded(written).decode("ascii"))
    except (binascii.Error, ValueError):
        start = -1
    if start < 0:
        raise refuse([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    return start


def _next(question: Question, start: int, total: int) -> str | None:
    following = start + question.page_size
    if following >= total:
        return None
    return next_address(question, encoded(str(following).encode()))


def _streamed(
    connection: Connection,
    path: TotalsEndpoint,
    question: Question,
    about: Coverage,
    dimensions: Sequence[Dimension],
    rows: Sequence[FigureRow | EventRow],
) -> Response:
    columns = _columns(path, question, dimensions)
    flat_columns = [column for listed in columns.values() for column in listed]
    bodies = _bodies(connection, path, question, dimensions, rows)

    if question.format in FILES:
        own = base()
        cells = [[cell for key in columns for cell in _cells(key, body[key], own)] for body in bodies]
        return filed(question, about, len(bodies), flat_columns, [table_of(flat_columns, cells)])

    own = base()

    def batches() -> Iterator[Sequence[bytes]]:
        if not bodies:
            return
        if question.format != CSV:
            yield [json_bytes(_only(body, question.fields)) for body in bodies]
            return
        yield [csv_line([cell for key in columns for cell in _cells(key, body[key], own)]) for body in bodies]

    return streamed(question, about, len(bodies), batches, [column.name for column in flat_columns])


def _columns(path: TotalsEndpoint, question: Question, dimensions: Sequence[Dimension]) -> dict[str, list[FlatColumn]]:
    """The flat columns under each top-level key that is shown."""
    names = [dimension.name for dimension in dimensions]
    row: Mapping[str, Any] = (EventTotal if path.counted is EVENT else FigureTotal)().fields
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
            for axis in _AXES
        ],
        **{number: [flat_column(number, row[number])] for number in path.numbers},
        "links": [FlatColumn(f"links_{path.counts}", str, f"The {path.counts} of the row.")],
    }
    return {key: listed for key, listed in found.items() if key in (question.fields or tuple(found))}


def _cells(key: str, value: Any, own: str) -> list[Any]:
    """The cells of one top-level key: an object's values, or the value itself; of a point, each axis."""
    if key == "links":
        return [f"{own}{path}" for path in value.values()]
    if key == "points":
        return [None if point is None else point[axis] for point in value.values() for axis in _AXES]
    return list(value.values()) if isinstance(value, dict) else [value]


def _only(body: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """A row with these top-level keys alone; whole where none are named."""
    return {key: value for key, value in body.items() if key in fields} if fields else body


# --- Rows as objects ---------------------------------------------------------------------------------------------


def _bodies(
    connection: Connection,
    path: TotalsEndpoint,
    question: Question,
    dimensions: Sequence[Dimension],
    rows: Sequence[FigureRow | EventRow],
) -> list[dict[str, Any]]:
    names = [dimension.name for dimension in dimensions]
    found = {dimension: {row.key[i] for row in rows} for i, dimension in enumerate(dimensions)}
    labels = {dimension.name: labels_of(connection, dimension, values) for dimension, values in found.items()}
    points = {
        dimension.name: points_of(connection, dimension, values)
        for dimension, values in found.items()
        if dimension.is_of_places
    }
    times = {dimension.name: dimension.begins for dimension in dimensions if dimension.begins is not None}
    link = _links(path, question)
    bodies = []
    for place, row in enumerate(rows):
        if place % _ROWS_UNCHECKED == 0:
            deadlines.check("writing the rows of a total")
        key = dict(zip(names, row.key, strict=True))
        bodies.append(
            {
                "key": key,
                "labels": {
                    name: None if value is None else labels[name].get(value, value) for name, value in key.items()
                },
                "starts": {name: _day(begins, key[name]) for name, begins in times.items()},
                "points": {name: _point(known.get(key[name] or "")) for name, known in points.items()},
                **{number: getattr(row, number) for number in path.numbers},
                "links": {path.counts: link(key)},
            }
        )
    return bodies


def _day(begins: Callable[[str], date], bucket: str | None) -> str | None:
    return None if bucket is None else begins(bucket).isoformat()


def _point(found: tuple[float | None, ...] | None) -> dict[str, float | None] | None:
    """A point by its axes; null where the place has none, or the row no place."""
    return None if found is None or found[0] is None else dict(zip(_AXES, found, strict=True))


def _links(path: TotalsEndpoint, question: Question) -> Callable[[Mapping[str, str | None]], str]:
    """Makes of a row's key the path that lists exactly what the row is made of: the same filters, and the row by its
    values."""
    names = [dimension.name for dimension in question.dimensions]
    always = ("dataset",) if path.counts == "events" else _APART_FILTERS
    skipped = ("group_by", "sort", "format", "fields", "limit", "cursor", "page", "bom", "hxl", *always)
    kept = _query([(name, value) for name, value in question.pairs if name not in skipped])
    grouped = _query([("group_by", ",".join(names))] if names else [])

    # Most rows differ in their own dimensions alone.
    @cache
    def apart(values: tuple[str | None, ...]) -> str:
        return _query([(name, value) for name, value in zip(always, values, strict=True) if value is not None])

    # And most values stand in many rows.
    @cache
    def written(value: str | None) -> str:
        return quote_plus(_row_value(value), safe=_SAFE)

    def link(key: Mapping[str, str | None]) -> str:
        row = f"row={','.join([written(key[name]) for name in names])}" if names else ""
        parts = (kept, apart(tuple([key[name] for name in always])), grouped, row)
        return f"{path.listed_at}?{'&'.join(filter(None, parts))}"

    return link


# What stands in a query as it is.
_SAFE = ",:"


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, safe=_SAFE)


def _row_value(value: str | None) -> str:
    """A key's value as it stands in `row`: empty for null, in double quotes where it would not be read as one value."""
    if value is None:
        return ""
    if "," not in value and '"' not in value:
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'
