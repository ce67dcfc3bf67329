"""Migrates the database, and says which migration it is at (Alembic calls it a revision)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head() -> str:
    """The id of the newest migration."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None, "there is one head"
    return found


def current(engine: Engine) -> str | None:
    """The id of the migration that the database is at; null where it was never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine, revision: str = "head", step: Callable[[Config, str], None] = command.upgrade) -> None:
    """Brings the database up to this migration, or by `command.downgrade` down to it; `base` is an empty one."""
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        step(config, revision)
        connection.commit()
