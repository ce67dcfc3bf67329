"""Files that are small and hold, or seem to hold, without end are refused in a sentence, and in little memory."""

from __future__ import annotations

import gzip
import resource
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seeds.datasets import IMPORTERS
from seeds.importer.report import ImportFault
from tests import ucdp_files
from tests.sweep import for_each
from tests.test_seeds_cli import refused, run

# What each of them unpacks to; they are a thousandth of it.
BYTES = 150_000_000
PIECE = 100_000
# How much of it may be in memory at once.
MOST_KILOBYTES = 60_000
NESTED = 50_000

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
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_without_end_is_refused(
    tmp_path: Path, pieces: Callable[[], Pieces], pack: Callable[[Path, Pieces], None], told: str
) -> None:
    path = tmp_path / "events.csv"
    pack(path, pieces())
    before = peak_kilobytes()
    with pytest.raises(ImportFault) as fault:
        _ = IMPORTERS["ucdp-ged"](path, lambda _count: None, None).surveyed
    assert told in str(fault.value)
    assert peak_kilobytes() - before < MOST_KILOBYTES


@for_each("piece", ["[", "- ", "? ", "{a: "])
def test_a_seed_file_of_nested_lists_is_refused(tmp_path: Path, piece: str) -> None:
    (tmp_path / "events.yaml").write_text(piece * NESTED, encoding="utf-8")
    checked = run("check", tmp_path)
    assert "nested too deeply to be read" in checked.output
    refused(checked)
