"""The same events as one flat table in an SQLite file, indexed on each filter: what Datasette is made for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.world import World

TABLE = "events"
COLUMNS = (
    *("id", "year", "date_start", "date_end", "date_precision", "country", "state", "district", "place"),
    *("latitude", "longitude", "where_precision", "type", "subtype", "title", "group_a", "group_b", "document"),
    *("killed_low", "killed_best", "killed_high", "killed_a", "killed_b", "type_of_violence"),
)
# An index for each, with the date behind it, which is more than most users would make.
FILTERS = ("country", "state", "district", "place", "type", "subtype", "group_a", "group_b", "document", "year")
# Options that keep Datasette from doing what was not asked for: counting, and suggesting facets.
QUICKEST = {"_shape": "objects", "_nocount": "1", "_nofacet": "1", "_nosuggest": "1"}


def make(path: Path, world: World) -> None:
    """Writes the file."""
    connection = sqlite3.connect(path)
    # Nothing reads the file before it is whole.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    columns = ", ".join(f"{name} PRIMARY KEY" if name == "id" else name for name in COLUMNS)
    connection.execute(f"CREATE TABLE {TABLE} ({columns})")
    places = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO {TABLE} VALUES ({places})", _rows(world))
    for name in FILTERS:
        connection.execute(f"CREATE INDEX {TABLE}_{name} ON {TABLE} ({name}, date_start)")
    connection.execute(f"CREATE INDEX {TABLE}_date_start ON {TABLE} (date_start)")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _rows(world: World) -> Iterator[tuple[Any, ...]]:
    above = {place["id"]: place["parent_id"] for place in world.locations()}
    for event in world.events():
        whole, *parts = event["figures"]
        sides = [part["group_id"] for part in event["groups"]]
        killed = [part["best"] for part in parts] or [None, None]
        district = above[event["location_id"]]
        state = above[district]
        yield (
            event["id"],
            event["date_start"].year,
            event["date_start"].isoformat(),
            event["date_end"].isoformat(),
            event["date_precision"],
            above[state].upper(),
            state,
            district,
            event["location_id"],
            event["latitude"],
            event["longitude"],
            event["location_precision"],
            event["type"],
            event["subtype"],
            event["title"],
            sides[0],
            sides[-1],
            event["reports"][0]["document_id"],
            whole["low"],
            whole["best"],
            whole["high"],
            *killed,
            event["codes"]["type_of_violence"],
        )


def newest(database: Path, **wanted: str) -> str:
    """The path of Datasette that gives the newest 100 rows, narrowed by columns."""
    asked = {**QUICKEST, "_size": "100", "_sort_desc": "date_start", **wanted}
    return f"/{database.stem}/{TABLE}.json?{urlencode(asked)}"
