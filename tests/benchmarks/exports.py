"""Whole results, beside reading the same stored bytes with the bare driver."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median

import click

from tests.benchmarks.client import Client
from tests.benchmarks.cores import SERVING, pinned
from tests.benchmarks.engines import Database
from tests.benchmarks.findings import share, under
from tests.benchmarks.lists import events
from tests.benchmarks.processes import ROOT, BenchmarkFailed, watched
from tests.benchmarks.stage import Stage

EXPORT = "whole-result export"
# The least share of the bare driver's rows in a second, and the stored column, by format.
FORMATS = {"ndjson": (0.60, "json"), "csv": (0.35, "csv"), "geojson": (0.50, "geojson")}
MOST_FIRST_BYTE_MS, MOST_GROWTH_MEGABYTES = 200, 50
# An export of everything takes long enough for its own noise to even out.
MOST_ROUNDS = 2
BYTES_PER_MEGABYTE = 1_000_000


@dataclass
class _Taken:
    """What one round took."""

    ours_seconds: float
    bare_seconds: float
    first_byte_ms: float
    growth_megabytes: float
    megabytes: float


def measure(stage: Stage) -> None:
    """Each format, ours and the bare driver taking turns on the same core."""
    for format_, (least, column) in FORMATS.items():
        rounds = [_round(stage, format_, column) for _round_ in range(min(stage.pace.rounds, MOST_ROUNDS))]
        ours, bare = median(one.ours_seconds for one in rounds), median(one.bare_seconds for one in rounds)
        size = rounds[0].megabytes
        rates = f"{size / ours:,.0f} MB/s beside {size / bare:,.0f} MB/s, {size:,.0f} MB"
        click.echo(f"    {format_}: {rates}")
        stage.findings += [
            share(EXPORT, f"{format_}, {rates}", bare / ours, least, "the bare driver"),
            under(EXPORT, f"{format_}, first byte", max(one.first_byte_ms for one in rounds), MOST_FIRST_BYTE_MS),
            under(
                EXPORT,
                f"{format_}, growth of the worker's memory",
                max(one.growth_megabytes for one in rounds),
                MOST_GROWTH_MEGABYTES,
                "MB",
            ),
        ]


def _round(stage: Stage, format_: str, column: str) -> _Taken:
    worker = stage.large.fresh.worker
    with watched(worker) as megabytes, Client(stage.large.fresh) as client:
        size, first, whole = client.drain(events(format=format_))
    growth = max(megabytes) - megabytes[0]
    return _Taken(whole, _bare_seconds(stage.large.database, column), first * 1000, growth, size / BYTES_PER_MEGABYTE)


def _bare_seconds(database: Database, column: str) -> float:
    """How long the bare driver takes for all rows, in a process of its own on the serving core."""
    told = subprocess.run(
        pinned([sys.executable, "-m", "tests.benchmarks.exports", database.address, column], SERVING),
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if told.returncode != 0:
        raise BenchmarkFailed(f"the bare driver failed:\n{told.stderr}")
    return float(json.loads(told.stdout)["seconds"])


def _read(address: str, column: str) -> None:
    start, size = time.perf_counter(), 0
    for batch in Database(address).stored(column):
        size += sum(len(stored) for (stored,) in batch)
    print(json.dumps({"seconds": time.perf_counter() - start, "bytes": size}))


if __name__ == "__main__":
    _read(*sys.argv[1:])
