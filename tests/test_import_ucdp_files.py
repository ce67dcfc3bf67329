"""Which files of UCDP's are read, which are refused and why, and what the publisher's own two releases bring.

The publisher's files are looked at where they lie beside the repository; the others are invented.
"""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from seeds.importer.report import ImportFault, ImportRefused
from seeds.ucdp.ged import UcdpGed
from tests.conftest import SHARED
from tests.sweep import for_each
from tests.ucdp_files import BATTLE, COLUMNS, NEWER, Brought, as_csv, bring, published_rows, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

# --- Layouts -----------------------------------------------------------------------------------------------------

# Letters that both encodings have, with other bytes.
NAME = "Tángáil Ñandú \u2013 Front"
LAYOUTS = {
    "a time behind the date": {"date_start": "2023-11-03 00:00:00.000", "date_end": "2023-11-03 00:00:00.000"},
    "American dates": {"date_start": "11/3/2023 12:00:00 AM", "date_end": "11/3/2023 12:00:00 AM"},
    "1 for true": {"active_year": "1"},
    "small true": {"active_year": "true"},
    "many digits": {"latitude": "23.790000000000003"},
}


@for_each("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_of_all_releases_mean_the_same(corpus_address: str, tmp_path: Path, layout: dict[str, str]) -> None:
    assert bring(corpus_address, tmp_path, {**BATTLE, **layout}).order == bring(corpus_address, tmp_path, BATTLE).order


def test_older_layout_brings_the_same_records(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "ged191.csv"
    path.write_text(as_csv(BATTLE, columns=[name for name in COLUMNS if name not in NEWER]), encoding="utf-8")
    source = UcdpGed(path)
    assert Brought(corpus_address, source).order == bring(corpus_address, tmp_path, BATTLE).order
    assert source.report.columns_unread == ("geom_wkt",)


@for_each(("encoding", "container"), product(["utf-8", "utf-8-sig", "cp1252"], ["csv", "gz", "zip"]))
def test_encodings_and_containers_bring_the_same(
    corpus_address: str, tmp_path: Path, encoding: str, container: str
) -> None:
    content = as_csv({**BATTLE, "side_b": NAME, "side_b_new_id": "99"}).encode(encoding)
    path = tmp_path / f"events.csv.{container}"
    if container == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("GEDEvent_v24_1.csv", content)
    else:
        path.write_bytes(gzip.compress(content) if container == "gz" else content)
    told: list[int] = []
    brought = Brought(corpus_address, UcdpGed(path, told.append))
    assert brought.groups[0]["name"] == NAME
    assert 0 < sum(told) <= path.stat().st_size


@for_each(
    ("name", "given", "release"),
    [
        ("ged191.csv", None, "19.1"),
        ("ged241-csv.csv", None, "24.1"),
        ("GEDEvent_v25_1.csv", None, "25.1"),
        ("GEDEvent_v24_0_3.csv", None, "24.0.3"),
        ("GEDEvent_v25.1 (1).csv", None, "25.1"),
        ("ged191.csv", "23.1", "23.1"),
        ("events.csv", None, "unnamed "),
    ],
)
def test_release_is_given_or_read_from_the_name(tmp_path: Path, name: str, given: str | None, release: str) -> None:
    dataset = UcdpGed(written(tmp_path, BATTLE, name=name), release=given).dataset
    assert dataset["release"].startswith(release)
    assert "release {release}." in dataset["citation"] and "Sundberg" in dataset["citation"]
    assert dataset["licence"] == "CC-BY-4.0"


def test_period_is_the_whole_years_of_the_file(tmp_path: Path) -> None:
    older = {**BATTLE, "year": "1991", "date_start": "1991-05-01", "date_end": "1991-05-02"}
    dataset = UcdpGed(written(tmp_path, BATTLE, older)).dataset
    assert (dataset["first_date"], dataset["last_date"]) == (date(1991, 1, 1), date(2023, 12, 31))


# --- Faults ------------------------------------------------------------------------------------------------------


@for_each(
    ("column", "value"),
    [
        ("id", "seven"),
        ("year", "this"),
        ("year", "2022"),
        ("year", "2024"),
        ("year", "0"),
        ("year", "123456"),
        ("type_of_violence", "4"),
        ("best", "many"),
        ("deaths_a", "-3"),
        ("latitude", "north"),
        ("latitude", "nan"),
        ("longitude", "181"),
        ("date_start", "2023-13-01"),
        ("date_end", "2023-11-02"),
        ("date_prec", "6"),
        ("where_prec", "8"),
        ("event_clarity", ""),
        ("active_year", "maybe"),
        ("code_status", "Fine"),
        ("country_id", "1"),
        ("conflict_new_id", ""),
        ("side_a_new_id", ""),
        ("side_b", " "),
    ],
)
def test_row_that_cannot_be_read_is_refused_with_line_and_column(
    corpus_address: str, tmp_path: Path, column: str, value: str
) -> None:
    source = UcdpGed(written(tmp_path, BATTLE, {**BATTLE, column: value}, BATTLE))
    # A load asks for it first.
    assert source.dataset["id"] == "ucdp-ged"
    with pytest.raises(ImportRefused) as refused:
        Brought(corpus_address, source)
    (fault,) = refused.value.faults
    assert fault.line == 3
    assert fault.column is not None and column in fault.column
    assert f"events.csv:3: {fault.column}: " in str(refused.value)


@for_each("year", ["2022", "2023"])
def test_year_is_any_of_those_that_an_event_spans(corpus_address: str, tmp_path: Path, year: str) -> None:
    row = {**BATTLE, "year": year, "date_start": "2022-12-28", "date_end": "2023-01-03"}
    assert bring(corpus_address, tmp_path, row).events[0]["date_start"] == date(2022, 12, 28)


def test_event_that_stands_twice_is_refused(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(as_csv(BATTLE, BATTLE), encoding="utf-8")
    with pytest.raises(ImportRefused, match=r"events\.csv:3: id: "):
        Brought(corpus_address, UcdpGed(path))


def test_all_refused_rows_are_told_at_once(corpus_address: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring(corpus_address, tmp_path, *[{**BATTLE, "best": f"many {number}"} for number in range(25)])
    assert refused.value.count == 25
    assert len(refused.value.faults) == 20
    assert "and 5 more" in str(refused.value)


def test_rows_with_one_fault_are_told_together(corpus_address: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring(corpus_address, tmp_path, *[{**BATTLE, "best": "many"}] * 25, {**BATTLE, "best": "few"})
    _count, many, few, remedy = str(refused.value).splitlines()
    assert many.startswith("events.csv:2: best: 'many' is not")
    assert many.endswith("; so too in lines 3, 4, 5, 6, 7 and 19 more")
    assert few.startswith("events.csv:27: best: 'few' is not") and "so too" not in few
    assert remedy == "--rejects FILE writes all of them to a file, each with its reason"


def test_a_day_that_can_be_none_decides_nothing_of_its_column(corpus_address: str, tmp_path: Path) -> None:
    path = written(tmp_path, *[{**BATTLE, "date_start": "11/3/2023", "date_end": "11/13/2023"}] * 20)
    path.write_text(
        path.read_text(encoding="utf-8").replace("11/3/2023", "32/13/2023", 1), encoding="utf-8", newline=""
    )
    source = UcdpGed(path)
    source.report.is_strict = False
    found = Brought(corpus_address, source)
    assert len(found.events) == 19 and {event["date_start"] for event in found.events} == {date(2023, 11, 3)}
    assert [str(fault) for fault in source.report.faults.first_ones] == [
        "events.csv:2: date_start: '32/13/2023' is no date such as 2023-11-03"
    ]


def _cut(content: bytes, *, at: float) -> bytes:
    return content[: int(len(content) * at)]


DAMAGED = {
    "cut off in a row": lambda content: content[:-40],
    "cut off in quotation marks": lambda content: content[: content.rindex(b'"""The') + 20],
    "gzip cut off": lambda content: _cut(gzip.compress(content), at=0.6),
    "a column renamed": lambda content: content.replace(b"best", b"bset", 1),
    "another kind of file": lambda _content: b"<!doctype html>\n<title>Sign in</title>\n",
    "nothing": lambda _content: b"",
    "neither encoding": lambda content: content.replace(b"KIO", b"K\x81\x8d", 2),
    "a column too many": lambda content: content.replace(b"7003,", b"7003,7003,"),
}


@for_each("damage", DAMAGED.values(), ids=DAMAGED)
def test_file_that_is_not_what_it_claims_is_refused(corpus_address: str, tmp_path: Path, damage: Any) -> None:
    path = written(tmp_path, BATTLE, BATTLE, BATTLE)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises((ImportFault, ImportRefused), match=r"events\.csv"):
        source = UcdpGed(path)
        assert source.dataset
        Brought(corpus_address, source)


def test_zip_with_two_files_is_refused(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "events.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", as_csv(BATTLE))
        archive.writestr("two.csv", as_csv(BATTLE))
    with pytest.raises(ImportFault, match=r"one\.csv, two\.csv"):
        assert UcdpGed(path).dataset


# --- The publisher's files ---------------------------------------------------------------------------------------

PUBLISHED = [("ged_myanmar.csv.gz", 7_374), ("ged191_mmr_bgd.zip", 3_194)]


@dataclass(frozen=True)
class Published:
    """A file of the publisher's, how many rows it has, and what is brought of it."""

    path: Path
    count: int
    source: UcdpGed
    brought: Brought


@pytest.fixture(scope="module", params=PUBLISHED, ids=lambda published: published[0])
def published(request: pytest.FixtureRequest, corpus_address: str) -> Published:
    name, count = request.param
    path = SHARED / "data" / "ucdp" / name
    if not path.exists():
        pytest.skip("the publisher's files do not lie beside the repository")
    source = UcdpGed(path)
    return Published(path, count, source, Brought(corpus_address, source))


def test_published_file_brings_every_row_with_its_numbers(published: Published) -> None:
    brought, source, rows = published.brought, published.source, published_rows(published.path)
    assert len(brought.events) == len(rows) == published.count == source.report.rows
    theirs, ours = Counter[Any](), Counter[Any]()
    for row in rows:
        theirs[int(row["year"]), row["type_of_violence"]] += int(row["best"])
    for event in brought.events:
        whole, *parts = event["figures"]
        ours[event["date_start"].year, str(event["codes"]["type_of_violence"])] += whole["best"]
        assert sum(part["best"] for part in parts) in (0, whole["best"])
    assert ours == theirs
    out_of_order = sum(not int(row["low"]) <= int(row["best"]) <= int(row["high"]) for row in rows)
    assert source.report.repaired["bounds out of order"].count == out_of_order


def test_published_file_is_tied_to_the_gazetteer_and_the_corpus(published: Published) -> None:
    brought = published.brought
    ours = [event for event in brought.events if not event["location_id"].startswith("ucdp-ged-bgd")]
    tied = [event for event in ours if not event["location_id"].startswith("ucdp-ged-")]
    assert len(tied) > 0.6 * len(ours)
    met = {part["group_id"] for event in brought.events for part in event["groups"]}
    assert {"myanmar-military", "kachin-independence-organisation", "arakan-army", "civilians-of-myanmar"} <= met
    known = {"location": set(), "group": set(), "document": set()}
    kinds = [kind for kind, _record in brought.order]
    assert kinds.count("names") == 1 and "event" not in kinds[: kinds.index("names")]
    for kind, record in brought.order:
        if kind == "names":
            continue
        if kind == "event":
            assert {part["group_id"] for part in record["groups"]} - known["group"] <= {
                *brought.names["group"],
                "civilians-of-myanmar",
            }
            assert {report["document_id"] for report in record["reports"]} <= known["document"]
            continue
        assert record["id"] not in known[kind]
        known[kind].add(record["id"])
        if kind == "location" and str(record["parent_id"]).startswith("ucdp-ged-"):
            assert record["parent_id"] in known[kind]
