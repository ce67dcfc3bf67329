"""Sums figures by dimensions, counting nobody twice where a figure is part of another.

A whole with its parts is a family. What each figure adds is a constant of the copy, and a row is a plain sum, but for the wholes of
families that the question may split. What these add is worked out, in the same statement. Method: docs/totals.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select, union_all

from api.columns.column_types import BOUNDS
from api.columns.reading_copy import Copy
from api.query.dimension import Dimension
from api.query.totals import floating
from api.query.totals.counted_figures import CountedFigures
from api.query.totals.filling import filled
from api.query.totals.keys import page
from api.query.totals.question import TotalQuestion, key_text
from api.query.totals.split_families import NUMBERS, SplitFamilies, counts


@dataclass(slots=True)
class FigureRow:
    """One row of a total of figures."""

    key: tuple[str | None, ...]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    # What `high` would gain if all that overlaps the row's period stood in it; null where nobody says how much.
    floating: int | None
    figures: int
    numbered: int
    unnumbered: int
    unknown: int
    none_reported: int
    spanning: int


def figure_totals(copy: Copy, question: TotalQuestion) -> tuple[tuple[Dimension, ...], list[FigureRow], int]:
    """The dimensions of the key, the rows that are wanted in their order, and how many there are in all."""
    counted = CountedFigures(question)
    rows = _of_all_but_split_wholes(counted)
    # Few questions reach a family that they split, and planning the other half takes longer than most sums.
    split = None
    if counted.may_split and copy.rows(counted.any_split()):
        only = counted.is_split(counted.table)
        split = SplitFamilies(CountedFigures(question, only=only) if counted.is_by_claim else counted)
    if split is not None:
        rows = _added_up(counted, rows, split.rows())
    floats = question.times and copy.rows(floating.any_floating(counted))
    reaching = floating.reaching(counted) if question.filled and floats else None
    rows = filled(copy, counted.keys, rows, question, NUMBERS, reaching)
    if floats:
        rows = floating.with_floating(counted, rows, split)
    found, number = page(copy, counted.keys, rows, question, _has_number() if question.sort in BOUNDS else None)
    return tuple(counted.keys.dimensions), [_row(counted, row) for row in found], number


def _row(counted: CountedFigures, found: tuple[Any, ...]) -> FigureRow:
    width = len(counted.keys.dimensions)
    low, best, high, open_figures, figures, unnumbered, unknown, none_reported, spanning, *more = map(
        int, found[width:]
    )
    floats, opening_floats = more or (0, 0)
    numbered = figures - unnumbered - unknown - none_reported
    # The database holds a figure's status and its numbers to each other.
    has_number = numbered + none_reported > 0
    return FigureRow(
        key=key_text(counted.keys.dimensions, found[:width]),
        low=low if has_number else None,
        best=best if has_number else None,
        high=high if has_number else None,
        open_ended=open_figures > 0,
        floating=None if opening_floats else floats,
        figures=figures,
        numbered=numbered,
        unnumbered=unnumbered,
        unknown=unknown,
        none_reported=none_reported,
        spanning=spanning,
    )


def _has_number() -> ColumnElement[bool]:
    """Whether any figure of a row has a number."""
    unnumbered, unknown, figures = (literal_column(name, Integer()) for name in ("unnumbered", "unknown", "figures"))
    return unnumbered + unknown < figures


def _added_up(counted: CountedFigures, *halves: Select[Any]) -> Select[Any]:
    """The rows of both halves, added up."""
    each = union_all(*halves).subquery()
    keys = [each.c[name] for name in counted.keys.names]
    return select(*keys, *(func.sum(each.c[name]).label(name) for name in NUMBERS)).group_by(*keys)


def _of_all_but_split_wholes(counted: CountedFigures) -> Select[Any]:
    """The sums of all figures but the wholes of families that the question may split, whose additions are no constants."""
    own = counted.keys.own()
    numbers = (
        func.sum(counted.low_in_row(counted.adds("low"))).label("low"),
        *(func.sum(counted.adds(bound)).label(bound) for bound in ("best", "high")),
        *counts(counted.opens(), counted.status(), counted.spanning),
    )
    summed = select(*own, *numbers).where(counted.scope, counted.passes, counted.adds_alone()).group_by(*own)
    return counted.keys.regrouped(summed)
