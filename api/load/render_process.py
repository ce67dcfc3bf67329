"""The second process of a load: reads batches of events from its input, and writes what is to be stored of them.

`api/load/new_events.py` starts it. Both sides are pickled: first the engine's name and the contents of dictionaries, then one
batch after the other.
"""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Mapping
from typing import BinaryIO

from api.load.new_events import Batch, compressed, prepared_events
from api.load.rendition_writer import compressor
from api.store.groups_and_places import GroupsAndPlaces
from api.store.stored_bytes import Model


def answer_batches(source: BinaryIO, target: BinaryIO) -> None:
    """Answers every batch until the input ends."""
    engine: str
    contents: Mapping[Model, bytes]
    engine, contents = pickle.load(source)  # the load wrote it
    compressors = {model: compressor(content) for model, content in contents.items()}
    # Records are trees, and walking them over and over takes a sixth of the time.
    gc.disable()
    groups_and_places = GroupsAndPlaces()
    while source.peek(1):  # type: ignore[attr-defined]  # the input is buffered
        batch: Batch = pickle.load(source)
        groups_and_places.learn(batch.groups_and_places)
        found = compressed(engine, prepared_events(engine, batch, groups_and_places), compressors)
        pickle.dump(found, target, pickle.HIGHEST_PROTOCOL)
        target.flush()


if __name__ == "__main__":
    answer_batches(sys.stdin.buffer, sys.stdout.buffer)
