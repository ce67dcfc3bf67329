"""The dimensions that totals can be grouped by and facets counted by, each declared once.

A dimension of the record itself has one value for each figure. One of a set (participants, claims) may have several, and
then the rows overlap: they are not additive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Table,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)

from api.columns.tables import ATTRIBUTIONS, CLAIMS, PARTICIPANTS, PROFILES, SOURCE, Sets
from api.query.dimension import Dimension

# The most dimensions one answer may have.
MOST_DIMENSIONS = 4


def _time(name: str, form: str, description: str, days_into: str | None) -> Dimension:
    """A dimension of time, whose buckets are called by this form of `strftime`; `days_into` is DuckDB's name of the number that a day
    has in its bucket, from 1."""
    length = len(date(2023, 11, 6).strftime(form))

    def first_day(day: ColumnElement[date]) -> ColumnElement[date]:
        # Several times as quick as to truncate it, which also makes a moment of it.
        one: ColumnElement[int] = literal_column("1", Integer())
        return day if days_into is None else day - cast(getattr(func, days_into)(day) - one, Integer)

    return Dimension(
        name,
        lambda on: first_day(on.date_start),
        description,
        filters=("date_from", "date_to"),
        last_bucket=lambda on: first_day(on.date_end),
        begins=_begins(form),
        bucket_name=_iso_week if name == "week" else lambda day: day.isoformat()[:length],
    )


def _iso_week(day: date) -> str:
    """The ISO 8601 week of a day, `2023-W45`."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _begins(form: str) -> Callable[[str], date]:
    """Reads the name of a bucket that is written in this form of `strftime`."""

    def begins(written: str) -> date:
        # Only a week asks which of its days is meant.
        found = datetime.strptime(f"{written} 1", f"{form} %u").date()
        if found.strftime(form) != written:
            raise ValueError("not as buckets are written")
        return found

    return begins


def _column(name: str, column: str | None = None) -> Callable[[Any], ColumnElement[Any]]:
    return lambda on: getattr(on, column or name)


def _attribution(name: str, column: str, description: str, labels: str | None) -> Dimension:
    """A dimension of who says so. Names of outlets and words of sources are values that no record may have."""
    return Dimension(
        name,
        _column(column),
        description,
        labels,
        values_of="id" if name == "document" else name,
        of_figures=CLAIMS,
        of_events=ATTRIBUTIONS,
    )


# One filter asks for places of every level.
_PLACES = ("location",)

DIMENSIONS: tuple[Dimension, ...] = (
    _time("day", "%Y-%m-%d", "The day that the period begins.", None),
    _time("week", "%G-W%V", "The ISO week that the period begins in, `2023-W45`.", "isodow"),
    _time("month", "%Y-%m", "The month that the period begins in, `2023-11`.", "day"),
    _time("year", "%Y", "The year that the period begins in.", "dayofyear"),
    Dimension("country", _column("country"), "ISO 3166-1 alpha-3.", "country", values_of="country"),
    Dimension(
        "state_or_region",
        _column("state_or_region"),
        "The state or region, by location id.",
        "location",
        filters=_PLACES,
    ),
    Dimension("district", _column("district"), "The district, by location id.", "location", filters=_PLACES),
    Dimension("township", _column("township"), "The township, by location id.", "location", filters=_PLACES),
    Dimension("location", _column("location_id"), "The place itself, by location id.", "location"),
    Dimension(
        "location_precision",
        _column("location_precision"),
        "How precisely the place is known.",
        "code:location_precision",
    ),
    Dimension(
        "group",
        _column("group_id"),
        "Each group in the event.",
        "group",
        of_figures=PARTICIPANTS,
        of_events=PARTICIPANTS,
    ),
    Dimension(
        "role",
        _column("role"),
        "Each role that a group has in the event.",
        "code:role",
        filters=("group_role",),
        of_figures=PARTICIPANTS,
        of_events=PARTICIPANTS,
    ),
    Dimension("kind", _column("kind"), "The kind of event.", "code:event_kind"),
    Dimension("type", _column("type"), "The event type.", "code:event_type"),
    Dimension("subtype", _column("subtype"), "The event subtype.", "code:event_subtype"),
    Dimension("outcome", _column("outcome"), "How the event ended.", "code:outcome"),
    Dimension("population", _column("population"), "Whose people.", "code:population", of_events=PROFILES),
    Dimension("measure", _column("measure"), "What is counted.", "code:measure", of_events=PROFILES),
    Dimension("object", _column("object"), "Which things; null for people.", "code:object", of_events=PROFILES),
    Dimension("sex", _column("sex"), "People of which sex.", "code:sex", of_events=PROFILES),
    Dimension("age", _column("age"), "People of which age.", "code:age", of_events=PROFILES),
    Dimension("cause", _column("cause"), "By what they came to harm.", "code:cause", of_events=PROFILES),
    Dimension("term", _column("term"), "The kind of displacement.", "code:term", of_events=PROFILES),
    Dimension(
        "status", _column("status"), "Whether there is a number, and if not, why.", "code:status", of_events=PROFILES
    ),
    _attribution("document", "document_id", "Each document that says so.", "document"),
    _attribution(
        "outlet", "outlet", "The outlet of each; a document whose outlet is not named is its own.", "document"
    ),
    _attribution(
        "claimant",
        "claimant",
        "Each claimant: a group's id, or words; null where the document itself says it.",
        "group",
    ),
    _attribution("source", "source", "Everybody who says so or passes it on: a group's id, or words.", "source"),
    _attribution("verification", "verification", "How well each is verified.", "code:verification"),
    Dimension("dataset", _column("dataset_id"), "The dataset.", "dataset"),
)

BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
# Always in the key of a total of events, and of one of figures: these are never added together.
ALWAYS_IN_KEY_OF_EVENTS: tuple[Dimension, ...] = (BY_NAME["dataset"],)
ALWAYS_IN_KEY: tuple[Dimension, ...] = (
    *ALWAYS_IN_KEY_OF_EVENTS,
    BY_NAME["measure"],
    Dimension("unit", _column("unit"), "What one of it is.", "code:unit", of_events=PROFILES),
    BY_NAME["object"],
)


def sets_of(dimensions: Sequence[Dimension], counted: Table) -> dict[Sets, list[Dimension]]:
    """The sets that have these dimensions, each with those that it has."""
    found: dict[Sets, list[Dimension]] = {}
    for dimension in dimensions:
        sets = dimension.sets(counted)
        if sets is not None:
            found.setdefault(sets, []).append(dimension)
    return found


def is_additive(dimensions: Sequence[Dimension], counted: Table) -> bool:
    """Whether every figure or event is in one row only, so that rows may be added up."""
    return not sets_of(dimensions, counted)


def members_table(sets: Sets, dimensions: Sequence[Dimension]) -> FromClause:
    """The members of sets with the columns that these dimensions are made of: once for each source, where one is of them."""
    if "source" in sets.table.c or all(dimension.name != "source" for dimension in dimensions):
        return sets.table
    joined = sets.table.join(SOURCE, SOURCE.c.source_set == sets.table.c.source_set)
    return select(*sets.table.c, SOURCE.c.source).select_from(joined).subquery()


class ClippedToPeriod:
    """The columns of what is counted, with what begins before the first day asked for beginning on it."""

    def __init__(self, on: Any, date_from: date | None) -> None:
        self._on = on
        self._date_from = date_from

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._on, name)
        if name != "date_start" or self._date_from is None:
            return found
        return func.greatest(found, end_of_period("date_from", self._date_from))


def end_of_period(name: str, value: date) -> ColumnElement[date]:
    """The first or last day asked for, as one parameter wherever a statement says it: what is selected and what is grouped by
    are the same expression only so."""
    return bindparam(name, value, Date())


def in_row(
    dimensions: Sequence[Dimension],
    row: Sequence[str | None],
    counted: Table,
    date_from: date | None,
    attribution: Callable[[Any], Sequence[ColumnElement[bool]]] = lambda _on: (),
    on: FromClause | None = None,
) -> ColumnElement[bool]:
    """The condition that a figure or event is in this row; dimensions of one set hold of the same member there.

    `date_from` is the first day asked for. Of a figure, the conditions of `attribution` hold of the same claim as the dimensions of
    who says so: a figure without a claim is in no such row. `on` has what is counted, where it is not the table of it.
    """
    values = dict(zip(dimensions, row, strict=True))
    own = [dimension for dimension in dimensions if dimension.sets(counted) is None]
    columns = (counted if on is None else on).c
    found = equal(own, [values[dimension] for dimension in own], ClippedToPeriod(columns, date_from))
    for sets, listed in sets_of(dimensions, counted).items():
        key, of = columns[sets.key], members_table(sets, listed)
        conditions = equal(listed, [values[dimension] for dimension in listed], of.c)
        if sets is CLAIMS:
            conditions += attribution(of.c)
        condition: ColumnElement[bool] = key.in_(select(of.c[sets.key]).where(*conditions))
        if sets is not CLAIMS and all(values[dimension] is None for dimension in listed):
            condition = or_(condition, key.is_(None))
        found.append(condition)
    return and_(true(), *found)


def equal(dimensions: Sequence[Dimension], row: Sequence[str | None], on: Any) -> list[ColumnElement[bool]]:
    """The conditions that these dimensions have these values in the columns `on`."""
    pairs = zip(dimensions, row, strict=True)
    return [_equals(dimension.of(on), dimension.from_key(value)) for dimension, value in pairs]


def _equals(expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return expression.is_(None) if value is None else expression == value
