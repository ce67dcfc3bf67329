"""Enters the command line; `serve` can be stopped while all else is still being imported, which takes most of a start."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Runs the command that the arguments name."""
    if sys.argv[1:2] == ["serve"]:
        _stop_at_once()
    from api.cli import main as command_line

    command_line(prog_name="conflict-events")


def _stop_at_once() -> None:
    """From here on, SIGTERM ends the process at once with exit 0: nothing is served yet that could be finished.

    Without a handler the signal would end it as a failure, and the first process of a container would not get it at all.
    """
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(0))


if __name__ == "__main__":
    main()
