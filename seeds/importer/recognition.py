"""Finds out what a file is by how it begins: rows of values, JSON or a workbook; all else is named for what it is."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from seeds.importer.delimited import DELIMITERS, ENCODINGS, WIDE_ENCODINGS, Delimited
from seeds.importer.json_records import JSONRecords
from seeds.importer.opening import WORKBOOK, ByteProgress, opened
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import refuse_bomb
from seeds.importer.workbook import Sheet, described, sheets_of

# How much of a file is looked at, and among how many of its first rows the header is.
_START, HEADER_ROWS = 1 << 16, 20
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007 (.xls), or one with a password; save its sheet as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV"),
    (b"PK\x03\x04", "packed twice, as a workbook in an archive is; unpack it first"),
    (b"SQLite format 3", "a SQLite database"),
    (b"RDX", "R's saved objects; write them with write.csv"),
    (b"<stata_dta>", "a Stata file; export it as CSV"),
    (b"$FL2", "an SPSS file; export it as CSV"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
)


class Reader(Protocol):
    """Something that holds rows of printed values, the header among the first of them; `line` is the current row's."""

    path: Path
    line: int
    encoding: str
    encodings: dict[str, str]
    is_ended: bool

    def first_rows(self, count: int, *, is_quick: bool = False) -> list[list[str]]:
        """The first rows, with all columns that any row has; where it is to be quick, with those of so many rows alone."""

    def rows(self, progress: ByteProgress) -> Iterator[list[str]]:
        """All rows."""


# How many of these names a publisher's columns are among.
Score = Callable[[Sequence[str]], int]


def reader_of(path: Path, score: Score) -> Reader:
    """What reads the rows of a file, of a workbook the sheet with the most known columns. Errors: ImportFault."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            refuse_bomb(path.name, archive, path.stat().st_size)
            names = archive.namelist()
        if WORKBOOK in names:
            return _sheet(path, score)
        if "mimetype" in names and "content.xml" in names:
            raise ImportFault(path.name, None, None, "this is an OpenDocument file; save its sheet as CSV")
        if "word/document.xml" in names:
            raise ImportFault(path.name, None, None, "this is a Word document")
    with opened(path) as file:
        start = file.read(_START)
    for beginning, name in _OTHERS:
        if start.startswith(beginning):
            raise ImportFault(path.name, None, None, f"this is {name}")
    encodings = _encodings(start)
    text = start.decode(next(iter(encodings)), errors="replace").lstrip("\ufeff \t\r\n")
    if not text:
        raise ImportFault(path.name, None, None, "the file is empty")
    if text[:1] in ("[", "{"):
        return JSONRecords(path, encodings, score)
    if text[:1] == "<":
        kind = "XML" if text[:5].lower() == "<?xml" else "a web page (HTML), perhaps one to sign in at"
        raise ImportFault(path.name, None, None, f"this is {kind}, and no table")
    return Delimited(path, _delimiter(text, score), encodings)


def _encodings(start: bytes) -> dict[str, str]:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return WIDE_ENCODINGS
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return {"utf-16-le": "UTF-16"}
    if start[:1] == b"\0" and start[2:3] == b"\0":
        return {"utf-16-be": "UTF-16"}
    return ENCODINGS


def _delimiter(text: str, score: Score) -> str:
    """What parts the values: that which makes the most known columns of one of the first lines."""
    lines = text.splitlines()[:HEADER_ROWS]

    def best(delimiter: str) -> int:
        try:
            return max((score(row) for row in csv.reader(lines, delimiter=delimiter)), default=0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=best)


def _sheet(path: Path, score: Score) -> Reader:
    """The sheet of a workbook that has the most known columns. Errors: ImportFault, where two have as many."""
    sheets = sheets_of(path)
    scores = {name: max(map(score, Sheet(path, name).first_rows(HEADER_ROWS)), default=0) for name in sheets}
    best = [name for name in sheets if scores[name] == max(scores.values())]
    if len(best) != 1:
        message = f"this is {described(sheets)}, and no one of them has the columns; save the one that is meant as CSV"
        raise ImportFault(path.name, None, None, message)
    return Sheet(path, best[0])
