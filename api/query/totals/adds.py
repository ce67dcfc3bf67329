"""What each figure adds to a total, for flat rows: their columns then sum to the total of the very same question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, case, cast, null, or_, select, union_all

from api.columns.copies import Copy
from api.columns.tables import FIGURE
from api.query.totals.counted import Counted, Row
from api.query.totals.parted import Parted
from api.query.totals.question import TotalQuestion

# What a figure adds, by bound.
ADDS = {bound: f"adds_{bound}" for bound in ("low", "best", "high")}


class Adding:
    """What figures add to the total of one question: the ungrouped one, or with `row`, the values of the question's
    dimensions, that row of it. Within one dataset, measure, unit and object each column sums to that total."""

    def __init__(self, copy: Copy, question: TotalQuestion, row: Row | None = None) -> None:
        self._question = question if row is not None else replace(question, dimensions=())
        self._row = row if row is not None else ()
        every = Counted(self._question, self._row)
        self._is_by_claim = every.is_by_claim
        self._is_parted = every.may_part and bool(copy.rows(every.parted_family()))

    def beside(self, which: ColumnElement[bool]) -> Subquery:
        """Figures of which `which` holds, all of them counted by the question, with all their columns and what they add:
        null where they have no number, and of families of measures that no total counts."""
        # A whole needs its parts, wherever they are, and no other figure.
        families = select(FIGURE.c.family_number).where(which).correlate(None)
        counted = Counted(self._question, self._row, families=families)
        halves = [_of_the_whole(counted)] if self._is_by_claim else []
        if self._is_parted:
            halves.append(_of_the_parted(Parted(counted)))
        if not halves:
            return select(FIGURE, *_own(counted)).where(which).subquery("listed")
        joined = union_all(*halves).subquery()
        adds: list[Any] = list(joined.c)[1:]
        if not self._is_by_claim:
            adds = [
                case((counted.is_parted(), joined.c[own.name]), else_=own.element).label(own.name)
                for own in _own(counted)
            ]
        beside = FIGURE.outerjoin(joined, joined.c.number == FIGURE.c.number)
        return select(FIGURE, *adds).select_from(beside).where(which).subquery("listed")


def _own(counted: Counted) -> list[Any]:
    """What a figure adds whose family the question leaves together."""
    low = counted.constant("low")
    if counted.question.may_span:
        low = case((counted.spanning, 0), else_=low)
    return _told(
        and_(counted.is_totalled, _has_number(counted.status())),
        {"low": low, "best": counted.constant("best"), "high": counted.constant("high")},
    )


def _of_the_whole(counted: Counted) -> Select[Any]:
    return select(counted.on.c.number, *_own(counted)).where(counted.scope, counted.passes, counted.is_whole())


def _of_the_parted(parts: Parted) -> Select[Any]:
    """A part adds its own; a whole what its parts leave."""
    passing, here = parts.passing(), parts.here()
    left = parts.left(here)
    is_part: ColumnElement[bool] = passing.c.is_part
    numbers = {bound: case((is_part, passing.c[bound]), else_=left[bound]) for bound in ADDS}
    source = passing.join(here, here.c.family_number == passing.c.family_number)
    joined = source.outerjoin(parts.everywhere, parts.is_of_family(here))
    return select(passing.c.number, *_told(_has_number(passing.c.status), numbers)).select_from(joined)


def _has_number(status: Any) -> ColumnElement[bool]:
    return or_(status == "numbered", status == "none_reported")


def _told(is_told: ColumnElement[bool], numbers: Mapping[str, ColumnElement[Any]]) -> list[Any]:
    # Sums come out as wider numbers, which JSON would write as decimals.
    return [case((is_told, cast(numbers[bound], BigInteger)), else_=null()).label(name) for bound, name in ADDS.items()]
