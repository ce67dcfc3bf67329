"""Totals that count nobody twice, as SQL. Knows no request.

Method: design/domain.md, Totals. Two ways lead to the same numbers, and their rows are added up:

* Where a whole and its parts stand or fall together under every filter asked, what each adds was worked out when it
  was loaded, and a total is a plain sum over `joint_*` or `split_*`.
* Figures nested across events, places or periods, and all figures where a filter may part a whole from its own parts,
  are worked out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.sql import visitors

from api import narrow
from api.db import unindexed
from api.dimensions import APART, BY_NAME, Dimension, joins, with_apart
from api.models import TOTALLED_IN_ORDER, Event, Figure
from api.narrow import Understood

# Families that are never totalled: a population is no cost, and shares of different wholes do not add up.
NOT_TOTALLED = ("context",)
# The statuses of figures that are not numbered.
_NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")


@dataclass(frozen=True)
class Question:
    """What is to be totalled: filters, dimensions, the period asked for, and what the resource itself asks."""

    understood: Understood
    dimensions: tuple[Dimension, ...]
    date_from: date | None
    date_to: date | None
    # The family that is totalled; null where all are that can be.
    family: str | None
    # A select of ids that holds all that is talked about, where these are few.
    ids: Any

    def scope(self) -> ColumnElement[bool]:
        """Which figures are talked about."""
        asked = {wanted: value for wanted, value in self.understood.items() if not wanted.is_partition}
        if self.family is None:
            is_totalled: ColumnElement[bool] = Figure.family.not_in(NOT_TOTALLED)
        else:
            # The index of families holds nothing else that is summed.
            is_totalled = unindexed(Figure.family) == self.family
        return and_(is_totalled, self.among(Figure), narrow.figures(asked))

    def among(self, counted: Any) -> ColumnElement[bool]:
        """Whether it is one of the few that can be talked about."""
        return true() if self.ids is None else counted.id.in_(self.ids)

    def partition(self) -> ColumnElement[bool]:
        """Which part of the people is meant."""
        return narrow.figures({wanted: value for wanted, value in self.understood.items() if wanted.is_partition})

    @property
    def parts_figures(self) -> bool:
        """Whether a filter or dimension may part a whole from its own parts inside one event."""
        return any(wanted.parts_figures for wanted in self.understood) or any(
            dimension.parts_figures for dimension in self.dimensions
        )

    @property
    def asks_population(self) -> bool:
        """Whether wholes and parts that differ by population fall into different rows, or are left out."""
        return any(dimension.name == "population" for dimension in self.dimensions) or any(
            wanted.is_partition and wanted.name == "population" for wanted in self.understood
        )

    def spanning(self, on: Any) -> ColumnElement[bool]:
        """Whether a period reaches beyond its bucket, or beyond the period asked for."""
        # Most periods are one day, and comparing the days is cheaper than comparing what is made of them.
        found: list[ColumnElement[bool]] = [
            and_(on.date_start != on.date_end, dimension.of(on) != dimension.until(on))
            for dimension in self.dimensions
            if dimension.until is not None
        ]
        if self.date_from is not None:
            found.append(on.date_start < self.date_from)
        if self.date_to is not None:
            found.append(on.date_end > self.date_to)
        return or_(*found) if found else literal(1) == 0


@dataclass(slots=True)
class Row:
    """One row of a total of figures."""

    key: tuple[str | None, ...]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    figures: int
    numbered: int
    unnumbered: int
    unknown: int
    none_reported: int
    spanning: int


def figure_totals(connection: Connection, question: Question) -> tuple[tuple[Dimension, ...], list[Row]]:
    """The dimensions of the key, and the rows in the order of their keys; nulls last."""
    dimensions = with_apart(question.dimensions, APART)
    statements = [_worked_out(question, dimensions)]
    if not question.parts_figures:
        statements.append(_summed(question, dimensions))
    merged: dict[tuple[str | None, ...], Row] = {}
    for statement in statements:
        for found in connection.execute(statement):
            row = _row(found, len(dimensions))
            standing = merged.get(row.key)
            merged[row.key] = row if standing is None else _added(standing, row)
    return dimensions, sorted(merged.values(), key=lambda row: in_order(row.key))


def in_order(key: Iterable[str | None]) -> tuple[tuple[bool, str], ...]:
    """What keys are sorted by: null after everything else."""
    return tuple((value is None, value or "") for value in key)


def _row(found: Any, width: int) -> Row:
    low, best, high, opening = found[width : width + 4]
    figures, unnumbered, unknown, none_reported, spanning = (int(count) for count in found[width + 4 :])
    # Nearly all are; counting them as well would cost as much as any other column.
    numbered = figures - unnumbered - unknown - none_reported
    # The database holds a figure's status and its numbers to each other.
    has_number = numbered + none_reported > 0
    return Row(
        key=tuple(found[:width]),
        low=low if has_number else None,
        best=best if has_number else None,
        high=high if has_number else None,
        open_ended=opening > 0,
        figures=figures,
        numbered=numbered,
        unnumbered=unnumbered,
        unknown=unknown,
        none_reported=none_reported,
        spanning=spanning,
    )


def _added(one: Row, other: Row) -> Row:
    def both(left: int | None, right: int | None) -> int | None:
        return right if left is None else left if right is None else left + right

    return Row(
        one.key,
        both(one.low, other.low),
        both(one.best, other.best),
        both(one.high, other.high),
        one.open_ended or other.open_ended,
        *(
            int(getattr(one, name)) + int(getattr(other, name))
            for name in ("figures", "numbered", *_NOT_NUMBERED, "spanning")
        ),
    )


def _whole_number(expression: ColumnElement[Any]) -> ColumnElement[int]:
    # PostgreSQL sums whole numbers into decimals.
    return cast(func.coalesce(expression, 0), BigInteger)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _keys(dimensions: Sequence[Dimension], counted: Any) -> list[ColumnElement[Any]]:
    """The dimensions as columns `key_0`, `key_1`, ... of what is counted and of what is joined to it."""
    return [
        dimension.of(join.model if (join := dimension.join(counted)) is not None else counted).label(f"key_{index}")
        for index, dimension in enumerate(dimensions)
    ]


def _joined(statement: Select[Any], dimensions: Sequence[Dimension], counted: Any) -> Select[Any]:
    """The statement over what is counted, with the tables its dimensions need."""
    from_clause: Any = counted.__table__
    for join in joins(dimensions, counted):
        from_clause = from_clause.outerjoin(join.model.__table__, join.condition(counted))
    return statement.select_from(from_clause)


# --- Sums of what was worked out at load -------------------------------------------------------------------------


def _summed(question: Question, dimensions: tuple[Dimension, ...]) -> Select[Any]:
    way = "split" if question.asks_population else "joint"
    bounds = [getattr(Figure, f"{way}_{bound}").label(bound) for bound in ("low", "best", "high")]
    columns = [
        *_keys(dimensions, Figure),
        *bounds,
        getattr(Figure, f"{way}_open").label("is_open"),
        Figure.status.label("status"),
        question.spanning(Figure).label("is_spanning"),
    ]
    conditions = (question.scope(), question.partition(), ~Figure.is_nested_across)
    if not joins(dimensions, Figure):
        return _summed_by_day(question, dimensions, columns[len(dimensions) :], conditions)
    # A figure is counted once in a row, however many of its joined rows fall into it.
    once = _joined(select(Figure.id, *columns).distinct(), dimensions, Figure).where(*conditions).subquery()
    keys = [once.c[f"key_{index}"] for index in range(len(dimensions))]
    return select(*keys, *_sums(once.c)).group_by(*keys)


def _summed_by_day(
    question: Question,
    dimensions: tuple[Dimension, ...],
    counted: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
) -> Select[Any]:
    """The same sums in two steps: first by day and whatever else the keys are made of, then by the keys.

    An index has the figures in the order of the first step, so that nothing is sorted but its few rows.
    """
    needed = {
        found.name
        for dimension in dimensions
        for found in visitors.iterate(dimension.of(Figure.__table__.c))
        if isinstance(found, Column)
    }
    ordered = [name for name in TOTALLED_IN_ORDER if name in needed or name == "date_start"]
    raw = [getattr(Figure, name) for name in (*ordered, *sorted(needed.difference(ordered)))]
    sums = [found.label(name) for name, found in zip(_SUMMED, _sums({c.name: c for c in counted}), strict=True)]
    by_day = select(*raw, *sums).where(*map(_in_order, conditions)).group_by(*raw).subquery()
    keys = [dimension.of(by_day.c) for dimension in dimensions]
    again = [_whole_number(func.sum(by_day.c[name])) for name in _SUMMED]
    return select(*(key.label(f"key_{index}") for index, key in enumerate(keys)), *again).group_by(*keys)


# What is in every key. SQLite sorts all figures anew where a condition pins one of these to a value.
_APART_COLUMNS = frozenset(getattr(Figure.__table__.c, name) for name in ("dataset_id", "measure", "unit", "object"))


def _in_order(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same condition, which lets the index keep its order."""

    def looked_at(element: Any, **_how: Any) -> Any:
        return unindexed(element) if element in _APART_COLUMNS else None

    found: ColumnElement[bool] = visitors.replacement_traverse(condition, {}, looked_at)
    return found


# The columns of a sum, in the order of `_sums`.
_SUMMED = ("low", "best", "high", "opening", "figures", *_NOT_NUMBERED, "spanning")


def _sums(of: Mapping[str, Any] | Any) -> list[ColumnElement[Any]]:
    """The columns of a row, from columns of these names."""

    def unlabelled(name: str) -> Any:
        column = of[name]
        return getattr(column, "element", column)

    return [
        *(_whole_number(func.sum(unlabelled(bound))) for bound in ("low", "best", "high")),
        func.sum(_flag(unlabelled("is_open"))),
        func.count(),
        *(func.sum(_flag(unlabelled("status") == status)) for status in _NOT_NUMBERED),
        func.sum(_flag(unlabelled("is_spanning"))),
    ]


# --- Worked out for this question --------------------------------------------------------------------------------


def _worked_out(question: Question, dimensions: tuple[Dimension, ...]) -> Select[Any]:
    """The rows of figures whose wholes and parts have to be looked at one by one."""
    scope = _in_scope(question, dimensions)
    places = _in_rows(scope, dimensions)
    children = _children(scope, places, dimensions)
    own, whole, whole_place = scope.alias("own"), scope.alias("whole"), places.alias("whole_place")
    keys = _names(dimensions)
    lost = {name: func.coalesce(children.c[name], 0) for name in ("low", "best", "high", "drains")}
    added = {
        "low": case((lost["drains"] > 0, 0), else_=_no_less_than_zero(own.c.low - lost["low"])),
        "best": _no_less_than_zero(own.c.best - lost["best"]),
        "high": _no_less_than_zero(own.c.high - lost["high"]),
        # A certain part of a closed whole in the same row does not open it: its whole is its limit.
        "is_open": and_(
            own.c.is_open,
            ~and_(whole_place.c.id.is_not(None), own.c.is_certain, ~func.coalesce(whole.c.is_open, true())),
        ),
        "status": own.c.status,
        "is_spanning": own.c.is_spanning,
    }
    from_clause = (
        places.join(own, own.c.id == places.c.id)
        .outerjoin(children, and_(children.c.id == places.c.id, _same(children, places, keys)))
        .outerjoin(whole, whole.c.id == own.c.part_of)
        .outerjoin(whole_place, and_(whole_place.c.id == own.c.part_of, _same(whole_place, places, keys)))
    )
    group = [places.c[key] for key in keys]
    return select(*group, *_sums(added)).select_from(from_clause).group_by(*group)


def _in_scope(question: Question, dimensions: tuple[Dimension, ...]) -> CTE:
    """The figures in scope with their numbers as totals count them (see api/contributions.py, Quantity)."""
    low = func.coalesce(Figure.low, 0)
    best = func.coalesce(Figure.best, low)
    statement = select(
        Figure.id,
        Figure.event_id,
        Figure.part_of,
        (Figure.nesting == "certain").label("is_certain"),
        low.label("low"),
        best.label("best"),
        func.coalesce(Figure.high, best).label("high"),
        or_(Figure.open_ended, Figure.high.is_(None)).label("is_open"),
        Figure.status,
        question.spanning(Figure).label("is_spanning"),
        question.partition().label("passes"),
        *(
            dimension.of(Figure).label(f"key_{index}")
            for index, dimension in enumerate(dimensions)
            if dimension.of_figures is None
        ),
    ).where(question.scope())
    if not question.parts_figures:
        statement = statement.where(Figure.is_nested_across)
    return statement.cte("scope")


def _in_rows(scope: CTE, dimensions: tuple[Dimension, ...]) -> CTE:
    """Which figure is in which rows: `id` and the keys, for the figures that pass the partition filters."""
    needed = joins(dimensions, Figure)
    keys = [
        (scope.c[f"key_{index}"] if dimension.of_figures is None else dimension.of(dimension.of_figures.model)).label(
            f"key_{index}"
        )
        for index, dimension in enumerate(dimensions)
    ]
    from_clause: FromClause = scope
    for join in needed:
        from_clause = from_clause.outerjoin(join.model.__table__, getattr(join.model, join.own) == scope.c[join.other])
    statement = select(scope.c.id, *keys).select_from(from_clause).where(scope.c.passes)
    return (statement.distinct() if needed else statement).cte("places")


def _children(scope: CTE, places: CTE, dimensions: tuple[Dimension, ...]) -> CTE:
    """What each figure loses in each of its rows to its parts in scope.

    Parts in the same row were counted there themselves. For parts elsewhere the row has to hold for every way the whole
    may split: its low loses their highs, its high their lows, and a part whose high end is open may be all of it.
    """
    part, part_place = scope.alias("part"), places.alias("part_place")
    keys = _names(dimensions)
    is_here = part_place.c.id.is_not(None)
    from_clause = places.join(part, part.c.part_of == places.c.id).outerjoin(
        part_place, and_(part_place.c.id == part.c.id, _same(part_place, places, keys))
    )
    group = [places.c[key] for key in keys]
    return (
        select(
            places.c.id,
            *group,
            func.sum(case((is_here, part.c.low), else_=part.c.high)).label("low"),
            func.sum(part.c.best).label("best"),
            func.sum(case((~part.c.is_certain, 0), (is_here, part.c.high), else_=part.c.low)).label("high"),
            func.sum(_flag(and_(~is_here, part.c.is_open))).label("drains"),
        )
        .select_from(from_clause)
        .group_by(places.c.id, *group)
        .cte("children")
    )


def _names(dimensions: Sequence[Dimension]) -> list[str]:
    return [f"key_{index}" for index in range(len(dimensions))]


def _same(one: FromClause, other: FromClause, keys: Sequence[str]) -> ColumnElement[bool]:
    return and_(true(), *(one.c[key].is_not_distinct_from(other.c[key]) for key in keys))


def _no_less_than_zero(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((expression > 0, expression), else_=0)


# --- Events ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class EventRow:
    """One row of a count of events."""

    key: tuple[str | None, ...]
    events: int
    spanning: int


def event_totals(connection: Connection, question: Question) -> tuple[tuple[Dimension, ...], list[EventRow]]:
    """The dimensions of the key, and how many events each row holds, in the order of the keys."""
    dimensions = with_apart(question.dimensions, (BY_NAME["dataset"],))
    once = (
        _joined(
            select(Event.id, *_keys(dimensions, Event), question.spanning(Event).label("is_spanning")).distinct(),
            dimensions,
            Event,
        )
        .where(question.among(Event), narrow.events(question.understood))
        .subquery()
    )
    keys = [once.c[key] for key in _names(dimensions)]
    statement = select(*keys, func.count(), cast(func.sum(_flag(once.c.is_spanning)), Integer)).group_by(*keys)
    width = len(dimensions)
    rows = [EventRow(tuple(found[:width]), found[width], found[width + 1]) for found in connection.execute(statement)]
    return dimensions, sorted(rows, key=lambda row: in_order(row.key))
