"""Reads a file of rows whose values are separated by commas, semicolons or tabs, row by row with the line of each."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import Lines

# What the publishers write: newer releases in the first, older ones and Windows programs in the second. The first also
# swallows the byte order mark that spreadsheets put in front. Files put together of both are read as each byte is meant.
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
WIDE_ENCODINGS = {"utf-16": "UTF-16"}
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LINE_BREAKS = ("\n", "\r")


class Dialect(NamedTuple):
    """What parts the values of a row, and whether a blank stands behind it."""

    delimiter: str
    has_blanks: bool = False

    @property
    def form(self) -> dict[str, Any]:
        """What the reader of rows is told."""
        return {"delimiter": self.delimiter, "skipinitialspace": self.has_blanks}


# Those to try, in order.
DIALECTS = tuple(Dialect(delimiter, has_blanks) for has_blanks in (False, True) for delimiter in DELIMITERS)
_NUL = "\0"


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


codecs.register_error("windows-1252", _as_windows_1252)


def decoded_by(encoding: str) -> tuple[str, str]:
    """The codec of an encoding, and how it takes what is no text in it: of Windows-1252 only what is not UTF-8."""
    return ("utf-8-sig", "windows-1252") if encoding == "cp1252" else (encoding, "strict")


class _Lines(Lines):
    """The lines of a text. Errors: csv.Error, for what a reader of rows passes on and a database refuses."""

    def __iter__(self) -> Iterator[str]:
        for line in super().__iter__():
            if _NUL in line:
                raise csv.Error("it holds the character U+0000, which no text has; is the file damaged?")
            yield line


class Delimited:
    """The rows of such a file, the header and what stands above it too; `line` is where the current row begins.

    `encodings` are those to try, in order; `encoding` is the one that rows are read in. After the rows, `is_ended` says
    whether the last line has its line break.
    """

    def __init__(self, path: Path, dialect: Dialect, encodings: dict[str, str]) -> None:
        self.path, self.dialect, self.encodings = path, dialect, encodings
        self.encoding = next(iter(encodings))
        self.line, self.is_ended = 1, True

    def first_rows(self, count: int, *, is_quick: bool = False) -> list[list[str]]:
        """The first rows. Names of columns are plain letters in every encoding; what else stands there does not matter."""
        del is_quick
        with opened(self.path) as file:
            text = io.TextIOWrapper(file, self.encoding, errors="replace", newline="")
            lines = Lines(text)
            found: list[list[str]] = []
            try:
                for row in islice(csv.reader(lines, **self.dialect.form), count):
                    lines.end_row(row)
                    found.append(row)
            except csv.Error as error:
                # Lines below the header are looked at too; what is wrong with them is told where they are read.
                if not found:
                    raise ImportFault(self.path.name, 1, None, f"the header cannot be read: {error}") from error
        return found

    def rows(self, progress: ByteProgress) -> Iterator[list[str]]:
        """All rows, empty ones too. Errors: ImportFault, where the file cannot be read on; UnicodeDecodeError."""
        last = 0
        try:
            with opened(self.path, progress) as file:
                lines = _Lines(io.TextIOWrapper(file, *decoded_by(self.encoding), newline=""))
                # Strict, or a file that ends inside quotation marks would pass for whole.
                reader = csv.reader(lines, strict=True, **self.dialect.form)
                for row in reader:
                    lines.end_row(row)
                    self.line = last + 1
                    yield row
                    last = reader.line_num
        except csv.Error as error:
            hint = (
                "; CSV writes a quotation mark inside a value twice, not behind a backslash"
                if '\\"' in lines.last
                else ""
            )
            raise ImportFault(self.path.name, last + 1, None, f"the row cannot be read: {error}{hint}") from error
        except ImportFault as fault:
            raise ImportFault(self.path.name, last + 1, None, fault.message) from fault
        self.is_ended = lines.last.endswith(_LINE_BREAKS)
