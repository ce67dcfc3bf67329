"""ACLED exports: every layout is read, nothing is made more certain than it is, and bad files are refused with their line."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import orjson
import pytest

from api.domain.codebook import CODEBOOK
from api.load.source import LoadRefused
from seeds.acled.export import Acled
from seeds.importer.report import ImportFault, ImportRefused
from tests.brought import Brought, brought
from tests.conftest import ENGINES, application, close, load_into
from tests.databases import Databases
from tests.sweep import for_each

# Files are read before anything is written; what is written is loaded on both engines.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

COLUMNS = [
    "event_id_cnty",
    "event_date",
    "year",
    "time_precision",
    "disorder_type",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "civilian_targeting",
    "iso",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "tags",
    "timestamp",
]
MILITARY = "Military Forces of Myanmar (2021-)"
KACHIN = "KIO/KIA: Kachin Independence Organization/Kachin Independence Army"
NOTES = "An invented sentence that nobody may find again."
# An invented fight in a town that the gazetteer knows.
ROW: Mapping[str, str] = {
    "event_id_cnty": "MMR900001",
    "event_date": "2033-11-06",
    "year": "2033",
    "time_precision": "1",
    "disorder_type": "Political violence",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": MILITARY,
    "assoc_actor_1": "",
    "inter1": "1",
    "actor2": KACHIN,
    "assoc_actor_2": "",
    "inter2": "2",
    "interaction": "12",
    "civilian_targeting": "",
    "iso": "104",
    "region": "Southeast Asia",
    "country": "Myanmar",
    "admin1": "Sagaing",
    "admin2": "Kawlin",
    "admin3": "Kawlin",
    "location": "Kawlin",
    "latitude": "23.79",
    "longitude": "95.68",
    "geo_precision": "1",
    "source": "Invented Courier; Invented Times",
    "source_scale": "National",
    "notes": NOTES,
    "fatalities": "3",
    "tags": "crowd size=no report",
    "timestamp": "2015200000",
}
# Not every layout has these.
OLDER = ("disorder_type", "civilian_targeting", "tags", "admin3", "source_scale", "interaction")


def write(
    folder: Path,
    *rows: Mapping[str, str],
    without: tuple[str, ...] = (),
    encoding: str = "utf-8",
    upper: bool = False,
) -> Path:
    """A file in ACLED's layout; each row is given by what differs from the invented one."""
    path = folder / "export.csv"
    columns = [name for name in COLUMNS if name not in without]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow([name.upper() for name in columns] if upper else columns)
        for number, changes in enumerate(rows):
            row = {**ROW, "event_id_cnty": f"MMR{900001 + number}", **changes}
            writer.writerow([row[name] for name in columns])
    return path


def read(address: str, folder: Path, *rows: Mapping[str, str]) -> Brought:
    """What a file of these rows brings."""
    return brought(address, Acled(write(folder, *(rows or ({},)))))


def parts(event: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """The role and certainty of each group of an event."""
    groups = event["groups"]
    assert isinstance(groups, list)
    return {part["group_id"]: (part["role"], part["certainty"]) for part in groups}


# --- Events ------------------------------------------------------------------------------------------------------


def test_a_row_of_todays_layout_becomes_an_event(corpus_address: str, tmp_path: Path) -> None:
    event = read(corpus_address, tmp_path).event
    assert event["id"] == "acled-mmr900001"
    assert (event["kind"], event["type"], event["subtype"]) == ("incident", "battles", "armed_clash")
    assert (event["date_start"], event["date_end"]) == (date(2033, 11, 6), date(2033, 11, 6))
    assert (event["location_id"], event["location_precision"]) == ("mmr005024701", "exact")
    assert (event["latitude"], event["longitude"]) == (23.79, 95.68)
    assert event["coding_status"] == "imported"
    assert "Kawlin" in event["title"]
    assert event["codes"] == {
        "disorder_type": "Political violence",
        "event_type": "Battles",
        "sub_event_type": "Armed clash",
        "inter1": 1,
        "inter2": 2,
        "interaction": 12,
        "time_precision": 1,
        "geo_precision": 1,
        "fatalities": 3,
        "source_scale": "National",
        "tags": "crowd size=no report",
        "timestamp": 2015200000,
    }


def test_the_words_of_the_publisher_are_not_kept(corpus_address: str, tmp_path: Path) -> None:
    source = Acled(write(tmp_path, {}))
    found = brought(corpus_address, source)
    kept = orjson.dumps([found.dataset, found.events, found.documents, found.locations, found.groups, found.names])
    assert NOTES.encode() not in kept
    assert source.report.columns_unread == ("region", "notes")


def test_the_data_is_marked_as_not_for_redistribution(corpus_address: str, tmp_path: Path) -> None:
    dataset = read(corpus_address, tmp_path).dataset
    assert dataset["is_redistributable"] is False
    assert (dataset["first_date"], dataset["last_date"]) == (date(2033, 11, 6), date(2033, 11, 6))
    assert dataset["release"] == "export of 2033-11-10"


@for_each("printed", ["31 December 2033", "31/12/2033", "31-Dec-2033", "2033-12-31", "31 december 2033"])
def test_days_are_read_day_first(corpus_address: str, tmp_path: Path, printed: str) -> None:
    event = read(corpus_address, tmp_path, {"event_date": printed}).event
    assert event["date_start"] == date(2033, 12, 31)


def test_a_day_that_nothing_decides_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, {"event_date": "03/11/2033"})
    with pytest.raises(ImportFault, match=r"event_date: nothing in the file says .*'03/11/2033'.* --dates day-first"):
        assert Acled(path).dataset


@for_each(
    ("code", "start", "end", "precision"),
    [
        ("1", date(2033, 12, 30), date(2033, 12, 30), "day"),
        ("2", date(2033, 12, 27), date(2034, 1, 2), "week"),
        ("3", date(2033, 12, 1), date(2033, 12, 31), "month"),
    ],
)
def test_time_precision_widens_the_days(
    corpus_address: str, tmp_path: Path, code: str, start: date, end: date, precision: str
) -> None:
    event = read(corpus_address, tmp_path, {"event_date": "2033-12-30", "time_precision": code}).event
    assert (event["date_start"], event["date_end"], event["date_precision"]) == (start, end, precision)
    assert (event["date_reason"] is None) == (code == "1")


def test_older_layouts_with_fewer_columns_are_read(corpus_address: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"event_date": "6 November 2033"}, without=OLDER, upper=True)
    event = brought(corpus_address, Acled(path)).event
    assert event["location_id"].startswith("mmr") or event["location_id"].startswith("acled-mmr")
    assert event["figures"][0]["best"] == 3
    assert event["codes"]["inter1"] == 1


def test_windows_1252_is_read(corpus_address: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"source": "Café Courier"}, encoding="cp1252")
    assert brought(corpus_address, Acled(path)).documents["acled-source-cafe-courier"]["outlet"] == "Café Courier"


@for_each("code", [code for code in CODEBOOK["event_subtype"].codes if "acled" in code.crosswalk])
def test_every_sub_event_type_of_the_codebook_is_found(corpus_address: str, tmp_path: Path, code: object) -> None:
    (subtype,) = (known for known in CODEBOOK["event_subtype"].codes if known is code)
    (type_,) = (known for known in CODEBOOK["event_type"].codes if known.code == subtype.parent)
    row = {"event_type": type_.crosswalk["acled"], "sub_event_type": subtype.crosswalk["acled"]}
    event = read(corpus_address, tmp_path, row).event
    assert (event["type"], event["subtype"]) == (subtype.parent, subtype.code)


@for_each(
    ("printed", "inter1", "expected"),
    [
        ("Battle-No change of territory", "1", ("battles", "armed_clash")),
        ("Remote violence", "1", ("explosions_remote_violence", None)),
        ("Riots/Protests", "5", ("riots", None)),
        ("Riots/Protests", "6", ("protests", None)),
    ],
)
def test_types_of_before_2019_are_read(
    corpus_address: str, tmp_path: Path, printed: str, inter1: str, expected: tuple[str, str | None]
) -> None:
    row = {"event_type": printed, "sub_event_type": "", "inter1": inter1}
    event = read(corpus_address, tmp_path, row).event
    assert (event["type"], event["subtype"]) == expected


def test_a_sub_event_type_of_another_type_is_left_out_and_told(corpus_address: str, tmp_path: Path) -> None:
    source = Acled(write(tmp_path, {"sub_event_type": "Peaceful protest"}))
    event = brought(corpus_address, source).event
    assert (event["type"], event["subtype"]) == ("battles", None)
    assert event["codes"]["sub_event_type"] == "Peaceful protest"
    assert any("line 2: Peaceful protest among Battles" in line for line in source.report.lines())


# --- Figures -----------------------------------------------------------------------------------------------------


def test_fatalities_above_zero_are_at_least_that_many(corpus_address: str, tmp_path: Path) -> None:
    figure = read(corpus_address, tmp_path, {"fatalities": "12"}).figure
    assert (figure["low"], figure["best"], figure["high"], figure["open_ended"]) == (12, 12, None, True)
    assert (figure["qualifier"], figure["status"]) == ("at_least", "numbered")
    (claim,) = figure["claims"]
    assert (claim["document_id"], claim["qualifier"], claim["best"]) == ("acled", "at_least", 12)


def test_no_fatalities_are_unknown_and_never_zero(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path, {"fatalities": "0"})
    figure = found.figure
    assert (figure["low"], figure["best"], figure["high"], figure["open_ended"]) == (None, None, None, True)
    assert (figure["qualifier"], figure["status"]) == ("unknown", "unknown")
    assert figure["claims"][0]["best"] is None
    assert found.event["codes"]["fatalities"] == 0


@for_each("printed", ["Civilian targeting", "Civilians targeted", "civilians targeted "])
def test_both_spellings_of_civilian_targeting_are_read(corpus_address: str, tmp_path: Path, printed: str) -> None:
    found = read(corpus_address, tmp_path, {"civilian_targeting": printed})
    assert found.figure["population"] == "civilians"
    assert found.event["codes"]["civilian_targeting"] == "Civilian targeting"


@for_each(
    ("event_type", "inter1", "inter2", "population"),
    [
        ("Battles", "1", "2", "unspecified"),
        ("Battles", "1", "1", "state_forces"),
        ("Battles", "2", "2", "armed_opposition"),
        ("Battles", "3", "3", "unspecified"),
        ("Violence against civilians", "3", "7", "civilians"),
        ("Explosions/Remote violence", "1", "2", "unspecified"),
        ("Riots", "5", "5", "civilians"),
    ],
)
def test_whose_the_dead_are_is_said_only_where_it_follows(
    corpus_address: str, tmp_path: Path, event_type: str, inter1: str, inter2: str, population: str
) -> None:
    row = {"event_type": event_type, "sub_event_type": "", "inter1": inter1, "inter2": inter2}
    assert read(corpus_address, tmp_path, row).figure["population"] == population


# --- Groups ------------------------------------------------------------------------------------------------------


def test_actors_that_other_datasets_know_stay_one_group(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path)
    assert parts(found.event) == {
        "myanmar-military": ("attacker", "inferred"),
        "kachin-independence-organisation": ("attacker", "inferred"),
    }
    assert found.groups == {}
    assert found.names["kachin-independence-organisation"] == [KACHIN]


def test_other_actors_become_groups_by_their_name_and_code(corpus_address: str, tmp_path: Path) -> None:
    found = read(
        corpus_address,
        tmp_path,
        {
            "actor1": "HG: Hill Guard (Invented)",
            "inter1": "Rebel groups",
            "assoc_actor_1": "Women (Myanmar); River Pact",
            "actor2": "Protesters (Myanmar)",
            "inter2": "",
            "assoc_actor_2": "Students (Myanmar)",
            "event_type": "Violence against civilians",
            "sub_event_type": "Attack",
        },
    )
    kinds = {group["name"]: (group["group_kind"], group["country"]) for group in found.groups.values()}
    assert kinds == {
        "HG: Hill Guard (Invented)": ("armed_group", None),
        "Women (Myanmar)": ("population", "MMR"),
        "River Pact": ("organisation", None),
        "Protesters (Myanmar)": ("population", "MMR"),
        "Students (Myanmar)": ("population", "MMR"),
    }
    assert found.groups["acled-hg-hill-guard-invented"]["codes"] == [
        {"scheme": "acled_name", "code": "HG: Hill Guard (Invented)"}
    ]
    assert "HG" in found.names["acled-hg-hill-guard-invented"]
    assert parts(found.event) == {
        "acled-hg-hill-guard-invented": ("attacker", "stated"),
        "acled-women-myanmar": ("supporter", "inferred"),
        "acled-river-pact": ("supporter", "inferred"),
        "acled-protesters-myanmar": ("target", "stated"),
        "acled-students-myanmar": ("target", "inferred"),
    }


def test_what_kind_an_actor_is_does_not_hang_on_the_order_of_rows(corpus_address: str, tmp_path: Path) -> None:
    named_first = {"assoc_actor_1": "Hill Guard"}
    then_acts = {"actor1": "Hill Guard", "inter1": "4"}
    found = read(corpus_address, tmp_path, named_first, then_acts)
    assert found.groups["acled-hill-guard"]["group_kind"] == "armed_group"


def test_the_one_who_takes_a_place_is_the_attacker(corpus_address: str, tmp_path: Path) -> None:
    taken = read(corpus_address, tmp_path, {"sub_event_type": "Non-state actor overtakes territory"}).event
    retaken = read(corpus_address, tmp_path, {"sub_event_type": "Government regains territory"}).event
    assert parts(taken)["kachin-independence-organisation"] == ("attacker", "inferred")
    assert parts(taken)["myanmar-military"] == ("defender", "inferred")
    assert parts(retaken)["myanmar-military"] == ("attacker", "inferred")


def test_peaceful_protesters_attack_nobody(corpus_address: str, tmp_path: Path) -> None:
    row = {
        "event_type": "Protests",
        "sub_event_type": "Peaceful protest",
        "actor1": "Protesters (Myanmar)",
        "inter1": "Protesters",
        "actor2": "",
        "inter2": "",
    }
    assert parts(read(corpus_address, tmp_path, row).event) == {"acled-protesters-myanmar": ("claimant", "inferred")}


# --- Places ------------------------------------------------------------------------------------------------------


def test_near_a_place_is_near_it(corpus_address: str, tmp_path: Path) -> None:
    event = read(corpus_address, tmp_path, {"geo_precision": "2"}).event
    assert (event["location_id"], event["location_precision"]) == ("mmr005024701", "near")


def test_a_region_is_not_its_capital(corpus_address: str, tmp_path: Path) -> None:
    row = {"geo_precision": "3", "admin1": "Shan-North", "admin2": "Lashio", "admin3": "Lashio", "location": "Lashio"}
    event = read(corpus_address, tmp_path, row).event
    assert (event["location_id"], event["location_precision"]) == ("mmr015", "state_or_region")


def test_a_place_that_the_gazetteer_does_not_know_lies_in_the_finest_unit_that_it_does(
    corpus_address: str, tmp_path: Path
) -> None:
    found = read(corpus_address, tmp_path, {"location": "Invented Hamlet", "admin2": "No Such District"})
    place = found.locations["acled-mmr005024-invented-hamlet-site"]
    assert (place["name"], place["level"], place["parent_id"]) == ("Invented Hamlet", "site", "mmr005024")
    assert (place["latitude"], place["longitude"]) == (23.79, 95.68)
    assert found.event["location_id"] == place["id"]
    assert list(found.locations) == [place["id"]]


def test_another_country_is_brought_with_its_units(corpus_address: str, tmp_path: Path) -> None:
    row = {
        "iso": "356",
        "country": "India",
        "admin1": "Manipur",
        "admin2": "Kakching",
        "admin3": "Kakching",
        "location": "Kakching",
    }
    found = read(corpus_address, tmp_path, row)
    levels = {identity: (place["level"], place["parent_id"]) for identity, place in found.locations.items()}
    assert levels == {
        "ind": ("country", None),
        "acled-ind-manipur": ("state_or_region", "ind"),
        "acled-ind-manipur-kakching": ("district", "acled-ind-manipur"),
        "acled-ind-manipur-kakching-kakching": ("township", "acled-ind-manipur-kakching"),
        "acled-ind-manipur-kakching-kakching-kakching-site": ("site", "acled-ind-manipur-kakching-kakching"),
    }
    assert all(place["country"] == "IND" for place in found.locations.values())


# --- Sources -----------------------------------------------------------------------------------------------------


def test_each_outlet_is_one_document_without_a_day(corpus_address: str, tmp_path: Path) -> None:
    found = read(corpus_address, tmp_path, {}, {"source": "Invented Times"}, {"source": ""})
    assert set(found.documents) == {"acled", "acled-source-invented-courier", "acled-source-invented-times"}
    assert found.documents["acled-source-invented-times"]["published_on"] is None
    reports = {
        identity: [report["document_id"] for report in event["reports"]] for identity, event in found.events.items()
    }
    assert reports == {
        "acled-mmr900001": ["acled-source-invented-courier", "acled-source-invented-times"],
        "acled-mmr900002": ["acled-source-invented-times"],
        "acled-mmr900003": ["acled"],
    }


# --- Bad files ---------------------------------------------------------------------------------------------------


@for_each(
    ("column", "printed"),
    [
        ("event_date", "yesterday"),
        ("year", "2032"),
        ("time_precision", "4"),
        ("geo_precision", ""),
        ("event_type", "Weather"),
        ("sub_event_type", "Snow"),
        ("inter1", "9"),
        ("civilian_targeting", "perhaps"),
        ("fatalities", "some"),
        ("fatalities", "-1"),
        ("latitude", "123.0"),
        ("longitude", ""),
        ("iso", "999"),
        ("event_id_cnty", " "),
        ("event_id_cnty", "MMR900001"),
        ("event_id_cnty", "mmr900001"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_line_and_column(
    corpus_address: str, tmp_path: Path, column: str, printed: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(corpus_address, tmp_path, {}, {column: printed}, {})
    (fault,) = refused.value.faults
    assert (fault.file, fault.line, fault.column) == ("export.csv", 3, column)


@for_each("printed", ["mmr-7", "MMR 7", " MMR-7"])
def test_ids_that_come_to_one_are_told_with_line_and_column(corpus_address: str, tmp_path: Path, printed: str) -> None:
    with pytest.raises(ImportRefused, match=r"export\.csv:3: event_id_cnty: .* differ only in case, punctuation"):
        read(corpus_address, tmp_path, {"event_id_cnty": "MMR-7"}, {"event_id_cnty": printed})


def test_a_file_without_a_needed_column_is_refused(corpus_address: str, tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match="fatalities"):
        brought(corpus_address, Acled(write(tmp_path, {}, without=("fatalities",))))


def test_a_file_that_is_cut_off_is_refused_with_its_line(corpus_address: str, tmp_path: Path) -> None:
    path = write(tmp_path, {}, {}, {"notes": 'He said "no", and left.'})
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(LoadRefused, match=r"export\.csv:4: the row cannot be read"):
        brought(corpus_address, Acled(path))


# --- Loaded ------------------------------------------------------------------------------------------------------


@on_both
def test_loaded_events_are_found_and_their_totals_claim_no_more_than_acled(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    path = write(tmp_path, {}, {"fatalities": "0"}, {"fatalities": "2", "assoc_actor_2": "Students (Myanmar)"})
    load_into(address, Acled(path))
    load_into(address, Acled(path))
    app = application(address)
    client = app.test_client()
    listed = client.get("/v1/events?dataset=acled&group=KIO&location=Kawlin").get_json()
    assert {event["id"] for event in listed["data"]} == {"acled-mmr900001", "acled-mmr900002", "acled-mmr900003"}
    (row,) = client.get("/v1/casualties/totals?dataset=acled&measure=killed").get_json()["data"]
    assert (row["low"], row["best"], row["open_ended"]) == (5, 5, True)
    assert (row["figures"], row["unknown"], row["none_reported"]) == (3, 1, 0)
    (dataset,) = [entry for entry in client.get("/v1/datasets").get_json()["data"] if entry["id"] == "acled"]
    assert dataset["is_redistributable"] is False
    close(app)


@on_both
def test_an_event_that_a_newer_export_lacks_is_withdrawn_unless_it_is_a_part(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    load_into(address, Acled(write(tmp_path, {}, {})))
    load_into(address, Acled(write(tmp_path, {}), is_whole=False))
    app = application(address)
    assert app.test_client().get("/v1/events/acled-mmr900002").status_code == 200
    close(app)
    load_into(address, Acled(write(tmp_path, {"fatalities": "4"})))
    app = application(address)
    assert app.test_client().get("/v1/events/acled-mmr900002").status_code == 410
    assert app.test_client().get("/v1/events/acled-mmr900001").status_code == 200
    close(app)
