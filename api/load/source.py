"""What a load takes: a dataset as a source of records, a source that brings none of them, and the error of a load that
is given up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from api.domain.releases import Release
from api.store.record_types import Record


class LoadRefused(Exception):
    """The load was given up; the database is as it was. The message says what was wrong and where."""


@dataclass(frozen=True)
class Expectation:
    """The least that a dataset must bring; with less, something went wrong on the way and nothing is committed."""

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
        are no more (`gone`), how many rows of its file were read (`rows_read`) and could not be taken (`rows_set_aside`), and
        what raises LoadRefused where as many events would be withdrawn as it is given, or null (`refuse_withdrawing`).
        It is read once and never held as a whole; `connection` tells what is there already.
        """

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """What it calls `location` or `group` records, its own or another's, by id; asked after the records."""

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """How groups relate, by the id of the group that the relation starts from."""

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole release and no part of one: what it takes the place of and does not bring is withdrawn."""

    @property
    def keeps_used(self) -> bool:
        """Whether what would be withdrawn stays while another dataset uses it; else the load is refused."""


class EmptySource:
    """A source that brings nothing; those that derive from it say what they bring instead, kind by kind."""

    is_whole = True
    keeps_used = False
    takes_older = False
    expectation = Expectation()

    @property
    def release(self: LoadSource) -> Release | None:
        """Its release, which takes the place of whatever is there."""
        return Release(self.dataset["release"])

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Everything it brings, kind by kind."""
        del connection
        listed = {"location": self.locations, "document": self.documents, "group": self.groups, "event": self.events}
        return ((kind, record) for kind, records in listed.items() for record in records())

    def locations(self) -> Iterable[Record]:
        return ()

    def documents(self) -> Iterable[Record]:
        return ()

    def groups(self) -> Iterable[Record]:
        return ()

    def events(self) -> Iterable[Record]:
        return ()

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        del record_type, connection
        return {}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return {}
