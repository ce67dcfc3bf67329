"""The gazetteer as files: ids, parents, points and aliases that can be relied on without loading them."""

import csv
import re
from collections import Counter
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pytest

from api.domain.codebook import values
from api.domain.names import folded
from tests.sweep import for_each

FILE = Path(__file__).parent.parent / "seeds" / "gazetteer" / "places.csv"
# Places that coded reports need and MIMU's list does not hold.
ADDITIONS = FILE.with_name("additions.csv")
COLUMNS = [
    "id",
    "name",
    "native_name",
    "level",
    "parent",
    "pcode",
    "country",
    "latitude",
    "longitude",
    "uncertainty_km",
    "position_basis",
    "aliases",
]
# What the source holds, and what we added to it: Shan and Bago as one place each.
SOURCE_ROWS = Counter(country=1, state_or_region=18, district=80, township=330, town=494)
ADDED = {
    "shan-state": ("Shan", {"mmr014", "mmr015", "mmr016"}, "Shan State"),
    "bago-region": ("Bago", {"mmr007", "mmr008"}, "Bago Region"),
}
# Additions that reports name as one, and the states or regions that each joins.
JOINED = {"sagaing-and-magway": {"mmr005", "mmr009"}, "rakhine-and-chin": {"mmr012", "mmr004"}}


def rows(path: Path) -> list[dict[str, str]]:
    """Every row of a file, in order."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kilometres(first: dict[str, str], second: dict[str, str]) -> float:
    """How far the points of two places lie from each other."""
    south, north = radians(float(first["latitude"])), radians(float(second["latitude"]))
    east = radians(float(second["longitude"]) - float(first["longitude"]))
    return 2 * 6371 * asin(sqrt(sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(east / 2) ** 2))


@pytest.fixture(scope="module")
def places() -> list[dict[str, str]]:
    """Every row of the file of MIMU's places, in order."""
    return rows(FILE)


@pytest.fixture(scope="module")
def additions() -> list[dict[str, str]]:
    """Every row of the file of additions, in order."""
    return rows(ADDITIONS)


@pytest.fixture(scope="module")
def by_id(places: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Every row by its id."""
    return {place["id"]: place for place in places}


def aliases(place: dict[str, str]) -> list[str]:
    """The aliases of a row."""
    return place["aliases"].split("; ") if place["aliases"] else []


def ancestors(place: dict[str, str], by_id: dict[str, dict[str, str]]) -> list[str]:
    """The ids from a place's parent up to the country."""
    found = []
    while place["parent"]:
        place = by_id[place["parent"]]
        found.append(place["id"])
    return found


def test_the_header_is_the_agreed_one_and_every_row_fills_it(places: list[dict[str, str]]) -> None:
    for place in places:
        assert list(place) == COLUMNS
        assert all(value is not None and value == value.strip() for value in place.values()), place["id"]
        for column in ("id", "name", "level", "country", "latitude", "longitude", "uncertainty_km", "position_basis"):
            assert place[column], (place["id"], column)


def test_the_file_holds_the_source_and_the_two_areas(places: list[dict[str, str]]) -> None:
    assert len(places) == 923 + 2
    assert Counter(place["level"] for place in places if place["pcode"]) == SOURCE_ROWS
    assert {place["id"] for place in places if not place["pcode"]} == set(ADDED)
    assert {place["country"] for place in places} == {"MMR"}


def test_ids_are_unique_slugs(places: list[dict[str, str]], by_id: dict[str, dict[str, str]]) -> None:
    assert len(by_id) == len(places)
    assert all(re.fullmatch(r"[a-z0-9_-]+", place["id"]) for place in places)


def test_the_id_of_a_place_with_a_pcode_is_its_pcode_lowered(places: list[dict[str, str]]) -> None:
    for place in places:
        if place["pcode"]:
            assert place["pcode"] == place["pcode"].upper()
            assert place["id"] == place["pcode"].lower()


def test_every_parent_exists_is_coarser_and_stands_above_its_child(places: list[dict[str, str]]) -> None:
    levels = values("location_level")
    seen: dict[str, str] = {}
    for place in places:
        if place["parent"]:
            assert levels.index(seen[place["parent"]]) < levels.index(place["level"]), place["id"]
        else:
            assert (place["id"], place["level"]) == ("mmr", "country")
        seen[place["id"]] = place["level"]


def test_a_place_lies_in_the_state_that_its_pcode_begins_with(
    places: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    for place in places:
        if place["pcode"] and place["level"] not in {"country", "state_or_region"}:
            assert place["id"][:6] in ancestors(place, by_id)


def test_towns_whose_township_is_not_in_the_source_hang_on_their_state(
    places: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    repaired = [
        place for place in places if place["level"] == "town" and by_id[place["parent"]]["level"] == "state_or_region"
    ]
    assert Counter(place["parent"] for place in repaired) == {"mmr013": 1, "mmr015": 16, "mmr016": 4}
    readme = (FILE.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"{place['name']} (`{place['id']}`)" in readme for place in repaired)


def test_points_lie_in_myanmar_and_say_how_far_they_may_be_off(places: list[dict[str, str]]) -> None:
    for place in places:
        assert 9.5 <= float(place["latitude"]) <= 28.6, place["id"]
        assert 92.1 <= float(place["longitude"]) <= 101.2, place["id"]
        assert float(place["uncertainty_km"]) > 0


def test_the_uncertainty_of_a_place_reaches_every_place_inside_it(
    places: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    for place in places:
        for ancestor in ancestors(place, by_id):
            assert kilometres(place, by_id[ancestor]) <= float(by_id[ancestor]["uncertainty_km"])


def test_shan_and_bago_are_areas_that_hold_their_coded_parts(
    places: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    for area, (name, parts, alias) in ADDED.items():
        assert (by_id[area]["name"], by_id[area]["level"], by_id[area]["parent"]) == (name, "area", "mmr")
        assert alias in aliases(by_id[area])
        assert {place["id"] for place in places if place["parent"] == area} == parts


def test_aliases_are_distinct_and_never_repeat_the_name(places: list[dict[str, str]]) -> None:
    for place in places:
        known = aliases(place)
        assert len(set(known)) == len(known)
        assert place["name"] not in known
        assert all(alias and alias == alias.strip() and ";" not in alias for alias in known)


def test_an_alias_is_shared_only_along_one_line_of_places(
    places: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    bearers: dict[str, set[str]] = {}
    for place in places:
        for name in (place["name"], *aliases(place)):
            bearers.setdefault(folded(name), set()).add(place["id"])
    for place in places:
        line = {place["id"], *ancestors(place, by_id)}
        for alias in aliases(place):
            for other in bearers[folded(alias)]:
                assert other in line or place["id"] in ancestors(by_id[other], by_id), (place["id"], alias, other)


@for_each(
    ("alias", "expected"),
    [
        ("Kalay", {"mmr005d005", "mmr005027", "mmr005027701"}),
        ("Magwe", {"mmr009", "mmr009d001", "mmr009001", "mmr009001701"}),
        ("Arakan", {"mmr012"}),
        ("Rangoon", {"mmr013", "mmr013000777"}),
        ("Mawlu", {"mmr005021702"}),
        ("Maw Luu", {"mmr005021702"}),
        ("Pegu", {"bago-region", "mmr007d001", "mmr007001", "mmr007001701"}),
        ("Northern Shan", {"mmr015"}),
        ("Northern Shan State", {"mmr015"}),
        ("Kyu Koke", {"mmr015009704"}),
        ("Pang Hseng", {"mmr015009704"}),
        ("Manhero", {"mmr015009703"}),
        ("Namkham", {"mmr015010", "mmr015010701"}),
        ("Moulmein", {"mmr011d001", "mmr011001", "mmr011001701"}),
        ("Irrawaddy", {"mmr017"}),
        ("North", set()),
    ],
)
def test_known_spellings_lead_to_their_places(alias: str, expected: set[str], places: list[dict[str, str]]) -> None:
    assert {place["id"] for place in places if alias in aliases(place)} == expected


def test_what_bears_a_name_in_english_bears_it_in_burmese(places: list[dict[str, str]]) -> None:
    burmese = {place["id"]: {folded(name) for name in (place["native_name"], *aliases(place))} for place in places}
    for place in places:
        inner = [other for other in places if other["name"] == place["name"] and other["parent"] == place["id"]]
        for name in (other["native_name"] for other in inner if other["native_name"]):
            assert folded(name) in burmese[place["id"]], (place["id"], name)


def test_additions_have_the_same_columns_and_ids_of_their_own(
    additions: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    ids = [place["id"] for place in additions]
    assert len(set(ids)) == len(ids) and not set(ids) & set(by_id)
    for place in additions:
        assert list(place) == COLUMNS
        assert all(value is not None and value == value.strip() for value in place.values()), place["id"]
        assert re.fullmatch(r"[a-z0-9_-]+", place["id"])
        assert all(place[column] for column in ("name", "level", "position_basis")) and not place["pcode"], place["id"]
        assert place["name"] not in aliases(place)


def test_an_addition_lies_in_a_coarser_place_unless_it_is_wider_than_a_country(
    additions: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    levels = values("location_level")
    known = dict(by_id)
    for place in additions:
        if place["parent"]:
            assert levels.index(known[place["parent"]]["level"]) < levels.index(place["level"]), place["id"]
            assert place["country"] == known[place["parent"]]["country"]
        else:
            point = (place["latitude"], place["longitude"], place["uncertainty_km"])
            assert (place["level"], place["country"], *point) == ("area", "", "", "", ""), place["id"]
        known[place["id"]] = place
    assert {place["id"] for place in additions if not place["parent"]} == {"south-east-asia"}


def test_an_addition_has_a_point_near_that_of_its_parent(
    additions: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    for place in (place for place in additions if place["parent"] and place["id"] not in JOINED):
        parent = by_id[place["parent"]]
        assert float(place["uncertainty_km"]) > 0
        for axis in ("latitude", "longitude"):
            # Half a degree is about 50 km: more would be a slip of the pen.
            assert abs(float(place[axis]) - float(parent[axis])) < 0.5, place["id"]
        if place["name"].startswith("Unnamed"):
            for column in ("latitude", "longitude", "uncertainty_km"):
                assert place[column] == parent[column], (place["id"], column)


def test_an_addition_that_joins_places_has_the_mean_of_their_points_and_reaches_all_of_them(
    places: list[dict[str, str]], additions: list[dict[str, str]], by_id: dict[str, dict[str, str]]
) -> None:
    joining = {place["id"]: place for place in additions if place["level"] == "area" and place["parent"]}
    assert joining.keys() == JOINED.keys()
    for identity, parts in JOINED.items():
        area = joining[identity]
        for axis in ("latitude", "longitude"):
            mean = sum(float(by_id[part][axis]) for part in parts) / len(parts)
            assert float(area[axis]) == pytest.approx(mean, abs=1e-5)
        inside = [place for place in places if parts & {place["id"], *ancestors(place, by_id)}]
        farthest = max(kilometres(area, place) for place in inside)
        assert farthest <= float(area["uncertainty_km"]) < farthest + 1


def test_a_name_of_an_addition_is_no_other_place_s(
    places: list[dict[str, str]], additions: list[dict[str, str]]
) -> None:
    taken = {folded(name) for place in places for name in (place["name"], *aliases(place))}
    own = [folded(name) for place in additions for name in {folded(place["name"]), *map(folded, aliases(place))}]
    assert not taken & set(own) and len(set(own)) == len(own)
