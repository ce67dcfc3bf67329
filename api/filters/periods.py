"""When: what overlaps a period, and how well its time is known. Knows no calendar but days."""

from __future__ import annotations

from datetime import date, timedelta
from operator import itemgetter

from sqlalchemy import and_

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import no_coarser, of_parts
from api.declare.values import Day, Parameter


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days) if (day - date.min).days > days else date.min


DATE_FROM = of_parts(
    Filter(
        Parameter("date_from", Day(), "Overlaps the period that begins on this day.", "2023-11-01"),
        Subject.RECORD,
        # No period that reaches this day can begin earlier than the longest one would, and starts are in the index.
        lambda value, on: and_(on.date_end >= value[0], on.date_start >= value[1]),
        lambda value, _asked, look_up: (value, _days_before(value, look_up.longest_days())),
        first_day=itemgetter(0),
    )
)
DATE_TO = of_parts(
    Filter(
        Parameter("date_to", Day(), "Overlaps the period that ends on this day, included.", "2023-11-30"),
        Subject.RECORD,
        lambda value, on: on.date_start <= value,
        last_day=lambda value: value,
    )
)
DATE_PRECISION = no_coarser("date_precision", "The time is known no coarser than this.", "day", Subject.RECORD)

PERIOD: tuple[Filter, ...] = (DATE_FROM, DATE_TO, DATE_PRECISION)
