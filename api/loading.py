"""The load engine: a dataset's records go in, in one transaction; readers see the state before it until the commit.

It knows neither the files they come from (seeds does) nor any request. Loading the same twice changes nothing.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Column, Connection, Engine, MetaData, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api import derived
from api.attached import add_names, put_names, put_relations
from api.bulk import insert_many
from api.db import Text, refresh_statistics
from api.gathering import Surroundings
from api.history import (
    BATCH,
    DOCUMENT,
    EVENT,
    FIGURE,
    GROUP,
    LOCATION,
    Account,
    BroughtTwice,
    Keeper,
    Kind,
    Record,
    table_of,
)
from api.loose_ends import LoadRefused, refuse_bad_nesting, refuse_dangling
from api.models import Dataset, GroupName, Location, LocationName, Revision
from api.names import between_spaces
from api.placing import place_again, place_columns, placed
from api.set_aside import SetAside

log = logging.getLogger(__name__)

# The files whose content decides what renditions look like.
_SHAPING = ("declare.py", "shapes.py", "renditions.py", "gathering.py", "contributions.py", "names.py")

_seen = Table(
    "seen_record",
    MetaData(),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)


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

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """`location`, `document`, `group` and `event` records, each before anything that refers to it.

        Groups come with `codes`; events with `groups`, `reports` and `figures`, and these with `claims`. Locations and
        groups may come with the `names` that are known of them so far: then events that show them need not be rendered
        a second time. It is read once and never held as a whole; `connection` tells what is there already.
        """

    def names(self, kind: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """What it calls `location` or `group` records, its own or another's, by id; asked after the records."""

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """How groups relate, by the id of the group that the relation starts from."""

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
        with _uncollected(), engine.begin() as connection:
            _load(connection, source, account, progress)
    except IntegrityError as error:
        raise LoadRefused(f"the database refused what the load would leave behind: {error.orig}") from error
    return account


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: records are trees, and walking them over and over takes a fifth of a load."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
    arrivals = _Arrivals(keeper, progress)
    for kind, record in source.records(connection):
        arrivals.take(kind, record)
    arrivals.finish()
    if standing is not None:
        place_again(connection)
    if source.is_complete and standing is not None:
        _withdraw_unseen(connection, keeper)
    # After the withdrawals, so that what is gone is not said to have lost its names first.
    put_names(keeper, LOCATION, table_of(LocationName), source.names("location", connection))
    put_names(keeper, GROUP, table_of(GroupName), source.names("group", connection))
    put_relations(keeper, source.relations())
    refuse_dangling(connection)
    refuse_bad_nesting(connection)
    derived.mark_nested_across(connection)
    if standing is not None and standing.rendered_with != shaping():
        derived.note_all_stale(connection, identity)
    derived.find_stale(connection, keeper)
    derived.render_stale(connection, keeper, lambda count: progress("events rendered", count))
    _check_expectation(connection, identity, source.expectation)
    _seen.metadata.drop_all(connection)
    refresh_statistics(connection)
    _bump_revision(connection, at, keeper.longest_days)


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


def _searched(document: Record, dataset_id: str) -> Record:
    """A document with the words that it is found by."""
    told = " ".join([document["title"] or "", document["outlet"], *document["agencies"]])
    return {**document, "dataset_id": dataset_id, "words": between_spaces(told)}


# What is written before what, where several kinds of records wait.
_ORDER = {kind.name: kind for kind in (LOCATION, DOCUMENT, GROUP, EVENT)}


class _Arrivals:
    """Records on their way in: they wait until there is a batch of one kind, and what they may refer to goes first."""

    def __init__(self, keeper: Keeper, progress: Progress) -> None:
        self.keeper = keeper
        self.progress = progress
        self.waiting: dict[str, list[Record]] = {name: [] for name in _ORDER}
        self.placed: dict[str, Record] = {}
        self.events = _Events(keeper)

    def take(self, kind: str, record: Record) -> None:
        """Takes one record in."""
        listed = self.waiting[kind]
        listed.append(record)
        if len(listed) == BATCH:
            self._write(up_to=kind)

    def finish(self) -> None:
        """Writes what still waits."""
        self._write(up_to=EVENT.name)
        self.events.finish()

    def _write(self, up_to: str) -> None:
        for name, kind in _ORDER.items():
            listed, self.waiting[name] = self.waiting[name], []
            if listed:
                self._put(kind, listed)
                self.progress(f"{name}s", len(listed))
            if name == up_to:
                return

    def _put(self, kind: Kind, records: list[Record]) -> None:
        keeper = self.keeper
        _see(keeper, kind, [record["id"] for record in records])
        if kind is EVENT:
            self.events.put(records)
        elif kind is LOCATION:
            found = keeper.put(kind, list(placed(keeper.connection, records, keeper.dataset_id, self.placed)))
            add_names(keeper, kind, table_of(LocationName), found.created)
        elif kind is DOCUMENT:
            keeper.put(kind, [_searched(record, keeper.dataset_id) for record in records])
        else:
            found = keeper.put(kind, [{**record, "dataset_id": keeper.dataset_id} for record in records])
            add_names(keeper, kind, table_of(GroupName), found.created)


class _Events:
    """Events on their way in, with their figures."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.places: dict[str, Mapping[str, Any]] = {}
        self.surroundings = Surroundings(keeper.connection)
        self.set_aside = SetAside(keeper.connection)
        # Figures that their event no longer brings. A later event may still bring them as its own.
        self.gone: set[str] = set()
        # Events that a figure was taken from before their own turn came.
        self.robbed: set[str] = set()
        # Figures that something in another event is part of; they may come later than their parts.
        self.wholes: set[str] = set()

    def put(self, batch: list[Record]) -> None:
        """Makes these events and their figures stand as given."""
        keeper, connection = self.keeper, self.keeper.connection
        _complete_events(connection, keeper, batch, self.places)
        figures = [figure for event in batch for figure in event["figures"]]
        _see(keeper, FIGURE, [figure["id"] for figure in figures])
        events, brought = {event["id"] for event in batch}, {figure["id"] for figure in figures}
        written = keeper.put(EVENT, batch)
        self.set_aside.count(len(written.created))
        standing = {} if keeper.is_first_load else _standing_figures(connection, sorted(events), sorted(brought))
        changed = keeper.put(FIGURE, figures)
        missing = {identity for identity, was in standing.items() if was.event_id in events} - brought
        self.gone = (self.gone | missing) - brought
        # Bounds of one figure decide what its neighbours add to totals, so these follow whenever one is written.
        left = [standing[identity] for identity in missing | changed.ids() & standing.keys()]
        touched = written.ids() | {figure["event_id"] for listed in changed for figure in listed}
        self.robbed |= {was.event_id for was in left}
        touched |= self.robbed & events
        touched |= {
            figure["event_id"]
            for figure in figures
            if figure["id"] in standing and standing[figure["id"]].position != figure["position"]
        }
        if not keeper.is_first_load:
            _recount(connection, [figure for figure in figures if figure["event_id"] in touched])
        self.wholes |= {
            figure["part_of"] for figure in figures if figure["is_nested_across"] and figure["part_of"] is not None
        } - brought
        at_hand = [event for event in written.created if _is_at_hand(event, standing)]
        derived.render_at_hand(keeper, at_hand, self.surroundings)
        touched -= {event["id"] for event in at_hand}
        derived.note_stale(connection, touched | {was.event_id for was in left})
        derived.note_wholes_stale(connection, {was.part_of for was in left if was.part_of is not None})

    def finish(self) -> None:
        """Withdraws the figures that no event brought any more, when every index is in place again."""
        self.set_aside.put_back()
        self.keeper.remove(FIGURE, sorted(self.gone), "no longer in its dataset")
        derived.note_wholes_stale(self.keeper.connection, self.wholes)


def _is_at_hand(event: Record, standing: Mapping[str, _Standing]) -> bool:
    """Whether all that a new event shows is known: it shows its episode's title, and a figure's bytes may stand."""
    return event["part_of"] is None and not any(figure["id"] in standing for figure in event["figures"])


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
    for event in batch:
        for kind, record in ((EVENT, event), *((FIGURE, figure) for figure in event["figures"])):
            if record["location_id"] not in places:
                raise LoadRefused(
                    f"there is no location '{record['location_id']}' for the {kind.name} '{record['id']}'"
                )
            record["dataset_id"] = keeper.dataset_id
            keeper.longest_days = max(keeper.longest_days, (record["date_end"] - record["date_start"]).days)
            record["week"], record["last_week"] = iso_week(record["date_start"]), iso_week(record["date_end"])
            record.update(place_columns(places[record["location_id"]]))
        for part in event["groups"]:
            part.update(date_start=event["date_start"], kind=event["kind"])
        for position, figure in enumerate(event["figures"]):
            figure.update(event_id=event["id"], kind=event["kind"], type=event["type"], position=position)
            for claim in figure["claims"]:
                claim["event_id"] = event["id"]
        derived.contributions(event["figures"])


def _recount(connection: Connection, figures: Sequence[Record]) -> None:
    """Writes anew what these figures add to totals, and their place among their event's figures."""
    table = FIGURE.table
    names = ["position", "is_nested_across", *(f"{way}_{bound}" for way in ("joint", "split") for bound in _BOUNDS)]
    statement = (
        update(table).where(table.c.id == bindparam("id_")).values({name: bindparam(f"{name}_") for name in names})
    )
    if figures:
        connection.execute(statement, [{f"{name}_": figure[name] for name in ("id", *names)} for figure in figures])


_BOUNDS = ("low", "best", "high", "open")


def iso_week(day: date) -> str:
    """The ISO 8601 week of a day, `2023-W45`."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


class _Standing(NamedTuple):
    """A figure as it stood before the load came to it: under which event, in which place there, in which whole."""

    event_id: str
    position: int
    part_of: str | None


def _standing_figures(connection: Connection, events: Sequence[str], figures: Sequence[str]) -> dict[str, _Standing]:
    """The figures that stand under these events, and these figures wherever they stand."""
    table = FIGURE.table
    found: dict[str, _Standing] = {}
    for column, ids in ((table.c.event_id, events), (table.c.id, figures)):
        for start in range(0, len(ids), BATCH):
            some = column.in_(ids[start : start + BATCH])
            rows = connection.execute(
                select(table.c.id, table.c.event_id, table.c.position, table.c.part_of).where(some)
            )
            found |= {row.id: _Standing(row.event_id, row.position, row.part_of) for row in rows}
    return found


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
                figures = _standing_figures(connection, gone[start : start + BATCH], ())
                derived.note_wholes_stale(connection, {was.part_of for was in figures.values() if was.part_of})
                keeper.remove(FIGURE, sorted(figures), "its event was withdrawn")
        keeper.remove(kind, gone, "no longer in its dataset")


def _check_expectation(connection: Connection, dataset_id: str, expectation: Expectation) -> None:
    for name, kind in (("events", EVENT), ("figures", FIGURE)):
        least = getattr(expectation, name)
        found = connection.execute(
            select(func.count()).select_from(kind.table).where(kind.table.c.dataset_id == dataset_id)
        ).scalar_one()
        if found < least:
            raise LoadRefused(f"{dataset_id} would hold {found:,} {name}; at least {least:,} are expected")


def _bump_revision(connection: Connection, at: datetime, longest_days: int) -> None:
    """Gives the data a new revision token, by which every cached answer is told from the next."""
    standing = connection.execute(select(Revision.number, Revision.longest_days)).one_or_none()
    connection.execute(delete(Revision))
    fresh, longest = 1, longest_days
    if standing is not None:
        fresh, longest = standing.number + 1, max(standing.longest_days, longest_days)
    # The number alone would repeat after the database is made anew, and caches outlive databases.
    token = f"{fresh}-{secrets.token_hex(4)}"
    row = {"id": 1, "number": fresh, "token": token, "longest_days": longest, "at": at}
    for kind in (EVENT, FIGURE):
        row[f"{kind.name}s"] = connection.execute(select(func.count()).select_from(kind.table)).scalar_one()
    connection.execute(insert(Revision).values(row))


def _see(keeper: Keeper, kind: Kind, ids: Sequence[str]) -> None:
    """Remembers that this load brings these records. Errors: BroughtTwice.

    In a first load whatever stands was brought by it, so there is nothing to remember (see Keeper.put).
    """
    twice = {identity for identity, times in Counter(ids).items() if times > 1}
    if not keeper.is_first_load:
        for start in range(0, len(ids), BATCH):
            some = _seen.c.id.in_(ids[start : start + BATCH])
            twice.update(keeper.connection.scalars(select(_seen.c.id).where(_seen.c.kind == kind.name, some)))
    if twice:
        raise BroughtTwice(kind.name, twice)
    if not keeper.is_first_load:
        insert_many(keeper.connection, _seen, [{"kind": kind.name, "id": identity} for identity in ids])
