"""Reads a publisher's file as one table, whatever form it has: canonical columns, and rows of values written in one way.

A first pass over the file finds out the encoding, how each column is written (`seeds.importer.column_forms`), which ids
stand in it twice and what else its importer asks of it (`Met`); the second gives the rows. Both are read as a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, repeat
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from seeds.importer.bounds import MOST_COLUMNS
from seeds.importer.column_forms import ColumnForm, Convert, Undecided, common_order, decimal_mark
from seeds.importer.columns import Column, missing, named, plain_name
from seeds.importer.delimited import DELIMITERS, Delimited
from seeds.importer.ids import Ids, id_tail
from seeds.importer.json_records import JSONRecords
from seeds.importer.opening import ByteProgress
from seeds.importer.recognition import HEADER_ROWS, Reader, reader_of
from seeds.importer.report import ImportFault, ImportReport

# How many rows are looked at together: with 2,000, which a processor's cache does not hold, it takes twice the time.
_BATCH = 100
# What answers call the number of their pages, and of all records.
_OF_ALL = (("totalpages",), ("totalcount", "total", "nhits", "nummatched", "numbermatched"))
_BYTE_ORDER_MARK = "\ufeff"
# What a file of rows that were set aside has in front.
REASONS = ("set_aside_line", "set_aside_column", "set_aside_reason")


class Met(NamedTuple):
    """What an importer asks of all rows: which different values these columns have together, in the order of the file,
    and with which values of `first` each was met for the first time."""

    of: tuple[str, ...]
    first: tuple[str, ...] = ()


Values = tuple[str, ...]


class Said(NamedTuple):
    """What the user says of a file: which of day and month comes first, that the file is whole, or that it is a part."""

    dates: str | None = None
    is_whole: bool = False
    is_part: bool = False


@dataclass
class _Pass:
    """What the first pass found out: rows, what rewrites which columns, ids that stand twice, and what was met."""

    rows: int = 0
    converts: list[tuple[int, Convert]] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    met: dict[str, dict[Values, Values]] = field(default_factory=dict)


class Table:
    """A file with a publisher's columns, of which the first holds the ids of its rows.

    `asked` says what to collect in the first pass, by a name under which `met` gives it. `habit` is which of day and
    month the publisher itself writes first where it writes a time in twelve hours behind.
    """

    def __init__(
        self,
        path: Path,
        told: ByteProgress,
        report: ImportReport,
        known: Mapping[str, Column],
        said: Said = Said(),  # noqa: B008  # it cannot be changed
    ) -> None:
        self.path, self.name, self.report, self.known = path, path.name, report, known
        self._told, self._said = told, said
        self._read_columns: set[str] = set()
        self._empty, self._has_tags, self._repeated = 0, False, 0
        self.asked: Mapping[str, Met] = {}
        self.habit: str | None = None

    # --- The header ----------------------------------------------------------------------------------------------

    @cached_property
    def _reader(self) -> Reader:
        return reader_of(self.path, lambda row: sum(name in self.known for name in named(row, self.known)))

    @cached_property
    def _header_at(self) -> tuple[int, tuple[str, ...]]:
        """Which row the header is, from 0, and what the publisher calls its columns. Errors: ImportFault."""
        rows = self._reader.start(HEADER_ROWS)
        names = [named(row, self.known) for row in rows]
        if not names:
            raise ImportFault(self.name, 1, None, "there is no header")
        widest = max(map(len, rows))
        if widest > MOST_COLUMNS:
            message = f"the header has {widest:,} columns; at most {MOST_COLUMNS:,} are read"
            raise ImportFault(self.name, 1, None, message)
        at = max(range(len(rows)), key=lambda row: (sum(name in self.known for name in names[row]), -row))
        header = names[at]
        while header and not header[-1]:
            header = header[:-1]
        below = [row for row in rows[at + 1 :] if row]
        if below and all(len(row) == len(header) + 1 for row in below) and self._are_numbered(header, below):
            # R writes the numbers of rows so, without a name over them.
            header = ("", *header)
        return at, header

    def _are_numbered(self, header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
        """Whether rows have one value too many in front, and none behind: more values are then numbers where they should be."""
        if any(row[-1].strip() for row in below):
            return True

        def fitting(first: int) -> int:
            numeric = [
                place for place, name in enumerate(header) if name in self.known and self.known[name].holds != "text"
            ]
            return sum(row[first + place][:1].isdigit() for row in below for place in numeric)

        return fitting(1) > fitting(0)

    @property
    def header(self) -> tuple[str, ...]:
        """What the publisher calls the columns, others in lower case. Errors: ImportFault."""
        return self._header_at[1]

    def require(self) -> None:
        """Makes sure that the file has the needed columns, and none twice. Errors: ImportFault, naming all that are wrong."""
        absent = missing(self.header, self.known)
        if absent:
            others = [name[:40] for name in self.header if name not in self.known]
            found = f"; those that are not known are {', '.join(others[:10])}" if others else ""
            raise ImportFault(self.name, 1, None, f"the header lacks the columns {', '.join(absent)}{found}")
        twice = sorted({name for name in self.header if name and self.header.count(name) > 1})
        if twice:
            raise ImportFault(self.name, 1, None, f"the header has these columns twice: {', '.join(twice)}")

    def position(self, column: str) -> int | None:
        """Where a column stands in each row, null where the file has no such column; it counts as read from now on."""
        self._read_columns.add(column)
        return self.header.index(column) if column in self.header else None

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
    def row_count(self) -> int:
        """How many rows the file has. Errors: ImportFault."""
        return self._first_pass.rows

    @property
    def twice(self) -> set[str]:
        """The ids that stand in the file more than once, as `Ids` tells them apart. Errors: ImportFault."""
        return self._first_pass.twice

    def met(self, name: str) -> Mapping[Values, Values]:
        """What was asked under this name: different values, each with what stood beside it first. Errors: ImportFault."""
        return self._first_pass.met[name]

    def values(self, name: str) -> list[str]:
        """The same where it was asked of one column. Errors: ImportFault."""
        return [value for (value,) in self.met(name)]

    def rows(self) -> Iterator[list[str]]:
        """The rows, one value for each column and an empty one behind; those with more or fewer columns are refused in
        the report. Errors: ImportFault, where the file cannot be read on.
        """
        width, report, converts = len(self.header), self.report, self._first_pass.converts
        for row in self._below_header(self._told):
            if len(row) == width:
                report.rows += 1
                for place, convert in converts:
                    row[place] = convert(row[place])
                row.append("")
                yield row
            else:
                report.rows += 1
                message = f"the row has {len(row):,} columns where the header has {width:,}"
                report.refuse(ImportFault(self.name, self.line, None, message), row)

    def _below_header(self, told: ByteProgress) -> Iterator[list[str]]:
        """The rows below the header but for empty ones, a row of HXL's tags, and the header again, as files have it that were
        put together of several. Empty values behind the last column are left out. Errors: ImportFault.
        """
        header, width = self._header_at[1], len(self._header_at[1])
        rows = islice(self._reader.rows(told), self._header_at[0], None)
        printed = frozenset(filter(None, next(rows, ())))
        self._empty, self._has_tags, self._repeated = 0, False, 0
        is_first = True
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
            elif is_first and _is_tags(row):
                self._has_tags, is_first = True, False
            else:
                is_first = False
                if len(row) > width and _is_empty(row[width:]):
                    del row[width:]
                yield row

    # --- The first pass ------------------------------------------------------------------------------------------

    @cached_property
    def _first_pass(self) -> _Pass:
        """What the whole file says. Errors: ImportFault."""
        reader = self._reader
        for encoding, called in reader.encodings.items() or (("", ""),):
            reader.encoding = encoding
            try:
                found = self._pass()
            except UnicodeDecodeError:
                continue
            self.report.encoding = called or None
            self._tell_form()
            return found
        called_all = ", ".join(reader.encodings.values())
        raise ImportFault(self.name, self.line, None, f"the text is in none of the encodings {called_all}")

    def _pass(self) -> _Pass:
        found, width = _Pass(met={name: {} for name in self.asked}), len(self.header)
        forms = {place: ColumnForm(self.known[name]) for place, name in enumerate(self.header) if name in self.known}
        id_at = self.header.index(next(iter(self.known)))
        last_at, last_lengths, ids, last = width - 1, set[int](), Ids(), list[str]()
        rows = self._below_header(lambda _count: None)
        while batch := list(islice(rows, _BATCH)):
            last = batch[-1]
            found.rows += len(batch)
            whole = [row for row in batch if len(row) == width]
            by_column = list(zip(*whole, strict=True)) or [()] * width
            for place, form in forms.items():
                form.meet(by_column[place])
            found.twice.update(printed for printed in by_column[id_at] if printed and not ids.add(printed))
            last_lengths.update(map(len, by_column[last_at]))
            for name, met in self.asked.items():
                kept = found.met[name]
                keys = _tuples(by_column, self.header, met.of, len(whole))
                if not kept.keys() >= set(keys):
                    beside = _tuples(by_column, self.header, met.first, len(whole)) if met.first else repeat(())
                    for key, first in zip(keys, beside, strict=False):
                        kept.setdefault(key, first)
        self._hold_end(last, last_lengths, found.rows)
        self._hold_pages(found.rows)
        if self._has_tags:
            self.report.decide("a row of HXL's tags below the header is skipped")
        if self._repeated:
            self.report.decide(f"rows that repeat the header are skipped: {self._repeated:,}")
        if self._empty:
            self.report.decide(f"empty rows skipped: {self._empty:,}")
        self._decide(found, list(forms.values()))
        return found

    def _hold_end(self, last: Sequence[str], last_lengths: set[int], rows: int) -> None:
        """Makes sure that the file is not cut off: its last line is ended, or its last value as long as all others.

        A file that is cut off inside its last column looks like one that nobody ended: its last number would be another,
        and what comes after it would be withdrawn. Errors: ImportFault.
        """
        if self._reader.is_ended or self._said.is_whole or not rows:
            return
        if len(last) == len(self.header) and len(last_lengths) == 1 and rows > 1:
            return
        message = "the last line has no line break, so the file may be cut off; end it with one, or say --whole, if it is whole"
        raise ImportFault(self.name, self.line, None, message)

    def _hold_pages(self, rows: int) -> None:
        """Makes sure that an answer of a publisher's interface is no single page of several. Errors: ImportFault."""
        reader = self._reader
        if not isinstance(reader, JSONRecords) or self._said.is_part:
            return
        told = {plain_name(name): str(value or "") for name, value in reader.says.items()}
        pages, total = (
            next((told[name] for name in names if told.get(name, "").isdecimal()), "0") for names in _OF_ALL
        )
        if told.get("nextpageurl") or told.get("next") or int(pages) > reader.answers or int(total) > rows:
            of_pages = f" of {pages}" if int(pages) else f", {rows:,} of {int(total):,} records," if int(total) else ""
            message = (
                f"this is one page{of_pages} of what the publisher's interface has; --part keeps what it does not hold"
            )
            raise ImportFault(self.name, None, None, message)

    def _decide(self, found: _Pass, forms: Sequence[ColumnForm]) -> None:
        """Decides how columns are written, and rewrites what was met so. Errors: ImportFault."""
        try:
            orders = common_order(forms, self._said.dates, self.habit)
        except Undecided as error:
            raise ImportFault(self.name, None, error.column, error.message) from error
        by_name: dict[str, Convert] = {}
        mark = decimal_mark(forms)
        for form in forms:
            name = form.column.name
            for told in form.told(orders[name], mark):
                self.report.decide(told)
            convert = form.conversion(orders[name], mark)
            if convert is not None:
                by_name[name] = convert
        found.converts = [(self.header.index(name), convert) for name, convert in by_name.items()]
        rewrite = by_name.get(next(iter(self.known)), str)
        found.twice = {id_tail(rewrite(printed)) for printed in found.twice}
        if by_name:
            found.met = {name: _converted(met, self.asked[name], by_name) for name, met in found.met.items()}

    def _tell_form(self) -> None:
        """Tells what the file around the rows is like, where it is not the usual."""
        reader, at = self._reader, self._header_at[0]
        if isinstance(reader, Delimited) and reader.delimiter != ",":
            self.report.decide(f"values are parted by {DELIMITERS[reader.delimiter]}")
        if at:
            self.report.decide(f"the header is row {at + 1}")


def _is_empty(row: Sequence[str]) -> bool:
    return not any(row) or not "".join(row).strip()


def _is_tags(row: Sequence[str]) -> bool:
    """Whether a row holds the tags of HXL that distributors put below the header, for some of the columns."""
    filled = [value.strip() for value in row if value.strip()]
    return all(value[0] == "#" and value[1:2].isalpha() and value[1:2].islower() for value in filled)


def _tuples(
    by_column: Sequence[Sequence[str]], header: Sequence[str], columns: Sequence[str], count: int
) -> list[Values]:
    """The values of these columns in so many rows, empty ones where the header lacks a column."""
    there = [by_column[header.index(column)] if column in header else ("",) * count for column in columns]
    return list(zip(*there, strict=True))


def _converted(met: Mapping[Values, Values], asked: Met, by_name: Mapping[str, Convert]) -> dict[Values, Values]:
    """What was met, with its values rewritten; what comes to the same is one."""

    def rewritten(values: Values, columns: Sequence[str]) -> Values:
        return tuple(
            by_name[column](value) if column in by_name else value
            for value, column in zip(values, columns, strict=True)
        )

    found: dict[Values, Values] = {}
    for key, first in met.items():
        found.setdefault(rewritten(key, asked.of), rewritten(first, asked.first))
    return found
