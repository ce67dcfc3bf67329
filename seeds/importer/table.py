"""Reads a publisher's file as one table, whatever form it has: canonical columns, and rows of values written in one way.

A first pass over the file (`seeds.importer.first_pass`) finds out the encoding and how each column is written; the second gives
the rows. Both are read as a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from seeds.importer.column_forms import Undecided
from seeds.importer.columns import AGAIN, Column, named
from seeds.importer.delimited import DELIMITERS, Delimited, Dialect
from seeds.importer.first_pass import DistinctValues, FirstPass, Values
from seeds.importer.header import Header, header_of, is_tags, refuse_wrong_columns
from seeds.importer.json_records import JSONRecords
from seeds.importer.opening import ByteProgress
from seeds.importer.recognition import HEADER_ROWS, Reader, reader_of
from seeds.importer.report import ImportFault, ImportReport

_BYTE_ORDER_MARK = "\ufeff"
# How many names of lists of records are told.
_MOST_NAMED = 5
# What a file of rows that were set aside has in front.
REASONS = ("set_aside_line", "set_aside_column", "set_aside_reason")


class FileOptions(NamedTuple):
    """What the user says of a file: which of day and month comes first, that its end is not cut off, or that it is a part."""

    dates: str | None = None
    is_uncut: bool = False
    is_part: bool = False


class Table:
    """A file with a publisher's columns, of which the first holds the ids of its rows.

    `asked` says what to collect in the first pass, by a name under which `distinct` gives it. `habit` is which of day and
    month the publisher itself writes first where it writes a time in twelve hours behind.
    """

    def __init__(
        self,
        path: Path,
        progress: ByteProgress,
        report: ImportReport,
        known: Mapping[str, Column],
        options: FileOptions = FileOptions(),  # noqa: B008  # it cannot be changed
    ) -> None:
        self.path, self.name, self.report, self.known = path, path.name, report, known
        self._progress, self._options = progress, options
        self._read_columns: set[str] = set()
        self._empty, self._has_tags, self._repeated, self._short = 0, False, 0, 0
        self._is_last_short = False
        self.asked: Mapping[str, DistinctValues] = {}
        self.habit: str | None = None

    # --- The header ----------------------------------------------------------------------------------------------

    @cached_property
    def _reader(self) -> Reader:
        return reader_of(self.path, lambda row: sum(name in self.known for name in named(row, self.known)))

    @cached_property
    def _header(self) -> Header:
        return header_of(self.name, self._reader.first_rows(HEADER_ROWS), self.known)

    @property
    def header(self) -> tuple[str, ...]:
        """What the publisher calls the columns, others in lower case. Errors: ImportFault."""
        return self._header.names

    def refuse_wrong_columns(self) -> None:
        """Errors: ImportFault, where the file lacks columns that it needs."""
        refuse_wrong_columns(self.name, self.header, self.known)

    def position(self, column: str) -> int | None:
        """Where a column stands in each row, null where the file has no such column; it counts as read from now on."""
        self._read_columns.add(column)
        return self.header.index(column) if column in self.header else None

    @cached_property
    def again(self) -> Sequence[tuple[int, int]]:
        """Where columns stand that the header has once more: the first time, and then."""
        return [
            (self.header.index(name.removesuffix(AGAIN)), place)
            for place, name in enumerate(self.header)
            if name.endswith(AGAIN) and name.removesuffix(AGAIN) in self.known
        ]

    def picker(self, columns: Sequence[str]) -> Callable[[Sequence[str]], Values]:
        """Takes these columns, two or more, out of a row that `rows` gives; those that the file lacks are empty."""
        places = [self.position(column) for column in columns]
        return itemgetter(*(len(self.header) if place is None else place for place in places))

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns that nobody has asked for."""
        return tuple(name for name in self.header if name and name not in self._read_columns and name not in REASONS)

    # --- Rows ----------------------------------------------------------------------------------------------------

    @property
    def line(self) -> int:
        """Where the current row begins."""
        return self._reader.line

    @property
    def is_of_records(self) -> bool:
        """Whether its rows are records of JSON, of which many may stand in one line."""
        return isinstance(self._reader, JSONRecords)

    @property
    def twice(self) -> set[str]:
        """The ids that stand in the file more than once, as `IdSet` tells them apart. Errors: ImportFault."""
        return self._first_pass.twice

    @property
    def count(self) -> int:
        """How many rows it has. Errors: ImportFault."""
        return self._first_pass.rows

    def distinct(self, name: str) -> Mapping[Values, Values]:
        """What was asked under this name: different values, each with what stood beside it first. Errors: ImportFault."""
        return self._first_pass.distinct[name]

    def values(self, name: str) -> list[str]:
        """The same where it was asked of one column. Errors: ImportFault."""
        return [value for (value,) in self.distinct(name)]

    def rows(self) -> Iterator[list[str]]:
        """The rows, one value for each column and an empty one behind; those with more or fewer columns are set aside
        in the report. Errors: ImportFault, where the file cannot be read on.
        """
        width, report, converts = len(self.header), self.report, self._first_pass.converts
        for row in self._below_header(self._progress):
            if len(row) == width:
                report.rows += 1
                for place, convert in converts:
                    row[place] = convert(row[place])
                row.append("")
                self._is_last_short = False
                yield row
            else:
                report.rows += 1
                columns = "column" if len(row) == 1 else "columns"
                message = f"the row has {len(row):,} {columns} where the header has {width:,}"
                report.set_aside(ImportFault(self.name, self.line, None, message), row)

    def rows_quietly(self) -> Iterator[tuple[int, list[str]]]:
        """The same rows, each with its line, of which nothing is reported: for whoever has to look at them once before."""
        width, converts = len(self.header), self._first_pass.converts
        for row in self._below_header(lambda _count: None):
            if len(row) == width:
                for place, convert in converts:
                    row[place] = convert(row[place])
                row.append("")
                yield self.line, row

    def _below_header(self, progress: ByteProgress) -> Iterator[list[str]]:
        """The rows below the header but for empty ones, a row of HXL's tags, and the header again, as files have it that were
        put together of several. Empty values behind the last column are left out, and those of the last columns may be missing
        where a row before has them. Errors: ImportFault.
        """
        header, width = self.header, len(self.header)
        rows = islice(self._reader.rows(progress), self._header.row, None)
        printed = frozenset(filter(None, next(rows, ())))
        self._empty, self._has_tags, self._repeated, self._short = 0, False, 0, 0
        is_first, most_empty = True, 0
        for row in rows:
            if not row or (not row[0] and _is_empty(row)):
                self._empty += 1
                continue
            if row[0][:1] == _BYTE_ORDER_MARK:
                row[0] = row[0].lstrip(_BYTE_ORDER_MARK)
            if row[0] in printed and len(printed.intersection(row)) > 1:
                if named(row, self.known)[:width] != header:
                    message = "another header begins here; take the file apart, and import one after the other"
                    raise ImportFault(self.name, self.line, None, message)
                self._repeated += 1
            elif is_first and is_tags(row):
                self._has_tags, is_first = True, False
            else:
                is_first = False
                if len(row) > width and _is_empty(row[width:]):
                    del row[width:]
                elif width - most_empty <= len(row) < width:
                    self._short += 1
                    self._is_last_short = True
                    yield row + [""] * (width - len(row))
                    continue
                elif len(row) == width and not row[-1]:
                    # As spreadsheets leave it, who write no more empty values behind a row after the first sixteen.
                    most_empty = max(most_empty, next((place for place, value in enumerate(row[::-1]) if value), 0))
                self._is_last_short = False
                yield row

    # --- The first pass ------------------------------------------------------------------------------------------

    @cached_property
    def _first_pass(self) -> FirstPass:
        """What the whole file says. Errors: ImportFault."""
        reader = self._reader
        for encoding, called in reader.encodings.items() or (("", ""),):
            reader.encoding = encoding
            try:
                found = self._pass()
            except UnicodeDecodeError:
                continue
            self.report.encoding = called or None
            if isinstance(reader, Delimited) and reader.dialect != Dialect(","):
                blanks = ", each with a blank behind it" if reader.dialect.has_blanks else ""
                self.report.decide(f"values are parted by {DELIMITERS[reader.dialect.delimiter]}{blanks}")
            if self._header.row:
                self.report.decide(f"the header is row {self._header.row + 1}")
            return found
        called_all = ", ".join(reader.encodings.values())
        raise ImportFault(self.name, self.line, None, f"the text is in none of the encodings {called_all}")

    def _pass(self) -> FirstPass:
        found = FirstPass(self.header, self.known, self.asked, self._below_header(lambda _count: None))
        if not (self._reader.is_ended or self._options.is_uncut or (found.is_surely_whole and not self._is_last_short)):
            message = "the last line has no line break, so the file may be cut off; end it with one, or say --whole, if it is whole"
            raise ImportFault(self.name, self.line, None, message)
        if isinstance(self._reader, JSONRecords):
            self._look_around(self._reader, found.rows)
        if not found.rows:
            raise ImportFault(self.name, None, None, "it has columns, and no rows below them")
        if self._has_tags:
            self.report.decide("a row of HXL's tags below the header is skipped")
        if self._repeated:
            self.report.decide(f"rows that repeat the header are skipped: {self._repeated:,}")
        if self._short:
            self.report.decide(
                f"rows that end before their last values, which are empty in others too: {self._short:,}"
            )
        if self._empty:
            self.report.decide(f"empty rows skipped: {self._empty:,}")
        try:
            decisions = found.decide(self._options.dates, self.habit)
        except Undecided as error:
            raise ImportFault(self.name, None, error.column, error.message) from error
        for decision in decisions:
            self.report.decide(decision)
        return found

    def _look_around(self, reader: JSONRecords, rows: int) -> None:
        """Tells what stands around the records. Errors: ImportFault, where they are one page of several."""
        if not self._options.is_part:
            reader.refuse_single_page(rows)
        if reader.beside:
            named = ", ".join(list(reader.beside)[:_MOST_NAMED])
            self.report.decide(
                f"records stand under {len(reader.beside) + 1:,} names, and all are read: also under {named}"
            )


def _is_empty(row: Sequence[str]) -> bool:
    return not any(row) or not "".join(row).strip()
