"""What ACLED, UCDP and IDMC give beside their plain files: lists of deleted ids, a row for each actor, pages of answers,
older layouts, origin and destination, households. Invented rows, through the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from seeds.acled.export import Acled
from seeds.datasets import importer_of
from seeds.idmc.updates import IdmcIdu
from tests import test_import_acled, test_import_idmc_idu
from tests.brought import brought
from tests.conftest import ENGINES, SHARED
from tests.databases import Databases
from tests.stored import served
from tests.sweep import for_each
from tests.test_import_acled import KACHIN, MILITARY, ROW
from tests.test_import_forms import as_hdx_gives_it
from tests.test_seeds_cli import refused, run, stand
from tests.ucdp_files import BATTLE, written

pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    found = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def table(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- ACLED -------------------------------------------------------------------------------------------------------


@on_both
def test_the_list_of_deleted_ids_withdraws_them_and_nothing_else(address: str, tmp_path: Path) -> None:
    stand(address, test_import_acled.write(tmp_path, {}, {}, {"timestamp": "2015300000"}))
    deleted = [("MMR900001", "2015250000"), ("MMR900003", "2015250000"), ("MMR999999", "2015250000")]
    path = table(
        tmp_path / "deleted.csv",
        [dict(zip(("event_id_cnty", "deleted_timestamp"), row, strict=True)) for row in deleted],
    )
    done = run("import", path)
    assert done.exit_code == 0, done.stderr
    assert "  events withdrawn: 1 (acled-mmr900001)" in done.stdout.splitlines()
    with served(address) as client:
        found = [client.get(f"/v1/events/acled-mmr90000{number}").status_code for number in (1, 2, 3)]
        # The third was coded anew after its deletion.
        assert found == [410, 200, 200]
        assert client.get("/v1/events/acled-mmr900001").json["detail"]
        (dataset,) = [one for one in client.get("/v1/datasets").json["data"] if one["id"] == "acled"]
        assert (dataset["release"], dataset["is_redistributable"]) == ("export of 2033-11-11", False)


def test_an_id_as_its_publisher_prints_it_leads_to_ours(address: str, tmp_path: Path) -> None:
    stand(address, written(tmp_path, BATTLE))
    with served(address) as client:
        one = client.get("/v1/events/7001")
        listed = client.get("/v1/events?id=7001").get_json(force=True)
    assert (one.status_code, one.get_json(force=True)["near"]) == (404, ["ucdp-ged-7001"])
    assert listed["errors"][0]["did_you_mean"] == "ucdp-ged-7001"


def test_a_list_of_deleted_ids_without_an_export_is_refused(address: str, tmp_path: Path) -> None:
    path = table(tmp_path / "deleted.csv", [{"event_id_cnty": "MMR1", "deleted_timestamp": "1"}])
    assert refused(run("import", path)) == "acled: acled is not loaded, and this file only changes what is"


def test_rows_of_single_actors_are_one_event(corpus_address: str, tmp_path: Path) -> None:
    columns = [name for name in ROW if name not in ("actor2", "assoc_actor_2", "inter2")]
    sides = [(MILITARY, "Police Forces of Myanmar (2021-)", "1"), (KACHIN, "", "2")]
    rows = [
        {**{name: ROW[name] for name in columns}, "actor1": actor, "assoc_actor_1": beside, "inter1": kind}
        for actor, beside, kind in sides
    ]
    source = Acled(table(tmp_path / "monadic.csv", rows))
    monadic = brought(corpus_address, source)
    assert "each event has a row for each of its actors, and is one event" in source.report.decided
    plain = {"assoc_actor_1": "Police Forces of Myanmar (2021-)"}
    dyadic = brought(corpus_address, Acled(test_import_acled.write(tmp_path, plain)))
    assert {**monadic.event, "codes": None} == {**dyadic.event, "codes": None}
    assert monadic.figure["best"] == 3


def test_rows_with_the_actors_turned_about_are_one_event(address: str, tmp_path: Path) -> None:
    turned = {"actor1": KACHIN, "inter1": "2", "actor2": MILITARY, "inter2": "1", "event_id_cnty": "MMR900001"}
    done = run("import", test_import_acled.write(tmp_path, {}, turned), "--dry-run")
    assert "rows that stand twice are taken once: 1" in done.stdout
    assert "rows set aside: 0" in done.stdout


def test_the_oldest_layout_is_read(corpus_address: str, tmp_path: Path) -> None:
    renamed = {"assoc_actor_1": "ALLY_ACTOR_1", "assoc_actor_2": "ALLY_ACTOR_2", "iso": "GWNO"}
    left = ("disorder_type", "sub_event_type", "civilian_targeting", "tags", "source_scale", "timestamp", "region")
    row = {renamed.get(name, name.upper()): value for name, value in ROW.items() if name not in left}
    row |= {"GWNO": "775", "EVENT_DATE": "06/11/2033", "EVENT_TYPE": "Battle-No change of territory"}
    later = {**row, "EVENT_ID_CNTY": "MMR900002", "EVENT_DATE": "16/11/2033"}
    found = brought(corpus_address, Acled(table(tmp_path / "older.csv", [row, later])))
    event = found.events["acled-mmr900001"]
    assert (event["location_id"], event["subtype"], str(event["date_start"])) == (
        "mmr005024701",
        "armed_clash",
        "2033-11-06",
    )


@for_each("printed", ["State forces", "state force", "1", "1.0"])
def test_kinds_of_actors_are_words_or_numbers(corpus_address: str, tmp_path: Path, printed: str) -> None:
    rows = ({"inter1": printed, "actor1": "Invented Guard"}, {})
    found = brought(corpus_address, Acled(test_import_acled.write(tmp_path, *rows)))
    assert found.groups["acled-invented-guard"]["group_kind"] == "force"


def test_answers_of_acleds_interface_are_read(corpus_address: str, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    answer = {
        "status": 200,
        "success": True,
        "last_update": 3,
        "count": 1,
        "data": [{**ROW, "fatalities": 3}],
        "error": [],
    }
    path.write_text(json.dumps(answer), encoding="utf-8")
    plain = brought(corpus_address, Acled(test_import_acled.write(tmp_path, {})))
    assert brought(corpus_address, Acled(path)) == plain


# --- UCDP --------------------------------------------------------------------------------------------------------


def test_one_page_of_several_is_a_part(address: str, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    answer = {"TotalCount": 2000, "TotalPages": 2, "NextPageUrl": "https://example.org/?page=1", "Result": [BATTLE]}
    path.write_text(json.dumps(answer), encoding="utf-8")
    assert "one page of 2" in refused(run("import", path))
    path.write_text(json.dumps({"result": {"total": 2000, "records": [BATTLE]}}), encoding="utf-8")
    assert "one page, 1 of 2,000 records, of what" in refused(run("import", path))
    assert run("import", path, "--part", "--dry-run").exit_code == 0


def test_a_country_as_hdx_gives_it_is_read(corpus_address: str, tmp_path: Path) -> None:
    """Columns of the older release, the country's letters beside, and tags below the header."""
    row = {name: value for name, value in BATTLE.items() if name not in ("relid", "code_status", "where_description")}
    row["iso3"] = "MMR"
    tags = {name: "" for name in row} | {"year": "#date+year", "latitude": "#geo+lat", "best": "#affected+killed"}
    path = table(tmp_path / "conflict_data_mmr.csv", [tags, row])
    from seeds.ucdp.ged import UcdpGed  # the others of this file are of other publishers

    assert list(brought(corpus_address, UcdpGed(path)).events) == ["ucdp-ged-7001"]


# --- IDMC --------------------------------------------------------------------------------------------------------

NEWER = test_import_idmc_idu.NEWER


def idmc(address: str, folder: Path, **changes: object) -> Mapping[str, object]:
    return brought(address, IdmcIdu(test_import_idmc_idu.write(folder, {**NEWER, **changes}))).event


def test_people_are_counted_where_they_left(corpus_address: str, tmp_path: Path) -> None:
    both = "Kakching, Manipur, India; Imphal, Manipur, India"
    event = idmc(
        corpus_address,
        tmp_path,
        locations_name=both,
        locations_coordinates="24.5, 93.98; 24.8, 93.94",
        locations_accuracy="District/Zone/Department (ADM2); Point",
        locations_type="Origin; Destination",
    )
    assert (event["location_id"], event["location_precision"]) == ("idmc-idu-ind-manipur-kakching", "district")
    assert (event["codes"]["origin"], event["codes"]["destination"]) == tuple(both.split("; "))


def test_households_and_the_publishers_factor_are_kept(corpus_address: str, tmp_path: Path) -> None:
    event = idmc(corpus_address, tmp_path, unit="Household", reported=10, household_size=4.1, figure=41)
    (figure,) = event["figures"]
    assert (figure["unit"], figure["best"]) == ("person", 41)
    assert (event["codes"]["reported_households"], event["codes"]["household_size"]) == (10, "4.1")


def test_a_link_is_the_documents_address(corpus_address: str, tmp_path: Path) -> None:
    found = brought(corpus_address, IdmcIdu(test_import_idmc_idu.write(tmp_path, {})))
    assert [document["url"] for document in found.documents.values()] == [None, "https://example.org/report?a=1&b=2"]


def test_a_distributors_file_takes_nothing_from_the_publishers(address: str, tmp_path: Path) -> None:
    stand(address, test_import_idmc_idu.write(tmp_path, {}))
    done = run("import", as_hdx_gives_it(tmp_path), "--dry-run")
    assert {"  events unchanged: 1", "  documents unchanged: 2"} <= set(done.stdout.splitlines())


def test_what_is_no_displacement_within_a_country_is_set_aside(address: str, tmp_path: Path) -> None:
    others = [{"figure_category": category} for category in ("IDPS", "DEATHS", "CROSS_BORDER_FLIGHT", "Births")]
    # So many others that few are set aside.
    path = test_import_idmc_idu.write(tmp_path, *others, *[{} for _row in range(40)])
    done = run("import", path, "--dry-run")
    assert f"  rows set aside: {len(others)}" in done.stdout.splitlines()


# --- The command -------------------------------------------------------------------------------------------------


@on_both
def test_a_dataset_is_removed_and_may_come_again(address: str, tmp_path: Path) -> None:
    path = written(tmp_path, BATTLE)
    stand(address, path)
    done = run("remove", "ucdp-ged")
    assert {"  events withdrawn: 1 (ucdp-ged-7001)", "  datasets withdrawn: 1 (ucdp-ged)"} <= set(
        done.stdout.splitlines()
    )
    with served(address) as client:
        assert client.get("/v1/events/ucdp-ged-7001").status_code == 410
        assert "ucdp-ged" not in [one["id"] for one in client.get("/v1/datasets").json["data"]]
        assert client.get("/v1/casualties/totals?measure=killed").status_code == 200
    assert "there is no dataset 'ucdp-ged'" in refused(run("remove", "ucdp-ged"))
    assert run("import", path).exit_code == 0
    assert "cannot be removed" in refused(run("remove", "gazetteer"))


def test_two_files_at_once_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, BATTLE)
    assert run("import", "ucdp-ged", path, path).exit_code == 2
    assert run("import", tmp_path / "none.csv").exit_code == 2


CASES = SHARED / "cases"


@pytest.mark.skipif(not CASES.exists(), reason="the cases do not lie beside the repository")
def test_every_case_of_a_file_is_read_whole(corpus_address: str) -> None:
    files = [path for path in sorted(CASES.glob("*/*")) if path.suffix != ".md" and "deleted" not in path.name]
    assert files
    for file in files:
        _dataset, importer = importer_of(file, None)
        source = importer(file)
        source.report.is_strict = False
        assert brought(corpus_address, source).events, file
        assert source.report.set_aside_count == 0, file
