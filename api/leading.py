"""What a question is best started from: the rarest of its filters, where one is rare. Knows no Flask.

A list is read newest first from one index, and every other filter is looked at on the way. That is quick while matches
are frequent, and reads everything when they are rare. So each filter's matches are counted first, up to a limit, and
remembered by revision; where one has few, the question starts from these and sorts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isqrt
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, union, union_all
from sqlalchemy.orm import aliased

from api.asking import Question
from api.declare import Filter, Subject
from api.models import Claim, Event, Figure, Participation, Report, Revision

# Starting from n matches among all costs about as much as reading on until a page of them is met where n is the root of
# page times all; below, starting from them is quicker. And never more than this, which is so for a million.
RARE = 10_000
_PAGE = 100
# Filters that never leave few: nothing is won by counting them.
_NEVER_RARE = ("kind", "date_precision", "location_precision", "family", "unit", "coding_status")
_PERIOD = ("date_from", "date_to")

# What is counted and started from stands beside what is listed, under names of its own. Made once: an alias works out
# its columns when they are first asked for.
_OTHERS: Mapping[Any, Any] = {model: aliased(model) for model in (Event, Participation, Report, Figure, Claim)}
_FIGURE_OF_EVENT = aliased(Figure)

Remember = Callable[[Any, Callable[[], int]], int]


class Start(NamedTuple):
    """A place to start from: the ids that its filters leave, some of them perhaps twice, and the filters."""

    filters: tuple[Filter, ...]
    ids: Any
    # The same rows, or a few more, as an index alone has them: what is counted to know whether they are few.
    rows: Any
    # Whether the table has an index of it in the default order, so that nothing is won where it is alone.
    is_ordered: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for wanted in self.filters for parameter in (wanted.parameter, *wanted.companions))


class Led(NamedTuple):
    """How a question is best answered."""

    # A select of the ids to start from; null where no filter is rare, or where the order itself is the best start.
    ids: Any
    # What matches are best counted from where nothing is rare; null where the list's own order is.
    counted_from: Start | None


def lead(connection: Connection, question: Question, counted: Any, remember: Remember) -> Led:
    """The rarest of the question's filters, where one is rare; else the one to count from."""
    starts = list(_starts(question, counted))
    if all(start.is_ordered for start in starts) and len(starts) <= 1:
        return Led(None, None)
    all_there = Revision.events if counted is Event else Revision.figures
    size = remember(("size", counted.__tablename__), lambda: connection.scalar(select(all_there)) or 0)
    rare = min(RARE, isqrt(_PAGE * size))
    counts = []
    for start in starts:
        key = ("start", counted.__tablename__, tuple(pair for pair in question.pairs if pair[0] in start.names))
        counts.append(remember(key, lambda start=start: _few(connection, start.rows, rare)))  # type: ignore[misc]  # bound now
    fewest = min(counts)
    if fewest <= rare:
        return Led(starts[counts.index(fewest)].ids, None)
    return Led(None, _counted_from(starts))


def _counted_from(starts: Sequence[Start]) -> Start | None:
    """Where all are frequent, the start that counting reaches its limit from soonest.

    A group takes part in fewer events than lie in a country; fewer have a word than have a figure of some kind.
    """
    by_name: dict[str, Start] = {wanted.name: start for start in starts for wanted in start.filters}
    if "group" in by_name:
        return by_name["group"]
    if any(start.is_ordered for start in starts):
        return None
    return by_name["q"] if "q" in by_name else starts[0]


def _few(connection: Connection, rows: Any, rare: int) -> int:
    """How many rows there are, counted up to just over what is rare."""
    return connection.execute(select(func.count()).select_from(rows.limit(rare + 1).subquery())).scalar_one()


def _starts(question: Question, counted: Any) -> Iterator[Start]:
    by_subject: dict[Subject, list[tuple[Filter, Any]]] = {}
    period: list[tuple[Filter, Any]] = []
    kinds = [(wanted, value) for wanted, value in question.understood.items() if wanted.is_of_parts]
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
            yield _hanging(subject, listed, counted, kinds)


def _filters(listed: Sequence[tuple[Filter, Any]]) -> tuple[Filter, ...]:
    return tuple(wanted for wanted, _value in listed)


def _alone(listed: Sequence[tuple[Filter, Any]], counted: Any) -> Start:
    """What the table itself can be asked by one index."""
    other = _OTHERS[counted]
    # Boxes, circles and lower bounds are not in the order of the list; a period is the order itself.
    is_ordered = listed[0][0].name not in ("bbox", "near", "best_min", "best_max", "updated_since")
    ids = select(other.id).where(*(wanted.clause(value, other) for wanted, value in listed))
    return Start(_filters(listed), ids, ids, is_ordered)


def _of_event(one: tuple[Filter, Any], counted: Any) -> Start:
    wanted, value = one
    other = _OTHERS[Event]
    ids = select(other.id).where(wanted.clause(value, other)) if wanted.start is None else wanted.start(value)
    is_ordered = counted is Event and wanted.start is None
    return Start((wanted,), ids if counted is Event else _figures_of(ids), ids, is_ordered)


def _hanging(
    subject: Subject, listed: Sequence[tuple[Filter, Any]], counted: Any, kinds: Sequence[tuple[Filter, Any]]
) -> Start:
    """What is asked of the rows that hang on an event or figure; `kinds` is what participations know of their event."""
    if subject is Subject.PARTICIPATION and counted is Event:
        listed = [*listed, *kinds]

    def found(model: Any, column: str) -> Any:
        other = _OTHERS[model]
        conditions = [wanted.clause(value, other) for wanted, value in listed]
        return select(getattr(other, column).label("id")).where(*conditions)

    filters = _filters(listed)
    if subject is Subject.SAID:
        of_figures = found(Claim, "figure_id")
        if counted is Figure:
            return Start(filters, of_figures, of_figures, is_ordered=False)
        ids = union(found(Report, "event_id"), found(Claim, "event_id"))
        # Enough of each are looked at, and not all of both to tell them apart.
        some = [part.limit(RARE + 1).subquery() for part in (found(Report, "event_id"), of_figures)]
        rows = union_all(*(select(part.c.id) for part in some))
        return Start(filters, ids, rows, is_ordered=False)
    model = Participation if subject is Subject.PARTICIPATION else Figure
    ids = found(model, "event_id")
    rows = ids if model is Participation else found(Figure, "id")
    return Start(filters, ids if counted is Event else _figures_of(ids), rows, is_ordered=False)


def _figures_of(events: Any) -> Any:
    return select(_FIGURE_OF_EVENT.id).where(_FIGURE_OF_EVENT.event_id.in_(events))
