"""The benchmark: everything side by side in one run, as ratios. `make bench`, or `python -m tests.benchmarks --help`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.benchmarks import broad, exports, flat, lists, lookups, report, searches, totals
from tests.benchmarks import combinations as combined
from tests.benchmarks.cores import asking
from tests.benchmarks.engines import Database, databases
from tests.benchmarks.facts import facts
from tests.benchmarks.findings import Finding, at_most_times
from tests.benchmarks.installed import refuse_where_missing
from tests.benchmarks.loads import Loaded, load_world
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.stage import Pace, staged
from tests.benchmarks.world import World

ENGINES = ("sqlite", "postgresql")
# What two slow cores load and measure on both engines in less than twenty minutes.
DEFAULT_EVENTS = 100_000
# How much smaller the other world is.
TENTH = 10
# More than there are.
MOST_COMBINATIONS = 1000
LOADING = "import of GED-shaped rows"
LEAST_EVENTS_PER_SECOND = 10_000
# Memory is flat where the larger world needs hardly more than the smaller one.
MOST_MEMORY_GROWTH = 1.25
# In this order, so that what asks whether anything is remembered comes before it could be.
MEASUREMENTS = (lists, lookups, totals, broad, searches, combined, exports)


def _engines(_context: click.Context, _parameter: click.Parameter, written: str) -> tuple[str, ...]:
    found = tuple(name.strip() for name in written.split(","))
    if not set(found) <= set(ENGINES):
        raise click.BadParameter(f"choose from {', '.join(ENGINES)}")
    return found


@click.command()
@click.option("--events", default=DEFAULT_EVENTS, show_default=True, help="Events of the large world.")
@click.option("--small", type=int, help="Events of the small world; a tenth of the large one by default.")
@click.option("--engines", default=",".join(ENGINES), show_default=True, callback=_engines, help="Which engines.")
@click.option("--seconds", default=1.0, show_default=True, help="How long each subject is asked in each round.")
@click.option("--rounds", default=3, show_default=True, help="How many rounds there are.")
@click.option(
    "--combinations",
    default=MOST_COMBINATIONS,
    show_default=True,
    help="The most combinations of filters of each kind.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=report.PAGE,
    help="The page to write; docs/performance.md by default.",
)
def main(
    events: int, small: int | None, engines: Sequence[str], seconds: float, rounds: int, combinations: int, output: Path
) -> None:
    """Measure everything, and write docs/performance.md."""
    refuse_where_missing(engines)
    start = time.monotonic()
    sizes = (small or max(events // TENTH, 1), events)
    try:
        with tempfile.TemporaryDirectory(prefix="conflict-events-benchmark-") as folder:
            # PostgreSQL's own user has to reach its part of it.
            Path(folder).chmod(0o755)
            measured = _measure_all(engines, sizes, Pace(seconds, rounds, combinations), Path(folder))
    except BenchmarkFailed as error:
        raise click.ClickException(str(error)) from error
    command = "make bench" if events == DEFAULT_EVENTS else f"make bench EVENTS={events}"
    run = report.Run(command, events, sizes[0], seconds, rounds, time.monotonic() - start)
    report.write(run, measured, output)
    click.echo(f"Wrote {output} after {run.taken_seconds:,.0f} s.")


def _measure_all(engines: Sequence[str], sizes: tuple[int, int], pace: Pace, folder: Path) -> list[report.Measured]:
    file = folder / "flat.db"
    with _told("Making the flat table"):
        flat.make(file, World(sizes[1]))
    return [_measure(engine, sizes, pace, folder, file) for engine in engines]


def _measure(engine: str, sizes: tuple[int, int], pace: Pace, folder: Path, file: Path) -> report.Measured:
    with databases(engine, folder) as made:
        addresses = [made.migrated() for _size in sizes]
        loaded = []
        for address, size in zip(addresses, sizes, strict=True):
            with _told(f"{engine}: loading {size:,} events"):
                loaded.append(load_world(address, size))
                Database(address).settle()
        small, large = ((Database(address), facts(Database(address))) for address in addresses)
        # PostgreSQL was started before, and stays free to use any core.
        with asking(), staged(large, small, file, pace, folder) as stage:
            stage.findings += _judge_loads(loaded)
            for module in MEASUREMENTS:
                with _told(f"{engine}: {module.__name__.rsplit('.', 1)[1]}"):
                    module.measure(stage)
        return report.Measured(engine, large[0].version, loaded, stage.findings, stage.readings)


def _judge_loads(loaded: Sequence[Loaded]) -> list[Finding]:
    small, large = loaded
    rate = large.events_per_second
    return [
        Finding(
            LOADING,
            f"{large.events:,} events",
            f"at least {LEAST_EVENTS_PER_SECOND:,} events/s",
            f"{rate:,.0f} events/s",
            rate >= LEAST_EVENTS_PER_SECOND,
        ),
        at_most_times(
            LOADING,
            f"memory flat: {large.peak_megabytes:,.0f} MB, beside {small.peak_megabytes:,.0f} MB for {small.events:,}",
            large.peak_megabytes / small.peak_megabytes,
            MOST_MEMORY_GROWTH,
            f"that for {small.events:,}",
        ),
    ]


class _told:
    """Says what is being done, and how long it took."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._start = 0.0

    def __enter__(self) -> None:
        click.echo(f"{self._what} …")
        self._start = time.monotonic()

    def __exit__(self, *_failure: object) -> None:
        click.echo(f"  {time.monotonic() - self._start:,.1f} s")


if __name__ == "__main__":
    main()
