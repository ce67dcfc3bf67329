"""Bounds how long a request may work: what runs beyond its deadline is interrupted, in whichever engine it runs.

A thread that watches all deadlines of the process interrupts databases; our own loops look at theirs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from api.domain.errors import TooMuchWork

# How often deadlines are looked at while anything runs.
_LOOK_SECONDS = 0.1
# When to ask the same again, in case the machine had too much to do.
_RETRY_SECONDS = 30
_NEVER = float("inf")
# After how many items our own loops look at the time: some milliseconds.
ITEMS_BETWEEN_CHECKS = 1_000
Item = TypeVar("Item")


class Deadline:
    """The time that one request may work, anew for each piece of its answer; what its reader takes is not counted."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = _NEVER
        # How much longer it may work now than others.
        self._more = 0.0
        # What the request does now, as it is told of.
        self._doing = "reading what is asked"
        # What ends the work of each engine, how long after the deadline, and when in any case.
        self._interrupts: dict[object, tuple[Callable[[], None], float, float]] = {}
        # While it is held, what is interrupted works for this request and no other.
        self._lock = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The time runs while the block lasts, for what this thread does; once over, it does not begin again."""
        if not self.is_over():
            self._until = time.monotonic() + self._seconds
        before = _of_thread()
        _local.deadline = self
        _watch(self)
        try:
            yield
        finally:
            _local.deadline = before
            _running.discard(self)
            if not self.is_over():
                self._until = _NEVER

    @property
    def until(self) -> float:
        """When the time is over, by the monotonic clock; infinite where it does not run."""
        return self._until

    def is_over(self) -> bool:
        return time.monotonic() > self._until

    def check(self, doing: str) -> None:
        """Tells what the request does from now on. Errors: TooMuchWork, where the time is over."""
        if self.is_over():
            raise self.problem()
        self._doing = doing

    def problem(self) -> TooMuchWork:
        """What a request is told whose time is over."""
        return TooMuchWork(
            f"One request may work for {self._seconds + self._more:g} seconds; this one was ended while {self._doing}. Ask for less: a "
            "shorter period, fewer values, dimensions or facets.",
            headers={"Retry-After": str(_RETRY_SECONDS)},
        )

    @contextmanager
    def extended(self, at_most: float) -> Iterator[None]:
        """The block may take up to so many seconds, which are not counted: later requests are spared its work."""
        begun = time.monotonic()
        self._until += at_most
        self._more += at_most
        try:
            yield
        finally:
            self._more -= at_most
            self._until += time.monotonic() - begun - at_most

    def add(self, key: object, interrupt: Callable[[], None], grace: float = 0, at_most: float = _NEVER) -> None:
        """From now on `interrupt` is called again and again, from another thread, once the time is over for `grace`
        seconds, or after `at_most` seconds."""
        with self._lock:
            self._interrupts[key] = (interrupt, grace, time.monotonic() + at_most)

    def remove(self, key: object) -> None:
        """Whoever works under this key is not interrupted any more."""
        with self._lock:
            self._interrupts.pop(key, None)

    def interrupt_late(self) -> None:
        """Interrupts what works for too long."""
        now = time.monotonic()
        with self._lock:
            for interrupt, grace, in_any_case in self._interrupts.values():
                if now > min(self._until + grace, in_any_case):
                    interrupt()


_local = threading.local()
_running: set[Deadline] = set()
_is_any_running = threading.Event()
_watcher: threading.Thread | None = None


def _of_thread() -> Deadline | None:
    found: Deadline | None = getattr(_local, "deadline", None)
    return found


def current() -> Deadline:
    """The deadline of what this thread does; outside requests one that never comes."""
    return _of_thread() or _ENDLESS


def check(doing: str) -> None:
    """Tells what this thread's request does from now on. Errors: TooMuchWork, where its time is over."""
    current().check(doing)


def checked(items: Iterable[Item], doing: str) -> Iterator[Item]:
    """The items, for whoever works on each for some microseconds. Errors: TooMuchWork, where the time is over meanwhile."""
    deadline = current()
    for place, item in enumerate(items):
        if place % ITEMS_BETWEEN_CHECKS == 0:
            deadline.check(doing)
        yield item


@contextmanager
def interrupted_by(interrupt: Callable[[], None], doing: str, at_most: float = _NEVER) -> Iterator[None]:
    """The block is interrupted at the deadline, or after so many seconds. Errors: TooMuchWork, before it begins."""
    deadline, key = current(), object()
    deadline.check(doing)
    deadline.add(key, interrupt, at_most=at_most)
    try:
        yield
    finally:
        deadline.remove(key)


def _watch(deadline: Deadline) -> None:
    global _watcher
    _running.add(deadline)
    if not _is_any_running.is_set():
        _is_any_running.set()
    # A process that was forked has none of its parent's threads.
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_interrupt_late, daemon=True)
        _watcher.start()


def _interrupt_late() -> None:
    while True:
        _is_any_running.wait()
        time.sleep(_LOOK_SECONDS)
        for deadline in list(_running):
            deadline.interrupt_late()
        if not _running:
            _is_any_running.clear()
            if _running:
                _is_any_running.set()


_ENDLESS = Deadline(_NEVER)
