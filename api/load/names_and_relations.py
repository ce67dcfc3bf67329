"""Writes the names and relations that a dataset attaches to records, its own or another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, delete, insert, select

from api.domain.names import ALIAS_RANK, folded, spaced_stems
from api.load.inserts import write
from api.load.record_writer import RecordWriter
from api.store.models import GroupRelation
from api.store.record_types import GROUP_RECORD, Record, RecordType, table_of


def put_names(
    record_writer: RecordWriter,
    record_type: RecordType,
    table: Table,
    given: Mapping[str, Sequence[Record]],
    *,
    removes_missing: bool = True,
) -> None:
    """Makes the names that this dataset brings stand as given, for its own records and for others'; those of all other
    records are removed, or left for now."""
    wanted = {identity: [_with_search_keys(row) for row in rows] for identity, rows in given.items() if rows}
    _put(record_writer, record_type, _named(record_type, table), wanted, removes_missing=removes_missing)


def add_names(record_writer: RecordWriter, record_type: RecordType, table: Table, records: Sequence[Record]) -> None:
    """Writes the names that come with new records, so that events can show them at once."""
    attached = _named(record_type, table)
    rows = [
        {
            **_with_search_keys(row),
            attached.owner: record["id"],
            "position": position,
            "dataset_id": record_writer.dataset_id,
        }
        for record in records
        for position, row in enumerate(record.get("names", ()))
    ]
    write(record_writer.connection, insert(table), rows)


def _named(record_type: RecordType, table: Table) -> _Attached:
    return _Attached(
        "names", table, f"{record_type.name}_id", ("rank", "name", "folded", "words", "language", "document_id")
    )


def _with_search_keys(row: Record) -> Record:
    return {**row, "folded": folded(row["name"]), "words": spaced_stems(row["name"])}


def put_relations(record_writer: RecordWriter, given: Mapping[str, Sequence[Record]]) -> None:
    """Makes the relations that this dataset tells of stand as given."""
    columns = ("to_group_id", "type", "valid_from", "valid_to", "document_id", "spans")
    wanted = {identity: list(rows) for identity, rows in given.items() if rows}
    _put(record_writer, GROUP_RECORD, _Attached("relations", table_of(GroupRelation), "from_group_id", columns), wanted)


@dataclass(frozen=True)
class _Attached:
    """Rows that a dataset attaches to records: under which key, in which table, by which column."""

    key: str
    table: Table
    owner: str
    columns: tuple[str, ...]

    def added(self, before: Sequence[Record], after: Sequence[Record]) -> list[Record]:
        """The rows of a record once a part of the dataset was loaded: those that stand, and those that the part brings. Of what a record
        has only one of, such as its name, the part's takes the place of what stands."""
        single = {row["rank"] for row in after if row.get("rank", ALIAS_RANK) != ALIAS_RANK}
        stands = [row for row in before if row in after or row.get("rank") not in single]
        return stands + [row for row in after if row not in stands]


def _in_history(row: Record) -> Record:
    """A row as the history tells it: without what follows from the name and serves to find it."""
    return {name: value for name, value in row.items() if name not in ("rank", "folded", "words")}


def _put(
    record_writer: RecordWriter,
    record_type: RecordType,
    attached: _Attached,
    wanted: Mapping[str, list[Record]],
    *,
    removes_missing: bool = True,
) -> None:
    table, owner = attached.table, attached.table.c[attached.owner]
    existing: dict[str, list[Record]] = {}
    rows = record_writer.connection.execute(
        select(table).where(table.c.dataset_id == record_writer.dataset_id).order_by(owner, table.c.position)
    ).mappings()
    for row in rows:
        existing.setdefault(row[attached.owner], []).append({name: row[name] for name in attached.columns})
    fresh = []
    for identity in sorted(existing.keys() | wanted.keys() if removes_missing else wanted.keys()):
        before = existing.get(identity, [])
        after = [{name: row[name] for name in attached.columns} for row in wanted.get(identity, [])]
        if not after and record_writer.is_left_in_place(record_type, identity):
            continue
        if not record_writer.replaces_all:
            after = attached.added(before, after)
        if before == after:
            continue
        if before:
            record_writer.connection.execute(
                delete(table).where(owner == identity, table.c.dataset_id == record_writer.dataset_id)
            )
        fresh += [
            {**row, attached.owner: identity, "position": position, "dataset_id": record_writer.dataset_id}
            for position, row in enumerate(after)
        ]
        record_writer.attach(
            record_type, identity, {attached.key: [list(map(_in_history, before)), list(map(_in_history, after))]}
        )
    write(record_writer.connection, insert(table), fresh)
