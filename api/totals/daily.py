"""Sums of what was summed by day when it was loaded, for totals that ask for nothing else. Knows no figure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func

from api.declare.filter import Filter
from api.dimensions import Dimension, joins
from api.expressions import whole_number
from api.models import DAY_SUMS, DaySum, Figure
from api.totals.by_day import summed_by_day
from api.totals.keys import columns_of
from api.totals.question import Question

_COLUMNS = frozenset(DaySum.__table__.c.keys())


def is_enough(question: Question, dimensions: tuple[Dimension, ...]) -> bool:
    """Whether the sums by day tell all that is asked: periods, and what they are kept apart by."""
    return (
        question.numbers is None
        and not question.parts_figures
        and not question.adds_populations
        and not joins(dimensions, Figure)
        and all(columns_of(dimension) <= _COLUMNS for dimension in dimensions)
        and all(_is_kept(wanted, value) for wanted, value in question.understood.items())
    )


def summed(question: Question, dimensions: tuple[Dimension, ...]) -> Select[Any]:
    """The rows of figures that are not nested across; `is_enough` has to hold."""
    conditions = [wanted.clause(value, DaySum) for wanted, value in question.understood.items()]
    conditions.append(and_(DaySum.is_split) if question.asks_population else ~DaySum.is_split)
    numbers = [func.sum(getattr(DaySum, name)) for name in DAY_SUMS]
    spanning = func.sum(DaySum.figures).filter(question.spanning(DaySum))
    sums = [whole_number(found) for found in (*numbers, spanning)]
    return summed_by_day(DaySum, dimensions, sums, (question.is_totalled(DaySum), *conditions))


def _is_kept(wanted: Filter, value: Any) -> bool:
    """Whether the filter asks for nothing but a period, or a column that the sums are kept apart by."""
    held = None if wanted.holds is None else wanted.holds(value)
    return wanted.is_of_period or (held is not None and held[0] in _COLUMNS)
