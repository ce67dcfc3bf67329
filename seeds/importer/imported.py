"""Collects what an import brings beside its events: documents, places and groups, each once and before what names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from api.store.record_types import Record
from seeds.importer.imported_groups import ImportedGroups
from seeds.importer.imported_places import ImportedPlaces
from seeds.importer.known_places import KnownPlaces
from seeds.importer.records import DOCUMENT

# An outlet's name is cut in the ids of documents, for somebody may have put a headline in its place.
LONGEST_OUTLET = 60


class Imported:
    """The documents, places and groups of one load. `connection` tells what other datasets have."""

    def __init__(self, connection: Connection, dataset_id: str, position_basis: str) -> None:
        self.connection, self.dataset_id = connection, dataset_id
        self._new: list[tuple[str, Record]] = []
        self._documents: set[str] = set()
        self.places = ImportedPlaces(KnownPlaces(connection, dataset_id), dataset_id, position_basis, self._add)
        self.groups = ImportedGroups(connection, dataset_id, self._add)

    def document(
        self,
        tail: str,
        outlet: str,
        published_on: date | None = None,
        title: str | None = None,
        url: str | None = None,
        is_stated: bool = True,
    ) -> str:
        """The id of a document of this outlet, day and title, which ends in `tail`; the outlet may be inferred."""
        identity = f"{self.dataset_id}-{tail}"
        if identity not in self._documents:
            self._documents.add(identity)
            basis = None if published_on is None else "stated"
            told = {"id": identity, "outlet": outlet, "title": title, "url": url}
            told["outlet_basis"] = "stated" if is_stated else "inferred"
            self._add("document", {**DOCUMENT, **told, "published_on": published_on, "published_on_basis": basis})
        return identity

    def new_records(self) -> Iterator[tuple[str, Record]]:
        """What was brought since the last time, kind and record."""
        if self._new:
            found, self._new = self._new, []
            yield from found

    def names(self) -> dict[str, Mapping[str, Sequence[Record]]]:
        """What places and groups are called, by kind: all names of its own, and further ones of others'."""
        return {"location": self.places.names(), "group": self.groups.names()}

    def _add(self, kind: str, record: Record) -> None:
        self._new.append((kind, record))
