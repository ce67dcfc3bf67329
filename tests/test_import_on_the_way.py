"""Files as people have them: a page of an answer that says so in its own way, texts that a web page or a workbook has changed,
columns that stand twice, and tables of others. All rows are invented.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from seeds.acled.export import Acled
from seeds.datasets import importer_of
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault
from seeds.insecurity_insight.incidents import HealthIncidents
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled as acled
from tests import test_import_idmc_idu as idmc
from tests import test_import_insecurity_insight as insight
from tests.brought import Brought, Importer, brought
from tests.sweep import for_each
from tests.test_import_numbers import refused
from tests.ucdp_files import BATTLE, as_csv, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

SECOND = {**BATTLE, "id": "7002"}
FEATURES = [{"type": "Feature", "geometry": None, "properties": row} for row in (BATTLE, SECOND)]


def read(address: str, source: Any) -> tuple[Brought, list[str]]:
    """What a file brings where a row that cannot be read keeps no other out, and what its report tells."""
    source.report.is_strict = False
    return brought(address, source), list(source.report.lines())


def as_json(folder: Path, *answers: object) -> UcdpGed:
    path = folder / "events.json"
    path.write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
    return UcdpGed(path)


# --- Pages ---------------------------------------------------------------------------------------------------------

NEXT = {"rel": "next", "href": "https://example.org/2"}


@for_each(
    ("answer", "said"),
    [
        # ArcGIS, OGC API Features, HAL, GraphQL, Elasticsearch, and what else interfaces say.
        ({"features": [{"attributes": BATTLE}, {"attributes": SECOND}], "exceededTransferLimit": True}, "one page"),
        (
            {"type": "FeatureCollection", "features": FEATURES, "links": [{"rel": "self", "href": "a"}, NEXT]},
            "one page",
        ),
        ({"type": "FeatureCollection", "links": [NEXT], "features": FEATURES}, "one page"),
        ({"_links": {"next": {"href": "/2"}}, "data": [BATTLE, SECOND]}, "one page"),
        ({"data": {"events": {"nodes": [BATTLE, SECOND], "pageInfo": {"hasNextPage": True}}}}, "one page"),
        ({"hits": {"total": {"value": 9000}, "hits": [{"_source": BATTLE}]}}, "one page, 1 of 9,000 records,"),
        ({"data": [BATTLE, SECOND], "has_more": True}, "one page"),
        ({"data": [BATTLE, SECOND], "meta": {"pagination": {"total": 400}}}, "one page, 2 of 400 records,"),
    ],
)
def test_an_answer_that_says_there_is_more_is_one_page(tmp_path: Path, answer: object, said: str) -> None:
    with pytest.raises(ImportFault, match=f"this is {said} of what the publisher's interface has"):
        assert as_json(tmp_path, answer).dataset


@for_each(
    "answers",
    [
        # Pages one after the other, of which only the last is the last.
        [
            {"features": [{"attributes": BATTLE}], "exceededTransferLimit": True},
            {"features": [{"attributes": SECOND}]},
        ],
        [
            {"features": FEATURES[:1], "links": [NEXT]},
            {"features": FEATURES[1:], "links": [{"rel": "prev", "href": "a"}]},
        ],
        [[{"data": [BATTLE], "has_more": True}, {"data": [SECOND], "has_more": False}]],
        [{"data": [BATTLE, SECOND], "links": {"next": None}, "meta": {"pagination": {"total": 2, "total_pages": 1}}}],
        # Lists without anything around them.
        [[BATTLE], [SECOND]],
        [{"hits": {"total": {"value": 2, "relation": "eq"}, "hits": [{"_source": BATTLE}, {"_source": SECOND}]}}],
    ],
)
def test_all_pages_are_the_whole(corpus_address: str, tmp_path: Path, answers: Sequence[object]) -> None:
    found = brought(corpus_address, as_json(tmp_path, *answers))
    assert list(found.events) == ["ucdp-ged-7001", "ucdp-ged-7002"]


# --- Texts ---------------------------------------------------------------------------------------------------------

TNLA = "PSLF/TNLA: Palaung State Liberation Front/Ta'ang National Liberation Army"


@for_each("apostrophe", ["&#039;", "&#39;", "&#x27;", "&apos;", "&amp;#039;"])
def test_a_name_that_was_written_for_a_web_page_is_read_as_it_was(
    corpus_address: str, tmp_path: Path, apostrophe: str
) -> None:
    row = {"actor2": TNLA.replace("'", apostrophe), "source": "R&D Times &amp; Post"}
    found, lines = read(corpus_address, Acled(acled.write(tmp_path, row)))
    assert "ta-ang-national-liberation-army" in acled.parts(found.event)
    assert "R&D Times & Post" in {document["outlet"] for document in found.documents.values()}
    told = "source: 'R&D Times &amp; Post', written for a web page or a workbook, is read as 'R&D Times & Post'"
    assert told in lines


@for_each("apostrophe", ["\u2019", "\u2018", "\u02bc"])
def test_an_apostrophe_that_a_program_has_turned_is_one(corpus_address: str, tmp_path: Path, apostrophe: str) -> None:
    found, _lines = read(corpus_address, Acled(acled.write(tmp_path, {"actor2": TNLA.replace("'", apostrophe)})))
    assert "ta-ang-national-liberation-army" in acled.parts(found.event)


@for_each("change", [str.upper, str.lower])
def test_a_group_is_known_whatever_its_case(corpus_address: str, tmp_path: Path, change: Callable[[str], str]) -> None:
    row = {"actor1": change(acled.MILITARY), "actor2": change(acled.KACHIN)}
    found, _lines = read(corpus_address, Acled(acled.write(tmp_path, row)))
    assert set(acled.parts(found.event)) == {"myanmar-military", "kachin-independence-organisation"}


def test_civilians_are_no_armed_group_whatever_their_case(corpus_address: str, tmp_path: Path) -> None:
    row = {**BATTLE, "type_of_violence": "3", "side_b": "Civilians", "side_b_new_id": "9999", "gwnob": ""}
    plain = brought(corpus_address, UcdpGed(written(tmp_path, row))).event
    capitals = {name: value.upper() if name.startswith("side_") else value for name, value in row.items()}
    found = brought(corpus_address, UcdpGed(written(tmp_path, capitals))).event
    assert found["groups"] == plain["groups"]
    assert "civilians-of-myanmar" in {part["group_id"] for part in found["groups"]}


def test_the_end_of_a_line_in_a_workbook_is_none_of_a_name(corpus_address: str, tmp_path: Path) -> None:
    book = Workbook()
    row = {**BATTLE, "where_coordinates": "Kawlin_x000D_\n town"}
    for values in (list(row), list(row.values())):
        book.worksheets[0].append(values)
    book.save(tmp_path / "events.xlsx")
    found, lines = read(corpus_address, UcdpGed(tmp_path / "events.xlsx"))
    assert found.event["location_id"] == "mmr005024701"
    assert any(line.startswith("where_coordinates: 'Kawlin_x000D_ town', written for") for line in lines)


@for_each("unseen", ["\u200b", "\u00ad", "\u200e", "\ufeff"])
def test_marks_that_nobody_sees_are_none_of_a_name(corpus_address: str, tmp_path: Path, unseen: str) -> None:
    plain, _lines = read(corpus_address, Acled(acled.write(tmp_path, {})))
    row = {"actor2": f"{acled.KACHIN}{unseen}", "location": f"{unseen}Kawlin"}
    found, lines = read(corpus_address, Acled(acled.write(tmp_path, row)))
    assert (found.events, found.groups) == (plain.events, plain.groups)
    assert any(line.startswith("actor2: ") for line in lines)


@for_each("name", ["Bh\ufffdnd\ufffdria town", "Bh?nd?ria town", "?????? ???"])
def test_letters_that_are_lost_are_told(corpus_address: str, tmp_path: Path, name: str) -> None:
    found, lines = read(corpus_address, UcdpGed(written(tmp_path, {**BATTLE, "where_coordinates": name})))
    assert list(found.events) == ["ucdp-ged-7001"]
    assert (
        f"where_coordinates: '{name}' seems to have lost letters on the way; take the file as it was published" in lines
    )


@for_each("text", ["Who fired?", "https://example.org/a?b=c", "Who? Nobody knows", "A & B; AT&T"])
def test_texts_that_are_as_they_were_are_not_told(corpus_address: str, tmp_path: Path, text: str) -> None:
    _found, lines = read(corpus_address, UcdpGed(written(tmp_path, {**BATTLE, "source_headline": text})))
    assert not any(line.startswith("source_headline") for line in lines)


def test_sentences_with_tags_are_not_told(corpus_address: str, tmp_path: Path) -> None:
    row = {
        "standard_popup_text": "<b>Invented</b> &amp; more <br> <a href='https://example.org/?a=1&amp;b=2'> A &amp; B - 5 March 2025</a>"
    }
    found, lines = read(corpus_address, IdmcIdu(idmc.write(tmp_path, row)))
    assert "A & B" in {document["outlet"] for document in found.documents.values()}
    assert not any(line.startswith("standard_popup_text") for line in lines)


# --- Columns ----------------------------------------------------------------------


def twice(folder: Path, *seconds: str) -> HealthIncidents:
    """A file that has the column of those who were killed once more, with these values there."""
    rows: list[Mapping[str, object]] = [{"Health Workers Killed": 1, "Killed again": second} for second in seconds]
    path = insight.write(folder, insight.HEALTH, *rows)
    path.write_text(path.read_text(encoding="utf-8").replace("Killed again", "Health Workers Killed"), encoding="utf-8")
    return HealthIncidents(path)


def test_a_column_that_stands_twice_and_says_the_same_is_read_once(corpus_address: str, tmp_path: Path) -> None:
    found, lines = read(corpus_address, twice(tmp_path, "1", "", "1"))
    assert [event["figures"][0]["best"] for event in found.events.values()] == [1, 1, 1]
    assert "columns not read: event description, health_workers_killed again" in lines


def test_a_row_that_says_two_things_in_one_column_is_set_aside(corpus_address: str, tmp_path: Path) -> None:
    found, lines = read(corpus_address, twice(tmp_path, "1", "2", "1"))
    assert len(found.events) == 2
    assert any(
        line.endswith("health_workers_killed: '1' stands here, and '2' where the header has the column once more")
        for line in lines
    )


def test_columns_that_a_spreadsheet_has_and_does_not_fill_are_none(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(as_csv(BATTLE, SECOND).replace("\r\n", f"{',' * 16_335} \r\n"), encoding="utf-8", newline="")
    found, _lines = read(corpus_address, UcdpGed(path))
    assert list(found.events) == ["ucdp-ged-7001", "ucdp-ged-7002"]


@for_each("first", ["ï..id", "X.U.FEFF.id", "ï»¿id"])
def test_what_programs_make_of_a_byte_order_mark_is_none_of_a_name(
    corpus_address: str, tmp_path: Path, first: str
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(as_csv(BATTLE).replace("id,", f"{first},", 1), encoding="utf-8", newline="")
    assert list(brought(corpus_address, UcdpGed(path)).events) == ["ucdp-ged-7001"]


@for_each(("degrees", "mark"), [("\u221223.79", "."), ("\u221223,79", ",")])
def test_a_minus_sign_of_its_own_is_read(corpus_address: str, tmp_path: Path, degrees: str, mark: str) -> None:
    row = {**BATTLE, "latitude": degrees, "longitude": f"95{mark}68"}
    found, lines = read(corpus_address, UcdpGed(written(tmp_path, row)))
    assert (found.event["latitude"], found.event["longitude"]) == (-23.79, 95.68)
    assert f"latitude: '{degrees}' has a minus sign for a hyphen" in lines


def test_a_blank_before_a_boolean_is_none_of_it(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "events.txt"
    path.write_text(as_csv(BATTLE).replace(",True,", ", True,"), encoding="utf-8", newline="")
    found, lines = read(corpus_address, UcdpGed(path))
    assert found.event["codes"]["active_year"] is True
    assert not any("active_year" in line for line in lines)


# --- Codes ---------------------------------------------------------------------------------------------------------


@for_each(
    ("inters", "type_"),
    [
        (("1", "5"), "riots"),
        (("1", "6"), "protests"),
        (("7", "5"), "riots"),
        (("6", "5"), "protests"),
        (("5", "0"), "riots"),
    ],
)
def test_riots_and_protests_are_told_apart_by_either_actor(
    corpus_address: str, tmp_path: Path, inters: tuple[str, str], type_: str
) -> None:
    row = {"event_type": "Riots/Protests", "sub_event_type": "", "inter1": inters[0], "inter2": inters[1]}
    if inters[1] == "0":
        row["actor2"] = ""
    assert acled.read(corpus_address, tmp_path, row).event["type"] == type_


def test_riots_or_protests_of_nobody_in_a_crowd_are_told_as_such(corpus_address: str, tmp_path: Path) -> None:
    row = {"event_type": "Riots/Protests", "sub_event_type": ""}
    fault = refused(corpus_address, Acled(acled.write(tmp_path, row)))
    assert (fault.column, fault.message.partition(" is told by")[0]) == (
        "event_type",
        "whether 'Riots/Protests' are riots or protests",
    )


def test_a_former_type_in_the_plural_is_the_same(corpus_address: str, tmp_path: Path) -> None:
    row = {"event_type": "Battle-Non-state actors overtake territory", "sub_event_type": ""}
    assert acled.read(corpus_address, tmp_path, row).event["subtype"] == "non_state_actor_overtakes_territory"


@for_each(
    ("words", "code"),
    [
        ("State-based violence", 1),
        ("state-based armed conflict", 1),
        ("Non-State Conflict", 2),
        ("One-sided violence", 3),
    ],
)
def test_types_of_violence_in_words_are_their_codes(corpus_address: str, tmp_path: Path, words: str, code: int) -> None:
    found = brought(corpus_address, UcdpGed(written(tmp_path, {**BATTLE, "type_of_violence": words}))).event
    assert found["codes"]["type_of_violence"] == code
    assert found == brought(corpus_address, UcdpGed(written(tmp_path, {**BATTLE, "type_of_violence": str(code)}))).event


@for_each(
    ("weapon", "cause"),
    [
        ("Air-Launched Explosive Weapon", "heavy_weapons"),
        ("IED", "planted_explosives"),
        ("Combination", "multiple"),
        ("Blunt, Dagger, Knife and Machetes", "other_means"),
    ],
)
def test_words_for_weapons_of_other_years_are_known(
    corpus_address: str, tmp_path: Path, weapon: str, cause: str
) -> None:
    row = {"Weapon Carried/Used": weapon, "Health Workers Killed": 1}
    source: Importer = HealthIncidents(insight.write(tmp_path, insight.HEALTH, row))
    assert brought(corpus_address, source).figure["cause"] == cause


NO_SECOND = ("actor2", "assoc_actor_2", "inter2")


@for_each(
    "row",
    [{"inter1": "1"}, {"event_type": "Riots", "sub_event_type": "", "actor1": "Rioters (Myanmar)", "inter1": "5"}],
)
def test_whose_the_dead_are_does_not_follow_without_the_second_actor(
    corpus_address: str, tmp_path: Path, row: Mapping[str, str]
) -> None:
    source = Acled(acled.write(tmp_path, row, {**row}, without=NO_SECOND))
    found, lines = read(corpus_address, source)
    assert {event["figures"][0]["population"] for event in found.events.values()} == {"unspecified"}
    assert "the file has no column of the second actors, so who else took part is not known" in lines


@for_each(
    "row",
    [
        # Police, of whom no column says what kind of actor it is; a battle of which one side is named.
        {
            "event_type": "Riots",
            "sub_event_type": "",
            "actor1": "Rioters (Myanmar)",
            "actor2": "Police Forces of Myanmar",
        },
        {"actor2": "", "inter2": "0"},
    ],
)
def test_whose_the_dead_are_does_not_follow_where_a_side_is_not_known(
    corpus_address: str, tmp_path: Path, row: Mapping[str, str]
) -> None:
    without = () if "inter2" in row else ("inter1", "inter2", "interaction")
    found, _lines = read(corpus_address, Acled(acled.write(tmp_path, row, without=without)))
    assert found.figure["population"] == "unspecified"


# --- What it is not ------------------------------------------------------------------------------------------------


def test_what_a_system_puts_beside_a_file_in_a_zip_is_none_of_it(corpus_address: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ged.zip", "w") as archive:
        archive.writestr("GEDEvent_v24_1.csv", as_csv(BATTLE))
        archive.writestr("._GEDEvent_v24_1.csv", b"\0\5\x16\7")
        archive.writestr("folder/.hidden.csv", "")
    assert brought(corpus_address, UcdpGed(tmp_path / "ged.zip")).dataset["release"] == "24.1"


DTM = {
    "operation": "An invented crisis",
    "admin0Name": "Sudan",
    "admin0Pcode": "SDN",
    "numPresentIdpInd": 5,
    "roundNumber": 1,
}
OTHERS: Mapping[str, tuple[bytes, str]] = {
    "lists beside fields": (
        json.dumps(
            {"fields": [{"id": name, "type": "text"} for name in BATTLE], "records": [list(BATTLE.values())]}
        ).encode(),
        "as pandas (orient='split') and CKAN (records_format=lists) write it",
    ),
    "tags alone": (
        b"#event+id,#date+occurred,#geo+lat\n1,2023-11-03,23.79\n",
        "HXL's tags stand in the place of a header",
    ),
    "records of others": (
        json.dumps({"result": [{**DTM, "id": 1, "reportingDate": "2033-01-01"}]}).encode(),
        "IOM's Displacement Tracking Matrix",
    ),
    "sums of IDMC's": (b"iso3,country_name,year,new_displacement\nMMR,Myanmar,2033,5\n", "sums of a year"),
    "forecasts": (b"country,admin1,month,year,total_forecast\nMyanmar,Sagaing,1,2033,4\n", "ACLED's forecasts (CAST)"),
    "empty rows": (b",,\n,,\n", "there is nothing in it but empty rows"),
    "pickle": (b"\x80\x04\x95" + bytes(range(32, 96)), "an object that Python pickled; write it with to_csv"),
    "GeoPackage": (b"SQLite format 3\0" + bytes(100), "as a GeoPackage is; save its table as CSV"),
    "FlatGeobuf": (b"fgb\x03fgb\0" + bytes(100), "a FlatGeobuf file; save it as CSV or GeoJSON"),
    "document": (b"%PDF-1.7\n", "what is read is a table, as CSV, JSON or a workbook"),
}


@for_each(("content", "said"), list(OTHERS.values()))
def test_tables_of_others_are_named_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFault) as told:
        importer_of(path, None)
    assert said in told.value.message


def sheets(folder: Path, header: Sequence[str]) -> Path:
    """A workbook with two sheets that have these columns, and one about them."""
    book = Workbook()
    book.worksheets[0].append(["About", "Invented."])
    for name in ("Africa", "Asia"):
        sheet = book.create_sheet(name)
        sheet.append(list(header))
        sheet.append(["Myanmar"] * len(header))
    book.save(folder / "events.xlsx")
    return folder / "events.xlsx"


def test_two_sheets_of_sums_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match="this looks like ACLED's numbers of events by country and month"):
        importer_of(sheets(tmp_path, ["Country", "Month", "Year", "Events"]), None)


def test_two_sheets_of_rows_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match="Africa, Asia have the columns alike; save the one that is meant as CSV"):
        importer_of(sheets(tmp_path, list(BATTLE)), None)


def test_columns_without_a_name_are_not_told_as_unknown(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(as_csv(BATTLE).replace("id,", ",", 1), encoding="utf-8", newline="")
    with pytest.raises(ImportFault) as told:
        assert UcdpGed(path).dataset
    assert told.value.message == "the header lacks the columns id"
