"""Imports beside what stands: a part takes nothing away, and a release may drop what another dataset uses. Invented rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.load.source import LoadRefused
from api.store.models import Change, Dataset, GroupName, LocationName
from seeds.acled.export import Acled
from seeds.awsd.incidents import Awsd
from seeds.idmc.updates import IdmcIdu
from seeds.ucdp.ged import UcdpGed
from tests.conftest import ENGINES, load_into
from tests.databases import Databases
from tests.made import Made, made_location, made_name
from tests.stored import connected, rows, served
from tests.test_import_acled import write as acled_file
from tests.test_import_awsd import write as awsd_file
from tests.test_import_idmc_idu import NEWER, TRIANGULATION
from tests.test_import_idmc_idu import write as idmc_file
from tests.ucdp_files import BATTLE, as_csv

# What a load finds to withdraw is asked on both engines.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

# A place that UCDP alone knows, of a unit that the gazetteer has.
HAMLET = {**BATTLE, "id": "7002", "where_coordinates": "Made Hamlet", "best": "1", "low": "1", "high": "1"}
SIDE = {"side_b_new_id": "99001", "side_b": "Hill Guard"}
OLD = {**HAMLET, **SIDE, "id": "7003", "year": "2019", "date_start": "2019-03-01", "date_end": "2019-03-01"}


def ucdp(folder: Path, *listed: dict[str, str], part: bool = False) -> UcdpGed:
    path = folder / "release.csv"
    path.write_text(as_csv(*listed), encoding="utf-8", newline="")
    source = UcdpGed(path, release="1")
    source.is_whole, source.may_shrink = not part, True
    return source


def attached(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every name that stands, and the period that each dataset declares."""
    with connected(address) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
            for name, columns in {
                "locations": [LocationName.location_id, LocationName.rank, LocationName.name, LocationName.dataset_id],
                "groups": [GroupName.group_id, GroupName.rank, GroupName.name, GroupName.dataset_id],
                "periods": [Dataset.id, Dataset.first_date, Dataset.last_date],
            }.items()
        }


def found(client: FlaskClient, query: str) -> list[str]:
    response = client.get(f"/v1/{query}")
    assert response.status_code == 200, response.text
    return [record["id"] for record in response.json["data"]]


@pytest.fixture(scope="module")
def with_old(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the corpus and a whole release that tells of an older year. Not to be written to."""
    address = databases.copy(corpus_address)
    load_into(address, ucdp(tmp_path_factory.mktemp("release"), BATTLE, HAMLET, OLD))
    return address


@on_both
def test_a_part_takes_no_name_and_no_year_away(databases: Databases, with_old: str, tmp_path: Path) -> None:
    address = databases.copy(with_old)
    before = attached(address)
    load_into(address, ucdp(tmp_path, BATTLE, part=True))
    assert attached(address) == before
    with served(address) as client:
        assert found(client, "events?group=Hill Guard") == ["ucdp-ged-7003"]
        assert found(client, "events?location=Made Hamlet&sort=id") == ["ucdp-ged-7002", "ucdp-ged-7003"]


def test_a_part_adds_its_names_to_those_that_stand(databases: Databases, with_old: str, tmp_path: Path) -> None:
    address = databases.copy(with_old)
    before = attached(address)
    later = {**OLD, "id": "7004", "side_b": "Hill Guards", "year": "2024", "date_start": "2024-01-02"}
    load_into(address, ucdp(tmp_path, {**later, "date_end": "2024-01-02"}, part=True))
    now = attached(address)
    assert set(before["locations"]) <= set(now["locations"])
    with served(address) as client:
        for name in ("Hill Guard", "Hill Guards"):
            assert found(client, f"events?group={name}&sort=id") == ["ucdp-ged-7003", "ucdp-ged-7004"]
        (dataset,) = [row for row in client.get("/v1/datasets").json["data"] if row["id"] == "ucdp-ged"]
    assert (dataset["first_date"], dataset["last_date"]) == ("2019-01-01", "2024-12-31")


@pytest.mark.parametrize("is_acled_first", [False, True])
def test_a_release_keeps_the_places_that_another_dataset_uses(
    databases: Databases, corpus_address: str, tmp_path: Path, is_acled_first: bool
) -> None:
    address = databases.copy(corpus_address)
    abroad = {
        "country": "Bangladesh",
        "country_id": "771",
        "adm_1": "Chittagong division",
        "adm_2": "Cox's Bazar district",
    }
    theirs = {"iso": "50", "country": "Bangladesh", "admin1": "Chittagong", "admin2": "Coxs Bazar", "admin3": ""}
    release = [BATTLE, {**HAMLET, **abroad, "where_coordinates": "Teknaf town"}, OLD]
    export = acled_file(
        tmp_path, {}, {**theirs, "location": "Teknaf"}, {"admin2": "Katha", "admin3": "", "location": "Made Hamlet"}
    )
    sources = [ucdp(tmp_path, *release), Acled(export)]
    load_into(address, *(reversed(sources) if is_acled_first else sources))
    # The dataset that came first brought the country; now it speaks of it no more.
    if is_acled_first:
        load_into(address, Acled(acled_file(tmp_path, {})))
        gone, stays, place = "acled-mmr900002", "ucdp-ged-7002", "Teknaf"
    else:
        load_into(address, ucdp(tmp_path, BATTLE))
        gone, stays, place = "ucdp-ged-7002", "acled-mmr900002", "Teknaf"
    with served(address) as client:
        assert client.get(f"/v1/events/{gone}").status_code == 410
        assert client.get(f"/v1/events/{stays}").status_code == 200
        assert stays in found(client, f"events?location={place}")
        assert stays in found(client, "events?country=BGD")
    with connected(address) as connection:
        withdrawn = set(connection.scalars(select(Change.record_id).where(Change.action == "deleted")))
    assert "bgd" not in withdrawn and gone in withdrawn
    # What nobody uses any more is withdrawn as before.
    assert is_acled_first or "ucdp-ged-99001" in withdrawn


@on_both
def test_a_place_is_withdrawn_once_nobody_uses_it(databases: Databases, corpus_address: str, tmp_path: Path) -> None:
    address = databases.copy(corpus_address)
    export = acled_file(tmp_path, {}, {"admin2": "Katha", "admin3": "", "location": "Made Hamlet"})
    load_into(address, ucdp(tmp_path, BATTLE, {**HAMLET, **SIDE}), Acled(export))
    load_into(address, ucdp(tmp_path, BATTLE))
    with served(address) as client:
        hamlet = client.get("/v1/events/acled-mmr900002").json["location"]["id"]
        assert client.get(f"/v1/locations/{hamlet}").json["dataset"] == "ucdp-ged"
    load_into(address, Acled(acled_file(tmp_path, {})))
    load_into(address, ucdp(tmp_path, {**BATTLE, "best": "7"}))
    with served(address) as client:
        assert client.get(f"/v1/locations/{hamlet}").status_code == 410
        for query in (f"location={hamlet}", "group=ucdp-ged-99001"):
            refused = client.get(f"/v1/events?{query}")
            assert refused.status_code == 400
            assert f"'{query.partition('=')[2]}' was withdrawn" in refused.json["detail"]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_part_of_idmc_holds_all_rows_that_are_held_against_each_other(
    databases: Databases, corpus_address: str, tmp_path: Path, kept: int
) -> None:
    address = databases.copy(corpus_address)
    whole = [{**NEWER, "id": 1}, {**TRIANGULATION, "id": 2, "figure": 60}, {**NEWER, "id": 3, "event_id": 7002}]
    load_into(address, IdmcIdu(idmc_file(tmp_path, *whole)))
    before = rows(address)
    told = f"line .* the row {kept + 1} is of IDMC's event '7001', .* 1 more rows stand .{2 - kept}.. A part has to hold all"
    with pytest.raises(LoadRefused, match=told):
        load_into(address, IdmcIdu(idmc_file(tmp_path, whole[kept]), is_whole=False))
    assert rows(address) == before
    load_into(address, IdmcIdu(idmc_file(tmp_path, *whole[:2], {**whole[2], "id": 4}), is_whole=False))
    with served(address) as client:
        (total,) = client.get("/v1/displacements/totals?dataset=idmc-idu&measure=displaced").json["data"]
        assert (total["best"], total["figures"]) == (3 * 41, 3)


@on_both
def test_a_name_of_two_groups_is_refused_though_it_is_like_the_id_of_one(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    # Reports have the name as words, too, and these hide neither group.
    told = ucdp(tmp_path, {**BATTLE, "source_original": "Arakan Army"})
    load_into(address, told, Awsd(awsd_file(tmp_path, {"Actor name": "Arakan Army", "Total killed": 1})))
    with served(address) as client:
        for parameter in ("group", "claimant", "source"):
            for name in ("Arakan Army", "arakan army", "Arakan-Army", "Arakan  Army"):
                for more in ("", "&dataset=awsd"):
                    response = client.get(f"/v1/events?{parameter}={name}{more}")
                    assert response.status_code == 400, (parameter, name, more, response.text)
                    assert response.json["type"] == "/problems/ambiguous-name"
                    (fault,) = response.json["errors"]
                    told = [candidate["id"] for candidate in fault["candidates"]]
                    assert sorted(told) == ["arakan-army", "awsd-arakan-army"]
        assert found(client, "events?group=awsd-arakan-army") == ["awsd-900001"]
        both = client.get("/v1/events?group=arakan-army,awsd-arakan-army").json
        ours = client.get("/v1/events?group=arakan-army&fields=id&limit=1000").json
        assert ours["total"] > 0 and "awsd-900001" not in [event["id"] for event in ours["data"]]
        assert both["total"] == ours["total"] + 1
        assert client.get("/v1/events?claimant=arakan-army").json["total"] > 0
        assert f"ucdp-ged-{BATTLE['id']}" in found(client, "events?claimant=AA&limit=1000")
        # What one group alone has means it as before: its acronym, and an alias.
        for name in ("AA", "ULA/AA"):
            assert client.get(f"/v1/events?group={name}").json["total"] == ours["total"]


@on_both
def test_a_name_of_two_places_is_refused_though_it_is_like_the_id_of_one(
    databases: Databases, corpus_address: str
) -> None:
    address = databases.copy(corpus_address)
    hills = [made_location(), made_location("other-summit", parent_id="mmr001001")]
    names = {
        "other-hill": [made_name("other-hill", rank=0), made_name("Other Hill", rank=2)],
        "other-summit": [made_name("other-summit", rank=0), made_name("Other Hill", rank=2)],
    }
    made = Made(made_locations=hills)
    made.made_names["location"] = names
    load_into(address, made)
    with served(address) as client:
        response = client.get("/v1/events?location=Other Hill")
        assert response.json.get("type") == "/problems/ambiguous-name", response.text
        for hill in names:
            assert client.get(f"/v1/events?location={hill}").status_code == 200
