"""One row that cannot be read keeps no other out: it is set aside, told, written to a file, and loads when it is mended.

An unknown code is taken as printed and told. All through the command line, with invented rows.
"""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import pytest

from seeds.acled.export import Acled
from tests import test_import_acled, test_import_idmc_idu
from tests.conftest import ENGINES
from tests.databases import Databases
from tests.stored import Rows, rows, served
from tests.sweep import for_each
from tests.test_import_acled import KACHIN, MILITARY, ROW
from tests.test_seeds_cli import refused, run, stand
from tests.ucdp_files import BATTLE, written

pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

BAD = {**BATTLE, "id": "7002", "date_start": "the third", "where_coordinates": "Invented hill"}


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    found = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def status(address: str, *events: str) -> list[int]:
    with served(address) as client:
        return [client.get(f"/v1/events/{event}").status_code for event in events]


@on_both
def test_a_row_that_was_set_aside_loads_when_it_is_mended(address: str, tmp_path: Path) -> None:
    path, rejects = written(tmp_path, BATTLE, BAD, {**BATTLE, "id": "7003"}), tmp_path / "rejects.csv"
    done = run("import", "ucdp-ged", path, "--rejects", rejects)
    assert done.exit_code == 0
    told = done.stdout.splitlines()
    assert {"  rows read: 3", "  rows set aside: 1"} <= set(told)
    assert "    events.csv:3: date_start: 'the third' is no date such as 2023-11-03" in told
    assert status(address, "ucdp-ged-7001", "ucdp-ged-7002", "ucdp-ged-7003") == [200, 404, 200]
    assert "2 events, 8 figures; of its last file 1 of 3 rows set aside" in run("status").stdout

    with rejects.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["set_aside_line"], row["set_aside_column"], row["id"]) == ("3", "date_start", "7002")
    mended = (
        rejects.read_text(encoding="utf-8").replace("the third,", "2023-11-03,").replace("'the third'", "what it was")
    )
    rejects.write_text(mended, encoding="utf-8", newline="")
    done = run("import", rejects, "--part")
    assert done.exit_code == 0
    assert not any("set_aside" in line for line in done.stdout.splitlines())
    assert status(address, "ucdp-ged-7001", "ucdp-ged-7002", "ucdp-ged-7003") == [200, 200, 200]


@on_both
def test_an_event_whose_row_cannot_be_read_stays_as_it_stands(address: str, tmp_path: Path) -> None:
    others = [{**BATTLE, "id": str(7003 + place)} for place in range(3)]
    stood = {**BAD, "date_start": "2023-11-03", "side_b": "Invented Guard", "side_b_new_id": "9001", "best": "8"}
    stand(address, written(tmp_path, BATTLE, stood, *others))
    newer = [{**row, "best": "7"} for row in (BATTLE, *others)]
    done = run(
        "import", "ucdp-ged", written(tmp_path, newer[0], {**stood, "latitude": "north"}, *newer[1:-1]), "--smaller"
    )
    assert done.exit_code == 0
    with served(address) as client:
        kept = client.get("/v1/events/ucdp-ged-7002").json
        assert kept["figures"][0]["best"] == 8
        assert {part["id"] for part in kept["groups"]} == {"myanmar-military", "ucdp-ged-9001"}
        assert client.get(f"/v1/locations/{kept['location']['id']}").status_code == 200
        assert client.get("/v1/events/ucdp-ged-7001").json["figures"][0]["best"] == 7
        assert client.get("/v1/events/ucdp-ged-7003").status_code == 200
        assert client.get("/v1/events/ucdp-ged-7005").status_code == 410


def test_zeros_in_front_of_an_id_are_no_other_event(address: str, tmp_path: Path) -> None:
    stood = {**BAD, "date_start": "2023-11-03"}
    stand(address, written(tmp_path, BATTLE, stood))
    padded = [{**BATTLE, "id": "0007001"}, {**stood, "id": "0007002", "latitude": "north"}]
    done = run("import", "ucdp-ged", written(tmp_path, *padded))
    assert done.exit_code == 0, done.output
    # The second row can be read no more, and its event stays.
    assert status(address, "ucdp-ged-7001", "ucdp-ged-7002") == [200, 200]
    done = run("import", "ucdp-ged", written(tmp_path, *padded, {**BATTLE, "id": "07001"}), "--dry-run")
    assert "'07001' stands in line 2 too" in done.output


@pytest.fixture
def before(address: str) -> Rows:
    """What stands there at first."""
    return rows(address)


@for_each(
    ("count", "bad", "is_taken"),
    [(1, 1, False), (2, 1, True), (5, 3, False), (20, 3, True), (20, 4, False), (40, 4, True)],
)
def test_more_than_a_stated_share_refuses_the_file(
    address: str, before: Rows, tmp_path: Path, count: int, bad: int, is_taken: bool
) -> None:
    listed = [{**BATTLE, "id": str(7001 + place), "best": "many" if place < bad else "6"} for place in range(count)]
    done = run("import", "ucdp-ged", written(tmp_path, *listed), "--dry-run")
    assert rows(address) == before
    assert (done.exit_code == 0) is is_taken
    if not is_taken:
        assert f"{bad} row{'s' * (bad > 1)} could not be read" in refused(done)


UNKNOWN = [
    ("code_status", "Check vague or biased source"),
    ("active_year", "perhaps"),
    ("where_prec", "9"),
    ("date_prec", "9"),
    ("country_id", "9999"),
    ("gwnob", "none of them"),
    ("best", ""),
    ("year", ""),
    ("conflict_new_id", ""),
]


def test_an_unknown_code_is_taken_and_told_and_strictly_refused(address: str, tmp_path: Path) -> None:
    rows_ = [{**BATTLE, "id": str(7100 + place), column: printed} for place, (column, printed) in enumerate(UNKNOWN)]
    path = written(tmp_path, BATTLE, *rows_)
    done = run("import", path, "--dry-run")
    assert done.exit_code == 0, done.stderr
    for line, (column, printed) in enumerate(UNKNOWN, 3):
        told = f"rows kept, {'gwnoa or gwnob' if column == 'gwnob' else column} unknown and taken as "
        (found,) = [one for one in done.stdout.splitlines() if told in one]
        shown = f"'{printed}'" if printed else "nothing"
        assert found.endswith(f"(line {line}: {shown})")
    assert refused(run("import", path, "--strict")).endswith(f"{len(UNKNOWN)} rows could not be read")


NEW_IN_ACLED: list[dict[str, str]] = [
    {"iso": "0", "country": "Invented Sea", "admin1": "", "location": "Invented Strait"},
    {"iso": "0", "country": "Invented Sea", "admin1": "", "location": "Invented Sea", "geo_precision": "3"},
    {"time_precision": "9"},
    {"geo_precision": "9"},
    {"sub_event_type": "Snow"},
    {"event_type": "Weather"},
    {"inter2": "Weather forces"},
    {"civilian_targeting": "perhaps"},
    {"fatalities": "NA"},
    {"latitude": "NA", "longitude": "NA"},
]


def test_what_acled_may_yet_say_is_taken_and_told(address: str, tmp_path: Path) -> None:
    done = run("import", test_import_acled.write(tmp_path, {}, *NEW_IN_ACLED), "--dry-run")
    assert done.exit_code == 0, done.stderr
    for line in range(3, 3 + len(NEW_IN_ACLED)):
        assert any("unknown and taken as" in told and f"line {line}: " in told for told in done.stdout.splitlines()), (
            line
        )
    assert "rows set aside: 0" in done.stdout


def test_what_happens_at_sea_happens_in_no_country(address: str, tmp_path: Path) -> None:
    sea = {
        "iso": "0",
        "country": "Invented Sea",
        "admin1": "",
        "admin2": "",
        "admin3": "",
        "location": "Invented Strait",
    }
    assert run("import", test_import_acled.write(tmp_path, {}, sea)).exit_code == 0
    with served(address) as client:
        event = client.get("/v1/events/acled-mmr900002").json
        assert (event["location"]["name"], event["location"]["country"]) == ("Invented Strait", None)
        assert [step["id"] for step in event["location"]["path"]][:1] == ["acled-invented-sea"]
        total = client.get("/v1/casualties/totals?dataset=acled&measure=killed&group_by=country").json["data"]
        assert sum(row["best"] for row in total) == 6


NEW_IN_IDMC: list[dict[str, object]] = [
    {"qualifier": "some"},
    {"role": "Rumour"},
    {"displacement_type": "Boredom"},
    {"figure": None},
    {"iso3": None, "country": "India"},
    {"iso3": "sea", "country": "Invented Sea"},
    {"locations_name": "Here", "locations_accuracy": "Roughly"},
    {"standard_info_text": "<b> India: 41 displacements (bored), 21 July - 22 July </b>"},
]


def test_what_idmc_may_yet_say_is_taken(address: str, tmp_path: Path) -> None:
    done = run("import", test_import_idmc_idu.write(tmp_path, {}, *NEW_IN_IDMC), "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "rows set aside: 0" in done.stdout
    told = [one for one in done.stdout.splitlines() if "unknown and taken as" in one]
    # Of the sea alone there is nothing to tell.
    assert len(told) == len(NEW_IN_IDMC) - 1
    assert len({one.partition("(line ")[2].partition(":")[0] for one in told}) == len(told)


@on_both
def test_a_row_that_stands_twice_is_taken_once(address: str, tmp_path: Path) -> None:
    twice = {**BATTLE, "id": "7009"}
    other = {**twice, "best": "7"}
    done = run("import", written(tmp_path, BATTLE, twice, twice, other))
    told = done.stdout.splitlines()
    assert "  rows repaired, rows that stand twice are taken once: 1 (line 4: 7009)" in told
    # UCDP says nothing of when a row was changed.
    place = told.index("  rows set aside: 1")
    assert told[place + 1] == (
        "    events.csv:5: id: '7009' stands in line 3 too, otherwise, and nothing tells which is newer"
    )
    with served(address) as client:
        assert client.get("/v1/events/ucdp-ged-7009").json["figures"][0]["best"] == 6


@on_both
def test_of_rows_with_one_id_the_newest_by_the_publishers_mark_is_taken(address: str, tmp_path: Path) -> None:
    older, newer = {"timestamp": "2015100000", "fatalities": "2"}, {"timestamp": "2015300000", "fatalities": "5"}
    turned = {"actor1": KACHIN, "inter1": "2", "actor2": MILITARY, "inter2": "1"}
    path = test_import_acled.write(
        tmp_path,
        older,
        newer | {"event_id_cnty": "MMR900001"},
        *[{}, {}, {}, {}, {}],
        # The newest again, one changed as late that says something else, and the oldest.
        newer | turned | {"event_id_cnty": "MMR900001"},
        newer | {"event_id_cnty": "mmr900001", "notes": "Otherwise."},
        {"event_id_cnty": "MMR900001", "timestamp": "2033-11-07 01:46:40", "fatalities": "1"},
    )
    # --strict takes no file that says two things of one event.
    strictly = run("import", path, "--strict")
    assert refused(strictly) == "acled: 4 rows could not be read"
    assert "'MMR900001' stands in line 3 too, changed later" in strictly.stderr
    rejects = tmp_path / "rejects.csv"
    done = run("import", path, "--rejects", rejects)
    assert done.exit_code == 0, done.stderr
    told = done.stdout.splitlines()
    place = told.index("  rows left for a newer one of the same id: 2")
    aside = "'mmr900001' stands in line 3 too, otherwise, and nothing tells which is newer; ids that differ only in case, punctuation or zeros in front are one"
    assert told[place + 1 : place + 4] == [
        "    export.csv:2: event_id_cnty: 'MMR900001' was changed later in line 3; so too in line 11",
        "  rows set aside: 1",
        f"    export.csv:10: event_id_cnty: {aside}",
    ]
    assert "  rows repaired, rows that stand twice are taken once: 1 (line 9: MMR900001)" in told
    # What is old is not there to be mended and loaded over what is new.
    with rejects.open(encoding="utf-8", newline="") as file:
        assert [row["set_aside_line"] for row in csv.DictReader(file)] == ["10"]
    with served(address) as client:
        event = client.get("/v1/events/acled-mmr900001").json
        assert (event["figures"][0]["low"], event["codes"]["timestamp"]) == (5, 2015300000)


def test_of_a_row_for_each_actor_those_of_the_newest_change_are_one_event(address: str, tmp_path: Path) -> None:
    columns = [name for name in test_import_acled.COLUMNS if name not in ("actor2", "assoc_actor_2", "inter2")]
    of_actors = [
        {**ROW, "actor1": actor, "inter1": kind, "fatalities": killed, "timestamp": changed}
        for actor, kind, killed, changed in [
            ("Invented Guard", "2", "9", "2015100000"),
            (MILITARY, "1", "3", "2015200000"),
            (KACHIN, "2", "3", "2015200000"),
            ("Invented Guard", "2", "9", "2015100000"),
        ]
    ]
    path = tmp_path / "monadic.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(of_actors)
    done = run("import", path)
    assert "  rows left for a newer one of the same id: 2" in done.stdout.splitlines()
    with served(address) as client:
        event = client.get("/v1/events/acled-mmr900001").json
    assert event["figures"][0]["low"] == 3
    assert len(event["groups"]) == 2 and "Invented Guard" not in str(event["groups"])


def test_a_file_that_holds_another_whole_is_read_in_little_memory(tmp_path: Path) -> None:
    """Of rows with one id not the rows are held: each of these is hundreds of times as long as what is."""
    count, long = 300, "x" * 30_000
    each = [{"event_id_cnty": f"MMR{number + 1}", "notes": long} for number in range(count)]
    path = test_import_acled.write(tmp_path, *each, *each)
    source = Acled(path)
    source.report.is_strict = False
    assert len(source.file.twice) == count
    tracemalloc.start()
    taken = sum(1 for _row in source.rows())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (taken, source.report.repaired["rows that stand twice are taken once"].count) == (count, count)
    assert most < count * len(long) / 3


def test_of_records_that_stand_in_one_line_the_id_is_told(address: str, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    told = [{**BATTLE, "id": str(number), "best": "many" if number < 7003 else "6"} for number in range(7001, 7030)]
    path.write_text(json.dumps(told), encoding="utf-8")
    done = run("import", path, "--dry-run")
    (line,) = [line for line in done.stdout.splitlines() if "events.json" in line]
    assert line.startswith("    events.json:1, id 7001: best: 'many' is not a whole number")
    assert line.endswith("; so too in id 7002")
