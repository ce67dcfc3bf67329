"""The second process of a load: reads batches of events from its input, and writes what is to be stored of them.

`api/rendering.py` starts it. Both sides are pickled: first the contents of dictionaries, then one batch after the other.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from api.gathering import Around
from api.kinds import Record
from api.models import Event, Figure
from api.rendering import rendered
from api.stored_bytes import Model, compressors, packed


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answers every batch until the input ends."""
    contents: Mapping[Model, Mapping[str, bytes]] = pickle.load(source)  # the load wrote it
    own, of_figures = compressors(contents[Event]), compressors(contents[Figure])
    while source.peek(1):  # type: ignore[attr-defined]  # the input is buffered
        batch: tuple[Sequence[Record], Around] = pickle.load(source)
        found = rendered(*batch)
        found = found._replace(events=packed(own, found.events), figures=packed(of_figures, found.figures))
        pickle.dump(found, target, pickle.HIGHEST_PROTOCOL)
        target.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
