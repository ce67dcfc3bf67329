"""Lists and records of events and figures: the reading copy selects and counts, their stored bytes are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

import pyarrow as pa
from sqlalchemy import Dialect, Select, Table, bindparam, select

from api.answers.selected_records import SelectedRecords
from api.columns.snapshot import Snapshot
from api.columns.statements import CompiledStatement
from api.query.facets import facets
from api.query.paging import CursorKey
from api.query.question import Question
from api.query.totals.additions import Additions
from api.query.totals.question import TotalQuestion
from api.records import flat
from api.records.files import typed
from api.records.formats import FLAT, only
from api.records.shape import Shape
from api.store.driver_rows import small_cache
from api.store.models import Event, Figure, Revision
from api.store.revision import SingleRowReader
from api.store.stored_bytes import RENDITIONS, STORED, as_served, dictionaries_of, read_renditions

# Records that one batch of a stream brings: half a megabyte at the most. Put together, more would no longer be in the
# processor's own memory when it is sent, which takes half as long again.
STREAM_BATCH = 200
# About how many bytes of a flat form the copy is asked for at a time, but for the first batch, which is to come soon: each
# time costs some milliseconds, whatever it brings.
_FLAT_BYTES = 6_000_000
# Of how many positions one at least is wanted, where all between the first and the last are asked for.
_DENSE = 1.3
Fetched = TypeVar("Fetched")


@dataclass(frozen=True)
class RecordPage:
    """The records of one page: their bytes, the sort key and id of the last one where there are more, and how many match on
    all pages."""

    records: list[bytes]
    last: CursorKey | None
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

    @cached_property
    def _selected(self) -> SelectedRecords:
        return SelectedRecords(self.model, self.table, self.family)

    def page(self, snapshot: Snapshot, question: Question, base: str = "") -> RecordPage:
        """One page; of a flat form, its rows without what stands around them, whose links have `base` before them."""
        positions, total = self._selected.page(snapshot, question)
        has_more = len(positions) > question.page_size
        positions = positions[: question.page_size]
        last = self._selected.cursor_key(snapshot, question, positions[-1]) if has_more else None
        if question.format in FLAT:
            lines = _lines(snapshot, positions, self._flat_statement(snapshot, question), base) if positions else []
            return RecordPage(lines, last, total)
        return RecordPage(self._bytes(snapshot, positions, question), last, total)

    def count(self, snapshot: Snapshot, question: Question) -> int:
        """How many match."""
        return self._selected.count(snapshot, question)

    def facets(self, snapshot: Snapshot, question: Question) -> dict[str, Any]:
        """The facets that are asked for."""
        return facets(snapshot, question, self.table, self.family)

    def batches(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[list[bytes]]:
        """The whole result in its order, so many records at a time; links of flat rows have `base` before them."""
        if question.format in FLAT:
            yield from self._flat(snapshot, question, base)
        else:
            with small_cache(snapshot.connection):
                for positions in self._selected.batches(snapshot, question, STREAM_BATCH):
                    yield self._bytes(snapshot, positions, question)

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
        for positions in self._selected.batches(snapshot, question, STREAM_BATCH):
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

    def _bytes(self, snapshot: Snapshot, positions: Sequence[int], question: Question) -> list[bytes]:
        numbers = self._selected.numbers(snapshot, positions)
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


def _stored_json(model: type[Event | Figure], *more: Any) -> Select[Any]:
    rendition = RENDITIONS[model]
    stored = (getattr(rendition, name) for name in STORED[model])
    return select(*more, *stored).join(model, model.number == rendition.number)


@cache
def _compiled_of_one(dialect: Dialect, model: type[Event | Figure]) -> tuple[str, bool]:
    """The revision and what is stored of one record as the driver is asked for it, and whether it takes the id by its
    position."""
    token = select(Revision.token).scalar_subquery()
    statement = _stored_json(model, token).where(model.id == bindparam("identity"))
    compiled = statement.compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)
