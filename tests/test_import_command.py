"""`conflict-events import`: what it tells, what it refuses, and what it keeps of what a smaller file lacks.

Through the command line, for every dataset that can be imported, with invented files of a few rows. What a load does to
rows is asked on both engines; the rest is what the command says.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from seeds.datasets import IMPORTERS
from tests import test_import_acled, test_import_awsd, test_import_idmc_idu, test_import_insecurity_insight, ucdp_files
from tests.conftest import load_into
from tests.databases import Databases
from tests.stored import changes, last_change, rows, served
from tests.sweep import for_each
from tests.test_seeds_cli import refused, run, seen_on_terminal

pytestmark = pytest.mark.engines("sqlite")

EVERY_KIND = "kind=incident,episode,aggregate&limit=1000"
# What is the command's alone, whatever the importer, is asked of one of them.
of_one = pytest.mark.parametrize("published", ["ucdp-ged"], indirect=True)
# Rows of the release that stands.
STANDING = 20


@dataclass(frozen=True)
class Published:
    """A dataset that can be imported: how a file of so many invented events is made, of none the header alone, and the least that a
    release has."""

    name: str
    write: Callable[[Path, int, int], Path]
    least: int
    first_id: str
    bad: Callable[[Path], tuple[Path, str]]
    # What its files count.
    measure: str = "killed"

    def event(self, place: int) -> str:
        """The id of the event of a row."""
        before = self.first_id.rstrip("0123456789")
        return f"{before}{int(self.first_id.removeprefix(before)) + place}"


def _ucdp(folder: Path, count: int, best: int) -> Path:
    row = {**ucdp_files.BATTLE, "best": str(best), "high": str(best + 3), "low": "1", "deaths_unknown": str(best - 5)}
    return ucdp_files.written(folder, *[row] * count)


def _bad_ucdp(folder: Path) -> tuple[Path, str]:
    rows_ = [{**ucdp_files.BATTLE, "best": printed} for printed in ("6", "six")]
    return ucdp_files.written(folder, *rows_), "events.csv:3: best: "


def _acled(folder: Path, count: int, best: int) -> Path:
    return test_import_acled.write(folder, *[{"fatalities": str(best)}] * count)


def _bad_acled(folder: Path) -> tuple[Path, str]:
    return test_import_acled.write(folder, {}, {"fatalities": "many"}), "export.csv:3: fatalities: "


def _idmc(folder: Path, count: int, best: int) -> Path:
    return test_import_idmc_idu.write(folder, *[{"figure": best}] * count)


def _bad_idmc(folder: Path) -> tuple[Path, str]:
    path = test_import_idmc_idu.write_csv(folder, {}, {"figure": "many"})
    return path, "updates.csv:3: figure: "


def _insight(folder: Path, count: int, best: int) -> Path:
    rows_ = [{"Health Workers Killed": best}] * count
    return test_import_insecurity_insight.write(folder, test_import_insecurity_insight.HEALTH, *rows_)


def _bad_insight(folder: Path) -> tuple[Path, str]:
    rows_: tuple[dict[str, object], ...] = ({}, {"Health Workers Killed": "many"})
    path = test_import_insecurity_insight.write(folder, test_import_insecurity_insight.HEALTH, *rows_)
    return path, "incidents.csv:3: health_workers_killed: "


def _awsd(folder: Path, count: int, best: int) -> Path:
    return test_import_awsd.write(folder, *[{"Total killed": best}] * count)


def _bad_awsd(folder: Path) -> tuple[Path, str]:
    path = test_import_awsd.write(folder, {}, {"Total killed": "many"})
    return path, "security_incidents.csv:3: total_killed: "


PUBLISHED = (
    Published("ucdp-ged", _ucdp, 18, "ucdp-ged-7001", _bad_ucdp),
    Published("acled", _acled, 10, "acled-mmr900001", _bad_acled),
    Published("idmc-idu", _idmc, 10, "idmc-idu-900001", _bad_idmc, "displaced"),
    Published("insecurity-insight-health", _insight, 16, "insecurity-insight-health-900001", _bad_insight),
    Published("awsd", _awsd, 16, "awsd-900001", _bad_awsd),
)


def test_every_importer_is_held_to_these_tests() -> None:
    # The kinds of incidents of one publisher are read by one module, and one of them stands for all.
    held_to = {IMPORTERS[published.name].__module__ for published in PUBLISHED}
    lacking = {name for name, importer in IMPORTERS.items() if importer.__module__ not in held_to}
    assert not lacking, f"add a Published of {lacking} to PUBLISHED in tests/test_import_command.py"


@pytest.fixture(scope="module", params=[published.name for published in PUBLISHED])
def published(request: pytest.FixtureRequest) -> Published:
    return {published.name: published for published in PUBLISHED}[request.param]


@pytest.fixture(scope="module")
def standing(
    published: Published, databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with the corpus and a release of the dataset. Not to be written to."""
    address = databases.copy(corpus_address)
    path = published.write(tmp_path_factory.mktemp("standing"), STANDING, 6)
    load_into(address, IMPORTERS[published.name](path))
    return address


@pytest.fixture
def fresh(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    address = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", address)
    return address


@pytest.fixture
def address(databases: Databases, standing: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus and a release, which the environment names."""
    found = databases.copy(standing)
    monkeypatch.setenv("DATABASE_URL", found)
    return found


@dataclass(frozen=True)
class Newer:
    """A release of as many events as a whole one has, where one stands: its file, the database into which it was imported, the
    last line of history before that, and what the command told."""

    path: Path
    address: str
    after: int
    told: str


@pytest.fixture(scope="module")
def newer(published: Published, databases: Databases, standing: str, tmp_path_factory: pytest.TempPathFactory) -> Newer:
    path, address = published.write(tmp_path_factory.mktemp("newer"), published.least, 7), databases.copy(standing)
    after = last_change(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", address)
        done = run("import", published.name, path)
    assert done.exit_code == 0, done.output
    return Newer(path, address, after, done.stdout)


def held(client: FlaskClient, published: Published) -> int:
    """How many events of the dataset there are."""
    total: int = client.get(f"/v1/events?dataset={published.name}&{EVERY_KIND}").json["total"]
    return total


def sums(client: FlaskClient, published: Published) -> int:
    """The best of the dataset's totals."""
    (row,) = client.get(f"/v1/figures/totals?dataset={published.name}&measure={published.measure}").json["data"]
    best: int = row["best"]
    return best


def test_a_first_import_tells_what_it_did_as_a_dry_run_does_and_does_nothing_twice(
    fresh: str, tmp_path: Path, published: Published
) -> None:
    path, before = published.write(tmp_path, 3, 6), rows(fresh)
    command = ("import", published.name, path, "--release", "7.5")
    tried = run(*command, "--dry-run")
    assert (tried.exit_code, tried.stderr) == (0, "")
    assert rows(fresh) == before
    done = run(*command)
    assert (done.exit_code, done.stderr) == (0, "")
    assert as_if_done(tried.stdout) == done.stdout
    first, *told = done.stdout.splitlines()
    assert first == f"{published.name}, release 7.5:"
    assert {"  rows read: 3", "  rows set aside: 0", f"  datasets created: 1 ({published.name})"} <= set(told)
    ids = ", ".join(published.event(place) for place in range(3))
    assert f"  events created: 3 ({ids})" in told
    assert any(line.startswith("  columns not read: ") for line in told)
    # Of names it tells what they say, and not how they are looked up.
    assert "rank: " not in done.stdout
    with served(fresh) as client:
        (listed,) = [one for one in client.get("/v1/datasets").json["data"] if one["id"] == published.name]
        assert (listed["release"], listed["counts"]["events"]) == ("7.5", 3)
    before = rows(fresh)
    again = run(*command)
    assert (again.exit_code, again.stdout, again.stderr) == (0, f"{published.name}: nothing changed.\n", "")
    assert rows(fresh) == before


def as_if_done(tried: str) -> str:
    """What a dry run said, in the words of the import itself."""
    assert tried.count(", what would be done:\n") == 1
    return tried.replace(", what would be done:\n", ":\n")


def test_rows_that_cannot_be_read_and_files_without_events_are_refused(
    fresh: str, tmp_path: Path, published: Published
) -> None:
    path, said = published.bad(tmp_path)
    before = rows(fresh)
    done = run("import", published.name, path, "--strict")
    assert refused(done) == f"{published.name}: 1 row could not be read"
    assert said in done.stderr and done.stderr.endswith("The database is as it was.\n")
    without_events = published.write(tmp_path, 0, 6)
    assert refused(run("import", published.name, without_events)).startswith(f"{published.name}: ")
    assert rows(fresh) == before


def test_fewer_events_than_a_whole_release_has_are_refused(address: str, tmp_path: Path, published: Published) -> None:
    before = rows(address)
    path = published.write(tmp_path, published.least - 1, 7)
    done = run("import", published.name, path)
    assert refused(done) == (
        f"{published.name}: {path.name} holds {published.least - 1} events where 20 stand, and a whole release has at "
        f"least {published.least}. Is it cut off, or a part? --part keeps what it does not hold, --smaller withdraws it"
    )
    assert done.stderr.endswith("The database is as it was.\n")
    assert rows(address) == before


def test_a_newer_release_of_as_many_as_a_whole_one_has_tells_what_it_updated_and_withdrew(
    newer: Newer, published: Published
) -> None:
    hold_newer(newer, published)


# What is loaded over on both engines by tests of its own is not here.
@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("published", ["idmc-idu", "insecurity-insight-health", "awsd"], indirect=True)
def test_a_newer_release_tells_what_it_updated_and_withdrew_on_postgresql(newer: Newer, published: Published) -> None:
    hold_newer(newer, published)


def hold_newer(newer: Newer, published: Published) -> None:
    """Holds that the command told what history tells, and that answers are of the newer release."""
    actions: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for (kind, _identity, action), changed in changes(newer.address, newer.after).items():
        actions[f"  {kind}s {'withdrawn' if action == 'deleted' else action}: "] += 1
        fields.update(f"{kind}s {name}: " for name in changed or ())
    # Without examples; fields with their kind.
    told, told_fields, kind = set(), set(), ""
    for line in newer.told.splitlines():
        if line.startswith("    "):
            name, count = re.fullmatch(
                r"    (\w+): ([\d,]+), (?:.* from .* to .*|other content than before)", line
            ).groups()
            told_fields.add(f"{kind} {name}: {count}")
        elif any(line.startswith(start) for start in actions):
            kind = line.split()[0]
            told.add(line.partition(" (")[0])
    assert told == {f"{start}{count:,}" for start, count in actions.items()}
    assert told_fields == {f"{start}{count:,}" for start, count in fields.items()}
    with served(newer.address) as client:
        figure = client.get(f"/v1/events/{published.event(0)}").json["figures"][0]["id"]
        assert (held(client, published), sums(client, published)) == (published.least, 7 * published.least)
        assert client.get(f"/v1/events/{published.event(published.least)}").status_code == 410
    (best,) = [line for line in newer.told.splitlines() if line.startswith("    best: ")]
    assert f"e.g. {figure} from 6 to 7; " in best


def test_a_dry_run_of_a_newer_release_tells_what_the_import_tells_and_changes_nothing(
    address: str, newer: Newer, published: Published
) -> None:
    before = rows(address)
    tried = run("import", published.name, newer.path, "--dry-run")
    assert rows(address) == before
    assert as_if_done(tried.stdout) == newer.told


def test_a_part_changes_what_it_holds_and_keeps_the_rest(address: str, tmp_path: Path, published: Published) -> None:
    number = last_change(address)
    done = run("import", published.name, published.write(tmp_path, 2, 7), "--part")
    assert done.exit_code == 0
    assert "withdrawn" not in done.stdout
    assert last_change(address) > number
    with served(address) as client:
        assert (held(client, published), sums(client, published)) == (STANDING, 6 * (STANDING - 2) + 7 * 2)


@of_one
def test_a_part_may_become_the_whole(address: str, tmp_path: Path, published: Published) -> None:
    path = published.write(tmp_path, published.least, 7)
    run("import", published.name, path, "--part")
    done = run("import", published.name, path)
    assert done.exit_code == 0
    with served(address) as client:
        assert held(client, published) == published.least


@of_one
def test_a_smaller_release_is_taken_where_it_is_meant(address: str, tmp_path: Path, published: Published) -> None:
    done = run("import", published.name, published.write(tmp_path, 2, 7), "--smaller")
    assert done.exit_code == 0
    with served(address) as client:
        assert (held(client, published), sums(client, published)) == (2, 14)
        assert client.get(f"/v1/events/{published.event(2)}").status_code == 410


def test_a_database_that_is_not_migrated_is_told(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = PUBLISHED[0]
    address = databases.empty()
    if address.startswith("sqlite"):
        Path(address.removeprefix("sqlite:///")).touch()
    monkeypatch.setenv("DATABASE_URL", address)
    said = refused(run("import", published.name, published.write(tmp_path, 1, 6)))
    assert said == "The database's schema is not up to date; run `conflict-events migrate` first."


def test_an_import_before_the_gazetteer_is_refused_and_leaves_its_places_free(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, address = PUBLISHED[0], databases.migrated()
    monkeypatch.setenv("DATABASE_URL", address)
    path, before = published.write(tmp_path, 3, 6), rows(address)
    said = refused(run("import", published.name, path))
    assert said == "The gazetteer is not loaded; run `conflict-events load` first."
    assert rows(address) == before
    assert run("load", "gazetteer").exit_code == 0
    assert run("import", published.name, path).exit_code == 0


def test_an_unknown_dataset_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = run("import", "ucdp", ucdp_files.written(tmp_path, ucdp_files.BATTLE))
    assert done.exit_code == 2
    assert all(f"'{name}'" in done.stderr for name in IMPORTERS)


@pytest.mark.skipif(sys.platform != "linux", reason="a file that cannot be read is one of Linux's")
@for_each("records", ["events", "figures"])
def test_an_export_of_ours_is_told_for_what_it_is(client: FlaskClient, tmp_path: Path, records: str) -> None:
    path = tmp_path / f"{records}.csv"
    path.write_bytes(client.get(f"/v1/{records}.csv?limit=3").data)
    assert "this looks like an export of this service" in refused(run("import", str(path)))


def test_a_file_that_cannot_be_read_is_told() -> None:
    # A process may open its own memory, and reads nothing at its beginning.
    assert refused(run("import", "/proc/self/mem")).startswith("/proc/self/mem: Input/output error.")


def test_a_terminal_sees_how_much_of_the_file_is_read(
    fresh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = PUBLISHED[0]
    seen = seen_on_terminal(monkeypatch, "import", published.name, published.write(tmp_path, 3, 6))
    assert published.name in seen and "100%" in seen
