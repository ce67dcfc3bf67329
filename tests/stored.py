"""What stands in a database: every row of it, what the API tells of it, and the history of the last load."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection, func, or_, select

from api.columns import pieces
from api.columns.make_pieces import make_pieces
from api.load.history import READS_OTHERWISE
from api.settings import Settings
from api.store.database import connect, connect_for_loading
from api.store.models import Change, Claim, ColumnChunk, Dataset, Document, Event, Figure, Group, Location
from api.store.models.base import Base
from tests.conftest import application, close

KINDS: dict[str, Any] = {
    "dataset": Dataset,
    "document": Document,
    "group": Group,
    "location": Location,
    "event": Event,
    "figure": Figure,
}
# What a client can read of the state of the data.
ANSWERS = (
    "/v1/documents?limit=1000",
    "/v1/groups?limit=1000",
    "/v1/locations?limit=1000",
    "/v1/events?kind=incident,episode,aggregate&limit=1000",
    "/v1/figures?limit=1000",
    "/v1/figures/totals?group_by=measure,population&limit=1000",
    "/v1/figures/totals?group_by=measure,state_or_region,month&limit=1000",
)
EXPORTS = (
    "/v1/figures?format=csv",
    "/v1/events?kind=incident,episode,aggregate&format=geojson",
)
# Times and hashes of loads, which differ between a change and a fresh load of the same.
_TIMES = frozenset({"updated_at", "loaded_at"})


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection of its own to the database at this address."""
    engine = connect_for_loading(Settings(database_url=address))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def served(address: str, **knobs: object) -> Iterator[FlaskClient]:
    """A client of an application that serves the database at this address."""
    app = application(address, **knobs)
    try:
        yield app.test_client()
    finally:
        close(app)


Rows = dict[str, list[tuple[Any, ...]]]


def rows(address: str, *, but_for: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Rows:
    """Every row of every table, in order, but for these tables and without these columns."""
    found: Rows = {}
    with connected(address) as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in without]
            if columns and table.name not in but_for:
                found[table.name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
    return found


def state(address: str) -> Rows:
    """What a fresh load of the same seeds has to come to: all rows, but for times, numbers and history.

    Rendered bytes and pieces of the reading copy hold times; `answers` compares the one, and `stale_pieces` the other.
    """
    times = (*_TIMES, "number", "event_number", "figure_number", "json")
    return rows(address, but_for=("change", "load", "revision", "column_piece", "column_chunk"), without=times)


def hashes(address: str, dataset: str) -> dict[str, str]:
    """The hash of each piece of the reading copy that is stored of a dataset; read beside whoever is writing."""
    engine = connect(Settings(database_url=address))
    with engine.connect() as connection:
        found = {piece.name: piece.hash for piece in pieces.stored_pieces(connection)[dataset]}
    engine.dispose()
    return found


def stale_pieces(address: str, **sizes: Any) -> list[tuple[str, str]]:
    """The dataset and the table of each piece of the reading copy that is not stored as the rows would make it, with so
    much memory or so many rows at a time."""
    found = []
    with connected(address) as connection:
        for dataset, listed in pieces.stored_pieces(connection).items():
            names = {piece.name for piece in listed}
            for made in make_pieces(connection, dataset, **sizes):
                own = (ColumnChunk.dataset_id == dataset, ColumnChunk.name == made.table)
                chunks = connection.scalars(select(ColumnChunk.content).where(*own).order_by(ColumnChunk.position))
                content = b"" if made.file is None else made.file.read_bytes()
                if made.table not in names or b"".join(chunks) != content:
                    found.append((dataset, made.table))
    return found


def strayed(address: str) -> Rows:
    """What is stored with the number of an event that is not its own."""
    beside = (
        (Event.number, Event.id, Figure.event_id, Figure.event_number),
        (Figure.event_number, Figure.number, Claim.figure_number, Claim.event_number),
    )
    with connected(address) as connection:
        return {
            f"{number.table.name}.{number.key}": [
                tuple(row)
                for row in connection.execute(
                    select(owner, number, known).join(known.class_, identity == owner).where(number != known)
                )
            ]
            for known, identity, owner, number in beside
        }


def answers(client: FlaskClient) -> dict[str, Any]:
    """What the API tells, without times and without the revision."""
    found: dict[str, Any] = {}
    for query in ANSWERS:
        response = client.get(query)
        assert response.status_code == 200, response.text
        found[query] = json.loads(response.text, object_hook=_timeless)["data"]
    for query in EXPORTS:
        response = client.get(query)
        assert response.status_code == 200, response.text
        if query.endswith("csv"):
            found[query] = [_timeless(row) for row in csv.DictReader(io.StringIO(response.text))]
        else:
            found[query] = json.loads(response.text, object_hook=_timeless)["features"]
    return found


def _timeless(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _TIMES}


def told(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The events or figures of some answers, by id."""
    (query,) = (query for query in ANSWERS if query.startswith(f"/v1/{kind}s?"))
    return {record["id"]: record for record in found[query]}


def last_change(address: str) -> int:
    """The number of the newest line of history."""
    with connected(address) as connection:
        return connection.scalar(select(func.max(Change.number))) or 0


def _is_coded() -> Any:
    """Whether a line tells of what was coded, and not of a record that only reads otherwise."""
    return or_(Change.reason.is_(None), Change.reason.not_like(f"{READS_OTHERWISE}%"))


def changes(address: str, after: int) -> dict[tuple[str, str, str], Any]:
    """The lines of history after a number: record, id and action, with what changed. No two are about the same."""
    with connected(address) as connection:
        lines = connection.execute(
            select(Change.record, Change.record_id, Change.action, Change.fields, Change.dataset_id, Change.reason)
            .where(Change.number > after, _is_coded())
            .order_by(Change.number)
        ).all()
    found = {(line.record, line.record_id, line.action): line.fields for line in lines}
    assert len(found) == len(lines), "no record is said to have changed in the same way twice"
    assert all((line.reason is not None) is (line.action == "deleted") for line in lines)
    return found


def moments(address: str) -> dict[tuple[str, str], Any]:
    """When each record last changed."""
    found: dict[tuple[str, str], Any] = {}
    with connected(address) as connection:
        for kind, model in KINDS.items():
            for identity, at in connection.execute(select(model.id, model.updated_at)):
                found[kind, identity] = at
    return found
