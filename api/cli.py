"""The command line: migrate, load, check, serve, and write the description."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api import __version__
from api.db import connect_for_loading
from api.loading import Progress, Source, load
from api.loose_ends import LoadRefused
from api.migrating import migrate
from api.settings import SettingError, Settings
from seeds.check import check
from seeds.coded import SEEDS
from seeds.corpora import Corpus, Gazetteer

# What is loaded when no dataset is named, in this order: later ones refer to earlier ones.
DATASETS: dict[str, Source] = {"gazetteer": Gazetteer(), "op1027": Corpus(SEEDS / "op1027")}


class Refused(click.ClickException):
    """Something that the user can mend: told on standard error, exit 1."""

    exit_code = 1


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingError as error:
        raise Refused(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conflict-events")
def main() -> None:
    """Structured conflict-event data, with evidence for each value."""


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date."""
    engine = connect_for_loading(_settings())
    migrate(engine)
    click.echo("The schema is up to date.")


@main.command("load")
@click.argument("dataset", required=False, type=click.Choice(list(DATASETS)))
def load_command(dataset: str | None) -> None:
    """Load DATASET, or the gazetteer and the corpus; twice changes nothing."""
    engine = connect_for_loading(_settings())
    faults = check(SEEDS, None)
    if faults:
        for fault in faults:
            click.echo(str(fault), err=True)
        raise Refused(f"{len(faults)} faults in the seed files; nothing was loaded.")
    for name in [dataset] if dataset is not None else DATASETS:
        with _shown(name) as progress:
            try:
                account = load(engine, DATASETS[name], progress)
            except LoadRefused as error:
                raise Refused(f"{name}: {error}. The database is as it was.") from error
        if account.changed_nothing:
            click.echo(f"{name}: nothing changed.")
        else:
            click.echo(f"{name}:")
            for line in account.lines():
                click.echo(f"  {line}")


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
        raise Refused(f"{len(faults)} faults.")
    click.echo("No fault found.")


@main.command("serve")
def serve_command() -> None:
    """Serve the API with granian, as the settings say."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    settings = _settings()
    server = Granian(
        "api.app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.on_startup(lambda: _greet(f"http://{settings.host}:{settings.port}"))
    server.serve()


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
    from api.app import create_app
    from api.docs import description
    from api.resources.about import as_yaml

    app = create_app(_settings())
    with app.app_context():
        output.write_text(as_yaml(description(app)), encoding="utf-8")
    click.echo(f"Wrote {output}.")
