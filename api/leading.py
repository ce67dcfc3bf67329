"""What a question is best started from: the rarest of its filters, where one is rare. Knows no Flask.

A list is read newest first from one index, and every other filter is looked at on the way. That is quick while matches
are frequent, and reads everything when they are rare. So each filter's matches are counted first, up to a limit, and
remembered by revision; where one has few, the question starts from these and sorts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, union
from sqlalchemy.orm import aliased

from api.asking import Question
from api.declare import Filter, Subject
from api.models import Claim, Event, Figure, Participation, Report

# Starting from n matches costs about as much as reading on until a hundred of them are met in a million where n is
# this; below, starting from them is quicker.
RARE = 10_000
# Filters that never leave few: nothing is won by counting them.
_NEVER_RARE = ("kind", "date_precision", "location_precision", "family", "unit", "coding_status")
_PERIOD = ("date_from", "date_to")

Remember = Callable[[Any, Callable[[], int]], int]


class Start(NamedTuple):
    """A place to start from: the ids that its filters leave, and the names of the filters."""

    names: tuple[str, ...]
    ids: Any
    # Whether the table has an index of it in the default order, so that nothing is won where it is alone.
    is_ordered: bool


def lead(connection: Connection, question: Question, counted: Any, remember: Remember) -> Any:
    """A select of the ids to start from; null where no filter is rare, or where the order itself is the best start."""
    starts = list(_starts(question, counted))
    if not starts or (len(starts) == 1 and starts[0].is_ordered):
        return None
    counts = []
    for start in starts:
        key = ("start", counted.__tablename__, tuple(pair for pair in question.pairs if pair[0] in start.names))
        counts.append(remember(key, lambda start=start: _few(connection, start.ids)))  # type: ignore[misc]  # bound now
    fewest = min(counts)
    return starts[counts.index(fewest)].ids if fewest <= RARE else None


def _few(connection: Connection, ids: Any) -> int:
    """How many ids there are, counted up to just over what is rare."""
    return connection.execute(select(func.count()).select_from(ids.limit(RARE + 1).subquery())).scalar_one()


def _starts(question: Question, counted: Any) -> Iterator[Start]:
    by_subject: dict[Subject, list[tuple[Filter, Any]]] = {}
    period: list[tuple[Filter, Any]] = []
    for wanted, value in question.understood.items():
        # The parts that a partition leaves out still decide what their wholes add to a total.
        if wanted.name in _NEVER_RARE or (wanted.is_partition and question.takes.is_totals):
            continue
        if wanted.name in _PERIOD:
            period.append((wanted, value))
        else:
            by_subject.setdefault(wanted.subject, []).append((wanted, value))
    if period:
        yield _alone(period, counted)
    for subject, listed in by_subject.items():
        if subject is Subject.RECORD or (subject is Subject.FIGURE and counted is Figure):
            for one in listed:
                yield _alone([one], counted)
        elif subject is Subject.EVENT:
            for one in listed:
                yield _of_event(one, counted)
        elif subject is not Subject.OWN:
            yield _hanging(subject, listed, counted)


def _names(listed: Sequence[tuple[Filter, Any]]) -> tuple[str, ...]:
    return tuple(
        name for wanted, _value in listed for name in (wanted.name, *(other.name for other in wanted.companions))
    )


def _alone(listed: Sequence[tuple[Filter, Any]], counted: Any) -> Start:
    """What the table itself can be asked by one index."""
    other = aliased(counted)
    # Boxes, circles and lower bounds are not in the order of the list.
    is_ordered = len(listed) == 1 and listed[0][0].name not in ("bbox", "near", "best_min", "best_max", "updated_since")
    conditions = [wanted.clause(value, other) for wanted, value in listed]
    return Start(_names(listed), select(other.id).where(*conditions), is_ordered)


def _of_event(one: tuple[Filter, Any], counted: Any) -> Start:
    wanted, value = one
    other = aliased(Event)
    ids = select(other.id).where(wanted.clause(value, other)) if wanted.start is None else wanted.start(value)
    is_ordered = counted is Event and wanted.start is None
    return Start(_names([one]), ids if counted is Event else _figures_of(ids), is_ordered)


def _hanging(subject: Subject, listed: Sequence[tuple[Filter, Any]], counted: Any) -> Start:
    """What is asked of the rows that hang on an event or figure."""

    def ids(model: Any, column: str = "event_id") -> Any:
        conditions = [wanted.clause(value, model) for wanted, value in listed]
        return select(getattr(model, column).label("id")).where(*conditions)

    if subject is Subject.PARTICIPATION:
        found = ids(aliased(Participation))
    elif subject is Subject.FIGURE:
        found = ids(aliased(Figure))
    elif counted is Figure:
        return Start(_names(listed), ids(aliased(Claim), "figure_id"), is_ordered=False)
    else:
        found = union(ids(aliased(Report)), ids(aliased(Claim)))
    return Start(_names(listed), found if counted is Event else _figures_of(found), is_ordered=False)


def _figures_of(events: Any) -> Any:
    other = aliased(Figure)
    return select(other.id).where(other.event_id.in_(events))
