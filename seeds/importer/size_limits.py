"""Bounds what a file may hold, so that a small one that unpacks to gigabytes is refused in a sentence.

No publisher's file comes near any of them.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from seeds.importer.report import ImportFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Characters of one row, with the lines that it goes on over, columns of a header, and rows without anything one after
# the other.
MOST_ROW, MOST_COLUMNS, MOST_EMPTY = 1_000_000, 1_000, 10_000
# How many times its size a packed file may unpack to, and from which size on. Tables come to 10 or 30 times.
MOST_RATIO, LEAST_UNPACKED = 100, 100_000_000


def refuse_bomb(name: str, archive: zipfile.ZipFile, packed_bytes: int) -> None:
    """Errors: ImportFault, where a zip unpacks to more than can be meant; what it says of that is held to when it is read."""
    if sum(member.file_size for member in archive.infolist()) > max(packed_bytes * MOST_RATIO, LEAST_UNPACKED):
        raise _bomb(name)


def _bomb(name: str) -> ImportFault:
    message = f"it unpacks to more than {MOST_RATIO} times its size; unpack it first if it is what it should be"
    return ImportFault(name, None, None, message)


class Unpacked(io.RawIOBase):
    """What a packed file unpacks to, as long as that is no more than can be meant."""

    def __init__(self, name: str, packed: IO[bytes] | gzip.GzipFile, packed_bytes: int) -> None:
        self._name, self._packed = name, packed
        self._left = max(packed_bytes * MOST_RATIO, LEAST_UNPACKED)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Errors: ImportFault."""
        piece = self._packed.read(len(memoryview(buffer)))
        self._left -= len(piece)
        if self._left < 0:
            raise _bomb(self._name)
        memoryview(buffer)[: len(piece)] = piece
        return len(piece)


class Lines:
    """The lines of a text for a reader of rows, which says when a row has ended; `last` was read last.

    Errors: csv.Error, where one row goes on without end.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.last = text, ""
        self._row = self._empty = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MOST_ROW + 1):
            self._row += len(line)
            if self._row > MOST_ROW:
                raise csv.Error(
                    f"it has more than {MOST_ROW:,} characters; is a quotation mark or a line break missing?"
                )
            self.last = line
            yield line

    def end_row(self, row: list[str]) -> None:
        """The next line begins another row. Errors: csv.Error, where too many are empty."""
        self._row = 0
        self._empty = 0 if row else self._empty + 1
        if self._empty > MOST_EMPTY:
            raise csv.Error(f"more than {MOST_EMPTY:,} lines before it are empty")
