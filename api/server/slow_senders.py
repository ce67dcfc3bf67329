"""WSGI middleware that bounds how long a body is waited for.

The server reads a body for as long as its client likes, and does not say on which connection it comes. So where one is overdue,
the connections of its client's address are looked at, as the system tells of them: those on which nothing was answered for
as long, and that belong to no request which is worked on, are read no further. The server takes such a body for ended, and
its client can still be told.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from api.server.connections import sockets_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# How long a body may be on its way: the longest that is taken comes in time over a line of 33 kB a second. Longer than a
# connection may wait for its next request.
BODY_SECONDS = 30
# How often it is looked whether one is overdue, while any is read.
_LOOK_SECONDS = 1
# How long a request may have waited for a thread, between its last byte and its begin; and by how much clocks may differ.
_THREAD_SECONDS, _CLOCK_SECONDS = 10, 0.1
# Of what Linux tells of a connection (tcp_info): for how many milliseconds nothing was sent, and nothing received.
_TCP_INFO = struct.Struct("8x36xI4xI")


class _Exchange:
    """A request that was not answered yet: whose it is, since when it is read or worked on, and which of the two."""

    def __init__(self, address: str) -> None:
        self.address, self.since, self.is_read = address, time.monotonic(), False
        # Whether its connection may have been read no further, so that what came of its body may not be all.
        self.is_late = False


class SlowSenders:
    """The application, for whom a body that is overdue ends with TimeoutError."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._exchanges: set[_Exchange] = set()
        self._guard = threading.Lock()
        # Whether any body is read.
        self._reading = threading.Event()
        self._port = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        exchange = _Exchange(environ["REMOTE_ADDR"])
        environ["wsgi.input"] = _Body(environ["wsgi.input"], exchange, self)
        with self._guard:
            self._exchanges.add(exchange)
            if not self._port:
                self._port = int(environ["SERVER_PORT"])
                threading.Thread(target=self._watch, daemon=True).start()
        try:
            pieces = self._application(environ, start_response)
        except BaseException:
            self._end(exchange)
            raise
        if isinstance(pieces, list):
            self._end(exchange)
            return pieces
        return _Pieces(pieces, lambda: self._end(exchange))

    def _end(self, exchange: _Exchange) -> None:
        with self._guard:
            self._exchanges.discard(exchange)

    @contextmanager
    def reading(self, exchange: _Exchange) -> Iterator[None]:
        """Its body is read while the block lasts. Errors: TimeoutError, where that took too long."""
        with self._guard:
            exchange.since, exchange.is_read = time.monotonic(), True
        self._reading.set()
        try:
            yield
        finally:
            with self._guard:
                exchange.since, exchange.is_read = time.monotonic(), False
        if exchange.is_late:
            raise TimeoutError(f"The body took longer than {BODY_SECONDS} seconds.")

    def _watch(self) -> None:
        while True:
            self._reading.wait()
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            with self._guard:
                read = [exchange for exchange in self._exchanges if exchange.is_read]
                worked_on = [(one.address, one.since) for one in self._exchanges if not one.is_read]
                if not read:
                    self._reading.clear()
                overdue = {exchange.address for exchange in read if now - exchange.since > BODY_SECONDS}
                for exchange in read:
                    # A connection is older than its body is read, and which is whose is not known.
                    if exchange.address in overdue and now - exchange.since > BODY_SECONDS / 2:
                        exchange.is_late = True
            if overdue:
                self._read_no_further(overdue, worked_on)

    def _read_no_further(self, overdue: set[str], worked_on: list[tuple[str, float]]) -> None:
        for connection in sockets_of(self._port):
            # A socket that listens has no peer, and one that was closed meanwhile tells nothing.
            with suppress(OSError):
                address = connection.getpeername()[0]
                if address in overdue and _is_sending(
                    connection, [since for whose, since in worked_on if whose == address]
                ):
                    connection.shutdown(socket.SHUT_RD)


def _is_sending(connection: socket.socket, worked_on: Iterable[float]) -> bool:
    """Whether a connection has been sending one request for too long, where these of its address are worked on since then."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    unsent, unreceived = (milliseconds / 1000 for milliseconds in _TCP_INFO.unpack(told))
    # Since it was made, where nothing was sent at all. What was sent last is an answer that someone reads slowly. One that only
    # waits for its next request is none of these: it is closed long before.
    if unsent < BODY_SECONDS or unreceived > unsent:
        return False
    received = time.monotonic() - unreceived
    return not any(-_CLOCK_SECONDS <= since - received <= _THREAD_SECONDS for since in worked_on)


class _Body:
    """The body of a request, which is read within bounds."""

    def __init__(self, body: Any, exchange: _Exchange, senders: SlowSenders) -> None:
        self._body, self._exchange, self._senders = body, exchange, senders

    def read(self, size: int | None = None) -> bytes:
        """So many bytes of it, or all. Errors: TimeoutError."""
        with self._senders.reading(self._exchange):
            return cast(bytes, self._body.read(size))


class _Pieces:
    """An answer that is sent piece by piece; its request is worked on until the first of them."""

    def __init__(self, pieces: Iterable[bytes], end: Callable[[], None]) -> None:
        self._pieces, self._end = pieces, end
        self._rest = iter(pieces)
        self._is_begun = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._is_begun:
            # The first one was sent.
            self._end()
        self._is_begun = True
        return next(self._rest)

    def close(self) -> None:
        """Ends it, whether all was sent or not."""
        self._end()
        close: Callable[[], None] | None = getattr(self._pieces, "close", None)
        if close is not None:
            close()
