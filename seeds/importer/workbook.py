"""Reads a sheet of an Excel workbook row by row, with openpyxl, which the extra `xlsx` brings."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from html import unescape
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import ParseError

from seeds.importer.opening import WORKBOOK, ByteProgress
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import MOST_COLUMNS

# Rows that a sheet has. A single cell below them would be waited for while empty rows are made up to it.
MOST_ROWS = 1_048_576
# What openpyxl raises where a workbook is damaged, or is none that a program would write.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ParseError, AttributeError, LookupError, TypeError, ValueError)

_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*?\bname=\"([^\"]*)\"")


def sheets_of(path: Path) -> Sequence[str]:
    """The names of a workbook's sheets."""
    with zipfile.ZipFile(path) as archive:
        told = archive.read(WORKBOOK).decode("utf-8", errors="replace")
    return [unescape(name) for name in _SHEET.findall(told)]


class Sheet:
    """The rows of one sheet; `line` is the number of the current row."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.encodings: dict[str, str] = {}
        self.encoding = ""
        self.line, self.is_ended = 1, True

    def first_rows(self, count: int, *, is_quick: bool = False) -> list[list[str]]:
        """The first rows."""
        del is_quick
        return list(islice(self.rows(lambda _count: None), count))

    def rows(self, progress: ByteProgress) -> Iterator[list[str]]:
        """All rows: empty ones have nothing, others are as wide as the widest so far. Errors: ImportFault, where openpyxl is not
        installed or cannot read on."""
        try:
            from openpyxl import load_workbook  # an extra, and slow to import
            from openpyxl.utils.exceptions import InvalidFileException
        except ImportError as error:
            message = f"this is {described(sheets_of(self.path))}; save the sheet as CSV, or install the extra `xlsx`"
            raise ImportFault(self.path.name, None, None, message) from error
        try:
            book = load_workbook(self.path, read_only=True, data_only=True)
            try:
                sheet, width = book[self.name], 0
                if sheet not in book.worksheets:  # a sheet that is a chart
                    return
                # What a sheet says of its size need not be true, and all its rows would be made as wide as that.
                sheet.reset_dimensions()
                for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
                    self.line = line
                    if line > MOST_ROWS:
                        raise ValueError(f"it has more than {MOST_ROWS:,} rows")
                    width = max(width, min(len(row), MOST_COLUMNS))
                    yield [_as_text(value) for value in row] + [""] * (width - len(row) if row else 0)
            finally:
                book.close()
        except (InvalidFileException, *_UNREADABLE) as error:
            raise ImportFault(self.path.name, None, None, f"the workbook cannot be read: {error}") from error
        progress(self.path.stat().st_size)


def described(sheets: Sequence[str]) -> str:
    """A workbook in words."""
    if len(sheets) == 1:
        return f"an Excel workbook with one sheet ({sheets[0]})"
    return f"an Excel workbook with {len(sheets)} sheets ({', '.join(sheets[:10])})"


def _as_text(value: object) -> str:
    """A cell as a CSV file would print it: days and times as ISO 8601 has them, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
