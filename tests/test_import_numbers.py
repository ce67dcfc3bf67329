"""What importers take for a number: only digits from 0 to 9, and no more of them than a database and a calendar hold.

All rows are invented; what is wrong with one is told with its line and column, for every importer alike.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from seeds.acled.export import Acled
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault, ImportRefused
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled, test_import_idmc_idu
from tests.brought import Importer, brought
from tests.sweep import for_each
from tests.test_import_acled import COLUMNS
from tests.ucdp_files import BATTLE, written

# Rows are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

# Whole numbers to Python or to a database of endless width, and to no publisher.
NO_COUNTS = {
    "underscore": "1_000",
    "plus": "+34",
    "digits of another script": "٣٤",
    "beyond 64 bits": "99999999999999999999",
    "13 digits": "1000000000000",
    "beyond what Python reads": "9" * 5000,
    "decimals": "1.5",
}
NO_DEGREES = {"underscore": "2_3.79", "digits of another script": "٢٣.79", "beyond floats": "1e999", "word": "nan"}
LARGEST = "999999999999"


def refused(address: str, source: Importer) -> ImportFault:
    """The only fault that is told of a file."""
    with pytest.raises(ImportRefused) as told:
        brought(address, source)
    (fault,) = told.value.faults
    return fault


# --- UCDP --------------------------------------------------------------------------------------------------------


def ucdp_fault(address: str, folder: Path, column: str, printed: str) -> tuple[int | None, str | None]:
    fault = refused(address, UcdpGed(written(folder, BATTLE, {**BATTLE, column: printed}, BATTLE)))
    return fault.line, fault.column


@for_each(
    ("column", "printed"),
    product(
        ["id", "year", "best", "deaths_a", "conflict_new_id", "dyad_new_id", "number_of_sources"], NO_COUNTS.values()
    ),
)
def test_no_number_of_ucdps_is_told(corpus_address: str, tmp_path: Path, column: str, printed: str) -> None:
    assert ucdp_fault(corpus_address, tmp_path, column, printed) == (3, column)


@for_each("printed", NO_COUNTS.values(), ids=NO_COUNTS)
def test_no_number_of_a_side_is_told(corpus_address: str, tmp_path: Path, printed: str) -> None:
    line, column = ucdp_fault(corpus_address, tmp_path, "side_b_new_id", printed)
    assert line == 3 and column is not None and "side_b_new_id" in column


@for_each("printed", NO_DEGREES.values(), ids=NO_DEGREES)
def test_no_degrees_of_ucdps_are_told(corpus_address: str, tmp_path: Path, printed: str) -> None:
    assert ucdp_fault(corpus_address, tmp_path, "latitude", printed) == (3, "latitude")


@for_each(("column", "printed"), [("date_start", "1_1/3/2023"), ("date_end", "11/٣/2023")])
def test_no_day_of_ucdps_is_told(corpus_address: str, tmp_path: Path, column: str, printed: str) -> None:
    assert ucdp_fault(corpus_address, tmp_path, column, printed) == (3, column)


def test_largest_number_and_uncounted_sources_are_taken(corpus_address: str, tmp_path: Path) -> None:
    row = {**BATTLE, "high": LARGEST, "number_of_sources": "-1", "longitude": "9.568e+01"}
    event = brought(corpus_address, UcdpGed(written(tmp_path, row))).event
    assert (event["figures"][0]["high"], event["longitude"]) == (int(LARGEST), 95.68)
    assert "number_of_sources" not in event["codes"]


# --- ACLED -------------------------------------------------------------------------------------------------------


@for_each("printed", NO_COUNTS.values(), ids=NO_COUNTS)
def test_no_fatalities_are_told(corpus_address: str, tmp_path: Path, printed: str) -> None:
    path = test_import_acled.write(tmp_path, {}, {"fatalities": printed}, {})
    fault = refused(corpus_address, Acled(path))
    assert (fault.line, fault.column) == (3, "fatalities")


@for_each(
    ("column", "printed"),
    [
        ("timestamp", "1699999999000"),
        ("timestamp", "16999999990001699999"),
        ("timestamp", "9" * 5000),
        ("timestamp", "٣٤"),
        ("event_id_cnty", "MMR99999999999999999999"),
        ("event_id_cnty", "MMR" + "9" * 5000),
        ("event_id_cnty", "MMR٣٤"),
        ("inter1", "٣"),
        ("interaction", "99999999999999999999"),
        ("latitude", "2_3.79"),
        ("longitude", "٩٥.68"),
        ("event_date", "0_6 November 2033"),
        ("event_date", "٠٦ November 2033"),
        ("event_date", "9999-12-31"),
    ],
)
def test_no_number_of_acleds_is_told(corpus_address: str, tmp_path: Path, column: str, printed: str) -> None:
    assert column in COLUMNS
    path = test_import_acled.write(tmp_path, {}, {column: printed, "time_precision": "2", "year": ""}, {})
    fault = refused(corpus_address, Acled(path))
    assert (fault.line, fault.column) == (3, column)


def test_timestamp_that_is_none_does_not_name_the_release(tmp_path: Path) -> None:
    path = test_import_acled.write(tmp_path, {"timestamp": "1699999999000"}, {"timestamp": "1699999999"})
    assert Acled(path).dataset["release"] == "export of 2023-11-14"


# --- IDMC --------------------------------------------------------------------------------------------------------

HOUSEHOLDS = "<b> India: 41 displacements </b> <br> {} households fled. <br> Invented Courier - 24 July 2033"


# As JSON prints them: text, and numbers of its own.
NO_COUNTS_IN_JSON = {
    **{f"{name} in quotes": json.dumps(printed) for name, printed in NO_COUNTS.items()},
    **{name: NO_COUNTS[name] for name in ("beyond 64 bits", "13 digits", "beyond what Python reads", "decimals")},
}


@for_each(("column", "printed"), product(["id", "figure"], NO_COUNTS_IN_JSON.values()))
def test_no_number_of_idmcs_is_told(corpus_address: str, tmp_path: Path, column: str, printed: str) -> None:
    path = test_import_idmc_idu.write(tmp_path, {}, {column: "HERE"}, indent=None)
    path.write_text(path.read_text(encoding="utf-8").replace('"HERE"', printed), encoding="utf-8")
    fault = refused(corpus_address, IdmcIdu(path))
    assert (fault.line, fault.column) == (1, column)


@for_each(
    ("column", "printed"),
    [
        ("latitude", "2_4.4"),
        ("longitude", "٩٣.9"),
        ("displacement_end_date", "9999-12-31T12:00:00.000Z"),
        ("standard_popup_text", HOUSEHOLDS.format("99,999,999,999,999,999,999")),
        ("standard_popup_text", HOUSEHOLDS.format("9" * 5000)),
    ],
)
def test_no_value_of_idmcs_is_told(corpus_address: str, tmp_path: Path, column: str, printed: str) -> None:
    path = test_import_idmc_idu.write(tmp_path, {}, {column: printed}, indent=None)
    fault = refused(corpus_address, IdmcIdu(path))
    assert (fault.line, fault.column) == (1, column)


def test_whole_numbers_with_a_zero_behind_the_point_are_taken(corpus_address: str, tmp_path: Path) -> None:
    path = test_import_idmc_idu.write(tmp_path, {"figure": 41.0, "id": 900001.0})
    assert brought(corpus_address, IdmcIdu(path)).figure["best"] == 41
