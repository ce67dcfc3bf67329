"""The types of records that keep a history: their tables and columns, how they are read and compared.

A record is one row with its child rows, as one plain mapping: `{"id": ..., "type": ..., "reports": [...]}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, select

from api.domain.codebook.places import LEVELS
from api.store.models import Change, Claim, Document, Event, Figure, Group, GroupCode, Location, Participation, Report
from api.store.models.base import Base

Record = dict[str, Any]

# Columns that the load engine works out; they are no part of what was coded.
_DERIVED = {"number", "fingerprint", "updated_at", "event_number"}


def table_of(model: type[Base]) -> Table:
    """The table behind a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


@dataclass(frozen=True)
class ChildRows:
    """Rows that belong to a record: under which key, in which table, by which column, which has the record's key."""

    key: str
    table: Table
    owner: str
    columns: tuple[str, ...]
    has_position: bool = True

    @cached_property
    def coded(self) -> Callable[[Record], tuple[Any, ...]]:
        """What takes the coded columns out of a row."""
        return itemgetter(*self.columns)


@dataclass(frozen=True)
class RecordType:
    """A type of record that keeps a history."""

    name: str
    table: Table
    children: tuple[ChildRows, ...] = ()
    derived: frozenset[str] = frozenset()

    @cached_property
    def is_numbered(self) -> bool:
        """Whether its records have numbers, by which others know them."""
        return "number" in self.table.columns

    @cached_property
    def key(self) -> str:
        """The column by which other rows know its records; a number is there from when the record is written."""
        return "number" if self.is_numbered else "id"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that are coded, in the table's order."""
        return tuple(column.name for column in self.table.columns if column.name not in _DERIVED | self.derived)

    @cached_property
    def coded(self) -> Callable[[Record], tuple[Any, ...]]:
        """What takes the coded columns out of a record."""
        return itemgetter(*self.columns)


_ATTRIBUTION = ("document_id", "spans", "claimant", "chain", "verification")

# A country is coded; the levels between follow from the parent.
LOCATION_RECORD = RecordType("location", table_of(Location), derived=frozenset(LEVELS[1:]))
DOCUMENT_RECORD = RecordType("document", table_of(Document), derived=frozenset({"words"}))
GROUP_RECORD = RecordType(
    "group",
    table_of(Group),
    (ChildRows("codes", table_of(GroupCode), "group_id", ("scheme", "code"), has_position=False),),
)
EVENT_RECORD = RecordType(
    "event",
    table_of(Event),
    (
        ChildRows("groups", table_of(Participation), "event_number", ("group_id", "role", "certainty")),
        ChildRows("reports", table_of(Report), "event_number", _ATTRIBUTION),
    ),
    # A newer release that holds the same does not change it.
    derived=frozenset({"release"}),
)
FIGURE_RECORD = RecordType(
    "figure",
    table_of(Figure),
    (
        ChildRows(
            "claims",
            table_of(Claim),
            "figure_number",
            (*_ATTRIBUTION, "population", "qualifier", "low", "best", "high", "is_preferred"),
        ),
    ),
    # Its place among the event's figures is the event's.
    derived=frozenset({"position"}),
)


def fingerprint(record_type: RecordType, record: Record) -> str:
    """The hash of all that is coded of a record and of its child rows."""
    content = [
        record_type.coded(record),
        *(list(map(child.coded, record[child.key])) for child in record_type.children),
    ]
    return hashlib.blake2b(orjson.dumps(content), digest_size=16).hexdigest()


def child_rows(record_type: RecordType, child: ChildRows, records: Iterable[Record]) -> list[Record]:
    """These child rows of the records, in their order, as they are stored."""
    return [
        {**row, child.owner: record[record_type.key], "position": position}
        for record in records
        for position, row in enumerate(record[child.key])
    ]


def number_figures(events: Iterable[Record]) -> None:
    """Tells figures and claims the number of their event, which it has from when it is written."""
    for event in events:
        for figure in event["figures"]:
            for told in (figure, *figure["claims"]):
                told["event_number"] = event["number"]


def read(connection: Connection, record_type: RecordType, where: ColumnElement[bool]) -> dict[str, Record]:
    """These records as they stand, by id, with their child rows."""
    found: list[Record] = [dict(row) for row in connection.execute(select(record_type.table).where(where)).mappings()]
    owners = {record[record_type.key]: record for record in found}
    for child in record_type.children:
        for record in found:
            record[child.key] = []
        order = ("position",) if child.has_position else child.columns
        statement = (
            select(child.table)
            .where(child.table.c[child.owner].in_(owners))
            .order_by(*(child.table.c[name] for name in (child.owner, *order)))
        )
        for row in connection.execute(statement).mappings():
            owners[row[child.owner]][child.key].append({name: row[name] for name in child.columns})
    return {record["id"]: record for record in found}


def differences(record_type: RecordType, before: Mapping[str, Any], after: Mapping[str, Any]) -> Record:
    """What changed in a record: `{field: [from, to]}`, child rows as whole lists."""
    fields = {
        name: [before[name], after[name]] for name in record_type.columns if _plain(before[name]) != _plain(after[name])
    }
    for child in record_type.children:
        rows = [[{name: row[name] for name in child.columns} for row in side[child.key]] for side in (before, after)]
        if _plain(rows[0]) != _plain(rows[1]):
            fields[child.key] = rows
    return fields


def _plain(value: object) -> bytes:
    return orjson.dumps(value)


def tombstone(connection: Connection, record: str, identity: str) -> Any:
    """The last line of history that withdrew the record of this type and id, as a row; null where none did."""
    return connection.execute(
        select(Change.action, Change.at, Change.reason, Change.replaced_by, Change.dataset_id)
        .where(Change.record == record, Change.record_id == identity, Change.action.in_(("deleted", "merged")))
        .order_by(Change.number.desc())
        .limit(1)
    ).one_or_none()
