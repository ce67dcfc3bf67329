"""The command line migrates, loads, checks and describes, and says in a sentence what keeps it from doing so."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import text

from api import __version__
from api.cli import main
from seeds.corpus.files import SEEDS
from seeds.datasets import importer_of
from tests.conftest import SHARED, load_into
from tests.databases import Databases, migrate_at
from tests.running import taken_port
from tests.stored import connected, rows, served

TEXTS = SHARED / "corpus"
EVENTS, GROUPS, PLACES = "op1027/events.yaml", "op1027/groups.yaml", "gazetteer/places.csv"
DATASET, DOCUMENT = "op1027/dataset.yaml", "op1027/documents/004_84814d1eef1d8517.yaml"


def run(*arguments: str | Path) -> Result:
    """What a command does. A failure that the command did not foresee fails the test.

    `serve` blocks the signals that stop it, and processes that later tests start would not hear them.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def stand(address: str, path: Path) -> None:
    """Loads a file as `import` does, which makes a reading copy beside: for what stands before a command is asked."""
    _dataset, importer = importer_of(path, None)
    load_into(address, importer(path))


def seen_on_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> str:
    """What a command that succeeds writes to a terminal beside its answer."""
    leader, follower = pty.openpty()
    try:
        with os.fdopen(follower, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            main([str(argument) for argument in arguments], standalone_mode=False)
        return os.read(leader, 1 << 16).decode()
    finally:
        os.close(leader)


def refused(done: Result) -> str:
    """The one sentence with which a command gave up."""
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return line.removeprefix("Error: ")


@pytest.fixture
def address(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, which the environment names."""
    found = databases.empty()
    monkeypatch.setenv("DATABASE_URL", found)
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may break."""
    for name in ("gazetteer", "op1027", "schema"):
        shutil.copytree(SEEDS / name, tmp_path / name)
    return tmp_path


def test_a_database_is_migrated_loaded_and_asked(address: str) -> None:
    done = run("migrate")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "The schema is up to date.\n", "")
    loaded = run("load")
    assert loaded.exit_code == 0
    # Nobody looks at a progress bar in a log.
    assert loaded.stderr == ""
    lines = loaded.stdout.splitlines()
    assert lines[0] == "gazetteer:" and "op1027:" in lines
    assert "  documents created: 5 (000_ec395b58edcbbb45, " in loaded.stdout
    with served(address) as client:
        assert client.get("/v1/events/kawlin-town-captured-2023-11-06").status_code == 200
    before = rows(address)
    again = run("load")
    assert (again.exit_code, again.stdout, again.stderr) == (
        0,
        "gazetteer: nothing changed.\nop1027: nothing changed.\n",
        "",
    )
    assert run("migrate").exit_code == 0
    assert rows(address) == before
    assert run("load", "op1027").stdout == "op1027: nothing changed.\n"


def test_a_dataset_that_stands_on_another_is_refused_without_it(address: str) -> None:
    run("migrate")
    before = rows(address)
    said = refused(run("load", "op1027"))
    assert said.startswith("op1027: there is no location '")
    assert said.endswith(". The database is as it was.")
    assert rows(address) == before


def test_a_terminal_sees_how_far_a_load_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"sqlite:///{tmp_path / 'shown.db'}"
    migrate_at(address)
    monkeypatch.setenv("DATABASE_URL", address)
    seen = seen_on_terminal(monkeypatch, "load")
    assert capsys.readouterr().out.startswith("gazetteer:\n")
    assert "gazetteer: 500 locations" in seen
    assert "op1027: 5 documents" in seen
    assert "events rendered" in seen


@pytest.mark.engines("sqlite")
def test_a_database_that_is_not_migrated_is_told(address: str) -> None:
    Path(address.removeprefix("sqlite:///")).touch()
    assert refused(run("load")) == "The database's schema is not up to date; run `conflict-events migrate` first."


@pytest.mark.engines("sqlite")
def test_a_schema_from_the_future_is_told(address: str) -> None:
    run("migrate")
    with connected(address) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999" in refused(run("migrate"))
    assert "9999, which this software does not know" in refused(run("load"))


@pytest.mark.parametrize("command", ["migrate", "load", "openapi", "serve"])
def test_a_setting_that_cannot_be_is_told(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFLICT_EVENTS_THREADS", "several")
    assert refused(run(command)) == (
        "CONFLICT_EVENTS_THREADS is 'several'; it should be a whole number from 1 (unset, it is 4)."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["migrate", "load"])
@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "events.db",
            "DATABASE_URL is not what it should be; it should be the address of an SQLite file or of PostgreSQL",
        ),
        ("sqlite:////no/such/folder/events.db", "/no/such/folder/events.db"),
        # The port of nobody.
        ("postgresql://me:secret@127.0.0.1:9/events", "The database postgresql+psycopg://me:***@127.0.0.1:9/events"),
    ],
    ids=["no address", "no folder", "no server"],
)
def test_a_database_that_is_not_there_is_told(
    command: str, url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    said = refused(run(command))
    assert told in said
    assert "secret" not in said


@pytest.mark.engines("sqlite")
def test_an_unknown_dataset_is_refused_with_those_there_are(address: str) -> None:
    done = run("load", "op1026")
    assert done.exit_code == 2
    assert "'gazetteer'" in done.stderr and "'op1027'" in done.stderr


def test_the_shipped_seeds_are_right() -> None:
    done = run("check")
    assert (done.exit_code, done.output) == (0, "No fault found.\n")
    assert run("check", SEEDS / "op1027").exit_code == 0
    assert run("check", SEEDS / "gazetteer").exit_code == 0


@pytest.mark.skipif(not TEXTS.exists(), reason="the texts are not kept in the repository, and not beside it")
def test_the_shipped_corpus_says_what_the_texts_say() -> None:
    done = run("check", "--corpus", TEXTS)
    assert (done.exit_code, done.output) == (0, "No fault found.\n")


@dataclass(frozen=True)
class Mistake:
    """A slip of a coder's hand: one text in one file for another, and what has to be said of the line."""

    file: str
    old: str
    new: str
    said: str

    def __str__(self) -> str:
        return f"{self.file.rsplit('/')[-1]}: {self.new.strip() or self.old.strip()}"

    def make(self, folder: Path) -> int:
        """Makes the mistake where the old text stands first; returns its line."""
        path = folder / self.file
        content = path.read_text(encoding="utf-8")
        before, found, after = content.partition(self.old)
        assert found, self.old
        path.write_text(before + self.new + after, encoding="utf-8")
        return before.count("\n") + 1


MISTAKES = (
    Mistake(EVENTS, "kind: incident", "kind: incidental", "perhaps incident"),
    Mistake(EVENTS, "end: 2023-11-17", "end: 2020-11-17", "start not after end"),
    Mistake(EVENTS, "location: mmr005024701", "location: mmr005O24701", "perhaps mmr005024701"),
    Mistake(
        EVENTS, "part_of: scam-centres-region-trafficked", "part_of: scam-centres-trafficked", "there is no figure"
    ),
    Mistake(EVENTS, "subtype: air_drone_strike", "subtype: grenades", "grenade"),
    Mistake(EVENTS, "id: operation-1027\n", "id: myanmar-air-strikes-2023-11\n", "stands twice"),
    Mistake(EVENTS, "measure: killed", "measure: kiled", "perhaps killed"),
    Mistake(EVENTS, "outcome: captured", "outcome: captured\n    outcom: captured", "outcom"),
    Mistake(GROUPS, "group_kind: alliance", "group_kind: pact", "pact"),
    Mistake(GROUPS, "country: MMR", "country: Myanmar", "country"),
    Mistake(DATASET, 'release: "1.0.0"', "release: 1.0", "quotes"),
    Mistake(DOCUMENT, "claimant: national-unity-government", "claimant: national-unity-goverment", "perhaps"),
    Mistake(DOCUMENT, "verification: unverified", "verification: verified", "verified"),
    Mistake(DOCUMENT, "event: battle-of-kawlin-2023", "event: battle-of-kawlin", "perhaps battle-of-kawlin-2023"),
    Mistake(DOCUMENT, "[17, 209]", "[209, 17]", "holds nothing"),
    Mistake(PLACES, ",MMR001,MMR,26.08933,", ",MMR001,MMR,126.08933,", "126.08933"),
    Mistake(PLACES, "state_or_region,mmr,MMR001", "state_or_region,mmr001d001,MMR001", "mmr001d001"),
)


def _line_of(mistake: Mistake, line: int) -> int:
    """The line that is at fault: that of the mistake, or the next where it adds one."""
    return line + mistake.new.count("\n") - mistake.old.count("\n")


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_found_with_its_file_and_line(copied: Path, mistake: Mistake) -> None:
    line = _line_of(mistake, mistake.make(copied))
    done = run("check", copied)
    assert re.fullmatch("[0-9]+ faults?\\.", refused(done))
    found = [told for told in done.stdout.splitlines() if told.startswith(f"{mistake.file}:{line}: ")]
    assert any(mistake.said in told for told in found), done.stdout


def test_all_mistakes_are_told_at_once(copied: Path) -> None:
    places = {(mistake.file, _line_of(mistake, mistake.make(copied))) for mistake in MISTAKES[:1] + MISTAKES[8:]}
    done = run("check", copied)
    told = {tuple(line.split(":")[:2]) for line in done.stdout.splitlines()}
    assert {(file, str(line)) for file, line in places} <= told


@pytest.mark.skipif(not TEXTS.exists(), reason="the texts are not kept in the repository, and not beside it")
@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(DOCUMENT, "length: 2911", "length: 2912", "2911"),
        Mistake(DOCUMENT, "names: [Kawlin, NUG]", "names: [Kawlinn, NUG]", "Kawlinn"),
        Mistake(DOCUMENT, "sha256: 1639ae69", "sha256: 1639ae70", "1639ae69"),
    ],
    ids=str,
)
def test_a_mistake_about_the_texts_is_found_with_its_file_and_line(copied: Path, mistake: Mistake) -> None:
    line = mistake.make(copied)
    assert run("check", copied).exit_code == 0
    done = run("check", copied, "--corpus", TEXTS)
    assert re.fullmatch("[0-9]+ faults?\\.", refused(done))
    found = [told for told in done.stdout.splitlines() if told.startswith(f"{mistake.file}:{line}: ")]
    assert any(mistake.said in told for told in found), done.stdout


@pytest.mark.engines("sqlite")
def test_faulty_seeds_are_not_loaded(databases: Databases, tmp_path: Path) -> None:
    address = databases.migrated()
    before = rows(address)
    for package in ("api", "seeds", "migrations"):
        shutil.copytree(SEEDS.parent / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    mistake = MISTAKES[0]
    line = mistake.make(tmp_path / "seeds")
    environment = {**os.environ, "DATABASE_URL": address}
    command = [sys.executable, "-m", "api", "load"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Error: 1 fault in the seed files; nothing was loaded." in done.stderr.splitlines()
    assert f"{EVENTS}:{line}: " in done.stderr
    assert rows(address) == before


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: None, "neither events.yaml nor places.csv"),
        (lambda folder: (folder / "events.yaml").write_text("events: [\n", encoding="utf-8"), "events.yaml:"),
        (lambda folder: (folder / "places.csv").write_bytes(b"\xff\xfe"), "places.csv:"),
    ],
    ids=["an empty folder", "broken YAML", "no UTF-8"],
)
def test_a_folder_of_nonsense_is_a_fault_and_no_failure(
    prepare: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    prepare(tmp_path)
    done = run("check", tmp_path)
    refused(done)
    assert said in done.stdout


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert run("check", tmp_path / "nowhere").exit_code == 2
    assert run("check", "--corpus", tmp_path / "nowhere").exit_code == 2


@pytest.mark.engines("sqlite")
def test_the_description_is_written_to_a_file(address: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    done = run("openapi", "--output", path)
    assert (done.exit_code, done.stdout) == (0, f"Wrote {path}.\n")
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert description["openapi"] == "3.0.3"
    assert description["info"]["version"] == __version__
    assert "/v1/events" in description["paths"]


@pytest.mark.engines("sqlite")
def test_serving_takes_another_address_than_the_settings(corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", corpus_address)
    with taken_port("127.0.0.9") as other, taken_port() as port:
        # What the command tells its workers by the environment is to be gone after the test.
        monkeypatch.setenv("CONFLICT_EVENTS_HOST", "127.0.0.1")
        monkeypatch.setenv("CONFLICT_EVENTS_PORT", str(other))
        assert refused(run("serve", "--host", "127.0.0.9")).startswith(f"Port {other} of 127.0.0.9 is in use.")
        monkeypatch.setenv("CONFLICT_EVENTS_HOST", "127.0.0.1")
        assert refused(run("serve", "--port", str(port))).startswith(f"Port {port} of 127.0.0.1 is in use.")
    assert run("serve", "--port", "0").exit_code == 2


def test_the_commands_are_told() -> None:
    told = run("--help").stdout
    for command in ("migrate", "load", "import", "remove", "check", "serve", "openapi"):
        assert f"  {command} " in told
        assert run(command, "-h").exit_code == 0
    assert run("--version").stdout == f"conflict-events, version {__version__}\n"
    assert run("lod").exit_code == 2


def test_the_module_is_the_command_too() -> None:
    command = [sys.executable, "-m", "api", "--version"]
    done = subprocess.run(command, check=True, cwd=SEEDS.parent, capture_output=True, text=True)
    assert done.stdout.endswith(f", version {__version__}\n")


def test_a_database_of_other_software_is_refused_with_what_to_do(address: str) -> None:
    assert run("migrate").exit_code == 0
    with connected(address) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'a0b1'"))
    for command in ("migrate", "load"):
        told = refused(run(command))
        assert "at migration a0b1, which this software does not know: use the software that made it" in told
    (fault,) = [line for line in run("doctor").stdout.splitlines() if line.startswith("FAULT")]
    assert fault.startswith("FAULT  migrations: it is at migration a0b1") and "migrate and load" in fault
