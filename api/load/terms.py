"""What a load is told of itself: its time, and from how many records on it writes, renders and compresses otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Terms(NamedTuple):
    """How a load works. Whatever is many or few, what can be read afterwards is the same."""

    # When it says that it was; now, where that is null.
    at: datetime | None = None
    # From how many changed events and figures of a dataset on they are told in one line of history. A follower reads the
    # whole dataset in a fraction of the time that as many lines would take.
    most_lines: int = 100_000
    # From how many events on a second process is worth its start, which takes as long as rendering some thousand.
    second_process_from: int = 5_000
    # From how many records dictionaries are trained. With half as many samples the JSON of events takes a seventh more.
    least_samples: int = 4_000


USUAL = Terms()
