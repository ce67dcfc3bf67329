"""Processes that the benchmark starts: pinned, waited for, watched for their memory, and ended."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.cores import SERVING, pinned
from tests.repeatedly import repeatedly

ROOT = Path(__file__).parent.parent.parent
KIBIBYTES_PER_MEGABYTE = 1_000_000 / 1024
# How long a server may take to answer for the first time, and to end when it is asked to.
START_SECONDS, END_SECONDS = 60, 10
# How much of a server's log is told when it does not start.
TOLD_LOG_CHARACTERS = 3000
# How often memory is looked at, for how many looks a process does nothing before it is idle, and how long that may take.
LOOKS_A_SECOND, IDLE_LOOKS, MOST_BUSY_SECONDS = 50, 3, 30


class BenchmarkFailed(Exception):
    """Something did not go as a measurement supposes; the numbers would mean nothing."""


@dataclass(frozen=True)
class Server:
    """A server that listens, and the process that does its work."""

    port: int
    worker: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server on the serving core for as long as the block lasts. Errors: BenchmarkFailed where it does not start."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            pinned(command, SERVING),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_answered(process, port, log)
            yield Server(port, _worker_of(process.pid))
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends one process, first politely."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_answered(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            time.sleep(0.05)
    told = log.read_text(errors="replace")[-TOLD_LOG_CHARACTERS:]
    raise BenchmarkFailed(f"{' '.join(map(str, process.args))} did not start:\n{told}")  # type: ignore[arg-type]  # a list


def _worker_of(pid: int) -> int:
    """The process that answers: granian's worker is its child; Datasette answers itself."""
    children = _children(pid)
    # Python's resource tracker may be a child as well; the worker is the one with the most memory.
    return max(children, key=own_megabytes, default=pid)


def _children(pid: int) -> list[int]:
    try:
        return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _memory(pid: int, name: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{name}:\s+([0-9]+) kB$", status, re.MULTILINE)
    return 0.0 if found is None else int(found[1]) / KIBIBYTES_PER_MEGABYTE


def own_megabytes(pid: int) -> float:
    """The memory that a process has for itself now; 0 where it cannot be told.

    Pages of files that are mapped into it are not among it: the system keeps them for all, and takes them back when it
    needs the room.
    """
    return _memory(pid, "RssAnon")


def tree_megabytes(pid: int) -> float:
    """The memory that a process and all that it started have for themselves now."""
    return own_megabytes(pid) + sum(tree_megabytes(child) for child in _children(pid))


def wait_until_idle(pid: int) -> None:
    """Waits until a process is done with what it was asked for last, though nobody waits for the answers any more: it
    would share the core with what is measured next."""
    before, until = -1, time.monotonic() + MOST_BUSY_SECONDS
    while (now := _ticks(pid)) != before and time.monotonic() < until:
        before = now
        time.sleep(1 / LOOKS_A_SECOND * IDLE_LOOKS)


def _ticks(pid: int) -> int:
    """What a process has used of its processors, in the system's own small units."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return -1
    # The name before may hold spaces and parentheses; the times in user and in system mode are the 12th and 13th after.
    return sum(int(found) for found in status.rpartition(")")[2].split()[11:13])


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """What a process and all that it starts have for themselves, looked at again and again meanwhile, in megabytes."""
    looks = [tree_megabytes(pid)]

    def look() -> None:
        # A process that has ended has no memory any more.
        if now := tree_megabytes(pid):
            looks.append(now)

    with repeatedly(look, LOOKS_A_SECOND):
        yield looks
