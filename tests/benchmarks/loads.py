"""Loading a world with the real load engine: how quickly, and with how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from tests.benchmarks.cores import SERVING, pinned
from tests.benchmarks.processes import ROOT, BenchmarkFailed, watched

# The parts of the time at which memory is told.
QUARTERS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Loaded:
    """What one load took."""

    events: int
    seconds: float
    # How much of that the generator took; importers of files spend about as much on reading them.
    making_seconds: float
    # Its own memory at 25, 50, 75 and 100 % of the time, and the most that there was.
    megabytes: tuple[float, ...]
    peak_megabytes: float

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


def load_world(address: str, events: int) -> Loaded:
    """Loads a world of so many events into a migrated database. Errors: BenchmarkFailed with what the load said."""
    process = subprocess.Popen(
        pinned([sys.executable, "-m", "tests.benchmarks.load_child", address, str(events)], SERVING),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with watched(process.pid) as looks:
        told, errors = process.communicate()
    if process.returncode != 0:
        raise BenchmarkFailed(f"loading {events:,} events into {address} failed:\n{errors}")
    # What is measured next would share its core with the system's writing of what was loaded.
    os.sync()
    found = json.loads(told)
    return Loaded(
        events,
        found["seconds"],
        found["making_seconds"],
        tuple(looks[min(int(len(looks) * part), len(looks) - 1)] for part in QUARTERS),
        max(looks),
    )
