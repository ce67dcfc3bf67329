"""Where UCDP's events lie: places of the gazetteer wherever it knows them, else places of the dataset's own.

All rows are invented but for the names of places; the gazetteer and the corpus are the shipped ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweep import for_each
from tests.ucdp_files import BATTLE, ELSEWHERE, bring

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

PLACES = [
    # A town that UCDP still puts into the district it has left; townships of code 5; a state that is cut up.
    ({}, "mmr005024701", "exact", "at Kawlin"),
    ({"where_coordinates": "Kawlin Township", "where_prec": "5"}, "mmr005024", "township", "in Kawlin township"),
    ({"where_coordinates": "Sagaing region", "where_prec": "4"}, "mmr005", "state_or_region", "in Sagaing"),
    (
        {"where_coordinates": "Shan State", "adm_1": "Shan State", "adm_2": "", "where_prec": "4"},
        "shan-state",
        "state_or_region",
        "in Shan",
    ),
    (
        {"where_coordinates": "Shan State (North)", "adm_1": "Shan State", "adm_2": "", "where_prec": "5"},
        "mmr015",
        "state_or_region",
        "in Shan (North)",
    ),
    ({"where_coordinates": "Katha district", "where_prec": "3"}, "mmr005d004", "district", "in Katha district"),
    # Another spelling, held to its state.
    (
        {"where_coordinates": "Namsang town", "adm_1": "Shan state", "adm_2": "Loilen district", "where_prec": "2"},
        "mmr014013701",
        "near",
        "near Nansang",
    ),
    (
        {"where_coordinates": "Myanmar (Burma)", "adm_1": "", "adm_2": "", "where_prec": "6"},
        "mmr",
        "country",
        "in Myanmar",
    ),
    # What the gazetteer does not hold.
    (
        {"where_coordinates": "Oak Hill  village"},
        "ucdp-ged-mmr005024-oak-hill-village",
        "exact",
        "at Oak Hill village",
    ),
    # Far from any town, and in a township by its description, by none, or by several.
    *(
        (
            {
                "where_coordinates": "Elm Hill village",
                "latitude": "24.0",
                "longitude": "95.4",
                "where_description": told,
            },
            f"ucdp-ged-{lies_in}-elm-hill-village",
            "exact",
            "at Elm Hill village",
        )
        for told, lies_in in (
            ("outside the village of Elm Hill, Kawlin Township", "mmr005024"),
            ("Elm Hill Village Wuntho Township", "mmr005025"),
            ("Elm Hill, 5 miles from Kawlin Township", "mmr005d004"),
            ("Elm Hill, between Kawlin Township and Wuntho Township", "mmr005d004"),
            ("Elm Hill, Nowhere Township", "mmr005d004"),
        )
    ),
    (
        {"where_coordinates": "Kawlin - Wuntho highway (Kawlin township)", "where_prec": "5"},
        "ucdp-ged-mmr005024-kawlin-wuntho-highway-kawlin-township-site",
        "area",
        "around Kawlin - Wuntho highway (Kawlin township)",
    ),
    (
        {"where_coordinates": "Muddy River in Kawlin township"},
        "ucdp-ged-mmr005024-muddy-river-in-kawlin-township-site",
        "exact",
        "at Muddy River in Kawlin township",
    ),
    (
        {
            "where_coordinates": "Border between Chin state and Magway region",
            "adm_1": "",
            "adm_2": "",
            "where_prec": "5",
        },
        "ucdp-ged-mmr-border-between-chin-state-and-magway-region",
        "area",
        "around Border between Chin state and Magway region",
    ),
    (
        {"where_coordinates": "Calm Sea", "adm_1": "", "adm_2": "", "where_prec": "7"},
        "ucdp-ged-mmr-calm-sea",
        "area",
        "around Calm Sea",
    ),
    (
        {**ELSEWHERE, "where_coordinates": "Old Market town"},
        "ucdp-ged-bgd-upper-hill-old-market-town",
        "exact",
        "at Old Market town",
    ),
    ({**ELSEWHERE, "where_prec": "3"}, "ucdp-ged-bgd-upper-hill", "district", "in Hill district"),
]


@for_each(("printed", "identity", "precision", "words"), PLACES, ids=[place[1] for place in PLACES])
def test_place_is_tied_to_the_gazetteer_or_made(
    corpus_address: str, tmp_path: Path, printed: dict[str, str], identity: str, precision: str, words: str
) -> None:
    (event,) = bring(corpus_address, tmp_path, {**BATTLE, **printed}).events
    assert (event["location_id"], event["location_precision"]) == (identity, precision)
    assert event["title"].endswith(f" against KIO {words}")
    assert (event["latitude"], event["longitude"]) == tuple(
        float(printed.get(name, BATTLE[name])) for name in ("latitude", "longitude")
    )


def test_all_rows_of_a_place_say_where_it_lies(corpus_address: str, tmp_path: Path) -> None:
    far = {**BATTLE, "where_coordinates": "Elm Hill village", "latitude": "24.0", "longitude": "95.4"}
    told = {**far, "where_description": "Kawlin Township"}
    both = bring(corpus_address, tmp_path, far, told, far).events
    assert {event["location_id"] for event in both} == {"ucdp-ged-mmr005024-elm-hill-village"}
    other = {**far, "where_description": "Wuntho Township"}
    torn = bring(corpus_address, tmp_path, far, told, other).events
    assert {event["location_id"] for event in torn} == {"ucdp-ged-mmr005d004-elm-hill-village"}


def test_places_come_before_what_lies_in_them_and_spellings_become_names(corpus_address: str, tmp_path: Path) -> None:
    town = {"where_coordinates": "Yinmabin township", "adm_2": "Monywa district", "where_prec": "5"}
    brought = bring(
        corpus_address, tmp_path, {**BATTLE, **ELSEWHERE, "where_coordinates": "Old Market town"}, {**BATTLE, **town}
    )
    levels = [(place["id"], place["level"], place["parent_id"]) for place in brought.locations]
    assert levels == [
        ("bgd", "country", None),
        ("ucdp-ged-bgd-upper", "state_or_region", "bgd"),
        ("ucdp-ged-bgd-upper-hill", "district", "ucdp-ged-bgd-upper"),
        ("ucdp-ged-bgd-upper-hill-old-market-town", "town", "ucdp-ged-bgd-upper-hill"),
    ]
    assert brought.locations[-1]["latitude"] == 23.79
    assert brought.aliases("location", "ucdp-ged-bgd-upper-hill-old-market-town") == ["Old Market"]
    assert brought.aliases("location", "mmr005016") == ["Yinmabin"]
    assert brought.aliases("location", "mmr005024701") == []


def test_respelt_units_and_changed_case_name_the_same_places(corpus_address: str, tmp_path: Path) -> None:
    other = {"country": "Bangladesh", "country_id": "771", "adm_1": "Upper division", "adm_2": "HILL DISTRICT"}
    rows = [{**BATTLE, **place, "where_coordinates": "Old Market Town"} for place in (ELSEWHERE, other)]
    brought = bring(corpus_address, tmp_path, *rows)
    assert len({event["location_id"] for event in brought.events}) == 1
    assert len(brought.locations) == 4


def test_spot_that_bears_the_name_of_a_unit_is_another_place(corpus_address: str, tmp_path: Path) -> None:
    unit = {**ELSEWHERE, "adm_1": "", "where_prec": "3"}
    spot = {**ELSEWHERE, "adm_1": "", "adm_2": "", "where_coordinates": "Hill"}
    brought = bring(corpus_address, tmp_path, {**BATTLE, **unit}, {**BATTLE, **spot})
    assert [(place["id"], place["level"]) for place in brought.locations] == [
        ("bgd", "country"),
        ("ucdp-ged-bgd-hill", "district"),
        ("ucdp-ged-bgd-hill-site", "site"),
    ]
