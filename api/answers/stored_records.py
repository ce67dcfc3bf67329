"""Lists and records of events and figures: the reading copy selects and counts, their stored bytes are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import pyarrow as pa
from sqlalchemy import ColumnElement, Dialect, Select, Table, bindparam, func, select

from api.columns.copies import CompiledStatement
from api.columns.counts import WITHIN
from api.columns.positions import in_order
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.facets import facets
from api.query.filters.filter import Subject
from api.query.paging import Order, Position, ordered, paged
from api.query.question import Question
from api.query.totals.additions import Additions
from api.query.totals.question import TotalQuestion
from api.records import flat
from api.records.files import typed
from api.records.formats import FLAT, only
from api.records.shape import Shape
from api.store.driver_rows import rows_of
from api.store.models import Event, EventRendition, Figure, FigureRendition, Revision
from api.store.revision import SingleRowReader
from api.store.stored_bytes import STORED, as_served, dictionaries_of, read_renditions

# Records that one batch of a stream brings: half a megabyte at the most. Put together, more would no longer be in the
# processor's own memory when it is sent, which takes half as long again.
STREAM_BATCH = 200
# About how many bytes of a flat form the copy is asked for at a time, but for the first batch, which is to come soon: each
# time costs some milliseconds, whatever it brings.
_FLAT_BYTES = 6_000_000
# Of how many positions one at least is wanted, where all between the first and the last are asked for.
_DENSE = 1.3
# The sort key whose order the copy stores events and figures in: their positions are found several times sooner than days
# and ids.
_STORED_ORDER = "date"

Fetched = TypeVar("Fetched")


@dataclass(frozen=True)
class Found:
    """The records of one page: their bytes, the position of the last one where there are more, and how many match on all
    pages."""

    records: list[bytes]
    last: Position | None
    total: int


@dataclass(frozen=True)
class StoredRecords:
    """Events or figures, whose bytes are stored."""

    shape: Shape
    model: type[Event | Figure]
    table: Table
    # The family that all of it is of, where it is of one.
    family: str | None = None

    def __post_init__(self) -> None:
        # A column that the copy cannot give is told when the service starts.
        per_question = self.shape.per_question()
        self.shape.copied(self.table, [key for key in self.shape.flat_keys if key not in per_question])

    def page(self, snapshot: Snapshot, question: Question, base: str = "") -> Found:
        """One page; of a flat form, its rows without what stands around them, whose links have `base` before them."""
        positions, total = self._page(snapshot, question)
        has_more = len(positions) > question.page_size
        positions = positions[: question.page_size]
        numbers = self._numbers(snapshot, positions)
        last = self._position(snapshot, question, numbers[-1]) if has_more else None
        if question.format in FLAT:
            lines = _lines(snapshot, positions, self._flat_statement(snapshot, question), base) if positions else []
            return Found(lines, last, total)
        return Found(self._bytes(snapshot, numbers, question), last, total)

    def _page(self, snapshot: Snapshot, question: Question) -> tuple[list[int], int]:
        """The positions of one page and of one record more, where there is one, and how many match."""
        total = self._known(snapshot, question)
        start, at_most = (question.values.get("page", 1) - 1) * question.page_size, question.page_size + 1
        is_in_stored_order = "cursor" not in question.values and self._is_in_stored_order(question)
        if is_in_stored_order and (total is None or self._is_everything(question)):
            # What has to be counted is found by the same pass.
            found, total = self._positions(snapshot, question, start + at_most)
            return list(found[start : start + at_most]), total
        in_order = self._in_order(self.table.c.list_position, question)
        listed = paged(in_order, question, self._order(question))
        positions = [position for (position,) in snapshot.copy.rows(listed)]
        if total is None:
            is_all = len(positions) < at_most and start == 0 and "cursor" not in question.values
            total = len(positions) if is_all else self.count(snapshot, question)
        return positions, total

    def count(self, snapshot: Snapshot, question: Question) -> int:
        """How many match."""
        known = self._known(snapshot, question)
        if known is not None:
            return known
        ((found,),) = snapshot.copy.rows(select(func.count()).select_from(self.table).where(self.condition(question)))
        return int(found)

    def _known(self, snapshot: Snapshot, question: Question) -> int | None:
        """How many match, where no more is asked than one value of one column; null of other questions."""
        if question.row is not None:
            return None
        within = None if self.family is None else [self.family]
        column: str | None = None
        values: Sequence[str] = ()
        for wanted, value in question.filter_values.items():
            held = wanted.holds(value) if wanted.subject in _OWN[self.model] else None
            if held is None:
                return None
            if held[0] == WITHIN[self.table] and within is None:
                within = list(held[1])
            elif column is None:
                column, values = held
            else:
                return None
        return snapshot.copy.counts(self.table).count(within, column, values)

    def facets(self, snapshot: Snapshot, question: Question) -> dict[str, Any]:
        """The facets that are asked for."""
        return facets(snapshot, question, self.table, self.family)

    def batches(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[list[bytes]]:
        """The whole result in its order, so many records at a time; links of flat rows have `base` before them."""
        if question.format in FLAT:
            yield from self._flat(snapshot, question, base)
        else:
            for positions in self._all_positions(snapshot, question):
                yield self._bytes(snapshot, self._numbers(snapshot, positions), question)

    def _is_everything(self, question: Question) -> bool:
        return not question.filter_values and question.row is None and self.family is None

    def _is_in_stored_order(self, question: Question) -> bool:
        return question.sort is not None and question.sort.key == _STORED_ORDER

    def _numbers(self, snapshot: Snapshot, positions: Sequence[int]) -> list[int]:
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
        found = snapshot.copy.column(select(self.table.c.list_position).where(self.condition(question)))
        return in_order(found, is_descending, at_most), len(found)

    def _all_positions(self, snapshot: Snapshot, question: Question) -> Iterator[list[int]]:
        """The positions of the whole result in its order, so many at a time."""
        if self._is_in_stored_order(question):
            found, _total = self._positions(snapshot, question, question.limit)
            found = found[: question.limit]
            return (list(found[start : start + STREAM_BATCH]) for start in range(0, len(found), STREAM_BATCH))
        statement = self._in_order(self.table.c.list_position, question)
        if question.limit is not None:
            statement = statement.limit(question.limit)
        return ([position for (position,) in rows] for rows in snapshot.copy.batches(statement, STREAM_BATCH))

    def _flat(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[list[bytes]]:
        """The whole result as lines or features."""
        statement = self._flat_statement(snapshot, question)

        def fetch(positions: list[int]) -> tuple[list[bytes], int]:
            lines = _lines(snapshot, positions, statement, base)
            return lines, sum(map(len, lines))

        for lines in self._fetched(snapshot, question, fetch):
            yield from _in_batches(lines)
            # Not while the next ones come in.
            del lines

    def tables(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[pa.Table]:
        """The whole result in its order as Arrow tables of its flat columns."""
        statement = self._flat_statement(snapshot, question)
        columns = self.shape.flat_columns(question.fields)

        def fetch(positions: list[int]) -> tuple[pa.Table, int]:
            table = typed(columns, _table(snapshot, positions, statement, base))
            return table, table.nbytes

        return self._fetched(snapshot, question, fetch)

    def _fetched(
        self, snapshot: Snapshot, question: Question, fetch: Callable[[list[int]], tuple[Fetched, int]]
    ) -> Iterator[Fetched]:
        """What `fetch` makes of the positions of the whole result, so many at a time that it is about _FLAT_BYTES, which it
        tells."""
        size = STREAM_BATCH
        waiting: list[int] = []
        for positions in self._all_positions(snapshot, question):
            waiting += positions
            if len(waiting) >= size:
                found, length = fetch(waiting)
                size = max(STREAM_BATCH, _FLAT_BYTES * len(waiting) // length)
                waiting = []
                yield found
                del found
        if waiting:
            yield fetch(waiting)[0]

    def _flat_statement(self, snapshot: Snapshot, question: Question) -> Callable[[bool], CompiledStatement]:
        """What asks for flat rows by their positions, by whether these are dense."""
        form = (question.fields, question.format)
        if not self.shape.per_question(question.fields):
            return lambda is_dense: flat.cached_lines(self.shape, self.table, *form, is_dense)
        additions = Additions(snapshot.copy, TotalQuestion.of(question, self.family), question.row)

        @cache
        def statement(is_dense: bool) -> CompiledStatement:
            listed = additions.listed(flat.at_positions(self.table, is_dense))
            return flat.lines(self.shape, listed, *form, is_dense)

        return statement

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Which records match."""
        return conditions.of_question(question, self.table, self.family)

    def _order(self, question: Question) -> Order:
        assert question.sort is not None
        return Order.of(question, self.table.c[question.sort.column_name], self.table.c.id)

    def _in_order(self, key: ColumnElement[int], question: Question) -> Select[Any]:
        """The numbers or positions of all that match, in the question's order. Ids and days would take longer than all the
        rest."""
        found = select(key).where(self.condition(question))
        if not self._is_in_stored_order(question):
            return ordered(found, question, self._order(question))
        position = self.table.c.list_position
        return found.order_by(position.asc() if question.is_descending else position.desc())

    def _position(self, snapshot: Snapshot, question: Question, number: int) -> Position:
        """The position in the list of the record of this number."""
        assert question.sort is not None
        column = question.sort.column_name
        if not hasattr(self.model, column):
            # The copy alone knows it.
            own = self.table.c
            ((value, identity),) = snapshot.copy.rows(select(own[column], own.id).where(own.number == number))
            return Position(value, identity)
        dialect = snapshot.connection.dialect
        statement, is_positional, read_key = _compiled_position(dialect, self.model, column)
        asked = (number,) if is_positional else {"number": number}
        ((key, identity),) = rows_of(snapshot.connection, statement, asked)
        return Position(read_key(key), identity)

    def _bytes(self, snapshot: Snapshot, numbers: Sequence[int], question: Question) -> list[bytes]:
        found = read_renditions(snapshot.connection, self.model, numbers)
        return [only(record, self.shape, question.fields) for record in found] if question.fields else found

    # --- One record ----------------------------------------------------------------------------------------------

    def find_quickly(self, row_reader: SingleRowReader, identity: str) -> tuple[str, bytes] | None:
        """The revision and the stored JSON of one record, by one statement that sees one state; null where there is
        none."""
        try:
            statement, is_positional = _compiled_of_one(row_reader.dialect, self.model)
            row = row_reader.first(statement, (identity,) if is_positional else {"identity": identity})
            return None if row is None else (str(row[0]), as_served([row[1:]], dictionaries_of(row_reader))[0])
        except Exception:  # noqa: BLE001  # whatever a driver raises; asked the longer way, it is told as it should be
            return None

    def find(self, snapshot: Snapshot, identity: str) -> bytes | None:
        """The stored JSON of one record; null where there is none."""
        connection = snapshot.connection
        found = connection.execute(_stored_json(self.model).where(self.model.id == identity)).one_or_none()
        return None if found is None else as_served([found], dictionaries_of(connection))[0]

    def find_all(self, snapshot: Snapshot, ids: Sequence[str]) -> dict[str, bytes]:
        """The stored JSON of those of these records that there are, by id."""
        connection = snapshot.connection
        found = connection.execute(_stored_json(self.model, self.model.id).where(self.model.id.in_(ids))).all()
        made = as_served([row[1:] for row in found], dictionaries_of(connection))
        return dict(zip((row.id for row in found), made, strict=True))


def _lines(
    snapshot: Snapshot, positions: Sequence[int], statement: Callable[[bool], CompiledStatement], base: str
) -> list[bytes]:
    """The flat rows at these positions, in their order."""
    first, last = min(positions), max(positions)
    asked = statement(last - first < _DENSE * len(positions))
    by_position = dict(snapshot.copy.rows(asked, first=first, last=last, positions=positions, base=base))
    return [by_position[position] for position in positions]


def _table(
    snapshot: Snapshot, positions: Sequence[int], statement: Callable[[bool], CompiledStatement], base: str
) -> pa.Table:
    """The flat rows at these positions, in their order, as an Arrow table."""
    first, last = min(positions), max(positions)
    asked = statement(last - first < _DENSE * len(positions))
    found = snapshot.copy.table(asked, first=first, last=last, positions=positions, base=base)
    rows = {position: row for row, position in enumerate(found.column(flat.POSITION).to_pylist())}
    return found.take([rows[position] for position in positions])


def _in_batches(lines: list[bytes]) -> Iterator[list[bytes]]:
    """So many lines at a time as a batch brings."""
    return (lines[start : start + STREAM_BATCH] for start in range(0, len(lines), STREAM_BATCH))


# The filters whose columns are the record's own.
_OWN: dict[Any, tuple[Subject, ...]] = {
    Event: (Subject.RECORD, Subject.EVENT),
    Figure: (Subject.RECORD, Subject.FIGURE),
}
_RENDITIONS: dict[Any, Any] = {Event: EventRendition, Figure: FigureRendition}


def _stored_json(model: type[Event | Figure], *more: Any) -> Select[Any]:
    rendition = _RENDITIONS[model]
    stored = (getattr(rendition, name) for name in STORED[model])
    return select(*more, *stored).join(model, model.number == rendition.number)


@cache
def _compiled_position(
    dialect: Dialect, model: type[Event | Figure], column: str
) -> tuple[str, bool, Callable[[Any], Any]]:
    """What the driver is asked for the sort key and the id of one record; whether it takes the number by its position; and
    what makes a key of what it gives."""
    key = getattr(model, column)
    compiled = select(key, model.id).where(model.number == bindparam("number")).compile(dialect=dialect)
    read: Callable[[Any], Any] | None = key.type.dialect_impl(dialect).result_processor(dialect, None)
    return str(compiled), bool(compiled.positional), read or (lambda value: value)


@cache
def _compiled_of_one(dialect: Dialect, model: type[Event | Figure]) -> tuple[str, bool]:
    """The revision and what is stored of one record as the driver is asked for it, and whether it takes the id by its
    position."""
    token = select(Revision.token).scalar_subquery()
    statement = _stored_json(model, token).where(model.id == bindparam("identity"))
    compiled = statement.compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)
