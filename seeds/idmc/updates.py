"""IDMC's Internal Displacement Updates as a source for the load engine: what they are, and what to expect of them.

It takes the JSON of IDMC's interface, or the same as CSV. How rows become events is told in `seeds.idmc.events`; it knows
neither, but where to find them.

A file is a slice that its user asked for. Events that a file does not hold are withdrawn, unless it is said to be a part of
what is wanted (`is_complete` false).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from api.kinds import Record
from api.loading import Expectation
from seeds.idmc.events import DATASET, OF_THE_FIRST, OWN_DOCUMENT, Events, gathered
from seeds.idmc.parts import hold_together
from seeds.idmc.rows import Row, read_rows
from seeds.importer.brought_places import BroughtPlaces
from seeds.importer.csv_file import content_hash
from seeds.importer.floors import Floor
from seeds.importer.known_places import KnownPlaces
from seeds.importer.opening import ByteProgress
from seeds.importer.report import ImportReport

# The updates are a window of months, and one may be quieter than the one before.
_LEAST_PERCENT = 50


class IdmcIdu:
    """A file of updates. `release` is what its user calls it; by default the day of the newest row in it.

    `progress` is told how many bytes more of the file are read. After `records` is exhausted, `report` says what was met.
    """

    # Whether it may hold far fewer events than stand.
    may_shrink = False
    # Which places and groups a release names, its publisher decides, and whoever uses them has no part in it.
    keeps_used = True

    def __init__(
        self,
        path: Path,
        progress: ByteProgress = lambda _count: None,
        release: str | None = None,
        is_complete: bool = True,
    ) -> None:
        self.is_complete = is_complete
        self._path, self._progress, self._given_release = path, progress, release
        self.report = ImportReport(path.name)
        self._places: BroughtPlaces | None = None

    @cached_property
    def content_hash(self) -> str:
        """The hash of the file and of what its user says of it."""
        return content_hash(self._path, f"{self._given_release or ''} {self.is_complete}")

    @cached_property
    def _rows(self) -> list[Row]:
        return read_rows(self._path, self._progress, self.report)

    @cached_property
    def dataset(self) -> Record:
        """The dataset's own columns. Errors: ImportFault."""
        created = [row.created_on for row in self._rows if row.created_on is not None]
        release = self._given_release or (f"updates up to {max(created)}" if created else "updates without a date")
        return {
            "id": DATASET,
            "title": "IDMC Internal Displacement Updates (IDU)",
            "publisher": "Internal Displacement Monitoring Centre (IDMC)",
            "description": (
                "Preliminary figures of people displaced inside their country by conflict or disaster, as IDMC reads them "
                "in reports. Each is an event of its own with one figure; what displaced the people stands in the "
                "event's codes, as displacement_type. Numbers that IDMC only holds beside a recommended one are further "
                "claims of it and are never added. Its distributor gives the licence as CC BY-IGO; until IDMC's terms "
                "are checked the data counts as not for redistribution."
            ),
            "licence": "LicenseRef-CC-BY-IGO",
            "licence_url": None,
            "citation": f"Internal Displacement Monitoring Centre (IDMC): Internal Displacement Updates, {release}.",
            "release": release,
            "first_date": min((row.start for row in self._rows), default=None),
            "last_date": max((row.end for row in self._rows), default=None),
            "is_redistributable": False,
        }

    @cached_property
    def _gathered(self) -> list[tuple[Row, list[Row]]]:
        return gathered(self._rows)

    @property
    def expectation(self) -> Expectation:
        """Each figure that is not held beside another is an event with one figure, and a file without rows is none."""
        least = max(1, len(self._gathered))
        return Expectation(events=least, figures=least)

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Every record of the file with its kind, each before what refers to it.

        Errors: ImportFault, ImportRefused; LoadRefused, where it brings too few events for what stands.
        """
        self._places = BroughtPlaces(KnownPlaces(connection, DATASET), DATASET, OF_THE_FIRST)
        events = Events(self._places)
        groups = self._gathered
        self.report.settle()
        if self.is_complete and not self.may_shrink:
            Floor(connection, DATASET, _LEAST_PERCENT).hold(self._path.name, len(groups))
        if not self.is_complete:
            hold_together(connection, self._path.name, self._rows)
        yield "document", OWN_DOCUMENT
        for row, beside in groups:
            event = events.event(row, beside)
            yield from events.fresh
            events.fresh.clear()
            yield "event", event

    def names(self, kind: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """The names that its places have, and further ones of others'; asked after `records`."""
        return {} if self._places is None or kind != "location" else self._places.names()

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """None: the updates name no groups."""
        return {}
