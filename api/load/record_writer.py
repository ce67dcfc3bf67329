"""Writes the records of a load, and compares them with those in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from api.load.history import History, as_json
from api.load.inserts import write
from api.load.integrity import refuse_if_used
from api.load.result import KEPT_FOR_OTHERS, MOST_EXAMPLES, LoadResult
from api.load.source import LoadRefused
from api.load.terms import USUAL, Terms
from api.store.batches import batches
from api.store.record_types import Record, RecordType, child_rows, differences, fingerprint, read

# Records that events show in their own bytes: when one changes, so do they.
_SHOWN_BY_EVENTS = ("group", "location", "document")
# Records to which a load attaches names and relations (see RecordWriter.attach).
_NAMED_BY_OTHERS = ("group", "location")


class Written(NamedTuple):
    """The records that were written: those that were not there before, and those that were otherwise."""

    created: list[Record]
    updated: list[Record]

    def ids(self) -> set[str]:
        return {record["id"] for listed in self for record in listed}


@dataclass
class RecordWriter:
    """Writes the records of one dataset and notes what changed, within one load's transaction."""

    connection: Connection
    dataset_id: str
    # The release that this load brings, and those that are newer: their events are left as they are.
    release: str
    newer: Collection[str]
    at: datetime
    result: LoadResult
    history: History
    # The first load of a dataset is one line of history: what it created can be read from the records themselves.
    is_first_load: bool
    # Whether what this load does not bring is gone, whichever release it is of.
    replaces_all: bool = True
    # Whether other code than this loaded the dataset last: what it made of the same records may be otherwise.
    is_other_code: bool = False
    # Given how many events would be withdrawn, raises LoadRefused where these are too many; null where any number may be.
    refuse_withdrawing: Callable[[int], None] | None = None
    terms: Terms = USUAL
    # Groups and places that this load created, and with the documents those that it changed: events that show these have to
    # be rendered again. What was created was shown by no event before.
    created: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    changed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # Records that this load did not bring and leaves: other datasets use them, or events whose rows could not be read do.
    left_in_place: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # The types of records of which this load has withdrawn some.
    removed: set[str] = field(default_factory=set)
    # Other datasets of which this load has changed what the reading copy holds of them.
    changed_datasets: set[str] = field(default_factory=set)
    # The last numbers that this load gave, by record type. Nobody else gives any meanwhile.
    numbers: dict[str, int] = field(default_factory=dict)
    # The lines of history that this load has written and may yet add to, by type and id of the record: number and fields.
    open_lines: dict[tuple[str, str], tuple[int, Record]] = field(default_factory=dict)

    def put(self, record_type: RecordType, records: Sequence[Record]) -> Written:
        """Writes these records where they are new or changed; returns those that were.

        Each record has the coded columns, derived ones that follow from it alone, and its child rows by key.
        """
        known = self.existing(record_type, [record["id"] for record in records])
        fresh: list[Record] = []
        changed: list[Record] = []
        unchanged: list[Record] = []
        for record in records:
            record["fingerprint"] = fingerprint(record_type, record)
            record["updated_at"] = self.at
            existing = known.get(record["id"])
            if existing is not None and record_type.is_numbered:
                record["number"] = existing.number
            if existing is None:
                fresh.append(record)
            elif self.is_first_load and existing.dataset_id == self.dataset_id:
                raise BroughtTwice(record_type.name, [record["id"]])
            elif existing.dataset_id != self.dataset_id:
                raise OwnedElsewhere(record_type.name, record["id"], existing.dataset_id)
            elif existing.fingerprint != record["fingerprint"]:
                changed.append(record)
            else:
                self.result.note(record_type.name, "unchanged", record["id"])
                unchanged.append(record)
        self._write_changed(record_type, changed)
        if self.is_other_code and unchanged:
            self._overwrite(record_type, unchanged, leave=("updated_at",))
        self._write_fresh(record_type, fresh)
        return Written(fresh, changed)

    def remove(self, record_type: RecordType, ids: Sequence[str], reason: str) -> None:
        """Withdraws records; their tombstones stay in the history."""
        for batch in batches(ids):
            refuse_if_used(self.connection, record_type.table, batch, self.dataset_id)
            if record_type.name == "group":
                self.history.note_removed_groups(batch)
            self.connection.execute(delete(record_type.table).where(record_type.table.c.id.in_(batch)))
            self.removed.add(record_type.name)
        self.result.note(record_type.name, "deleted", *ids)
        if record_type.name in _SHOWN_BY_EVENTS and record_type.name != "document":
            self.changed[record_type.name].update(ids)
        self.history.write(record_type.name, "deleted", dict.fromkeys(ids), reason=reason)

    def keep_used(self, record_type: RecordType, ids: Collection[str]) -> None:
        """Leaves records in place that this load did not bring, since other datasets use them."""
        self.left_in_place[record_type.name].update(ids)
        for identity in sorted(ids):
            self.result.note(record_type.name, KEPT_FOR_OTHERS, identity)

    def is_left_in_place(self, record_type: RecordType, identity: str) -> bool:
        """Whether a record that this load did not bring stays, with all that its dataset attached to it."""
        return not self.replaces_all or identity in self.left_in_place[record_type.name]

    def attach(self, record_type: RecordType, identity: str, fields: Record) -> None:
        """Notes that what this dataset attaches to a record has changed, and with it the record."""
        self.changed[record_type.name].add(identity)
        if identity in self.created[record_type.name]:
            self.history.note_shown(record_type.name, identity, as_json(fields))
            return
        table = record_type.table
        changed = update(table).where(table.c.id == identity).values(updated_at=self.at).returning(table.c.dataset_id)
        owner = self.connection.scalar(changed)
        if owner is None:
            # It is withdrawn, with whatever was attached to it.
            return
        self.changed_datasets.add(owner)
        if (record_type.name, identity) not in self.open_lines:
            self._record_updated(record_type.name, identity, fields, owner)
            return
        told = as_json(fields)
        self.result.note_fields(record_type.name, identity, told)
        number, known = self.open_lines[record_type.name, identity]
        known.update(told)
        self.history.note_shown(record_type.name, identity, told)
        self.history.rewrite(number, known)

    def record_created(self, record_type: RecordType, records: Sequence[Record]) -> None:
        """Notes that these records are new, and writes a line of history for each, but in a first load."""
        ids = [record["id"] for record in records]
        self.result.note(record_type.name, "created", *ids)
        if record_type.name in _NAMED_BY_OTHERS:
            self.created[record_type.name].update(ids)
        if self.is_first_load:
            self.history.count(record_type.name, "created", len(ids))
        else:
            self.history.write(record_type.name, "created", dict.fromkeys(ids))

    def record_dataset(self, action: str, fields: Record | None = None) -> None:
        """Writes the line of history of the dataset itself."""
        self.result.note("dataset", action, self.dataset_id)
        told = None if fields is None else as_json(fields)
        if told is not None:
            self.result.note_fields("dataset", self.dataset_id, told)
        self.history.write("dataset", action, {self.dataset_id: told})

    def _record_updated(self, record_type: str, identity: str, fields: Record, owner: str) -> None:
        """Writes what changed in a group, place or document, to which more may yet be attached."""
        self.result.note(record_type, "updated", identity)
        # Of a document events show the outlet alone, as a root of what it says.
        if record_type != "document" or "outlet" in fields:
            self.changed[record_type].add(identity)
        told = as_json(fields)
        self.result.note_fields(record_type, identity, told)
        self.open_lines[record_type, identity] = (
            self.history.write_one(record_type, identity, "updated", told, owner),
            told,
        )

    def existing(self, record_type: RecordType, ids: Sequence[str]) -> Mapping[str, Any]:
        """Those of these records that the database has, by id: their dataset, hash, and number if they have one."""
        table = record_type.table
        columns = [
            table.c.id,
            table.c.fingerprint,
            table.c.dataset_id,
            *([table.c.number] if record_type.is_numbered else []),
        ]
        return {
            row.id: row
            for batch in batches(ids)
            for row in self.connection.execute(select(*columns).where(table.c.id.in_(batch)))
        }

    def _write_fresh(self, record_type: RecordType, records: list[Record]) -> None:
        if not records:
            return
        if record_type.is_numbered:
            self.number(record_type, records)
        write(self.connection, insert(record_type.table), records)
        self._write_children(record_type, records)
        self.record_created(record_type, records)

    def number(self, record_type: RecordType, records: Sequence[Record]) -> None:
        """Gives new records the numbers after the highest in the database."""
        number = self.numbers.get(record_type.name)
        if number is None:
            number = self.connection.scalar(select(func.max(record_type.table.c.number))) or 0
        for record in records:
            number = record["number"] = number + 1
        self.numbers[record_type.name] = number

    def _write_changed(self, record_type: RecordType, records: list[Record]) -> None:
        if not records:
            return
        ids = [record["id"] for record in records]
        before = read(self.connection, record_type, record_type.table.c.id.in_(ids))
        self._overwrite(record_type, records)
        fields = {record["id"]: differences(record_type, before[record["id"]], record) for record in records}
        if record_type.name in _SHOWN_BY_EVENTS:
            for identity, told in fields.items():
                self._record_updated(record_type.name, identity, told, self.dataset_id)
            return
        lines = {identity: as_json(told) for identity, told in fields.items()}
        self.result.note(record_type.name, "updated", *lines)
        for identity, told in lines.items():
            self.result.note_fields(record_type.name, identity, told)
        self.history.write(record_type.name, "updated", lines)

    def _overwrite(self, record_type: RecordType, records: list[Record], leave: Collection[str] = ()) -> None:
        """Overwrites records, with their child rows, but for the columns to leave."""
        names = [column.name for column in record_type.table.columns if column.name not in ("id", "number", *leave)]
        statement = (
            update(record_type.table)
            .where(record_type.table.c.id == bindparam("id_"))
            .values({name: bindparam(f"{name}_") for name in names})
        )
        rows = [{f"{name}_": record[name] for name in (*names, "id")} for record in records]
        write(self.connection, statement, rows)
        owners = [record[record_type.key] for record in records]
        for child in record_type.children:
            self.connection.execute(delete(child.table).where(child.table.c[child.owner].in_(owners)))
        self._write_children(record_type, records)

    def _write_children(self, record_type: RecordType, records: Sequence[Record]) -> None:
        for child in record_type.children:
            write(self.connection, insert(child.table), child_rows(record_type, child, records))


class BroughtTwice(LoadRefused):
    """A dataset brings the same record a second time."""

    def __init__(self, record_type: str, ids: Iterable[str]) -> None:
        named = ", ".join(f"'{identity}'" for identity in sorted(ids)[:MOST_EXAMPLES])
        super().__init__(f"the dataset brings the {record_type} {named} twice")


class OwnedElsewhere(LoadRefused):
    """A dataset brings a record under an id that another dataset has."""

    def __init__(self, record_type: str, identity: str, owner: str) -> None:
        super().__init__(f"the {record_type} '{identity}' belongs to the dataset '{owner}'; choose another id")
