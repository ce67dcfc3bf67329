"""Commands that look and tell: check the seed files, hold the reading copy to the rows, find matching events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import select

from api.cli.database import Refused, copy_of, database, in_words, refuse_other_schema
from api.columns.check import differences
from api.columns.pieces import store_pieces
from api.matching.candidates import find, matches
from api.store.models import Dataset
from seeds.corpus.check import check, without_text
from seeds.corpus.files import SEEDS


@click.command("check")
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
        unchecked = without_text(path or SEEDS, corpus) if corpus is not None else []
    except ValueError as error:
        raise Refused(str(error)) from error
    for fault in faults:
        click.echo(str(fault))
    if unchecked:
        click.echo(f"Not held to a text, since {corpus} has none named for it: {', '.join(unchecked)}")
    if faults:
        raise Refused(f"{in_words(len(faults))}.")
    click.echo("No fault found.")


@click.command("columns")
@click.option("--check", "only_check", is_flag=True, help="Make nothing anew: hold the stored columns to the rows.")
def columns_command(only_check: bool) -> None:
    """Make the reading copy anew from the rows, and hold it to them: counts and sums of every dataset."""
    with database() as engine:
        refuse_other_schema(engine)
        with engine.begin() as connection:
            if not only_check:
                store_pieces(connection, connection.scalars(select(Dataset.id).order_by(Dataset.id)).all())
            found = list(differences(connection, copy_of(connection)))
    for one in found:
        click.echo(f"{one.dataset}: {one.what}: {one.rows} in the rows, {one.copy} in the columns", err=True)
    if found:
        raise Refused("The columns are not what the rows are.")
    click.echo("The columns are what the rows are.")


@click.command("match")
@click.argument("event")
@click.option(
    "--dataset", multiple=True, help="Of this dataset; several times for several. All others where none is named."
)
@click.option("--limit", default=10, show_default=True, help="How many at the most.")
def match_command(event: str, dataset: Sequence[str], limit: int) -> None:
    """Find events of other datasets that may tell of the same as EVENT; nothing is merged or changed."""
    with database() as engine:
        refuse_other_schema(engine)
        with engine.begin() as connection:
            copy = copy_of(connection)
        found = find(copy, event)
        if found is None:
            raise Refused(f"There is no event '{event}'.")
        listed = matches(copy, found, dataset)[:limit]
    if not listed:
        click.echo("No event of another dataset shares its place and days.")
    for other, (score, parts) in listed:
        told = ", ".join(f"{name} {part:.2f}" for name, part in parts.items() if part is not None)
        click.echo(f"{score:.2f} {other.id}: {other.title}, {other.start} to {other.end} ({told})")
