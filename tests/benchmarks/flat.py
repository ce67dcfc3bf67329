"""The same events and figures as two flat tables, as people would load them elsewhere: SQLite, Parquet, DuckDB.

They are made from what the service itself exports, so whatever is loaded, the others are asked about the same.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from tests.benchmarks.client import Client
from tests.benchmarks.processes import Server
from tests.benchmarks.service import Service

try:
    import duckdb
except ImportError:
    duckdb = None

WHOLE = "/v1/events?kind=incident,episode,aggregate&format=ndjson"
# What both tables have; each with its type.
WHEN_AND_WHERE = {
    "date_start": "DATE",
    "date_end": "DATE",
    "country": "TEXT",
    "state": "TEXT",
    "district": "TEXT",
    "place": "TEXT",
    "latitude": "DOUBLE",
    "longitude": "DOUBLE",
    "location_precision": "TEXT",
}
TAKING_PART = {"kind": "TEXT", "type": "TEXT", "subtype": "TEXT", "group_a": "TEXT", "group_b": "TEXT"}
SAID = {"document": "TEXT", "claimant": "TEXT", "verification": "TEXT"}
EVENTS = {
    "id": "TEXT",
    "dataset": "TEXT",
    "title": "TEXT",
    **WHEN_AND_WHERE,
    **TAKING_PART,
    **SAID,
    "words": "TEXT",
}
FIGURES = {
    "id": "TEXT",
    "event_id": "TEXT",
    "dataset": "TEXT",
    **WHEN_AND_WHERE,
    **TAKING_PART,
    "measure": "TEXT",
    "population": "TEXT",
    "low": "BIGINT",
    "best": "BIGINT",
    "high": "BIGINT",
    **SAID,
}
TABLES = {"events": EVENTS, "figures": FIGURES}
# An index for each, with the date behind it, which is more than most users would make.
INDEXED = ("country", "state", "district", "place", "type", "subtype", "group_a", "group_b", "document")
# A box is looked for by one of its sides.
POINT = ("latitude", "longitude")
# Changes with what the files hold, since kept ones would be taken as they are.
LAYOUT = 2
# Rows that SQLite takes at once.
BATCH = 5000


@dataclass(frozen=True)
class Flat:
    """The files of the flat tables; those that are missing could not be made."""

    sqlite: Path
    parquet: tuple[Path, ...]
    duckdb: Path | None


def make(server: Server, folder: Path, service: Service) -> Flat:
    """Writes the files, or finds those of this revision."""
    mark = f"{service.revision} {LAYOUT} {duckdb is not None}"
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "revision"
    made = Flat(
        folder / "flat.db",
        tuple(folder / f"{name}.parquet" for name in TABLES) if duckdb else (),
        folder / "flat.duckdb" if duckdb else None,
    )
    if done.exists() and done.read_text() == mark:
        return made
    for path in folder.glob("*"):
        path.unlink()
    texts = {name: folder / f"{name}.csv" for name in TABLES}
    _write(server, texts, service.kinds_listed)
    _fill_sqlite(made.sqlite, texts)
    if duckdb is not None and made.duckdb is not None:
        _fill_duckdb(made.duckdb, texts, made.parquet)
    for path in texts.values():
        path.unlink()
    done.write_text(mark)
    return made


def _write(server: Server, texts: dict[str, Path], kinds: Sequence[str]) -> None:
    """Writes both tables as CSV, from the export of everything: all figures, and the events that a list shows unasked."""
    with texts["events"].open("w", newline="") as events, texts["figures"].open("w", newline="") as figures:
        event_rows, figure_rows = csv.writer(events), csv.writer(figures)
        with Client(server) as client:
            for line in client.lines(WHOLE):
                event = orjson.loads(line)
                if not kinds or event["kind"] in kinds:
                    event_rows.writerow(_event(event))
                figure_rows.writerows(_figures(event))


def _event(event: dict[str, Any]) -> list[Any]:
    names = [part["name"] for part in (*event["groups"], *event["location"]["path"])]
    words = " ".join([event["title"], event["summary"] or "", *names])
    return [
        *(event["id"], event["dataset"], event["title"]),
        *_when_and_where(event),
        *_taking_part(event),
        *_said(event["reports"][:1]),
        _folded(words),
    ]


def _figures(event: dict[str, Any]) -> Iterator[list[Any]]:
    for figure in event["figures"]:
        yield [
            *(figure["id"], event["id"], event["dataset"]),
            *_when_and_where(figure),
            *_taking_part(event),
            *(figure[name] for name in ("measure", "population", "low", "best", "high")),
            *_said([claim for claim in figure["claims"] if claim["preferred"]]),
        ]


def _when_and_where(record: dict[str, Any]) -> list[Any]:
    place = record["location"]
    above = {step["level"]: step["id"] for step in place["path"]}
    return [
        *(record["date"]["start"], record["date"]["end"]),
        *(place["country"], above.get("state_or_region"), above.get("district")),
        *(place["id"], place["latitude"], place["longitude"], place["precision"]),
    ]


def _taking_part(event: dict[str, Any]) -> list[Any]:
    groups = [part["id"] for part in event["groups"]]
    first, second, *_others = [*groups, None, None]
    return [event["kind"], event["type"], event["subtype"], first, second]


def _said(said: Sequence[dict[str, Any]]) -> list[Any]:
    if not said:
        return [None] * len(SAID)
    return [said[0][name] for name in SAID]


def _folded(text: str) -> str:
    """Words in lower case without accents, each between spaces."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return f" {' '.join(re.findall(r'[a-z0-9]+', plain.lower().replace(chr(39), '')))} "


def _fill_sqlite(path: Path, texts: dict[str, Path]) -> None:
    connection = sqlite3.connect(path)
    # Nothing reads the file before it is whole.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    for name, columns in TABLES.items():
        described = ", ".join(
            f"{column} {kind}{' PRIMARY KEY' if column == 'id' else ''}" for column, kind in columns.items()
        )
        connection.execute(f"CREATE TABLE {name} ({described})")
        places = ", ".join("nullif(?, '')" for _column in columns)
        with texts[name].open(newline="") as read:
            rows = csv.reader(read)
            while batch := list(islice(rows, BATCH)):
                connection.executemany(f"INSERT INTO {name} VALUES ({places})", batch)
        for column in INDEXED:
            connection.execute(f"CREATE INDEX {name}_{column} ON {name} ({column}, date_start, id)")
        connection.execute(f"CREATE INDEX {name}_date_start ON {name} (date_start, id)")
        connection.execute(f"CREATE INDEX {name}_point ON {name} ({', '.join(POINT)})")
    connection.execute("CREATE INDEX figures_event_id ON figures (event_id)")
    connection.execute("CREATE VIRTUAL TABLE events_words USING fts5 (words, content='events')")
    connection.execute("INSERT INTO events_words (events_words) VALUES ('rebuild')")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _fill_duckdb(path: Path, texts: dict[str, Path], parquet: Sequence[Path]) -> None:
    connection = duckdb.connect(str(path))
    for (name, columns), written in zip(TABLES.items(), parquet, strict=True):
        described = json.dumps(columns).replace('"', "'")
        connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{texts[name]}', header = false, columns = {described}, "
            "quote = '\"', escape = '\"') ORDER BY date_start DESC, id DESC"
        )
        connection.execute(f"COPY {name} TO '{written}' (FORMAT parquet)")
    connection.close()
