"""Which core serves and which one asks, so that neither takes time from the other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def _available() -> list[int]:
    # Only Linux lets a process be pinned; elsewhere nothing is, and the report says so.
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


CORES = _available()
IS_PINNED = len(CORES) > 1 and shutil.which("taskset") is not None
SERVING, ASKING = (CORES[0], CORES[1]) if IS_PINNED else (None, None)


def pinned(command: Sequence[str], core: int | None) -> list[str]:
    """The command that runs this command on one core alone; itself where there is nothing to choose from."""
    return list(command) if core is None else ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def asking() -> Iterator[None]:
    """This process stays on the asking core while the block lasts, and everything that it starts, unless pinned."""
    if ASKING is not None:
        os.sched_setaffinity(0, {ASKING})
    try:
        yield
    finally:
        if ASKING is not None:
            os.sched_setaffinity(0, CORES)


def words() -> str:
    """How the processes are placed, for the report."""
    if not IS_PINNED:
        return "nothing is pinned, since there is only one core or no `taskset`: compare with care"
    return (
        f"each server runs on core {SERVING} alone, wrk and what measures on core {ASKING} alone; PostgreSQL's own "
        "processes may use any core"
    )
