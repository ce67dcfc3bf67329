"""Answers to totals: rows with keys, labels, numbers, and links to the records that each row is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import Response
from sqlalchemy import Connection, Table, select

from api.answers import flat_totals
from api.answers.asked_format import format_or_page_asked
from api.answers.coverage import Coverage, coverage
from api.answers.files import file_response
from api.answers.lists import next_after, page_answer, parsed, start_of, streamed
from api.answers.responses import WholeAnswer, answered, base
from api.columns.snapshot import Snapshot
from api.columns.tables import EVENT
from api.domain import deadlines
from api.query.dimension import AXES, Dimension
from api.query.dimensions import is_additive
from api.query.endpoint import Endpoint
from api.query.filters.words import unmatched_words
from api.query.labels import labels_of, points_of
from api.query.question import Question
from api.query.standard_parameters import WIDE
from api.query.totals.events import EventRow, event_totals
from api.query.totals.figures import FigureRow, figure_totals
from api.query.totals.question import TotalQuestion
from api.records.files import FILES, table_of
from api.records.formats import CSV, FLAT, GEOJSON, JSON
from api.records.renditions import csv_line, json_bytes
from api.records.totals import EVENT_TOTAL_NUMBERS, FIGURE_TOTAL_NUMBERS, EventTotal, FigureTotal
from api.store.models import Dataset

_WRITING = "writing the rows of a total"


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
        return EVENT_TOTAL_NUMBERS if self.counted is EVENT else FIGURE_TOTAL_NUMBERS


def answer_totals(path: TotalsEndpoint) -> Response:
    """The total that the query asks for, by its dimensions."""

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer | Response:
        question = parsed(snapshot, path.endpoint, format_)
        about = coverage(snapshot, question)
        if format_ != JSON:
            dimensions, rows, _total = _rows(snapshot, path, question, 0, question.limit)
            return _streamed(snapshot.connection, path, question, about, dimensions, rows)
        start = start_of(question)
        dimensions, rows, total = _rows(snapshot, path, question, start, question.page_size)
        bodies = _bodies(snapshot.connection, path, question, dimensions, rows)
        records = [json_bytes(_only(body, question.fields)) for body in bodies]
        rest: dict[str, Any] = {
            "total": total,
            "returned": len(records),
            "next": next_after(question, start, total),
            "additive": is_additive(question.dimensions, path.counted),
        }
        unmatched = unmatched_words(snapshot, question, path.counted)
        if unmatched is not None:
            rest["unmatched_words"] = unmatched
        return page_answer(records, rest, about)

    return answered(format_or_page_asked(path.endpoint.formats), make, is_total=True)


def _rows(
    snapshot: Snapshot, path: TotalsEndpoint, question: Question, start: int, size: int | None
) -> tuple[tuple[Dimension, ...], Sequence[FigureRow | EventRow], int]:
    """The dimensions of the key, the rows that are wanted, and how many there are in all."""
    asked = replace(
        TotalQuestion.of(question, path.family),
        start=start,
        size=size,
        filled=_periods(snapshot.connection, question) if question.values.get("fill") else None,
        sort=None if question.sort is None or question.sort.key == "key" else question.sort.key,
        is_descending=question.is_descending,
    )
    return event_totals(snapshot.copy, asked) if path.counted is EVENT else figure_totals(snapshot.copy, asked)


def _periods(connection: Connection, question: Question) -> dict[str, tuple[date, date]]:
    """The days of each dataset that a filled total has rows of: those asked for, or else those that it declares to cover."""
    own = Dataset.__table__.c
    first, last = (question.values.get(name) for name in ("date_from", "date_to"))
    found = connection.execute(select(own.id, own.first_date, own.last_date)).all()
    periods = {identity: (first or first_date, last or last_date) for identity, first_date, last_date in found}
    return {identity: days for identity, days in periods.items() if None not in days}


def _streamed(
    connection: Connection,
    path: TotalsEndpoint,
    question: Question,
    about: Coverage,
    dimensions: Sequence[Dimension],
    rows: Sequence[FigureRow | EventRow],
) -> Response:
    row = (EventTotal if path.counted is EVENT else FigureTotal)().fields
    listed = flat_totals.columns(question, dimensions, row, path.numbers, path.counts)
    columns = flat_totals.header(listed)
    bodies = _bodies(connection, path, question, dimensions, rows)
    cells = (
        [flat_totals.cells(listed, body, base()) for body in deadlines.checked(bodies, _WRITING)]
        if question.format in FLAT
        else []
    )
    if question.values.get("shape") == WIDE:
        columns, cells = flat_totals.wide(question, listed, bodies)
    if question.format in FILES:
        return file_response(question, about, len(cells), columns, [table_of(columns, cells)])
    if question.format == CSV:
        found = [csv_line(row) for row in deadlines.checked(cells, _WRITING)]
    elif question.format == GEOJSON:
        found = flat_totals.features(question, listed, deadlines.checked(bodies, _WRITING), base())
    else:
        found = [json_bytes(_only(body, question.fields)) for body in deadlines.checked(bodies, _WRITING)]
    batches = [found] if found else []
    return streamed(question, about, len(found), lambda: iter(batches), [column.name for column in columns])


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
    for row in deadlines.checked(rows, _WRITING):
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
    return None if found is None or found[0] is None else dict(zip(AXES, found, strict=True))


def _links(path: TotalsEndpoint, question: Question) -> Callable[[Mapping[str, str | None]], str]:
    """Makes of a row's key the path that lists exactly what the row is made of: the same filters, and the row by its
    values."""
    names = [dimension.name for dimension in question.dimensions]
    # Filters of these names give way to the values of the row's own key.
    always = tuple(dimension.name for dimension in path.endpoint.always_in_key)
    # Whatever else is asked is about the form of the total.
    filters = {parameter.name for found in path.endpoint.filters for parameter in found.parameters} - {*always}
    kept = _query([(name, value) for name, value in question.pairs if name in filters])
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
