"""Measures load and faults on both engines, and prints a table of what came of each. `make soak ARGUMENTS=--help`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from seeds.datasets import DATASETS
from tests.conftest import ENGINES, load_into
from tests.databases import QUICKEST, Databases, postgresql_server
from tests.many_events import many_events
from tests.running import Running, running
from tests.soak import faults, load
from tests.soak.generated import generated_questions
from tests.soak.paced import twice_the_comfortable_rate
from tests.soak.replication import replication

Row = tuple[str, str]


@click.command()
@click.option("--seconds", default=60.0, show_default=True, help="How long each load lasts.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="This engine alone.")
@click.option("--database", "address", help="Ask this database, loaded before, in place of a new small one.")
@click.option("--questions", default=10_000, show_default=True, help="How many are generated at least.")
@click.option("--only", default="", help="Only what has this in its name.")
def main(seconds: float, engines: tuple[str, ...], address: str | None, questions: int, only: str) -> None:
    """Load the service and harm it, and tell what came of it."""
    click.echo("| What | Engine | Result |\n|---|---|---|")
    for engine in engines or ENGINES:
        with ExitStack() as opened, tempfile.TemporaryDirectory(prefix="conflict-events-soak-") as name:
            server = opened.enter_context(postgresql_server(QUICKEST)) if engine == "postgresql" else None
            databases = Databases(server, Path(name))
            for what, result in _results(databases, address, Path(name), seconds, questions, only):
                click.echo(f"| {what} | {engine} | {result} |")


def _results(
    databases: Databases, given: str | None, folder: Path, seconds: float, questions: int, only: str
) -> Iterator[Row]:
    corpus = databases.migrated()
    load_into(corpus, *DATASETS.values())
    if only in "generated questions":
        yield "generated questions", generated_questions(corpus, questions)
    address = given or databases.served(many_events(databases, corpus))
    on_one_server: list[tuple[str, Callable[[Running], str]]] = [
        ("mixed replay", lambda server: load.replay(server, seconds)),
        ("replay by wrk", lambda server: load.wrk_replay(server, seconds)),
        ("twice the comfortable rate", lambda server: twice_the_comfortable_rate(server, seconds)),
        ("lists beside ten slow exports", lambda server: load.lists_beside_slow_exports(server, seconds / 2)),
        ("fifty heavy clients", lambda server: load.heavy_clients(server, seconds / 2)),
        ("a worker killed", faults.worker_killed),
    ]
    if databases.server is not None:
        served = address
        on_one_server += [
            ("PostgreSQL's connections ended", lambda server: faults.connections_ended(server, served)),
            ("PostgreSQL hung for 5 s", lambda server: faults.postgresql_hung(server, served)),
            ("PostgreSQL's connections used up for 5 s", lambda server: faults.connections_used_up(server, served)),
        ]
    for what, measure in on_one_server:
        if only in what:
            with running(address, folder) as server:
                load.wait_for_copy(server)
                yield what, measure(server)
    if only in "cache folder":
        yield from faults.cache_folders(address, folder)
    if only in "disk of the database full":
        yield from faults.database_disk_full(databases, folder)
    if only in "migrations killed":
        yield "migrations killed", faults.migrations_killed(databases)
    if databases.server is not None:
        yield from replication(folder, seconds, only)
    if only in "loads killed":
        yield "loads killed", faults.loads_killed(databases.empty())


if __name__ == "__main__":
    main()
