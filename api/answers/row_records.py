"""Lists and records of groups, locations, documents and datasets, put together from their rows when asked for.

Which of them are listed, and how much of what was asked matches each, the reading copy tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import Connection, Date, Select, Table, func, select

from api.answers.stored_records import RecordPage
from api.boundaries import geometry
from api.columns.positions import row_offset
from api.columns.reading_copy import Copy
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.filters.filter import Subject
from api.query.named_records import Counted
from api.query.paging import CursorKey, Order, ordered, paged
from api.query.question import Question
from api.records.files import table_of
from api.records.formats import CSV, GEOJSON
from api.records.renditions import csv_line, feature, json_bytes, point
from api.records.shape import Shape

# Records that one batch of a stream brings.
_BATCH = 200
# What the column is called that a list is sorted by.
_SORTED_BY = "sorted_by"
# And the one that says how many match.
_TOTAL = "matching_in_all"
Row = Mapping[str, Any]


class _Selected(NamedTuple):
    """The records that match with their counts, as a statement, and the tables that are given for it."""

    records: Select[Any]
    given: Mapping[str, pa.Table]


@dataclass(frozen=True)
class RowRecords:
    """Records that are put together when they are asked for."""

    shape: Shape
    model: Any
    table: Table
    # Given filters on events and figures: the records that matching ones name, with counts of these.
    matching: Callable[[Copy, conditions.FilterValues], Counted]
    # Adds what the records of one page show beside their own rows.
    with_details: Callable[[Connection, Sequence[Row]], Sequence[Row]] = lambda _connection, rows: rows

    def page(self, snapshot: Snapshot, question: Question, base: str = "") -> RecordPage:
        """One page; of a flat form, its rows without what stands around them, whose links have `base` before them."""
        selected = self._selected(snapshot, question)
        statement, order = self._in_order(question, selected)
        if "cursor" not in question.values:
            # Found by the same pass; behind a cursor it would be of those that are left.
            statement = statement.add_columns(func.count().over().label(_TOTAL))
        rows = self._rows(snapshot, paged(statement, question, order), selected)
        has_more = len(rows) > question.page_size
        total = rows[0][_TOTAL] if rows and _TOTAL in rows[0] else self._count(snapshot, selected)
        rows = rows[: question.page_size]
        last = CursorKey(rows[-1][_SORTED_BY], rows[-1]["id"]) if has_more else None
        return RecordPage(self._bytes(snapshot, rows, question, base), last, total)

    def count(self, snapshot: Snapshot, question: Question) -> int:
        """How many match."""
        return self._count(snapshot, self._selected(snapshot, question))

    def _count(self, snapshot: Snapshot, selected: _Selected) -> int:
        every = select(func.count()).select_from(selected.records.subquery())
        ((found,),) = snapshot.copy.rows(every, **selected.given)
        return int(found)

    def facets(self, _state: Snapshot, _question: Question) -> dict[str, Any]:
        """None: they have no dimensions."""
        return {}

    def batches(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[list[bytes]]:
        """The whole result in its order, so many records at a time."""
        for sources in self._batches(snapshot, question):
            yield [self._formed(row, question, base) for row in sources]

    def _batches(self, snapshot: Snapshot, question: Question) -> Iterator[Sequence[Row]]:
        selected = self._selected(snapshot, question)
        statement, _order = self._in_order(question, selected)
        rows = self._rows(snapshot, statement if question.limit is None else statement.limit(question.limit), selected)
        for start in range(0, len(rows), _BATCH):
            yield self._sources(snapshot, rows[start : start + _BATCH])

    def tables(self, snapshot: Snapshot, question: Question, base: str) -> Iterator[pa.Table]:
        """The whole result in its order as Arrow tables of its flat columns."""
        columns, keys = self.shape.flat_columns(question.fields), question.fields
        for sources in self._batches(snapshot, question):
            yield table_of(columns, [self.shape.flat(self.shape.record(row), base, keys) for row in sources])

    def find(self, snapshot: Snapshot, identity: str) -> bytes | None:
        """The JSON of one record; null where there is none."""
        return self.find_all(snapshot, [identity]).get(identity)

    def find_all(self, snapshot: Snapshot, ids: Sequence[str]) -> dict[str, bytes]:
        """The JSON of those of these records that there are, by id."""
        every = self._all(snapshot, {}, None)
        rows = self._rows(snapshot, every.records.where(self.table.c.id.in_(ids)), every)
        return {row["id"]: json_bytes(self.shape.record(row)) for row in self._sources(snapshot, rows)}

    def _selected(self, snapshot: Snapshot, question: Question) -> _Selected:
        assert question.sort is not None
        return self._all(snapshot, question.filter_values, question.sort.column_name)

    def _in_order(self, question: Question, selected: _Selected) -> tuple[Select[Any], Order]:
        """The records that match in the question's order, and what that is."""
        found = selected.records
        columns = {column.key: getattr(column, "element", column) for column in found.selected_columns}
        order = Order.of(question, columns[_SORTED_BY], columns["id"])
        return ordered(found, question, order), order

    def _all(self, snapshot: Snapshot, filter_values: conditions.FilterValues, sorted_by: str | None) -> _Selected:
        """The records that match, with their counts."""
        of_events = conditions.without_subjects(filter_values, Subject.OWN)
        counts, given = self.matching(snapshot.copy, of_events)
        is_same = (
            counts.c.row_offset == row_offset(self.table)
            if "row_offset" in counts.c
            else counts.c.id == self.table.c.id
        )
        shown = {
            column.key: (column if isinstance(column.type, Date) else func.coalesce(column, 0)).label(column.key)
            for column in counts.c
            if column.key not in ("id", "row_offset")
        }
        # A record that no matching event or figure names is listed only where nothing is asked of these.
        from_clause = self.table.join(counts, is_same, isouter=not of_events)
        found = select(self.table.c.id, *shown.values())
        if sorted_by is not None:
            key = shown[sorted_by].element if sorted_by in shown else self.table.c[sorted_by]
            found = found.add_columns(key.label(_SORTED_BY))
        return _Selected(found.select_from(from_clause).where(conditions.own(filter_values, self.table)), given)

    def _rows(self, snapshot: Snapshot, statement: Select[Any], selected: _Selected) -> list[Row]:
        names = [str(column.key) for column in statement.selected_columns]
        return [dict(zip(names, row, strict=True)) for row in snapshot.copy.rows(statement, **selected.given)]

    def _bytes(self, snapshot: Snapshot, rows: Sequence[Row], question: Question, base: str) -> list[bytes]:
        return [self._formed(row, question, base) for row in self._sources(snapshot, rows)]

    def _sources(self, snapshot: Snapshot, rows: Sequence[Row]) -> Sequence[Row]:
        """What the records are made of: their rows, their counts, and what they show beside them."""
        own = self.model.__table__
        statement = select(own).where(own.c.id.in_([row["id"] for row in rows]))
        stored = {row["id"]: dict(row) for row in snapshot.connection.execute(statement).mappings()}
        sources = [{**stored[row["id"]], **row} for row in rows]
        for row in sources:
            # A dataset is called by its id in records, as in filters.
            row["dataset"] = row.get("dataset_id")
        return self.with_details(snapshot.connection, sources)

    def _formed(self, row: Row, question: Question, base: str) -> bytes:
        record, keys = self.shape.record(row), question.fields
        outline = geometry(row["id"]) if question.values.get("boundaries") else None
        if question.format == CSV:
            return csv_line(self.shape.flat(record, base, keys))
        if question.format == GEOJSON:
            return feature(
                row["id"], outline or point(row), self.shape.header(keys), self.shape.flat(record, base, keys)
            )
        shown = {key: record[key] for key in self.shape.keys if key in keys} if keys else record
        return json_bytes({**shown, "boundary": outline} if question.values.get("boundaries") else shown)
