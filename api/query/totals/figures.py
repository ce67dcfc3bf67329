"""Sums figures by dimensions, counting nobody twice where a figure is part of another.

Where a question leaves whole and parts together, what each adds is a constant of the copy, and a row is a plain sum. The
families that it may part are worked out row by row. Both are halves of one statement. Method: docs/totals.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal_column, select, union_all

from api.columns.copies import Copy
from api.query.dimensions import Dimension
from api.query.totals import floating, parted
from api.query.totals.counted import Counted
from api.query.totals.keys import page
from api.query.totals.parted import NUMBERS, counts
from api.query.totals.question import TotalQuestion, told_key

_BOUNDS = ("low", "best", "high")


@dataclass(slots=True)
class Row:
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


def figure_totals(copy: Copy, question: TotalQuestion) -> tuple[tuple[Dimension, ...], list[Row], int]:
    """The dimensions of the key, the rows that are wanted in their order, and how many there are in all."""
    counted = Counted(question)
    rows = _of_the_whole(counted)
    # Few questions reach a family that they part, and planning the other half takes longer than most sums.
    parts = None
    if counted.may_part and copy.rows(counted.parted_family()):
        is_by_sets = counted.is_by_claim and bool(counted.keys.accounts_of_sets)
        parts = parted.Parted(Counted(question, of=counted.is_parted()) if is_by_sets else counted)
    if parts is not None:
        rows = _together(counted, rows, parts.rows())
    if question.times and copy.rows(floating.any_floating(counted)):
        rows = floating.beside(counted, rows, parts)
    found, number = page(copy, counted.keys, rows, question, _has_number() if question.sort in _BOUNDS else None)
    return tuple(counted.keys.dimensions), [_row(counted, row) for row in found], number


def _row(counted: Counted, found: tuple[Any, ...]) -> Row:
    width = len(counted.keys.dimensions)
    low, best, high, opening, figures, unnumbered, unknown, none_reported, spanning, *more = map(int, found[width:])
    floats, opening_floats = more or (0, 0)
    numbered = figures - unnumbered - unknown - none_reported
    # The database holds a figure's status and its numbers to each other.
    has_number = numbered + none_reported > 0
    return Row(
        key=told_key(counted.keys.dimensions, found[:width]),
        low=low if has_number else None,
        best=best if has_number else None,
        high=high if has_number else None,
        open_ended=opening > 0,
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


def _together(counted: Counted, *halves: Select[Any]) -> Select[Any]:
    """These rows added up."""
    each = union_all(*halves).subquery()
    keys = [each.c[name] for name in counted.keys.names]
    return select(*keys, *(func.sum(each.c[name]).label(name) for name in NUMBERS)).group_by(*keys)


def _of_the_whole(counted: Counted) -> Select[Any]:
    """The sums of figures whose families this question cannot part."""
    own = counted.keys.own()
    low = counted.constant("low")
    if counted.question.may_span:
        # What may lie outside its row altogether need not be there.
        low = case((counted.spanning, 0), else_=low)
    numbers = (
        func.sum(low).label("low"),
        *(func.sum(counted.constant(bound)).label(bound) for bound in ("best", "high")),
        *counts(counted.constant("open"), counted.status(), counted.spanning),
    )
    summed = select(*own, *numbers).where(counted.scope, counted.passes, counted.is_whole()).group_by(*own)
    return counted.keys.regrouped(summed)
