"""Writes rows, and says in words which row the database refused and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, Table, Update, select
from sqlalchemy.exc import DataError, IntegrityError

from api.store.bulk import insert_many

# SQLite's driver itself refuses whole numbers of more than 64 bits.
_REFUSALS = (IntegrityError, DataError, OverflowError)


class LoadRefused(Exception):
    """The load was given up; the database is as it was. The message says what was wrong and where."""


def write(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs the statement for these rows, which may hold more than the table's columns.

    An update has its parameters named after columns, with `_` behind. Errors: LoadRefused names the first row that the
    database does not take, and says what is wrong with it.
    """
    if not rows:
        return
    dialect: Any = connection.dialect
    table = statement.table
    assert isinstance(table, Table)
    try:
        with connection.begin_nested():
            if isinstance(statement, Insert):
                insert_many(connection, table, rows)
            else:
                connection.execute(statement, rows)
    except (*_REFUSALS, dialect.loaded_dbapi.Error):
        for row in rows:
            plain = {name.removesuffix("_"): value for name, value in row.items()}
            given = {name: plain[name] for name in table.columns.keys() & plain.keys()}
            try:
                with connection.begin_nested():
                    connection.execute(statement, [given if isinstance(statement, Insert) else row])
            except _REFUSALS as error:
                raise _refused(connection, table, plain, error) from error
        raise


def _refused(connection: Connection, table: Any, row: Mapping[str, Any], error: Exception) -> LoadRefused:
    missing = [
        f"there is no {target.table.name} '{row[column.name]}' for its {column.name}"
        for column, target in references(table)
        if row.get(column.name) is not None
        and connection.execute(select(target).where(target == row[column.name])).first() is None
    ]
    # What PostgreSQL says on further lines is the row again.
    reason = "; ".join(missing) or str(getattr(error, "orig", error)).splitlines()[0]
    return LoadRefused(f"{row_in_words(connection, table, row)} cannot stand: {reason}")


def row_in_words(connection: Connection, table: Table, row: Mapping[str, Any] | RowMapping) -> str:
    """A row in words: `the event 'x'`, `the claim 2 of 'y'`."""
    identity = []
    for column in identifying_columns(table):
        value = row[column.name]
        if _is_number_of(column):
            owner = next(iter(column.foreign_keys)).column.table
            value = connection.scalar(select(owner.c.id).where(owner.c.number == value))
        identity.append(value)
    numbers = [str(value) for value in identity if isinstance(value, int)]
    names = [f"'{value}'" for value in identity if isinstance(value, str)]
    return f"the {' '.join([table.name.replace('_', ' '), *numbers])}{' of' if numbers else ''} {', '.join(names)}"


def identifying_columns(table: Table) -> Sequence[Any]:
    """The columns that name a row: its key, or the id in place of a number that nobody knows. What hangs on an event or
    figure is named by its place there."""
    unique = [column for column in table.columns if column.unique]
    owners = [column for column in table.primary_key if _is_number_of(column)]
    if owners and "position" in table.c:
        return [*owners, table.c.position]
    return unique or list(table.primary_key)


def _is_number_of(column: Any) -> bool:
    """Whether a column refers to an event or figure by its number, which nobody knows."""
    return any(key.column.name == "number" for key in column.foreign_keys)


def references(table: Table, *, is_deferred: bool | None = None) -> Iterator[tuple[Any, Any]]:
    """Each column that refers to another record, with the column it refers to; all of ours are single columns."""
    for constraint in table.foreign_key_constraints:
        if is_deferred is None or bool(constraint.deferrable) is is_deferred:
            yield next(iter(constraint.columns)), constraint.elements[0].column
