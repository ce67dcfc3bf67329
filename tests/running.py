"""`conflict-events serve` as it is really started: a process of its own, a free port, requests through a socket."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# How long a process may take to answer for the first time, and a client waits for bytes; machines that test are busy.
START_SECONDS, ANSWER_SECONDS = 60, 30
# How often it is looked whether a process answers.
LOOK_SECONDS = 0.02
SERVE = (sys.executable, "-m", "api", "serve")


@dataclass
class Running:
    """A started server: its process, its port, and the file that it writes to."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)

    def status(self, path: str = "/health/live") -> int | None:
        """How one request is answered, on a connection of its own; null where nobody answers it."""
        connection = self.connection()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_answered(self, path: str = "/health/live") -> None:
        until = time.monotonic() + START_SECONDS
        while self.status(path) != 200:
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < until, self.told()
            time.sleep(LOOK_SECONDS)

    def workers(self) -> list[int]:
        """The processes that answer."""
        # One thread starts them all.
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def told(self) -> str:
        """What the process has written."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def taken_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port on which somebody else listens as long as the block lasts."""
    with socket.create_server((host, 0)) as taken:
        yield int(taken.getsockname()[1])


@contextmanager
def started(address: str, folder: Path, command: Sequence[str] = SERVE, **knobs: int | str) -> Iterator[Running]:
    """A server of the database at this address that was just started and may not answer yet. Nothing of it is left."""
    knobs = {"port": free_port(), **knobs}
    environment = {f"CONFLICT_EVENTS_{name.upper()}": str(value) for name, value in knobs.items()}
    log = folder / f"serve-{time.monotonic_ns()}.log"
    with log.open("wb") as written:
        # A session of its own, so that all its processes can be reached together.
        process = subprocess.Popen(
            command,
            env={**os.environ, "DATABASE_URL": address, **environment},
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(process, int(knobs["port"]), log)
    finally:
        # Workers too, also those that a main process has left behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running(address: str, folder: Path, command: Sequence[str] = SERVE, **knobs: int | str) -> Iterator[Running]:
    """The same, once it answers."""
    with started(address, folder, command, **knobs) as server:
        server.wait_until_answered()
        yield server
