"""Loads a dataset in one transaction; readers see the state before it until the commit.

Loading the same twice changes nothing.
"""

from __future__ import annotations

import gc
import logging
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.columns import pieces
from api.domain.releases import Release
from api.load import releases, rerendering
from api.load.history import History
from api.load.ingest import SEEN, Ingest, Progress, existing_figures
from api.load.integrity import refuse_bad_nesting, refuse_dangling, unused_by_anyone, used_by_others
from api.load.left_in_place import leave_events_in_place
from api.load.location_levels import update_levels
from api.load.names_and_relations import put_names, put_relations
from api.load.record_writer import BATCH, RecordWriter
from api.load.rendering import Renderer
from api.load.result import LoadResult
from api.store.code_hash import code_hash
from api.store.inserts import LoadRefused
from api.store.models import Dataset, GroupName, LocationName, Revision
from api.store.record_types import (
    DOCUMENT_RECORD,
    EVENT_RECORD,
    FIGURE_RECORD,
    GROUP_RECORD,
    LOCATION_RECORD,
    Record,
    RecordType,
    table_of,
)
from api.store.statistics import forget_statistics, refresh_statistics

log = logging.getLogger(__name__)

# How many records pass between two collections of garbage.
_RECORDS_BETWEEN_COLLECTIONS = 10_000


@dataclass(frozen=True)
class Expectation:
    """The least that a dataset must bring; with less, something went wrong on the way and nothing is published."""

    events: int = 0
    figures: int = 0


class LoadSource(Protocol):
    """A dataset to load. Every record is a plain mapping with the columns of its table and its child rows.

    Ids are final. A record refers only to records of this or of earlier loaded datasets.
    """

    @property
    def dataset(self) -> Record:
        """The columns of the dataset, but for what the load itself knows; those that are left out stay as they stand.
        `{release}` in description and citation becomes the names of the releases that it is made of."""

    @property
    def content_hash(self) -> str:
        """The hash of all that is loaded; the same hash again, by the same code, means that there is nothing to do."""

    @property
    def release(self) -> Release | None:
        """Which release of the dataset it is; null where it only changes what is there."""

    @property
    def takes_older(self) -> bool:
        """Whether it is meant to be loaded where newer releases are, and over them."""

    @property
    def expectation(self) -> Expectation: ...

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """`location`, `document`, `group` and `event` records, each before anything that refers to it.

        Groups come with `codes`; events with `groups`, `reports` and `figures`, and these with `claims`. Locations and
        groups may come with the `names` that are known of them so far, and `names` may come once, before the events:
        what the method of that name gives, by record type. Events that show them need not be rendered a second time then.
        Last may come `end`: ids of events that stay as they stand though nothing is brought of them (`left_in_place`), of those that
        are no more (`gone`), and how many rows of its file were read (`rows_read`) and could not be taken (`rows_set_aside`).
        It is read once and never held as a whole; `connection` tells what is there already.
        """

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """What it calls `location` or `group` records, its own or another's, by id; asked after the records."""

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """How groups relate, by the id of the group that the relation starts from."""

    @property
    def is_complete(self) -> bool:
        """Whether what it does not bring is withdrawn."""

    @property
    def keeps_used(self) -> bool:
        """Whether what would be withdrawn stays while another dataset uses it; else the load is refused."""


class _Tried(Exception):  # It is no error: it ends a transaction that was meant to be undone.
    """A load was tried and is to be undone."""


def load(
    engine: Engine,
    source: LoadSource,
    progress: Progress,
    publish: Callable[[Connection], object] = lambda _connection: None,
    *,
    is_trial: bool = False,
) -> LoadResult:
    """What loading this dataset did, or, in a trial, would do. One transaction: any failure leaves the database as it was.

    `progress` is told what is being done and how many records more are done. `publish` is given the state that the load
    leaves behind before anyone else sees it. Errors: LoadRefused.
    """
    result = LoadResult()
    try:
        with suppress(_Tried), _without_garbage_collection(), engine.begin() as connection:
            _load(connection, source, result, _collecting_garbage(progress))
            if is_trial:
                raise _Tried
            if not result.changed_nothing:
                publish(connection)
    except IntegrityError as error:
        raise LoadRefused(f"the database refused what the load would leave behind: {error.orig}") from error
    return result


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Switches the collection of garbage off: records are trees, and walking them over and over takes a fifth of a load."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _collecting_garbage(progress: Progress) -> Progress:
    """The same progress, which also collects the newest garbage now and then: a statement of SQLAlchemy's is a cycle, and
    holds the ids that it asked for."""
    done = 0

    def report(what: str, count: int) -> None:
        nonlocal done
        done += count
        if done >= _RECORDS_BETWEEN_COLLECTIONS:
            done = 0
            gc.collect(generation=0)
        progress(what, count)

    return report


def _load(connection: Connection, source: LoadSource, result: LoadResult, progress: Progress) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    identity, code = source.dataset["id"], code_hash(__name__, type(source).__module__)
    found = releases.succession(
        connection, identity, source.release, is_whole=source.is_complete, takes_older=source.takes_older
    )
    # Asked once, since it may read a file, and records change while they are written.
    told = {"content_hash": source.content_hash, "code_hash": code}
    same = found.same()
    if same is not None and told.items() <= dict(same).items():
        result.note("dataset", "unchanged", identity)
        return
    before = connection.execute(select(table_of(Dataset)).where(Dataset.id == identity)).mappings().one_or_none()
    record_writer = RecordWriter(
        connection,
        identity,
        found.name,
        found.newer,
        at,
        result,
        History(connection, identity, at, is_first_load=before is None),
        is_first_load=before is None,
        is_complete=found.replaces_all,
        is_other_code=any(row["code_hash"] != code for row in found.existing),
    )
    SEEN.metadata.drop_all(connection)
    SEEN.metadata.create_all(connection)
    rerendering.begin(connection)
    forget_statistics(connection)
    if before is None:
        _insert_dataset(connection, source.dataset, told["content_hash"], at)
    _ingest(record_writer, source, progress)
    # Before what follows looks up rows that have just come: of a table that was small, SQLite reads the whole.
    refresh_statistics(connection)
    if before is not None:
        record_writer.touched |= update_levels(connection)
    period = {name: source.dataset.get(name) for name in ("first_date", "last_date")}
    releases.put_release(connection, identity, found, {**told, **period, "loaded_at": at})
    releases.relabel(connection, identity, found, _seen(EVENT_RECORD))
    if found.replaces_all and before is not None:
        _withdraw_unseen(connection, record_writer, keeps_used=source.keeps_used)
    elif found.replaced:
        _withdraw_replaced(record_writer, found.replaced)
    # After the withdrawals, so that what is gone is not said to have lost its names first.
    put_names(record_writer, LOCATION_RECORD, table_of(LocationName), source.names("location", connection))
    put_names(record_writer, GROUP_RECORD, table_of(GroupName), source.names("group", connection))
    put_relations(record_writer, source.relations())
    refuse_dangling(connection, identity, record_writer.removed)
    refuse_bad_nesting(connection, identity)
    if record_writer.is_other_code:
        rerendering.note_all_stale(connection, identity)
    rerendering.note_neighbours_stale(connection, record_writer)
    rerendering.render_stale(connection, record_writer, lambda count: progress("events rendered", count))
    releases.finish(connection, identity, found, record_writer.history)
    _update_dataset(record_writer, source, before)
    _check_expectation(connection, identity, source.expectation)
    progress("columns", 0)
    pieces.store(connection, sorted(record_writer.touched | {identity}))
    SEEN.metadata.drop_all(connection)
    counts = record_writer.history.finish()
    token = _bump_revision(connection, at)
    record_writer.history.write_load(token, found.name or None, counts)


def _ingest(record_writer: RecordWriter, source: LoadSource, progress: Progress) -> None:
    """Writes all records of the source, and frees what was cached meanwhile."""
    with closing(Renderer(record_writer)) as renderer:
        ingest = Ingest(record_writer, renderer, progress)
        end: Record = {}
        for record_type, record in source.records(record_writer.connection):
            if record_type == "names":
                ingest.name(record)
            elif record_type == "end":
                end = record
            else:
                ingest.take(record_type, record)
        ingest.finish()
    if end:
        dataset = table_of(Dataset)
        counts = {name: end[name] for name in ("rows_read", "rows_set_aside")}
        record_writer.connection.execute(update(dataset).where(dataset.c.id == record_writer.dataset_id).values(counts))
        leave_events_in_place(record_writer, end["left_in_place"])
        _withdraw_events(record_writer, end["gone"], "deleted by its publisher")
    gc.collect()


def _insert_dataset(connection: Connection, told: Record, content_hash: str, at: datetime) -> None:
    """Writes a new dataset, which its records refer to. Errors: LoadRefused."""
    if "title" not in told:
        raise LoadRefused(f"{told['id']} is not loaded, and this file only changes what is")
    hashes = {"content_hash": content_hash, "fingerprint": content_hash}
    connection.execute(insert(table_of(Dataset)).values({**told, **hashes, "loaded_at": at, "updated_at": at}))


def _update_dataset(record_writer: RecordWriter, source: LoadSource, before: RowMapping | None) -> None:
    """Writes what the dataset is now, by the releases that the load has left."""
    connection, table, at = record_writer.connection, table_of(Dataset), record_writer.at
    row = releases.described(connection, source.dataset)
    kept = {"loaded_at": at, "updated_at": at}
    if "content_hash" in row:
        kept["fingerprint"] = row["content_hash"]
    connection.execute(update(table).where(table.c.id == row["id"]).values({**row, **kept}))
    if before is None:
        record_writer.record_dataset("created")
        return
    fields = {name: [before[name], row[name]] for name in row if before[name] != row[name]}
    if fields:
        record_writer.record_dataset("updated", fields)


def _withdraw_unseen(connection: Connection, record_writer: RecordWriter, *, keeps_used: bool) -> None:
    """Withdraws the dataset's records that this load did not bring, dependants first.

    With `keeps_used`, those that another dataset uses stay until it does not; else the load is refused.
    """
    for record_type in (EVENT_RECORD, GROUP_RECORD, DOCUMENT_RECORD, LOCATION_RECORD):
        table = record_type.table
        unseen = (table.c.dataset_id == record_writer.dataset_id, table.c.id.not_in(_seen(record_type)))
        left = record_writer.left_in_place[record_type.name]
        gone = [
            identity
            for identity in connection.scalars(select(table.c.id).where(*unseen).order_by(table.c.id))
            if identity not in left
        ]
        if record_type is EVENT_RECORD:
            _withdraw_events(record_writer, gone, "no longer in its dataset")
            continue
        if keeps_used:
            record_writer.leave_in_place(record_type, used_by_others(connection, table, gone, record_writer.dataset_id))
            gone = [identity for identity in gone if identity not in left]
        record_writer.remove(record_type, gone, "no longer in its dataset")


def _withdraw_replaced(record_writer: RecordWriter, replaced: Collection[str]) -> None:
    """Withdraws the events that this load did not bring and that are of a release which it replaces, and what nothing uses
    any more then: other releases stay, and their documents, groups and places are not this one's to bring."""
    connection, event = record_writer.connection, EVENT_RECORD.table
    own = (event.c.dataset_id == record_writer.dataset_id, event.c.release.in_(replaced))
    unseen = select(event.c.id).where(*own, event.c.id.not_in(_seen(EVENT_RECORD))).order_by(event.c.id)
    left = record_writer.left_in_place[EVENT_RECORD.name]
    gone = [identity for identity in connection.scalars(unseen) if identity not in left]
    _withdraw_events(record_writer, gone, "no longer in its dataset")
    for record_type in (GROUP_RECORD, DOCUMENT_RECORD, LOCATION_RECORD) if gone else ():
        unused = unused_by_anyone(connection, record_type.table, record_writer.dataset_id, but_for=_seen(record_type))
        record_writer.remove(record_type, unused, "no longer in its dataset")


def _seen(record_type: RecordType) -> Select[Any]:
    """The ids of the records of a type that this load has brought."""
    return select(SEEN.c.id).where(SEEN.c.record_type == record_type.name)


def _withdraw_events(record_writer: RecordWriter, ids: Sequence[str], reason: str) -> None:
    """Withdraws events with their figures."""
    connection = record_writer.connection
    numbers = [row.number for row in record_writer.existing(EVENT_RECORD, ids).values()]
    for start in range(0, len(numbers), BATCH):
        figures = existing_figures(connection, numbers[start : start + BATCH], ())
        rerendering.note_wholes_stale(connection, {was.part_of for was in figures.values() if was.part_of})
        record_writer.remove(FIGURE_RECORD, sorted(figures), "its event was withdrawn")
    record_writer.remove(EVENT_RECORD, ids, reason)


def _check_expectation(connection: Connection, dataset_id: str, expectation: Expectation) -> None:
    for name, record_type in (("events", EVENT_RECORD), ("figures", FIGURE_RECORD)):
        least = getattr(expectation, name)
        found = connection.execute(
            select(func.count()).select_from(record_type.table).where(record_type.table.c.dataset_id == dataset_id)
        ).scalar_one()
        if found < least:
            raise LoadRefused(f"{dataset_id} would hold {found:,} {name}; at least {least:,} are expected")


def _bump_revision(connection: Connection, at: datetime) -> str:
    """Gives the data a new revision token, by which every cached answer is told from the next; returns it."""
    fresh = (connection.scalar(select(Revision.number)) or 0) + 1
    connection.execute(delete(Revision))
    # The number alone would repeat after the database is made anew, and caches outlive databases.
    token = f"{fresh}-{secrets.token_hex(4)}"
    connection.execute(insert(Revision).values(id=1, number=fresh, token=token, at=at))
    return token
