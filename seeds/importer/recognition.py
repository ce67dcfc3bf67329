"""Finds out what a file is by how it begins: rows of values, JSON or a workbook; all else is named for what it is."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from seeds.importer.delimited import DIALECTS, ENCODINGS, WIDE_ENCODINGS, Delimited, Dialect
from seeds.importer.json_records import JSONRecords
from seeds.importer.opening import WORKBOOK, ByteProgress, opened
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import refuse_bomb
from seeds.importer.workbook import Sheet, described, sheets_of

# How much of a file is looked at, and among how many of its first rows the header is.
_START, HEADER_ROWS = 1 << 16, 20
# How many lines tell what parts values.
_LOOKED_AT = 50
# How many sheets are named.
_MOST_NAMED = 5
# Programs' own forms have the character U+0000 among so many first bytes, and a tar says so at this place.
_FIRST, _TAR = 64, slice(257, 262)
_OTHERS = (
    (b"%PDF", "a PDF document; what is read is a table, as CSV, JSON or a workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007 (.xls), or one with a password; save its sheet as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV"),
    (b"PK\x03\x04", "packed twice, as a workbook in an archive is; unpack it first"),
    (b"ARROW1", "a Feather file; save it as CSV"),
    (b"SQLite format 3", "a SQLite database, as a GeoPackage is; save its table as CSV"),
    (b"fgb\x03", "a FlatGeobuf file; save it as CSV or GeoJSON"),
    (b"RDX", "R's saved objects; write them with write.csv"),
    (b"X\n\0\0", "an object that R saved; write it with write.csv"),
    (b"\0\0\x27\x0a", "the outlines of a shapefile; save its table as CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file that it stands for; `git lfs pull` brings that"),
    (b"<stata_dta>", "a Stata file; export it as CSV"),
    (b"$FL2", "an SPSS file; export it as CSV"),
    (b"$FL3", "an SPSS file; export it as CSV"),
    (b"\x80\x03", "an object that Python pickled; write it with to_csv"),
    (b"\x80\x04", "an object that Python pickled; write it with to_csv"),
    (b"\x80\x05", "an object that Python pickled; write it with to_csv"),
    (b"\x89HDF", "an HDF5 file; save its table as CSV"),
    (b"\0\1\0\0Standard", "an Access database; export its table as CSV"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
)
# What such members of a zip make of it.
_OTHER_ZIPS = (
    ("content.xml", "an OpenDocument file; save its sheet as CSV"),
    (".iwa", "a document of Apple's Numbers; export it as CSV"),
    ("word/document.xml", "a Word document; what is read is a table, as CSV, JSON or a workbook"),
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb); save its sheet as CSV"),
    (".shp", "a shapefile; save its table as CSV"),
    (".kml", "a map for Google Earth (KMZ); save it as CSV or GeoJSON"),
)


class SeveralSheets(ImportFault):
    """A workbook of which no one sheet has the columns; `like` are those that have as many of them."""

    def __init__(self, path: Path, sheets: Sequence[str], like: Sequence[str]) -> None:
        found = f"{', '.join(like[:_MOST_NAMED])} have the columns alike" if like else "none of them has the columns"
        message = f"this is {described(sheets)}, and {found}; save the one that is meant as CSV"
        super().__init__(path.name, None, None, message)
        self.sheets = [Sheet(path, name) for name in like]


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
        for ending, name in _OTHER_ZIPS:
            if any(member.endswith(ending) for member in names):
                raise ImportFault(path.name, None, None, f"this is {name}")
    with opened(path) as file:
        start = file.read(_START)
    for beginning, name in _OTHERS:
        if start.startswith(beginning):
            raise ImportFault(path.name, None, None, f"this is {name}")
    if start[_TAR] == b"ustar":
        raise ImportFault(path.name, None, None, "this is a tar archive; unpack it first")
    encodings = _encodings(start)
    if encodings == ENCODINGS and b"\0" in start[:_FIRST]:
        raise ImportFault(path.name, None, None, "this is no text, but a form of some program's own; save it as CSV")
    text = start.decode(next(iter(encodings)), errors="replace").lstrip("\ufeff \t\r\n")
    if not text:
        raise ImportFault(path.name, None, None, "the file is empty")
    if text[:1] in ("[", "{"):
        return JSONRecords(path, encodings, score)
    if text[:1] == "<":
        raise ImportFault(path.name, None, None, f"this is {_marked_up(text)}")
    return Delimited(path, _dialect(path, text, score), encodings)


def _marked_up(text: str) -> str:
    """What a text of tags is."""
    if "<Workbook" in text:
        return "an Excel workbook in XML; save its sheet as CSV"
    if text[:5].lower() == "<?xml":
        return "XML, and no table; save it as CSV or JSON"
    if "<table" in text.lower():
        return "a web page (HTML) with a table, as some programs name .xls; open it in a spreadsheet and save it as CSV"
    return "a web page (HTML), perhaps one to sign in at, and no table"


def _encodings(start: bytes) -> dict[str, str]:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return WIDE_ENCODINGS
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return {"utf-16-le": "UTF-16"}
    if start[:1] == b"\0" and start[2:3] == b"\0":
        return {"utf-16-be": "UTF-16"}
    return ENCODINGS


def _dialect(path: Path, text: str, score: Score) -> Dialect:
    """What parts the values: that which makes the most known columns of one of the first lines, and then the most rows as wide as
    that. Errors: ImportFault, where each line is one value.
    """
    lines = text.splitlines()

    def fit(dialect: Dialect) -> tuple[int, int]:
        rows: list[list[str]] = []
        with suppress(csv.Error):
            rows.extend(csv.reader(lines[:_LOOKED_AT], **dialect.form))
        header = max(rows[:HEADER_ROWS], key=score, default=[])
        return score(header), sum(len(row) == len(header) for row in rows)

    fits = {dialect: fit(dialect) for dialect in DIALECTS}
    best = max(fits, key=fits.__getitem__)
    if fits[best][0] <= 1 and any(_is_wrapped(line, score) for line in lines[:HEADER_ROWS]):
        raise ImportFault(
            path.name, None, None, "each line stands in quotation marks, as one value; save it without these"
        )
    return best


def _is_wrapped(line: str, score: Score) -> bool:
    """Whether a line is one value that has known columns in it."""
    value = line.strip()
    inner = value[1:-1].replace('""', '"') if value[:1] == value[-1:] == '"' else ""
    return score(next(csv.reader([inner]), [])) > 1


def _sheet(path: Path, score: Score) -> Reader:
    """The sheet of a workbook that has the most known columns. Errors: ImportFault, where two have as many."""
    sheets = sheets_of(path)
    scores = {name: max(map(score, Sheet(path, name).first_rows(HEADER_ROWS)), default=0) for name in sheets}
    best = [name for name in sheets if scores[name] == max(scores.values())]
    if len(best) != 1:
        raise SeveralSheets(path, sheets, best if any(scores.values()) else ())
    return Sheet(path, best[0])
