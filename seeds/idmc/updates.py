"""Reads IDMC's Internal Displacement Updates: the JSON of IDMC's interface, its workbooks, and the same as CSV.

A file is a slice that its user asked for. Events that a file does not hold are withdrawn, unless it is said to be a part of
what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from api.domain.releases import Release
from api.store.record_types import Record
from seeds.idmc.events import Events
from seeds.idmc.rows import COLUMNS, Row, read_row
from seeds.idmc.triangulations import refuse_split_events, with_triangulations
from seeds.importer.imported import Imported
from seeds.importer.importer import FileSummary
from seeds.importer.report import Unreadable
from seeds.importer.table_importer import TableImporter


class IdmcIdu(TableImporter):
    """A file of updates. Its release is the day of the newest row in it, where its user does not call it otherwise."""

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("columns.csv")

    @cached_property
    def _rows(self) -> list[Row]:
        """The rows that can be read. All are held at once, since a figure and what stands beside it may be far apart: IDMC's
        whole database is some tens of thousands of rows."""
        file, found = self.file, list[Row]()
        pick = file.picker(COLUMNS)
        for row in self.rows():
            try:
                found.append(read_row(file, pick(row)))
            except Unreadable as fault:
                self.set_aside(fault, row)
        self.report.columns_unread = file.unread
        return found

    def survey(self) -> FileSummary:
        """The newest row, and the days of all figures."""
        created = [row.created_on for row in self._rows if row.created_on is not None]
        day = max(created).isoformat() if created else None
        newest = f"updates up to {day}" if day else "updates without a date"
        release = Release(self.given_release or newest, sort_key=day)
        first = min((row.start for row in self._rows), default=None)
        return FileSummary(release, first, max((row.end for row in self._rows), default=None))

    def prepare(self, imported: Imported) -> None:
        """Makes sure, before anything is brought, that a part splits no figures that are held against each other."""
        self.report.refuse_too_many_set_aside()
        if not self.is_whole:
            refuse_split_events(imported.connection, imported.dataset_id, self.path.name, self._rows)

    def events(self, imported: Imported) -> Iterator[Record]:
        """The events of the figures, each with those that IDMC holds beside it."""
        events = Events(imported, self._rows)
        check = self.event_check(imported)
        for row, beside in with_triangulations(self._rows):
            event = events.event(row, beside)
            check.look_at(row.line, event)
            yield event
        check.refuse_exchanged(self.path.name)
