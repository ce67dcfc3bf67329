"""What an importer brings from a file, read against a database and not loaded: for tests of how rows are mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.record_types import Record


class Importer(Protocol):
    """As much of a source as is asked here."""

    @property
    def dataset(self) -> Record: ...

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]: ...

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]: ...


@dataclass
class Brought:
    """Every record that an importer brought, by kind and id, and the names of its places and groups."""

    dataset: Record
    locations: dict[str, Record] = field(default_factory=dict)
    documents: dict[str, Record] = field(default_factory=dict)
    groups: dict[str, Record] = field(default_factory=dict)
    events: dict[str, Record] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def event(self) -> Record:
        """The only event."""
        (event,) = self.events.values()
        return event

    @property
    def figure(self) -> Record:
        """The only figure of the only event."""
        (figure,) = self.event["figures"]
        assert isinstance(figure, dict)
        return figure


def brought(address: str, importer: Importer) -> Brought:
    """What an importer brings into the database at this address, which stays as it is. Each id comes once."""
    engine = connect_for_loading(Settings(database_url=address))
    found = Brought(importer.dataset)
    with engine.connect() as connection:
        for kind, record in importer.records(connection):
            if kind in ("names", "end"):
                # The same that are told at the end, as far as they are known so early.
                continue
            records = getattr(found, f"{kind}s")
            assert record["id"] not in records
            records[record["id"]] = record
        for kind in ("location", "group"):
            for identity, rows in importer.names(kind, connection).items():
                found.names[identity] = [row["name"] for row in rows]
        connection.rollback()
    engine.dispose()
    return found
