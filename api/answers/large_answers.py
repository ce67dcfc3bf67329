"""WSGI middleware that sends large answers piece by piece, only so many and so many bytes of them at once.

A page of a thousand events has some megabytes. Given away as one, each that its reader does not take would be kept in the
server's memory, as often as there are connections.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from api.domain.errors import Busy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environment of a request: why it is refused, which the application knows how to tell.
REFUSED = "conflict_events.refused"

# What is less long is given away as one, as most answers are.
_LARGE_BYTES, _PIECE_BYTES = 100_000, 64_000
# Each holds a thread until its reader has it.
SENT_AT_ONCE = 64
_MOST_BYTES = 128_000_000
_RETRY_SECONDS = 5


class LargeAnswers:
    """The application, whose large answers are counted while they are sent."""

    def __init__(self, application: WSGIApplication, refusing: WSGIApplication) -> None:
        """`refusing` is the application without what was kept of earlier answers: it reads REFUSED."""
        self._application, self._refusing = application, refusing
        self._number = self._bytes = 0
        # Taken again by what is dropped while it is held.
        self._guard = threading.RLock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], *_failure: Any) -> Any:
            started[:] = [(status, headers)]

        pieces = self._application(environ, begin)
        # What is made whole comes as a list of one.
        body: bytes = pieces[0] if isinstance(pieces, list) and pieces else b""
        is_large = len(body) > _LARGE_BYTES
        if is_large and not self._add(len(body)):
            environ[REFUSED] = Busy(
                "As many large answers as may be sent at once are. Ask again in a moment, or for less.",
                headers={"Retry-After": str(_RETRY_SECONDS)},
            )
            return self._refusing(environ, start_response)
        start_response(*started[0])
        return _Pieces(body, self) if is_large else pieces

    def _add(self, length: int) -> bool:
        """Counts one more of so many bytes, if there is room for it; there is for one alone, however long."""
        with self._guard:
            is_room = self._number < SENT_AT_ONCE and self._bytes + length <= _MOST_BYTES
            if is_room or not self._number:
                self._number += 1
                self._bytes += length
                return True
            return False

    def remove(self, length: int) -> None:
        """Counts one of so many bytes no more."""
        with self._guard:
            self._number -= 1
            self._bytes -= length


class _Pieces:
    """A large answer, which is no longer counted when it was sent or given up."""

    def __init__(self, body: bytes, counted: LargeAnswers) -> None:
        self._body, self._at = body, 0
        # Once, however it ends: sent, closed, or dropped by the server.
        self._end = weakref.finalize(self, counted.remove, len(body))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._body[self._at : self._at + _PIECE_BYTES]
        if not piece:
            self._end()
            raise StopIteration
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Ends it, whether all was sent or not."""
        self._end()
