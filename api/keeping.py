"""Keeps what depends on the question and the data's revision alone, such as whole answers, while the revision lasts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from api.db import looked_up_first

Value = TypeVar("Value")

# The token before anything was loaded.
NO_REVISION = "0"
# Asked for every answer, in words that every driver takes as they are.
TOKEN = "SELECT token FROM revision"
# What a small value is taken to weigh, its key included.
SMALL_BYTES = 500


class ByRevision:
    """Values of one revision, those last used, as many as fit."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._token = NO_REVISION
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def has(self, key: Hashable) -> bool:
        """Whether anything is kept under this key, perhaps of an older revision."""
        return key in self._kept

    def find(self, token: str, key: Hashable) -> Any:
        """The value kept under this key; null where there is none."""
        with self._lock:
            if token != self._token or key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, token: str, key: Hashable, value: Any, size: int = SMALL_BYTES) -> None:
        """Keeps a value for as long as the revision lasts and there is room."""
        # One value may not drive out all the others.
        if size > self._most_bytes // 4:
            return
        with self._lock:
            if token != self._token:
                self._token = token
                self._kept.clear()
                self._bytes = 0
            if key in self._kept:
                self._bytes -= self._kept.pop(key)[1]
            self._kept[key] = (value, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                _key, (_value, weight) = self._kept.popitem(last=False)
                self._bytes -= weight

    def remember(self, token: str, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept under this key, made now where there is none."""
        found: Value | None = self.find(token, key)
        if found is None:
            found = make()
            self.keep(token, key, found)
        return found


def revision(connection: Connection) -> str:
    """The token of the data's state, as this connection sees it."""
    row = looked_up_first(connection, TOKEN)
    return NO_REVISION if row is None else str(row[0])


class Watch:
    """Reads single rows in a few microseconds, the revision above all, so that what is kept can be sent again for less
    than a query's cost.

    It has connections of its own, outside any pool and outside transactions; as many as threads ever asked at once.
    """

    def __init__(self, unpooled: Engine) -> None:
        self._engine = unpooled
        self._idle: list[Any] = []
        self.dialect = unpooled.dialect

    def token(self) -> str:
        """The token of the data's state now. Errors: those of SQLAlchemy, where the database is away."""
        try:
            row = self.first(TOKEN, ())
        except Exception:  # noqa: BLE001  # whatever a driver raises; SQLAlchemy says it in its own words
            with self._engine.connect() as sound:
                return revision(sound)
        return NO_REVISION if row is None else str(row[0])

    def first(self, statement: str, parameters: Any) -> Any:
        """The first row that the driver itself gives for a statement in its own words; null where there is none.

        Errors: those of the driver.
        """
        connection = None
        try:
            # Taking from a list and putting back are atomic, so no lock is needed.
            connection = self._idle.pop() if self._idle else self._connect()
            row = connection.driver_connection.execute(statement, parameters).fetchone()
        except Exception:
            self.close()
            if connection is not None:
                connection.invalidate()
            raise
        self._idle.append(connection)
        return row

    def close(self) -> None:
        """Lets go of the connections."""
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> Any:
        connection = self._engine.raw_connection()
        if self._engine.dialect.name == "postgresql":
            driver: Any = connection.driver_connection
            # Without it every look would begin a transaction, and the next would see the state of the first.
            driver.rollback()
            driver.autocommit = True
        return connection
