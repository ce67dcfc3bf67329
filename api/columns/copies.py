"""The reading copies that a process serves from: the newest state's, made beside the request where this machine has none."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import IO

import duckdb
from sqlalchemy import Connection, Engine

from api.columns.copy_files import (
    LOOK_SECONDS,
    file_of,
    folder_of,
    locked_file,
    make_copy,
    still_being_made,
    unavailable,
)
from api.columns.pieces import stored_pieces
from api.columns.reading_copy import Copy
from api.domain import deadlines
from api.settings import Settings
from api.store.revision import revision

log = logging.getLogger(__name__)

# How long it may take to make a copy. Of a million events it takes up to a minute, or some ten where its pieces have to be made
# anew from the rows; nobody waits for it so long.
_MAKING_SECONDS = 3600
# Copies that a process holds open: the newest, and the one before it for what still reads it.
_MOST_OPEN = 2


class Copies:
    """The copies that this process serves from."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings, self._folder = settings, folder_of(settings)
        self._engine = engine
        self._lock = threading.Lock()
        self._open: dict[str, Copy] = {}
        # What ends when the copy stands that a thread is making; null where none ever was.
        self._making: Future[None] | None = None

    def at(self, connection: Connection, token: str) -> Copy:
        """The copy of the revision that this connection sees. Where this machine has none it is made beside the request,
        which waits for it no longer than for one that another process makes.

        Errors: ReadingCopyUnavailable, where that takes longer.
        """
        found = self._open_copy(token)
        if found is not None:
            return found
        file = file_of(stored_pieces(connection), token, self._folder)
        until = min(time.monotonic() + self._settings.copy_wait_seconds, deadlines.current().until)
        while True:
            found = self._open_or_standing(file, token)
            if found is not None:
                return found
            try:
                self._made_beside(token).result(until - time.monotonic())
            except TimeoutError:
                raise still_being_made() from None
            # Where there are several hosts, the other connection may have seen another state.
            time.sleep(LOOK_SECONDS)

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
                file, held = make_copy(connection, token, self._settings)
                with self._lock:
                    self._keep(token, file, held)
                if token != wanted:
                    # A host that is behind, or ahead: the next connection may lead to another.
                    connection.invalidate()
        except (OSError, duckdb.IOException) as error:
            log.error("no reading copy can be made in %s: %s", self._folder, error)
            making.set_exception(unavailable("This machine has no room for its reading copy, or may not write it."))
        except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
            making.set_exception(error)
        else:
            making.set_result(None)

    def _open_or_standing(self, file: Path, token: str) -> Copy | None:
        """The copy of this state that is open, or stands in this file; null where there is none."""
        with self._lock:
            found = self._open_copy(token)
            held = None if found is not None else locked_file(file)
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
            raise still_being_made() from None

    def close(self) -> None:
        """Lets go of every copy; what is being read goes on until it is done."""
        self._open.clear()
