"""Whoever serves can only read: by the way that the database is opened, and by a role that could do no more."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

import api.store.models  # noqa: F401  # so that the tables are known
from api.store.models.base import Base
from tests.conftest import application, close
from tests.databases import Databases
from tests.running import taken_port
from tests.test_seeds_cli import refused, run

DEPLOYING = (Path(__file__).parent.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
# Each of them writes, or would make what could be written to.
WRITES = (
    "DELETE FROM revision",
    "UPDATE revision SET token = 'mine'",
    "INSERT INTO revision (token) VALUES ('mine')",
    "DROP TABLE revision",
    "CREATE TABLE mine (id INTEGER)",
)
READ_ONLY = r"read-?only"
# Debian's user that owns nothing.
NOBODY = 65534


@contextmanager
def serving(address: str, **knobs: object) -> Iterator[FlaskClient]:
    app = application(address, **knobs)
    try:
        yield app.test_client()
    finally:
        close(app)


def total(client: FlaskClient) -> int:
    answer = client.get("/v1/events?limit=1")
    assert answer.status_code == 200, answer.text
    return int(answer.json["total"])


def test_whoever_serves_cannot_write(world_address: str) -> None:
    with serving(world_address) as client:
        service = client.application.extensions["conflict_events"]
        for write in WRITES:
            with pytest.raises(DBAPIError, match=READ_ONLY), service.engine.connect() as connection:
                connection.exec_driver_sql(write)
            with pytest.raises(service.row_reader.dialect.loaded_dbapi.Error, match=READ_ONLY):
                service.row_reader.first(write, ())
        assert total(client) > 0


@pytest.mark.engines("postgresql")
def test_the_documented_role_can_read_all_and_write_nothing(databases: Databases, world_address: str) -> None:
    (grants,) = re.findall(r"<<'END'\n(GRANT.*?)END\n", DEPLOYING, re.DOTALL)
    owned = databases.copy(world_address)
    with psycopg.connect(owned, autocommit=True) as owner:
        owner.execute("CREATE ROLE conflict_events_reader LOGIN")
        owner.execute(grants)
        # What a later migration makes.
        owner.execute("CREATE TABLE later (id INTEGER)")
    address = owned.replace("postgres@", "conflict_events_reader@")
    try:
        with psycopg.connect(address, autocommit=True) as reader:
            for table in (*Base.metadata.tables, "alembic_version", "later"):
                reader.execute(f'SELECT * FROM "{table}" LIMIT 1')
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(f'DELETE FROM "{table}"')
            for write in WRITES:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(write)
        with serving(address) as client:
            assert total(client) > 0
            assert client.get("/health/ready").status_code == 200
    finally:
        with psycopg.connect(owned, autocommit=True) as owner:
            owner.execute("DROP OWNED BY conflict_events_reader; DROP ROLE conflict_events_reader")


# --- SQLite's file -----------------------------------------------------------------------------------------------


@pytest.fixture
def file(databases: Databases, world_address: str) -> Path:
    """A file with the small world, alone in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="conflict-events-file-", dir="/tmp"))
    folder.chmod(0o755)
    path = folder / "events.db"
    shutil.copy(databases.copy(world_address).removeprefix("sqlite:///"), path)
    yield path
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def as_nobody(*owned: Path) -> Iterator[None]:
    """Without root's right to write everywhere; `owned` are nobody's meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    for path in owned:
        os.chown(path, NOBODY, NOBODY)
    # What Python imports when it is first needed may lie where nobody can look.
    "localhost".encode("idna")
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.engines("sqlite")
def test_a_file_and_folder_that_cannot_be_written_to_are_served(file: Path) -> None:
    cache = Path(tempfile.mkdtemp(prefix="conflict-events-cache-", dir="/tmp"))
    file.chmod(0o444)
    file.parent.chmod(0o555)
    with as_nobody(cache):
        with pytest.raises(PermissionError):
            file.with_name("log").touch()
        with serving(f"sqlite:///{file}", cache_folder=str(cache)) as client:
            assert total(client) > 0
            assert client.get("/health/ready").status_code == 200
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    shutil.rmtree(cache)


@pytest.mark.engines("sqlite")
def test_a_file_that_is_removed_or_replaced_is_noticed(file: Path, databases: Databases) -> None:
    away, other = file.with_name("away.db"), file.with_name("other.db")
    shutil.copy(databases.migrated().removeprefix("sqlite:///"), other)
    with serving(f"sqlite:///{file}") as client:
        held = total(client)
        assert held > 0
        file.rename(away)
        for path in ("/v1/events?limit=1", "/v1/groups", "/health/ready"):
            assert client.get(path).status_code == 503
        assert not file.exists()
        other.rename(file)
        assert total(client) == 0
        away.rename(file)
        assert total(client) == held


@pytest.mark.engines("sqlite")
def test_a_link_that_leads_to_another_file_is_noticed(file: Path, databases: Databases) -> None:
    other, link = file.with_name("empty.db"), file.with_name("current.db")
    shutil.copy(databases.migrated().removeprefix("sqlite:///"), other)
    link.symlink_to(file)
    with serving(f"sqlite:///{link}") as client:
        assert total(client) > 0
        # As a release is put in the place of another.
        file.with_name("next.db").symlink_to(other)
        file.with_name("next.db").rename(link)
        assert total(client) == 0


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "missing.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{missing}")
    # What would serve is to be refused all the same, and not to serve.
    with taken_port() as port:
        monkeypatch.setenv("CONFLICT_EVENTS_PORT", str(port))
        for command in (("serve",), ("load",), ("columns",)):
            assert refused(run(*command)).startswith(f"There is no file {missing}. ")
    assert not missing.exists()


# --- Several hosts -----------------------------------------------------------------------------------------------


@pytest.mark.engines("postgresql")
def test_the_next_host_is_asked_where_one_is_away(world_address: str) -> None:
    # As libpq writes them; nobody listens on the first.
    several = world_address.replace("@127.0.0.1:", "@127.0.0.1:9,127.0.0.1:")
    with serving(several) as client:
        assert total(client) > 0
        assert client.get("/health/ready").status_code == 200


@pytest.mark.engines("sqlite")
def test_an_address_that_cannot_be_read_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("one:x,two/db", "one,two/db?port=1,2,3", "one,two/db?target=any", "one:x/db"):
        monkeypatch.setenv("DATABASE_URL", f"postgresql://me:secret@{wrong}")
        for command in ("doctor", "load", "serve"):
            told = refused(run(command))
            assert told.startswith("DATABASE_URL cannot be read: ") and "secret" not in told
