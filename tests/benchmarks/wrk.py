"""Runs wrk, the load generator, and reads what it measured. Anything but good answers is a failure."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

from tests.benchmarks.cores import ASKING, pinned
from tests.benchmarks.processes import BenchmarkFailed, Server, wait_until_idle

SCRIPT = Path(__file__).parent / "wrk.lua"
MARK = "MEASURED "
# As many clients at once as the targets speak of.
CONNECTIONS = 8
# With fewer answers than this for each connection, the rate says little; then it is asked for longer, up to a limit.
LEAST_ANSWERS_A_CONNECTION = 2
LENGTHENED, MOST_LENGTHENED = 4, 16
# No answer may take this long.
TIMEOUT_SECONDS = 60
MICROSECONDS = 1_000_000
MICROSECONDS_PER_MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a path with its query, the entity tag that the client has, if any, and a body to POST, if any."""

    path: str
    tag: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run measured."""

    requests_per_second: float
    median_ms: float
    p99_ms: float
    bytes_per_answer: float

    @property
    def cost_ms(self) -> float:
        """Milliseconds of the serving core for each answer."""
        return 1000 / self.requests_per_second


def ask(server: Server, requests: Sequence[Request], seconds: float, connections: int = CONNECTIONS) -> Reading:
    """Asks in turn for so long. Errors: BenchmarkFailed where any answer is not a good one."""
    most = seconds * MOST_LENGTHENED
    while True:
        reading, answers = _ask(server, requests, seconds, connections)
        is_enough = answers >= LEAST_ANSWERS_A_CONNECTION * connections or seconds >= most
        if reading is not None and is_enough:
            return reading
        if seconds > TIMEOUT_SECONDS:
            raise BenchmarkFailed(f"nothing was answered in {seconds:g} s: {requests[0].path}")
        seconds *= LENGTHENED


def _ask(server: Server, requests: Sequence[Request], seconds: float, connections: int) -> tuple[Reading | None, int]:
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as listed:
        listed.writelines(f"{request.path}\t{request.tag}\t{request.body}\n" for request in requests)
        listed.flush()
        command = [
            *("wrk", "--threads", "1", "--connections", str(connections), "--latency"),
            *("--duration", f"{math.ceil(seconds)}s", "--timeout", f"{TIMEOUT_SECONDS}s"),
            *("--script", str(SCRIPT), server.address, "--", listed.name),
        ]
        told = _run(pinned(command, ASKING), seconds)
        wait_until_idle(server.worker)
    return (None, 0) if told is None else read(told, requests[0].path)


def _run(command: list[str], seconds: float) -> str | None:
    """What wrk says; null where it was interrupted before it had begun, as it may be on a busy machine."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # wrk itself takes whole seconds; interrupted, it tells what it has.
    is_whole = math.ceil(seconds) == seconds
    try:
        told, _ = process.communicate(timeout=None if is_whole else seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate()
    return None if process.returncode == -signal.SIGINT else told


def read(told: str, asked: str) -> tuple[Reading | None, int]:
    """What wrk measured and how many answers came; no reading where none came. Errors: BenchmarkFailed."""
    lines = [line.removeprefix(MARK) for line in told.splitlines() if line.startswith(MARK)]
    if len(lines) != 1:
        raise BenchmarkFailed(f"wrk told nothing of {asked}:\n{told}")
    found = json.loads(lines[0])
    wrong = {name: count for name, count in found["errors"].items() if count}
    if wrong:
        raise BenchmarkFailed(f"wrk met errors at {asked}: {wrong}")
    answers = int(found["requests"])
    if answers == 0:
        return None, 0
    return Reading(
        answers * MICROSECONDS / found["microseconds"],
        found["median"] / MICROSECONDS_PER_MILLISECOND,
        found["p99"] / MICROSECONDS_PER_MILLISECOND,
        found["bytes"] / answers,
    ), answers


def middle(readings: Sequence[Reading]) -> Reading:
    """The median of each number."""
    return Reading(*(median(getattr(reading, field.name) for reading in readings) for field in fields(Reading)))
