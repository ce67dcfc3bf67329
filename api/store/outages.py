"""Tells whether an error means that the database cannot be reached for now, so that it helps to ask again."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, TimeoutError

# What SQLite says of a file that it cannot open, lock or read for now, and PostgreSQL, by the first two signs of a state, of
# connections, resources, its operator, its machine, and of transactions that hold each other up.
_SQLITE = ("BUSY", "LOCKED", "CANTOPEN", "IOERR", "FULL", "NOMEM", "PROTOCOL", "INTERRUPT", "SCHEMA")
_POSTGRESQL = ("08", "28", "3D", "40", "53", "55", "57", "58")
# PostgreSQL's state of a table that is not there. SQLite has words alone for it.
_NO_TABLE, _NO_TABLE_WORDS = "42P01", "no such table"


def is_outage(error: Exception) -> bool:
    """Whether an error of SQLAlchemy says that the database is away, or is not migrated."""
    if isinstance(error, TimeoutError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    told = error.orig
    if isinstance(told, sqlite3.Error):
        # An error without a name is our own: the file is not what it was.
        name = getattr(told, "sqlite_errorname", None)
        return name is None or name.removeprefix("SQLITE_").startswith(_SQLITE) or _NO_TABLE_WORDS in str(told)
    if isinstance(told, psycopg.Error):
        # Without a state there was nobody to give one.
        return told.sqlstate is None or told.sqlstate.startswith(_POSTGRESQL) or told.sqlstate == _NO_TABLE
    return False
