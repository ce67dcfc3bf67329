"""The Aid Worker Security Database: days, places, totals and sex, and what its files lose. All rows are invented."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from seeds.awsd.incidents import Awsd
from tests.brought import brought
from tests.databases import Databases
from tests.test_seeds_cli import run

pytestmark = pytest.mark.engines("sqlite")

ROW: Mapping[str, object] = {
    "Year": 2033,
    "Month": 3,
    "Day": 5,
    "Country Code": "MM",
    "Country": "Myanmar",
    "Region": "Sagaing",
    "District": "",
    "City": "Invented town (20km W of another)",
    "Nationals killed": 0,
    "Total killed": 0,
    "Total wounded": 0,
    "Total kidnapped": 0,
    "Total affected": 0,
    "Gender Male": 0,
    "Gender Female": 0,
    "Gender Unknown": 0,
    "Means of attack": "Shooting",
    "Latitude": 23.79,
    "Longitude": 95.51,
    "Actor type": "Non-state armed group: National",
    "Actor name": "Invented Front",
    "Details": "Invented words of the publisher.",
    "Verified": "Yes",
}


def write(folder: Path, *changes: Mapping[str, object], first: int = 900001) -> Path:
    """A file with the publisher's tags and a row for each of these changes to a row, numbered from `first` on."""
    path = folder / "security_incidents.csv"
    header = ["Incident ID", *dict.fromkeys((*ROW, *(name for change in changes for name in change)))]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, header, restval="0")
        rows.writeheader()
        rows.writerows({**ROW, **change, "Incident ID": number} for number, change in enumerate(changes, start=first))
    return path


@pytest.mark.parametrize(
    ("change", "days", "precision"),
    [
        ({}, ("2033-03-05", "2033-03-05"), "day"),
        ({"Day": ""}, ("2033-03-01", "2033-03-31"), "month"),
        ({"Day": "", "Month": ""}, ("2033-01-01", "2033-12-31"), "year"),
    ],
)
def test_day_is_as_close_as_the_publisher_knows_it(
    corpus_address: str, tmp_path: Path, change: Mapping[str, object], days: tuple[str, str], precision: str
) -> None:
    event = brought(corpus_address, Awsd(write(tmp_path, change))).event
    assert (str(event["date_start"]), str(event["date_end"])) == days
    assert event["date_precision"] == precision


@pytest.mark.parametrize(
    ("change", "figures", "subtype"),
    [
        ({"Total killed": 2, "Gender Female": 2}, {"killed": (2, 2, 2, "female")}, "attack"),
        ({"Total killed": 2, "Gender Female": 1, "Gender Unknown": 1}, {"killed": (2, 2, 2, "unspecified")}, "attack"),
        (
            {"Total wounded": 1, "Total kidnapped": 3, "Gender Male": 4, "Means of attack": "Kidnapping"},
            {"injured": (1, 1, 1, "unspecified"), "abducted": (3, 3, 3, "unspecified")},
            "attack",
        ),
        ({"Total detained": 1, "Gender Male": 1}, {"captured": (1, 1, 1, "male")}, "arrests"),
        ({"Total killed": ""}, {"killed": (None, None, None, "unspecified")}, "attack"),
        (
            {"Total wounded": 1, "Means of attack": "Roadside IED "},
            {"injured": (1, 1, 1, "unspecified")},
            "remote_explosive_landmine_ied",
        ),
    ],
)
def test_totals_above_zero_are_figures_of_civilians(
    corpus_address: str,
    tmp_path: Path,
    change: Mapping[str, object],
    figures: Mapping[str, tuple[object, ...]],
    subtype: str,
) -> None:
    event = brought(corpus_address, Awsd(write(tmp_path, change))).event
    found = {one["measure"]: (one["low"], one["best"], one["high"], one["sex"]) for one in event["figures"]}
    assert (found, event["subtype"]) == (figures, subtype)
    assert {one["population"] for one in event["figures"]} == {"civilians"}
    assert {claim["verification"] for one in event["figures"] for claim in one["claims"]} == {"confirmed"}
    assert "Invented words" not in str(event)


@pytest.mark.parametrize(
    ("change", "place", "precision"),
    [
        ({}, "mmr005", "state_or_region"),
        ({"Region": "", "District": "Unheard"}, "mmr", "country"),
        ({"Country Code": "NA", "Country": "Namibia", "Region": "Kunene"}, "awsd-nam-kunene", "state_or_region"),
        ({"Country Code": "", "Country": "Chechnya", "Region": "Grozny"}, "awsd-chechnya", "area"),
    ],
)
def test_place_is_the_closest_that_is_named(
    corpus_address: str, tmp_path: Path, change: Mapping[str, object], place: str, precision: str
) -> None:
    source = Awsd(write(tmp_path, change))
    source.report.is_strict = False
    event = brought(corpus_address, source).event
    assert (event["location_id"], event["location_precision"]) == (place, precision)


def test_one_command_takes_the_file_and_knows_an_older_one_by_its_last_incidents(
    databases: Databases, corpus_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", databases.copy(corpus_address))
    nowhere = {"Country Code": "", "Country": "", "Region": ""}
    done = run("import", write(tmp_path, *[{}] * 5, {"Total killed": 1}, nowhere, first=900011))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("awsd, release up to incident 900017:\n  rows read: 7\n")
    assert "  rows set aside: 1\n    security_incidents.csv:8: country: the incident has no country\n" in done.stdout
    # A year that somebody mistyped makes no newer release.
    older = run("import", write(tmp_path, {"Year": 2035}, *[{"Month": 2}] * 5))
    assert older.exit_code == 1
    assert "release up to incident 900006 is older than up to incident 900017" in older.stderr
