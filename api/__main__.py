"""Enters the command line; `serve` can be stopped while the rest is still being imported, which takes most of a start."""

from __future__ import annotations

import sys

from api.server.serving import stop_at_once


def main() -> None:
    """Runs the command that the arguments name."""
    if sys.argv[1:2] == ["serve"]:
        stop_at_once()
    from api.cli import main as command_line

    command_line(prog_name="conflict-events")


if __name__ == "__main__":
    main()
