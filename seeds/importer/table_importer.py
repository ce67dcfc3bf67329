"""The importer of a publisher's file of rows: each is taken once, set aside where it cannot be read, or becomes an event."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from api.store.record_types import Record
from seeds.importer.columns import Column, columns
from seeds.importer.event_check import EventCheck
from seeds.importer.first_pass import DistinctValues
from seeds.importer.ids import id_tail
from seeds.importer.imported import Imported
from seeds.importer.importer import Importer, read_about
from seeds.importer.repeated_ids import RepeatedIds, Standing
from seeds.importer.report import ImportFault, Rejects, Unreadable
from seeds.importer.table import REASONS, Table

# What is said of a row beside the one that is taken.
_BESIDE = {
    Standing.SAME: "",
    Standing.OLDER: ", changed later",
    Standing.OTHER: ", otherwise, and nothing tells which is newer",
}


class TableImporter(Importer):
    """A publisher's file of rows, in whatever form it comes; `file` reads it."""

    # The table of its columns, beside the code.
    columns_table: ClassVar[Path]
    # What its `survey` and `mapping` ask of all rows.
    asked: ClassVar[Mapping[str, DistinctValues]] = {}
    # Which of day and month its publisher writes first where it writes a time in twelve hours behind.
    habit: ClassVar[str | None] = None

    @classmethod
    def columns(cls) -> Mapping[str, Column]:
        """The publisher's columns, that of the ids first."""
        return columns(cls.columns_table)

    @cached_property
    def file(self) -> Table:
        """The file, with all the columns that it must have. Errors: ImportFault."""
        file = Table(self.path, self.progress, self.report, self.columns(), self.options)
        file.asked, file.habit = self.asked, self.habit
        file.refuse_wrong_columns()
        self.require_header(file)
        if self.rejects is not None:
            self.report.rejects = Rejects(self.rejects, (*REASONS, *file.header))
        return file

    def require_header(self, file: Table) -> None:  # Most publishers need nothing here.
        """Makes sure of what else the header must have. Errors: ImportFault."""

    def rows(self) -> Iterator[list[str]]:
        """The rows of the file, of those with one id the newest; others that differ from it are told with their line."""
        file, report, column = self.file, self.report, self._id_column
        place = file.position(column)
        assert place is not None, "every file has the column of ids"
        rows = file.rows_quietly() if file.twice else ()
        repeated = RepeatedIds(file.twice, place, self.changed(), self.said, rows)
        for number, row in enumerate(file.rows()):
            standing, line = repeated.look_at(number, row)
            unlike = self._said_unlike(row)
            if unlike is not None:
                self.set_aside(unlike, row)
            elif standing is Standing.TAKEN:
                yield row
            elif standing is Standing.SAME and not report.is_strict:
                report.repair("rows that stand twice are taken once", file.line, row[place])
            elif standing is Standing.OLDER and not report.is_strict:
                message = f"'{row[place]}' was changed later in line {line:,}"
                report.leave_older(ImportFault(file.name, file.line, column, message))
            else:
                message = f"'{row[place]}' stands in line {line:,} too{_BESIDE[standing]}"
                if not repeated.is_printed_alike(row):
                    message += "; ids that differ only in case, punctuation or zeros in front are one"
                self._set_aside(Unreadable(column, message), row)

    def _said_unlike(self, row: list[str]) -> Unreadable | None:
        """What is wrong with a row that says two things where the header has a column twice; null where it says one."""
        for first, second in self.file.again:
            if row[second].strip() and row[second] != row[first]:
                message = f"'{row[first]}' stands here, and '{row[second]}' where the header has the column once more"
                return Unreadable(self.file.header[first], message)
        return None

    def changed(self) -> Callable[[Sequence[str]], int]:
        """What tells when a row was changed last, higher for a newer one; most publishers say nothing of it."""
        return lambda _row: 0

    def said(self, row: list[str]) -> Sequence[str]:
        """What a row says, alike for rows that say the same."""
        return row

    def event_check(self, imported: Imported) -> EventCheck:
        """What looks at each event for what can hardly be."""
        return EventCheck(self.report, imported.places, read_about(self.about)["first_year"])

    def set_aside(self, fault: Unreadable, row: list[str]) -> None:
        """Sets the current row aside; the event that it is of stays as it stands."""
        self._set_aside(fault, row)
        printed = row[self.file.header.index(self._id_column)]
        if printed.strip():
            self.left_in_place.append(f"{read_about(self.about)['id']}-{id_tail(printed)}")

    def _set_aside(self, fault: Unreadable, row: list[str]) -> None:
        file = self.file
        record = row[file.header.index(self._id_column)].strip() if file.is_of_records else None
        self.report.set_aside(ImportFault(file.name, file.line, fault.column, fault.message, record or None), row[:-1])

    @property
    def _id_column(self) -> str:
        return next(iter(self.columns()))


class RowImporter(TableImporter):
    """A publisher's file each row of which is an event."""

    @abstractmethod
    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row, and raises Unreadable where it cannot."""

    def events(self, imported: Imported) -> Iterator[Record]:
        """The events of the rows that can be read."""
        event_of, check = self.mapping(imported), self.event_check(imported)
        for row in self.rows():
            try:
                event = event_of(row)
            except Unreadable as fault:
                self.set_aside(fault, row)
            else:
                check.look_at(self.file.line, event)
                yield event
        check.refuse_exchanged(self.file.name)
        self.report.columns_unread = self.file.unread
