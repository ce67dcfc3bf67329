"""The dimensions that totals can be grouped by and facets counted by, each declared once.

A dimension of the record itself has one value for each figure. One of a set (participants, claims) may have several, and
then the rows overlap: they are not additive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, literal_column, or_, select

from api.columns.tables import CLAIMS, FIGURE, PARTIES, PROFILES, REPORTS, Sets

# The most dimensions one answer may have.
MOST_DIMENSIONS = 3


@dataclass(frozen=True)
class Dimension:
    """Something to group by. `of` makes its value from the table it is found in."""

    name: str
    of: Callable[[Any], ColumnElement[Any]]
    description: str
    # Where its values get their names: a kind of record, or `code:` and a code list.
    labels: str | None = None
    # The parameter that has its values: the ids of those records, or another where not each value has a record.
    values_of: str = "id"
    # The filters that choose among its values, where they are not called as it is.
    filters: tuple[str, ...] = ()
    # For figures and for events: the sets that have it, where they do not have it themselves.
    of_figures: Sets | None = None
    of_events: Sets | None = None
    # The last bucket that a period reaches, for dimensions of time.
    until: Callable[[Any], ColumnElement[Any]] | None = None
    # The day that a bucket begins, for dimensions of time. Errors: ValueError, where it is the name of none.
    begins: Callable[[str], date] | None = None
    # The name of the bucket that begins on a day, for dimensions of time.
    named: Callable[[date], str] | None = None

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """The names of the filters that choose among its values."""
        return self.filters or (self.name,)

    def sets(self, counted: Table) -> Sets | None:
        """The sets that have it, of figures or of events."""
        return self.of_figures if counted is FIGURE else self.of_events

    def told(self, value: Any) -> str | None:
        """A value as it stands in a key."""
        return value if value is None or self.named is None else self.named(value)

    def meant(self, told: str | None) -> Any:
        """A value of a key as it stands in the copy."""
        return told if told is None or self.begins is None else self.begins(told)


def _time(name: str, form: str, description: str) -> Dimension:
    """A dimension of time, whose buckets are called by this form of `strftime`."""
    length = len(date(2023, 11, 6).strftime(form))
    part: ColumnElement[str] = literal_column(f"'{name}'")
    return Dimension(
        name,
        lambda on: func.date_trunc(part, on.date_start),
        description,
        filters=("date_from", "date_to"),
        until=lambda on: func.date_trunc(part, on.date_end),
        begins=_begins(form),
        named=_iso_week if name == "week" else lambda day: day.isoformat()[:length],
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


# One filter asks for places of every level.
_PLACES = ("location",)

DIMENSIONS: tuple[Dimension, ...] = (
    _time("day", "%Y-%m-%d", "The day that the period begins."),
    _time("week", "%G-W%V", "The ISO week that the period begins in, `2023-W45`."),
    _time("month", "%Y-%m", "The month that the period begins in, `2023-11`."),
    _time("year", "%Y", "The year that the period begins in."),
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
        "group",
        _column("group_id"),
        "Each group in the event.",
        "group",
        of_figures=PARTIES,
        of_events=PARTIES,
    ),
    Dimension(
        "role",
        _column("role"),
        "Each role that a group has in the event.",
        "code:role",
        filters=("group_role",),
        of_figures=PARTIES,
        of_events=PARTIES,
    ),
    Dimension("type", _column("type"), "The event type.", "code:event_type"),
    Dimension("population", _column("population"), "Whose people.", "code:population", of_events=PROFILES),
    Dimension("measure", _column("measure"), "What is counted.", "code:measure", of_events=PROFILES),
    Dimension("sex", _column("sex"), "People of which sex.", "code:sex", of_events=PROFILES),
    Dimension(
        "document",
        _column("document_id"),
        "Each document that says so.",
        "document",
        of_figures=CLAIMS,
        of_events=REPORTS,
    ),
    Dimension(
        "claimant",
        _column("claimant"),
        "Each claimant: a group's id, or words.",
        "group",
        values_of="claimant",
        of_figures=CLAIMS,
        of_events=REPORTS,
    ),
    Dimension("dataset", _column("dataset_id"), "The dataset.", "dataset"),
)

# Always in the key of a total of figures: these are never added together.
APART: tuple[Dimension, ...] = (
    next(dimension for dimension in DIMENSIONS if dimension.name == "dataset"),
    next(dimension for dimension in DIMENSIONS if dimension.name == "measure"),
    Dimension("unit", _column("unit"), "What one of it is.", "code:unit"),
    Dimension("object", _column("object"), "Which things; null for people.", "code:object"),
)

BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}


def with_apart(dimensions: Sequence[Dimension], apart: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """The dimensions asked for, and after them those that are in every key."""
    asked = {dimension.name for dimension in dimensions}
    return (*dimensions, *(dimension for dimension in apart if dimension.name not in asked))


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


def in_row(dimensions: Sequence[Dimension], row: Sequence[str | None], counted: Table) -> ColumnElement[bool]:
    """The condition that a figure or event is in this row; dimensions of one set hold of the same member there."""
    values = dict(zip(dimensions, row, strict=True))
    found = [
        _equals(dimension.of(counted.c), dimension.meant(value))
        for dimension, value in values.items()
        if dimension.sets(counted) is None
    ]
    for sets, listed in sets_of(dimensions, counted).items():
        own = counted.c[sets.key]
        members = (_equals(dimension.of(sets.table.c), values[dimension]) for dimension in listed)
        holds: ColumnElement[bool] = own.in_(select(sets.table.c[sets.key]).where(*members))
        if all(values[dimension] is None for dimension in listed):
            holds = or_(holds, own.is_(None))
        found.append(holds)
    return and_(*found)


def _equals(expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return expression.is_(None) if value is None else expression == value
