"""Many rows into one table, as each engine takes them quickest: prepared once on SQLite, COPY on PostgreSQL.

Knows no record. SQLAlchemy's own way of inserting many rows costs more than the database's work on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
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
    conversions = _sqlite_conversions(connection.dialect, table, columns)
    values = [_column([row[name] for row in rows], convert) for name, convert in zip(columns, conversions, strict=True)]
    connection.connection.cursor().executemany(statement, list(zip(*values, strict=True)))


def _column(values: list[Any], convert: Callable[[Any], Any] | None) -> list[Any]:
    """The values of one column as the driver takes them. The same few objects stand in many rows: days, empty lists."""
    if convert is None:
        return values
    made = {
        key: None if value is None else convert(value) for key, value in {id(value): value for value in values}.items()
    }
    return [made[id(value)] for value in values]


@cache
def _sqlite_statement(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return str(insert(table).compile(dialect=dialect, column_keys=list(columns)))


@cache
def _sqlite_conversions(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> list[Callable[[Any], Any] | None]:
    """What has to be made of each column's values, null excepted."""
    return [_sqlite_conversion(table.c[name].type, dialect) for name in columns]


def _sqlite_conversion(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(type_, JSON):
        return lambda value: orjson.dumps(value).decode()
    found: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return None if isinstance(type_, LargeBinary | Float) else found


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
