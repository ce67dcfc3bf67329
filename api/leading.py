"""What a question is best started from: the rarest of its filters, where one is rare. Knows no Flask.

A list is read newest first from one index, and every other filter is looked at on the way. That is quick while matches
are frequent, and reads everything when they are rare. So each filter's matches are counted first, up to a limit, and
remembered by revision; where one has few, the question starts from these and sorts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isqrt
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, inspect, select, true, union, union_all
from sqlalchemy.orm import aliased

from api.asking.question import IN_ORDER, Led, Question
from api.declare.filter import Filter, Subject
from api.expressions import looked_at
from api.forms import form_of, run
from api.keeping import Memory
from api.models import Claim, Event, Figure, Participation, Report, Revision
from api.tallies import tallied

# Starting from n matches among all costs about as much as reading on until a page of them is met where n is the root of
# page times all; below, starting from them is quicker. And never more than this, which is so for a million.
RARE = 10_000
_PAGE = 100
# Going from a match to its event costs so many times what the next event of an index costs.
_DEARER = 4
# Matches of one start are counted up to here, or up to where it is too dear whatever the others leave.
_MOST_LOOKED_AT = 3 * RARE
# Finding a set of more than these costs more than looking at each of the records that are counted.
MOST_IN_A_SET = 200_000
# Filters that never leave few: nothing is won by counting them.
_NEVER_RARE = ("kind", "date_precision", "location_precision", "family", "unit", "coding_status")
_UNORDERED = ("bbox", "near", "best_min", "best_max", "updated_since")

# What is counted and started from stands beside what is listed, under names of its own. Made once: an alias works out
# its columns when they are first asked for.
_OTHERS: Mapping[Any, Any] = {model: aliased(model) for model in (Event, Participation, Report, Figure, Claim)}
_FIGURE_OF_EVENT = aliased(Figure)

Listed = Sequence[tuple[Filter, Any]]
Understood = Mapping[Filter, Any]


class Start(NamedTuple):
    """A place to start from: some of the question's filters, and how what they leave is selected."""

    filters: tuple[Filter, ...]
    # Whether the table has an index of it in the default order, so that nothing is won where it is alone.
    is_ordered: bool
    # Makes of the filters' values what is counted: the numbers that are left, some perhaps twice; and the same rows, or
    # a few more, as an index alone has them, which tells whether they are few.
    selects: Callable[[Listed, Any], tuple[Any, Any]]
    # Whether its filters ask of the listed record itself what one index holds, the sort key included.
    is_direct: bool = False
    # Whether one index tells how many there are, and no row is visited.
    is_of_one_index: bool = True
    # Whether other filters of the question must hold of the same thing.
    is_part: bool = False
    # Whether all that its filters ask is columns of what is counted.
    is_own: bool = False

    @property
    def is_of_a_set(self) -> bool:
        """Whether what it leaves may be found as a whole, before other records are held to it."""
        return any(wanted.counting is not None for wanted in self.filters)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for wanted in self.filters for parameter in (wanted.parameter, *wanted.companions))

    def counted_up_to(self, size: int) -> int:
        """Up to how many matches are counted among so many records; beyond, one start is taken to be as frequent as
        another."""
        if self.is_direct:
            return RARE
        return max(_MOST_LOOKED_AT, size // _DEARER) if self.is_of_one_index else _MOST_LOOKED_AT

    def found(self, understood: Understood, counted: Any) -> Any:
        return self.selects(self._listed(understood), counted)[0]

    def rows(self, understood: Understood, counted: Any) -> Any:
        return self.selects(self._listed(understood), counted)[1]

    def holds(self, understood: Understood, counted: Any) -> ColumnElement[bool]:
        """The condition that its filters hold of what is counted, where they are its own."""
        return (_by_one_index if self.is_direct else _by_any_index)(self._listed(understood), counted)

    def _listed(self, understood: Understood) -> Listed:
        # The question's own filters, whose clauses may be others by now.
        by_name = {wanted.name: (wanted, value) for wanted, value in understood.items()}
        return [by_name[wanted.name] for wanted in self.filters]


def lead(connection: Connection, question: Question, counted: Any, memory: Memory, *, is_of_all: bool = True) -> Led:
    """How to start from the rarest of the question's filters, where one is rare; else what to count from.

    `is_of_all` says whether the filters alone decide what is listed.
    """
    if len(question.understood) <= 1 and all(wanted.name in _NEVER_RARE for wanted in question.understood):
        return IN_ORDER
    starts = list(_starts(question, counted))
    if len(starts) <= 1 and all(start.is_ordered for start in starts):
        return Led(counted_from=_counted_from(starts)) if starts else IN_ORDER
    all_there = Revision.events if counted is Event else Revision.figures
    size = memory.known(("size", counted.__tablename__), lambda: connection.scalar(select(all_there)) or 0)
    found = []
    for start in starts:
        key = ("start", counted.__tablename__, tuple(pair for pair in question.pairs if pair[0] in start.names))
        number = memory.asked(key, lambda start=start: _few(connection, question, start, counted, size))  # type: ignore[misc]  # bound now
        is_whole = is_of_all and question.row is None and len(start.filters) == len(question.understood)
        if start.is_direct and is_whole:
            return _led_whole(start, number)
        # Counted no further, it may be any number.
        found.append((size if number == start.counted_up_to(size) + 1 else number, start))
    fewest, first = min(found, key=itemgetter(0))
    if fewest <= min(RARE, isqrt(_PAGE * size)):
        return Led(numbers=first.found(question.understood, counted))
    most = min(first.counted_up_to(size), size // _DEARER)
    chosen = first if fewest <= most else _counted_from(starts)
    return Led(
        counted_from=chosen,
        is_by_part=first.filters[0].subject is Subject.PARTICIPATION,
        # Where it is started from such a set, it has to be found in any case.
        is_set_first=all(number <= MOST_IN_A_SET or start is chosen for number, start in found if start.is_of_a_set),
    )


def _led_whole(start: Start, number: int) -> Led:
    """What is known of a question that has no other filters than this start.

    What is found and sorted by one index alone costs a tenth of going to the rows, so more of them are still few.
    """
    if number > RARE:
        return Led(counted_from=start, at_least=number)
    return Led(is_few=True, counted_from=start, total=number)


def _counted_from(starts: Sequence[Start]) -> Start | None:
    """Where all are frequent, the start that counting reaches its limit from soonest.

    A group takes part in fewer events than lie in a country; fewer have a word than have a figure of some kind.
    """
    by_name: dict[str, Start] = {wanted.name: start for start in starts for wanted in start.filters}
    if "group" in by_name:
        return by_name["group"]
    # What is drawn in a box or circle stands together in one index, and the other indexes know nothing of points.
    drawn = next((start for start in starts if start.is_direct), None)
    if drawn is not None:
        return drawn
    if any(start.is_ordered for start in starts):
        return None
    # What reports or claims say of an event is put together from both before the first of them is counted.
    return by_name.get("q") or next((start for start in starts if start.selects is not _said), None)


def _few(connection: Connection, question: Question, start: Start, counted: Any, size: int) -> int:
    """How many rows there are, counted up to just over what is looked at where they are not counted beforehand."""
    most = start.counted_up_to(size)

    def counting(asked: Question) -> Select[Any]:
        rows = start.rows(asked.understood, counted).limit(most + 1)
        return select(func.count()).select_from(rows.subquery())

    only = replace(question, understood={wanted: question.understood[wanted] for wanted in start.filters})
    known = tallied(connection, only.understood, counted)
    if known is not None:
        return known
    # Of what is too frequent to start from, nothing is won by reading how much of it is left by the rest.
    alone = {wanted: value for wanted, value in only.understood.items() if not wanted.is_of_parts(value)}
    frequent = tallied(connection, alone, counted) if alone and len(alone) < len(only.understood) else None
    if frequent is not None and frequent > most:
        return frequent
    purpose = ("few", counted.__tablename__, most)
    ((found,),) = run(connection, purpose, only, form_of(only), counting)
    return int(found)


def _starts(question: Question, counted: Any) -> Iterator[Start]:
    # What is asked of the event itself that indexes of other things hold as well.
    along = [wanted for wanted, value in question.understood.items() if counted is Event and wanted.is_of_parts(value)]
    by_subject: dict[Subject, list[Filter]] = {}
    period: list[Filter] = []
    for wanted in question.understood:
        # The parts that a partition leaves out still decide what their wholes add to a total.
        if wanted.name in _NEVER_RARE or (wanted.is_partition and question.takes.is_totals):
            continue
        if wanted.is_of_period:
            period.append(wanted)
        else:
            by_subject.setdefault(wanted.subject, []).append(wanted)
    if period:
        yield Start(tuple(period), True, partial(_alone, _by_any_index), is_own=True)
    for subject, listed in by_subject.items():
        if subject is Subject.RECORD or (subject is Subject.FIGURE and counted is Figure):
            # Boxes, circles and lower bounds are not in the order of the list.
            for one in listed:
                if one.passing is None:
                    yield Start((one,), one.name not in _UNORDERED, partial(_alone, _by_any_index), is_own=True)
                else:
                    yield Start((one, *along), False, partial(_alone, _by_one_index), is_direct=True, is_own=True)
        elif subject is Subject.EVENT:
            for one in listed:
                # Words are looked for elsewhere, and not by an index alone.
                is_elsewhere = one.start is not None
                is_own = counted is Event
                is_ordered = is_own and not is_elsewhere
                yield Start((one,), is_ordered, _of_event, is_of_one_index=not is_elsewhere, is_own=is_own)
        elif subject is Subject.PARTICIPATION:
            # What participations know of their event is asked of them too.
            is_of_one = counted is Event and all(len(question.understood[wanted]) == 1 for wanted in listed)
            is_by_date = question.sort is not None and question.sort.key == "date"
            yield Start((*listed, *along), is_of_one and is_by_date, partial(_hanging, Participation))
        elif subject is Subject.FIGURE:
            # A number by itself has an index that tells at once how many there are.
            numbers = tuple(one for one in listed if one.name in _UNORDERED)
            others = tuple(one for one in listed if one.name not in _UNORDERED)
            # Those that are never rare count too: the same figure has to pass them.
            of_one = [wanted for wanted in question.understood if wanted.subject is Subject.FIGURE]
            for some in filter(None, (numbers, others)):
                is_part = len(some) < len(of_one)
                yield Start(some, False, partial(_hanging, Figure), is_of_one_index=len(some) == 1, is_part=is_part)
        elif subject is Subject.SAID:
            yield Start(tuple(listed), False, _said, is_of_one_index=False)


def _alone(holds: Callable[[Listed, Any], ColumnElement[bool]], listed: Listed, counted: Any) -> tuple[Any, Any]:
    """What the table itself can be asked by one index."""
    other = _OTHERS[counted]
    numbers = select(other.number).where(holds(listed, other))
    return numbers, numbers


def _by_any_index(listed: Listed, on: Any) -> ColumnElement[bool]:
    return and_(true(), *(wanted.clause(value, on) for wanted, value in listed))


def _by_one_index(listed: Listed, on: Any) -> ColumnElement[bool]:
    """All hold, and only the first is to be found by an index: the others are looked at in it."""
    (first, sought), *along = listed
    columns = frozenset(inspect(on).selectable.c)
    rest = (looked_at(wanted.clause(value, on), columns) for wanted, value in along)
    return and_(first.clause(sought, on), *rest)


def _of_event(listed: Listed, counted: Any) -> tuple[Any, Any]:
    ((wanted, value),) = listed
    other = _OTHERS[Event]
    numbers = select(other.number).where(wanted.clause(value, other)) if wanted.start is None else wanted.start(value)
    return numbers if counted is Event else _figures_of(numbers), numbers


def _hanging(model: Any, listed: Listed, counted: Any) -> tuple[Any, Any]:
    """What is asked of one of the rows that hang on an event."""
    numbers = _found(model, "event_number", listed)
    return numbers if counted is Event else _figures_of(numbers), numbers


def _said(listed: Listed, counted: Any) -> tuple[Any, Any]:
    """What is asked of a claim, or of a report where events are listed."""
    of_figures = _found(Claim, "figure_number", listed)
    if counted is Figure:
        return of_figures, of_figures
    of_reports = _found(Report, "event_number", listed)
    # Enough of each are looked at, and not all of both to tell them apart.
    some = [part.limit(_MOST_LOOKED_AT + 1).subquery() for part in (of_reports, of_figures)]
    return union(of_reports, _found(Claim, "event_number", listed)), union_all(
        *(select(part.c.number) for part in some)
    )


def _found(model: Any, column: str, listed: Listed) -> Any:
    other = _OTHERS[model]
    conditions = [wanted.clause(value, other) for wanted, value in listed]
    return select(getattr(other, column).label("number")).where(*conditions)


def _figures_of(events: Any) -> Any:
    return select(_FIGURE_OF_EVENT.number).where(_FIGURE_OF_EVENT.event_number.in_(events))
