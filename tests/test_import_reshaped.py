"""Files that a program on the way has reshaped, so that what they say looks right and is not: days that another zone shows,
zeros where nothing was, records under several names, the rows of another country. All rows are invented.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from seeds.acled.export import Acled
from seeds.awsd.incidents import Awsd
from seeds.datasets import importer_of
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault
from seeds.insecurity_insight.incidents import HealthIncidents
from seeds.ucdp.ged import UcdpGed
from seeds.ucdp.releases import version_in
from tests import test_import_acled as acled
from tests import test_import_awsd as awsd
from tests import test_import_idmc_idu as idmc
from tests import test_import_insecurity_insight as insight
from tests.brought import Brought, brought
from tests.databases import Databases
from tests.sweep import for_each
from tests.test_import_numbers import refused as fault_of
from tests.test_seeds_cli import refused, run, stand
from tests.ucdp_files import BATTLE, as_csv, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    found = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def on(folder: Path, *days: str, end: str | None = None) -> Path:
    """A file of UCDP's with a row for each of these days, written so."""
    return written(folder, *({**BATTLE, "date_start": day, "date_end": end or day} for day in days))


def starts(address: str, path: Path) -> tuple[list[str], list[str]]:
    """On which days its events start, and what its report tells."""
    source = UcdpGed(path)
    found = brought(address, source)
    return [str(event["date_start"]) for event in found.events.values()], list(source.report.lines())


# --- Days ----------------------------------------------------------------------------------------------------------


@for_each(
    "days",
    [
        # As databases, ArcGIS and R print midnight in Myanmar in UTC, and midnight of UTC in New York in winter and summer.
        ("2023-11-02 17:30:00+00", "2023-11-12 17:30:00+00"),
        ("2023-11-02T17:30:00+0000", "2023-11-12T17:30:00+0000"),
        ("11/2/2023 7:00:00 PM", "11/12/2023 7:00:00 PM", "11/13/2023 8:00:00 PM"),
        ("2023-11-02 19:00:00", "2023-11-12 19:00:00"),
        ("2023-11-02T19:00:00-05:00", "2023-11-12T20:00:00-04:00"),
    ],
)
def test_days_that_all_have_a_midnight_of_another_zone_are_the_days_after(
    corpus_address: str, tmp_path: Path, days: Sequence[str]
) -> None:
    found, lines = starts(corpus_address, on(tmp_path, *days))
    assert found[:2] == ["2023-11-03", "2023-11-13"]
    assert any(line.startswith("date_start: ") and "the day after: a time that all days have" in line for line in lines)


@for_each(
    ("day", "end"),
    [
        # The last second of a day, hours of three kinds, a zone that is ahead, and noon are no midnight of another zone.
        ("2023-11-03T00:00:00Z", "2023-11-03T23:59:59Z"),
        ("2023-11-03 20:10:00", None),
        ("2023-11-03T17:30:00+06:30", None),
        ("2023-11-03 12:00:00", None),
    ],
)
def test_other_times_leave_the_day_as_it_is(corpus_address: str, tmp_path: Path, day: str, end: str | None) -> None:
    source = UcdpGed(on(tmp_path, day, end=end))
    event = brought(corpus_address, source).event
    assert (str(event["date_start"]), str(event["date_end"])) == ("2023-11-03", "2023-11-03")


def test_an_apostrophe_before_a_day_is_a_spreadsheets(corpus_address: str, tmp_path: Path) -> None:
    assert starts(corpus_address, on(tmp_path, "'2023-11-03", "'2023-11-04"))[0] == ["2023-11-03", "2023-11-04"]


@for_each("printed", ["20026", "23317", "19664"])
def test_days_that_are_counted_from_1960_or_1970_are_no_spreadsheets(
    corpus_address: str, tmp_path: Path, printed: str
) -> None:
    fault = fault_of(corpus_address, UcdpGed(on(tmp_path, printed)))
    assert (fault.column, fault.message) == ("date_start", f"'{printed}' is no date such as 2023-11-03")


IN_25 = "'0025-09-13' is in the year 25; is 2025 meant?"
NO_DAY = "'1970-01-01' is what programs write where there is no day"
# Each publisher's file with a row of such a day.
FILES_OF_A_DAY: Sequence[Callable[[Path, str], Any]] = (
    lambda folder, day: UcdpGed(written(folder, {**BATTLE, "year": "", "date_start": day})),
    lambda folder, day: Acled(acled.write(folder, {"event_date": day, "year": str(int(day[:4]))})),
    lambda folder, day: IdmcIdu(idmc.write(folder, {"displacement_date": day, "displacement_start_date": day})),
    lambda folder, day: HealthIncidents(insight.write(folder, insight.HEALTH, {"Date": day})),
)


@for_each(
    ("written_in", "day", "said"),
    [
        (place, *told)
        for place in range(len(FILES_OF_A_DAY))
        for told in (("0025-09-13", IN_25), ("1970-01-01", NO_DAY))
    ],
)
def test_a_day_that_no_event_was_on_is_set_aside(
    corpus_address: str, tmp_path: Path, written_in: int, day: str, said: str
) -> None:
    assert fault_of(corpus_address, FILES_OF_A_DAY[written_in](tmp_path, day)).message == said


def test_a_day_before_the_publisher_begins_is_told(corpus_address: str, tmp_path: Path) -> None:
    source = Acled(acled.write(tmp_path, {}, {"event_date": "1987-03-05", "year": "1987"}))
    brought(corpus_address, source)
    told = "rows kept, the day is before 1997, with which its publisher begins: 1 (line 3: 1987-03-05)"
    assert told in source.report.lines()


# --- Values and names ----------------------------------------------------------------------------------------------


@for_each("filling", ["0", "0.0", "Not specified", "missing"])
def test_what_a_program_fills_empty_texts_with_is_no_value(corpus_address: str, tmp_path: Path, filling: str) -> None:
    texts = ("actor2", "assoc_actor_1", "assoc_actor_2", "admin3", "civilian_targeting", "tags")
    empty = brought(corpus_address, Acled(acled.write(tmp_path, {**dict.fromkeys(texts, ""), "inter2": "0"})))
    source = Acled(acled.write(tmp_path, {**dict.fromkeys(texts, filling), "inter2": "0"}))
    assert brought(corpus_address, source) == empty
    (told,) = [line for line in source.report.lines() if line.startswith(f"'{filling}' is no value, in ")]
    assert all(f"{column} (1)" in told for column in texts)


def test_a_change_that_a_spreadsheet_has_rounded_is_left_out_and_told(corpus_address: str, tmp_path: Path) -> None:
    source = Acled(acled.write(tmp_path, {"timestamp": "1.74E+09"}))
    source.report.is_strict = False
    assert "timestamp" not in brought(corpus_address, source).event["codes"]
    assert "rows kept, timestamp unknown and taken as left out: 1 (line 2: '1.74E+09')" in source.report.lines()


def test_a_byte_order_mark_that_was_saved_as_letters_is_none(corpus_address: str, tmp_path: Path) -> None:
    path = written(tmp_path, BATTLE)
    path.write_text(f"ï»¿{path.read_text(encoding='utf-8')}", encoding="utf-8")
    assert list(brought(corpus_address, UcdpGed(path)).events) == ["ucdp-ged-7001"]


def test_booleans_in_the_languages_of_spreadsheets_are_read(corpus_address: str, tmp_path: Path) -> None:
    printed = ("t", "WAHR", "VRAI", "f", "FALSCH", "FAUX")
    found = brought(corpus_address, UcdpGed(written(tmp_path, *({**BATTLE, "active_year": one} for one in printed))))
    assert [event["codes"]["active_year"] for event in found.events.values()] == [True] * 3 + [False] * 3


def test_a_point_that_json_has_as_a_list_is_read(corpus_address: str, tmp_path: Path) -> None:
    row = {"latitude": None, "longitude": None, "centroid": [24.4, 93.9]}
    event = brought(corpus_address, IdmcIdu(idmc.write(tmp_path, row))).event
    assert (event["latitude"], event["longitude"]) == (24.4, 93.9)


def test_a_table_that_was_made_longer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "longer.csv"
    names = [name for name in acled.COLUMNS if name not in ("actor1", "inter1", "actor2", "inter2")]
    path.write_text(",".join([*names, "type_of_actor", "actor", "inter_type", "inter"]) + "\n", encoding="utf-8")
    with pytest.raises(
        ImportFault, match="this looks like ACLED's events as acledR's acled_transform_longer leaves them"
    ):
        importer_of(path, None)


def test_days_beyond_their_precision_are_told_and_widen_it(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "date_prec": "1", "date_end": "2023-11-13"}))
    event = brought(corpus_address, source).event
    assert (event["date_precision"], event["codes"]["date_prec"]) == ("month", 1)
    assert "rows kept, days reach further than date_prec says: 1 (line 2: 2023-11-03 to 2023-11-13)" in (
        source.report.lines()
    )


def test_a_total_that_its_parts_do_not_come_to_is_told(corpus_address: str, tmp_path: Path) -> None:
    parts = {"Nationals killed": 3, "Internationals killed": 0}
    source = Awsd(awsd.write(tmp_path, {**parts, "Total killed": 1}, {**parts, "Total killed": 3}))
    assert [event["figures"][0]["best"] for event in brought(corpus_address, source).events.values()] == [1, 3]
    told = "(line 2: total_killed 1, of nationals and internationals 3 and 0)"
    assert f"rows kept, a total is not the sum of its parts: 1 {told}" in source.report.lines()


# --- Records under several names -----------------------------------------------------------------------------------


SECOND = {**BATTLE, "id": "7002"}
THIRD = {**BATTLE, "id": "7003"}


@for_each(
    "content",
    [
        # A list for each country, a record for each number of a row, answers under the numbers of their pages.
        {"MMR": [BATTLE, SECOND], "BGD": [THIRD]},
        {"0": BATTLE, "1": SECOND, "2": THIRD},
        {"result": {"conflict": [BATTLE], "other": [SECOND, THIRD]}, "success": True},
        {"page1": {"TotalPages": 2, "Result": [BATTLE, SECOND]}, "page2": {"TotalPages": 2, "Result": [THIRD]}},
        # What stands beside records and is none.
        {"Result": [BATTLE, SECOND, THIRD], "messages": ["read", {"code": 1}], "query": {"country": "775"}, "none": []},
    ],
)
def test_records_under_all_names_are_read(corpus_address: str, tmp_path: Path, content: Mapping[str, Any]) -> None:
    found = read_json(corpus_address, tmp_path, content)
    assert list(found.events) == ["ucdp-ged-7001", "ucdp-ged-7002", "ucdp-ged-7003"]


def test_names_beside_the_first_are_told(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"MMR": [BATTLE], "BGD": [SECOND], "IND": []}), encoding="utf-8")
    source = UcdpGed(path)
    brought(corpus_address, source)
    assert "records stand under 2 names, and all are read: also under BGD" in source.report.lines()


@for_each("around", [{"links": {"next": "https://example.org/2"}}, {"more": [{"code": 1}], "TotalPages": 2}])
def test_one_page_is_one_whatever_stands_beside_its_records(tmp_path: Path, around: Mapping[str, Any]) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"answer": {"Result": [BATTLE]}, **around}), encoding="utf-8")
    with pytest.raises(ImportFault, match="this is one page"):
        assert UcdpGed(path).dataset


def test_columns_apart_from_their_values_are_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text(json.dumps({"columns": list(BATTLE), "data": [list(BATTLE.values())]}), encoding="utf-8")
    with pytest.raises(ImportFault, match=r"columns apart from their values.*orient='records'"):
        importer_of(path, None)


def read_json(address: str, folder: Path, content: object) -> Brought:
    path = folder / "events.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return brought(address, UcdpGed(path))


# --- Releases and what stands --------------------------------------------------------------------------------------


@for_each(("name", "version"), [("map_v10_2.csv", None), ("events_v2_1.csv", None), ("GEDEvent_v24_1 (2).csv", "24.1")])
def test_a_number_in_a_name_is_a_release_where_it_can_be(name: str, version: str | None) -> None:
    assert version_in(name) == version


@for_each(("given", "told"), [("v24.1", []), ("24.1", []), ("mine", ["'mine' is no version such as 25.1, so nothing"])])
def test_a_release_that_is_given_in_another_form_is_told(
    corpus_address: str, tmp_path: Path, given: str, told: Sequence[str]
) -> None:
    source = UcdpGed(written(tmp_path, BATTLE), release=given)
    brought(corpus_address, source)
    assert source.dataset["release"] == ("24.1" if given.endswith("24.1") else given)
    assert [line[: len(one)] for line, one in zip(source.report.decided, told, strict=True)] == told


def test_rows_of_days_that_the_release_does_not_tell_of_are_told(corpus_address: str, tmp_path: Path) -> None:
    later = {**BATTLE, "date_start": "2024-03-03", "date_end": "2024-03-03", "year": "2024"}
    source = UcdpGed(written(tmp_path, BATTLE, later, name="GEDEvent_v24_1.csv"))
    brought(corpus_address, source)
    (told,) = [line for line in source.report.lines() if line.startswith("release 24.1 tells of days")]
    assert told.startswith("release 24.1 tells of days up to 2023-12-31, and rows here are of 2024")


def rows_of(folder: Path, first: int, count: int, name: str) -> Path:
    """A file of so many events, which tells no release."""
    path = folder / name
    path.write_text(as_csv(*({**BATTLE, "id": str(first + place)} for place in range(count))), encoding="utf-8")
    return path


def test_a_file_of_other_events_takes_the_place_of_none(address: str, tmp_path: Path) -> None:
    stand(address, rows_of(tmp_path, 7001, 4, "one.csv"))
    other = rows_of(tmp_path, 8001, 4, "other.csv")
    assert refused(run("import", other)) == (
        "ucdp-ged: other.csv lacks all of the 4 events that stand. Is it of another country, or of other days?"
        " --part keeps what it does not hold, --smaller withdraws it"
    )
    # One that has some of them is a newer state of the same.
    assert "events withdrawn: 3" in run("import", rows_of(tmp_path, 7004, 4, "next.csv")).stdout
    assert "events created: 4" in run("import", other, "--part").stdout
    third = rows_of(tmp_path, 9001, 8, "third.csv")
    assert "events withdrawn: 8" in run("import", third, "--smaller", "--dry-run").stdout


def test_a_file_without_most_of_what_stands_is_refused(address: str, tmp_path: Path) -> None:
    stand(address, rows_of(tmp_path, 7001, 60, "one.csv"))
    assert "other.csv lacks 30 of the 60 events that stand" in refused(
        run("import", rows_of(tmp_path, 7031, 60, "other.csv"))
    )
    assert "events withdrawn: 20" in run("import", rows_of(tmp_path, 7021, 60, "near.csv"), "--dry-run").stdout


def test_an_older_export_may_be_of_another_country(address: str, tmp_path: Path) -> None:
    stand(address, acled.write(tmp_path, {}))
    older = acled.write(tmp_path, {"event_id_cnty": "BGD1", "timestamp": "2010000000"})
    assert "--part adds what it holds, as of another country" in refused(run("import", older))


def test_a_list_of_deleted_ids_tells_how_many_stand(address: str, tmp_path: Path) -> None:
    stand(address, acled.write(tmp_path, {}, {}))
    path = tmp_path / "deleted.csv"
    path.write_text("event_id_cnty,deleted_timestamp\nXXX1,2030000000\nMMR900001,2030000000\n", encoding="utf-8")
    assert "  listed ids: 2, of which 1 are events here" in run("import", path).stdout.splitlines()
    lines = run("import", path).stdout.splitlines()
    assert lines[0] == "acled: nothing changed."
    assert "  listed ids: 2, of which 0 are events here" in lines


def test_rows_that_were_set_aside_are_written_by_a_second_import(address: str, tmp_path: Path) -> None:
    path, rejects = written(tmp_path, BATTLE, {**BATTLE, "best": "three"}), tmp_path / "rejects.csv"
    assert "--rejects FILE writes the rows" in run("import", path).stdout
    for options in ((), ("--dry-run",)):
        lines = run("import", path, "--rejects", rejects, *options).stdout.splitlines()
        assert lines[0] == "ucdp-ged: nothing changed."
        assert lines[-1].startswith(f"  rows set aside are in {rejects}; mend them there")
        assert "'three' is not a whole number" in rejects.read_text(encoding="utf-8")
        rejects.unlink()


# --- What is no file of rows ---------------------------------------------------------------------------------------


def test_a_folder_is_no_file(address: str, tmp_path: Path) -> None:
    assert "is a folder; name one of its files" in run("import", tmp_path).stderr
