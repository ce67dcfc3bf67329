"""How events and figures are listed, which are many: their bytes were rendered when they were loaded.

Knows the tables, no Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select, bindparam, exists, func, select

from api.asking.media_types import CSV, GEOJSON
from api.asking.question import IN_ORDER, Question
from api.declare.columns import Shape
from api.declare.filter import Filter
from api.expressions import looked_at, unindexed
from api.formats import only
from api.forms import Form, form_of, stream
from api.keeping import Memory, Watch
from api.leading import Start, lead
from api.models import Revision
from api.narrow import all_of, is_anything
from api.pages import in_order
from api.stored_bytes import dictionaries_of, unpacked
from api.tallies import tallied, tally

Condition = Callable[[Question], ColumnElement[bool]]


@dataclass(frozen=True)
class Rendered:
    """Records whose bytes are stored: `rendition` has them under `key`."""

    shape: Shape
    model: Any
    rendition: Any
    key: str
    condition: Condition
    # The family that all of it is of, where it is of one; `condition` leaves it out.
    family: str | None = None
    # A statement that gives the rows of some questions in their order from the index of another table.
    in_order: Callable[[Question], Any] = lambda _question: None

    def led(self, connection: Connection, question: Question, memory: Memory) -> Question:
        led = lead(connection, question, self.model, memory, is_of_all=self.family is None)
        if led is IN_ORDER:
            return question
        if not led.is_in_order:
            return replace(question, led=led)
        # They are looked at on rows that are found in the order of the list.
        return replace(question, led=led, understood=_with(question.understood, _passing))

    def statement(self, question: Question) -> Select[Any]:
        """Ids and sort keys, from indexes alone where the filters allow it."""
        ordered: Select[Any] | None = self.in_order(question)
        if ordered is not None:
            return ordered
        led = question.led
        identity, key, number = self.model.id, _sort_column(question), self.model.number
        if led.is_few:
            # All are found, then sorted: SQLite would read the list in its order instead, in search of a few among all.
            found = select(unindexed(identity).label("id"), unindexed(key).label("sort_key"), number)
            return found.where(self._started(question, led.counted_from))
        found = select(identity.label("id"), key.label("sort_key"), number).where(self._condition(question))
        if led.is_in_order:
            return found
        # For the same reason, a limit, though there are fewer. So few are counted on the way.
        counted = found.add_columns(func.count().over().label("total"))
        return select(*counted.limit(_ANY_NUMBER).subquery().c)

    @cached_property
    def _columns(self) -> frozenset[Any]:
        """What is asked of a record itself, the id apart, by which others find it."""
        return frozenset(column for column in self.model.__table__.c if column.key != "id")

    def _condition(self, question: Question) -> ColumnElement[bool]:
        asked = self.condition(question)
        return asked if self.family is None else all_of(self.model.family == self.family, asked)

    def _rest(self, question: Question, start: Start) -> ColumnElement[bool]:
        """What is still to hold of a record that was found from this start."""
        rest = {
            wanted: value
            for wanted, value in question.understood.items()
            if start.is_part or wanted.name not in start.names
        }
        return self._condition(replace(question, understood=rest))

    def _started(self, question: Question, start: Start) -> ColumnElement[bool]:
        """The condition of a start that is the record's own, with the rest looked at on what it leaves."""
        rest = looked_at(self._rest(question, start), self._columns)
        return all_of(start.holds(question.understood, self.model), rest)

    def filled(self, statement: Select[Any], question: Question) -> Select[Any]:
        """The same rows with the stored form that the format needs, and how many match where that is known: only what
        is shown is fetched."""
        found = statement.subquery()
        stored = getattr(self.rendition, question.format if question.format in (CSV, GEOJSON) else "json")
        total = found.c.total if "total" in found.c else self._tally(question)
        counted = [] if total is None else [total.label("total")]
        is_its = (
            self.rendition.number == found.c.number
            if "number" in found.c
            else getattr(self.rendition, self.key) == found.c.id
        )
        return select(found.c.id, found.c.sort_key, stored.label("stored"), *counted).join(self.rendition, is_its)

    def _tally(self, question: Question) -> ColumnElement[int] | None:
        return None if question.row else tally(question.understood, self.model, self.family)

    def batches(
        self, connection: Connection, statement: Select[Any], question: Question, size: int
    ) -> Iterator[list[bytes]]:
        # What the rows are ordered by need not come along: for short rows it costs as much as their bytes do.
        stored = statement.with_only_columns(statement.selected_columns["stored"])
        find = dictionaries_of(connection)
        for rows in stream(connection, stored, size):
            yield self._cut(unpacked([row[0] for row in rows], find), question)

    def in_their_order(self, rows: Sequence[Any], question: Question) -> Sequence[Any]:
        # Nearly always they are already, but no database promises it; sorting them there costs as much as finding them.
        return in_order(rows, question)

    def form(self, question: Question) -> Form | None:
        return form_of(question)

    def matching(self, question: Question) -> Select[Any]:
        start: Start | None = question.led.counted_from
        if question.led.is_set_first:
            question = replace(question, understood=_with(question.understood, _counting))
        if start is None:
            return select(self.model.number).where(self._condition(question))
        if start.is_own:
            return select(self.model.number).where(self._started(question, start))
        condition = self._rest(question, start)
        first = start.found(question.understood, self.model).subquery()
        if is_anything(condition):
            return select(first.c.number).distinct()
        holds = exists(select(1).where(self.model.number == first.c.number, condition).correlate(first))
        return select(first.c.number).where(holds).distinct()

    def counted(self, connection: Connection, question: Question) -> int | None:
        return None if question.row else tallied(connection, question.understood, self.model, self.family)

    def bytes_of(self, connection: Connection, rows: Sequence[Any], question: Question) -> list[bytes]:
        return self._cut(unpacked([row[_STORED] for row in rows], dictionaries_of(connection)), question)

    def _cut(self, stored: list[bytes], question: Question) -> list[bytes]:
        """Stored records, down to the fields asked for where any are."""
        if question.fields:
            return [only(record, self.shape, question.fields, question.format) for record in stored]
        return stored

    def total_in(self, rows: Sequence[Any]) -> int | None:
        return rows[0][_TOTAL] if rows and len(rows[0]) > _TOTAL else None

    def now(self, watch: Watch, identity: str) -> tuple[str, bytes] | None:
        """The revision and the stored JSON of one record, by one statement that sees one state; null where there is
        none."""
        try:
            row = watch.first(*_of_one(watch.dialect, self.rendition, self.key, identity))
            return None if row is None else (str(row[0]), unpacked([row[1]], dictionaries_of(watch))[0])
        except Exception:  # noqa: BLE001  # whatever a driver raises; asked the longer way, it is told as it should be
            return None

    def one(self, connection: Connection, identity: str) -> bytes | None:
        """The stored JSON of one record; null where there is none."""
        found: bytes | None = connection.scalar(
            select(self.rendition.json).where(getattr(self.rendition, self.key) == identity)
        )
        return None if found is None else unpacked([found], dictionaries_of(connection))[0]


# More than there could be.
_ANY_NUMBER = 2**31 - 1
# Where the driver's rows have them (see Rendered.filled).
_STORED, _TOTAL = 2, 3


def _with(understood: Mapping[Filter, Any], clause: Callable[[Filter], Filter]) -> dict[Filter, Any]:
    """The same filters with other clauses."""
    return {clause(wanted): value for wanted, value in understood.items()}


@cache
def _passing(wanted: Filter) -> Filter:
    return wanted if wanted.passing is None else replace(wanted, clause=wanted.passing)


@cache
def _counting(wanted: Filter) -> Filter:
    return wanted if wanted.counting is None else replace(wanted, clause=wanted.counting)


def _sort_column(question: Question) -> Any:
    assert question.sort is not None
    return question.sort.column()


def _of_one(dialect: Dialect, rendition: Any, key: str, identity: str) -> tuple[str, Any]:
    """The revision and the stored JSON of one record, as the driver takes it."""
    statement, is_positional = _compiled_of_one(dialect, rendition, key)
    return statement, (identity,) if is_positional else {"identity": identity}


@cache
def _compiled_of_one(dialect: Dialect, rendition: Any, key: str) -> tuple[str, bool]:
    token = select(Revision.token).scalar_subquery()
    statement = select(token, rendition.json).where(getattr(rendition, key) == bindparam("identity"))
    compiled = statement.compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)
