"""What an operator asks beside answers: whether all is well, what is loaded, and copies, made and put back while it serves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, text

from api.store.models import ColumnPiece
from tests.conftest import application, close, load_into
from tests.databases import Databases, postgresql_folder
from tests.made import Made, made_event
from tests.repeatedly import repeatedly
from tests.stored import connected
from tests.test_seeds_cli import refused, run


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database with the corpus, which the environment names."""
    found = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", found)
    folder = postgresql_folder()
    if folder is not None:
        monkeypatch.setenv("PATH", str(folder), prepend=":")
    return found


@contextmanager
def serving(address: str) -> Iterator[FlaskClient]:
    app = application(address)
    yield app.test_client()
    close(app)


# --- doctor and status -------------------------------------------------------------------------------------------


def faults() -> dict[str, str]:
    """What the doctor finds wrong, by what it is."""
    lines = [line for line in run("doctor").stdout.splitlines() if line.startswith("FAULT")]
    return dict(line.removeprefix("FAULT  ").split(": ", 1) for line in lines)


def test_a_service_that_is_well_has_no_fault(address: str) -> None:
    done = run("doctor")
    assert done.exit_code == 0 and "FAULT" not in done.output
    assert done.output.splitlines()[-1] == "ok     reading copy"


def test_each_fault_is_told_with_its_remedy(
    address: str, databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with connected(address) as connection:
        connection.execute(delete(ColumnPiece).where(ColumnPiece.dataset_id == "op1027"))
        connection.commit()
    assert list(faults()) == ["reading copy"] and faults()["reading copy"].endswith("run `conflict-events columns`")
    with connected(address) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        connection.commit()
    assert "which this software does not know" in faults()["migrations"]
    monkeypatch.setenv("DATABASE_URL", databases.migrated())
    assert "run `conflict-events load`" in faults()["data"]
    monkeypatch.setenv(
        "DATABASE_URL", databases.empty() if databases.server is None else "postgresql://me@127.0.0.1:9/x"
    )
    assert list(faults()) == ["database"]
    (tmp_path / "file").touch()
    monkeypatch.setenv("CONFLICT_EVENTS_CACHE_FOLDER", str(tmp_path / "file"))
    monkeypatch.setenv("CONFLICT_EVENTS_HOST", "0.0.0.0")
    monkeypatch.setenv("CONFLICT_EVENTS_RATE_LIMIT", "5 per minute")
    monkeypatch.setenv("CONFLICT_EVENTS_RATE_LIMIT_STORAGE", "redis://127.0.0.1:9")
    monkeypatch.setenv("CONFLICT_EVENTS_TEXTS_FOLDER", str(tmp_path / "nowhere"))
    assert set(faults()) == {"addresses", "rate limit", "cache folder", "texts folder", "database"}
    assert refused(run("doctor")) == "5 to mend."


@pytest.mark.parametrize("command", ["serve", "load", "columns"])
def test_a_folder_that_cannot_hold_reading_copies_is_told_first(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    # As that of a user who has no home.
    (tmp_path / "file").touch()
    monkeypatch.setenv("CONFLICT_EVENTS_CACHE_FOLDER", str(tmp_path / "file"))
    assert "Set CONFLICT_EVENTS_CACHE_FOLDER to a folder that can be written to." in refused(run(command))


@pytest.mark.engines("postgresql")
def test_a_database_of_another_encoding_is_refused(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    # As one of a cluster that was made where the language was C.
    ascii_alone = databases.empty("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    monkeypatch.setenv("DATABASE_URL", ascii_alone)
    assert "its encoding is SQL_ASCII, not UTF8" in refused(run("migrate"))
    assert faults()["database"].startswith("its encoding is SQL_ASCII, not UTF8; make another by CREATE DATABASE")
    assert "not up to date" in refused(run("status"))


def test_a_setting_that_there_is_not_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFLICT_EVENTS_PROT", "8001")
    assert faults() == {"settings": "there is none called CONFLICT_EVENTS_PROT; set CONFLICT_EVENTS_PORT"}


def test_whoever_serves_is_told_addresses_that_are_answered(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.serving.serve", lambda _settings, greet: greet())
    monkeypatch.setenv("CONFLICT_EVENTS_PUBLIC_URLS", "https://data.example.org/conflict/, http://localhost")
    assert "curl 'https://data.example.org/conflict/v1/events?" in run("serve").output


def test_status_tells_what_is_loaded(address: str) -> None:
    done = run("status")
    assert done.exit_code == 0
    told = dict(line.split(": ", 1) for line in done.output.splitlines())
    assert told["dataset op1027"].startswith("release ")
    with serving(address) as client:
        body = client.get("/v1/datasets/op1027").json
        revision = client.get("/v1/events?limit=1").json["coverage"]["revision"]
    assert told["dataset op1027"].endswith(f"{body['counts']['events']} events, {body['counts']['figures']} figures")
    assert told["revision"].startswith(f"{revision}, since ")


# --- backup and restore ------------------------------------------------------------------------------------------


@contextmanager
def while_read(client: FlaskClient, totals: set[int]) -> Iterator[None]:
    """Asks again and again; every answer is one of these totals."""
    wrong = []

    def ask() -> None:
        answer = client.get("/v1/events?limit=1")
        if answer.status_code != 200 or answer.json["total"] not in totals:
            wrong.append(answer.text)

    with repeatedly(ask, 1_000):
        yield
    assert wrong == []


def test_a_backup_is_made_and_put_back_while_the_service_answers(
    address: str, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup"
    with serving(address) as client:
        before = client.get("/v1/events?limit=1000").json
        total = before["total"]
        with while_read(client, {total}):
            assert run("backup", file).exit_code == 0
        assert refused(run("backup", file)).endswith("name a file that is not.")
        for folder in (tmp_path / "nowhere", file):
            assert refused(run("backup", folder / "copy")).endswith(f"There is no folder {folder}.")
        load_into(address, Made(made_events=[made_event("event-1", figures=[])]))
        assert client.get("/v1/events?limit=1").json["total"] == total + 1
        if databases.server is not None:
            assert "is not empty" in refused(run("restore", file))
            monkeypatch.setenv("DATABASE_URL", databases.empty())
            assert run("restore", file).exit_code == 0
        else:
            with while_read(client, {total, total + 1}):
                assert run("restore", file).exit_code == 0
            assert client.get("/v1/events?limit=1000").json == before
    with serving(os.environ["DATABASE_URL"]) as restored:
        assert restored.get("/v1/events?limit=1000").json == before
    assert list(tmp_path.glob("backup*")) == [file]
    assert run("doctor").exit_code == 0


def test_what_is_no_backup_is_not_restored(address: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_bytes(b"nothing")
    refused(run("restore", file))
    with serving(address) as client:
        assert client.get("/v1/events?limit=1").json["total"] > 0


# --- From SQLite to PostgreSQL -----------------------------------------------------------------------------------

# What is said of the load itself, which is another.
OF_THE_LOAD = re.compile(r'"(?:updated_at|revision|loaded_at)":"[^"]*"')
ASKED = (
    *(f"/v1/{name}?limit=1000" for name in ("events", "figures", "groups", "locations", "documents", "datasets")),
    *(f"/v1/{name}.ndjson" for name in ("events", "figures")),
    "/v1/events?q=attack&facets=type,group,state_or_region",
    "/v1/events?near=23.79,95.68&radius_km=50&sort=-killed",
    "/v1/events?group=Arakan Army&location=Rakhine",
    "/v1/figures/totals?group_by=month,group,measure",
    "/v1/casualties/totals?group_by=population&verification=unverified",
    "/v1/events?group=Arakan Armi",
)


@pytest.mark.engines("sqlite")
def test_what_was_moved_answers_the_same(
    client: FlaskClient, databases: Databases, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Databases(postgresql, databases.folder).empty()
    monkeypatch.setenv("DATABASE_URL", moved)
    # As docs/operating.md says.
    for command in ("migrate", "load"):
        assert run(command).exit_code == 0
    with serving(moved) as there:
        for path in ASKED:
            before, after = (OF_THE_LOAD.sub("", each.get(path).text) for each in (client, there))
            assert before == after, path
