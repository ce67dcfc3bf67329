"""How many records hold each value of the columns that are asked most, counted when they were loaded.

A list of one country or one group tells how many there are without counting them, and a question of several filters
knows which of them leaves few. Knows no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from api.bulk import insert_many
from api.declare import Filter
from api.forms import run_with
from api.kinds import table_of
from api.models import LEVELS, Event, Figure, Participation, Tally

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
# What is counted of the events that a group takes part in, or that have some role.
_OF_PARTS = ("group_id", "role")

Understood = Mapping[Filter, Any]


def recount(connection: Connection, datasets: Collection[str]) -> None:
    """Counts the records of these datasets anew."""
    table = table_of(Tally)
    for dataset in datasets:
        connection.execute(delete(table).where(table.c.dataset_id == dataset))
        for counted in _COUNTED.values():
            insert_many(connection, table, list(_rows(connection, dataset, counted)))
        insert_many(connection, table, list(_rows_of_parts(connection, dataset)))


def _rows(connection: Connection, dataset: str, counted: _Counted) -> Iterator[dict[str, Any]]:
    model = counted.model
    columns = [getattr(model, name) for name in (counted.within, *counted.columns)]
    found: dict[str, Counter[tuple[str | None, str]]] = {name: Counter() for name in counted.columns}
    whole: Counter[str] = Counter()
    rows = connection.execute(
        select(*columns).where(model.dataset_id == dataset), execution_options={"yield_per": _BATCH}
    )
    for some in rows.partitions():
        within, *values = zip(*some, strict=True)
        whole.update(within)
        for name, listed in zip(counted.columns, values, strict=True):
            found[name].update(zip(listed, within, strict=True))
    of = {"dataset_id": dataset, "counted": model.__tablename__}
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
    asked = _asked(understood, _COUNTED[counted])
    if asked is None or (within is not None and asked.within is not None):
        return None
    column, values, some, datasets = asked
    within_any = some if within is None else [within]
    listed = [counted.__tablename__, column, *values, *(within_any or ()), *(datasets or ())]
    shape = (len(values), None if within_any is None else len(within_any), None if datasets is None else len(datasets))

    def counting(slots: Sequence[Any]) -> Any:
        following = iter(slots)
        conditions = [Tally.counted == next(following), Tally.name == next(following)]
        for column_, length in zip((Tally.value, Tally.within, Tally.dataset_id), shape, strict=True):
            if length is not None:
                conditions.append(column_.in_([next(following) for _slot in range(length)]))
        return select(func.sum(Tally.records)).where(*conditions)

    ((found,),) = run_with(connection, ("tally", shape), listed, counting)
    return int(found or 0)


class _Asked(NamedTuple):
    column: str
    values: Sequence[str]
    within: Sequence[str] | None
    datasets: Sequence[str] | None


def _asked(understood: Understood, counted: _Counted) -> _Asked | None:
    """The filters as columns and values, where no more is asked than is counted together."""
    rest: dict[str, Sequence[str]] = {}
    for wanted, value in understood.items():
        held = None if wanted.holds is None else wanted.holds(value)
        if held is None:
            return None
        column, values = held
        if column in rest:
            return None
        rest[column] = values
    within, datasets = rest.pop(counted.within, None), rest.pop("dataset_id", None)
    if not rest:
        return _Asked(_ALL, [_ALL], within, datasets)
    if len(rest) > 1:
        return None
    ((column, values),) = rest.items()
    of_parts = _OF_PARTS if counted.model is Event else ()
    # An event may have several groups, and several roles.
    if column not in (*counted.columns, *of_parts) or (column in of_parts and len(values) > 1):
        return None
    return _Asked(column, values, within, datasets)
