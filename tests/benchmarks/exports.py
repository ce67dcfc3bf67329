"""Whole results: how quickly they come, when the first byte does, and whether the worker's memory stays flat."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.client import Client
from tests.benchmarks.processes import watched
from tests.benchmarks.stage import Stage

FORMATS = ("ndjson", "csv", "geojson")
# An export of everything takes long enough for its own noise to even out.
MOST_ROUNDS = 2
BYTES_PER_MEGABYTE = 1_000_000


def measure(stage: Stage) -> None:
    """Each format, drained by one client: all that a list has where nothing is asked."""
    first_bytes: list[float] = []
    growths: list[float] = []
    with stage.ours(remembers=False) as server:
        for written in FORMATS:
            path = f"/v1/events?format={written}"
            taken: list[float] = []
            size = 0
            for _round in range(min(stage.pace.rounds, MOST_ROUNDS)):
                with watched(server.worker) as megabytes, Client(server) as client:
                    size, first, whole = client.drain(path)
                taken.append(whole)
                first_bytes.append(first * 1000)
                growths.append(max(megabytes) - megabytes[0])
            seconds = median(taken)
            rate = size / seconds / BYTES_PER_MEGABYTE
            told = f"{size / BYTES_PER_MEGABYTE:,.0f} MB, {rate:,.0f} MB/s"
            stage.results.keep(written, stage.facts.events / seconds, told)
    stage.results.keep("first_byte", max(first_bytes))
    stage.results.keep("growth", max(growths))
