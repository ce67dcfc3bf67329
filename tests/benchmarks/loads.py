"""Loading a world with the real load engine: how quickly, and with how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from tests.benchmarks.cores import SERVING, pinned
from tests.benchmarks.processes import ROOT, BenchmarkFailed, resident_megabytes

# How often the memory of the loading process is looked at.
LOOKS_A_SECOND = 20
# The parts of the time at which memory is told.
QUARTERS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Loaded:
    """What one load took."""

    events: int
    seconds: float
    # How much of that the generator took; importers of files spend about as much on reading them.
    making_seconds: float
    # Resident memory at 25, 50, 75 and 100 % of the time, and the most that there was.
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
    looks: list[float] = []
    watching = threading.Thread(target=_watch, args=(process, looks), daemon=True)
    watching.start()
    told, errors = process.communicate()
    watching.join()
    if process.returncode != 0:
        raise BenchmarkFailed(f"loading {events:,} events into {address} failed:\n{errors}")
    found = json.loads(told)
    return Loaded(
        events,
        found["seconds"],
        found["making_seconds"],
        tuple(looks[min(int(len(looks) * part), len(looks) - 1)] for part in QUARTERS),
        max(looks),
    )


def _watch(process: subprocess.Popen[str], looks: list[float]) -> None:
    while process.poll() is None:
        now = resident_megabytes(process.pid)
        # A process that is ending has no memory any more.
        if now or not looks:
            looks.append(now)
        time.sleep(1 / LOOKS_A_SECOND)
