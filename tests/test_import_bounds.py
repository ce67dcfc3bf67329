"""Files that are small and hold, or seem to hold, without end are refused in a sentence, and in little memory."""

from __future__ import annotations

import gzip
import resource
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seeds.datasets import IMPORTERS
from seeds.importer.delimited import ENCODINGS
from seeds.importer.json_records import JSONRecords
from seeds.importer.report import ImportFault
from seeds.importer.workbook import Sheet
from tests import ucdp_files
from tests.sweep import for_each
from tests.test_import_forms import workbook
from tests.test_seeds_cli import refused, run

# What each of them unpacks to; they are a thousandth of it.
BYTES = 150_000_000
PIECE = 100_000
# How much of it may be in memory at once.
MOST_KILOBYTES = 60_000
# Of a workbook's text, which the parser of XML lets grow to some megabytes before it looks.
MOST_KILOBYTES_OF_A_WORKBOOK = 120_000
NESTED = 50_000
# Of a megabyte that an answer says of itself, some pieces on their way through.
MOST_SAID_BYTES = 3_000_000

Pieces = Iterator[bytes]


def header() -> bytes:
    return ucdp_files.as_csv().encode()


def without_end(piece: bytes) -> Pieces:
    """The header of a good file, and then this again and again."""
    yield header()
    for _number in range(BYTES // len(piece)):
        yield piece


def one_line() -> Pieces:
    return without_end(b"x," * PIECE)


def one_quoted_row() -> Pieces:
    return without_end(b'"x\n",' * PIECE)


def empty_lines() -> Pieces:
    return without_end(b"\n" * PIECE)


def rows_of_one_column() -> Pieces:
    return without_end(b"x" * PIECE + b"\n")


def columns() -> Pieces:
    yield b",".join(b"c%d" % number for number in range(100_000)) + b"\n"


def names() -> Pieces:
    """Records, each of which has other names than those before."""
    yield b"["
    for first in range(0, 20_000, 10):
        yield b'{"id":1,%s},' % b",".join(b'"name %d":1' % number for number in range(first, first + 10))
    yield b'{"id":1}]'


def objects_in_objects() -> Pieces:
    yield b'{"a":' * NESTED


def lists_in_lists() -> Pieces:
    yield b"[" * NESTED


def as_gzip(path: Path, pieces: Pieces) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for piece in pieces:
            file.write(piece)


def as_zip(path: Path, pieces: Pieces) -> None:
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open("events.csv", "w") as file:
        for piece in pieces:
            file.write(piece)


def peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@for_each(
    ("pieces", "pack", "told"),
    [
        (one_line, as_gzip, ":2: the row cannot be read: it has more than 1,000,000 characters"),
        (one_quoted_row, as_gzip, ":2: the row cannot be read: it has more than 1,000,000 characters"),
        (empty_lines, as_gzip, "more than 10,000 lines before it are empty"),
        (rows_of_one_column, as_zip, "it unpacks to more than 100 times its size"),
        (rows_of_one_column, as_gzip, "it unpacks to more than 100 times its size"),
        (columns, as_gzip, ":1: the header has 100,000 columns; at most 1,000 are read"),
        (names, as_gzip, ":1: the header has 1,001 columns; at most 1,000 are read"),
        (objects_in_objects, as_gzip, "nested too deeply"),
        (lists_in_lists, as_gzip, "nested too deeply"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_without_end_is_refused(
    tmp_path: Path, pieces: Callable[[], Pieces], pack: Callable[[Path, Pieces], None], told: str
) -> None:
    path = tmp_path / "events.csv"
    pack(path, pieces())
    assert told in refusal_of(path)


def refusal_of(path: Path, most: int = MOST_KILOBYTES) -> str:
    """The sentence in which a file is refused, in little memory."""
    before = peak_kilobytes()
    with pytest.raises(ImportFault) as fault:
        _ = IMPORTERS["ucdp-ged"](path, lambda _count: None, None).surveyed
    assert peak_kilobytes() - before < most
    return str(fault.value)


def test_of_what_an_answer_says_of_itself_no_more_is_kept_than_can_be_meant(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    says = [f'"name {number}": {value}' for number in range(20_000) for value in ("1", "{}")]
    path.write_text("{" + ",".join(says), encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(ImportFault):
            JSONRecords(path, ENCODINGS, lambda _names: 0).first_rows(1)
        assert tracemalloc.get_traced_memory()[1] < MOST_SAID_BYTES
    finally:
        tracemalloc.stop()


# --- Workbooks ---------------------------------------------------------------------------------------------------


def with_sheet(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """A workbook of one row in which what stands in its sheet is changed, by a program that is no spreadsheet."""
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(workbook(path.parent, Data=[ucdp_files.BATTLE])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        assert old in parts[sheet]
        parts[sheet] = parts[sheet].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


# Each entity holds the one before it ten times.
ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (number, b"&e%d;" % (number - 1) * 10) for number in range(1, 10))
LAUGHING = b'<!DOCTYPE s [<!ENTITY e0 "ten signs.">%s]><worksheet' % ENTITIES
SECOND_NAME = b't="inlineStr"><is><t>relid</t></is>'


@for_each(
    ("changes", "told"),
    [
        ([(b'<row r="2"', b'<row r="2000000000"')], "it has more than 1,048,576 rows"),
        ([(b'r="B1"', b'r="AAAA1"')], "the workbook cannot be read: "),
        ([(SECOND_NAME, b't="s"><v>1000000</v>')], "the workbook cannot be read: "),
        ([(b"<worksheet", LAUGHING), (b"relid", b"&e9;")], "the workbook cannot be read: "),
    ],
    ids=["row far below", "column far away", "text that is not there", "entities of entities"],
)
def test_a_workbook_that_no_spreadsheet_wrote_is_refused(
    tmp_path: Path, changes: list[tuple[bytes, bytes]], told: str
) -> None:
    assert told in refusal_of(with_sheet(tmp_path / "changed.xlsx", *changes), MOST_KILOBYTES_OF_A_WORKBOOK)


@for_each("size", [b"A1", b"A1:ALL1048576"])
def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path, size: bytes) -> None:
    changed = with_sheet(tmp_path / "changed.xlsx", (b'"A1:AW2"', b'"%s"' % size))
    rows = list(Sheet(changed, "Data").rows(lambda _count: None))
    assert [len(row) for row in rows] == [len(ucdp_files.COLUMNS)] * 2


@for_each("piece", ["[", "- ", "? ", "{a: "])
def test_a_seed_file_of_nested_lists_is_refused(tmp_path: Path, piece: str) -> None:
    (tmp_path / "events.yaml").write_text(piece * NESTED, encoding="utf-8")
    checked = run("check", tmp_path)
    assert "nested too deeply to be read" in checked.output
    refused(checked)
