"""The benchmark itself: what it reads, how it judges, what it keeps, and that all of it runs."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks import __main__ as benchmark
from tests.benchmarks.findings import at_most_times, share, under
from tests.benchmarks.installed import missing
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.report import MARK, Measured, Run, write
from tests.benchmarks.world import SHARE_WITH_PARTS, World
from tests.benchmarks.wrk import Reading, middle, read

GOOD = (
    'MEASURED {"microseconds":2000000,"requests":500,"bytes":50000,"median":1500,"p99":9000,"most":12000,'
    '"errors":{"connect":0,"read":0,"write":0,"status":0,"timeout":0}}'
)
RUN = Run("make bench", 1000, 100, 1.0, 3, 60.0)


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
    ("finding", "is_met"),
    [
        (share("lists", "all", 0.2, 0.2, "the ceiling"), True),
        (share("lists", "all", 0.1999, 0.2, "the ceiling"), False),
        (at_most_times("pages", "deep", 1.3, 1.3, "the first"), True),
        (at_most_times("pages", "deep", 1.31, 1.3, "the first"), False),
        (under("words", "all", 49.9, 50), True),
        (under("words", "all", 50.0, 50), False),
    ],
)
def test_verdicts_follow_from_the_numbers(finding: object, is_met: bool) -> None:
    assert getattr(finding, "is_met") is is_met  # noqa: B009  # each of them is a Finding


def test_what_is_written_by_hand_survives(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    met, missed = share("lists", "all", 0.3, 0.2, "the ceiling"), under("words", "all", 60, 50)
    write(RUN, [Measured("sqlite", "3", [], [missed], {})], page)
    by_hand = "\n## What fell short\n\nWords, for a reason.\n"
    page.write_text(page.read_text().partition(MARK)[0] + MARK + "\n" + by_hand)
    write(RUN, [Measured("sqlite", "3", [], [met, missed], {})], page)
    write(RUN, [Measured("sqlite", "3", [], [met], {})], page)
    above, _mark, below = page.read_text().partition(MARK + "\n")
    assert below == by_hand
    assert "Of 1 targets 1 are met and 0 are not." in above
    assert "| lists | all | at least 20% of the ceiling | 30.0% | met |" in above


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


def test_the_whole_benchmark_runs(tmp_path: Path) -> None:
    lacking = missing(["sqlite"])
    if lacking:
        pytest.skip(" ".join(lacking))
    assert shutil.which("wrk")
    page = tmp_path / "performance.md"
    size = ["--events", "300", "--engines", "sqlite", "--combinations", "5"]
    options = [*size, "--seconds", "0.1", "--rounds", "1", "--output", str(page)]
    result = CliRunner().invoke(benchmark.main, options)
    assert result.exit_code == 0, result.output
    told = page.read_text()
    assert "## SQLite" in told
    for workload in ("first time asked", "asked again", "If-None-Match", "bbox and near", "whole-result export"):
        assert f"| {workload} |" in told
