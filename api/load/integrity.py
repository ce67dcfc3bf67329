"""Checks what a load leaves behind: nothing refers to a missing record, and parts fit their wholes.

The engines by themselves say too little: SQLite names neither the record nor the reference that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, Select, Table, exists, or_, select
from sqlalchemy.orm import aliased

from api.load.inserts import identifying_columns, references, row_in_words
from api.load.source import LoadRefused
from api.store.batches import batches
from api.store.models import Claim, Figure, Group, Report
from api.store.models.base import Base


def refuse_if_used(connection: Connection, table: Table, ids: Sequence[str], dataset_id: str) -> None:
    """Refuses to take away records that others would still refer to. Their child rows go with them.

    References that are checked at the end of the load are left to `refuse_dangling`: their records may yet change.
    """
    for referring in Base.metadata.sorted_tables:
        for column, target in references(referring, is_deferred=False):
            if target.table is not table:
                continue
            used = select(*identifying_columns(referring), table.c.id.label("used")).select_from(
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
                user = row_in_words(connection, referring, found)
                raise LoadRefused(f"the {table.name} '{found['used']}' cannot be withdrawn: {user} still refers to it")


def used_by_others(connection: Connection, table: Table, ids: Sequence[str], dataset_id: str) -> set[str]:
    """Those of these records of a dataset that other datasets refer to, and those of them that these lie in."""

    def selected(column: Any, asked: Select[Any], among: Collection[str]) -> set[str]:
        found = (connection.scalars(asked.where(column.in_(some))) for some in batches(sorted(among)))
        return {identity for identities in found for identity in identities}

    found: set[str] = set()
    for referring in Base.metadata.sorted_tables:
        dataset, joined = _dataset_of(referring)
        for column, target in references(referring):
            if target.table is table and dataset is not None:
                used = select(column).select_from(joined).where(dataset != dataset_id).distinct()
                found |= selected(column, used, ids)
    for column, target in references(table):
        inner = found if target.table is table else set()
        while inner:
            inner = selected(target, select(column).distinct(), inner).intersection(ids) - found
            found |= inner
    return found


def unused_by_anyone(connection: Connection, table: Table, dataset_id: str, but_for: Select[Any]) -> list[str]:
    """A dataset's records, but for these, that neither its own nor others refer to, sorted. What belongs to a record, such
    as its names, is no use of it."""
    found = select(table.c.id).where(table.c.dataset_id == dataset_id, table.c.id.not_in(but_for))
    listed = list(connection.scalars(found.order_by(table.c.id)))
    used = used_by_others(connection, table, listed, dataset_id)
    uses = [
        column
        for referring in Base.metadata.sorted_tables
        for column, target in references(referring)
        if target.table is table and referring is not table and not _cascades(column)
    ]
    if table is Group.__table__:
        # Whoever says something is no reference, since it may be somebody who is no group.
        uses += [said.__table__.c.claimant for said in (Report, Claim)]
    for some in batches(listed):
        for column in uses:
            used.update(connection.scalars(select(column).where(column.in_(some)).distinct()))
    for column, target in references(table):
        inner = used if target.table is table else set()
        while inner:
            outer = select(column).where(target.in_(inner), column.is_not(None)).distinct()
            inner = set(connection.scalars(outer)) - used
            used = used | inner
    return [identity for identity in listed if identity not in used]


def _dataset_of(table: Table) -> tuple[Any, Any]:
    """The column that says whose a row is, its own or that of the record that it belongs to, and the tables to read it from."""
    if "dataset_id" in table.c:
        return table.c.dataset_id, table
    for column, target in references(table):
        if _cascades(column) and "dataset_id" in target.table.c:
            return target.table.c.dataset_id, table.join(target.table, column == target)
    return None, table


def _cascades(column: Any) -> bool:
    constraints: Sequence[ForeignKeyConstraint] = [key.constraint for key in column.foreign_keys]
    return any(constraint.ondelete == "CASCADE" for constraint in constraints)


def refuse_dangling(connection: Connection, dataset_id: str, removed: Collection[str]) -> None:
    """Refuses references to nothing among those that the database checks at commit: from a dataset's own records, and
    from all to the types of records of which it removed some."""
    for table in Base.metadata.sorted_tables:
        for column, target in references(table, is_deferred=True):
            there = target.table.alias()
            dangling = select(*identifying_columns(table), column).where(
                column.is_not(None), ~exists(select(1).where(there.c[target.name] == column))
            )
            if target.table.name not in removed:
                dangling = dangling.where(table.c.dataset_id == dataset_id)
            found = connection.execute(dangling.limit(1)).mappings().first()
            if found is not None:
                reason = f"there is no {target.table.name} '{found[column.name]}' for its {column.name}"
                raise LoadRefused(f"{row_in_words(connection, table, found)} cannot stand: {reason}")


def refuse_bad_nesting(connection: Connection, dataset_id: str) -> None:
    """Refuses figures of a dataset that are part of what cannot hold them. Method: docs/totals.md, What is added."""
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
