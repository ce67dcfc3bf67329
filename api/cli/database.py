"""What the commands share: the settings, an engine for the database that they name, and refusals in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from api.columns.copy_files import folder_of, make_copy
from api.columns.reading_copy import Copy
from api.settings import SettingError, Settings
from api.store.addresses import AddressError, database_url, without_password
from api.store.database import connect_for_loading
from api.store.revision import revision
from api.store.schema import UnusableDatabase, current, head, refuse_unknown
from api.store.sqlite_file import SQLiteFile

# What PostgreSQL says where a standby was found, and nothing else.
_NO_PRIMARY = "session is read-only"


class Refused(click.ClickException):
    """Something that the user can mend: told on standard error, exit 1."""

    exit_code = 1


def settings_of_environment() -> Settings:
    """The settings, or a sentence that says which of them is wrong."""
    try:
        settings = Settings.from_environment()
        database_url(settings.database_url)
    except (SettingError, AddressError) as error:
        raise Refused(str(error)) from error
    return settings


def refuse_missing_file(settings: Settings) -> None:
    """Refuses an SQLite file that is not there, of which SQLite would make an empty one."""
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and SQLiteFile(url).state() is None:
        raise Refused(f"There is no file {url.database}. DATABASE_URL names it; `conflict-events migrate` makes it.")


def refuse_unusable_folder(settings: Settings) -> None:
    """Refuses a folder for reading copies that cannot be written to, before all the work that would end there."""
    try:
        folder_of(settings)
    except OSError as error:
        told = f"{error.filename} cannot be used for reading copies: {error.strerror}."
        raise Refused(f"{told} Set CONFLICT_EVENTS_CACHE_FOLDER to a folder that can be written to.") from error


@contextmanager
def database(is_to_be_made: bool = False) -> Iterator[Engine]:
    """An engine for the database that the settings name. Whatever keeps it from working is told in a sentence."""
    settings = settings_of_environment()
    if not is_to_be_made:
        refuse_missing_file(settings)
        refuse_unusable_folder(settings)
    engine = connect_for_loading(settings)
    try:
        yield engine
    except UnusableDatabase as error:
        raise Refused(str(error)) from error
    except (OperationalError, ProgrammingError, CommandError) as error:
        told = str(getattr(error, "orig", error)).strip()
        reason = told.splitlines()[0]
        if _NO_PRIMARY in told:
            reason = "none of its hosts takes writes. Start the primary, or promote a standby."
        raise Refused(f"The database {without_password(engine.url)} cannot be used: {reason}") from error
    finally:
        engine.dispose()


def refuse_other_schema(engine: Engine) -> None:
    """Refuses a database whose schema is another than this software's."""
    found = current(engine)
    refuse_unknown(found)
    if found != head():
        raise Refused("The database's schema is not up to date; run `conflict-events migrate` first.")


def prepare_copy(connection: Connection) -> None:
    """Makes the reading copy of what a load leaves behind, so that whoever serves on this machine finds it."""
    _file, held = make_copy(connection, revision(connection), settings_of_environment())
    held.close()


def copy_of(connection: Connection) -> Copy:
    """The reading copy of what this connection sees."""
    return Copy(*make_copy(connection, revision(connection), settings_of_environment()))


def in_words(faults: int) -> str:
    """How many faults there are."""
    return "1 fault" if faults == 1 else f"{faults:,} faults"
