"""Writes rows, and says in words which row the database refused and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg
from sqlalchemy import Connection, Insert, RowMapping, Table, Update, select
from sqlalchemy.exc import DataError, IntegrityError

from api.load.source import LoadRefused
from api.store.bulk import RowRefused, insert_many

# SQLite's driver itself refuses whole numbers of more than 64 bits.
_REFUSALS = (IntegrityError, DataError, OverflowError)


def savepoint(connection: Connection) -> AbstractContextManager[object]:
    """What takes back, on PostgreSQL, what is done in it and fails, since nothing else could be asked there.

    SQLite takes back the one row that failed, and has no savepoint: it would copy every page that is changed in it into
    a file beside, which at a hundred thousand events came to 11 times the database, and to more for each event after.
    """
    return connection.begin_nested() if connection.dialect.name == "postgresql" else nullcontext()


def write(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs the statement for these rows, which may hold more than the table's columns.

    An update has its parameters named after columns, with `_` behind. Errors: LoadRefused names the first row that the
    database does not take, and says what is wrong with it.
    """
    if not rows:
        return
    table = statement.table
    assert isinstance(table, Table)
    try:
        with savepoint(connection):
            if isinstance(statement, Insert):
                insert_many(connection, table, rows)
            else:
                connection.execute(statement, rows)
    except RowRefused as refusal:
        raise _refused(connection, table, rows[refusal.place], refusal.__cause__) from refusal
    except (*_REFUSALS, psycopg.Error):
        for row in rows:
            plain = {name.removesuffix("_"): value for name, value in row.items()}
            given = {name: plain[name] for name in table.columns.keys() & plain.keys()}
            try:
                with savepoint(connection):
                    connection.execute(statement, [given if isinstance(statement, Insert) else row])
            except _REFUSALS as error:
                raise _refused(connection, table, plain, error) from error
        raise


def _refused(connection: Connection, table: Any, row: Mapping[str, Any], error: BaseException | None) -> LoadRefused:
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
    """The columns that name a row: its key, or the id in place of a number that nobody knows. A child row of an event or
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
