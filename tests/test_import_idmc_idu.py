"""IDMC's Internal Displacement Updates: days, terms and qualifiers mean what IDMC means, and nothing is counted twice."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.store.record_types import Record
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault, ImportRefused
from tests.brought import Brought, brought
from tests.conftest import SHARED, application, close, load_into
from tests.databases import Databases
from tests.sweep import for_each

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

EXCERPT = "An invented storm drove an invented number of people from their homes"
# An invented figure in the layout of 2023: no role, days as midnights in New Zealand, and term and outlet in sentences.
ROW: Mapping[str, Any] = {
    "id": 900001,
    "country": "India",
    "iso3": "IND",
    "latitude": 24.4,
    "longitude": 93.9,
    "centroid": "[24.4, 93.9]",
    "displacement_type": "Conflict",
    "qualifier": "total",
    "figure": 41,
    "displacement_date": "2033-07-21T12:00:00.000Z",
    "displacement_start_date": "2033-07-20T12:00:00.000Z",
    "displacement_end_date": "2033-07-21T12:00:00.000Z",
    "year": 2033,
    "event_name": "India: Invented unrest - 02/05/2033",
    "event_start_date": "2033-05-01T12:00:00.000Z",
    "event_end_date": "2033-07-24T12:00:00.000Z",
    "category": None,
    "subcategory": None,
    "type": None,
    "subtype": None,
    "standard_popup_text": (
        "<b> India:               41 displacements (evacuated), 21 July      - 22 July      </b> <br> "
        f"{EXCERPT} <br> "
        '<a href="https://example.org/report?a=1&amp;b=2"target="_blank">Invented Courier - 24 July      2033</a>'
    ),
    "standard_info_text": "<b> India:               41 displacements (evacuated), 21 July      - 22 July      </b>",
    "old_id": None,
    "created_at": "2033-07-25T18:51:54.361Z",
}
# What newer dumps have beside these, and their plain days.
NEWER: Mapping[str, Any] = {
    "role": "Recommended figure",
    "displacement_date": "2033-07-22",
    "displacement_start_date": "2033-07-21",
    "displacement_end_date": "2033-07-22",
    "event_id": 7001,
    "locations_name": "Kakching, Manipur, India",
    "locations_coordinates": "24.5, 93.98",
    "locations_accuracy": "District/Zone/Department (ADM2)",
    "locations_type": "Origin",
    "sources": "Invented Relief Office",
    "source_url": "https://example.org/other",
    "displacement_occurred": "Displacement without preventive evacuations reported",
}
TRIANGULATION: Mapping[str, Any] = {**NEWER, "role": "Triangulation"}


def term(name: str | None) -> dict[str, str]:
    """The sentences of a figure with this term."""
    brackets = "" if name is None else f" ({name})"
    return {"standard_info_text": f"<b> India: 41 displacements{brackets}, 21 July - 22 July </b>"}


def write(folder: Path, *rows: Mapping[str, Any], indent: int | None = 1) -> Path:
    """A file in JSON; each row is given by what differs from the invented one."""
    path = folder / "updates.json"
    listed = [{**ROW, "id": 900001 + number, **changes} for number, changes in enumerate(rows)]
    path.write_text(json.dumps(listed, indent=indent), encoding="utf-8")
    return path


def write_csv(folder: Path, *rows: Mapping[str, Any], has_tags: bool = False, is_camel: bool = False) -> Path:
    """The same as CSV."""
    path = folder / "updates.csv"
    listed = [{**ROW, "id": 900001 + number, **changes} for number, changes in enumerate(rows)]
    columns = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["".join(part.title() for part in name.split("_")) if is_camel else name for name in columns])
        if has_tags:
            writer.writerow([f"#{name}" for name in columns])
        writer.writerows([["" if (value := row.get(name)) is None else value for name in columns] for row in listed])
    return path


def read(address: str, folder: Path, *rows: Mapping[str, Any]) -> Brought:
    """What a file of these rows brings."""
    return brought(address, IdmcIdu(write(folder, *(rows or ({},)))))


def only(found: Brought) -> tuple[Record, Record]:
    """The only event and its figure."""
    return found.event, found.figure


# --- One figure --------------------------------------------------------------------------------------------------


def test_a_figure_becomes_an_event_of_displacement(corpus_address: str, tmp_path: Path) -> None:
    event, figure = only(read(corpus_address, tmp_path))
    assert (event["id"], figure["id"]) == ("idmc-idu-900001", "idmc-idu-900001-displaced")
    assert (event["kind"], event["type"], event["subtype"]) == ("aggregate", "displacement", "evacuation")
    assert event["title"] == "41 people evacuated in India (conflict)"
    assert (event["location_id"], event["location_precision"]) == ("ind", "country")
    assert (event["latitude"], event["longitude"]) == (24.4, 93.9)
    assert (figure["measure"], figure["term"], figure["unit"]) == ("displaced", "evacuated", "person")
    assert figure["population"] == "civilians"
    assert (figure["low"], figure["best"], figure["high"], figure["open_ended"]) == (41, 41, 41, False)


def test_midnights_of_new_zealand_are_the_days_that_begin_then(corpus_address: str, tmp_path: Path) -> None:
    source = IdmcIdu(write(tmp_path, {}))
    event = brought(corpus_address, source).event
    assert (event["date_start"], event["date_end"]) == (date(2033, 7, 21), date(2033, 7, 22))
    assert event["date_precision"] == "days"
    assert source.report.repaired == {}
    summer = read(
        corpus_address,
        tmp_path,
        {"displacement_start_date": "2033-11-06T11:00:00.000Z", "displacement_end_date": "2033-11-06T11:00:00.000Z"},
    ).event
    assert summer["date_start"] == date(2033, 11, 7)


@for_each("printed", ["2033-07-22", "2033-07-22T00:00:00.000Z", "2033-07-22 00:00:00"])
def test_plain_days_stay_as_they_are(corpus_address: str, tmp_path: Path, printed: str) -> None:
    row = {"displacement_start_date": printed, "displacement_end_date": printed}
    assert read(corpus_address, tmp_path, row).event["date_start"] == date(2033, 7, 22)


def test_days_that_the_sentence_gives_otherwise_are_told(corpus_address: str, tmp_path: Path) -> None:
    source = IdmcIdu(write(tmp_path, {"displacement_end_date": "2033-08-01"}))
    assert brought(corpus_address, source).event["date_end"] == date(2033, 8, 1)
    assert any("the publisher's own sentence gives otherwise: 1" in line for line in source.report.lines())


@for_each(
    ("printed", "qualifier", "low", "best", "high"),
    [
        ("total", "exact", 41, 41, 41),
        ("more than", "more_than", 41, 41, None),
        ("more than or equal", "at_least", 41, 41, None),
        ("less than", "at_most", None, 41, 41),
        ("approximately", "around", 36, 41, 46),
        ("APPROXIMATELY", "around", 36, 41, 46),
    ],
)
def test_qualifiers_are_mapped(
    corpus_address: str,
    tmp_path: Path,
    printed: str,
    qualifier: str,
    low: int | None,
    best: int,
    high: int | None,
) -> None:
    figure = read(corpus_address, tmp_path, {"qualifier": printed}).figure
    assert (figure["qualifier"], figure["low"], figure["best"], figure["high"]) == (qualifier, low, best, high)
    assert figure["claims"][0]["qualifier"] == qualifier


@for_each(
    ("printed", "ours", "subtype"),
    [
        ("evacuated", "evacuated", "evacuation"),
        ("forced to flee", "forced_to_flee", "forced_flight"),
        ("relocated", "relocated", "relocation"),
        ("in relief camp", "displaced", "other_displacement"),
        ("destroyed housing", "displaced", "other_displacement"),
        (None, "displaced", "other_displacement"),
    ],
)
def test_terms_are_mapped_and_the_publishers_own_is_kept(
    corpus_address: str, tmp_path: Path, printed: str | None, ours: str, subtype: str
) -> None:
    event, figure = only(read(corpus_address, tmp_path, term(printed)))
    assert (figure["term"], event["subtype"]) == (ours, subtype)
    assert event["codes"].get("term") == printed


def test_returns_are_no_displacement(corpus_address: str, tmp_path: Path) -> None:
    row = {"standard_info_text": "<b> India: 41 returns (returns), 21 July - 22 July </b>"}
    event, figure = only(read(corpus_address, tmp_path, row))
    assert (figure["measure"], figure["term"], event["subtype"]) == ("returned", None, "return")
    assert figure["id"] == "idmc-idu-900001-returned"


def test_households_are_counted_as_such_or_told(corpus_address: str, tmp_path: Path) -> None:
    assert read(corpus_address, tmp_path, {"unit": "Household"}).figure["unit"] == "household"
    source = IdmcIdu(write(tmp_path, {"standard_popup_text": "<b> x </b> <br> 9 households fled <br> Courier"}))
    event, figure = only(brought(corpus_address, source))
    assert (figure["unit"], figure["best"]) == ("person", 41)
    assert event["codes"]["reported_households"] == 9
    assert any(
        "reckoned from households by the publisher: 1 (line 2: 9 households)" in line for line in source.report.lines()
    )


@for_each("cause", ["Conflict", "Disaster", "Development"])
def test_what_displaced_the_people_is_kept(corpus_address: str, tmp_path: Path, cause: str) -> None:
    event = read(corpus_address, tmp_path, {"displacement_type": cause, "type": "Flood"}).event
    assert event["codes"]["displacement_type"] == cause
    assert event["codes"]["type"] == "Flood"
    assert cause.lower() in event["title"]


def test_the_outlet_and_its_day_are_a_document_and_the_sentences_are_not_kept(
    corpus_address: str, tmp_path: Path
) -> None:
    found = read(corpus_address, tmp_path)
    document = found.documents["idmc-idu-invented-courier-2033-07-24"]
    assert (document["outlet"], document["published_on"]) == ("Invented Courier", date(2033, 7, 24))
    assert found.figure["claims"][0]["document_id"] == document["id"]
    assert found.event["codes"]["source_url"] == "https://example.org/report?a=1&b=2"
    kept = orjson.dumps([found.dataset, found.events, found.documents, found.locations])
    assert EXCERPT.encode() not in kept
    assert b"<br>" not in kept


def test_a_figure_without_outlet_is_said_by_the_dataset(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path, {"standard_popup_text": None})
    assert set(found.documents) == {"idmc-idu"}
    assert found.figure["claims"][0]["document_id"] == "idmc-idu"


def test_the_data_is_not_for_redistribution(corpus_address: str, tmp_path: Path) -> None:
    dataset = read(corpus_address, tmp_path).dataset
    assert dataset["is_redistributable"] is False
    assert (dataset["first_date"], dataset["last_date"]) == (date(2033, 7, 21), date(2033, 7, 22))
    assert dataset["release"] == "updates up to 2033-07-25"


# --- Newer dumps -------------------------------------------------------------------------------------------------


def test_one_place_is_brought_under_its_state(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path, NEWER)
    levels = {identity: (place["level"], place["parent_id"]) for identity, place in found.locations.items()}
    assert levels == {
        "ind": ("country", None),
        "idmc-idu-ind-manipur": ("state_or_region", "ind"),
        "idmc-idu-ind-manipur-kakching": ("district", "idmc-idu-ind-manipur"),
    }
    assert found.event["location_id"] == "idmc-idu-ind-manipur-kakching"
    assert found.event["location_precision"] == "district"
    assert found.figure["claims"][0]["claimant"] == "Invented Relief Office"


def test_a_place_that_the_gazetteer_knows_is_that_place(corpus_address: str, tmp_path: Path) -> None:
    row = {
        **NEWER,
        "iso3": "MMR",
        "country": "Myanmar",
        "locations_name": "Kawlin, Sagaing Region, Myanmar",
        "locations_accuracy": "County/City/town/Village/Woreda (ADM3)",
    }
    found = read(corpus_address, tmp_path, row)
    assert found.locations == {}
    assert (found.event["location_id"], found.event["location_precision"]) == ("mmr005024", "township")


def test_several_places_are_no_place_of_their_own(corpus_address: str, tmp_path: Path) -> None:
    row = {**NEWER, "locations_name": "Kakching, Manipur, India; Imphal, Manipur, India"}
    event = read(corpus_address, tmp_path, row).event
    assert (event["location_id"], event["location_precision"]) == ("ind", "country")
    assert event["codes"]["locations_name"] == "Kakching, Manipur, India; Imphal, Manipur, India"


def test_triangulations_are_further_claims_of_the_recommended_figure(corpus_address: str, tmp_path: Path) -> None:
    triangulation = {**TRIANGULATION, "figure": 60, "qualifier": "approximately"}
    found = read(corpus_address, tmp_path, triangulation, NEWER)
    event, figure = only(found)
    assert event["id"] == "idmc-idu-900002"
    assert [(claim["best"], claim["is_preferred"]) for claim in figure["claims"]] == [(41, True), (60, False)]
    assert (figure["low"], figure["best"], figure["high"]) == (41, 41, 41)
    assert event["codes"]["triangulated_by"] == "900001"


def test_triangulations_of_another_term_event_or_country_are_not_its_claims(
    corpus_address: str, tmp_path: Path
) -> None:
    found = read(
        corpus_address,
        tmp_path,
        NEWER,
        {**TRIANGULATION, **term("relocated")},
        {**TRIANGULATION, "event_id": 7002},
        {**TRIANGULATION, "country": "Nepal", "iso3": "NPL"},
    )
    assert len(found.events) == 4
    assert all(len(event["figures"][0]["claims"]) == 1 for event in found.events.values())


def test_a_triangulation_goes_to_the_recommended_figure_of_its_place_then_of_its_days(
    corpus_address: str, tmp_path: Path
) -> None:
    near = {"displacement_start_date": "2033-07-20"}
    far = {**NEWER, "latitude": 10.0, "displacement_start_date": "2033-07-01"}
    found = read(
        corpus_address,
        tmp_path,
        NEWER,
        far,
        {**TRIANGULATION, "latitude": 10.0, "figure": 50},
        {**TRIANGULATION, "latitude": 11.0, **near, "figure": 60},
    )
    claimed = {
        identity: [claim["best"] for claim in event["figures"][0]["claims"]] for identity, event in found.events.items()
    }
    assert claimed == {"idmc-idu-900001": [41, 60], "idmc-idu-900002": [41, 50]}


def test_triangulations_alone_make_one_figure_of_the_first(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path, {**TRIANGULATION, "id": 900009, "figure": 60}, TRIANGULATION)
    event, figure = only(found)
    assert event["id"] == "idmc-idu-900002"
    assert [(claim["best"], claim["is_preferred"]) for claim in figure["claims"]] == [(41, True), (60, False)]


# --- Files -------------------------------------------------------------------------------------------------------


@for_each(("has_tags", "is_camel"), [(False, False), (True, False), (False, True)])
def test_csv_brings_what_json_brings(corpus_address: str, tmp_path: Path, has_tags: bool, is_camel: bool) -> None:
    rows = (NEWER, TRIANGULATION, {**NEWER, **term("relocated")})
    source = IdmcIdu(write_csv(tmp_path, *rows, has_tags=has_tags, is_camel=is_camel))
    assert brought(corpus_address, source) == read(corpus_address, tmp_path, *rows)
    assert source.report.rows == 3


def test_columns_that_nobody_reads_are_told(corpus_address: str, tmp_path: Path) -> None:
    source = IdmcIdu(write(tmp_path, {"weather": "fine"}))
    brought(corpus_address, source)
    assert source.report.columns_unread == ("year", "event_start_date", "event_end_date", "weather")


@for_each(
    ("column", "printed"),
    [
        ("id", "x"),
        ("id", 900001),
        ("iso3", "India"),
        ("displacement_type", "Boredom"),
        ("qualifier", "some"),
        ("figure", None),
        ("figure", -4),
        ("role", "Rumour"),
        ("unit", "Camel"),
        ("displacement_date", "soon"),
        ("latitude", 123),
        ("standard_info_text", "<b> India: 41 displacements (bored), 21 July - 22 July </b>"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_line_and_column(
    corpus_address: str, tmp_path: Path, column: str, printed: object
) -> None:
    path = write(tmp_path, {}, {column: printed}, {})
    line = 1 + path.read_text(encoding="utf-8").split('"country"')[1].count("\n") + 1
    with pytest.raises(ImportRefused) as refused:
        brought(corpus_address, IdmcIdu(path))
    (fault,) = refused.value.faults
    assert (fault.file, fault.line, fault.column) == ("updates.json", line, column)


def test_a_file_that_is_cut_off_is_refused_with_its_line(corpus_address: str, tmp_path: Path) -> None:
    path = write(tmp_path, {}, {})
    text = path.read_text(encoding="utf-8")
    for cut in (text[:-40], text.rstrip().removesuffix("]"), text + "x"):
        path.write_text(cut, encoding="utf-8")
        with pytest.raises(ImportFault, match=r"updates\.json:\d+: "):
            brought(corpus_address, IdmcIdu(path))


def test_a_file_of_something_else_is_refused(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "updates.json"
    for content in ('{"type": "FeatureCollection"}', "[1, 2]", '[{"id": 1}]', "id,country\n1,India\n"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ImportFault):
            brought(corpus_address, IdmcIdu(path))


# --- Loaded ------------------------------------------------------------------------------------------------------


def test_triangulations_never_enter_totals_beside_the_recommended_figure(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    path = write(tmp_path, NEWER, {**TRIANGULATION, "figure": 5000}, {**NEWER, "figure": 9, "event_id": 7002})
    load_into(address, IdmcIdu(path))
    load_into(address, IdmcIdu(path))
    app = application(address)
    client = app.test_client()
    (row,) = client.get("/v1/displacements/totals?dataset=idmc-idu&measure=displaced").get_json()["data"]
    assert (row["low"], row["best"], row["high"], row["figures"]) == (50, 50, 50, 2)
    (dataset,) = [entry for entry in client.get("/v1/datasets").get_json()["data"] if entry["id"] == "idmc-idu"]
    assert (dataset["counts"]["events"], dataset["counts"]["claims"]) == (2, 3)
    assert dataset["is_redistributable"] is False
    close(app)


# --- The real file -----------------------------------------------------------------------------------------------

REAL = SHARED / "data" / "idmc" / "idmc_idu.json"
needs_real_file = pytest.mark.skipif(not REAL.exists(), reason="the shared data is not beside this repository")


@needs_real_file
def test_every_row_of_the_real_file_is_an_event_with_its_number(corpus_address: str) -> None:
    source = IdmcIdu(REAL)
    found = brought(corpus_address, source)
    rows = json.loads(REAL.read_text(encoding="utf-8"))
    assert len(found.events) == len(rows) == 113
    for row in rows:
        (figure,) = found.events[f"idmc-idu-{row['id']}"]["figures"]
        assert figure["best"] == row["figure"]
    causes = [event["codes"]["displacement_type"] for event in found.events.values()]
    assert (causes.count("Conflict"), causes.count("Disaster")) == (6, 107)
    # Each outlet is known, and no day is another than the sentence's.
    assert all(figure["claims"][0]["document_id"] != "idmc-idu" for figure in _figures(found))
    assert not any("otherwise" in line for line in source.report.lines())


@needs_real_file
def test_no_sentence_of_the_real_file_is_kept(corpus_address: str) -> None:
    found = brought(corpus_address, IdmcIdu(REAL))
    kept = orjson.dumps([found.dataset, found.events, found.documents, found.locations]).decode()
    for row in json.loads(REAL.read_text(encoding="utf-8")):
        for part in re.split(r"<[^>]*>", row["standard_popup_text"]):
            words = part.split()
            for start in range(len(words) - 7):
                # Outlets have long names, which are facts.
                if " - " not in part:
                    assert " ".join(words[start : start + 8]) not in kept


def _figures(found: Brought) -> list[Record]:
    return [figure for event in found.events.values() for figure in event["figures"]]
