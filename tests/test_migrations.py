"""The schema goes up, down and up again on both engines, and is what the models say."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from api.domain.codebook import values
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models.base import Base
from api.store.schema import MIGRATIONS, head, migrate
from tests.conftest import application, close, load_into
from tests.databases import Databases, migrate_at
from tests.edited_seeds import EditedSeeds
from tests.test_seeds_cli import refused, run

ROOT = Path(__file__).parent.parent
TABLES = {table.name for table in Base.metadata.sorted_tables}
# Databases exist that were made by it. Whatever changes the schema from here on is a migration of its own.
FIRST_MIGRATION_HASH = "923041c8ef5eb738f2adff000f944279207a6dd59b7cb6463eb6572948b14d40"


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """An engine for a database in which nothing is."""
    found = connect_for_loading(Settings(database_url=databases.empty()))
    yield found
    found.dispose()


def everything(engine: Engine) -> set[str]:
    """The names of all that is in the database: tables, indexes, triggers, sequences and functions."""
    statement = (
        "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        if engine.dialect.name == "sqlite"
        else "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE nspname = 'public' UNION SELECT proname FROM pg_proc"
        " JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = 'public'"
    )
    with engine.connect() as connection:
        return set(connection.scalars(text(statement)))


def test_there_is_one_head_and_one_way_to_it() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [head()]
    assert len(scripts.get_bases()) == 1
    revisions = list(scripts.walk_revisions())
    assert [revision.revision for revision in revisions] == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    for revision in revisions:
        # A name is a sentence, and the file is named after it.
        sentence = revision.doc.rstrip(".")
        assert revision.doc.endswith(".")
        assert Path(revision.path).stem == f"{revision.revision}_{re.sub('[^a-z0-9]+', '_', sentence.lower())}"


def test_the_first_migration_stays_as_it_is() -> None:
    (first,) = (MIGRATIONS / "versions").glob("0001*")
    assert hashlib.sha256(first.read_bytes()).hexdigest() == FIRST_MIGRATION_HASH, "write a new migration instead"


def test_the_schema_goes_up_and_down_and_up_again(engine: Engine) -> None:
    migrate(engine)
    up = everything(engine)
    assert up >= TABLES
    migrate(engine, "base", command.downgrade)
    # What remains is the table in which the state of the schema is kept.
    assert everything(engine) <= {"alembic_version", "alembic_version_pkc"}
    migrate(engine)
    assert everything(engine) == up


# What a next version may bring: it only adds, and takes its time.
EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{next}", "{head}"


def upgrade():
    op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("event", sa.Column("note", sa.Text, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT pg_sleep({seconds})")
    op.execute("UPDATE event SET note = title")
"""
# How a code is added, as CONTRIBUTING says.
NEW_CODE = """
from migrations.codes import replace_codes

revision, down_revision = "{next}", "{head}"

BEFORE = {before}
AFTER = (*BEFORE, "sling")


def upgrade():
    replace_codes("figure", "cause", BEFORE, AFTER)


def downgrade():
    replace_codes("figure", "cause", AFTER, BEFORE)
"""
# For how long it keeps readers of the table from it on PostgreSQL, and for how long these work at the most.
LOCKED_SECONDS, REQUEST_SECONDS = 2, 1


def migrations_with(folder: Path, made: str) -> Path:
    """A copy of the migrations in this folder, with one more."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "next.py").write_text(made, encoding="utf-8")
    return copy


def test_a_code_is_added_and_taken_back_without_a_row_lost(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    engine = connect_for_loading(Settings(database_url=databases.copy(corpus_address)))
    before = head()

    def rows() -> list[int]:
        with engine.connect() as connection:
            return [
                connection.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
            ]

    def is_refused(cause: str) -> bool:
        with engine.connect() as connection:
            try:
                connection.execute(text("UPDATE figure SET cause = :cause WHERE family = 'casualty'"), {"cause": cause})
            except IntegrityError:
                return True
        return False

    found = rows()
    made = NEW_CODE.format(next=f"{int(before) + 1:04}", head=before, before=values("cause"))
    migrations = migrations_with(tmp_path, made)
    assert is_refused("sling")
    migrate(engine, migrations=migrations)
    assert not is_refused("sling") and is_refused("pebble") and rows() == found
    migrate(engine, before, command.downgrade, migrations)
    assert is_refused("sling") and not is_refused("small_arms") and rows() == found
    engine.dispose()


def test_the_old_version_serves_while_the_database_is_migrated_for_the_next(
    databases: Databases, corpus_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = databases.copy(corpus_address)
    # On SQLite nobody waits for the migration's lock.
    limits = {} if databases.server is None else {"request_seconds": REQUEST_SECONDS}
    old = application(address, **limits)
    paths = ("/v1/events?limit=100", "/v1/events?type=battles&format=ndjson", "/v1/groups", "/health/ready")
    client = old.test_client()
    assert {client.get(path).status_code for path in paths} == {200}
    made = EXPAND.format(next=f"{int(head()) + 1:04}", head=head(), seconds=LOCKED_SECONDS)
    statuses: set[int] = set()
    migrations = migrations_with(tmp_path, made)
    with ThreadPoolExecutor() as threads:
        migrating = threads.submit(migrate_at, address, migrations)
        while not migrating.done():
            statuses |= {client.get(f"/v1/events?limit={len(statuses) + 2}").status_code}
        migrating.result()
    # Who waits for a lock waits no longer than for anything else.
    assert statuses in ({200}, {200, 503}) if databases.server is not None else statuses == {200}
    assert {client.get(path).status_code for path in paths} == {200}
    monkeypatch.setenv("DATABASE_URL", address)
    assert "which this software does not know" in refused(run("load"))
    close(old)


def test_each_step_can_be_taken_back(engine: Engine) -> None:
    steps = [f"{number:04}" for number in range(1, int(head()) + 1)]
    after: list[set[str]] = []
    for step in steps:
        migrate(engine, step)
        after.append(everything(engine))
    for step, expected in zip(reversed(steps[:-1]), reversed(after[:-1]), strict=True):
        migrate(engine, step, command.downgrade)
        assert everything(engine) == expected


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    up = everything(engine)
    migrate(engine)
    assert everything(engine) == up


def test_alembic_finds_nothing_to_migrate(databases: Databases) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "check"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": databases.migrated()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No new upgrade operations detected" in done.stdout


def test_a_database_with_data_goes_down_too(databases: Databases, tmp_path: Path) -> None:
    address = databases.migrated()
    load_into(address, *EditedSeeds(tmp_path).sources)
    engine = connect_for_loading(Settings(database_url=address))
    migrate(engine, "base", command.downgrade)
    with engine.connect() as connection:
        assert not TABLES & set(inspect(connection).get_table_names())
    engine.dispose()
