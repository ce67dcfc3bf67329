"""Reads a publisher's CSV file row by row, with the line of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault, ImportReport

# What the publishers write: newer releases in the first, older ones and Windows programs in the second. The first also
# swallows the byte order mark that spreadsheets put in front.
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
_LINE_BREAKS = ("\n", "\r")
_NUL = "\0"


class _Lines:
    """The lines of a text; `last` is the one that was read last, with its line break, which a reader of rows does not tell.

    Errors: csv.Error, for what such a reader passes on and a database refuses.
    """

    def __init__(self, text: Iterable[str]) -> None:
        self._text, self.last = text, ""

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            if _NUL in line:
                raise csv.Error("it holds the character U+0000, which no text has; is the file damaged?")
            self.last = line
            yield line


class CSVFile:
    """A CSV file with a header, read row by row; `line` is where the current row begins.

    The encoding is found out by reading the file to its end once, by `survey` or by itself.

    A file whose last line has no line break, though others have, is refused as cut off. A file that was made by hand may
    well end so and be whole, but one that is cut off inside its last column looks just the same: its last number would
    be another, and what comes after it would be withdrawn. All publishers end the last line, and whoever made a file by
    hand can end it too.
    """

    def __init__(self, path: Path, told: ByteProgress, report: ImportReport) -> None:
        self.path, self.name, self._told, self.report = path, path.name, told, report
        self.line = 1
        self._encoding: str | None = None
        self._asked: set[str] = set()

    @property
    def encoding(self) -> str:
        """UTF-8 where the whole file is that, else Windows-1252. Errors: ImportFault."""
        if self._encoding is None:
            self.survey(self.header[0])
        assert self._encoding is not None
        return self._encoding

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in lower case and without spaces around them. Errors: ImportFault."""
        with opened(self.path) as file:
            # Names of columns are plain letters in every encoding; what else the first line may hold does not matter.
            text = io.TextIOWrapper(file, next(iter(ENCODINGS)), errors="replace", newline="")
            try:
                names = next(csv.reader(text), [])
            except csv.Error as error:
                raise ImportFault(self.name, 1, None, f"the header cannot be read: {error}") from error
        if not names:
            raise ImportFault(self.name, 1, None, "there is no header")
        return tuple(name.strip().lower() for name in names)

    def require(self, columns: Collection[str]) -> None:
        """Makes sure that the file has these columns, each once. Errors: ImportFault, naming all that are missing."""
        missing = [name for name in columns if name not in self.header]
        if missing:
            others = [name[:40] for name in self.header if name not in columns]
            found = f"; those that are not known are {', '.join(others[:10])}" if others else ""
            raise ImportFault(self.name, 1, None, f"the header lacks the columns {', '.join(missing)}{found}")
        twice = sorted({name for name in self.header if name and self.header.count(name) > 1})
        if twice:
            raise ImportFault(self.name, 1, None, f"the header has these columns twice: {', '.join(twice)}")

    def position(self, column: str) -> int | None:
        """Where a column stands in each row, null where the file has no such column; it counts as read from now on."""
        self._asked.add(column)
        return self.header.index(column) if column in self.header else None

    def picker(self, columns: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Takes these columns, two or more, out of a row that `rows` gives; those that the file lacks are empty."""
        places = [self.position(column) for column in columns]
        return itemgetter(*(len(self.header) if place is None else place for place in places))

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns that nobody has asked for."""
        return tuple(name for name in self.header if name not in self._asked)

    def survey(self, column: str) -> set[str]:
        """Every value of one column. Finds out the encoding, and whether the file is whole. Errors: ImportFault."""
        place, width = self.header.index(column), len(self.header)
        for encoding, called in ENCODINGS.items():
            try:
                rows = self._read(encoding, lambda _count: None)
                values = set(map(itemgetter(place), filter(lambda row: len(row) == width, rows)))
            except UnicodeDecodeError:
                continue
            self._encoding, self.report.encoding = encoding, called
            return values
        raise ImportFault(
            self.name, self.line, None, f"the text is in none of the encodings {', '.join(ENCODINGS.values())}"
        )

    def rows(self) -> Iterator[list[str]]:
        """The rows below the header, one value for each column and an empty one behind; those with more or fewer columns
        are refused in the report.

        Errors: ImportFault, where the file cannot be read on.
        """
        width, report = len(self.header), self.report
        for row in self._read(self.encoding, self._told):
            if len(row) == width:
                report.rows += 1
                row.append("")
                yield row
            elif row:
                report.rows += 1
                message = f"the row has {len(row):,} columns where the header has {width:,}"
                report.refuse(ImportFault(self.name, self.line, None, message))

    def whole_rows(self) -> Iterator[list[str]]:
        """The same rows for a look ahead, without progress and report. Errors: ImportFault."""
        width = len(self.header)
        for row in self._read(self.encoding, lambda _count: None):
            if len(row) == width:
                row.append("")
                yield row

    def _read(self, encoding: str, told: ByteProgress) -> Iterator[list[str]]:
        last = 0
        try:
            with opened(self.path, told) as file:
                lines = _Lines(io.TextIOWrapper(file, encoding, newline=""))
                # Strict, or a file that ends inside quotation marks would pass for whole.
                reader = csv.reader(lines, strict=True)
                for row in reader:
                    if last:
                        self.line = last + 1
                        yield row
                    last = reader.line_num
        except csv.Error as error:
            raise ImportFault(self.name, last + 1, None, f"the row cannot be read: {error}") from error
        except ImportFault as fault:
            raise ImportFault(self.name, last + 1, None, fault.message) from fault
        if last > 1 and not lines.last.endswith(_LINE_BREAKS):
            message = "the last line has no line break, so the file may be cut off; end it with one if it is whole"
            raise ImportFault(self.name, last, None, message)
