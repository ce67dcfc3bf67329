"""What totals may be grouped by, each dimension once. Knows the tables, no request.

A dimension of the record itself has one value for each figure. One of a joined table may have several, and then the
rows overlap: they are not additive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, select

from api.db import Base
from api.models import Claim, Figure, Participation, Report

# The most dimensions one answer may have.
MOST_DIMENSIONS = 3


@dataclass(frozen=True)
class Join:
    """A table whose rows hang on what is counted, and how."""

    model: Any
    # The column of the joined table, and that of what is counted, which are the same.
    own: str
    other: str
    # The columns that tell the rows apart which hang on the same.
    apart: tuple[str, ...]

    def condition(self, counted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = getattr(self.model, self.own) == getattr(counted, self.other)
        return found


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
    # For figures and for events: the joined table that has it, where they do not have it themselves.
    of_figures: Join | None = None
    of_events: Join | None = None
    # The last bucket that a period reaches, for dimensions of time.
    until: Callable[[Any], ColumnElement[Any]] | None = None
    # Whether a whole and its own parts in one event may differ in it.
    parts_figures: bool = False
    # The day that a bucket begins, for dimensions of time. Errors: ValueError, where it is the name of none.
    begins: Callable[[str], date] | None = None

    def join(self, counted: type[Base]) -> Join | None:
        return self.of_figures if counted is Figure else self.of_events


def _iso(name: str, length: int) -> Callable[[Any], ColumnElement[Any]]:
    """The first characters of a day's ISO form, which begin with year and month; the same text on both engines."""
    return lambda on: func.substr(cast(getattr(on, name), String), 1, length)


def _time(name: str, form: str, description: str) -> Dimension:
    length = len(date(2023, 11, 6).strftime(form))
    return Dimension(
        name, _iso("date_start", length), description, until=_iso("date_end", length), begins=_begins(form)
    )


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


_PART = ("group_id", "role")
_TAKING_PART_IN_FIGURE = Join(Participation, "event_number", "event_number", _PART)
_TAKING_PART_IN_EVENT = Join(Participation, "event_number", "number", _PART)
_CLAIM = Join(Claim, "figure_number", "number", ("position",))
_REPORT = Join(Report, "event_number", "number", ("position",))
_FIGURE = Join(Figure, "event_number", "number", ("number",))

DIMENSIONS: tuple[Dimension, ...] = (
    _time("day", "%Y-%m-%d", "The day that the period begins."),
    Dimension(
        "week",
        _column("week"),
        "The ISO week that the period begins in, `2023-W45`.",
        until=_column("last_week"),
        begins=_begins("%G-W%V"),
    ),
    _time("month", "%Y-%m", "The month that the period begins in, `2023-11`."),
    _time("year", "%Y", "The year that the period begins in."),
    Dimension("country", _column("country"), "ISO 3166-1 alpha-3.", "country", values_of="country"),
    Dimension("state_or_region", _column("state_or_region"), "The state or region, by location id.", "location"),
    Dimension("district", _column("district"), "The district, by location id.", "location"),
    Dimension("township", _column("township"), "The township, by location id.", "location"),
    Dimension("location", _column("location_id"), "The place itself, by location id.", "location"),
    Dimension(
        "group",
        _column("group_id"),
        "Each group in the event.",
        "group",
        of_figures=_TAKING_PART_IN_FIGURE,
        of_events=_TAKING_PART_IN_EVENT,
    ),
    Dimension(
        "role",
        _column("role"),
        "Each role that a group has in the event.",
        "code:role",
        of_figures=_TAKING_PART_IN_FIGURE,
        of_events=_TAKING_PART_IN_EVENT,
    ),
    Dimension("type", _column("type"), "The event type.", "code:event_type"),
    Dimension("population", _column("population"), "Whose people.", "code:population", of_events=_FIGURE),
    Dimension("measure", _column("measure"), "What is counted.", "code:measure", of_events=_FIGURE),
    Dimension("sex", _column("sex"), "People of which sex.", "code:sex", of_events=_FIGURE),
    Dimension(
        "document",
        _column("document_id"),
        "Each document that says so.",
        "document",
        of_figures=_CLAIM,
        of_events=_REPORT,
        parts_figures=True,
    ),
    Dimension(
        "claimant",
        _column("claimant"),
        "Each claimant: a group's id, or words.",
        "group",
        values_of="claimant",
        of_figures=_CLAIM,
        of_events=_REPORT,
        parts_figures=True,
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


def joins(dimensions: Sequence[Dimension], counted: type[Base]) -> list[Join]:
    """The tables that these dimensions need, each once."""
    found = [join for dimension in dimensions if (join := dimension.join(counted)) is not None]
    return list(dict.fromkeys(found))


def is_additive(dimensions: Sequence[Dimension], counted: type[Base]) -> bool:
    """Whether every figure or event is in one row only, so that rows may be added up."""
    return not joins(dimensions, counted)


def in_row(dimensions: Sequence[Dimension], row: Sequence[str | None], counted: type[Base]) -> ColumnElement[bool]:
    """The condition that a figure or event is in this row; dimensions of one joined table hold of the same row there."""
    found: list[ColumnElement[bool]] = []
    joined: dict[Join, list[tuple[Dimension, str | None]]] = {}
    for dimension, value in zip(dimensions, row, strict=True):
        join = dimension.join(counted)
        if join is None:
            found.append(_equals(dimension.of(counted), value))
        else:
            joined.setdefault(join, []).append((dimension, value))
    for join, wanted in joined.items():
        hanging = select(1).where(join.condition(counted)).correlate(counted)
        holds: ColumnElement[bool] = exists(
            hanging.where(*(_equals(dimension.of(join.model), value) for dimension, value in wanted))
        )
        if all(value is None for _dimension, value in wanted):
            holds = holds | ~exists(hanging)
        found.append(holds)
    return and_(*found)


def _equals(expression: ColumnElement[Any], value: str | None) -> ColumnElement[bool]:
    return expression.is_(None) if value is None else expression == value
