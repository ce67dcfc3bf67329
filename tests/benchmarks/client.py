"""A client that asks one thing after the other, for what is measured alone: milliseconds, first bytes, whole bodies."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tests.benchmarks.processes import BenchmarkFailed, Server
from tests.benchmarks.wrk import TIMEOUT_SECONDS

# How much of a body is taken at once.
PIECE_BYTES = 1 << 20
# How much of a wrong answer is told.
TOLD_BYTES = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and how long it took, to its first byte and to its last."""

    status: int
    tag: str
    body: bytes
    first_byte_ms: float
    ms: float


class Client:
    """One connection that is kept open."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._connection.close()

    def ask(self, path: str, tag: str = "", status: int = 200) -> Answer:
        """The answer. Errors: BenchmarkFailed where its status is another, or its body empty where there has to be one."""
        start = time.perf_counter()
        self._send(path, {"If-None-Match": tag} if tag else {})
        response = self._connection.getresponse()
        first = response.read(1)
        first_at = time.perf_counter()
        body = first + response.read()
        end = time.perf_counter()
        if response.status != status or (status == http.HTTPStatus.OK and not body):
            raise BenchmarkFailed(f"{path} answered {response.status}, not {status}: {body[:TOLD_BYTES]!r}")
        return Answer(
            response.status, response.getheader("ETag", ""), body, (first_at - start) * 1000, (end - start) * 1000
        )

    def _send(self, path: str, headers: Mapping[str, str]) -> None:
        # With the headers that wrk sends and no more: what is asked here may be what wrk finds asked before.
        self._connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()

    def drain(self, path: str) -> tuple[int, float, float]:
        """How many bytes the body has, the seconds to the first of them, and to the last; nothing is kept."""
        start = time.perf_counter()
        self._send(path, {})
        response = self._connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise BenchmarkFailed(f"{path} answered {response.status}: {response.read(TOLD_BYTES)!r}")
        piece = memoryview(bytearray(PIECE_BYTES))
        first_at, size = 0.0, 0
        while taken := response.readinto(piece):
            first_at = first_at or time.perf_counter()
            size += taken
        if size == 0:
            raise BenchmarkFailed(f"{path} has no body")
        return size, first_at - start, time.perf_counter() - start


def asked_alone(server: Server, paths: Sequence[str], times: int = 1) -> list[float]:
    """The milliseconds of each path asked alone; of several times the quickest, since what disturbs only ever adds."""
    with Client(server) as client:
        return [min(client.ask(path).ms for _time in range(times)) for path in paths]
