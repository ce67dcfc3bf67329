"""Works out what becomes of the releases that a dataset is made of when another is loaded, and writes what is then there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, func, insert, select, update

from api.domain.releases import Release, named
from api.load.history import History, IndirectChange
from api.load.result import LoadResult
from api.load.source import LoadRefused
from api.store.models import Event, EventRendition
from api.store.models import Release as ReleaseRow
from api.store.record_types import Record, table_of
from api.store.related_rows import releases_of

_TABLE = table_of(ReleaseRow)
# Events whose lines of history are written together.
BATCH = 500


class OlderRelease(LoadRefused):
    """A release that a newer one took the place of already."""

    def __init__(self, release: Release, newer: Release) -> None:
        remedy = "--older takes it nevertheless"
        if release.is_of_living_data:
            remedy = "--part adds what it holds, as of another country, and --older takes it in place of the newer"
        super().__init__(
            f"release {release.name} is older than {newer.name}, which is loaded and tells of all its days. {remedy}"
        )


@dataclass(frozen=True)
class Succession:
    """What becomes of the releases that a dataset is made of when another is loaded.

    `replaced` are those whose events are withdrawn where the new one lacks them, and `newer` those whose events it leaves as
    they are. `undated` are those of `replaced` of which nothing tells whether they are newer.
    """

    # Null of what is no release, and only changes what is there.
    release: Release | None
    is_whole: bool
    existing: Sequence[RowMapping]
    replaced: frozenset[str]
    newer: frozenset[str]
    undated: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What the release is called; empty where it is none."""
        return "" if self.release is None else self.release.name

    @property
    def replaces_all(self) -> bool:
        """Whether nothing of the dataset stays that this release does not bring."""
        return self.is_whole and len(self.replaced) == len(self.existing)

    @property
    def events_replaced(self) -> int:
        """How many events stand of what it replaces."""
        return sum(row["events"] for row in self.existing if row["name"] in self.replaced)

    @property
    def remark(self) -> str | None:
        """What whoever loads it should know of it; null of nearly all."""
        if not self.undated:
            return None
        others = ", ".join(sorted(self.undated))
        return (
            f"nothing tells whether {self.name} is older than {others}, whose place it takes:"
            " --release names it as its publisher does"
        )

    @property
    def others(self) -> list[str]:
        """The names of all others that stand."""
        return [row["name"] for row in self.existing if row["name"] != self.name]

    def events_of(self, name: str) -> int:
        """How many events stood of this release."""
        return sum(row["events"] for row in self.existing if row["name"] == name)

    def same(self) -> RowMapping | None:
        """The release of that name as it stands."""
        return next((row for row in self.existing if row["name"] == self.name), None)

    def is_loaded(self, hashes: Record) -> bool:
        """Whether the file with these hashes is loaded and nothing of it is lacking, so that there is nothing to do."""
        row = self.same()
        return row is not None and row["is_intact"] and hashes.items() <= dict(row).items()


def succession(
    connection: Connection, dataset_id: str, release: Release | None, *, is_whole: bool, takes_older: bool
) -> Succession:
    """What this release does to those that stand. Errors: OlderRelease, unless it is said to be meant."""
    existing = releases_of(connection, [dataset_id])
    if release is None:
        every = frozenset(row["name"] for row in existing) if is_whole else frozenset()
        return Succession(None, is_whole, existing, every, frozenset())
    replaced, newer, undated = set(), set(), set()
    for row in existing:
        other = _release(row)
        is_older = other.supersedes(release) and not release.supersedes(other)
        # A copy of a living database is dated by what is in it, and one of another country may well be older.
        if is_older and row["is_whole"] and not takes_older and (is_whole or not release.is_of_living_data):
            raise OlderRelease(release, other)
        if is_whole and release.sort_key is None and other.sort_key is not None and other.name != release.name:
            undated.add(other.name)
        if is_whole and (release.supersedes(other) or (is_older and takes_older)):
            replaced.add(other.name)
        elif other.is_newer_than(release) and not takes_older:
            newer.add(other.name)
    return Succession(release, is_whole, existing, frozenset(replaced), frozenset(newer), frozenset(undated))


def _release(row: RowMapping) -> Release:
    return Release(row["name"], row["sort_key"], row["first_told"], row["last_told"], row["basis"])


def put_release(connection: Connection, dataset_id: str, found: Succession, told: Record) -> None:
    """Writes the release; `told` are its period, its hashes, when it was loaded, and whether all its events came. Of those that it replaces, parts may stay:
    the events of rows that could not be read."""
    own = _TABLE.c.dataset_id == dataset_id
    connection.execute(update(_TABLE).where(own, _TABLE.c.name.in_(found.replaced)).values(is_whole=False))
    if found.release is None:
        return
    row = {
        "dataset_id": dataset_id,
        "name": found.release.name,
        "sort_key": found.release.sort_key,
        "first_told": found.release.first_told,
        "last_told": found.release.last_told,
        "basis": found.release.basis,
        "is_whole": found.is_whole,
        "events": 0,
        **told,
    }
    before = found.same()
    if before is not None and not found.is_whole:
        row["is_whole"] = before["is_whole"]
        row["is_intact"] = before["is_intact"] and told["is_intact"]
        for name, outermost in (("first_date", min), ("last_date", max)):
            row[name] = outermost(filter(None, (before[name], row[name])), default=None)
    connection.execute(delete(_TABLE).where(own, _TABLE.c.name == found.release.name))
    connection.execute(insert(_TABLE).values(row))


def set_release_of_events(connection: Connection, dataset_id: str, found: Succession, brought: Any) -> None:
    """Says of the events that this load brought, which `brought` selects by their ids, that they are of its release."""
    if found.release is not None and found.others:
        table = table_of(Event)
        own = (table.c.dataset_id == dataset_id, table.c.release.in_(found.others))
        connection.execute(update(table).where(*own, table.c.id.in_(brought)).values(release=found.name))


def finish(connection: Connection, dataset_id: str, found: Succession, history: History) -> None:
    """Counts what each release has, drops those that nothing is left of, and tells served events their release."""
    event, rendition = table_of(Event), table_of(EventRendition)
    if found.others:
        own = select(event.c.number).where(event.c.dataset_id == dataset_id, event.c.release == found.name)
        stale = (rendition.c.number.in_(own), rendition.c.release != found.name)
        named = (
            select(event.c.id, rendition.c.release).join(rendition, rendition.c.number == event.c.number).where(*stale)
        )
        for rows in connection.execute(named.order_by(event.c.number)).partitions(BATCH):
            history.write_indirect(
                "event",
                [
                    IndirectChange(row.id, dataset_id, ("release",), {"release": [row.release, found.name]})
                    for row in rows
                ],
            )
        connection.execute(update(rendition).where(*stale).values(release=found.name))
    counted = select(event.c.release, func.count()).where(event.c.dataset_id == dataset_id).group_by(event.c.release)
    counts: dict[str, int] = dict(connection.execute(counted).all())
    own_row = _TABLE.c.dataset_id == dataset_id
    for name, count in counts.items():
        connection.execute(update(_TABLE).where(own_row, _TABLE.c.name == name).values(events=count))
    lacking = [name for name in found.others if counts.get(name, 0) < found.events_of(name)]
    if found.release is not None:
        connection.execute(update(_TABLE).where(own_row, _TABLE.c.name.in_(lacking)).values(is_intact=False))
    empty = and_(own_row, _TABLE.c.name.not_in([*counts, found.name]))
    connection.execute(delete(_TABLE).where(empty))


def told_elsewhere(connection: Connection, dataset_id: str, found: Succession, result: LoadResult) -> str | None:
    """The remark that another release may lack events which are withdrawn now as another told them; null where none does."""
    if found.release is None or not result.counted("event", "withdrawn"):
        return None
    rows = releases_of(connection, [dataset_id])
    names = [row["name"] for row in rows if row["is_whole"] and not row["is_intact"] and row["name"] != found.name]
    if not names:
        return None
    return (
        f"events that were withdrawn may also stand in {', '.join(names)}, which had some that a newer release told in its "
        f"place: import {'its file' if len(names) == 1 else 'their files'} again"
    )


def dataset_columns(connection: Connection, dataset: Record) -> Record:
    """A dataset's own columns with what follows from its releases: their names, in its words too, their period and hash."""
    rows = releases_of(connection, [dataset["id"]])
    if not rows:
        return dataset
    release, hashes = named([row["name"] for row in rows]), [row["content_hash"] for row in rows]
    words = {name: dataset[name].replace("{release}", release) for name in _IN_WORDS if dataset.get(name) is not None}
    return {
        **dataset,
        **words,
        "release": release,
        "first_date": min((row["first_date"] for row in rows if row["first_date"] is not None), default=None),
        "last_date": max((row["last_date"] for row in rows if row["last_date"] is not None), default=None),
        "content_hash": hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
    }


# Columns in whose words the release is named.
_IN_WORDS = ("description", "citation")
