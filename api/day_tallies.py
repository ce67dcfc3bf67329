"""How many events or figures overlap a period, from what was counted by day when they were loaded.

A record overlaps a period unless it ends before the period or starts after it, and no record does both. So those that
started by the last day, less those that ended before the first, are exactly those that overlap: two look-ups for each
dataset and kind, however many records there are. Knows no filter and no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, func, select

from api.models import DayTally, Tally

# The columns whose days are counted.
STARTS, ENDS = "date_start", "date_end"


def rows_by_day(counts: Counter[tuple[date, str]], of: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one column: how many have each day or an earlier one, within each kind or family."""
    for within in {within for _day, within in counts}:
        days = sorted(day for day, kind in counts if kind == within)
        for day, records in zip(days, accumulate(counts[day, within] for day in days), strict=True):
            yield {**of, "within": within, "day": day, "records": records}


def overlapping(first: Any, last: Any) -> Any:
    """How many of all that one tally counts overlap the period. Either day may be null: no bound on that side."""
    started = Tally.records if last is None else _until(STARTS, DayTally.day <= last)
    return started if first is None else started - _until(ENDS, DayTally.day < first)


def _until(name: str, is_early: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of them have a day in this column that is early enough."""
    latest = (
        select(DayTally.records)
        .where(
            DayTally.counted == Tally.counted,
            DayTally.name == name,
            DayTally.within == Tally.within,
            DayTally.dataset_id == Tally.dataset_id,
            is_early,
        )
        .order_by(DayTally.day.desc())
        .limit(1)
        .correlate(Tally)
    )
    return func.coalesce(latest.scalar_subquery(), 0)
