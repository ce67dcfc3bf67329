"""The benchmark itself: what it reads, how it judges, what it keeps, and that all of it runs."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import __main__ as benchmark
from tests.benchmarks import page, real_rows
from tests.benchmarks.installed import missing
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.results import Results, merge
from tests.benchmarks.results import read as read_kept
from tests.benchmarks.targets import BY_KEY
from tests.benchmarks.world import SHARE_WITH_PARTS, World
from tests.benchmarks.wrk import Reading, middle, read

GOOD = (
    'MEASURED {"microseconds":2000000,"requests":500,"bytes":50000,"median":1500,"p99":9000,"most":12000,'
    '"errors":{"connect":0,"read":0,"write":0,"status":0,"timeout":0}}'
)
MACHINE = {"words": "two cores"}


def test_numbers_of_wrk_are_read_among_its_prose() -> None:
    reading, answers = read(f"Running 2s test\n{GOOD}\nTransfer/sec: 1\n", "/")
    assert answers == 500
    assert reading == Reading(250.0, 1.5, 9.0, 100.0)


@pytest.mark.parametrize("kind", ["connect", "read", "write", "status", "timeout"])
def test_a_single_wrong_answer_is_a_failure(kind: str) -> None:
    with pytest.raises(BenchmarkFailed, match=kind):
        read(GOOD.replace(f'"{kind}":0', f'"{kind}":1'), "/")


def test_wrk_that_tells_nothing_is_a_failure() -> None:
    with pytest.raises(BenchmarkFailed, match="unable to connect"):
        read("unable to connect to 127.0.0.1", "/")


def test_no_answers_are_no_reading() -> None:
    assert read(GOOD.replace('"requests":500', '"requests":0'), "/") == (None, 0)


def test_the_middle_of_rounds_is_taken_number_by_number() -> None:
    rounds = [Reading(1, 9, 5, 7), Reading(3, 1, 5, 7), Reading(2, 4, 6, 7)]
    assert middle(rounds) == Reading(2, 4, 5, 7)


@pytest.mark.parametrize(
    ("key", "engine", "value", "is_met"),
    [
        ("lists_alone", "sqlite", 50.0, True),
        ("lists_alone", "sqlite", 50.1, False),
        ("ndjson", "postgresql", 100_000, True),
        ("ndjson", "postgresql", 99_999, False),
        ("again", "sqlite", 5000, False),
        ("again", "postgresql", 5000, True),
    ],
)
def test_verdicts_follow_from_the_numbers(key: str, engine: str, value: float, is_met: bool) -> None:
    assert BY_KEY[key].is_met(engine, "real", value) is is_met


def test_a_target_of_real_rows_is_none_of_generated_ones() -> None:
    assert BY_KEY["lists_beside"].is_met("sqlite", "generated", 0.5) is None


def _measured(**reached: float) -> Results:
    results = Results("sqlite", "real")
    for key, value in reached.items():
        results.keep(key, value)
    return results


def test_a_run_of_one_section_leaves_the_others(tmp_path: Path) -> None:
    kept = tmp_path / "performance.json"
    merge(kept, 1000, MACHINE, _measured(lists_alone=40, ndjson=120_000), ["lists", "exports"])
    merge(kept, 1000, MACHINE, _measured(lists_alone=60), ["lists"])
    found = read_kept(kept)["1000"]["sqlite, real"]["values"]
    assert {key: entry["value"] for key, entry in found.items()} == {"lists_alone": 60, "ndjson": 120_000}


def test_what_is_written_by_hand_survives(tmp_path: Path) -> None:
    written, kept = tmp_path / "performance.md", tmp_path / "performance.json"
    merge(kept, 1000, MACHINE, _measured(lists_alone=60), ["lists"])
    page.write(read_kept(kept), written)
    by_hand = "\n## What fell short\n\nLists, for a reason.\n"
    written.write_text(written.read_text().partition(page.MARK)[0] + page.MARK + "\n" + by_hand)
    merge(kept, 1000, MACHINE, _measured(lists_alone=40, ndjson=50_000), ["lists", "exports"])
    page.write(read_kept(kept), written)
    above, _mark, below = written.read_text().partition(page.MARK + "\n")
    assert below == by_hand
    assert "Of 2 targets 1 are met." in above
    assert "| ≤ 50 ms | 40 ms |" in above
    assert "| **50,000 /s** |" in above


def test_one_seed_makes_one_world() -> None:
    assert list(World(50).events()) == list(World(50).events())
    assert list(World(50).events()) != list(World(50, seed=1).events())


def test_a_world_has_several_figures_where_the_real_data_has_and_groups_stay_at_home() -> None:
    events = list(World(2000).events())
    parted = sum(len(event["figures"]) > 1 for event in events) / len(events)
    assert abs(parted - SHARE_WITH_PARTS) < 0.03
    countries: dict[str, set[str]] = {}
    for event in events:
        for part in event["groups"]:
            countries.setdefault(part["group_id"], set()).add(event["location_id"].split("-")[1])
    # Its own country, and the neighbour whose fights it joins.
    assert max(map(len, countries.values())) <= 2


def test_every_record_of_a_world_is_brought_before_what_refers_to_it() -> None:
    known: set[str] = set()
    for kind, record in islice(World(20).records(None), 40_000):  # type: ignore[arg-type]  # the world asks nothing of it
        if kind == "event":
            assert {record["location_id"], *(part["group_id"] for part in record["groups"])} <= known
        elif kind == "location":
            assert record["parent_id"] is None or record["parent_id"] in known
        known.add(record["id"])


def test_real_rows_are_replicated_with_other_ids_dates_and_points(tmp_path: Path) -> None:
    source, target = tmp_path / "few.csv", tmp_path / "many.csv"
    source.write_text(
        "id,year,date_start,date_end,latitude,longitude,geom_wkt,best,extract\n"
        "7,1989,1989-01-20,1989-01-22,20.5,95.25,POINT (95.25 20.5),4,x\n"
        "5,2020,2020-03-01,2020-03-01,21.0,96.0,,1,x\n"
    )
    real_rows.replicate(source, target, 3)
    header, first, second, third = [line.split(",") for line in target.read_text().splitlines()]
    assert header == ["id", "year", "date_start", "date_end", "latitude", "longitude", "geom_wkt", "best"]
    assert (first[0], second[0], third[0]) == ("7", "5", "10000007")
    # Before the first day it goes on from the last, and the event is as long as it was.
    assert third[1:4] == ["2023", "2023-12-14", "2023-12-16"]
    assert 0 < abs(float(third[4]) - 20.5) < 0.05
    assert third[6:] == [f"POINT ({third[5]} {third[4]})", "4"]


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("generated", ["lists_alone", "totals_one", "named", "again", "unchanged", "by_id", "csv", "first_byte"]),
        ("real", ["import", "import_memory", "disk", "edit"]),
    ],
)
def test_the_whole_benchmark_runs(tmp_path: Path, data: str, keys: list[str]) -> None:
    lacking = missing(["sqlite"])
    if lacking:
        pytest.skip(" ".join(lacking))
    if data == "real" and not real_rows.USUAL.exists():
        pytest.skip("the shared data is not beside this repository")
    written = tmp_path / "performance.md"
    sections = dict.fromkeys(BY_KEY[key].section for key in keys)
    options = ["--events", "300", "--engine", "sqlite", "--data", data, "--output", str(written)]
    options += [option for section in sections for option in ("--section", section)]
    options += ["--seconds", "0.1", "--rounds", "1", "--sweep-seconds", "0.5"]
    result = CliRunner().invoke(benchmark.main, options)
    assert result.exit_code == 0, result.output
    told = written.read_text()
    assert "## 300 events" in told
    for key in keys:
        assert f"| {BY_KEY[key].workload} |" in told
    kept = json.loads((tmp_path / "performance.json").read_text())
    assert set(kept["300"][f"sqlite, {data}"]["measured"]) == set(sections)
