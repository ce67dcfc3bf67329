"""Groups, locations and documents: few beside events, with counts that depend on the question, put together when asked for.

Of all events, only what is shown is counted; of some, all that has any is counted once, and that says which and how many
are listed. Knows the tables, no Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from api import narrow
from api.asking.media_types import CSV, GEOJSON
from api.asking.question import Question
from api.declare.columns import Shape
from api.declare.filter import Filter, Subject
from api.formats import only
from api.forms import Form
from api.keeping import Memory
from api.pages import in_order
from api.renditions import csv_line, feature, geometry, is_drawn, json_bytes


@dataclass(frozen=True)
class Composed:
    """Records that are put together when they are asked for."""

    shape: Shape
    model: Any
    # Adds what hangs on the records of one page, with a fixed number of queries.
    compose: Callable[[Connection, Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
    # The counts of a record where nothing is asked of events, each by its name and looked up beside the record.
    counts: Callable[[], Mapping[str, ColumnElement[Any]]] = dict
    # Of filters on events and figures: the ids of the records that something matches of, with the same counts of it.
    matched: Callable[[narrow.Understood], Select[Any]] | None = None

    def led(self, connection: Connection, question: Question, memory: Memory) -> Question:
        del connection, memory
        return question

    def form(self, question: Question) -> Form | None:
        del question
        return None

    def statement(self, question: Question) -> Select[Any]:
        assert question.sort is not None
        key = question.sort.column()
        own = narrow.own(question.understood, self.model)
        if key is not None and not _of_events(question):
            return select(self.model.id, key.label("sort_key")).where(own)
        counts = self._counted(question)
        # A number of its own stands first for the order; all are counted while they are at hand.
        sort_key = counts.c[question.sort.key] if key is None else key
        shown = [column for column in counts.c if column.key != "id"]
        total = func.count().over().label("total")
        found = select(self.model.id, sort_key.label("sort_key"), *shown, total)
        # A page begins after what was counted.
        return select(*found.join(counts, counts.c.id == self.model.id).where(own).subquery().c)

    def _counted(self, question: Question) -> Any:
        """The records that are listed for what happened, with their counts; all, where nothing is asked of that."""
        of_events = _of_events(question)
        if of_events:
            assert self.matched is not None
            return self.matched(of_events).subquery()
        return select(self.model.id, *self._labelled()).subquery()

    def _labelled(self) -> list[Any]:
        return [column.label(name) for name, column in self.counts().items()]

    def filled(self, statement: Select[Any], question: Question) -> Select[Any]:
        del question
        found = statement.subquery()
        counts = [] if "total" in found.c else self._labelled()
        return select(*found.c, *counts, *self._columns()).join(self.model, self.model.id == found.c.id)

    def _columns(self) -> list[Any]:
        """All that is the record's own but its id; a dataset is called by its id in records, as in filters."""
        own = [column for column in self.model.__table__.c if column.key != "id"]
        return [*own, *(column.label("dataset") for column in own if column.key == "dataset_id")]

    def batches(
        self, connection: Connection, statement: Select[Any], question: Question, size: int
    ) -> Iterator[list[bytes]]:
        with connection.execute(statement, execution_options={"yield_per": size}) as result:
            for rows in result.partitions():
                yield self.bytes_of(connection, rows, question)

    def in_their_order(self, rows: Sequence[Any], question: Question) -> Sequence[Any]:
        return in_order(rows, question)

    def matching(self, question: Question) -> Select[Any]:
        matching = select(self.model.id).where(narrow.own(question.understood, self.model))
        if not _of_events(question):
            return matching
        counts = self._counted(question)
        return matching.join(counts, counts.c.id == self.model.id)

    def counted(self, connection: Connection, question: Question) -> int | None:
        del connection, question
        return None

    def total_in(self, rows: Sequence[Any]) -> int | None:
        return rows[0]._mapping.get("total") if rows else None

    def bytes_of(self, connection: Connection, rows: Sequence[Any], question: Question) -> list[bytes]:
        sources = self.compose(connection, [dict(row._mapping) for row in rows])
        found = [self._bytes(source, question.format) for source in sources]
        if question.fields:
            return [only(record, self.shape, question.fields, question.format) for record in found]
        return found

    def _bytes(self, source: Mapping[str, Any], format_: str) -> bytes:
        record = self.shape.record(source)
        if format_ == CSV:
            return csv_line(self.shape.flat(source, record))
        if format_ == GEOJSON:
            point = geometry(source["longitude"], source["latitude"]) if is_drawn(source) else None
            return feature(source["id"], point, self.shape.header, self.shape.flat(source, record))
        return json_bytes(record)

    def one(self, connection: Connection, identity: str) -> bytes | None:
        """The JSON of one record; null where there is none."""
        statement = select(self.model.id, *self._columns(), *self._labelled()).where(self.model.id == identity)
        rows = connection.execute(statement).mappings().all()
        if not rows:
            return None
        (source,) = self.compose(connection, [dict(row) for row in rows])
        return json_bytes(self.shape.record(source))


def _of_events(question: Question) -> dict[Filter, Any]:
    """What is asked of events and figures, and not of the listed records themselves."""
    return narrow.but_for(question.understood, Subject.OWN)
