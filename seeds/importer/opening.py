"""Opens a published file: as it is, unpacked by gzip, or out of a zip."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seeds.importer.report import ImportFault
from seeds.importer.size_limits import Unpacked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Told how many more bytes of the file, as it lies on the disk, have been read.
ByteProgress = Callable[[int], None]

# How much is read at a time. Smaller pieces cost calls, larger ones make the progress bar jump.
_PIECE = 1 << 16
_DAMAGED = (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error)
# What a zip holds that is an Excel workbook.
WORKBOOK = "xl/workbook.xml"
# How the names of files end that hold rows; a text file may, where none of these is beside it.
_DATA = (".csv", ".tsv", ".json", ".geojson", ".ndjson", ".jsonl", ".xlsx")
# The bit of a zip's member that says so.
_ENCRYPTED = 1


@contextmanager
def opened(path: Path, progress: ByteProgress = lambda _count: None) -> Iterator[IO[bytes]]:
    """The content of a file: of itself, unpacked by gzip, or the one data file in a zip. Errors: ImportFault."""
    counted = _Counted(path, progress)
    with io.BufferedReader(counted, _PIECE) as file:
        start = file.peek(4)[:4]
        try:
            if start[:2] == b"\x1f\x8b":
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield _bounded(path, unpacked)
            elif start == b"PK\x03\x04":
                # Its table of contents stands at the end, and reading it is no progress.
                counted.is_counting = False
                with zipfile.ZipFile(file) as archive, archive.open(_only_member(path, archive)) as member:
                    counted.is_counting = True
                    yield _bounded(path, member)
            else:
                yield file
        except _DAMAGED as error:
            raise ImportFault(path.name, None, None, f"the file is damaged or cut off ({error})") from error
        except NotImplementedError as error:
            # What zipfile says of newer and rarer ways to pack.
            message = f"the zip is packed in a way that cannot be read ({error}); unpack it first"
            raise ImportFault(path.name, None, None, message) from error


def _bounded(path: Path, packed: IO[bytes] | gzip.GzipFile) -> IO[bytes]:
    return io.BufferedReader(Unpacked(path.name, packed, path.stat().st_size), _PIECE)


def inner_name(path: Path) -> str:
    """The name of the file that holds the rows: a zip's member, else the file itself, as a workbook is."""
    if not zipfile.is_zipfile(path):
        return path.name
    with zipfile.ZipFile(path) as archive:
        return path.name if WORKBOOK in archive.namelist() else _only_member(path, archive)


def _only_member(path: Path, archive: zipfile.ZipFile) -> str:
    # What begins with a point is a system's own.
    names = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith(".")
    ]
    data = [name for name in names if name.lower().endswith(_DATA)]
    data = data or [name for name in names if name.lower().endswith(".txt")]
    if len(data) != 1:
        held = ", ".join(names[:5]) or "nothing"
        raise ImportFault(path.name, None, None, f"the zip must hold one CSV or JSON file; it holds {held}")
    if archive.getinfo(data[0]).flag_bits & _ENCRYPTED:
        message = f"{data[0]} in the zip is encrypted; unpack it with its password first"
        raise ImportFault(path.name, None, None, message)
    return data[0]


class _Counted(io.FileIO):
    """A file that tells how much of it is read."""

    def __init__(self, path: Path, progress: ByteProgress) -> None:
        super().__init__(path)
        self._progress, self._left = progress, path.stat().st_size
        self.is_counting = True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = super().readinto(buffer)
        if self.is_counting:
            # A zip is read here and there, and some of it twice.
            fresh = min(count, self._left)
            self._left -= fresh
            self._progress(fresh)
        return count
