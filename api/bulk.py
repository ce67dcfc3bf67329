"""Many rows into one table, as each engine takes them quickest: prepared once on SQLite, COPY on PostgreSQL.

Knows no record. SQLAlchemy's own way of inserting many rows costs more than the database's work on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    Table,
    TypeDecorator,
    insert,
)

# What PostgreSQL calls the types of our columns; anything else is text. The first that fits counts.
_POSTGRESQL_TYPES: tuple[tuple[type[Any], str], ...] = (
    (Boolean, "bool"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Float, "float8"),
    (Date, "date"),
    (DateTime, "timestamptz"),
    (LargeBinary, "bytea"),
    (JSON, "json"),
)
# The same days and times come again and again; this many of each are remembered in SQLite's form.
_REMEMBERED = 4096


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns of the table; whatever else they hold is not looked at.

    Errors: those of the driver itself.
    """
    if not rows:
        return
    columns = tuple(column.name for column in table.columns if column.name in rows[0])
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, rows)
    else:
        _execute(connection, table, columns, rows)


def _execute(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    statement = _sqlite_statement(connection.dialect, table, columns)
    converted = _sqlite_conversions(connection.dialect, table, columns)
    taken = itemgetter(*columns)

    def values(row: Mapping[str, Any]) -> list[Any]:
        found = list(taken(row))
        for position, convert in converted:
            if found[position] is not None:
                found[position] = convert(found[position])
        return found

    connection.connection.cursor().executemany(statement, [values(row) for row in rows])


@cache
def _sqlite_statement(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return str(insert(table).compile(dialect=dialect, column_keys=list(columns)))


@cache
def _sqlite_conversions(
    dialect: Dialect, table: Table, columns: tuple[str, ...]
) -> list[tuple[int, Callable[[Any], Any]]]:
    """What has to be made of the values at some places in a row, null excepted."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for position, name in enumerate(columns):
        type_ = table.c[name].type
        if isinstance(type_, JSON):
            found.append((position, lambda value: orjson.dumps(value).decode()))
            continue
        convert = type_.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None and not isinstance(type_, LargeBinary | Float):
            found.append((position, lru_cache(_REMEMBERED)(convert)))
    return found


def _copy(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    named = ", ".join(quote(name) for name in columns)
    statement = f"COPY {quote(table.name)} ({named}) FROM STDIN WITH (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    taken = itemgetter(*columns)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_postgresql_type(table.c[name]) for name in columns])
        for row in rows:
            copy.write_row(taken(row))


def _postgresql_type(column: Column[Any]) -> str:
    type_ = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return next((name for known, name in _POSTGRESQL_TYPES if isinstance(type_, known)), "text")
