"""How many records hold each value of the columns that are asked most, counted when they were loaded.

A list of one country, one group or one period tells how many there are without counting them, and a question of several
filters knows which of them leaves few. Knows no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select

from api.bulk import insert_many
from api.day_tallies import ENDS, STARTS, overlapping, rows_by_day
from api.declare.filter import Filter
from api.expressions import whole_number
from api.forms import run_with
from api.kinds import table_of
from api.models import LEVELS, DayTally, Event, Figure, Participation, Tally

# Rows that are counted at a time.
_BATCH = 10_000
# The column of a tally that counts all.
_ALL = ""


class _Counted(NamedTuple):
    """What is counted of one kind of record."""

    model: Any
    # The column by which every count is parted, since most questions ask for some of its values.
    within: str
    columns: tuple[str, ...]


_COUNTED: Mapping[Any, _Counted] = {
    Event: _Counted(Event, "kind", ("type", "subtype", "outcome", "coding_status", *LEVELS)),
    Figure: _Counted(Figure, "family", ("kind", "type", "measure", "population", "object", "sex", "term", *LEVELS)),
}
# What is counted by day.
_DAYS = (STARTS, ENDS)
# What is counted of the events that a group takes part in, or that have some role.
_OF_PARTS = ("group_id", "role")

Understood = Mapping[Filter, Any]


def recount(connection: Connection, datasets: Collection[str]) -> None:
    """Counts the records of these datasets anew."""
    by_value, by_day = table_of(Tally), table_of(DayTally)
    for dataset in datasets:
        for table in (by_value, by_day):
            connection.execute(delete(table).where(table.c.dataset_id == dataset))
        for counted in _COUNTED.values():
            whole, found = _held(connection, dataset, counted)
            of = {"dataset_id": dataset, "counted": counted.model.__tablename__}
            held = {name: found[name] for name in counted.columns}
            insert_many(connection, by_value, list(_rows(whole, held, of)))
            for name in _DAYS:
                insert_many(connection, by_day, list(rows_by_day(found[name], {**of, "name": name})))
        insert_many(connection, by_value, list(_rows_of_parts(connection, dataset)))


def _held(connection: Connection, dataset: str, counted: _Counted) -> tuple[Counter[str], dict[str, Counter[Any]]]:
    """How many of each kind or family there are; and for each column how many hold a value, of each kind or family."""
    model = counted.model
    names = (*counted.columns, *_DAYS)
    columns = [getattr(model, name) for name in (counted.within, *names)]
    found: dict[str, Counter[Any]] = {name: Counter() for name in names}
    whole: Counter[str] = Counter()
    rows = connection.execute(
        select(*columns).where(model.dataset_id == dataset), execution_options={"yield_per": _BATCH}
    )
    for some in rows.partitions():
        within, *values = zip(*some, strict=True)
        whole.update(within)
        for name, listed in zip(names, values, strict=True):
            found[name].update(zip(listed, within, strict=True))
    return whole, found


def _rows(
    whole: Mapping[str, int], found: Mapping[str, Mapping[Any, int]], of: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for kind, number in whole.items():
        yield {**of, "name": _ALL, "value": _ALL, "within": kind, "records": number}
    for name, counts in found.items():
        for (value, kind), number in counts.items():
            if value is not None:
                yield {**of, "name": name, "value": value, "within": kind, "records": number}


def _rows_of_parts(connection: Connection, dataset: str) -> Iterator[dict[str, Any]]:
    for name in _OF_PARTS:
        value = getattr(Participation, name)
        rows = connection.execute(
            select(value, Participation.kind, func.count(Participation.event_id.distinct()))
            .join(Event, Event.id == Participation.event_id)
            .where(Event.dataset_id == dataset)
            .group_by(value, Participation.kind)
        )
        for held, kind, number in rows:
            yield {
                "dataset_id": dataset,
                "counted": Event.__tablename__,
                "name": name,
                "value": held,
                "within": kind,
                "records": number,
            }


def tallied(connection: Connection, understood: Understood, counted: Any, within: str | None = None) -> int | None:
    """How many records these filters leave, from what was counted; null where they ask for what was not.

    `within` is the kind or family that nothing else is asked of.
    """
    asked = _asked(understood, _COUNTED[counted], within)
    if asked is None:
        return None
    several = (asked.values, asked.within, asked.datasets)
    days = (asked.first_day, asked.last_day)
    shape = tuple(None if some is None else len(some) for some in several)
    is_bound = tuple(day is not None for day in days)
    listed = [counted.__tablename__, asked.column, *chain(*(some or () for some in several)), *filter(None, days)]

    def counting(slots: Sequence[Any]) -> Select[Any]:
        following = iter(slots)
        name, column = next(following), next(following)
        values, parts, datasets = [
            None if length is None else [next(following) for _slot in range(length)] for length in shape
        ]
        first, last = [next(following) if is_asked else None for is_asked in is_bound]
        return _tally(name, _Asked(column, values or (), parts, datasets, first, last))

    ((found,),) = run_with(connection, ("tally", shape, is_bound), listed, counting)
    return int(found)


def tally(understood: Understood, counted: Any, within: str | None = None) -> ColumnElement[int] | None:
    """The same number as part of another statement; null where these filters ask for what was not counted."""
    asked = _asked(understood, _COUNTED[counted], within)
    return None if asked is None else _tally(counted.__tablename__, asked).scalar_subquery()


def records_of(counted: Any, name: Any, value: Any) -> ColumnElement[int]:
    """How many records hold this value in the column of this name, looked up beside each row that the value is of."""
    conditions = (Tally.counted == counted.__tablename__, Tally.name == name, Tally.value == value)
    return select(whole_number(func.sum(Tally.records))).where(*conditions).scalar_subquery()


class _Asked(NamedTuple):
    column: str
    values: Sequence[str]
    within: Sequence[str] | None
    datasets: Sequence[str] | None
    first_day: date | None
    last_day: date | None


def _tally(counted: str, asked: _Asked) -> Select[Any]:
    """One whole number, 0 where nothing was counted."""
    conditions = [Tally.counted == counted, Tally.name == asked.column, Tally.value.in_(asked.values)]
    if asked.within is not None:
        conditions.append(Tally.within.in_(asked.within))
    if asked.datasets is not None:
        conditions.append(Tally.dataset_id.in_(asked.datasets))
    records = func.sum(overlapping(asked.first_day, asked.last_day))
    return select(whole_number(records)).where(*conditions)


def _asked(understood: Understood, counted: _Counted, whole: str | None) -> _Asked | None:
    """The filters as columns and values, where no more is asked than is counted together."""
    rest: dict[str, Sequence[str]] = {}
    first_day = last_day = None
    for wanted, value in understood.items():
        if wanted.first_day is not None:
            first_day = wanted.first_day(value)
            continue
        if wanted.last_day is not None:
            last_day = wanted.last_day(value)
            continue
        held = None if wanted.holds is None else wanted.holds(value)
        if held is None:
            return None
        column, values = held
        if column in rest:
            return None
        rest[column] = values
    within, datasets = rest.pop(counted.within, None), rest.pop("dataset_id", None)
    if whole is not None:
        if within is not None:
            return None
        within = [whole]
    if not rest:
        return _Asked(_ALL, [_ALL], within, datasets, first_day, last_day)
    if len(rest) > 1 or first_day is not None or last_day is not None:
        return None
    ((column, values),) = rest.items()
    of_parts = _OF_PARTS if counted.model is Event else ()
    # An event may have several groups, and several roles.
    if column not in (*counted.columns, *of_parts) or (column in of_parts and len(values) > 1):
        return None
    return _Asked(column, values, within, datasets, None, None)
