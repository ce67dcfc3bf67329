"""Works out what each figure adds to a total, for flat rows, whose columns then sum to the total of the same question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, case, cast, null, or_, select, union_all

from api.columns.column_types import BOUNDS
from api.columns.reading_copy import Copy
from api.columns.tables import FIGURE
from api.query.totals.counted_figures import CountedFigures, RowValues
from api.query.totals.question import TotalQuestion
from api.query.totals.split_families import SplitFamilies

# What a figure adds, by bound.
ADDS = {bound: f"adds_{bound}" for bound in BOUNDS}


class Additions:
    """What figures add to the total of one question: the ungrouped one, or with `row`, the values of the question's
    dimensions, that row of it. Within one dataset, measure, unit and object each column sums to that total."""

    def __init__(self, copy: Copy, question: TotalQuestion, row: RowValues | None = None) -> None:
        self._question = question if row is not None else replace(question, dimensions=())
        self._row = row if row is not None else ()
        every = CountedFigures(self._question, self._row)
        self._is_by_claim = every.is_by_claim
        self._may_split = every.may_split and bool(copy.rows(every.any_split()))

    def listed(self, which: ColumnElement[bool]) -> Subquery:
        """Figures of which `which` holds, all of them counted by the question, with all their columns and what they add:
        null where they have no number, and of families of measures that no total counts."""
        # A whole needs its parts, wherever they are, and no other figure.
        families = select(FIGURE.c.family_number).where(which).correlate(None)
        counted = CountedFigures(self._question, self._row, families=families)
        halves = [_of_all_but_split_wholes(counted)] if self._is_by_claim else []
        if self._may_split:
            halves.append(_of_split_wholes(SplitFamilies(counted)))
        if not halves:
            return select(FIGURE, *_own(counted)).where(which).subquery("listed")
        joined = union_all(*halves).subquery()
        adds: list[Any] = list(joined.c)[1:]
        if not self._is_by_claim:
            adds = [
                case((counted.adds_alone(), own.element), else_=joined.c[own.name]).label(own.name)
                for own in _own(counted)
            ]
        figures = FIGURE.outerjoin(joined, joined.c.number == FIGURE.c.number)
        return select(FIGURE, *adds).select_from(figures).where(which).subquery("listed")


def _own(counted: CountedFigures) -> list[Any]:
    """What a figure adds by itself."""
    low = counted.low_in_row(counted.adds("low"))
    return _labelled(
        and_(counted.is_totalled, _has_number(counted.status())),
        {"low": low, "best": counted.adds("best"), "high": counted.adds("high")},
    )


def _of_all_but_split_wholes(counted: CountedFigures) -> Select[Any]:
    """What all figures add but the wholes of families that the question may split."""
    return select(counted.on.c.number, *_own(counted)).where(counted.scope, counted.passes, counted.adds_alone())


def _of_split_wholes(split: SplitFamilies) -> Select[Any]:
    """What these wholes add."""
    on = split.wholes.c
    return select(on.number, *_labelled(_has_number(on.status), {bound: on[name] for bound, name in ADDS.items()}))


def _has_number(status: Any) -> ColumnElement[bool]:
    return or_(status == "numbered", status == "none_reported")


def _labelled(has_number: ColumnElement[bool], numbers: Mapping[str, ColumnElement[Any]]) -> list[Any]:
    # Sums come out as wider numbers, which JSON would write as decimals.
    return [
        case((has_number, cast(numbers[bound], BigInteger)), else_=null()).label(name) for bound, name in ADDS.items()
    ]
