"""What a load may not leave behind, refused by name: rows that the database refuses, and references to nothing.

Knows the tables, and neither a file nor a request. The engines by themselves say too little: SQLite names neither the
record nor the reference that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, Insert, RowMapping, Select, Table, Update, exists, or_, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import aliased

from api.bulk import insert_many
from api.db import Base
from api.models import Figure

# How many records one statement names.
_BATCH = 500
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
        for column, target in _references(table)
        if row.get(column.name) is not None
        and connection.execute(select(target).where(target == row[column.name])).first() is None
    ]
    # What PostgreSQL says on further lines is the row again.
    reason = "; ".join(missing) or str(getattr(error, "orig", error)).splitlines()[0]
    return LoadRefused(f"{_called(connection, table, row)} cannot stand: {reason}")


def _called(connection: Connection, table: Table, row: Mapping[str, Any] | RowMapping) -> str:
    """A row in words: `the event 'x'`, `the claim 2 of 'y'`."""
    identity = []
    for column in _identity(table):
        value = row[column.name]
        if _is_number_of(column):
            owner = next(iter(column.foreign_keys)).column.table
            value = connection.scalar(select(owner.c.id).where(owner.c.number == value))
        identity.append(value)
    numbers = [str(value) for value in identity if isinstance(value, int)]
    names = [f"'{value}'" for value in identity if isinstance(value, str)]
    return f"the {' '.join([table.name.replace('_', ' '), *numbers])}{' of' if numbers else ''} {', '.join(names)}"


def _identity(table: Table) -> Sequence[Any]:
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


def _references(table: Table, *, is_deferred: bool | None = None) -> Iterator[tuple[Any, Any]]:
    """Each column that refers to another record, with the column it refers to; all of ours are single columns."""
    for constraint in table.foreign_key_constraints:
        if is_deferred is None or bool(constraint.deferrable) is is_deferred:
            yield next(iter(constraint.columns)), constraint.elements[0].column


def refuse_if_used(connection: Connection, table: Table, ids: Sequence[str], dataset_id: str) -> None:
    """Refuses to take away records that others would still refer to. What hangs on them goes with them.

    References that are checked at the end of the load are left to `refuse_dangling`: their records may yet change.
    """
    for referring in Base.metadata.sorted_tables:
        for column, target in _references(referring, is_deferred=False):
            if target.table is not table:
                continue
            used = select(*_identity(referring), table.c.id.label("used")).select_from(
                referring.join(table, column == target)
            )
            statement = used.where(table.c.id.in_(ids))
            if _cascades(column):
                if "dataset_id" not in referring.c:
                    continue
                # What another dataset has attached would vanish without a word, and its next load would fail.
                statement = statement.where(referring.c.dataset_id != dataset_id)
            found = connection.execute(statement.limit(1)).mappings().first()
            if found is not None:
                user = _called(connection, referring, found)
                raise LoadRefused(f"the {table.name} '{found['used']}' cannot be withdrawn: {user} still refers to it")


def used_by_others(connection: Connection, table: Table, ids: Sequence[str], dataset_id: str) -> set[str]:
    """Those of these records of a dataset that other datasets refer to, and those of them that these lie in."""

    def selected(column: Any, asked: Select[Any], among: Collection[str]) -> set[str]:
        listed = sorted(among)
        batches = (listed[start : start + _BATCH] for start in range(0, len(listed), _BATCH))
        return {identity for batch in batches for identity in connection.scalars(asked.where(column.in_(batch)))}

    found: set[str] = set()
    for referring in Base.metadata.sorted_tables:
        dataset, joined = _dataset_of(referring)
        for column, target in _references(referring):
            if target.table is table and dataset is not None:
                used = select(column).select_from(joined).where(dataset != dataset_id).distinct()
                found |= selected(column, used, ids)
    for column, target in _references(table):
        inner = found if target.table is table else set()
        while inner:
            inner = selected(target, select(column).distinct(), inner).intersection(ids) - found
            found |= inner
    return found


def _dataset_of(table: Table) -> tuple[Any, Any]:
    """The column that says whose a row is, its own or that of the record it hangs on, and the tables to read it from."""
    if "dataset_id" in table.c:
        return table.c.dataset_id, table
    for column, target in _references(table):
        if _cascades(column) and "dataset_id" in target.table.c:
            return target.table.c.dataset_id, table.join(target.table, column == target)
    return None, table


def _cascades(column: Any) -> bool:
    constraints: Sequence[ForeignKeyConstraint] = [key.constraint for key in column.foreign_keys]
    return any(constraint.ondelete == "CASCADE" for constraint in constraints)


def refuse_dangling(connection: Connection, dataset_id: str, removed: Collection[str]) -> None:
    """Refuses references to nothing among those that the database checks at commit: from a dataset's own records, and
    from all to the kinds of records of which it removed some."""
    for table in Base.metadata.sorted_tables:
        for column, target in _references(table, is_deferred=True):
            there = target.table.alias()
            dangling = select(*_identity(table), column).where(
                column.is_not(None), ~exists(select(1).where(there.c[target.name] == column))
            )
            if target.table.name not in removed:
                dangling = dangling.where(table.c.dataset_id == dataset_id)
            found = connection.execute(dangling.limit(1)).mappings().first()
            if found is not None:
                reason = f"there is no {target.table.name} '{found[column.name]}' for its {column.name}"
                raise LoadRefused(f"{_called(connection, table, found)} cannot stand: {reason}")


def refuse_bad_nesting(connection: Connection, dataset_id: str) -> None:
    """Refuses figures of a dataset that are part of what cannot hold them. Method: design/domain.md, Nesting."""
    part, whole = aliased(Figure), aliased(Figure)
    found = connection.execute(
        select(part.id, part.part_of)
        .join(whole, whole.id == part.part_of)
        .where(
            part.dataset_id == dataset_id,
            or_(
                whole.part_of.is_not(None),
                part.dataset_id != whole.dataset_id,
                part.measure != whole.measure,
                part.unit != whole.unit,
                part.object.is_distinct_from(whole.object),
            ),
        )
        .limit(1)
    ).first()
    if found is not None:
        raise LoadRefused(
            f"the figure '{found.id}' cannot be part of '{found.part_of}': a whole is no part itself, and has the"
            " dataset, measure, unit and object of its parts"
        )
