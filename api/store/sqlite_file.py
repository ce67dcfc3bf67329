"""Opens an SQLite file for reading alone, and tells whether it is still the file that was opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import URL


class FileState(NamedTuple):
    """Which file it is; where its folder cannot be written to, also when it was last changed and whether it has a log."""

    device: int
    inode: int
    changed: tuple[int, bool] | None


class SQLiteFile:
    """One SQLite file, to which nothing is written by whoever opens it here."""

    def __init__(self, url: URL, busy_timeout_seconds: float = 0) -> None:
        # A link is followed each time, since it may be made to lead to another file.
        self.path = Path(url.database or "").absolute()
        self._is_linked = self.path.resolve() != self.path
        # As text: paths take longer to be put together than the system takes to say what lies there.
        self._name = str(self.path)
        self._timeout = busy_timeout_seconds

    def state(self) -> FileState | None:
        """What lies there now; null where nothing does."""
        try:
            found = os.stat(self._name)
        except FileNotFoundError:
            return None
        changed = None if self._is_log_possible() else (found.st_mtime_ns, self._has_log())
        return FileState(found.st_dev, found.st_ino, changed)

    def open(self) -> ReadingConnection:
        """A connection that can only read. Errors: sqlite3.OperationalError, where there is no such file."""
        state = self.state()
        try:
            return self._opened("mode=ro", state)
        except sqlite3.OperationalError:
            # SQLite cannot make the files there by which a reader and a writer agree. With no writer, none are needed.
            if state is None or self._is_log_possible() or self._has_log():
                raise
            return self._opened("mode=ro&immutable=1", state)

    def _opened(self, how: str, state: FileState | None) -> ReadingConnection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?{how}",
            uri=True,
            timeout=self._timeout,
            # The pool hands connections from thread to thread.
            check_same_thread=False,
            # SQLAlchemy begins transactions; the driver would begin late and commit before some statements.
            isolation_level=None,
            factory=ReadingConnection,
        )
        connection.file, connection.state = self, state
        try:
            connection.execute("PRAGMA query_only = ON")
            # Only now is the file looked into.
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _is_log_possible(self) -> bool:
        return os.access(os.path.dirname(self._followed()), os.W_OK, effective_ids=True)

    def _has_log(self) -> bool:
        return os.path.exists(f"{self._followed()}-wal")

    def _followed(self) -> str:
        """The file itself, beside which SQLite keeps its log."""
        return os.path.realpath(self._name) if self._is_linked else self._name


class ReadingConnection(sqlite3.Connection):
    """A connection that can only read, and knows what it reads."""

    file: SQLiteFile
    state: FileState | None

    def refuse_other_file(self) -> None:
        """Errors: sqlite3.OperationalError, where the file was removed, or another lies in its place by now."""
        if self.file.state() != self.state:
            raise sqlite3.OperationalError(f"{self.file.path} was removed or replaced")
