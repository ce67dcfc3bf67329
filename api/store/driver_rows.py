"""Runs statements by the database's driver, without what SQLAlchemy does to each row: all rows at once, or in batches."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from api.domain import deadlines

log = logging.getLogger(__name__)

# SQLite's page cache for each connection, in KiB (negative by SQLite's convention). Of a million events most lies beyond
# what is mapped, and looking something up for each of many takes twice as long with a quarter of this. What streams is to take
# no more memory the longer it is.
SQLITE_CACHE_KIB = -131_072
SQLITE_STREAMING_CACHE_KIB = -32_768
# Of what is read once, one record after the other, nothing is met again but the way to it.
_EXPORT_CACHE_KIB = -8_192
# How many batches of a stream PostgreSQL is asked for at once.
_BATCHES_AT_ONCE = 5
# Where a connection's record keeps the cursor that its statements share.
_CURSOR = "cursor"
# What a request did when it was ended at its deadline.
READING = "reading rows"


def fetch_rows(connection: Connection, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a statement in the driver's own words, as the driver gives them.

    Errors: SQLAlchemy's, made of the driver's.
    """
    rows: list[tuple[Any, ...]]
    deadlines.check(READING)
    log.debug("%s", statement)
    try:
        if connection.dialect.name == "postgresql":
            rows = shared_cursor(connection.connection).execute(statement, parameters).fetchall()
        else:
            driver: Any = connection.connection.driver_connection
            begin_driver(driver)
            rows = driver.execute(statement, parameters).fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_raises(connection, statement, parameters, error) from error
    return rows


def shared_cursor(connection: PoolProxiedConnection) -> Any:
    """The cursor by which all that is asked of a connection to PostgreSQL is asked for a row or a few: to make one takes the
    driver twice as long as to ask for a row. Sent as text, bytes would be twice as long and take twice as long to read."""
    if _CURSOR not in connection.info:
        connection.info[_CURSOR] = connection.driver_connection.cursor(binary=True)  # type: ignore[union-attr]  # it is connected
    return connection.info[_CURSOR]


def fetch_rows_with(connection: Connection, statement: Select[Any], **given: Any) -> list[tuple[Any, ...]]:
    """All rows of a statement as the driver gives them, with what is given for its parameters. It is written out once, so it
    has to be one that lasts: by SQLAlchemy, each row that is looked up would cost ten times as much."""
    text, positions = _written_out(statement, connection.dialect)
    return fetch_rows(connection, text, given if positions is None else [given[name] for name in positions])


# Some for each engine that there is; tests have many engines.
@lru_cache(maxsize=200)
def _written_out(statement: Select[Any], dialect: Dialect) -> tuple[str, Sequence[str] | None]:
    """The text of a statement, and the names of its parameters in their order where the driver takes them so."""
    compiled: Any = statement.compile(dialect=dialect)
    return str(compiled), compiled.positiontup if compiled.positional else None


def fetch_batches(
    connection: Connection, statement: str, parameters: Any, size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """The same rows, so many at a time, without ever holding all of them; the connection is busy until the last.

    PostgreSQL is asked for several times as many at once, since each asking is a way there and back.

    Errors: SQLAlchemy's, made of the driver's.
    """
    driver: Any = connection.connection.driver_connection
    is_postgresql = connection.dialect.name == "postgresql"
    # Only a named cursor leaves the rows at the server.
    cursor = driver.cursor(name=f"stream_{secrets.token_hex(4)}") if is_postgresql else driver.cursor()
    # A client that goes away early leaves the cursor open, and PostgreSQL's own stays until it is closed.
    with closing(cursor):
        cache = None if is_postgresql else cursor.execute("PRAGMA cache_size").fetchone()[0]
        try:
            if is_postgresql:
                cursor.execute(statement, parameters, binary=True)
            else:
                begin_driver(driver)
                cursor.execute(f"PRAGMA cache_size = {SQLITE_STREAMING_CACHE_KIB}")
                cursor.execute(statement, parameters)
            at_once = size * _BATCHES_AT_ONCE if is_postgresql else size
            while rows := cursor.fetchmany(at_once):
                for start in range(0, len(rows), size):
                    yield rows[start : start + size]
                # Not while the next ones come in.
                del rows
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_raises(connection, statement, parameters, error) from error
        finally:
            if cache is not None:
                cursor.execute(f"PRAGMA cache_size = {cache}")


def _as_sqlalchemy_raises(connection: Connection, statement: str, parameters: Any, error: Exception) -> Exception:
    """A driver's error as SQLAlchemy would raise it."""
    known = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(statement, parameters, error, known, hide_parameters=True, dialect=connection.dialect)


@contextmanager
def small_cache(connection: Connection) -> Iterator[None]:
    """SQLite keeps little of what is read in the block, which is much and read once. Elsewhere nothing is kept here."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA cache_size = {_EXPORT_CACHE_KIB}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA cache_size = {SQLITE_CACHE_KIB}")


def begin_driver(connection: sqlite3.Connection) -> None:
    """Begins a transaction on SQLite where none is begun."""
    # The pool ends it, whoever began it.
    if not connection.in_transaction:
        connection.execute("BEGIN")
