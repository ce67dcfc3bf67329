"""The reading copies of this machine: made once for each state of the data, and opened by every process that serves.

A copy is a file in the cache folder, named by the pieces that it is made of. It is written under another name, closed and
renamed, and never opened for writing again. What nobody has open is removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select

from api.columns.assemble import assemble
from api.columns.build import SEALED, without_bar
from api.columns.counts import WITHIN, Counts
from api.columns.pieces import Stored, name_of, stored, unpack
from api.columns.positions import as_sequence
from api.columns.scratch import scratch_folder
from api.columns.statements import CompiledStatement, Statement, text_and_values
from api.domain import deadlines
from api.domain.errors import ReadingCopyAway, TooDear
from api.settings import Settings
from api.store.addresses import database_url, place_of
from api.store.revision import revision

log = logging.getLogger(__name__)

# What DuckDB says of a file that it cannot read, or after which it reads nothing more.
_DAMAGED = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_SELECTING = "selecting and counting records"
# How long a request waits for the copy of its revision to be made.
WAIT_SECONDS = 10
# How long it may take to be made. Of a million events it takes 9 to 45 seconds.
_MAKING_SECONDS = 300
# How often it looks whether another process is done.
_LOOK_SECONDS = 0.05
# When to ask again after that.
_RETRY_SECONDS = 5
# What DuckDB may keep in memory of one copy, for each process.
_MEMORY = "512MB"
# Copies that a process holds open: the newest, and the one before it for what still reads it.
_MOST_OPEN = 2


class Copy:
    """One state of the data as columns, open for reading; whoever reads has a cursor alone."""

    def __init__(self, file: Path, held: IO[bytes]) -> None:
        self.file = file
        self.is_damaged = False
        # Locked for as long as anything here reads the file, so that no other process removes it.
        weakref.finalize(self, held.close)
        settings: dict[str, Any] = {**SEALED, "threads": 1, "memory_limit": _MEMORY, "enable_external_access": False}
        self._database = duckdb.connect(str(file), read_only=True, config=settings)
        # As many as ever read at once, and those of them that nobody reads by now.
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._counts: dict[Table, Counts] = {}
        self._numbers: dict[Table, Sequence[int]] = {}
        self._set_counts: dict[tuple[Table, str, str | None], Mapping[int, int]] = {}

    def numbers(self, table: Table) -> Sequence[int]:
        """The numbers of all of a table's records in the order of lists, newest first. A million take four megabytes, and a
        fiftieth of a second once."""
        found = self._numbers.get(table)
        if found is None:
            ordered = self.column(select(table.c.number).order_by(table.c.list_position))
            found = self._numbers[table] = as_sequence(ordered)
        return found

    def set_counts(self, table: Table, key: str, within: str | None) -> Mapping[int, int]:
        """How many of a table's records have each set of a kind; of one kind of events or family of figures, or of all."""
        found = self._set_counts.get((table, key, within))
        if found is None:
            counted = select(table.c[key], func.count()).group_by(table.c[key])
            if within is not None:
                counted = counted.where(table.c[WITHIN[table]] == within)
            found = self._set_counts[table, key, within] = {number: records for number, records in self.rows(counted)}
        return found

    def counts(self, table: Table) -> Counts:
        """How many of a table's records hold each value of a column."""
        found = self._counts.get(table)
        if found is None:
            with self._database.cursor() as cursor:
                # A name of ours.
                rows = cursor.execute(f"select within, name, value, records from {table.name}_count").fetchall()
            found = self._counts[table] = Counts(table, rows)
        return found

    def rows(self, statement: Statement | CompiledStatement, **given: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement over the tables of the copy, with what is given for parameters that it leaves open."""
        with self._cursor() as cursor, self._discarding_damaged():
            found: list[tuple[Any, ...]] = cursor.execute(*text_and_values(statement, given)).fetchall()
        return found

    def column(self, statement: Statement) -> pa.Array:
        """The one column that a statement selects."""
        return self.table(statement).column(0).combine_chunks()

    def table(self, statement: Statement | CompiledStatement, **given: Any) -> pa.Table:
        """All rows of a statement as columns."""
        with self._cursor() as cursor, self._discarding_damaged():
            text, values = text_and_values(statement, given)
            return cursor.sql(text, params=values).to_arrow_table()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one statement, which is interrupted at the deadline."""
        # Taking from a list and putting back are atomic, so no lock is needed.
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = without_bar(self._database.cursor())
            self._cursors.append(cursor)
        try:
            with deadlines.interrupted_by(cursor.interrupt, _SELECTING):
                yield cursor
        finally:
            self._idle.append(cursor)

    def batches(self, statement: Statement, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The same rows, so many at a time, by a cursor of their own: the thread may ask for others meanwhile."""
        with without_bar(self._database.cursor()) as cursor:
            with self._discarding_damaged(), deadlines.interrupted_by(cursor.interrupt, _SELECTING):
                cursor.execute(*text_and_values(statement, {}))
            while True:
                with deadlines.interrupted_by(cursor.interrupt, _SELECTING):
                    rows = cursor.fetchmany(size)
                if not rows:
                    break
                yield rows

    @contextmanager
    def _discarding_damaged(self) -> Iterator[None]:
        """Gives a file up that turns out to be damaged: the next request makes it again.

        Errors: ReadingCopyAway; TooDear, where there is not memory enough.
        """
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise TooDear(
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
            raise _still_being_made() from error


def by_dataset(copy: Copy, table: Table, number: ColumnElement[Any]) -> dict[str, Any]:
    """A number over a table's records, such as their count, for each dataset that has any."""
    own = table.c.dataset_id
    return {str(dataset): found for dataset, found in copy.rows(select(own, number).group_by(own))}


class Copies:
    """The copies that this process serves from."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._folder = folder_of(settings)
        self._engine = engine
        self._lock = threading.Lock()
        self._open: dict[str, Copy] = {}
        # What ends when the copy stands that a thread is making; null where none ever was.
        self._making: Future[None] | None = None

    def at(self, connection: Connection, token: str) -> Copy:
        """The copy of the revision that this connection sees. Where this machine has none it is made beside the request,
        which waits for it no longer than for one that another process makes.

        Errors: ReadingCopyAway, where that takes longer.
        """
        found = self._open_copy(token)
        if found is not None:
            return found
        file = _file_of(stored(connection), token, self._folder)
        until = min(time.monotonic() + WAIT_SECONDS, deadlines.current().until)
        while True:
            found = self._open_or_standing(file, token)
            if found is not None:
                return found
            try:
                self._made_beside(token).result(until - time.monotonic())
            except TimeoutError:
                raise _still_being_made() from None
            # Where there are several hosts, the other connection may have seen another state.
            time.sleep(_LOOK_SECONDS)

    def _made_beside(self, wanted: str) -> Future[None]:
        """What ends when the newest state has its copy, which a thread makes, or tells why it has none."""
        with self._lock:
            if self._making is None or self._making.done():
                self._making = Future()
                # No daemon: DuckDB would end a process abruptly that ends before it.
                threading.Thread(target=self._make_newest, args=(self._making, wanted)).start()
            return self._making

    def _make_newest(self, making: Future[None], wanted: str) -> None:
        try:
            with deadlines.Deadline(_MAKING_SECONDS).running(), self._engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    # For statements of requests.
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_MAKING_SECONDS}s'")
                token = revision(connection)
                file, held = make(connection, token, self._folder)
                with self._lock:
                    self._keep(token, file, held)
                if token != wanted:
                    # A host that is behind, or ahead: the next connection may lead to another.
                    connection.invalidate()
        except (OSError, duckdb.IOException) as error:
            log.error("no reading copy can be made in %s: %s", self._folder, error)
            making.set_exception(_away("This machine has no room for its reading copy, or may not write it."))
        except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
            making.set_exception(error)
        else:
            making.set_result(None)

    def _open_or_standing(self, file: Path, token: str) -> Copy | None:
        """The copy of this state that is open, or stands in this file; null where there is none."""
        with self._lock:
            found = self._open_copy(token)
            held = None if found is not None else _locked_file(file)
            return found if held is None else self._keep(token, file, held)

    def _keep(self, token: str, file: Path, held: IO[bytes]) -> Copy:
        """Opens the file of a copy, and lets go of the oldest. The lock is held."""
        found = self._open[token] = self._opened(file, held)
        for old in list(self._open)[:-_MOST_OPEN]:
            del self._open[old]
        return found

    def _open_copy(self, token: str) -> Copy | None:
        found = self._open.get(token)
        return None if found is None or found.is_damaged else found

    def _opened(self, file: Path, held: IO[bytes]) -> Copy:
        for copy in self._open.values():
            if copy.file == file and not copy.is_damaged:
                # The revision has moved on, and nothing that questions see.
                held.close()
                return copy
        try:
            return Copy(file, held)
        except duckdb.Error:
            # A file that cannot be opened is no use to anyone; the next request makes it again.
            file.unlink(missing_ok=True)
            held.close()
            raise _still_being_made() from None

    def close(self) -> None:
        """Lets go of every copy; what is being read goes on until it is done."""
        self._open.clear()


def _still_being_made() -> ReadingCopyAway:
    return _away("The data has changed, and this machine is still making its reading copy.")


def _away(why: str) -> ReadingCopyAway:
    return ReadingCopyAway(f"{why} Ask again in a moment.", headers={"Retry-After": str(_RETRY_SECONDS)})


def folder_of(settings: Settings) -> Path:
    """The folder of one database's copies; made where it is not there, and nobody else's to look into."""
    base = Path(settings.cache_folder) if settings.cache_folder else _usual_folder()
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    # Whoever loads and whoever serves may have roles of their own.
    folder = base / hashlib.blake2b(place_of(url).encode(), digest_size=8).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _usual_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if os.environ.get("HOME") else None)
    if home is None:
        return Path(tempfile.gettempdir()) / f"conflict-events-{os.getuid()}"
    return Path(home) / "conflict-events"


def make(connection: Connection, token: str, folder: Path) -> tuple[Path, IO[bytes]]:
    """The file of the copy of the state that this connection sees, and what it is locked by; made where it is not there.

    Errors: ReadingCopyAway, where another process is making it and it takes long.
    """
    listed = stored(connection)
    file = _file_of(listed, token, folder)
    held = _locked_file(file)
    if held is None:
        with exclusive_lock(file.with_suffix(".lock")):
            held = _locked_file(file)
            if held is None:
                _build(connection, listed, file)
                held = _locked_file(file)
                assert held is not None, "it was made a moment ago, under a lock"
                _remove_unread(folder, file)
    return file, held


def _file_of(listed: Mapping[str, Sequence[Stored]], token: str, folder: Path) -> Path:
    """Where the copy of the state that has these pieces stands, or will."""
    return folder / f"{name_of(listed, token)}.duckdb"


def _build(connection: Connection, listed: Mapping[str, Sequence[Stored]], file: Path) -> None:
    """Makes a copy under another name and renames it, so that nobody ever sees half of one."""
    with scratch_folder(file.parent) as scratch:
        datasets = {dataset: scratch / str(place) for place, dataset in enumerate(listed)}
        for dataset, folder in datasets.items():
            folder.mkdir()
            unpack(connection, dataset, listed[dataset], folder)
        fresh = scratch / file.name
        assemble(datasets, fresh)
        fresh.rename(file)


def _locked_file(file: Path) -> IO[bytes] | None:
    """The file, locked as one that is read; null where it is not there."""
    try:
        held = file.open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(held, fcntl.LOCK_SH)
    if not file.exists():
        # It was removed between the two.
        held.close()
        return None
    return held


@contextmanager
def exclusive_lock(lock: Path) -> Iterator[None]:
    """Holds a lock that other processes of this machine wait for. Errors: ReadingCopyAway, after a while."""
    with lock.open("w") as held:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise _still_being_made() from None
                time.sleep(_LOOK_SECONDS)
        yield


def _remove_unread(folder: Path, kept: Path) -> None:
    """Removes the other copies in the folder that no process has open."""
    for file in folder.glob("*.duckdb"):
        if file == kept:
            continue
        with suppress(OSError), file.open("rb") as old:
            fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
            file.with_suffix(".lock").unlink(missing_ok=True)
