"""Rounds in which the subjects take turns, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

from tests.benchmarks.wrk import Reading, middle

Subject = Callable[[], Reading]


def interleaved(subjects: Mapping[str, Subject], rounds: int) -> dict[str, Reading]:
    """The median of what each subject read in so many rounds, by its name."""
    readings: dict[str, list[Reading]] = {name: [] for name in subjects}
    for _round in range(rounds):
        for name, subject in subjects.items():
            readings[name].append(subject())
    found = {name: middle(listed) for name, listed in readings.items()}
    for name, reading in found.items():
        click.echo(
            f"    {name}: {reading.requests_per_second:,.0f} requests/s, median {reading.median_ms:,.2f} ms, "
            f"p99 {reading.p99_ms:,.2f} ms, {reading.bytes_per_answer:,.0f} bytes"
        )
    return found
