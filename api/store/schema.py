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


def _config(migrations: Path = MIGRATIONS) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def head() -> str:
    """The id of the newest migration."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None, "there is one head"
    return found


def is_new_enough(found: str | None, wanted: str) -> bool:
    """Whether a database at the migration found can be read by software that needs the wanted one: it is at the same or a later
    one, since migrations only add what older software does not ask for (docs/operating.md, Upgrading). Their ids are numbers."""
    return found is not None and found.isdigit() and int(found) >= int(wanted)


def current(engine: Engine) -> str | None:
    """The id of the migration that the database is at; null where it was never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


class UnusableDatabase(Exception):
    """The database answers, and cannot be used as it is; `fault` says why, and `remedy` what to do."""

    def __init__(self, fault: str, remedy: str) -> None:
        self.fault, self.remedy = fault, remedy
        super().__init__(f"The database cannot be used, since {fault}: {remedy}.")


class UnknownMigration(UnusableDatabase):
    """The database is at a migration that this software lacks: newer software made it, or one from before the first release."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"it is at migration {found}, which this software does not know",
            "use the software that made it, or a newer one; or set DATABASE_URL to a new database, migrate and load",
        )


class OtherEncoding(UnusableDatabase):
    """The database of PostgreSQL stores text otherwise than as Unicode, as in a cluster that was made with the language C."""

    def __init__(self, found: str) -> None:
        made = "CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
        super().__init__(f"its encoding is {found}, not UTF8", f"make another by {made}")


def refuse_other_encoding(engine: Engine) -> None:
    """Errors: OtherEncoding."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        found = str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())
    if found != "UTF8":
        raise OtherEncoding(found)


def refuse_unknown(revision: str | None, migrations: Path = MIGRATIONS) -> None:
    """Errors: UnknownMigration, where it is none of those in a folder."""
    known = {script.revision for script in ScriptDirectory.from_config(_config(migrations)).walk_revisions()}
    if revision is not None and revision not in known:
        raise UnknownMigration(revision)


def migrate(
    engine: Engine,
    revision: str = "head",
    step: Callable[[Config, str], None] = command.upgrade,
    migrations: Path = MIGRATIONS,
) -> None:
    """Brings the database up to this migration of those in a folder, or by `command.downgrade` down to it; `base` is an
    empty one."""
    config = _config(migrations)
    refuse_other_encoding(engine)
    refuse_unknown(current(engine), migrations)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        step(config, revision)
        connection.commit()
