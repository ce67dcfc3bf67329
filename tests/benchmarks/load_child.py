"""Loads one world into one database, in a process of its own, so that its memory is its own.

It tells when it begins and ends, and how much of the time making the world took; the parent watches its memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

from sqlalchemy import Connection

from api.db import connect_for_loading
from api.loading import load
from api.settings import Settings
from tests.benchmarks.world import Record, World


class Timed(World):
    """The same world, which knows how long it took to make."""

    making_seconds = 0.0

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        made = super().records(connection)
        while True:
            start = time.perf_counter()
            record = next(made, None)
            self.making_seconds += time.perf_counter() - start
            if record is None:
                return
            yield record


def main(address: str, events: int) -> None:
    engine = connect_for_loading(Settings(database_url=address))
    world = Timed(events)
    start = time.perf_counter()
    load(engine, world, lambda _what, _count: None)
    engine.dispose()
    print(json.dumps({"seconds": time.perf_counter() - start, "making_seconds": world.making_seconds}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
