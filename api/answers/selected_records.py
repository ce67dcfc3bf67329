"""Which events or figures match a question, in its order, and how many: asked of the reading copy, as positions.

A position is a record's place among all in the order of lists, newest first, from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

from api.columns import memory_columns
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.paging import CursorKey, Order, ordered, paged
from api.query.question import Question
from api.store.driver_rows import fetch_rows_with
from api.store.models import Event, Figure

# The sort key whose order the copy stores events and figures in: their positions are found several times sooner than days
# and ids.
_STORED_ORDER = "date"


@dataclass(frozen=True)
class SelectedRecords:
    """The events or figures that a question selects; figures of one family where that is named."""

    model: type[Event | Figure]
    table: Table
    family: str | None

    def page(self, snapshot: Snapshot, question: Question) -> tuple[list[int], int]:
        """The positions of one page and of one record more, where there is one, and how many match."""
        start, at_most = (question.values.get("page", 1) - 1) * question.page_size, question.page_size + 1
        is_read_on = "cursor" in question.values
        if self._is_in_stored_order(question) and not is_read_on:
            found, total = self._positions(snapshot, question, start + at_most)
            return list(found[start : start + at_most]), total
        listed = paged(self._in_order(question), question, self._order(question))
        positions = [position for (position,) in snapshot.copy.rows(listed)]
        is_all = len(positions) < at_most and start == 0 and not is_read_on
        return positions, len(positions) if is_all else self.count(snapshot, question)

    def count(self, snapshot: Snapshot, question: Question) -> int:
        """How many match."""
        if self._is_everything(question):
            return len(snapshot.copy.numbers(self.table))
        return memory_columns.count(snapshot.copy.where(self.table, self._condition(question)))

    def _is_everything(self, question: Question) -> bool:
        return not question.filter_values and question.row is None and self.family is None

    def _is_in_stored_order(self, question: Question) -> bool:
        return question.sort is not None and question.sort.key == _STORED_ORDER

    def numbers(self, snapshot: Snapshot, positions: Sequence[int]) -> list[int]:
        """The numbers of the records at these positions."""
        numbers = snapshot.copy.numbers(self.table)
        return [numbers[position - 1] for position in positions]

    def _positions(self, snapshot: Snapshot, question: Question, at_most: int | None) -> tuple[Sequence[int], int]:
        """The first positions of the whole result in its order, which is the stored one; and how many match."""
        # The newest has the first position.
        is_descending = not question.is_descending
        if self._is_everything(question):
            total = len(snapshot.copy.numbers(self.table))
            every = range(1, total + 1)
            return every[::-1] if is_descending else every, total
        rows = snapshot.copy.where(self.table, self._condition(question))
        return memory_columns.positions(rows, at_most, is_descending), memory_columns.count(rows)

    def batches(self, snapshot: Snapshot, question: Question, size: int) -> Iterator[list[int]]:
        """The positions of the whole result in its order, so many at a time."""
        if self._is_in_stored_order(question):
            found, _total = self._positions(snapshot, question, question.limit)
            found = found[: question.limit]
            return (list(found[start : start + size]) for start in range(0, len(found), size))
        statement = self._in_order(question)
        if question.limit is not None:
            statement = statement.limit(question.limit)
        return ([position for (position,) in rows] for rows in snapshot.copy.batches(statement, size))

    def _condition(self, question: Question) -> ColumnElement[bool]:
        """Which records match."""
        return conditions.of_question(question, self.table, self.family)

    def _order(self, question: Question) -> Order:
        assert question.sort is not None
        return Order.of(question, self.table.c[question.sort.column_name], self.table.c.id)

    def _in_order(self, question: Question) -> Select[Any]:
        """The positions of all that match, in the question's order. Ids and days would take longer than all the rest."""
        found = select(self.table.c.list_position).where(self._condition(question))
        if not self._is_in_stored_order(question):
            return ordered(found, question, self._order(question))
        position = self.table.c.list_position
        return found.order_by(position.asc() if question.is_descending else position.desc())

    def cursor_key(self, snapshot: Snapshot, question: Question, position: int) -> CursorKey:
        """The sort key and the id of the record at this position."""
        assert question.sort is not None
        (number,) = self.numbers(snapshot, [position])
        column = question.sort.column_name
        if not hasattr(self.model, column):
            # The copy alone knows it.
            own = self.table.c
            ((value, identity),) = snapshot.copy.rows(select(own[column], own.id).where(own.number == number))
            return CursorKey(value, identity)
        ((key, identity),) = fetch_rows_with(snapshot.connection, _key_and_id(self.model, column), number=number)
        dialect = snapshot.connection.dialect
        read = getattr(self.model, column).type.dialect_impl(dialect).result_processor(dialect, None)
        return CursorKey(key if read is None else read(key), identity)


@cache
def _key_and_id(model: type[Event | Figure], column: str) -> Select[Any]:
    """The sort key and the id of the record whose number is the parameter `number`."""
    return select(getattr(model, column), model.id).where(model.number == bindparam("number"))
