"""Loads a dataset in one transaction; readers see the state before it until the commit.

Loading the same twice changes nothing.
"""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.columns import pieces
from api.load import releases, rerendering
from api.load.history import History
from api.load.ingest import BROUGHT, Ingest, Progress
from api.load.integrity import refuse_bad_nesting, refuse_dangling
from api.load.left_in_place import leave_events_in_place
from api.load.location_levels import update_levels
from api.load.names_and_relations import put_names, put_relations
from api.load.new_events import NewEventWriter
from api.load.record_writer import RecordWriter
from api.load.result import LEFT_TO_NEWER_RELEASE, LoadResult
from api.load.source import Expectation, LoadRefused, LoadSource
from api.load.terms import USUAL, Terms
from api.load.withdrawals import ids_brought, withdraw_events, withdraw_not_brought, withdraw_replaced
from api.store.code_hash import code_hash
from api.store.models import Dataset, GroupName, LocationName, Revision
from api.store.record_types import EVENT_RECORD, FIGURE_RECORD, GROUP_RECORD, LOCATION_RECORD, Record, table_of
from api.store.statistics import forget_statistics, refresh_statistics

# How many records pass between two collections of garbage.
_RECORDS_BETWEEN_COLLECTIONS = 10_000


class _TrialEnds(Exception):  # It is no error: it ends a transaction that was meant to be undone.
    """A load was tried and is to be undone."""


def load(
    engine: Engine,
    source: LoadSource,
    progress: Progress,
    before_commit: Callable[[Connection], object] = lambda _connection: None,
    *,
    is_trial: bool = False,
    terms: Terms = USUAL,
) -> LoadResult:
    """What loading this dataset did, or, in a trial, would do. One transaction: any failure leaves the database as it was.

    `progress` is told what is being done and how many records more are done. `before_commit` is
    called with what the load leaves behind, in its transaction, before it commits; not in a trial, nor where nothing
    changed. Errors: LoadRefused.
    """
    result = LoadResult()
    try:
        with suppress(_TrialEnds), _without_garbage_collection(), engine.begin() as connection:
            _load(connection, source, result, _collecting_garbage(progress), terms)
            if is_trial:
                raise _TrialEnds
            if not result.changed_nothing:
                before_commit(connection)
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


def _load(connection: Connection, source: LoadSource, result: LoadResult, progress: Progress, terms: Terms) -> None:
    """Loads the source on a connection in a transaction; nothing where it is loaded already, by the same code."""
    at = (terms.at or datetime.now(UTC)).replace(microsecond=0)
    identity, code = source.dataset["id"], code_hash(__name__, type(source).__module__)
    found = releases.succession(
        connection, identity, source.release, is_whole=source.is_whole, takes_older=source.takes_older
    )
    result.remark = found.remark
    # Asked once, since it may read a file, and records change while they are written.
    hashes = {"content_hash": source.content_hash, "code_hash": code}
    if found.is_loaded(hashes):
        result.note("dataset", "unchanged", identity)
        return
    before = connection.execute(select(table_of(Dataset)).where(Dataset.id == identity)).mappings().one_or_none()
    history = History(connection, identity, at, terms.most_lines, is_first_load=before is None)
    record_writer = RecordWriter(
        connection,
        identity,
        found.name,
        found.newer,
        at,
        result,
        history,
        is_first_load=before is None,
        replaces_all=found.replaces_all,
        is_other_code=any(row["code_hash"] != code for row in found.existing),
        terms=terms,
    )
    BROUGHT.metadata.drop_all(connection)
    BROUGHT.metadata.create_all(connection)
    rerendering.create_stale_table(connection)
    forget_statistics(connection)
    if before is None:
        _insert_dataset(connection, source.dataset, hashes["content_hash"], at)
    _ingest(record_writer, source, progress)
    # Before what follows looks up rows that have just come: of a table that was small, SQLite reads the whole.
    refresh_statistics(connection)
    if before is not None:
        record_writer.changed_datasets |= update_levels(connection)
    period = {name: source.dataset.get(name) for name in ("first_date", "last_date")}
    told = {**hashes, **period, "loaded_at": at, "is_intact": not result.counted("event", LEFT_TO_NEWER_RELEASE)}
    releases.put_release(connection, identity, found, told)
    releases.set_release_of_events(connection, identity, found, ids_brought(EVENT_RECORD))
    _withdraw(record_writer, found, source)
    _attach_names_and_relations(record_writer, source)
    refuse_dangling(connection, identity, record_writer.removed)
    refuse_bad_nesting(connection, identity)
    _render_again(record_writer, progress)
    releases.finish(connection, identity, found, history)
    result.remark = found.remark or releases.told_elsewhere(connection, identity, found, result)
    _update_dataset(record_writer, source, before)
    _check_expectation(connection, identity, source.expectation)
    progress("columns", 0)
    pieces.store_pieces(connection, sorted(record_writer.changed_datasets | {identity}))
    BROUGHT.metadata.drop_all(connection)
    counts = history.finish()
    history.write_load(_bump_revision(connection, at), found.name or None, counts)


def _withdraw(record_writer: RecordWriter, found: releases.Succession, source: LoadSource) -> None:
    """Withdraws what the release takes the place of and does not bring."""
    if found.replaces_all and not record_writer.is_first_load:
        withdraw_not_brought(record_writer, keeps_used=source.keeps_used)
    elif found.replaced:
        withdraw_replaced(record_writer, found.replaced)


def _attach_names_and_relations(record_writer: RecordWriter, source: LoadSource) -> None:
    """Writes what the source calls places and groups, and how groups relate; after the withdrawals, so that what is gone is
    not said to have lost its names first."""
    connection = record_writer.connection
    put_names(record_writer, LOCATION_RECORD, table_of(LocationName), source.names("location", connection))
    put_names(record_writer, GROUP_RECORD, table_of(GroupName), source.names("group", connection))
    put_relations(record_writer, source.relations())


def _render_again(record_writer: RecordWriter, progress: Progress) -> None:
    """Renders the stored events again that show something that changed; all of the dataset where other code loaded it."""
    connection = record_writer.connection
    if record_writer.is_other_code:
        rerendering.note_all_stale(connection, record_writer.dataset_id)
    rerendering.note_dependents_stale(connection, record_writer)
    rerendering.render_stale(connection, record_writer, lambda count: progress("events rendered", count))


def _ingest(record_writer: RecordWriter, source: LoadSource, progress: Progress) -> None:
    """Writes all records of the source, and frees what was cached meanwhile."""
    with closing(NewEventWriter(record_writer)) as new_event_writer:
        ingest = Ingest(record_writer, new_event_writer, progress)
        end: Record = {}
        read = 0
        for record_type, record in source.records(record_writer.connection):
            read += 1
            if record_type == "names":
                ingest.put_names(record)
            elif record_type == "end":
                end = record
            else:
                ingest.take(record_type, record)
        ingest.finish()
    if end:
        dataset = table_of(Dataset)
        counts = {name: end[name] for name in ("rows_read", "rows_set_aside")}
        record_writer.connection.execute(update(dataset).where(dataset.c.id == record_writer.dataset_id).values(counts))
        record_writer.refuse_withdrawing = end["refuse_withdrawing"]
        leave_events_in_place(record_writer, end["left_in_place"])
        withdraw_events(record_writer, end["gone"], "deleted by its publisher")
    # After few records there is little to free, and to look for it would take a tenth of the load.
    if read > _RECORDS_BETWEEN_COLLECTIONS:
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
    row = releases.dataset_columns(connection, source.dataset)
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
