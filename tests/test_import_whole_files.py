"""Files that are cut off, or in a zip that cannot be opened, are refused before anything is written, for every importer.

All files are invented; what stands in them is told in the tests of each importer.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from seeds.datasets import IMPORTERS
from seeds.importer.report import ImportFault
from seeds.importer.table import FileOptions
from tests import test_import_acled, test_import_awsd, test_import_idmc_idu, test_import_insecurity_insight, ucdp_files
from tests.conftest import load_into
from tests.databases import Databases
from tests.stored import rows
from tests.sweep import for_each

# A file of two rows, in lines 2 and 3, of each dataset.
FILES: dict[str, Callable[[Path], Path]] = {
    "ucdp-ged": lambda folder: ucdp_files.written(folder, ucdp_files.BATTLE, ucdp_files.BATTLE),
    "acled": lambda folder: test_import_acled.write(folder, {}, {}),
    "idmc-idu": lambda folder: test_import_idmc_idu.write_csv(folder, {}, {}),
    "awsd": lambda folder: test_import_awsd.write(folder, {}, {}),
    "insecurity-insight-health": lambda folder: test_import_insecurity_insight.write(
        folder, test_import_insecurity_insight.HEALTH, {}, {}
    ),
}


def test_every_importer_is_held_to_these_tests() -> None:
    # Of those that one module reads, one stands for all.
    held_to = {IMPORTERS[name].__module__ for name in FILES}
    lacking = {name for name, importer in IMPORTERS.items() if importer.__module__ not in held_to}
    assert not lacking, f"add a file of two rows of {lacking} to FILES in tests/test_import_whole_files.py"


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows.csv", content)
    return packed.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {"csv": bytes, "gz": gzip.compress, "zip": zipped}


@pytest.fixture(params=FILES)
def dataset(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


# --- Cut off -----------------------------------------------------------------------------------------------------


@for_each("container", CONTAINERS.values())
def test_file_that_is_cut_off_in_its_last_column_is_refused_with_its_line(
    tmp_path: Path, dataset: str, container: Callable[[bytes], bytes]
) -> None:
    path = FILES[dataset](tmp_path)
    path.write_bytes(container(path.read_bytes().rstrip()[:-1]))
    with pytest.raises(ImportFault, match=rf"{path.name}:3: the last line has no line break.*end it with one"):
        assert IMPORTERS[dataset](path).dataset


def test_last_line_without_its_break_is_taken_where_its_value_is_as_long_as_all_others(
    tmp_path: Path, dataset: str
) -> None:
    path = FILES[dataset](tmp_path)
    path.write_bytes(path.read_bytes().rstrip())
    assert IMPORTERS[dataset](path).dataset["id"] == dataset


def test_last_line_without_its_break_is_taken_where_its_user_says_that_it_is_whole(
    tmp_path: Path, dataset: str
) -> None:
    path = FILES[dataset](tmp_path)
    path.write_bytes(path.read_bytes().rstrip()[:-1])
    source = IMPORTERS[dataset](path)
    source.options = FileOptions(is_uncut=True)
    assert source.dataset["id"] == dataset


@for_each("line_break", [b"\n", b"\r\n", b"\r"])
def test_file_whose_last_line_is_ended_is_taken(tmp_path: Path, dataset: str, line_break: bytes) -> None:
    path = FILES[dataset](tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\r\n", line_break))
    assert IMPORTERS[dataset](path).dataset["id"] == dataset


def test_header_alone_is_not_said_to_be_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(ucdp_files.as_csv().rstrip(), encoding="utf-8")
    with pytest.raises(ImportFault, match="it has columns, and no rows below them"):
        assert IMPORTERS["ucdp-ged"](path).dataset


def test_database_stays_as_it_was_when_a_file_is_cut_off(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    path = ucdp_files.written(tmp_path, *[ucdp_files.BATTLE] * 3)
    load_into(address, IMPORTERS["ucdp-ged"](path))
    before = rows(address)
    # Without its last row, and with another number at the end of the one before.
    path.write_bytes(path.read_bytes().rstrip().rpartition(b"\r\n")[0][:-1])
    with pytest.raises(ImportFault, match=r"events\.csv:3: "):
        load_into(address, IMPORTERS["ucdp-ged"](path))
    assert rows(address) == before


def test_file_that_ends_in_zeros_is_refused_with_its_line(tmp_path: Path, dataset: str) -> None:
    path = FILES[dataset](tmp_path)
    # What a machine that stops while it writes may leave of a file's end.
    path.write_bytes(path.read_bytes()[:-40] + bytes(38) + b"\r\n")
    with pytest.raises(ImportFault, match=rf"{path.name}:3: the row cannot be read: .*U\+0000"):
        assert IMPORTERS[dataset](path).dataset


# --- Zips that cannot be opened ----------------------------------------------------------------------------------

# Where a member's flags and method stand, in its own header and in the zip's table of contents.
FLAGS, METHOD = (6, 8), (8, 10)


def marked(content: bytes, places: tuple[int, int], mark: int) -> bytes:
    """A zip whose one member says of itself what is not so."""
    made = bytearray(zipped(content))
    for start, place in zip((made.index(b"PK\x03\x04"), made.index(b"PK\x01\x02")), places, strict=True):
        made[start + place] = mark
    return bytes(made)


@for_each(
    ("places", "mark", "said"),
    [(FLAGS, 1, r"rows\.csv in the zip is encrypted; unpack it"), (METHOD, 99, "in a way that cannot be read")],
)
def test_zip_that_cannot_be_opened_is_refused(
    tmp_path: Path, dataset: str, places: tuple[int, int], mark: int, said: str
) -> None:
    path = FILES[dataset](tmp_path)
    path.write_bytes(marked(path.read_bytes(), places, mark))
    with pytest.raises(ImportFault, match=said):
        assert IMPORTERS[dataset](path).dataset
