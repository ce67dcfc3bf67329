"""The load engine: a dataset's records go in, in one transaction; readers see the state before it until the commit.

It knows neither the files they come from (seeds does) nor any request. Loading the same twice changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Engine, MetaData, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api import derived
from api.db import Text
from api.history import BATCH, DOCUMENT, EVENT, FIGURE, GROUP, LOCATION, Account, Keeper, Kind, Record, table_of
from api.models import (
    LEVELS,
    Dataset,
    GroupName,
    GroupRelation,
    Location,
    LocationName,
    Revision,
)
from api.names import between_spaces, folded

log = logging.getLogger(__name__)

# The files whose content decides what renditions look like.
_SHAPING = ("declare.py", "shapes.py", "renditions.py", "contributions.py", "names.py")

_seen = Table(
    "seen_record",
    MetaData(),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)


class LoadRefused(Exception):
    """The load was given up; the database is as it was. The message says what was wrong and where."""


@dataclass(frozen=True)
class Expectation:
    """The least that a dataset must bring; with less, something went wrong on the way and nothing is published."""

    events: int = 0
    figures: int = 0


class Source(Protocol):
    """A dataset to load. Every record is a plain mapping with the columns of its table and its hanging rows.

    Ids are final. A record refers only to records of this or of earlier loaded datasets.
    """

    @property
    def dataset(self) -> Record:
        """The columns of the dataset, but for what the load itself knows."""

    @property
    def content_hash(self) -> str:
        """The hash of all that is loaded; the same hash again means that there is nothing to do."""

    @property
    def expectation(self) -> Expectation: ...

    def locations(self) -> Iterable[Record]:
        """Places of its own, parents first."""

    def documents(self) -> Iterable[Record]: ...

    def groups(self) -> Iterable[Record]:
        """Groups of its own, with `codes`."""

    def names(self, kind: str) -> Mapping[str, Sequence[Record]]:
        """Further names that it brings for `location` or `group` records, its own or another's, by id."""

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """How groups relate, by the id of the group that the relation starts from."""

    def events(self) -> Iterable[Record]:
        """Events with `groups`, `reports` and `figures`, and these with `claims`."""

    @property
    def is_complete(self) -> bool:
        """Whether what it does not bring is withdrawn."""


Progress = Callable[[str, int], None]


def load(engine: Engine, source: Source, progress: Progress) -> Account:
    """What loading this dataset did. One transaction: any failure leaves the database as it was.

    `progress` is told what is being done and how many records more are done. Errors: LoadRefused.
    """
    account = Account()
    try:
        with engine.begin() as connection:
            _load(connection, source, account, progress)
    except IntegrityError as error:
        raise LoadRefused(f"the database refused what the load would leave behind: {error.orig}") from error
    return account


def _load(connection: Connection, source: Source, account: Account, progress: Progress) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    identity = source.dataset["id"]
    standing = connection.execute(
        select(Dataset.content_hash, Dataset.rendered_with).where(Dataset.id == identity)
    ).one_or_none()
    if standing is not None and tuple(standing) == (source.content_hash, shaping()):
        account.note("dataset", "unchanged", identity)
        return
    keeper = Keeper(connection, identity, at, account, is_first_load=standing is None)
    _seen.metadata.drop_all(connection)
    _seen.metadata.create_all(connection)
    derived.begin(connection)
    _put_dataset(connection, keeper, source)
    _put_plain(keeper, LOCATION, _placed(connection, source.locations(), identity), progress)
    _put_plain(keeper, DOCUMENT, (_searched(row, identity) for row in source.documents()), progress)
    _put_plain(keeper, GROUP, ({**row, "dataset_id": identity} for row in source.groups()), progress)
    _put_names(keeper, LOCATION, table_of(LocationName), source.names("location"))
    _put_names(keeper, GROUP, table_of(GroupName), source.names("group"))
    _put_relations(keeper, source.relations())
    _put_events(connection, keeper, source.events(), progress)
    if source.is_complete:
        _withdraw_unseen(connection, keeper)
    derived.mark_nested_across(connection)
    if standing is not None and standing.rendered_with != shaping():
        derived.note_all_stale(connection, identity)
    derived.find_stale(connection, keeper)
    derived.render_stale(connection, keeper, lambda count: progress("events rendered", count))
    _check_expectation(connection, identity, source.expectation)
    _seen.metadata.drop_all(connection)
    _bump_revision(connection, at)


def shaping() -> str:
    """The hash of the code that decides what renditions look like."""
    folder = Path(__file__).parent
    content = b"".join((folder / name).read_bytes() for name in _SHAPING)
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _put_dataset(connection: Connection, keeper: Keeper, source: Source) -> None:
    table = table_of(Dataset)
    row = {
        **source.dataset,
        "loaded_at": keeper.at,
        "updated_at": keeper.at,
        "rendered_with": shaping(),
        "content_hash": source.content_hash,
        "fingerprint": source.content_hash,
    }
    before = connection.execute(select(table).where(table.c.id == row["id"])).mappings().one_or_none()
    if before is None:
        connection.execute(insert(table).values(row))
        keeper.remember("dataset", row["id"], "created")
        return
    connection.execute(update(table).where(table.c.id == row["id"]).values(row))
    fields = {name: [before[name], row[name]] for name in source.dataset if before[name] != row[name]}
    if before["content_hash"] != row["content_hash"]:
        fields["content_hash"] = [before["content_hash"], row["content_hash"]]
    if fields:
        keeper.remember("dataset", row["id"], "updated", fields=fields)


def _put_plain(keeper: Keeper, kind: Kind, records: Iterable[Record], progress: Progress) -> None:
    for batch in _batches(records):
        keeper.put(kind, batch)
        _see(keeper.connection, kind, [record["id"] for record in batch])
        progress(f"{kind.name}s", len(batch))


def _searched(document: Record, dataset_id: str) -> Record:
    """A document with the words that it is found by."""
    told = " ".join([document["title"] or "", document["outlet"], *document["agencies"]])
    return {**document, "dataset_id": dataset_id, "words": between_spaces(told)}


def _placed(connection: Connection, records: Iterable[Record], dataset_id: str) -> Iterator[Record]:
    """Locations with the level columns that follow from their parents."""
    known: dict[str, Record] = {}
    for record in records:
        parent = None if record["parent_id"] is None else _parent(connection, known, record["parent_id"])
        placed = {level: None for level in LEVELS} if parent is None else {level: parent[level] for level in LEVELS}
        if parent is not None and LEVELS.index(parent["level"]) >= LEVELS.index(record["level"]):
            raise LoadRefused(
                f"the {record['level']} '{record['id']}' cannot lie in a {parent['level']}, '{parent['id']}'"
            )
        placed[record["level"]] = record["id"]
        placed["country"] = record["country"]
        known[record["id"]] = {**record, **placed, "dataset_id": dataset_id}
        yield known[record["id"]]


def _parent(connection: Connection, known: Mapping[str, Record], identity: str) -> Mapping[str, Any]:
    if identity in known:
        return known[identity]
    table = table_of(Location)
    found = connection.execute(select(table).where(table.c.id == identity)).mappings().one_or_none()
    if found is None:
        raise LoadRefused(f"the parent '{identity}' of a location is neither loaded nor brought before it")
    return dict(found)


def _put_names(keeper: Keeper, kind: Kind, table: Table, brought: Mapping[str, Sequence[Record]]) -> None:
    """Makes the names that this dataset brings stand as given, for its own records and for others'."""
    owner = f"{kind.name}_id"
    wanted = {
        identity: [{**row, "folded": folded(row["name"]), "words": between_spaces(row["name"])} for row in rows]
        for identity, rows in brought.items()
        if rows
    }
    _put_attached(
        keeper,
        kind,
        _Attached("names", table, owner, ("rank", "name", "folded", "words", "language", "document_id")),
        wanted,
    )


def _put_relations(keeper: Keeper, brought: Mapping[str, Sequence[Record]]) -> None:
    columns = ("to_group_id", "type", "valid_from", "valid_to", "document_id", "spans")
    wanted = {identity: list(rows) for identity, rows in brought.items() if rows}
    _put_attached(keeper, GROUP, _Attached("relations", table_of(GroupRelation), "from_group_id", columns), wanted)


@dataclass(frozen=True)
class _Attached:
    """Rows that a dataset attaches to records which may be another dataset's."""

    key: str
    table: Table
    owner: str
    columns: tuple[str, ...]


def _put_attached(keeper: Keeper, kind: Kind, attached: _Attached, wanted: Mapping[str, list[Record]]) -> None:
    table, owner = attached.table, attached.table.c[attached.owner]
    standing: dict[str, list[Record]] = {}
    rows = keeper.connection.execute(
        select(table).where(table.c.dataset_id == keeper.dataset_id).order_by(owner, table.c.position)
    ).mappings()
    for row in rows:
        standing.setdefault(row[attached.owner], []).append({name: row[name] for name in attached.columns})
    fresh = []
    for identity in sorted(standing.keys() | wanted.keys()):
        before = standing.get(identity, [])
        after = [{name: row[name] for name in attached.columns} for row in wanted.get(identity, [])]
        if before == after:
            continue
        keeper.connection.execute(delete(table).where(owner == identity, table.c.dataset_id == keeper.dataset_id))
        fresh += [
            {**row, attached.owner: identity, "position": position, "dataset_id": keeper.dataset_id}
            for position, row in enumerate(after)
        ]
        keeper.attach(kind, identity, {attached.key: [before, after]})
    if fresh:
        keeper.connection.execute(insert(table), fresh)


def _put_events(connection: Connection, keeper: Keeper, records: Iterable[Record], progress: Progress) -> None:
    places: dict[str, Mapping[str, Any]] = {}
    for batch in _batches(records):
        _complete_events(connection, keeper, batch, places)
        figures = [figure for event in batch for figure in event["figures"]]
        written = keeper.put(EVENT, batch)
        standing = _figures_of(connection, [event["id"] for event in batch])
        changed = keeper.put(FIGURE, figures)
        gone = sorted(set(standing) - {figure["id"] for figure in figures})
        # Bounds of one figure decide what its neighbours add to totals, so these follow whenever one is written.
        touched = {event["id"] for event in written}
        touched |= {figure["event_id"] for figure in changed} | {standing[identity] for identity in gone}
        if not keeper.is_first_load:
            _recount(connection, [figure for figure in figures if figure["event_id"] in touched])
        keeper.remove(FIGURE, gone, "no longer in its dataset")
        derived.note_stale(connection, touched)
        _see(connection, EVENT, [event["id"] for event in batch])
        progress("events", len(batch))


def _complete_events(
    connection: Connection, keeper: Keeper, batch: Sequence[Record], places: dict[str, Mapping[str, Any]]
) -> None:
    """Adds to each event and figure what follows from it: its places, its week, what it adds to totals."""
    wanted = {record["location_id"] for event in batch for record in (event, *event["figures"])} - places.keys()
    table = table_of(Location)
    for start in range(0, len(wanted), BATCH):
        some = sorted(wanted)[start : start + BATCH]
        places.update(
            {row["id"]: row for row in connection.execute(select(table).where(table.c.id.in_(some))).mappings()}
        )
    missing = wanted - places.keys()
    if missing:
        raise LoadRefused(f"no such location: {', '.join(sorted(missing)[:5])}")
    for event in batch:
        for record in (event, *event["figures"]):
            record["dataset_id"] = keeper.dataset_id
            record["week"], record["last_week"] = iso_week(record["date_start"]), iso_week(record["date_end"])
            record.update(derived.place_columns(places[record["location_id"]]))
        for part in event["groups"]:
            part["date_start"] = event["date_start"]
        for position, figure in enumerate(event["figures"]):
            figure.update(event_id=event["id"], kind=event["kind"], type=event["type"], position=position)
            for claim in figure["claims"]:
                claim["event_id"] = event["id"]
        derived.contributions(event["figures"])


def _recount(connection: Connection, figures: Sequence[Record]) -> None:
    """Writes anew what these figures add to totals."""
    table = FIGURE.table
    names = ["is_nested_across", *(f"{way}_{bound}" for way in ("joint", "split") for bound in _BOUNDS)]
    for figure in figures:
        connection.execute(
            update(table).where(table.c.id == figure["id"]).values({name: figure[name] for name in names})
        )


_BOUNDS = ("low", "best", "high", "open")


def iso_week(day: date) -> str:
    """The ISO 8601 week of a day, `2023-W45`."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _figures_of(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The figures that stand under these events, each with its event."""
    table = FIGURE.table
    found = connection.execute(select(table.c.id, table.c.event_id).where(table.c.event_id.in_(ids)))
    return dict(found.all())


def _withdraw_unseen(connection: Connection, keeper: Keeper) -> None:
    """Withdraws the dataset's records that this load did not bring, dependants first."""
    for kind in (EVENT, GROUP, DOCUMENT, LOCATION):
        table = kind.table
        seen = select(_seen.c.id).where(_seen.c.kind == kind.name)
        gone = list(
            connection.scalars(
                select(table.c.id)
                .where(table.c.dataset_id == keeper.dataset_id, table.c.id.not_in(seen))
                .order_by(table.c.id)
            )
        )
        if kind is EVENT and gone:
            for start in range(0, len(gone), BATCH):
                figures = sorted(_figures_of(connection, gone[start : start + BATCH]))
                keeper.remove(FIGURE, figures, "its event was withdrawn")
        keeper.remove(kind, gone, "no longer in its dataset")


def _check_expectation(connection: Connection, dataset_id: str, expectation: Expectation) -> None:
    for name, kind in (("events", EVENT), ("figures", FIGURE)):
        least = getattr(expectation, name)
        found = connection.execute(
            select(func.count()).select_from(kind.table).where(kind.table.c.dataset_id == dataset_id)
        ).scalar_one()
        if found < least:
            raise LoadRefused(f"{dataset_id} would hold {found:,} {name}; at least {least:,} are expected")


def _bump_revision(connection: Connection, at: datetime) -> None:
    """Gives the data a new revision token, by which every cached answer is told from the next."""
    number = connection.execute(select(func.max(Revision.number))).scalar_one()
    connection.execute(delete(Revision))
    fresh = 1 if number is None else number + 1
    # The number alone would repeat after the database is made anew, and caches outlive databases.
    token = f"{fresh}-{secrets.token_hex(4)}"
    connection.execute(insert(Revision).values(id=1, number=fresh, token=token, at=at))


def _see(connection: Connection, kind: Kind, ids: Collection[str]) -> None:
    if ids:
        connection.execute(insert(_seen), [{"kind": kind.name, "id": identity} for identity in ids])


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
