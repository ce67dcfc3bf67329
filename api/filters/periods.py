"""When: what overlaps a period, and how well its time is known."""

from __future__ import annotations

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import no_coarser
from api.declare.values import Day, Parameter

DATE_FROM = Filter(
    Parameter("date_from", Day(), "Overlaps the period that begins on this day.", "2023-11-01"),
    Subject.RECORD,
    lambda value, on: on.date_end >= value,
)
DATE_TO = Filter(
    Parameter("date_to", Day(), "Overlaps the period that ends on this day, included.", "2023-11-30"),
    Subject.RECORD,
    lambda value, on: on.date_start <= value,
)
DATE_PRECISION = no_coarser("date_precision", "The time is known no coarser than this.", "day", Subject.RECORD)

PERIOD: tuple[Filter, ...] = (DATE_FROM, DATE_TO, DATE_PRECISION)
