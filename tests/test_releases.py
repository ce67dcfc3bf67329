"""Releases of one dataset after each other and beside each other: in whatever order they come, the same data stands.

Files are invented, in UCDP's layout and under the names that UCDP gives its files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskClient

from api.load.releases import OlderRelease
from seeds.ucdp.ged import UcdpGed
from seeds.ucdp.releases import release_of, version_in
from tests.conftest import ENGINES, load_into
from tests.databases import Databases
from tests.stored import served
from tests.sweep import for_each
from tests.test_seeds_cli import refused, run
from tests.ucdp_files import BATTLE, as_csv

pytestmark = pytest.mark.engines("sqlite")

# What each release tells: the day and the best number of deaths of each event. A row that a later release of the same days
# lacks was taken back. Some ids are in releases of which neither takes the place of the other, since events are dated anew: 3
# in an annual one and candidates, 110 in the candidates of two periods, 130 in an annual one that is replaced and candidates.
Told = Mapping[int, tuple[str, int]]
ANNUAL: Told = {number: (f"2024-{number % 12 + 1:02}-05", 6) for number in range(10)}
RELEASES: Mapping[str, Told] = {
    "24_1": {**{number: ("2023-05-05", 5) for number in range(20, 29)}, 130: ("2023-12-31", 5)},
    "25_1": {**{number: ("2023-05-05", 6) for number in range(20, 29)}, **ANNUAL},
    # Candidates of a month, the same and more revised, and of a month that nothing else tells of.
    "25_0_7": {100: ("2025-07-03", 5), 101: ("2025-07-04", 5), 3: ("2025-07-01", 7)},
    "25_01_25_09": {
        90: ("2025-02-03", 7),
        100: ("2025-07-03", 8),
        110: ("2025-09-30", 5),
        3: ("2025-01-01", 8),
        130: ("2025-01-01", 8),
    },
    "25_0_10": {120: ("2025-10-02", 5), 110: ("2025-10-01", 9)},
    # The next annual release, of all these days: it keeps one candidate and has its own of the others.
    "26_1": {
        **{number: ("2023-05-05", 6) for number in range(20, 29)},
        **ANNUAL,
        100: ("2025-07-03", 9),
        121: ("2025-10-02", 5),
    },
}


def written(folder: Path, version: str, told: Told | None = None) -> Path:
    """The file of a release."""
    path = folder / f"GEDEvent_v{version}.csv"
    rows = [
        {
            **BATTLE,
            "id": str(7000 + number),
            "year": day[:4],
            "date_start": day,
            "date_end": day,
            "best": str(best),
            "high": str(best),
            "low": str(best),
            "deaths_unknown": str(best - 5),
            "source_article": f'"The Courier,{day},Headline {number}"',
            "source_date": day,
            "source_headline": f"Headline {number}",
        }
        for number, (day, best) in (told or RELEASES[version]).items()
    ]
    path.write_text(as_csv(*rows), encoding="utf-8", newline="")
    return path


def released(databases: Databases, corpus: str, *versions: str, told: Mapping[str, Told] = RELEASES) -> str:
    """A database with the corpus and these releases, which came in this order. Not to be written to; orders that begin alike are
    loaded once as far as they do."""
    if not versions:
        return corpus
    *before, last = versions

    def fill(address: str) -> None:
        # What another tells all the days of is refused, and changes nothing.
        with TemporaryDirectory() as folder, suppress(OlderRelease):
            load_into(address, UcdpGed(written(Path(folder), last, told[last])))

    return databases.made_once("-".join(("released", *versions)), fill, released(databases, corpus, *before, told=told))


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    return named(databases.copy(corpus_address), monkeypatch)


@pytest.fixture
def with_25_1(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same with release 25.1."""
    return named(databases.copy(released(databases, corpus_address, "25_1")), monkeypatch)


@pytest.fixture
def with_24_1(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same with release 24.1."""
    return named(databases.copy(released(databases, corpus_address, "24_1")), monkeypatch)


def named(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def import_of(path: Path, *flags: str) -> Result:
    """What the command said of a file."""
    return run("import", "ucdp-ged", path, *flags)


def taken(path: Path, *flags: str) -> str:
    """The same of one that has to be taken."""
    done = import_of(path, *flags)
    assert done.exit_code == 0, done.output
    return done.stdout


def events(client: FlaskClient, query: str = "") -> dict[int, tuple[str, int]]:
    """The release and the best number of each event, by its number here."""
    found = client.get(f"/v1/events?dataset=ucdp-ged&limit=1000{query}").json["data"]
    return {
        int(event["id"].removeprefix("ucdp-ged-")) - 7000: (
            event["release"],
            sum(figure["best"] for figure in event["figures"] if figure["part_of"] is None),
        )
        for event in found
    }


def state(address: str) -> dict[str, Any]:
    """What readers see of the dataset, but for times."""
    with served(address) as client:
        dataset = client.get("/v1/datasets/ucdp-ged").json
        for row in (dataset, *dataset["releases"]):
            row.pop("loaded_at")
        dataset.pop("updated_at")
        listed = {
            kind: sorted(row["id"] for row in client.get(f"/v1/{kind}?dataset=ucdp-ged&limit=1000").json["data"])
            for kind in ("documents", "groups", "locations")
        }
        return {"dataset": dataset, "events": events(client), **listed}


def expected(versions: Sequence[str], told: Mapping[str, Told] = RELEASES) -> dict[int, tuple[str, int]]:
    """What stands when these have come in any order: of the releases that no other takes the place of, each event, as the newest
    of those that have it tells it."""
    names = {version: release_of(version_in(f"v{version}") or "", "") for version in versions}
    standing = [
        version
        for version, release in names.items()
        if not any(other.supersedes(release) for name, other in names.items() if name != version)
    ]
    return {
        number: (names[version].name, best)
        for version in sorted(standing, key=lambda version: names[version].sort_key or "")
        for number, (_day, best) in told[version].items()
    }


# Releases that touch each other, which are tried in every order; and all of them in one on each engine.
TOUCHING = ("25_1", "25_0_7", "25_01_25_09")
OF_ALL = {
    "sqlite": ("26_1", "25_0_10", "25_01_25_09", "25_0_7", "25_1", "24_1"),
    "postgresql": ("25_0_7", "26_1", "25_0_10", "25_01_25_09", "25_1", "24_1"),
}


@pytest.mark.engines(*ENGINES)
def test_releases_end_in_the_same_data_in_every_order(databases: Databases, corpus_address: str) -> None:
    wanted = [*permutations(TOUCHING)] if databases.name == "sqlite" else []
    ends: dict[frozenset[str], dict[str, Any]] = {}
    for order in (*wanted, OF_ALL[databases.name]):
        found = state(databases.copy(released(databases, corpus_address, *order)))
        assert found["events"] == expected(order), order
        assert found == ends.setdefault(frozenset(order), found), order


def test_candidates_stand_beside_and_give_way(databases: Databases, corpus_address: str) -> None:
    first = "25_1", "25_0_7"
    with served(databases.copy(released(databases, corpus_address, *first))) as client:
        dataset = client.get("/v1/datasets/ucdp-ged").json
        assert dataset["release"] == "25.1 with 25.0.7"
        assert "release 25.1 with 25.0.7." in dataset["citation"]
        assert [(one["name"], one["is_whole"], one["events"]) for one in dataset["releases"]] == [
            ("25.1", True, 19),
            ("25.0.7", True, 2),
        ]
        assert (dataset["first_date"], dataset["last_date"]) == ("2023-01-01", "2025-12-31")
        assert set(events(client, "&release=25.0.7")) == {100, 101}
        assert events(client, "&release=25.1,25.0.7") == events(client)
        (row,) = client.get("/v1/casualties/totals?dataset=ucdp-ged&release=25.0.7&measure=killed").json["data"]
        assert row["best"] == 10
        lines = client.get("/v1/events?dataset=ucdp-ged&format=csv&fields=id,release").text.split("\r\n")
        assert lines[0] == "id,release" and "ucdp-ged-7100,25.0.7" in lines
        unknown = client.get("/v1/events?release=25.0.8")
        assert unknown.status_code == 400 and unknown.json["errors"][0]["did_you_mean"] == "25.0.7"
    with served(databases.copy(released(databases, corpus_address, *first, "25_01_25_09"))) as client:
        assert client.get("/v1/datasets/ucdp-ged").json["release"] == "25.1 with 25.01.25.09"
        gone = client.get("/v1/events/ucdp-ged-7101")
        assert gone.status_code == 410
        document = client.get("/v1/documents?dataset=ucdp-ged&q=headline+101").json
        assert document["total"] == 0
    with served(databases.copy(released(databases, corpus_address, *first, "25_01_25_09", "26_1"))) as client:
        assert client.get("/v1/datasets/ucdp-ged").json["release"] == "26.1"
        assert events(client) == {number: ("26.1", best) for number, (_day, best) in RELEASES["26_1"].items()}


def test_an_older_release_takes_nothing_back_unless_it_is_meant(with_25_1: str, tmp_path: Path) -> None:
    older = written(tmp_path, "24_1")
    before = state(with_25_1)
    for flags in ((), ("--part",)):
        assert refused(import_of(older, *flags)) == (
            "ucdp-ged: release 24.1 is older than 25.1, which is loaded and tells of all its days. "
            "--older takes it nevertheless"
        )
    assert state(with_25_1) == before
    taken(older, "--older", "--smaller")
    with served(with_25_1) as client:
        assert events(client) == {number: ("24.1", 5) for number in RELEASES["24_1"]}


def test_a_file_of_which_nothing_tells_how_new_it_is_is_taken_with_a_word(with_25_1: str, tmp_path: Path) -> None:
    undated = written(tmp_path, "24_1").rename(tmp_path / "copy.csv")
    told = taken(undated, "--smaller")
    assert "nothing tells whether unnamed " in told and "is older than 25.1, whose place it takes" in told
    with served(with_25_1) as client:
        assert client.get("/v1/datasets/ucdp-ged").json["release"].startswith("unnamed ")


def test_a_part_is_named_beside_the_whole_and_leaves_newer_events(with_24_1: str, tmp_path: Path) -> None:
    taken(written(tmp_path, "25_1", {20: ("2023-05-05", 8), 0: ("2024-01-05", 6)}), "--part")
    # The whole of the older release again, with a number that the newer part has otherwise.
    told = taken(written(tmp_path, "24_1", {**RELEASES["24_1"], 20: ("2023-05-05", 7), 21: ("2023-05-05", 7)}))
    assert "events left as a newer release has them: 1 (ucdp-ged-7020)" in told
    with served(with_24_1) as client:
        assert client.get("/v1/datasets/ucdp-ged").json["release"] == "24.1 with 25.1"
        found = events(client)
        assert (found[20], found[21], found[0]) == (("25.1", 8), ("24.1", 7), ("25.1", 6))


def test_a_release_that_holds_the_same_changes_but_the_name(with_24_1: str, tmp_path: Path) -> None:
    with served(with_24_1) as client:
        before = client.get("/v1/events/ucdp-ged-7020").json
    told = taken(written(tmp_path, "25_1", RELEASES["24_1"]))
    assert "events unchanged: 10" in told and "events updated" not in told
    with served(with_24_1) as client:
        assert client.get("/v1/events/ucdp-ged-7020").json == {**before, "release": "25.1"}
        assert client.get("/v1/events?id=ucdp-ged-7020").json["data"][0]["release"] == "25.1"
        assert set(events(client, "&release=25.1")) == set(RELEASES["24_1"])


def test_what_a_poorer_row_takes_away_is_told(address: str, tmp_path: Path) -> None:
    rich = {**BATTLE, "id": "7001", "where_description": "Behind the hill", "relid": "MYA-1"}
    path = tmp_path / "GEDEvent_v25_1.csv"
    path.write_text(as_csv(rich, {**rich, "id": "7002"}), newline="")
    load_into(address, UcdpGed(path))
    path.write_text(as_csv(BATTLE, {**rich, "id": "7002"}), newline="")
    told = taken(path)
    assert "    values taken away: codes.relid 1, codes.where_description 1, e.g. of ucdp-ged-7001" in told.splitlines()


@for_each(
    ("name", "version", "days"),
    [
        ("GEDEvent_v25_1.csv", "25.1", (None, "2024-12-31")),
        ("ged251-csv.zip", "25.1", (None, "2024-12-31")),
        ("GEDEvent_v25_0_7.csv", "25.0.7", ("2025-07-01", "2025-07-31")),
        ("GEDEvent_v25_01_25_06.csv", "25.01.25.06", ("2025-01-01", "2025-06-30")),
        ("GEDEvent_v25_01_25_09 (1).csv", "25.01.25.09", ("2025-01-01", "2025-09-30")),
    ],
)
def test_the_publishers_versions_say_of_which_days_they_tell(
    name: str, version: str, days: tuple[str | None, str]
) -> None:
    assert version_in(name) == version
    found = release_of(version, "")
    assert tuple(day and day.isoformat() for day in (found.first_told, found.last_told)) == days


def test_a_version_that_is_none_of_the_publishers_has_no_order() -> None:
    for version in ("mine", "25.0.13", "25.09.25.01", "7.5"):
        assert release_of(version, "").sort_key is None
