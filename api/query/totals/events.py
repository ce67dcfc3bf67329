"""Counts events by dimensions; an event counts once, whatever is said in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from api.columns.reading_copy import Copy
from api.columns.tables import EVENT
from api.query import conditions
from api.query.dimension import Dimension
from api.query.dimensions import ALWAYS_IN_KEY_OF_EVENTS
from api.query.totals.filling import filled
from api.query.totals.keys import Keys, page
from api.query.totals.question import TotalQuestion, key_dimensions, key_text


@dataclass(slots=True)
class EventRow:
    """One row of a count of events."""

    key: tuple[str | None, ...]
    events: int
    spanning: int


def event_totals(copy: Copy, question: TotalQuestion) -> tuple[tuple[Dimension, ...], list[EventRow], int]:
    """The dimensions of the key, how many events each row holds, in the order of the keys, and how many rows there are."""
    dimensions = key_dimensions(question.dimensions, ALWAYS_IN_KEY_OF_EVENTS)
    keys = Keys(dimensions, EVENT, question.date_from)
    own = keys.own()
    numbers = (func.count().label("events"), func.count().filter(question.spanning(EVENT)).label("spanning"))
    counted = select(*own, *numbers).where(conditions.events(question.filter_values)).group_by(*own)
    width = len(dimensions)
    rows = filled(copy, keys, keys.regrouped(counted), question, ("events", "spanning"))
    found, total = page(copy, keys, rows, question)
    told = [EventRow(key_text(dimensions, row[:width]), int(row[width]), int(row[width + 1])) for row in found]
    return dimensions, told, total
