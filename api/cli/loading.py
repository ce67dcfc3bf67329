"""Commands that change the data: migrate, load, import, remove."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine, select

from api.cli.database import Refused, database, in_words, prepare_copy, refuse_other_schema
from api.load.dataset_removal import remove
from api.load.ingest import Progress
from api.load.loading import load
from api.load.source import LoadRefused, LoadSource
from api.store.models import Dataset
from api.store.schema import migrate
from seeds.corpus.check import check
from seeds.corpus.files import SEEDS
from seeds.datasets import DATASETS, IMPORTERS, PLACES, importer_of
from seeds.importer.days import DAY_FIRST, MONTH_FIRST
from seeds.importer.table import FileOptions


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date."""
    with database(is_to_be_made=True) as engine:
        migrate(engine)
    click.echo("The schema is up to date.")


@click.command("load")
@click.argument("dataset", required=False, type=click.Choice(list(DATASETS)))
def load_command(dataset: str | None) -> None:
    """Load DATASET, or the gazetteer and the corpus; twice changes nothing."""
    with database() as engine:
        refuse_other_schema(engine)
        _load(engine, [dataset] if dataset is not None else list(DATASETS))


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
        raise Refused(f"{in_words(len(faults))} in the seed files; nothing was loaded.")
    for name in names:
        with _record_progress(name) as progress:
            try:
                result = load(engine, DATASETS[name], progress, prepare_copy)
            except LoadRefused as error:
                raise Refused(f"{name}: {error}. The database is as it was.") from error
        if result.changed_nothing:
            click.echo(f"{name}: nothing changed.")
        else:
            click.echo(f"{name}:")
            for line in result.lines():
                click.echo(f"  {line}")


@contextmanager
def _record_progress(name: str) -> Iterator[Progress]:
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


@click.command("import")
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
        raise _import_refusal(given, error) from error
    except OSError as error:
        raise _import_refusal(None, f"{error.filename or file}: {error.strerror}.") from error
    with database() as engine, _byte_progress(dataset, file) as progress:
        refuse_other_schema(engine)
        _refuse_without_places(engine)
        source = importer(file, progress, release)
        source.is_whole, source.may_shrink = not (part or source.is_always_part), smaller
        source.takes_older = older
        source.report.is_strict, source.options, source.rejects = strict, FileOptions(dates, whole, part), rejects
        try:
            result = load(engine, source, lambda _what, _count: None, prepare_copy, is_trial=dry_run)
            if result.changed_nothing and rejects is not None:
                _read_again(engine, source)
        except LoadRefused as error:
            raise _import_refusal(dataset, error) from error
    named = "" if source.release is None else f", release {source.release.name}"
    if result.changed_nothing:
        click.echo(f"{dataset}: nothing changed.")
        lines = [] if rejects is None and source.release is not None else list(source.report.lines())
    else:
        click.echo(f"{dataset}{named}{', what would be done' if dry_run else ''}:")
        lines = [*source.report.lines(), *result.lines()]
    for line in lines:
        click.echo(f"  {line}")
    if rejects is None and source.report.set_aside_count:
        click.echo("  --rejects FILE writes the rows that are set aside to a file, to be mended there and imported")
    elif source.report.set_aside_count:
        of = "" if source.release is None else f" --release {shlex.quote(source.release.name)}"
        click.echo(f"  rows set aside are in {rejects}; mend them there and import it with --part{of}")


def _read_again(engine: Engine, source: LoadSource) -> None:
    """Reads a file that is loaded already for the rows that it sets aside. Errors: LoadRefused."""
    with engine.connect() as connection:
        for _kind, _record in source.records(connection):
            pass


def _import_refusal(dataset: str | None, why: object) -> Refused:
    """Why an import is refused, and of which dataset, where that is known; and that it changed nothing."""
    return Refused(f"{'' if dataset is None else f'{dataset}: '}{why}\nThe database is as it was.")


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
    if file.is_dir():
        raise click.BadParameter(f"'{printed}' is a folder; name one of its files.", param_hint="FILE")
    if not file.is_file():
        raise click.BadParameter(f"There is no file '{printed}'.", param_hint="FILE")
    return file, before[0] if before else None


@contextmanager
def _byte_progress(name: str, file: Path) -> Iterator[Callable[[int], None]]:
    """Progress by bytes of the file on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    with click.progressbar(length=file.stat().st_size, label=name, file=sys.stderr) as bar:
        yield bar.update


@click.command("remove")
@click.argument("dataset")
def remove_command(dataset: str) -> None:
    """Withdraw DATASET: its ids answer 410 from then on. What other datasets use of it stays."""
    with database() as engine:
        refuse_other_schema(engine)
        if dataset == PLACES:
            raise Refused("The gazetteer's places are what all other datasets stand on; it cannot be removed.")
        try:
            result = remove(engine, dataset, prepare_copy)
        except LoadRefused as error:
            raise Refused(f"{error}. The database is as it was.") from error
    click.echo(f"{dataset}:")
    for line in result.lines():
        click.echo(f"  {line}")
