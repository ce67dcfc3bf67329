"""The command line: migrate, load, check, serve, and write the description."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from api import __version__
from api.columns.check import differences
from api.columns.copies import Copy, folder_of, make
from api.columns.pieces import store
from api.load.ingest import Progress
from api.load.loading import load
from api.load.removing import remove
from api.matching.candidates import find, matches
from api.operation.commands import COMMANDS, Refused, settings_of_environment
from api.server.serving import CannotListen, serve
from api.settings import Settings
from api.store.addresses import database_url, shown
from api.store.database import connect_for_loading
from api.store.inserts import LoadRefused
from api.store.models import Dataset
from api.store.revision import revision
from api.store.schema import UnknownMigration, current, head, migrate, refuse_unknown
from api.store.sqlite_file import SQLiteFile
from seeds.corpus.check import check
from seeds.corpus.files import SEEDS
from seeds.datasets import DATASETS, IMPORTERS, PLACES, importer_of
from seeds.importer.days import DAY_FIRST, MONTH_FIRST
from seeds.importer.table import Said

# What PostgreSQL says where a standby was found, and nothing else.
_NO_PRIMARY = "session is read-only"
_ELSEWHERE = "Set CONFLICT_EVENTS_CACHE_FOLDER to a folder that can be written to."


def _refuse_missing_file(settings: Settings) -> None:
    # SQLite would make an empty one.
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and SQLiteFile(url).state() is None:
        raise Refused(f"There is no file {url.database}. DATABASE_URL names it; `conflict-events migrate` makes it.")


@contextmanager
def _database(is_to_be_made: bool = False) -> Iterator[Engine]:
    """An engine for the database that the settings name. Whatever keeps it from working is told in a sentence."""
    settings = settings_of_environment()
    if not is_to_be_made:
        _refuse_missing_file(settings)
    engine = connect_for_loading(settings)
    try:
        yield engine
    except UnknownMigration as error:
        raise Refused(str(error)) from error
    except (OperationalError, ProgrammingError, CommandError) as error:
        told = str(getattr(error, "orig", error)).strip()
        reason = told.splitlines()[0]
        if _NO_PRIMARY in told:
            reason = "none of its hosts takes writes. Start the primary, or promote a standby."
        raise Refused(f"The database {shown(engine.url)} cannot be used: {reason}") from error
    finally:
        engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conflict-events")
def main() -> None:
    """Structured conflict-event data, with evidence for each value."""


for _command in COMMANDS:
    main.add_command(_command)


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date."""
    with _database(is_to_be_made=True) as engine:
        migrate(engine)
    click.echo("The schema is up to date.")


@main.command("load")
@click.argument("dataset", required=False, type=click.Choice(list(DATASETS)))
def load_command(dataset: str | None) -> None:
    """Load DATASET, or the gazetteer and the corpus; twice changes nothing."""
    with _database() as engine:
        _refuse_other_schema(engine)
        _load(engine, [dataset] if dataset is not None else list(DATASETS))


def _refuse_other_schema(engine: Engine) -> None:
    found = current(engine)
    refuse_unknown(found)
    if found != head():
        raise Refused("The database's schema is not up to date; run `conflict-events migrate` first.")


def _refuse_without_places(engine: Engine) -> None:
    # An import would bring the gazetteer's places as its own, and the gazetteer could never be loaded beside them.
    with engine.connect() as connection:
        found = connection.scalar(select(Dataset.id).where(Dataset.id == PLACES))
    if found is None:
        raise Refused("The gazetteer is not loaded; run `conflict-events load` first.")


def _load(engine: Engine, names: Sequence[str]) -> None:
    faults = check(SEEDS, None)
    if faults:
        for fault in faults:
            click.echo(str(fault), err=True)
        raise Refused(f"{_counted(len(faults))} in the seed files; nothing was loaded.")
    for name in names:
        with _shown(name) as progress:
            try:
                result = load(engine, DATASETS[name], progress, _leave_copy)
            except LoadRefused as error:
                raise Refused(f"{name}: {error}. The database is as it was.") from error
        if result.changed_nothing:
            click.echo(f"{name}: nothing changed.")
        else:
            click.echo(f"{name}:")
            for line in result.lines():
                click.echo(f"  {line}")


def _leave_copy(connection: Connection) -> None:
    """Makes the reading copy of what a load leaves behind, so that whoever serves on this machine finds it."""
    _file, held = make(connection, revision(connection), folder_of(settings_of_environment()))
    held.close()


def _counted(faults: int) -> str:
    return "1 fault" if faults == 1 else f"{faults:,} faults"


@contextmanager
def _shown(name: str) -> Iterator[Progress]:
    """Progress on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _what, _count: None
        return
    done: dict[str, int] = {}
    with click.progressbar(length=0, label=name, file=sys.stderr, show_eta=False, show_percent=False) as bar:

        def progress(what: str, count: int) -> None:
            done[what] = done.get(what, 0) + count
            bar.length = (bar.length or 0) + count
            bar.label = f"{name}: {done[what]:,} {what}"
            bar.update(count)

        yield progress


@main.command("import")
@click.argument("told", nargs=-1, required=True, metavar="[DATASET] FILE")
@click.option("--release", help="The publisher's name of the release, where the file does not tell it.")
@click.option("--part", is_flag=True, help="FILE is a part of what is wanted: what it does not hold is kept.")
@click.option("--older", is_flag=True, help="FILE is of an older release than is loaded: take it nevertheless.")
@click.option("--smaller", is_flag=True, help="FILE may hold far fewer events than stand: the others are withdrawn.")
@click.option("--strict", is_flag=True, help="Refuse FILE for one row that cannot be read, and for one unknown code.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the rows that are set aside to this CSV file, to be mended and imported with --part.",
)
@click.option(
    "--dates",
    type=click.Choice([DAY_FIRST, MONTH_FIRST]),
    help="Which comes first in dates such as 3/11/2023, where the file does not tell it.",
)
@click.option("--whole", is_flag=True, help="FILE is whole, though its last line has no line break.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
def import_command(
    told: tuple[str, ...],
    release: str | None,
    part: bool,
    older: bool,
    smaller: bool,
    strict: bool,
    rejects: Path | None,
    dates: str | None,
    whole: bool,
    dry_run: bool,
) -> None:
    """Import FILE of a publisher's beside what is there; a newer release of its dataset replaces the older.

    Which DATASET it is of is known by its columns, and may be named. Rows that cannot be read are set aside, up to a tenth
    of the file.
    """
    file, given = _file_and_dataset(told)
    try:
        dataset, importer = importer_of(file, given)
    except LoadRefused as error:
        raise Refused(f"{given or file.name}: {error}\nThe database is as it was.") from error
    with _database() as engine, _bytes_shown(dataset, file) as progress:
        _refuse_other_schema(engine)
        _refuse_without_places(engine)
        source = importer(file, progress, release)
        source.is_complete, source.may_shrink = not (part or source.is_always_part), smaller
        source.takes_older = older
        source.report.is_strict, source.said, source.rejects = strict, Said(dates, whole, part), rejects
        try:
            result = load(engine, source, lambda _what, _count: None, _leave_copy, is_trial=dry_run)
        except LoadRefused as error:
            raise Refused(f"{dataset}: {error}\nThe database is as it was.") from error
    if result.changed_nothing:
        click.echo(f"{dataset}: nothing changed.")
        return
    named = "" if source.release is None else f", release {source.release.name}"
    click.echo(f"{dataset}{named}{', what would be done' if dry_run else ''}:")
    for line in (*source.report.lines(), *result.lines()):
        click.echo(f"  {line}")
    if rejects is not None and source.report.refused_count:
        of = "" if source.release is None else f" --release {shlex.quote(source.release.name)}"
        click.echo(f"  rows set aside are in {rejects}; mend them there and import it with --part{of}")


def _file_and_dataset(told: tuple[str, ...]) -> tuple[Path, str | None]:
    """The file to import, and its dataset where it is named before it."""
    *before, printed = told
    file = Path(printed)
    if len(before) > 1:
        raise click.UsageError("one file is imported at a time: [DATASET] FILE")
    if before and before[0] not in IMPORTERS:
        raise click.BadParameter(
            f"'{before[0]}' is not one of {', '.join(map(repr, IMPORTERS))}.", param_hint="DATASET"
        )
    if not file.is_file():
        raise click.BadParameter(f"There is no file '{printed}'.", param_hint="FILE")
    return file, before[0] if before else None


@main.command("remove")
@click.argument("dataset")
def remove_command(dataset: str) -> None:
    """Withdraw DATASET: its ids answer 410 from then on. What other datasets use of it stays."""
    with _database() as engine:
        _refuse_other_schema(engine)
        if dataset == PLACES:
            raise Refused("The gazetteer's places are what all other datasets stand on; it cannot be removed.")
        try:
            result = remove(engine, dataset, _leave_copy)
        except LoadRefused as error:
            raise Refused(f"{error}. The database is as it was.") from error
    click.echo(f"{dataset}:")
    for line in result.lines():
        click.echo(f"  {line}")


@main.command("match")
@click.argument("event")
@click.option(
    "--dataset", multiple=True, help="Of this dataset; several times for several. All others where none is named."
)
@click.option("--limit", default=10, show_default=True, help="How many at the most.")
def match_command(event: str, dataset: Sequence[str], limit: int) -> None:
    """Find events of other datasets that may tell of the same as EVENT; nothing is merged or changed."""
    with _database() as engine:
        _refuse_other_schema(engine)
        with engine.begin() as connection:
            file, held = make(connection, revision(connection), folder_of(settings_of_environment()))
        copy = Copy(file, held)
        found = find(copy, event)
        if found is None:
            raise Refused(f"There is no event '{event}'.")
        listed = matches(copy, found, dataset)[:limit]
    if not listed:
        click.echo("No event of another dataset shares its place and days.")
    for other, (score, parts) in listed:
        told = ", ".join(f"{name} {part:.2f}" for name, part in parts.items() if part is not None)
        click.echo(f"{score:.2f} {other.id}: {other.title}, {other.start} to {other.end} ({told})")


@contextmanager
def _bytes_shown(name: str, file: Path) -> Iterator[Callable[[int], None]]:
    """Progress by bytes of the file on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    with click.progressbar(length=file.stat().st_size, label=name, file=sys.stderr) as bar:
        yield bar.update


@main.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--corpus",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with the texts: spans, names and numbers are held to them, and no sentence may be left out.",
)
def check_command(path: Path | None, corpus: Path | None) -> None:
    """Check the seed files in PATH (all of them by default); tells every fault and exits 1."""
    try:
        faults = check(path or SEEDS, corpus)
    except ValueError as error:
        raise Refused(str(error)) from error
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise Refused(f"{_counted(len(faults))}.")
    click.echo("No fault found.")


@main.command("columns")
@click.option("--check", "only_check", is_flag=True, help="Make nothing anew: hold the stored columns to the rows.")
def columns_command(only_check: bool) -> None:
    """Make the reading copy anew from the rows, and hold it to them: counts and sums of every dataset."""
    with _database() as engine:
        _refuse_other_schema(engine)
        with engine.begin() as connection:
            if not only_check:
                store(connection, connection.scalars(select(Dataset.id).order_by(Dataset.id)).all())
            file, held = make(connection, revision(connection), folder_of(settings_of_environment()))
            found = list(differences(connection, Copy(file, held)))
    for one in found:
        click.echo(f"{one.dataset}: {one.what}: {one.rows} in the rows, {one.copy} in the columns", err=True)
    if found:
        raise Refused("The columns are not what the rows are.")
    click.echo("The columns are what the rows are.")


@main.command("serve")
@click.option("--host", help="The address to serve at, in place of the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, in place of the setting.")
def serve_command(host: str | None, port: int | None) -> None:
    """Serve the API with granian, as the settings say."""
    # Workers read the environment too.
    told = {"CONFLICT_EVENTS_HOST": host, "CONFLICT_EVENTS_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items() if value is not None})
    settings = settings_of_environment()
    _refuse_missing_file(settings)
    try:
        folder_of(settings)
    except OSError as error:
        raise Refused(f"{error.filename} cannot be used for reading copies: {error.strerror}. {_ELSEWHERE}") from error
    try:
        serve(settings, lambda: _greet(f"http://{settings.host}:{settings.port}"))
    except CannotListen as error:
        raise Refused(str(error)) from error


def _greet(address: str) -> None:
    """Says where the service is, and three things to ask it."""
    click.echo(
        f"""
The API        {address}/
The explorer   {address}/docs/

Three questions to try:
  curl '{address}/v1/casualties/totals?measure=killed&group_by=population'
  curl '{address}/v1/events?group=AA&location=Rakhine'
  curl '{address}/v1/displacements?format=csv'
"""
    )


@main.command("openapi")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("openapi.yaml"))
def openapi_command(output: Path) -> None:
    """Write the description of the API to a file."""
    from api.answers.description import description
    from api.app import create_app
    from api.resources.about import as_yaml

    app = create_app(settings_of_environment())
    with app.app_context():
        output.write_text(as_yaml(description(app)), encoding="utf-8")
    click.echo(f"Wrote {output}.")


if __name__ == "__main__":
    main()


@main.command("mcp")
@click.option(
    "--url", help="Ask the service at this address; without it, the database that the settings name, in process."
)
def mcp_command(url: str | None) -> None:
    """Serve assistants over standard input and output, by the Model Context Protocol (needs the extra `mcp`)."""
    try:
        from api.assistants.server import server
    except ModuleNotFoundError as error:
        raise Refused("It needs the extra: pip install 'conflict-events-api[mcp]'.") from error
    from api.app import create_app
    from api.assistants.asking import at, within

    if url is not None:
        server(at(url)).run()
        return
    settings = settings_of_environment()
    _refuse_missing_file(settings)
    server(within(create_app(settings))).run()
