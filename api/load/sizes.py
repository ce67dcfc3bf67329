"""From how many records on a load works otherwise."""

from __future__ import annotations

from typing import NamedTuple


class Sizes(NamedTuple):
    """How many records are many. Whatever they are, what can be read afterwards is the same."""

    # From how many changed events and figures of a dataset on they are told in one line of history. A follower reads the
    # whole dataset in a fraction of the time that as many lines would take.
    most_lines: int = 100_000
    # From how many events on a second process is worth its start, which takes as long as rendering some thousand.
    rendered_apart: int = 5_000
    # From how many records dictionaries are trained. With half as many samples the JSON of events takes a seventh more.
    least_samples: int = 4_000


USUAL = Sizes()
