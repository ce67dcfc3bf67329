"""One reading copy, open: selects and counts by cursors of its own, and is given up where its file is damaged."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import Column, ColumnElement, Table, select

from api.columns.connections import SEALED, without_bar
from api.columns.copy_files import still_being_made
from api.columns.memory_columns import Array, MemoryColumns, NotInMemory, Rows
from api.columns.memory_conditions import rows_where
from api.columns.memory_documents import MemoryDocuments, Support
from api.columns.positions import as_sequence, row_offset
from api.columns.statements import CompiledStatement, Statement, text_and_values
from api.domain import deadlines
from api.domain.errors import TooMuchWork

log = logging.getLogger(__name__)

# What DuckDB says of a file that it cannot read, or after which it reads nothing more.
_DAMAGED = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_SELECTING = "selecting and counting records"
# What DuckDB may keep in memory of one copy, for each process.
_MEMORY = "512MB"
# What it keeps of that where statements have taken so many seconds since more was given back, which costs ten milliseconds. The
# system has the file in memory, so that what is read anew takes no longer than its copying.
_KEPT_MEMORY, _SECONDS = "64MB", 0.2


class Copy:
    """One state of the data as columns, open for reading; whoever reads has a cursor alone."""

    def __init__(self, file: Path, lock: IO[bytes]) -> None:
        self.file = file
        self.is_damaged = False
        # Locked for as long as anything here reads the file, so that no other process removes it.
        weakref.finalize(self, lock.close)
        settings: dict[str, Any] = {**SEALED, "threads": 1, "memory_limit": _MEMORY, "enable_external_access": False}
        self._database = duckdb.connect(str(file), read_only=True, config=settings)
        # As many as ever read at once, those of them that nobody reads by now, and how long all have worked since memory was
        # given back.
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._worked_seconds = 0.0
        self._lock = threading.Lock()
        self._numbers: dict[Table, Sequence[int]] = {}
        self.in_memory = MemoryColumns()
        self._documents = MemoryDocuments()

    def numbers(self, table: Table) -> Sequence[int]:
        """The numbers of all of a table's records in the order of lists, newest first. A million take four megabytes, and a
        fiftieth of a second once."""
        found = self._numbers.get(table)
        if found is None:
            ordered = self.column(select(table.c.number).order_by(table.c.list_position))
            found = self._numbers[table] = as_sequence(ordered.to_numpy())
        return found

    def where(self, table: Table, condition: ColumnElement[bool]) -> Array:
        """The rows of a table, in its order, of which a condition holds: as marks of all, or as offsets of these. `count` and
        `positions` take both."""
        rows = rows_where(self.in_memory, self, table, condition)
        if rows is None:
            asked = select(row_offset(table)).select_from(table).where(condition)
            rows = np.sort(self.column(asked).to_numpy(), kind="stable")
        return rows

    def counted(self, column: Column[Any], rows: Rows) -> dict[Any, int] | None:
        """How many of these rows of its table have each value of a column, null among them; null where a statement has to
        count."""
        try:
            return self.in_memory.counted(self, column, rows)
        except NotInMemory:
            return None

    def supporting(self, supports: Mapping[str, Support], also: ColumnElement[bool] | None) -> pa.Table:
        """The documents that support something, or are listed besides (see MemoryDocuments)."""
        return self._documents.supporting(self, supports, also)

    def rows(self, statement: Statement | CompiledStatement, **given: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement over the tables of the copy, with what is given for parameters and tables that it leaves open."""
        with self._cursor() as cursor, self._discarding_damaged(), _registered(cursor, given):
            found: list[tuple[Any, ...]] = cursor.execute(*_told(statement, given)).fetchall()
        return found

    def column(self, statement: Statement) -> pa.Array:
        """The one column that a statement selects."""
        return self.table(statement).column(0).combine_chunks()

    def table(self, statement: Statement | CompiledStatement, **given: Any) -> pa.Table:
        """All rows of a statement as columns."""
        with self._cursor() as cursor, self._discarding_damaged():
            text, values = _told(statement, given)
            return cursor.sql(text, params=values).to_arrow_table()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one statement, which is interrupted at the deadline."""
        with self._taken() as cursor, deadlines.interrupted_by(cursor.interrupt, _SELECTING):
            yield cursor

    @contextmanager
    def _taken(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that nobody else has. Where much was worked by them, memory is given back once nobody has any."""
        with self._lock:
            if not self._idle:
                self._cursors.append(without_bar(self._database.cursor()))
                self._idle.append(self._cursors[-1])
            cursor = self._idle.pop()
        begun = time.thread_time()
        try:
            yield cursor
        finally:
            with self._lock:
                self._idle.append(cursor)
                self._worked_seconds += time.thread_time() - begun
                if self._worked_seconds > _SECONDS and len(self._idle) == len(self._cursors):
                    self._worked_seconds = 0.0
                    # Of a copy that is given up there is nothing to let go.
                    with suppress(duckdb.Error):
                        for limit in (_KEPT_MEMORY, _MEMORY):
                            cursor.execute(f"set memory_limit = '{limit}'")

    def batches(self, statement: Statement, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The same rows, so many at a time, by a cursor of their own: the thread may ask for others meanwhile."""
        with self._taken() as cursor:
            with self._discarding_damaged(), deadlines.interrupted_by(cursor.interrupt, _SELECTING):
                cursor.execute(*_told(statement, {}))
            while True:
                with deadlines.interrupted_by(cursor.interrupt, _SELECTING):
                    rows = cursor.fetchmany(size)
                if not rows:
                    break
                yield rows

    @contextmanager
    def _discarding_damaged(self) -> Iterator[None]:
        """Gives a file up that turns out to be damaged: the next request makes it again.

        Errors: ReadingCopyUnavailable; TooMuchWork, where there is not memory enough.
        """
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise TooMuchWork(
                f"One request may use {_MEMORY} of memory; this one was ended while {_SELECTING}. Ask for less: a shorter"
                " period, fewer values, dimensions or facets."
            ) from error
        except duckdb.Error as error:
            # A wrong checksum is told as an error of no kind.
            if not isinstance(error, _DAMAGED) and type(error) is not duckdb.Error:
                raise
            log.error("the reading copy %s is damaged and is made again: %s", self.file, error)
            self.is_damaged = True
            self.file.unlink(missing_ok=True)
            # DuckDB gives what it has open of this name to whoever opens it again.
            for opened in (*self._cursors, self._database):
                opened.close()
            raise still_being_made() from error


@contextmanager
def _registered(cursor: duckdb.DuckDBPyConnection, given: Mapping[str, Any]) -> Iterator[None]:
    """What is given for tables is there under its name, for this cursor alone."""
    names = [name for name, value in given.items() if isinstance(value, pa.Table)]
    for name in names:
        cursor.register(name, given[name])
    try:
        yield
    finally:
        for name in names:
            cursor.unregister(name)


def _told(statement: Statement | CompiledStatement, given: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The text and values of a statement (see text_and_values), which is told to the log."""
    text, values = text_and_values(statement, given)
    log.debug("%s", text)
    return text, values


def by_dataset(copy: Copy, table: Table, number: ColumnElement[Any]) -> dict[str, Any]:
    """A number over a table's records, such as their count, for each dataset that has any."""
    own = table.c.dataset_id
    return {str(dataset): found for dataset, found in copy.rows(select(own, number).group_by(own))}
