"""Commands for whoever looks after a service: doctor, status, backup, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from api.cli.database import Refused, refuse_missing_file, settings_of_environment
from api.operation import backup as copies
from api.operation.doctor import findings
from api.operation.status import status
from api.store.database import connect_unpooled
from api.store.schema import current, head


@click.command("doctor")
def doctor_command() -> None:
    """Look at all that the service stands on; tells each fault with its remedy, and exits 1 if there is one."""
    faults = 0
    for found in findings(settings_of_environment()):
        if found.fault is None:
            click.echo(f"ok     {found.what}")
        else:
            faults += 1
            click.echo(f"FAULT  {found.what}: {found.fault}; {found.remedy}")
    if faults:
        raise Refused(f"{faults} to mend.")


@click.command("status")
def status_command() -> None:
    """Tell what is loaded, since when, and how large it is."""
    settings = settings_of_environment()
    engine = connect_unpooled(settings)
    try:
        if current(engine) != head():
            raise Refused("The database's schema is not up to date; `conflict-events doctor` says more.")
        with engine.connect() as connection:
            for line in status(connection, settings):
                click.echo(line)
    except DBAPIError as error:
        raise Refused("The database cannot be read; `conflict-events doctor` says more.") from error
    finally:
        engine.dispose()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except copies.NotCopied as error:
        raise Refused(str(error)) from error
    except DBAPIError as error:
        raise Refused("The database cannot be used; `conflict-events doctor` says more.") from error


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Copy the database to FILE, which is not there yet, whoever reads or writes meanwhile."""
    settings = settings_of_environment()
    refuse_missing_file(settings)
    with _refusing():
        copies.backup(settings, file)
    click.echo(f"Wrote {file}.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Put what FILE, a backup, holds in the place of what the database holds."""
    with _refusing():
        copies.restore(settings_of_environment(), file)
    click.echo("Restored. Run `conflict-events migrate` if this software is newer than the backup.")
