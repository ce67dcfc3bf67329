"""Counts workers that die, tells each death, and says when there are too many of them to go on."""

from __future__ import annotations

import logging
from collections import deque

log = logging.getLogger(__name__)

# So many deaths within so many seconds are a loop, which a supervisor should see: fewer may each have a cause of its own, such
# as a machine that was short of memory once.
MOST_DEATHS, WITHIN_SECONDS = 5, 300


class WorkerDeaths:
    """The deaths of the workers of one service."""

    def __init__(self) -> None:
        self.number = 0
        self._latest: deque[float] = deque(maxlen=MOST_DEATHS)

    def are_too_many_with(self, workers: int, at: float) -> bool:
        """Whether, with these deaths at this moment in seconds, there are too many."""
        self.number += workers
        self._latest.extend([at] * workers)
        is_loop = len(self._latest) == MOST_DEATHS and at - self._latest[0] <= WITHIN_SECONDS
        then = "the service ends" if is_loop else "another takes its place"
        log.error(
            "a worker died, %d in all; with %d in %d s it ends; %s", self.number, MOST_DEATHS, WITHIN_SECONDS, then
        )
        return is_loop
