"""Reports what was met in a file that is imported: what was decided of it, rows set aside with line and column, and a
summary at the end."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from api.load.source import LoadRefused

# How many rows that were set aside are told one by one, where they have different reasons; of one reason how many lines; and how
# many examples of each repair.
MOST_SET_ASIDE_TOLD = 20
MOST_LINES = 5
MOST_EXAMPLES = 3
# So many of a file's rows may be set aside, in percent; of small files a few, but no more than half.
MOST_SET_ASIDE_PERCENT = 10
_A_FEW = 3


class ImportFault(LoadRefused):
    """Something in a file that cannot be read. `line` counts from 1; null where the fault is the whole file's. `record` is the id
    of the row, where many stand in one line."""

    def __init__(
        self, file: str, line: int | None, column: str | None, message: str, record: str | None = None
    ) -> None:
        self.file, self.line, self.column, self.message, self.record = file, line, column, message, record
        where = ":".join(str(part) for part in (file, line) if part is not None)
        where += "" if record is None else f", id {record}"
        super().__init__(f"{where}: {message}" if column is None else f"{where}: {column}: {message}")


@dataclass
class _Alike:
    """Rows with one fault: the first, how many there are after it, and where the first few of these are."""

    first: ImportFault
    count: int = 0
    places: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.count:
            return str(self.first)
        unit = ("line" if self.first.record is None else "id") + ("" if self.count == 1 else "s")
        more = f" and {self.count - len(self.places):,} more" if self.count > len(self.places) else ""
        return f"{self.first}; so too in {unit} {', '.join(self.places)}{more}"


class RowFaults:
    """The faults of rows: how many, and the first ones with their lines, of those that are alike but one."""

    def __init__(self) -> None:
        self.count = 0
        self._others = 0
        self._kinds: dict[tuple[str | None, str], _Alike] = {}

    def add(self, fault: ImportFault) -> None:
        """Adds one."""
        self.count += 1
        kind = fault.column, fault.message
        if kind in self._kinds:
            alike = self._kinds[kind]
            alike.count += 1
            if len(alike.places) < MOST_LINES:
                alike.places.append(str(fault.line) if fault.record is None else fault.record)
        elif len(self._kinds) < MOST_SET_ASIDE_TOLD:
            self._kinds[kind] = _Alike(fault)
        else:
            self._others += 1

    @property
    def first_ones(self) -> list[ImportFault]:
        """One of each kind, of the first kinds."""
        return [alike.first for alike in self._kinds.values()]

    def lines(self) -> Iterator[str]:
        """A line for each kind, and one for all that are not told."""
        yield from map(str, self._kinds.values())
        if self._others:
            yield f"and {self._others:,} more"


class ImportRefused(LoadRefused):
    """Rows that could not be read, more than may be set aside: nothing of the file is taken, and all that is wrong is
    told at once."""

    def __init__(self, found: RowFaults, allowed: int = 0, *, are_written: bool = True) -> None:
        self.faults, self.count = found.first_ones, found.count
        rows = "row" if found.count == 1 else "rows"
        most = f", and at most {allowed:,} of this file may be set aside" if allowed else ""
        told = [f"{found.count:,} {rows} could not be read{most}", *found.lines()]
        if not are_written:
            told.append("--rejects FILE writes all of them to a file, each with its reason")
        super().__init__("\n".join(told))


class Unreadable(ValueError):
    """A value that its column cannot hold; whoever reads the file adds file and line."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


@dataclass
class Occurrences:
    """Something that was met in rows: how often, and where the first few times."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Rejects:
    """The file of rows that were set aside, each as it was read and with the reason in front, to be mended and loaded.

    It is made with the first such row.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path, self._header = path, header
        self._file: IO[str] | None = None

    def add(self, fault: ImportFault, row: Sequence[str]) -> None:
        """Adds a row."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(self._header)
        csv.writer(self._file).writerow((fault.line, fault.column, fault.message, *row))

    def close(self) -> None:
        """Ends the file."""
        if self._file is not None:
            self._file.close()


@dataclass
class ImportReport:
    """What was met in a file: how it is written, rows read, repaired and set aside, what is worth knowing, and columns that
    nobody read. Where it is strict, nothing is set aside and no unknown code is taken."""

    file: str
    is_strict: bool = True
    rows: int = 0
    repaired: dict[str, Occurrences] = field(default_factory=dict)
    noted: dict[str, Occurrences] = field(default_factory=dict)
    # Of the rows that were set aside, and of those that are left for a newer one of their id.
    faults: RowFaults = field(default_factory=RowFaults)
    older: RowFaults = field(default_factory=RowFaults)
    decided: dict[str, None] = field(default_factory=dict)
    # Null where the file's format leaves no choice.
    encoding: str | None = None
    columns_unread: tuple[str, ...] = ()
    rejects: Rejects | None = None

    def decide(self, what: str) -> None:
        """Notes how the file or a column of it was read, where that had to be found out."""
        self.decided[what] = None

    def repair(self, kind: str, line: int, example: str) -> None:
        """Notes that something in a row was mended; `example` says what it was."""
        _count(self.repaired.setdefault(kind, Occurrences()), line, example)

    def note(self, kind: str, line: int, example: str) -> None:
        """Notes something of a row that stays as it is and may surprise; the line is 0 of what stands in no row."""
        _count(self.noted.setdefault(kind, Occurrences()), line, example)

    def unknown(self, line: int, column: str, printed: str, taken: str) -> None:
        """Notes a value that is none of its column's codes, and what it was taken for. Errors: Unreadable, where strict."""
        if self.is_strict:
            raise Unreadable(column, f"'{printed}' is no code that is known")
        self.note(f"{column} unknown and taken as {taken}", line, f"'{printed}'" if printed else "nothing")

    def set_aside(self, fault: ImportFault, row: Sequence[str] = ()) -> None:
        """Sets a row aside that cannot be read."""
        self.faults.add(fault)
        if self.rejects is not None and row:
            self.rejects.add(fault, row)

    def leave_older(self, fault: ImportFault) -> None:
        """Notes a row that is left for a newer one of its id."""
        self.older.add(fault)

    def refuse_too_many_set_aside(self) -> None:
        """Gives the import up if more rows were set aside than may be. Errors: ImportRefused."""
        if self.rejects is not None:
            self.rejects.close()
        allowed = 0 if self.is_strict else most_set_aside(self.rows)
        if self.set_aside_count > allowed:
            raise ImportRefused(self.faults, allowed, are_written=self.rejects is not None)

    @property
    def set_aside_count(self) -> int:
        """How many rows were set aside."""
        return self.faults.count

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"rows read: {self.rows:,}"
        if self.encoding is not None:
            yield f"encoding: {self.encoding}"
        yield from self.decided
        for how, found in (("repaired", self.repaired), ("kept", self.noted)):
            for kind, met in sorted(found.items()):
                yield f"rows {how}, {kind}: {met.count:,} ({'; '.join(met.examples)})"
        if self.older.count:
            yield f"rows left for a newer one of the same id: {self.older.count:,}"
            yield from (f"  {line}" for line in self.older.lines())
        yield f"rows set aside: {self.set_aside_count:,}"
        yield from (f"  {line}" for line in self.faults.lines())
        if self.columns_unread:
            yield f"columns not read: {', '.join(self.columns_unread)}"


def most_set_aside(rows: int) -> int:
    """How many rows of a file of so many may be set aside."""
    return max(rows * MOST_SET_ASIDE_PERCENT // 100, min(_A_FEW, rows // 2))


def _count(met: Occurrences, line: int, example: str) -> None:
    met.count += 1
    if len(met.examples) < MOST_EXAMPLES:
        met.examples.append(f"line {line}: {example}" if line else example)
