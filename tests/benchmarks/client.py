"""A client that asks one thing after the other, for what is measured alone: milliseconds, first bytes, whole bodies."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
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


class Unavailable(BenchmarkFailed):
    """The service refused to do so much for one request."""


class Client:
    """One connection that is kept open."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._connection.close()

    def ask(self, path: str, tag: str = "", status: int = 200, body: str = "") -> Answer:
        """The answer. Errors: BenchmarkFailed where its status is another, or its body empty where there has to be one."""
        start = time.perf_counter()
        self._send(path, {"If-None-Match": tag} if tag else {}, body)
        response = self._connection.getresponse()
        first = response.read(1)
        first_at = time.perf_counter()
        answered = first + response.read()
        end = time.perf_counter()
        if response.status != status or (status == http.HTTPStatus.OK and not answered):
            failed = Unavailable if response.status == http.HTTPStatus.SERVICE_UNAVAILABLE else BenchmarkFailed
            raise failed(f"{path} answered {response.status}, not {status}: {answered[:TOLD_BYTES]!r}")
        return Answer(
            response.status, response.getheader("ETag", ""), answered, (first_at - start) * 1000, (end - start) * 1000
        )

    def ask_milliseconds(self, path: str) -> float:
        """How long the answer took; as long as is waited, where it does not come, or is refused as too dear."""
        try:
            return self.ask(path).ms
        except TimeoutError:
            self._connection.close()
        except Unavailable:
            pass
        return TIMEOUT_SECONDS * 1000

    def _send(self, path: str, headers: Mapping[str, str], body: str = "") -> None:
        # With the headers that wrk sends and no more: what is asked here may be what wrk finds asked before.
        self._connection.putrequest("POST" if body else "GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        sent = body.encode()
        if sent:
            self._connection.putheader("Content-Length", str(len(sent)))
        self._connection.endheaders(sent or None)

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a body, as they come."""
        self._send(path, {})
        response = self._connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise BenchmarkFailed(f"{path} answered {response.status}: {response.read(TOLD_BYTES)!r}")
        rest = b""
        while piece := response.read1(PIECE_BYTES):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
        if rest:
            yield rest

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
