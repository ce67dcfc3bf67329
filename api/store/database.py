"""Engines and their connections: for a process that serves, for a reader by itself, and for a load."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.pool import NullPool, QueuePool

from api.domain import deadlines
from api.settings import Settings
from api.store.addresses import database_url, for_reading, for_writing, has_several_hosts
from api.store.driver_rows import READING, SQLITE_CACHE_KIB, begin_driver, fetch_rows
from api.store.sqlite_file import ReadingConnection, SQLiteFile

# The page cache of a load's connection, in KiB, beside which another process works. Half of it, or twice, takes the same
# time.
SQLITE_LOADING_CACHE_KIB = -65_536
# How much of its file a connection to SQLite may map: it takes no more than a few pages less than this. Whatever lies beyond
# is copied into the page cache, and reading a record there takes twice as long.
SQLITE_MAPPED_BYTES = 1 << 31
# The page size of new SQLite files: renditions take a few kilobytes each, and in pages of the usual 4,096 bytes half of
# the file would be left empty.
SQLITE_PAGE_BYTES = 16_384
# How long a connection to PostgreSQL may take to be made, and what a transaction asks first, which is a single row. The driver
# waits for two seconds at the least.
CONNECT_SECONDS, FIRST_QUERY_SECONDS = 3, 3
# A writer can wait longer until a host is given up.
WRITER_CONNECT_SECONDS = 10
# For how long a connection may lead to the host that it was made to, where there are others: one that was away has its
# share of them again after that.
SAME_HOST_SECONDS = 60
# What text travels as, whatever encoding the database has: the driver gives text of one without (SQL_ASCII) as bytes.
_UNICODE = {"client_encoding": "utf8"}
# PostgreSQL ends a statement by itself, in words. It hangs if it has not by so much later, and is cut off.
_GRACE_SECONDS = 1
# Where a connection's record keeps the deadline of whom it was taken for.
_DEADLINE = "deadline"
# The number under which writers on PostgreSQL wait for their turn; any that nobody else uses in the same database.
WRITERS_LOCK = 1027


def connect(settings: Settings, first_query: str = "SELECT 1", at_once: int = 1) -> Engine:
    """The engine of a process that serves; it can only read, and has a pool and a time limit.

    `first_query` is what every transaction asks first, one row without parameters (see first_query_row); `at_once` is how
    many requests may want a connection, so that none has to wait for one.
    """
    more = max(0, at_once - settings.pool_size)
    url = for_reading(database_url(settings.database_url))
    if url.get_backend_name() == "sqlite":
        opened = SQLiteFile(url, settings.busy_timeout_seconds).open
        engine = create_engine(
            url,
            hide_parameters=True,
            creator=opened,
            poolclass=QueuePool,
            pool_size=settings.pool_size,
            max_overflow=more,
        )
        event.listen(engine, "connect", _prepare_sqlite_reading)
        event.listen(engine, "checkout", _drop_other_file)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=settings.pool_size,
            max_overflow=more,
            pool_recycle=SAME_HOST_SECONDS if has_several_hosts(url) else -1,
            # Transactions are begun by us.
            isolation_level="AUTOCOMMIT",
            connect_args=_postgresql_arguments(settings),
        )
        event.listen(engine, "checkout", partial(_begin_postgresql, first_query))
    event.listen(engine, "checkout", _interrupt_at_deadline)
    event.listen(engine, "checkin", _interrupt_no_more)
    event.listen(engine, "before_cursor_execute", _check_deadline)
    return engine


def _postgresql_arguments(settings: Settings) -> dict[str, Any]:
    """How PostgreSQL is asked for what requests read: nothing is waited for without end."""
    timeout = f"-c statement_timeout={settings.request_seconds * 1000}"
    # Compiling a statement takes longer than any of ours runs.
    options = f"{timeout} -c default_transaction_read_only=on -c timezone=UTC -c jit=off"
    # Of a machine that is gone the system notices as soon as of a server that hangs.
    unanswered = 1000 * FIRST_QUERY_SECONDS
    return {"options": options, "connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": unanswered, **_UNICODE}


def connect_unpooled(settings: Settings) -> Engine:
    """An engine whose every connection is new and nobody else's; it can only read."""
    url = for_reading(database_url(settings.database_url))
    if url.get_backend_name() == "sqlite":
        opened = SQLiteFile(url, settings.busy_timeout_seconds).open
        engine = create_engine(url, hide_parameters=True, creator=opened, poolclass=NullPool)
        event.listen(engine, "connect", _prepare_sqlite_reading)
        return engine
    return create_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=_postgresql_arguments(settings))


def connect_for_loading(settings: Settings) -> Engine:
    """An engine for one long writing transaction: no pool, and no limit on how long a statement may take."""
    url = for_writing(database_url(settings.database_url))
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, hide_parameters=True, connect_args={"timeout": settings.busy_timeout_seconds}, poolclass=NullPool
        )
        event.listen(engine, "connect", _prepare_sqlite_writing)
        event.listen(engine, "begin", _begin_sqlite_writing)
    else:
        arguments = {"options": "-c timezone=UTC", "connect_timeout": WRITER_CONNECT_SECONDS, **_UNICODE}
        engine = create_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=arguments)
        event.listen(engine, "begin", _begin_postgresql_writing)
    return engine


def _prepare_sqlite_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA cache_size = {SQLITE_CACHE_KIB}")
    connection.execute(f"PRAGMA mmap_size = {SQLITE_MAPPED_BYTES}")


def _prepare_sqlite_writing(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling begins late and commits before some statements; SQLAlchemy begins instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA page_size = {SQLITE_PAGE_BYTES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(f"PRAGMA cache_size = {SQLITE_LOADING_CACHE_KIB}")
    # What a load reads all of, to make pieces of it, would stay mapped, and be taken for memory of its own.
    cursor.execute("PRAGMA mmap_size = 0")
    cursor.close()


def _drop_other_file(driver: ReadingConnection, _record: object, _proxy: object) -> None:
    """Has the pool let go of all its connections to a file that is not there any more, and open what is."""
    try:
        driver.refuse_other_file()
    except sqlite3.OperationalError as error:
        raise InvalidatePoolError from error


def _begin_postgresql(first_query: str, driver: Any, record: Any, _proxy: object) -> None:
    """Begins the transaction of a connection that is taken from the pool: all statements of one answer see one state of
    the data, as they do on SQLite.

    It also finds out whether the connection still stands, and what every answer asks first. One after the other, that
    and the beginning by the driver would take four ways to the server instead of one.
    """
    record.info.pop(first_query, None)
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    try:
        with deadlines.interrupted_by(partial(cut_connection, driver), READING, FIRST_QUERY_SECONDS):
            # Two statements cannot be prepared as one.
            looked = driver.execute(f"{begin}; {first_query}", prepare=False)
    except psycopg.OperationalError as error:
        raise DisconnectionError from error
    except psycopg.Error:
        # Without the table, say. Whoever asks for it will be told so.
        driver.rollback()
        driver.execute(begin)
        return
    looked.nextset()
    record.info[first_query] = looked.fetchone()


def cut_connection(driver: Any) -> None:
    """Ends a connection to PostgreSQL from another thread than the one that waits for it, which is told so at once. What a
    hung server is asked, such as to cancel a statement, it would not hear."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(driver.fileno())) as connected:
        connected.shutdown(socket.SHUT_RDWR)


def _interrupt_at_deadline(driver: Any, record: Any, _proxy: object) -> None:
    """The request that a connection is taken for is interrupted at its deadline, until the connection is put back."""
    deadline = record.info[_DEADLINE] = deadlines.current()
    if isinstance(driver, sqlite3.Connection):
        deadline.add(record, driver.interrupt)
    else:
        deadline.add(record, partial(cut_connection, driver), _GRACE_SECONDS)


def _interrupt_no_more(_driver: Any, record: Any) -> None:
    taken_for = record.info.pop(_DEADLINE, None)
    if taken_for is not None:
        taken_for.remove(record)


def _check_deadline(*_statement: object) -> None:
    deadlines.check(READING)


def reconnect_elsewhere(connection: Connection) -> None:
    """Has the next connection in place of this one lead to whichever host is chosen then, where there are several."""
    if has_several_hosts(connection.engine.url):
        connection.invalidate()


def first_query_row(connection: Connection, first_query: str) -> Any:
    """The first row of what the connection's engine asks as each transaction begins; null where there is none."""
    if first_query in connection.info:
        return connection.info[first_query]
    return next(iter(fetch_rows(connection, first_query, ())), None)


def _begin_sqlite(connection: Any) -> None:
    begin_driver(connection.connection.driver_connection)


def _begin_sqlite_writing(connection: Any) -> None:
    # A transaction that reads first and writes later can find that another writer was quicker, and fails; this one
    # waits for its turn at the start.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql_writing(connection: Any) -> None:
    # Two loads at once would each replace the revision that the other began from; readers take no such lock.
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
