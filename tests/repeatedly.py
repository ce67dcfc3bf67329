"""Does something again and again beside what is tested or measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeatedly(do: Callable[[], None], times_a_second: int) -> Iterator[None]:
    """Does this so many times a second, in a thread of its own, as long as the block lasts."""
    is_over = threading.Event()

    def run() -> None:
        while not is_over.wait(1 / times_a_second):
            do()

    running = threading.Thread(target=run)
    running.start()
    try:
        yield
    finally:
        is_over.set()
        running.join()
