"""WSGI middleware that lets only so many requests of each class be worked on at once, each with a deadline.

A request first takes a place among the pages. A total or an export moves on to a place of its own class, so that those
who wait for their readers keep nobody from a page. Health needs no place among them.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.answers.response_cache import whole
from api.domain.deadlines import Deadline
from api.domain.errors import Busy
from api.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environment of a request: its place, and why it got none.
PLACE = "conflict_events.place"
REFUSED = "conflict_events.refused"

HEALTH = "/health/"
_READY = "/health/ready"

# How many requests of a class may stand in line for each place, and for how long. A browser asks for a dozen pages at once.
_PAGES_IN_LINE, _TOTALS_IN_LINE, _LINE_SECONDS = 30, 4, 5
# Readiness is asked of the database, which may hang.
_READY_AT_ONCE = 2
# Whoever waits for a revision that is not here yet keeps nobody from a page, and a few are enough to see when it comes.
_WAITING_AT_ONCE = 4
# Threads for those who are refused and for liveness, which take next to no time.
_SPARE_THREADS = 4


class Places:
    """The places of one class of requests, and the line of those who wait for one."""

    def __init__(self, what: str, number: int, in_line: int, retry_seconds: int) -> None:
        self.number, self.in_line = number, in_line
        self._what, self._retry_seconds = what, retry_seconds
        self._free = threading.BoundedSemaphore(number)
        self._line = threading.BoundedSemaphore(in_line) if in_line else None

    def take(self) -> None:
        """Takes a place, perhaps after a while in the line. Errors: Busy, at once where the line is full."""
        if self._free.acquire(blocking=False):
            return
        if self._line is None or not self._line.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._free.acquire(timeout=_LINE_SECONDS):
                raise self._busy()
        finally:
            self._line.release()

    def leave(self) -> None:
        """Gives a place back."""
        self._free.release()

    def _busy(self) -> Busy:
        detail = f"As many {self._what} as may be worked on at once, {self.number}, are. Ask again in a moment."
        return Busy(detail, headers={"Retry-After": str(self._retry_seconds)})


class AllPlaces:
    """The places of every class."""

    def __init__(self, settings: Settings) -> None:
        self.pages = Places("pages", settings.threads, settings.threads * _PAGES_IN_LINE, 1)
        self.totals = Places("totals", settings.totals, settings.totals * _TOTALS_IN_LINE, 2)
        self.exports = Places("exports", settings.exports, 0, 10)
        # Of those who send a question: whoever sends slowly keeps nobody from a page.
        self.bodies = Places("questions being sent", settings.threads, 0, 1)
        self.ready = Places("questions whether the service is ready", _READY_AT_ONCE, 0, 1)
        self.waiting = Places("requests that wait for a revision", _WAITING_AT_ONCE, 0, 5)
        self._each = (self.pages, self.totals, self.exports, self.ready, self.waiting)

    @property
    def at_once(self) -> int:
        """How many requests may be worked on at once."""
        return sum(places.number for places in self._each)

    @property
    def threads(self) -> int:
        """How many threads a worker needs so that one is free whatever all others do."""
        return self.at_once + self.bodies.number + sum(places.in_line for places in self._each) + _SPARE_THREADS


class Place:
    """The place that one request has, if any."""

    def __init__(self) -> None:
        self._taken: Places | None = None

    def take(self, places: Places) -> None:
        """Leaves the place that it had for one of these. Errors: Busy."""
        self.leave()
        places.take()
        self._taken = places

    @contextmanager
    def left_for(self, places: Places) -> Iterator[None]:
        """Has one of these while the block lasts, and one of its own class after that. Errors: Busy."""
        before = self._taken
        self.take(places)
        yield
        if before is not None:
            self.take(before)

    def is_among(self, places: Places) -> bool:
        """Whether it is one of these."""
        return self._taken is places

    def leave(self) -> None:
        """Gives up its place, if it has one."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.leave()


class Admission:
    """The application with its places in front of it."""

    def __init__(self, application: WSGIApplication, places: AllPlaces, seconds: float) -> None:
        self._application = application
        self._places = places
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        place = environ[PLACE] = Place()
        deadline = Deadline(self._seconds)
        try:
            if path == _READY:
                place.take(self._places.ready)
            elif not path.startswith(HEALTH):
                place.take(self._places.pages)
        except Busy as busy:
            # The application knows how to tell it.
            environ[REFUSED] = busy
        try:
            with deadline.running():
                pieces = self._application(environ, start_response)
                if place.is_among(self._places.exports):
                    return _Body(pieces, place, deadline)
                # Whoever reads the others keeps nobody from their places.
                body = whole(pieces)
        except BaseException:
            place.leave()
            raise
        place.leave()
        return [body]


class _Body:
    """An answer that is written while it is read, with a deadline for each piece; at its end it leaves its place."""

    def __init__(self, pieces: Iterable[bytes], place: Place, deadline: Deadline) -> None:
        self._pieces, self._place, self._deadline = pieces, place, deadline
        self._rest = iter(pieces)
        # Should whoever serves it drop it without closing it, its place is not lost.
        weakref.finalize(self, place.leave)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._deadline.running():
                return next(self._rest)
        except StopIteration:
            self._place.leave()
            raise

    def close(self) -> None:
        """Ends it, whether all was read or not."""
        close: Callable[[], None] | None = getattr(self._pieces, "close", None)
        try:
            if close is not None:
                with self._deadline.running():
                    close()
        finally:
            self._place.leave()
