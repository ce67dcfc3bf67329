"""Inserts many rows the quickest way each engine has: a prepared statement on SQLite, COPY on PostgreSQL.

SQLAlchemy's own way of inserting many rows costs more than the database's work on them. What the driver is handed can be
made in another process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from operator import itemgetter, length_hint
from typing import Any, NamedTuple

import orjson
from sqlalchemy import JSON, Boolean, Connection, Date, Float, LargeBinary, Table
from sqlalchemy.dialects import sqlite

_SQLITE = sqlite.dialect()
# SQLite's driver itself refuses whole numbers of more than 64 bits.
_SQLITE_REFUSALS = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError)
# What COPY's text has in the place of characters that would end a value or a row.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Prepared(NamedTuple):
    """Rows of one table as the driver of one engine takes them: tuples on SQLite, the text of a COPY on PostgreSQL."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] | bytes


class RowRefused(Exception):
    """SQLite did not take the row in this place; those before it stand. Its cause is the driver's own error."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns of the table; whatever else they hold is not looked at.

    Errors: RowRefused on SQLite, and those of the driver itself.
    """
    insert_prepared(connection, prepared(connection.dialect.name, table, rows))


def prepared(engine: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> Prepared:
    """The same rows for the driver of an engine, `sqlite` or `postgresql`."""
    columns = tuple(column.name for column in table.columns if rows and column.name in rows[0])
    conversion = _copy_conversion if engine == "postgresql" else _sqlite_conversion
    values = [_column(list(map(itemgetter(name), rows)), conversion(table.c[name].type)) for name in columns]
    listed = zip(*values, strict=True)
    if engine == "postgresql":
        return Prepared(table.name, columns, "".join(["\t".join(row) + "\n" for row in listed]).encode())
    return Prepared(table.name, columns, list(listed))


def insert_prepared(connection: Connection, prepared: Prepared) -> None:
    """Inserts what was prepared for this connection's engine. Errors: as of `insert_many`."""
    if not prepared.rows:
        return
    named = ", ".join(f'"{name}"' for name in prepared.columns)  # names of ours
    driver: Any = connection.connection.driver_connection
    with closing(driver.cursor()) as cursor:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f'COPY "{prepared.table}" ({named}) FROM STDIN') as copy:
                copy.write(prepared.rows)
        else:
            places = ", ".join("?" * len(prepared.columns))
            left = iter(prepared.rows)
            try:
                cursor.executemany(f'INSERT INTO "{prepared.table}" ({named}) VALUES ({places})', left)
            except _SQLITE_REFUSALS as error:
                raise RowRefused(len(prepared.rows) - length_hint(left) - 1) from error


def _column(values: list[Any], convert: Callable[[Any], Any] | None) -> list[Any]:
    """The values of one column as the driver takes them. The same few objects stand in many rows: days, empty lists."""
    if convert is None:
        return values
    made = {key: convert(value) for key, value in {id(value): value for value in values}.items()}
    return [made[id(value)] for value in values]


def _sqlite_conversion(type_: Any) -> Callable[[Any], Any] | None:
    """What makes a value of this type one that SQLite's driver takes; null where it takes it as it is."""
    convert: Callable[[Any], Any] | None
    if isinstance(type_, JSON):
        convert = _json
    elif isinstance(type_, Date):
        convert = str
    elif isinstance(type_, Boolean | Float | LargeBinary):
        convert = None
    else:
        convert = type_.dialect_impl(_SQLITE).bind_processor(_SQLITE)
    return None if convert is None else lambda value: None if value is None else convert(value)


def _copy_conversion(type_: Any) -> Callable[[Any], str]:
    """What makes a value of this type text as COPY takes it."""
    if isinstance(type_, LargeBinary):
        return lambda value: "\\N" if value is None else f"\\\\x{value.hex()}"
    made = _json if isinstance(type_, JSON) else str
    return lambda value: "\\N" if value is None else made(value).translate(_ESCAPED)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
