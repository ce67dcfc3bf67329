"""WSGI middleware that lets only so many requests of each class be worked on at once, each with a deadline.

A request first takes a slot of answers. A total or an export moves on to a slot of its own class, so that those who wait
for their readers keep nobody from any other answer. Health needs no slot of answers.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.answers.large_answers import REFUSED, SENT_AT_ONCE
from api.answers.response_cache import whole_body
from api.domain.deadlines import Deadline
from api.domain.errors import Busy
from api.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environment of a request: its slot.
SLOT = "conflict_events.slot"

HEALTH = "/health/"
_READY = "/health/ready"

# How many requests of a class may wait in the queue for each slot, and for how long. A browser asks for a dozen pages at once.
_QUEUED_ANSWERS, _QUEUED_TOTALS, _QUEUE_SECONDS = 30, 4, 5
# Readiness is asked of the database, which may hang.
_READY_AT_ONCE = 2
# Whoever waits for a revision that is not here yet keeps nobody from an answer, and a few are enough to see when it comes.
_WAITING_AT_ONCE = 4
# Each question that is being sent may take a megabyte, and takes a thread for as long as its client likes.
_SENDING_AT_ONCE = 64
# Threads for those who are refused and for liveness, which take next to no time.
_SPARE_THREADS = 4


class Slots:
    """The slots of one class of requests, and the queue for them."""

    def __init__(self, what: str, number: int, queue_length: int, retry_seconds: int) -> None:
        self.number, self.queue_length = number, queue_length
        self._what, self._retry_seconds = what, retry_seconds
        self._free = threading.BoundedSemaphore(number)
        self._queue = threading.BoundedSemaphore(queue_length) if queue_length else None

    def take(self) -> None:
        """Takes a slot, perhaps after a while in the queue. Errors: Busy, at once where the queue is full."""
        if self._free.acquire(blocking=False):
            return
        if self._queue is None or not self._queue.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._free.acquire(timeout=_QUEUE_SECONDS):
                raise self._busy()
        finally:
            self._queue.release()

    def leave(self) -> None:
        """Gives a slot back."""
        self._free.release()

    def _busy(self) -> Busy:
        detail = f"As many {self._what} as may be worked on at once, {self.number}, are. Ask again in a moment."
        return Busy(detail, headers={"Retry-After": str(self._retry_seconds)})


class AllSlots:
    """The slots of every class."""

    def __init__(self, settings: Settings) -> None:
        # All that are no total and no export: lists, records, pages.
        self.answers = Slots("answers", settings.threads, settings.threads * _QUEUED_ANSWERS, 1)
        self.totals = Slots("totals", settings.totals, settings.totals * _QUEUED_TOTALS, 2)
        self.exports = Slots("exports", settings.exports, 0, 10)
        # Of those who send a question: whoever sends slowly keeps nobody from an answer.
        self.bodies = Slots("questions being sent", _SENDING_AT_ONCE, 0, 1)
        self.ready = Slots("questions whether the service is ready", _READY_AT_ONCE, 0, 1)
        self.waiting = Slots("requests that wait for a revision", _WAITING_AT_ONCE, 0, 5)
        self._each = (self.answers, self.totals, self.exports, self.ready, self.waiting)

    @property
    def at_once(self) -> int:
        """How many requests may be worked on at once."""
        return sum(slots.number for slots in self._each)

    @property
    def threads(self) -> int:
        """How many threads a worker needs so that one is free whatever all others do."""
        queued = sum(slots.queue_length for slots in self._each)
        return self.at_once + self.bodies.number + queued + SENT_AT_ONCE + _SPARE_THREADS


class Slot:
    """The slot that one request has, if any."""

    def __init__(self) -> None:
        self._taken: Slots | None = None

    def take(self, slots: Slots) -> None:
        """Leaves the slot that it had for one of these, unless it has one. Errors: Busy."""
        if self.is_among(slots):
            return
        self.leave()
        slots.take()
        self._taken = slots

    @contextmanager
    def exchanged_for(self, slots: Slots) -> Iterator[None]:
        """Has one of these while the block lasts, and one of its own class after that. Errors: Busy."""
        before = self._taken
        self.take(slots)
        yield
        if before is not None:
            self.take(before)

    def is_among(self, slots: Slots) -> bool:
        """Whether it is one of these."""
        return self._taken is slots

    def leave(self) -> None:
        """Gives up its slot, if it has one."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.leave()


class Admission:
    """The application, which a request enters with a slot and a deadline: readiness with one of its own, liveness without, and all
    others with one of answers, which totals and exports leave for one of their class."""

    def __init__(self, application: WSGIApplication, slots: AllSlots, seconds: float) -> None:
        self._application = application
        self._slots = slots
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        slot = environ[SLOT] = Slot()
        deadline = Deadline(self._seconds)
        try:
            if path == _READY:
                slot.take(self._slots.ready)
            elif not path.startswith(HEALTH):
                slot.take(self._slots.answers)
        except Busy as busy:
            # The application knows how to tell it.
            environ[REFUSED] = busy
        try:
            with deadline.running():
                pieces = self._application(environ, start_response)
                if slot.is_among(self._slots.exports):
                    return _Body(pieces, slot, deadline)
                # Whoever reads the others keeps nobody from their slots.
                body = whole_body(pieces)
        except BaseException:
            slot.leave()
            raise
        slot.leave()
        return [body]


class _Body:
    """An answer that is written while it is read, with a deadline for each piece; at its end it leaves its slot."""

    def __init__(self, pieces: Iterable[bytes], slot: Slot, deadline: Deadline) -> None:
        self._rest, self._deadline = iter(pieces), deadline
        # Once, however it ends. Should whoever serves it drop it without closing it, its slot is not lost.
        self._end = weakref.finalize(self, _end, pieces, slot)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._deadline.running():
                return next(self._rest)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        """Ends it, whether all was read or not."""
        with self._deadline.running():
            self._end()


def _end(pieces: Iterable[bytes], slot: Slot) -> None:
    """Closes what was sent, which may be a file, and leaves the slot."""
    close: Callable[[], None] | None = getattr(pieces, "close", None)
    try:
        if close is not None:
            close()
    finally:
        slot.leave()
