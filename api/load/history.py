"""Writes the history of a load: a line for each record that it changed, or one line for very many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from api.load.location_levels import places_below
from api.load.result import COUNTED_AS
from api.store.batches import batches
from api.store.bulk import insert_many
from api.store.models import Change, Group, GroupRelation, Load, Location, Revision
from api.store.record_types import Record, table_of

# Records of which a dataset may have millions, and the actions that one line counts where very many of them have lines.
_MANY, _COUNTED_ACTIONS = ("event", "figure"), ("created", "updated")
# Fields by which others show a group or a place.
_SHOWN = {"group": frozenset({"name", "acronym"}), "location": frozenset({"name", "level", "parent_id"})}
# Why a line says that a record changed of which nothing that was coded did.
READS_OTHERWISE = "reads otherwise"
_TABLE = table_of(Change)

Counts = dict[str, dict[str, int]]


class IndirectChange(NamedTuple):
    """A record that reads otherwise than before: in which keys, and from what to what."""

    id: str
    dataset_id: str
    keys: Sequence[str]
    fields: Record | None = None
    # Whether something that was coded of it changed in this load too, which is told by then.
    is_recoded: bool = False


class History:
    """Writes the lines of one load, which brings one dataset and may change records of others."""

    def __init__(
        self, connection: Connection, dataset_id: str, at: datetime, most_lines: int, *, is_first_load: bool
    ) -> None:
        self._connection, self._dataset_id, self._at = connection, dataset_id, at
        self._most_lines, self._is_first_load = most_lines, is_first_load
        # Loads wait for each other, so nobody else makes this one meanwhile.
        self._revision = (connection.scalar(select(Revision.number)) or 0) + 1
        self._before = connection.scalar(select(func.max(Change.number))) or 0
        self._counts: dict[str, Counts] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        # Lines about events and figures, by dataset, and the datasets that have had too many.
        self._lines: dict[str, int] = defaultdict(int)
        self._counted_datasets: set[str] = set()
        # What was changed that others show.
        self._shown: dict[str, set[str]] = defaultdict(set)

    def count(self, record_type: str, action: str, number: int, dataset_id: str | None = None) -> None:
        """Counts records that have no lines of their own."""
        if number:
            self._counts[dataset_id or self._dataset_id][f"{record_type}s"][COUNTED_AS.get(action, action)] += number

    def write(
        self,
        record_type: str,
        action: str,
        lines: Mapping[str, Record | None],
        *,
        reason: str | None = None,
        dataset_id: str | None = None,
    ) -> None:
        """Writes a line for each of these records of one dataset, by their ids, with what changed in it."""
        owner = dataset_id or self._dataset_id
        self.count(record_type, action, len(lines), owner)
        if record_type in _MANY and action in _COUNTED_ACTIONS:
            if owner in self._counted_datasets:
                return
            self._lines[owner] += len(lines)
            if self._lines[owner] > self._most_lines:
                self._replace_lines_by_counts(owner)
                return
        shared = {**self._shared(record_type, action, owner), "reason": reason}
        rows = [{**shared, "record_id": identity, "fields": fields} for identity, fields in lines.items()]
        insert_many(self._connection, _TABLE, rows)

    def write_one(
        self, record_type: str, identity: str, action: str, fields: Record | None = None, dataset_id: str | None = None
    ) -> int:
        """Writes one line about a record to which more may be attached; returns its number."""
        owner = dataset_id or self._dataset_id
        self.count(record_type, action, 1, owner)
        self.note_shown(record_type, identity, fields or {})
        line = self._connection.execute(
            insert(_TABLE).values(**self._shared(record_type, action, owner), record_id=identity, fields=fields)
        )
        key = line.inserted_primary_key
        assert key is not None, "one row was inserted"
        return int(key[0])

    def rewrite(self, number: int, fields: Record) -> None:
        """Says that more changed of a record than its line has."""
        self._connection.execute(update(_TABLE).where(_TABLE.c.number == number).values(fields=fields))

    def note_shown(self, record_type: str, identity: str, fields: Record) -> None:
        """Notes what others show of a record that changed."""
        if fields.keys() & _SHOWN.get(record_type, frozenset()):
            self._shown[record_type].add(identity)
        # A relation stands on both sides.
        for side in fields.get("relations", ()) if record_type == "group" else ():
            self._shown["related"].update(row["to_group_id"] for row in side)

    def note_removed_groups(self, ids: Collection[str]) -> None:
        """Notes which groups show these by a relation, before that goes with them."""
        self._shown["related"].update(self._related(ids))

    def write_indirect(self, record_type: str, changed: Iterable[IndirectChange]) -> None:
        """Writes that these records read otherwise, where this load has no line about them yet."""
        told: dict[str, IndirectChange] = {}
        for change in changed:
            if record_type in _MANY and change.dataset_id in self._counted_datasets:
                self.count(record_type, "updated", 0 if change.is_recoded else 1, change.dataset_id)
            elif not (self._is_first_load and change.dataset_id == self._dataset_id):
                told[change.id] = change
        own = (_TABLE.c.number > self._before, _TABLE.c.record == record_type)
        for some in batches(list(told)):
            has_line = select(_TABLE.c.record_id).where(*own, _TABLE.c.record_id.in_(some))
            for identity in self._connection.scalars(has_line):
                del told[identity]
        alike: dict[tuple[str, str], dict[str, Record | None]] = defaultdict(dict)
        for change in told.values():
            alike[change.dataset_id, f"{READS_OTHERWISE}: {', '.join(change.keys)}"][change.id] = change.fields
        for (dataset_id, reason), lines in alike.items():
            self.write(record_type, "updated", lines, reason=reason, dataset_id=dataset_id)

    def finish(self) -> Counts:
        """Writes what follows for groups, places and datasets; returns how many of its own dataset's records changed."""
        self._write_all_showing()
        own = self._dataset_id
        wanted = self._counted_datasets | {own}
        is_told = (_TABLE.c.number > self._before, _TABLE.c.record == "dataset")
        standing = dict(self._connection.execute(select(_TABLE.c.record_id, _TABLE.c.number).where(*is_told)).all())
        for dataset_id in sorted(wanted - standing.keys()):
            self.write("dataset", "updated", {dataset_id: None}, reason=READS_OTHERWISE, dataset_id=dataset_id)
        for dataset_id in sorted(wanted):
            if dataset_id in self._counted_datasets or (self._is_first_load and dataset_id == own):
                # It comes last, so that whoever reads all again on its word has done so of all that came before.
                where = (_TABLE.c.number > self._before, _TABLE.c.record == "dataset", _TABLE.c.record_id == dataset_id)
                row = dict(self._connection.execute(select(_TABLE).where(*where)).mappings().one())
                self._connection.execute(delete(_TABLE).where(*where))
                del row["number"]
                self._connection.execute(insert(_TABLE).values({**row, "counts": self._told(dataset_id)}))
        return self._told(own)

    def write_load(self, token: str, release: str | None, counts: Counts) -> None:
        """Writes that the load is done and what it did."""
        row = {"revision": self._revision, "token": token, "dataset_id": self._dataset_id, "release": release}
        self._connection.execute(insert(Load).values({**row, "at": self._at, "counts": counts}))

    def _told(self, dataset_id: str) -> Counts:
        return {name: dict(counts) for name, counts in sorted(self._counts[dataset_id].items()) if name != "datasets"}

    def _shared(self, record_type: str, action: str, dataset_id: str) -> Record:
        named = {"record": record_type, "action": action, "dataset_id": dataset_id}
        return {**named, "at": self._at, "revision": self._revision}

    def _replace_lines_by_counts(self, dataset_id: str) -> None:
        """Takes back the lines about a dataset's events and figures, and writes no more, but of what is withdrawn."""
        self._counted_datasets.add(dataset_id)
        self._connection.execute(
            delete(_TABLE).where(
                _TABLE.c.dataset_id == dataset_id,
                _TABLE.c.number > self._before,
                _TABLE.c.record.in_(_MANY),
                _TABLE.c.action.in_(_COUNTED_ACTIONS),
            )
        )

    def _write_all_showing(self) -> None:
        """Writes which groups and places show another that changed."""
        related = self._shown["related"] | self._related(self._shown["group"])
        self._write_showing("group", Group, related, "relations")
        inside = places_below(self._connection, self._shown["location"])
        self._write_showing("location", Location, inside, "path")

    def _related(self, groups: Collection[str]) -> set[str]:
        """The groups on the other side of each relation of these."""
        found: set[str] = set()
        for some in batches(sorted(groups)):
            for own, theirs in (
                (GroupRelation.from_group_id, GroupRelation.to_group_id),
                (GroupRelation.to_group_id, GroupRelation.from_group_id),
            ):
                found.update(self._connection.scalars(select(theirs).where(own.in_(some))))
        return found

    def _write_showing(self, record_type: str, model: Any, ids: Collection[str], key: str) -> None:
        for some in batches(sorted(ids)):
            rows = self._connection.execute(
                select(model.id, model.dataset_id).where(model.id.in_(some)).order_by(model.id)
            )
            self.write_indirect(record_type, [IndirectChange(row.id, row.dataset_id, (key,)) for row in rows])


def differing_keys(before: bytes, after: bytes) -> list[str]:
    """The top-level keys in which two JSON objects of one shape differ, but for when they changed."""
    was, now = orjson.loads(before), orjson.loads(after)
    return [key for key, value in now.items() if key != "updated_at" and was.get(key) != value]


def as_json(fields: Sequence[Any] | Mapping[str, Any]) -> Record:
    """The same with dates as text, as JSON holds them."""
    found: Record = orjson.loads(orjson.dumps(fields))
    return found
