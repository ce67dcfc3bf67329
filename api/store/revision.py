"""Reads the data's revision, on a given connection or by a reader of single rows that needs no pool."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine

from api.domain import deadlines
from api.store.addresses import has_several_hosts
from api.store.database import FIRST_QUERY_SECONDS, SAME_HOST_SECONDS, cut_connection, first_query_row
from api.store.driver_rows import shared_cursor
from api.store.sqlite_file import ReadingConnection

# The token before anything was loaded.
NO_REVISION = "0"
# The number of a state, which each load raises by one, and eight hexadecimal digits that tell it from others of its number.
TOKEN_PATTERN = r"0|[1-9][0-9]{0,8}-[0-9a-f]{8}"
# Asked for every answer, in words that every driver takes as they are.
SELECT_TOKEN = "SELECT token FROM revision"


def revision(connection: Connection) -> str:
    """The token of the data's state, as this connection sees it."""
    row = first_query_row(connection, SELECT_TOKEN)
    return NO_REVISION if row is None else str(row[0])


def is_token(text: str) -> bool:
    """Whether this can be the token of a state."""
    return re.fullmatch(TOKEN_PATTERN, text) is not None


def number_of(token: str) -> int:
    """The number of a state; of two states of one database the newer one has the higher."""
    return int(token.partition("-")[0])


def is_at_least(token: str, wanted: str) -> bool:
    """Whether a state is the wanted one or a newer one. Of two that share a number neither is the newer: one is of a
    primary that was lost before a standby had all of it, the other of the standby that took its place."""
    return token == wanted or number_of(token) > number_of(wanted)


class SingleRowReader:
    """Reads single rows, the revision above all, in a few microseconds, so that a cached answer costs less than a query.

    It has connections of its own, outside any pool and outside transactions; as many as threads ever asked at once.
    """

    def __init__(self, unpooled: Engine) -> None:
        self._engine = unpooled
        self._idle: list[Any] = []
        self.dialect = unpooled.dialect
        self._has_several_hosts = has_several_hosts(unpooled.url)
        self._renewed = time.monotonic()

    def token(self) -> str:
        """The token of the data's state now. Errors: those of SQLAlchemy, where the database is away."""
        try:
            row = self.first(SELECT_TOKEN, ())
        except Exception:  # noqa: BLE001  # whatever a driver raises; SQLAlchemy says it in its own words
            with self._engine.connect() as sound:
                return revision(sound)
        return NO_REVISION if row is None else str(row[0])

    def first(self, statement: str, parameters: Any) -> Any:
        """The first row that the driver itself gives for a statement in its own words; null where there is none.

        Errors: those of the driver.
        """
        connection = None
        if self._has_several_hosts and time.monotonic() - self._renewed > SAME_HOST_SECONDS:
            self._renewed = time.monotonic()
            self.close()
        try:
            # Taking from a list and putting back are atomic, so no lock is needed.
            connection = self._idle.pop() if self._idle else self._connect()
            driver = connection.driver_connection
            if isinstance(driver, ReadingConnection):
                driver.refuse_other_file()
            interrupt = driver.interrupt if self.dialect.name == "sqlite" else partial(cut_connection, driver)
            with deadlines.interrupted_by(interrupt, "reading one row", FIRST_QUERY_SECONDS):
                asked = driver if self.dialect.name == "sqlite" else shared_cursor(connection)
                row = asked.execute(statement, parameters).fetchone()
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
            # Without it every read would begin a transaction, and the next would see the state of the first.
            driver.rollback()
            driver.autocommit = True
        return connection
