"""Temporary folders that a killed process leaves to the next one to remove."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "conflict-events-scratch-"
# A folder that was made so lately may not be locked yet.
_NEW_SECONDS = 60


@contextmanager
def scratch_folder(within: Path | None = None) -> Iterator[Path]:
    """An empty folder that lives as long as the block, in this folder or where the system keeps such things.

    Whoever uses one locks it. Those that nobody has locked are removed first: their processes were killed.
    """
    within = within or Path(tempfile.gettempdir())
    for left in within.glob(f"{_PREFIX}*"):
        _remove_unused(left)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=within) as name, _opened(Path(name)) as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield Path(name)


def _remove_unused(folder: Path) -> None:
    # Another user's cannot be opened, one that is used cannot be locked, and one may be gone by now.
    with suppress(OSError), _opened(folder) as held:
        if time.time() - os.fstat(held).st_mtime > _NEW_SECONDS:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield held
    finally:
        os.close(held)
