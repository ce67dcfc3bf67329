"""Values that look right alone and cannot be: they are told, set aside or refuse their file, and nothing is guessed of them.

All rows are invented.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.domain.countries import country_code
from seeds.acled.export import Acled
from seeds.acled.values import seconds
from seeds.awsd.incidents import Awsd
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault, ImportRefused
from seeds.importer.states import states
from seeds.importer.table import FileOptions
from seeds.importer.table_importer import TableImporter
from seeds.insecurity_insight.incidents import HealthIncidents
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled as acled
from tests import test_import_awsd as awsd
from tests import test_import_idmc_idu as idmc
from tests import test_import_insecurity_insight as insight
from tests.brought import Brought, brought
from tests.sweep import for_each
from tests.ucdp_files import BATTLE, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

Change = Mapping[str, Any]


def numbered(folder: Path, *changes: Change) -> Path:
    """A file of UCDP's with a row for each of these changes to a row."""
    return written(folder, *({**BATTLE, "id": str(7001 + number), **change} for number, change in enumerate(changes)))


# Each publisher's importer, its invented file, and what it calls the code and the name of a country, and a point.
PUBLISHERS: Mapping[str, tuple[type[TableImporter], Callable[..., Path], Sequence[str]]] = {
    "ucdp": (UcdpGed, numbered, ("country_id", "country", "latitude", "longitude")),
    "acled": (Acled, acled.write, ("iso", "country", "latitude", "longitude")),
    "idmc": (IdmcIdu, idmc.write, ("iso3", "country", "latitude", "longitude")),
    "awsd": (Awsd, awsd.write, ("Country Code", "Country", "Latitude", "Longitude")),
    "insight": (
        HealthIncidents,
        lambda folder, *changes: insight.write(folder, insight.HEALTH, *changes),
        ("Country ISO", "Country", "Latitude", "Longitude"),
    ),
}
# The codes of two countries in the list of each.
INDIA = {"ucdp": "750", "acled": "356", "idmc": "IND", "awsd": "IN", "insight": "IND"}
MYANMAR = {"ucdp": "775", "acled": "104", "idmc": "MMR", "awsd": "MM", "insight": "MMR"}


def read(address: str, name: str, folder: Path, *changes: Sequence[str]) -> tuple[Brought, list[str]]:
    """What a file of rows brings, of which each has other values in the four columns, and what its report tells."""
    importer, write, columns = PUBLISHERS[name]
    source = importer(write(folder, *(dict(zip(columns, change, strict=False)) for change in changes)))
    source.report.is_strict = False
    return brought(address, source), list(source.report.lines())


@for_each("name", PUBLISHERS)
def test_a_point_at_nought_is_none_and_told(corpus_address: str, tmp_path: Path, name: str) -> None:
    found, lines = read(corpus_address, name, tmp_path, (MYANMAR[name], "Myanmar", "0.0", "0"))
    assert (found.event["latitude"], found.event["longitude"]) == (None, None)
    assert any("latitude and longitude unknown and taken as no point: 1 (line " in line for line in lines)


@for_each("name", PUBLISHERS)
def test_a_point_outside_of_its_country_is_told(corpus_address: str, tmp_path: Path, name: str) -> None:
    inside = (MYANMAR[name], "Myanmar", "23.79", "95.68")
    found, lines = read(corpus_address, name, tmp_path, inside, (*inside[:2], "-23.79", "95.68"))
    assert [event["latitude"] for event in found.events.values()] == [23.79, -23.79]
    assert any("rows kept, the point lies far outside of its country: 1 (" in line for line in lines)


@for_each("name", PUBLISHERS)
def test_points_with_latitude_and_longitude_exchanged_refuse_the_file(
    corpus_address: str, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ImportFault, match=r"2 of 2 points lie in their country only with latitude and longitude exch"):
        read(corpus_address, name, tmp_path, *[("", "Kenya", "37.9", "0.5")] * 2)


def test_a_latitude_that_may_be_a_longitude_is_told(corpus_address: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="does not lie between -90 and 90; is it a longitude"):
        read(corpus_address, "ucdp", tmp_path, ("775", "Myanmar", "95.68", "23.79"))


@for_each("name", PUBLISHERS)
def test_a_country_whose_code_is_lost_is_known_by_its_name(corpus_address: str, tmp_path: Path, name: str) -> None:
    found, lines = read(corpus_address, name, tmp_path, ("", "Türkiye", "", ""))
    assert "tur" in found.locations
    column = PUBLISHERS[name][2][0].lower().replace(" ", "_")
    assert any(line.startswith(f"rows kept, {column} unknown and taken as TUR: 1 (") for line in lines)


@for_each("name", PUBLISHERS)
def test_a_row_with_a_code_and_a_name_of_two_countries_is_set_aside(
    corpus_address: str, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ImportRefused) as told:
        read(corpus_address, name, tmp_path, (INDIA[name], "Burma", "", ""))
    (fault,) = told.value.faults
    assert fault.column == "country"
    assert fault.message.startswith("'Burma' is not the country of ")
    assert fault.message.endswith(f"'{INDIA[name]}', which is India")


def test_the_names_of_ucdps_states_are_of_no_other_country() -> None:
    found = {state.name: (country_code(state.name), state.code) for state in states().values()}
    assert [name for name, (by_name, code) in found.items() if by_name not in (None, code)] == []


def test_an_export_without_codes_of_countries_is_known_by_their_names(corpus_address: str, tmp_path: Path) -> None:
    source = Acled(acled.write(tmp_path, {}, {"country": "Ivory Coast"}, {"country": "Gulf of Siam"}, without=("iso",)))
    source.report.is_strict = False
    found, lines = brought(corpus_address, source), list(source.report.lines())
    assert {"civ", "acled-gulf-of-siam"} <= found.locations.keys()
    assert "no column has a code of the country, so it is known by its name" in lines
    assert any(line.startswith("rows kept, country unknown and taken as no country: 1 (line 4") for line in lines)


def test_words_for_not_knowing_are_no_number(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(numbered(tmp_path, {"best": "Unknown", "where_coordinates": "Unknown"}))
    source.report.is_strict = False
    found = brought(corpus_address, source)
    assert found.event["figures"][0]["best"] is None
    assert found.locations[found.event["location_id"]]["name"] == "Unknown"
    assert "best: 'Unknown' (1) is no value" in source.report.lines()


# --- Days and times ------------------------------------------------------------------------------------------------


@for_each(
    "days",
    [
        ("2023-03-11", "2023-04-11", "2023-12-01", "13/11/2023", "25/11/2023", "30/11/2023"),
        ("2023-11-03 00:00:00", "2023-11-04 00:00:00", "2023-11-05 00:00:00", "11/13/2023", "11/14/2023", "11/15/2023"),
    ],
)
def test_days_that_a_spreadsheet_has_half_read_are_refused(tmp_path: Path, days: Sequence[str]) -> None:
    path = numbered(tmp_path, *({"date_start": day, "date_end": day} for day in days))
    with pytest.raises(ImportFault, match=r"date_start: days up to the twelfth .* day and month exchanged"):
        assert UcdpGed(path).dataset


def test_a_day_past_the_twelfth_says_that_plain_days_are_as_they_were(corpus_address: str, tmp_path: Path) -> None:
    days = ("2023-11-03", "2023-11-04", "2023-11-15", "13/11/2023", "25/11/2023", "30/11/2023")
    source = UcdpGed(numbered(tmp_path, *({"date_start": day, "date_end": day} for day in days)))
    found = brought(corpus_address, source)
    assert [str(event["date_start"])[-2:] for event in found.events.values()] == ["03", "04", "15", "13", "25", "30"]


def test_a_day_that_is_yet_to_come_is_told(corpus_address: str, tmp_path: Path) -> None:
    later = {"date_start": "2203-11-03", "date_end": "2203-11-03", "year": "2203"}
    source = UcdpGed(numbered(tmp_path, {}, later))
    brought(corpus_address, source)
    assert "rows kept, the day is yet to come: 1 (line 3: 2203-11-03)" in source.report.lines()


@for_each("printed", ["2033-11-10 23:33:20", "2033-11-10T23:33:20Z", "2033-11-11T00:33:20+01:00", "2015278400"])
def test_a_change_is_told_in_seconds_or_as_a_time(printed: str) -> None:
    assert seconds(printed) == 2015278400


# --- What is cut, and what was saved wrongly -------------------------------------------------------------------------


def test_a_row_that_ends_early_in_a_file_without_its_last_break_is_cut_off(tmp_path: Path) -> None:
    path = numbered(tmp_path, {}, {}, {})
    path.write_text(path.read_text(encoding="utf-8").rstrip().removesuffix(",775,"), encoding="utf-8")
    with pytest.raises(ImportFault, match="may be cut off"):
        assert UcdpGed(path).dataset


def test_as_many_rows_as_acleds_interface_gives_at_once_may_be_one_page(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("seeds.acled.export._AT_ONCE", 3)
    path = acled.write(tmp_path, {}, {}, {})
    with pytest.raises(ImportFault, match="exactly 3 rows, as many as ACLED's interface gives at once"):
        assert Acled(path).dataset
    source = Acled(path)
    source.options = FileOptions(is_uncut=True)
    assert source.dataset["id"] == "acled"


def test_a_page_that_names_the_next_is_a_part(tmp_path: Path) -> None:
    path = tmp_path / "ged251.json"
    for more in ({"@odata.nextLink": "https://example.org/2"}, {"links": {"next": "https://example.org/2"}}):
        path.write_text(json.dumps({"value": [BATTLE], **more}), encoding="utf-8")
        with pytest.raises(ImportFault, match="this is one page of what the publisher's interface has"):
            assert UcdpGed(path).dataset


def test_text_that_was_saved_in_another_encoding_is_read_as_it_was(corpus_address: str, tmp_path: Path) -> None:
    garbled = "Tõnlé town".encode().decode("cp1252")
    source = UcdpGed(numbered(tmp_path, {"where_coordinates": garbled, "where_description": "São Tomé"}))
    found = brought(corpus_address, source)
    assert "Tõnlé town" in {place["name"] for place in found.locations.values()}
    assert found.event["codes"]["where_description"] == "São Tomé"
    told = f"where_coordinates: '{garbled}', saved in another encoding than it was, is read as 'Tõnlé town'"
    assert told in source.report.lines()


# --- Codes of the two publishers of attacks on aid -----------------------------------------------------------------


def test_words_that_nobody_knew_are_told_of_incidents(corpus_address: str, tmp_path: Path) -> None:
    aid = Awsd(awsd.write(tmp_path, {"Means of attack": "Drowning", "Verified": "Perhaps", "Month": "March"}))
    health = HealthIncidents(insight.write(tmp_path, insight.HEALTH, {"Weapon Carried/Used": "Firearms, Crossbow"}))
    for source in (aid, health):
        source.report.is_strict = False
    assert str(brought(corpus_address, aid).event["date_start"]) == "2033-03-05"
    brought(corpus_address, health)
    kept = [line for line in (*aid.report.lines(), *health.report.lines()) if " unknown and taken as " in line]
    assert [line.partition(": ")[0].removeprefix("rows kept, ") for line in kept] == [
        "means_of_attack unknown and taken as no cause",
        "verified unknown and taken as not stated",
        "weapon_carried/used unknown and taken as no cause",
    ]
