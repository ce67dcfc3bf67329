"""The benchmark itself: what it reads, how it judges, what it keeps, what its world holds, and that all of it runs."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.domain.codebook import values
from tests.benchmarks import __main__ as benchmark
from tests.benchmarks import flat, page, real_rows, rivals
from tests.benchmarks.installed import missing
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.results import Results, merge
from tests.benchmarks.results import read as read_kept
from tests.benchmarks.targets import BY_KEY
from tests.benchmarks.world import FREQUENT_WORD, SHARE_WITH_PARTS, World
from tests.benchmarks.world_said import NAMED_DOCUMENTS
from tests.benchmarks.wrk import Reading, middle, read

GOOD = (
    'MEASURED {"microseconds":2000000,"requests":500,"bytes":50000,"median":1500,"p99":9000,"most":12000,'
    '"errors":{"connect":0,"read":0,"write":0,"status":0,"timeout":0}}'
)
# Enough for the shares of rare things to be near what they are meant to be.
EVENTS = 5000
MACHINE = {"words": "two cores"}


@cache
def world_events() -> list[dict[str, Any]]:
    return list(World(EVENTS).events())


@cache
def world_figures() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Each figure with its event, by its id."""
    return {figure["id"]: (figure, event) for event in world_events() for figure in event["figures"]}


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


def test_a_world_has_as_many_events_as_asked_each_once_and_in_no_order() -> None:
    ids = [event["id"] for event in world_events()]
    assert len(set(ids)) == EVENTS
    numbers = [int(identity.rsplit("-", 1)[1]) for identity in ids]
    starts = [event["date_start"] for event in world_events()]
    for listed in (numbers, starts):
        # A tenth of them at the least go back where the other nine go on.
        assert 0.1 < sum(one > other for one, other in pairwise(listed)) / EVENTS < 0.9


def test_a_world_has_several_figures_where_the_real_data_has_and_groups_stay_at_home() -> None:
    parted = sum(len(event["figures"]) > 1 for event in world_events()) / EVENTS
    assert abs(parted - SHARE_WITH_PARTS) < 0.05
    countries: dict[str, set[str]] = {}
    for event in world_events():
        for part in event["groups"]:
            countries.setdefault(part["group_id"], set()).add(event["location_id"].split("-")[1])
    # Its own country, and the neighbour whose fights it joins.
    assert max(map(len, countries.values())) <= 2


def test_a_world_has_named_documents_as_the_real_data_has() -> None:
    counted = Counter(len(event["reports"]) - 1 for event in world_events())
    for count, share in NAMED_DOCUMENTS[:2]:
        assert abs(counted[count] / EVENTS - share) < 0.03
    by_document = Counter(report["document_id"] for event in world_events() for report in event["reports"][1:])
    # Most tell of one event or two, and some of very many.
    assert sum(count <= 2 for count in by_document.values()) > len(by_document) / 2
    assert max(by_document.values()) > 20


def test_a_world_has_claimants_chains_and_every_verification() -> None:
    claims = [claim for figure, _event in world_figures().values() for claim in figure["claims"]]
    claimants = Counter(claim["claimant"] for claim in claims)
    assert 0.2 < claimants.pop(None) / len(claims) < 0.6
    # A few say most, and very many say something once.
    assert claimants.most_common(1)[0][1] > len(claims) / 20
    assert sum(count == 1 for count in claimants.values()) > 100
    assert {len(claim["chain"]) for claim in claims} == {0, 1, 2, 3}
    assert all(claim["claimant"] == (claim["chain"] or [None])[0] for claim in claims)
    verified = Counter(claim["verification"] for claim in claims)
    assert set(verified) == set(values("verification"))
    assert min(verified.values()) > len(claims) / 20


def test_a_world_has_several_claims_on_a_figure_of_which_one_is_preferred() -> None:
    figures = [figure for figure, _event in world_figures().values()]
    several = [figure for figure in figures if len(figure["claims"]) > 1]
    assert 0.05 < len(several) / len(figures) < 0.3
    assert all(sum(claim["is_preferred"] for claim in figure["claims"]) == 1 for figure in figures)
    assert any(len({claim["best"] for claim in figure["claims"]}) > 1 for figure in several)


def test_a_world_has_figures_that_span_months_and_years() -> None:
    def across(unit: str) -> int:
        return sum(
            figure["date_start"].strftime(unit) != figure["date_end"].strftime(unit)
            for figure, _event in world_figures().values()
        )

    assert across("%G-%V") > across("%Y-%m") > across("%Y") > len(world_figures()) / 200


def test_a_world_has_wholes_whose_parts_lie_in_other_events() -> None:
    figures = world_figures()
    elsewhere = [
        (figure, figures[figure["part_of"]][0])
        for figure, event in figures.values()
        if figure["part_of"] in figures and figures[figure["part_of"]][1] is not event
    ]
    assert len(elsewhere) > EVENTS / 20
    assert {part["nesting"] for part, _whole in elsewhere} == {"certain", "possible"}
    wholes = {whole["id"] for _part, whole in elsewhere}
    for part, whole in elsewhere:
        assert part["date_start"] <= whole["date_end"] and whole["date_start"] <= part["date_end"]
        assert whole["part_of"] is None and part["id"] not in wholes


def test_the_frequent_word_stands_in_every_second_title() -> None:
    assert abs(sum(FREQUENT_WORD in event["title"] for event in world_events()) / EVENTS - 0.5) < 0.05


def test_every_record_of_a_world_is_brought_before_what_refers_to_it() -> None:
    known: set[str] = set()
    for kind, record in islice(World(20).records(None), 40_000):  # type: ignore[arg-type]  # the world asks nothing of it
        if kind == "event":
            said = {report["document_id"] for report in record["reports"]}
            assert {record["location_id"], *(part["group_id"] for part in record["groups"]), *said} <= known
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


def test_others_that_are_not_installed_are_told_and_not_asked(tmp_path: Path) -> None:
    found = flat.Flat(tmp_path / "flat.db", (), None)
    with rivals.rivals(found, tmp_path, frozenset()) as others:
        assert others.running == {}
        assert others.missing == dict.fromkeys(("Datasette", "ROAPI"), "is not installed")


# wrk is not there where CI runs, and a minute of processor time tells nothing of the service.
@pytest.mark.tools
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
    options += ["--seconds", "0.1", "--rounds", "1", "--sweep-seconds", "0.2"]
    result = CliRunner().invoke(benchmark.main, options)
    assert result.exit_code == 0, result.output
    told = written.read_text()
    assert "## 300 events" in told
    for key in keys:
        assert f"| {BY_KEY[key].workload} |" in told
    kept = json.loads((tmp_path / "performance.json").read_text())
    assert set(kept["300"][f"sqlite, {data}"]["measured"]) == set(sections)
