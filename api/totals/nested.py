"""Sums over figures whose wholes and parts have to be looked at one by one. Knows no sum made at load."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, case, func, or_, select, true

from api.dimensions import Dimension, joins
from api.models import Figure
from api.totals.keys import is_first, key_names, same_key
from api.totals.question import Question
from api.totals.sums import row_sums


def worked_out(question: Question, dimensions: tuple[Dimension, ...]) -> Select[Any]:
    """The rows of figures whose wholes and parts have to be looked at one by one."""
    scope = _in_scope(question, dimensions)
    places = _in_rows(scope, dimensions)
    children = _children(scope, places, dimensions)
    own, whole, whole_place = scope.alias("own"), scope.alias("whole"), places.alias("whole_place")
    keys = key_names(dimensions)
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
        .outerjoin(children, and_(children.c.id == places.c.id, same_key(children, places, keys)))
        .outerjoin(whole, whole.c.id == own.c.part_of)
        .outerjoin(whole_place, and_(whole_place.c.id == own.c.part_of, same_key(whole_place, places, keys)))
    )
    group = [places.c[key] for key in keys]
    return select(*group, *row_sums(added)).select_from(from_clause).group_by(*group)


def _in_scope(question: Question, dimensions: tuple[Dimension, ...]) -> CTE:
    """The figures in scope with their numbers as totals count them (see api/contributions.py, Quantity)."""
    low = func.coalesce(Figure.low, 0)
    best = func.coalesce(Figure.best, low)
    statement = select(
        Figure.id,
        Figure.number,
        Figure.event_number,
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
        statement = statement.where(question.is_looked_at())
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
        is_its = getattr(join.model, join.own) == scope.c[join.other]
        from_clause = from_clause.outerjoin(join.model.__table__, and_(is_its, is_first(join, dimensions, Figure)))
    return select(scope.c.id, *keys).select_from(from_clause).where(scope.c.passes).cte("places")


def _children(scope: CTE, places: CTE, dimensions: tuple[Dimension, ...]) -> CTE:
    """What each figure loses in each of its rows to its parts in scope.

    Parts in the same row were counted there themselves. For parts elsewhere the row has to hold for every way the whole
    may split: its low loses their highs, its high their lows, and a part whose high end is open may be all of it.
    """
    part, part_place = scope.alias("part"), places.alias("part_place")
    keys = key_names(dimensions)
    is_here = part_place.c.id.is_not(None)
    from_clause = places.join(part, part.c.part_of == places.c.id).outerjoin(
        part_place, and_(part_place.c.id == part.c.id, same_key(part_place, places, keys))
    )
    group = [places.c[key] for key in keys]
    return (
        select(
            places.c.id,
            *group,
            func.sum(case((is_here, part.c.low), else_=part.c.high)).label("low"),
            func.sum(part.c.best).label("best"),
            func.sum(case((~part.c.is_certain, 0), (is_here, part.c.high), else_=part.c.low)).label("high"),
            func.count().filter(and_(~is_here, part.c.is_open)).label("drains"),
        )
        .select_from(from_clause)
        .group_by(places.c.id, *group)
        .cte("children")
    )


def _no_less_than_zero(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((expression > 0, expression), else_=0)
