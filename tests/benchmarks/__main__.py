"""The benchmark: targets met or missed, and others beside us in the same run. `make bench ARGUMENTS=--help`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from tests.benchmarks import exports, flat, lists, loads, page, real_rows, records, totals
from tests.benchmarks.cores import asking
from tests.benchmarks.engines import Database, empty_databases, remove
from tests.benchmarks.facts import facts
from tests.benchmarks.installed import refuse_where_missing
from tests.benchmarks.machine import machine
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.results import Results, merge, read, say
from tests.benchmarks.servers import ours
from tests.benchmarks.service import describe
from tests.benchmarks.stage import Pace, Section, Stage
from tests.benchmarks.targets import DATA, ENGINES, REAL, SECTIONS

DEFAULT_EVENTS = 100_000
QUICK_SECONDS, QUICK_SWEEP = 0.3, 10.0
MEASURED: dict[str, Section] = {
    "lists": lists.measure,
    "totals": totals.measure,
    "records": records.measure,
    "exports": exports.measure,
}


@dataclass(frozen=True)
class Plan:
    """What is to be measured, of how many events, and where it is written."""

    events: int
    sections: Sequence[str]
    pace: Pace
    rows: Path
    page: Path


@click.command()
@click.option("--events", default=DEFAULT_EVENTS, show_default=True, help="How many events there are.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="This engine alone.")
@click.option("--data", "datas", multiple=True, type=click.Choice(DATA), help="This data alone.")
@click.option("--section", "sections", multiple=True, type=click.Choice(SECTIONS), help="This section alone.")
@click.option("--database", "address", help="Measure this database, loaded before, in place of a new one; name --data.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder in which SQLite databases and flat tables stay, for --database.",
)
@click.option(
    "--rows",
    type=click.Path(dir_okay=False, path_type=Path),
    default=real_rows.USUAL,
    help="The file of real UCDP GED rows that are replicated.",
)
@click.option("--seconds", default=1.0, show_default=True, help="How long each subject is asked in each round.")
@click.option("--rounds", default=3, show_default=True, help="How many rounds there are.")
@click.option("--sweep-seconds", default=600.0, show_default=True, help="The most that one sweep of questions takes.")
@click.option("--quick", is_flag=True, help="One short round and short sweeps, to see that all of it runs.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=page.PAGE, help="The page to write.")
def main(
    events: int,
    engines: Sequence[str],
    datas: Sequence[str],
    sections: Sequence[str],
    address: str | None,
    keep: Path | None,
    rows: Path,
    seconds: float,
    rounds: int,
    sweep_seconds: float,
    quick: bool,
    output: Path,
) -> None:
    """Measure, and write docs/performance.md; what is not measured stays in it as it was."""
    pace = Pace(QUICK_SECONDS, 1, min(sweep_seconds, QUICK_SWEEP)) if quick else Pace(seconds, rounds, sweep_seconds)
    plan = Plan(events, sections or SECTIONS, pace, rows, output)
    databases = [Database(address)] if address else []
    if address and len(datas) != 1:
        raise click.UsageError("With --database, name the --data that it holds.")
    engines = [database.engine for database in databases] or engines or ENGINES
    refuse_where_missing([] if address else engines)
    start = time.monotonic()
    try:
        with _folder(keep) as folder:
            for engine in engines:
                for data in datas or DATA:
                    if data == REAL and not address and not rows.exists():
                        say(f"There are no real rows at {rows}; name a file with --rows.")
                        continue
                    _measure(plan, engine, data, address, folder)
    except BenchmarkFailed as error:
        raise click.ClickException(str(error)) from error
    say(f"Wrote {output} after {time.monotonic() - start:,.0f} s.")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="conflict-events-benchmark-") as folder:
        yield Path(folder)


def _measure(plan: Plan, engine: str, data: str, address: str | None, folder: Path) -> None:
    """Loads one database where none is named, measures it, and writes what came of it."""
    results = Results(engine, data)
    inside = folder / f"{engine}-{data}-{plan.events}"
    cache = inside / "cache"
    if address:
        # How it was loaded is not known.
        wanted = [section for section in plan.sections if section in MEASURED]
        _measure_loaded(replace(plan, sections=wanted), Database(address), cache, inside, results)
        return
    remove(inside)
    with empty_databases(engine, inside) as made:
        database = Database(made.empty())
        with _told(f"{engine}, {data}: loading {plan.events:,} events into {database.address}"):
            loads.prepare(database, cache)
            loaded = _load(plan, database, data, cache, inside)
            database.settle()
        if "loads" in plan.sections:
            loads.judge(loaded, database, cache, results)
        _measure_loaded(plan, database, cache, inside, results)


def _load(plan: Plan, database: Database, data: str, cache: Path, inside: Path) -> loads.Loaded:
    if data != REAL:
        return loads.load_world(database, cache, plan.events)
    rows = inside / real_rows.NAME
    real_rows.replicate(plan.rows, rows, plan.events)
    loaded = loads.import_rows(database, cache, rows, plan.events)
    rows.unlink()
    return loaded


def _measure_loaded(plan: Plan, database: Database, cache: Path, inside: Path, results: Results) -> None:
    done = [section for section in plan.sections if section not in MEASURED]
    _keep(plan, database, results, done)
    wanted = [section for section in plan.sections if section in MEASURED]
    if not wanted:
        return
    # PostgreSQL was started before, and stays free to use any core.
    with asking():
        stage = _staged(plan, database, cache, inside, results)
        for section in wanted:
            results.section = section
            with _told(f"{results.engine}, {results.data}: {section}"):
                MEASURED[section](stage)
            # At once, so that nothing is lost where something fails later.
            done.append(section)
            _keep(plan, database, results, done)


def _keep(plan: Plan, database: Database, results: Results, sections: Sequence[str]) -> None:
    if sections:
        kept = page.results_file(plan.page)
        merge(kept, plan.events, machine(database), results, sections)
        page.write(read(kept), plan.page)


def _staged(plan: Plan, database: Database, cache: Path, inside: Path, results: Results) -> Stage:
    with (
        _told(f"{results.engine}, {results.data}: flat tables"),
        ours(database.address, cache, remembers=False) as server,
    ):
        service = describe(server)
        made = flat.make(server, inside / "flat", service)
    return Stage(database, cache, made, facts(made.sqlite), service, plan.pace, inside, results)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    say(f"{what} …")
    start = time.monotonic()
    yield
    say(f"  {time.monotonic() - start:,.1f} s")


if __name__ == "__main__":
    main()
