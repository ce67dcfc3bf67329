"""Reports what was met in a file that is imported: faults with line and column, and a summary at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from api.store.inserts import LoadRefused

# How many refused rows are told one by one, and how many examples of each repair.
MOST_REFUSED_TOLD = 20
MOST_EXAMPLES = 3


class ImportFault(LoadRefused):
    """Something in a file that cannot be read. `line` counts from 1; null where the fault is the whole file's."""

    def __init__(self, file: str, line: int | None, column: str | None, message: str) -> None:
        self.file, self.line, self.column, self.message = file, line, column, message
        where = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{where}: {message}" if column is None else f"{where}: {column}: {message}")


class ImportRefused(LoadRefused):
    """Rows that could not be read: nothing of the file is taken, and all that is wrong is told at once."""

    def __init__(self, faults: list[ImportFault], count: int) -> None:
        self.faults, self.count = faults, count
        told = [str(fault) for fault in faults]
        if count > len(faults):
            told.append(f"and {count - len(faults):,} more")
        rows = "row" if count == 1 else "rows"
        super().__init__("\n".join([f"{count:,} {rows} could not be read", *told]))


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


@dataclass
class ImportReport:
    """What was met in a file: rows read, repaired and refused, what is worth knowing, and columns that nobody read."""

    file: str
    rows: int = 0
    repaired: dict[str, Occurrences] = field(default_factory=dict)
    noted: dict[str, Occurrences] = field(default_factory=dict)
    refused: list[ImportFault] = field(default_factory=list)
    refused_count: int = 0
    # Null where the file's format leaves no choice.
    encoding: str | None = None
    columns_unread: tuple[str, ...] = ()

    def repair(self, kind: str, line: int, example: str) -> None:
        """Notes that something in a row was mended; `example` says what it was."""
        _count(self.repaired.setdefault(kind, Occurrences()), line, example)

    def note(self, kind: str, line: int, example: str) -> None:
        """Notes something of a row that stays as it is and may surprise."""
        _count(self.noted.setdefault(kind, Occurrences()), line, example)

    def refuse(self, fault: ImportFault) -> None:
        """Notes a row that cannot be read."""
        self.refused_count += 1
        if len(self.refused) < MOST_REFUSED_TOLD:
            self.refused.append(fault)

    def raise_if_refused(self) -> None:
        """Gives the import up if any row was refused. Errors: ImportRefused."""
        if self.refused_count:
            raise ImportRefused(self.refused, self.refused_count)

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"rows read: {self.rows:,}"
        if self.encoding is not None:
            yield f"encoding: {self.encoding}"
        for how, found in (("repaired", self.repaired), ("kept", self.noted)):
            for kind, met in sorted(found.items()):
                yield f"rows {how}, {kind}: {met.count:,} ({'; '.join(met.examples)})"
        yield f"rows refused: {self.refused_count:,}"
        if self.columns_unread:
            yield f"columns that nobody read: {', '.join(self.columns_unread)}"


def _count(met: Occurrences, line: int, example: str) -> None:
    met.count += 1
    if len(met.examples) < MOST_EXAMPLES:
        met.examples.append(f"line {line}: {example}")
