"""Insecurity Insight's incidents: what becomes of a row, and what its counts mean. All rows are invented."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from seeds.insecurity_insight.incidents import AidIncidents, EducationIncidents, HealthIncidents, Incidents
from tests.brought import brought
from tests.databases import Databases
from tests.stored import served
from tests.test_seeds_cli import run

pytestmark = pytest.mark.engines("sqlite")

# As the Humanitarian Data Exchange prints it, with its tags; the columns beside these have the counts that a row names.
SHARED: Mapping[str, str] = {
    "Date": "2033-03-05",
    "Event Description": "March 2033: Invented words of the publisher.",
    "Country": "Myanmar",
    "Country ISO": "MMR",
    "Admin 1": "Sagaing Region",
    "Latitude": "23.79",
    "Longitude": "95.51",
    "Geo Precision": "(2) 25 km Precision ",
    "Reported Perpetrator": "Armed Forces of Government/Self-Declared Government",
    "Reported Perpetrator Name": "Invented Army",
    "Weapon Carried/Used": "Firearms",
}
COUNTS = ("Killed", "Injured", "Kidnapped", "Arrested")
HEALTH = {**SHARED, **{f"Health Workers {count}": "0" for count in COUNTS}}
EDUCATION = {
    **SHARED,
    "Type of Education Facility": "University",
    **{f"{who} {count}": "0" for who in ("Educators", "Students") for count in COUNTS},
}
AID = {**SHARED, "Organisation Affected": "INGO", **{f"Aid Workers {count}": "0" for count in COUNTS}}


def write(folder: Path, base: Mapping[str, str], *changes: Mapping[str, object]) -> Path:
    """A file with a row for each of these changes to a row, numbered from 900001 on."""
    path = folder / "incidents.csv"
    header = list(dict.fromkeys((*base, *(name for change in changes for name in change), "SiND Event ID")))
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, header, restval="0")
        rows.writeheader()
        rows.writerows(
            {**base, **change, "SiND Event ID": number} for number, change in enumerate(changes, start=900001)
        )
    return path


@pytest.mark.parametrize(
    ("importer", "base", "change", "figures"),
    [
        (HealthIncidents, HEALTH, {"Health Workers Killed": 2}, {("killed", "other_protected"): (2, 2, None)}),
        (HealthIncidents, HEALTH, {"Health Workers Killed": ""}, {("killed", "other_protected"): (None, None, None)}),
        (EducationIncidents, EDUCATION, {"Students Arrested": 9}, {("captured", "civilians"): (9, 9, None)}),
        (AidIncidents, AID, {"Aid Workers Kidnapped": 1}, {("abducted", "civilians"): (1, 1, None)}),
        (HealthIncidents, HEALTH, {}, {}),
    ],
)
def test_count_is_at_least_that_many_and_a_zero_is_nobodys_statement(
    corpus_address: str,
    tmp_path: Path,
    importer: type[Incidents],
    base: Mapping[str, str],
    change: Mapping[str, object],
    figures: Mapping[tuple[str, str], tuple[int | None, ...]],
) -> None:
    event = brought(corpus_address, importer(write(tmp_path, base, change))).event
    found = {(one["measure"], one["population"]): (one["low"], one["best"], one["high"]) for one in event["figures"]}
    assert found == figures
    assert all(one["cause"] == "small_arms" and one["open_ended"] for one in event["figures"])


def test_row_becomes_an_event_with_its_place_and_sides(corpus_address: str, tmp_path: Path) -> None:
    changes = {
        "Reported Perpetrator Name": "Invented Army, Unidentified Armed Actor, Invented Guard (Myanmar)",
        "Health Transportation Damaged": 3,
    }
    event = brought(corpus_address, HealthIncidents(write(tmp_path, HEALTH, changes))).event
    assert (event["location_id"], event["location_precision"]) == ("mmr005", "state_or_region")
    assert (event["latitude"], event["longitude"], event["date_precision"]) == (23.79, 95.51, "day")
    assert [
        (group["group_id"].removeprefix("insecurity-insight-health-"), group["role"]) for group in event["groups"]
    ] == [
        ("invented-army", "attacker"),
        ("invented-guard-myanmar", "attacker"),
        ("health-workers", "target"),
    ]
    assert event["codes"]["health_transportation_damaged"] == 3
    assert "Invented words" not in str(event)


@pytest.mark.parametrize(
    ("changes", "subtype", "cause"),
    [
        ({"Weapon Carried/Used": "Aerial Bomb: Drone, Firearms"}, "air_drone_strike", "multiple"),
        ({"Weapon Carried/Used": "Tasers, Live and Rubber Bullets"}, "attack", "multiple"),
        ({"Weapon Carried/Used": "Invented weapon"}, "attack", "unknown"),
        ({"Health Workers Killed": 0, "Health Workers Arrested": 2}, "arrests", "small_arms"),
    ],
)
def test_type_follows_from_the_weapon_or_else_from_what_was_done(
    corpus_address: str, tmp_path: Path, changes: Mapping[str, object], subtype: str, cause: str
) -> None:
    path = write(tmp_path, HEALTH, {"Health Workers Killed": 4, **changes})
    source = HealthIncidents(path)
    source.report.is_strict = False
    event = brought(corpus_address, source).event
    assert (event["subtype"], event["figures"][0]["cause"]) == (subtype, cause)


@pytest.mark.parametrize(
    ("women", "men", "sex"), [(2, 0, "female"), (0, 2, "male"), (1, 1, "both"), (0, 1, "unspecified")]
)
def test_sex_is_told_where_the_counts_of_women_and_men_make_up_the_whole(
    corpus_address: str, tmp_path: Path, women: int, men: int, sex: str
) -> None:
    counts = {"Aid Workers Killed": 2, "Female Aid Workers Killed": women, "Male Aid Workers Killed": men}
    event = brought(corpus_address, AidIncidents(write(tmp_path, AID, counts))).event
    assert [figure["sex"] for figure in event["figures"]] == [sex]


def test_files_of_three_kinds_are_known_by_their_columns_and_never_added(
    databases: Databases, corpus_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", address)
    no_country = {"Country": "Unspecified", "Country ISO": ""}
    for name, base, change in (
        ("health", HEALTH, {"Health Workers Killed": 3}),
        ("education", EDUCATION, {"Students Killed": 5}),
        ("aid", AID, {"Aid Workers Killed": 7}),
    ):
        done = run("import", write(tmp_path, base, change, {**change, **no_country}))
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith(f"insecurity-insight-{name}, release up to 2033-03-05:\n  rows read: 2\n")
        assert "  rows set aside: 1\n    incidents.csv:3: country: the incident has no country\n" in done.stdout
    with served(address) as client:
        asked = "/v1/casualties/totals?measure=killed&date_from=2033-01-01&group_by=dataset"
        found = {row["key"]["dataset"]: row["best"] for row in client.get(asked).json["data"]}
    assert found == {f"insecurity-insight-{name}": best for name, best in (("health", 3), ("education", 5), ("aid", 7))}
