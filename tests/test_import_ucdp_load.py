"""UCDP's events beside the corpus: one group, one place, two datasets, and what a new release changes.

All through the load engine and the API. What a release takes away is asked on both engines, as is how it is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from api.load.source import LoadRefused
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models import GroupCode
from api.store.record_types import table_of
from seeds.ucdp.ged import UcdpGed
from tests.conftest import ENGINES, SHARED, load_into
from tests.databases import Databases
from tests.stored import served, state
from tests.ucdp_files import ATTACK, BATTLE, as_csv, published_rows, written

pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

KILLED = "/v1/casualties/totals?measure=killed"
EVENTS = "/v1/events?kind=incident,episode,aggregate&limit=1000"


def _listed(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    response = client.get(query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json["data"]
    return found


def _best(client: FlaskClient, query: str, dataset: str) -> dict[Any, Any]:
    """The best of each row of a dataset's totals, by what the row is of."""
    return {
        tuple(value for name, value in row["key"].items() if name not in ("dataset", "measure", "unit", "object")): row[
            "best"
        ]
        for row in _listed(client, query)
        if row["key"]["dataset"] == dataset
    }


@pytest.fixture
def address(databases: Databases, corpus_address: str) -> str:
    """A database with the corpus, to be written to."""
    return databases.copy(corpus_address)


def test_group_and_place_find_both_datasets(address: str, tmp_path: Path) -> None:
    load_into(address, UcdpGed(written(tmp_path, BATTLE)))
    with served(address) as client:
        for query in (f"{EVENTS}&group=KIO", "/v1/events?location=Kawlin&date_from=2023-10-27&limit=1000"):
            assert {event["dataset"] for event in _listed(client, query)} == {"op1027", "ucdp-ged"}
        assert {dataset["id"] for dataset in _listed(client, "/v1/datasets")} >= {"op1027", "ucdp-ged"}
        # Its two sides are both attackers; a reader is told why.
        page = client.get("/v1/events/ucdp-ged-7001", headers={"Accept": "text/html"}).text
        assert "not told which attacked whom" in page
        # Deaths by side are best numbers without bounds, which is not "at least".
        (soldiers,) = _listed(client, "/v1/casualties?dataset=ucdp-ged&population=state_forces")
        assert (soldiers["low"], soldiers["best"], soldiers["high"]) == (None, 3, None)
        told = client.get(f"/v1/figures/{soldiers['id']}?format=html").text.partition("<main")[2]
        assert '<data value="3">3</data>' in told and "at least" not in told and 'class="open"' not in told


def test_totals_keep_datasets_apart_and_parts_add_to_best(address: str, tmp_path: Path) -> None:
    with served(address) as client:
        before = _listed(client, f"{KILLED}&dataset=op1027&group_by=population")
    none = {**BATTLE, "deaths_a": "0", "deaths_b": "0", "deaths_unknown": "0", "best": "0", "low": "0"}
    load_into(address, UcdpGed(written(tmp_path, BATTLE, ATTACK, none)))
    with served(address) as client:
        assert _listed(client, f"{KILLED}&dataset=op1027&group_by=population") == before
        assert _best(client, KILLED, "ucdp-ged") == {(): 12}
        (total,) = _listed(client, f"{KILLED}&dataset=ucdp-ged")
        assert (total["low"], total["best"], total["high"]) == (8, 12, 27)
        by_population = _best(client, f"{KILLED}&dataset=ucdp-ged&group_by=population", "ucdp-ged")
        assert by_population == {
            ("state_forces",): 6,
            ("armed_opposition",): 2,
            ("civilians",): 2,
            ("unspecified",): 2,
            ("mixed",): 0,
        }


@on_both
def test_code_that_two_groups_carry_is_refused(address: str, tmp_path: Path) -> None:
    engine = connect_for_loading(Settings(database_url=address))
    with engine.begin() as connection:
        codes = {"group_id": "kachin-independence-army", "scheme": "ucdp_id", "code": "201"}
        connection.execute(insert(table_of(GroupCode)), [codes])
    engine.dispose()
    with pytest.raises(LoadRefused, match="kachin-independence-army, kachin-independence-organisation"):
        load_into(address, UcdpGed(written(tmp_path, BATTLE)))


@on_both
def test_new_release_withdraws_adds_changes_and_renames(address: str, tmp_path: Path) -> None:
    front = {**BATTLE, "id": "8001", "side_b_new_id": "99180", "side_b": "Old Front"}
    gone = {**BATTLE, "id": "8002"}
    load_into(address, UcdpGed(written(tmp_path, front, gone)))
    renamed = {**front, "side_b": "New Front", "best": "7", "deaths_b": "3"}
    load_into(address, UcdpGed(written(tmp_path, renamed, {**BATTLE, "id": "8003"})))
    with served(address) as client:
        assert {event["id"] for event in _listed(client, "/v1/events?dataset=ucdp-ged")} == {
            "ucdp-ged-8001",
            "ucdp-ged-8003",
        }
        withdrawn = client.get("/v1/events/ucdp-ged-8002")
        assert withdrawn.status_code == 410
        for name in ("Old Front", "New Front"):
            assert [event["id"] for event in _listed(client, f"/v1/events?group={name}")] == ["ucdp-ged-8001"]
        group = client.get("/v1/groups/ucdp-ged-99180").json
        assert group["name"] == "New Front"
        assert _best(client, KILLED, "ucdp-ged") == {(): 13}


def test_older_names_stay_over_several_releases(address: str, tmp_path: Path) -> None:
    for name in ("AA", "ULA", "UAA"):
        load_into(address, UcdpGed(written(tmp_path, {**BATTLE, "side_b_new_id": "3051", "side_b": name})))
    with served(address) as client:
        for name in ("ULA", "UAA"):
            assert {event["dataset"] for event in _listed(client, f"/v1/events?group={name}&limit=1000")} == {
                "op1027",
                "ucdp-ged",
            }


@pytest.fixture(scope="module")
def with_two(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the corpus and two events. Not to be written to."""
    address = databases.copy(corpus_address)
    load_into(address, UcdpGed(written(tmp_path_factory.mktemp("two"), BATTLE, ATTACK)))
    return address


def test_same_rows_again_change_nothing(databases: Databases, with_two: str, tmp_path: Path) -> None:
    address, before = databases.copy(with_two), state(with_two)
    load_into(address, UcdpGed(written(tmp_path, BATTLE, ATTACK)))
    assert state(address) == before


@pytest.mark.parametrize("column", ["best", "date_start", "where_prec"])
def test_file_with_a_fault_leaves_the_database_as_it_was(
    databases: Databases, with_two: str, tmp_path: Path, column: str
) -> None:
    address, before = databases.copy(with_two), state(with_two)
    with pytest.raises(LoadRefused, match=f"3: {column}: "):
        load_into(address, UcdpGed(written(tmp_path, {**BATTLE, "best": "9"}, {**BATTLE, column: "?"})))
    assert state(address) == before


def test_file_without_rows_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(LoadRefused):
        load_into(address, UcdpGed(written(tmp_path)))


# Every how manieth event of the published files is loaded here: all of them take minutes, and their records are looked at
# in test_import_ucdp_files.
EVERY = 20


def _some(folder: Path, name: str) -> tuple[Path, list[dict[str, str]]]:
    """A file with some of the rows of a published one, and these rows."""
    path = SHARED / "data" / "ucdp" / name
    if not path.exists():
        pytest.skip("the publisher's files do not lie beside the repository")
    rows = [row for row in published_rows(path) if int(row["id"]) % EVERY == 0]
    some = folder / f"{name.split('.')[0]}.csv"
    some.write_text(as_csv(*rows, columns=list(rows[0])), encoding="utf-8", newline="")
    return some, rows


# Files so long are loaded on one engine; shorter ones are on both.
def test_published_releases_follow_one_another(address: str, tmp_path: Path) -> None:
    (older, before), (newer, rows) = (_some(tmp_path, name) for name in ("ged191_mmr_bgd.zip", "ged_myanmar.csv.gz"))
    load_into(address, UcdpGed(older))
    with served(address) as client:
        abroad = sum(row["country"] == "Bangladesh" for row in before)
        assert client.get(f"{EVENTS}&dataset=ucdp-ged&country=BGD").json["total"] == abroad > 0
    load_into(address, UcdpGed(newer))
    withdrawn = {row["id"] for row in before} - {row["id"] for row in rows}
    with served(address) as client:
        assert client.get(f"{EVENTS}&dataset=ucdp-ged").json["total"] == len(rows)
        best = sum(int(row["best"]) for row in rows)
        assert _best(client, KILLED, "ucdp-ged") == {(): best}
        assert sum(_best(client, f"{KILLED}&dataset=ucdp-ged&group_by=population", "ucdp-ged").values()) == best
        assert client.get(f"/v1/events/ucdp-ged-{min(withdrawn)}").status_code == 410
        assert {event["dataset"] for event in _listed(client, f"{EVENTS}&group=AA")} == {"op1027", "ucdp-ged"}
