"""Loads a generated world, or the corpus with one edit, in a process of its own, whose memory and time are its own.

It is all of the benchmark that calls the service's own code: there is no command that loads records from a program.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from api.load.loading import load
from api.load.result import LoadResult
from api.settings import Settings
from api.store.database import connect_for_loading
from seeds.corpus.corpus_source import Corpus
from seeds.corpus.files import SEEDS
from tests.benchmarks.world import Record, World

PARTS = 10


class Timed(World):
    """The same world, which knows when each tenth of its events was taken."""

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        self.taken: list[float] = []
        seen, step = 0, max(self.events_wanted // PARTS, 1)
        for kind, record in super().records(connection):
            if kind == "event":
                if seen % step == 0:
                    self.taken.append(time.perf_counter())
                seen += 1
            yield kind, record
        self.taken.append(time.perf_counter())


def load_world(address: str, events: int) -> None:
    """Loads it, and prints the seconds of the first and of the last tenth of its events."""
    world = Timed(events)
    _load(address, world)
    taken = world.taken
    print(json.dumps({"first": taken[1] - taken[0], "last": taken[-1] - taken[-2]}))


def edit_corpus(address: str) -> None:
    """Loads the corpus with another title of its first event, and prints how long the load took."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        shutil.copytree(SEEDS, seeds, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        events = seeds / "op1027" / "events.yaml"
        text, edits = re.subn(r"(?m)^(\s*(?:- )?title: )(.+)$", r"\1Edited at \2", events.read_text(), count=1)
        assert edits == 1
        events.write_text(text)
        start = time.perf_counter()
        assert not _load(address, Corpus(seeds / "op1027")).changed_nothing
    print(json.dumps({"seconds": time.perf_counter() - start}))


def _load(address: str, source: World | Corpus) -> LoadResult:
    engine = connect_for_loading(Settings(database_url=address))
    account = load(engine, source, lambda _what, _count: None)
    engine.dispose()
    return account


if __name__ == "__main__":
    if sys.argv[1] == "edit":
        edit_corpus(sys.argv[2])
    else:
        load_world(sys.argv[2], int(sys.argv[3]))
