"""What each figure adds to a total, for flat rows: their columns then sum to the total of the very same question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, null, or_, select, union_all

from api.columns.copies import Copy
from api.query.totals.counted import Counted, Row
from api.query.totals.parted import Parted
from api.query.totals.question import TotalQuestion

# What a figure adds, by bound.
ADDS = ("adds_low", "adds_best", "adds_high")
_BOUNDS = ("low", "best", "high")


def adding(copy: Copy, question: TotalQuestion, row: Row | None = None) -> Select[Any]:
    """One row for each figure that the total of these filters counts: its `number` and what it adds, null where it has no
    number. Figures that no total counts (of the context) have none.

    The total is the ungrouped one; with `row`, the values of the question's dimensions, that row of it. Within one
    dataset, measure, unit and object each column sums to that total.
    """
    counted = Counted(question, row) if row is not None else Counted(replace(question, dimensions=()), ())
    each = [_of_the_whole(counted)]
    if counted.may_part and copy.rows(counted.parted_family()):
        each.append(_of_the_parted(Parted(counted)))
    found = union_all(*each).subquery()
    return select(*found.c)


def _of_the_whole(counted: Counted) -> Select[Any]:
    low = (
        case((counted.spanning, 0), else_=counted.constant("low"))
        if counted.question.may_span
        else counted.constant("low")
    )
    numbers = _told(counted.status(), {"low": low, **{name: counted.constant(name) for name in _BOUNDS[1:]}})
    return select(counted.on.c.number, *numbers).where(counted.scope, counted.passes, counted.is_whole())


def _of_the_parted(parts: Parted) -> Select[Any]:
    """A part adds its own; a whole what its parts leave."""
    passing, here = parts.passing(), parts.here()
    left = parts.left(here)
    is_part: ColumnElement[bool] = passing.c.is_part
    numbers = {name: case((is_part, passing.c[name]), else_=left[name]) for name in _BOUNDS}
    source = passing.join(here, here.c.family_number == passing.c.family_number)
    joined = source.outerjoin(parts.everywhere, parts.is_of_family(here))
    return select(passing.c.number, *_told(passing.c.status, numbers)).select_from(joined)


def _told(status: Any, numbers: Mapping[str, ColumnElement[Any]]) -> list[Any]:
    has_number = or_(status == "numbered", status == "none_reported")
    return [case((has_number, numbers[name]), else_=null()).label(f"adds_{name}") for name in _BOUNDS]
