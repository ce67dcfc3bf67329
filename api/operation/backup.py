"""Copies a database to a file and back, whoever reads or writes meanwhile."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import inspect
from sqlalchemy.engine import URL

from api.settings import Settings
from api.store.addresses import arguments_of, database_url, for_writing
from api.store.database import connect_for_loading
from api.store.sqlite_file import SQLiteFile
from api.store.statistics import refresh_statistics

# Roles and their rights are of a server, not of what is copied.
_UNOWNED = ("--no-owner", "--no-privileges")


class NotCopied(Exception):
    """A backup or its restoration was not made; the message says why."""


def backup(settings: Settings, file: Path) -> None:
    """Writes one state of the database to a new file, which has its name once it is whole. Errors: NotCopied."""
    if file.exists():
        raise NotCopied(f"{file} is there already; name a file that is not.")
    if not file.parent.is_dir():
        raise NotCopied(f"There is no folder {file.parent}.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    url = database_url(settings.database_url)
    try:
        if url.get_backend_name() == "sqlite":
            unfinished.unlink(missing_ok=True)
            with closing(SQLiteFile(url, settings.busy_timeout_seconds).open()) as source:
                # In one transaction: what is written meanwhile is not in it, and does not begin it anew.
                source.execute("BEGIN")
                source.execute("SELECT 1 FROM sqlite_schema").fetchone()
                with closing(sqlite3.connect(unfinished)) as copy:
                    source.backup(copy)
                    # A file by itself, which nobody needs a log beside to read.
                    copy.execute("PRAGMA journal_mode = DELETE")
        else:
            _run("pg_dump", url, "--format=custom", *_UNOWNED, f"--file={unfinished}")
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    except sqlite3.Error as error:
        raise NotCopied(f"The database cannot be copied: {error}.") from error
    finally:
        for name in (unfinished.name, f"{unfinished.name}-wal", f"{unfinished.name}-shm"):
            unfinished.with_name(name).unlink(missing_ok=True)


def restore(settings: Settings, file: Path) -> None:
    """Puts what a backup holds in the place of all that the database holds, in one transaction. PostgreSQL's has to be empty.

    Errors: NotCopied.
    """
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        try:
            with closing(SQLiteFile(database_url(f"sqlite:///{file}")).open()) as source:
                source.execute("SELECT version_num FROM alembic_version").fetchone()
                with closing(sqlite3.connect(url.database or "", timeout=settings.busy_timeout_seconds)) as target:
                    source.backup(target)
                    target.execute("PRAGMA journal_mode = WAL")
                    target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise NotCopied(f"{file} cannot be restored: {error}.") from error
        return
    engine = connect_for_loading(settings)
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise NotCopied(
                "The database is not empty. Who reads it meanwhile would find it empty for a moment: restore into a new one, "
                "and start the service with that."
            )
    _run("pg_restore", for_writing(url), *_UNOWNED, "--single-transaction", "--exit-on-error", str(file))
    with engine.begin() as connection:
        refresh_statistics(connection)
    engine.dispose()


def _run(program: str, url: URL, *arguments: str) -> None:
    """Runs one of PostgreSQL's own programs on the database. Errors: NotCopied, with what it said."""
    found = shutil.which(program)
    if found is None:
        raise NotCopied(f"{program} is not installed. On Debian: apt-get install postgresql-client")
    # Debian's of version 15 know how to take the next host, and not how to choose at random.
    named = arguments_of(url.difference_update_query(["load_balance_hosts"]))
    # Others see what a process was started with, and not its environment.
    password = str(named.pop("password", ""))
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    command = [found, *arguments, f"--dbname={make_conninfo(**named)}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotCopied(f"{program}: {done.stderr.strip()}")
