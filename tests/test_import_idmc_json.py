"""IDMC's JSON: what Python's own reader lets pass, and a database or a reader of totals does not, is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault
from tests.brought import brought
from tests.test_import_idmc_idu import ROW, write

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")


def refused(path: Path) -> ImportFault:
    """The fault that ends the reading of a file."""
    with pytest.raises(ImportFault) as told:
        assert IdmcIdu(path).dataset
    str(told.value).encode()
    return told.value


def changed(folder: Path, old: str, new: str) -> Path:
    """A file of two records in lines 2 and 3, with something changed in the second."""
    records = [json.dumps({**ROW, "id": identity}) for identity in (900001, 900002)]
    assert records[1].count(old) == 1
    path = folder / "updates.json"
    path.write_text("[\n" + ",\n".join([records[0], records[1].replace(old, new)]) + "\n]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("second", ["42", "41"])
def test_name_that_a_record_has_twice_is_refused(tmp_path: Path, second: str) -> None:
    fault = refused(changed(tmp_path, '"figure": 41', f'"figure": 41, "figure": {second}'))
    assert (fault.line, fault.column) == (3, "figure")
    assert "must stand in it once" in fault.message


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('"event_name": "India', r'"event_name": "\ud800India', "event_name"),
        ('"event_name": "India', r'"event_name": "\u0000India', "event_name"),
        ('"type": null', r'"type": ["Flood", "\udc00"]', "type"),
        ('"old_id"', r'"old_\ud800"', r"old_\ud800"),
    ],
)
def test_text_that_no_database_holds_is_refused(tmp_path: Path, old: str, new: str, column: str) -> None:
    fault = refused(changed(tmp_path, old, new))
    assert (fault.line, fault.column) == (3, column)
    assert "U+" in fault.message and "at character" in fault.message


def test_character_that_json_spells_in_two_halves_is_taken(corpus_address: str, tmp_path: Path) -> None:
    path = changed(tmp_path, '"event_name": "India', r'"event_name": "\ud83c\udf0aIndia')
    codes = brought(corpus_address, IdmcIdu(path)).events["idmc-idu-900002"]["codes"]
    assert codes["event_name"].startswith("\N{WATER WAVE}India")


def test_comma_behind_the_last_record_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, '"figure": 41', '"figure": 42')
    path.write_text(path.read_text(encoding="utf-8").replace("\n]", ",\n]"), encoding="utf-8")
    fault = refused(path)
    assert fault.line == 4
    assert "leave the comma out" in fault.message


@pytest.mark.parametrize("content", ["[" * 100_000, '[{"a": ' * 100_000])
def test_file_that_is_nested_without_end_is_refused(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, {})
    path.write_text(content, encoding="utf-8")
    fault = refused(path)
    assert fault.line == 1 and "nested too deeply" in fault.message
