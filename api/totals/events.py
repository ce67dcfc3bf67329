"""The rows of a count of events. Knows nothing of figures: an event counts once, whatever is said in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from api import narrow, narrow_many
from api.dimensions import BY_NAME, Dimension, with_apart
from api.expressions import looked_at, unindexed
from api.models import Event
from api.totals.keys import in_order, joined, key_columns, key_names
from api.totals.question import Question

# Each of their few values is that of very many events: by their index, each row would be visited for its dataset.
_FREQUENT = frozenset({Event.__table__.c.kind, Event.__table__.c.type})


@dataclass(slots=True)
class EventRow:
    """One row of a count of events."""

    key: tuple[str | None, ...]
    events: int
    spanning: int


def event_totals(connection: Connection, question: Question) -> tuple[tuple[Dimension, ...], list[EventRow]]:
    """The dimensions of the key, and how many events each row holds, in the order of the keys."""
    dimensions = with_apart(question.dimensions, (BY_NAME["dataset"],))
    # By the index of datasets, which every key has: in the order of another column, each row would be visited for its own.
    keyed = [unindexed(key.element).label(key.name) for key in key_columns(dimensions, Event)]
    holds = narrow_many.events_of_many if question.numbers is None else narrow.events
    once = (
        select(*keyed, question.spanning(Event).label("is_spanning"))
        .select_from(joined(dimensions, Event))
        .where(question.among(Event), looked_at(holds(question.understood), _FREQUENT))
        .subquery()
    )
    keys = [once.c[key] for key in key_names(dimensions)]
    statement = select(*keys, func.count(), func.count().filter(once.c.is_spanning)).group_by(*keys)
    width = len(dimensions)
    rows = [EventRow(tuple(found[:width]), found[width], found[width + 1]) for found in connection.execute(statement)]
    return dimensions, sorted(rows, key=lambda row: in_order(row.key))
