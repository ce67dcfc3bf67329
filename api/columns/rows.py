"""Reads a dataset's rows into an empty DuckDB database, as one transaction sees them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import duckdb
import orjson
import pyarrow as pa
from sqlalchemy import (
    JSON,
    BindParameter,
    Connection,
    Dialect,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    cast,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased
from sqlalchemy.schema import CreateTable

from api.columns import tables
from api.columns.column_types import bare_column
from api.domain.cells import cell
from api.store.driver_rows import fetch_batches
from api.store.models import (
    Claim,
    Dataset,
    Document,
    Event,
    EventWords,
    Figure,
    Group,
    GroupName,
    GroupRelation,
    Location,
    LocationName,
    Participation,
    Report,
)

# Rows that are handed over at a time: a megabyte or two.
_BATCH = 2_000
# How many batches may wait to be taken in.
_MOST_WAITING = 2
# DuckDB reads what PostgreSQL is told.
DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # as SQLAlchemy has it


def read_rows(connection: Connection, into: duckdb.DuckDBPyConnection, dataset_id: str) -> Mapping[str, int]:
    """How many rows the dataset has of each kind that it has any of; each of the kinds becomes a table `row_…`.

    DuckDB takes rows in by a thread of its own while the next ones are read.
    """
    held: Counter[str] = Counter()
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as taking_in:
        for query in _queries(connection.dialect):
            waiting.append(taking_in.submit(_create, into, query))
            parameters = {"dataset_id": dataset_id} if connection.dialect.name == "postgresql" else (dataset_id,)
            for rows in fetch_batches(connection, query.select, parameters, _BATCH):
                waiting.append(taking_in.submit(_insert, into, query, _as_columns(query, rows)))
                held[query.name] += len(rows)
                if len(waiting) > _MOST_WAITING:
                    waiting.popleft().result()
            if query.name == "event" and not held[query.name]:
                # Nothing hangs on no events.
                break
        for taken in waiting:
            taken.result()
    return held


class _Query(NamedTuple):
    """A kind of rows: its name, what makes its table here, what asks for it there, and where its rows hold objects."""

    name: str
    create: str
    select: str
    objects: Sequence[int]


# What each kind of database is asked, which takes a tenth of a small load to work out.
_queries_by_dialect: dict[str, Sequence[_Query]] = {}


def _queries(dialect: Dialect) -> Sequence[_Query]:
    """All kinds of rows, as the database is asked for them."""
    if dialect.name not in _queries_by_dialect:
        _queries_by_dialect[dialect.name] = _compiled_queries(dialect)
    return _queries_by_dialect[dialect.name]


def _compiled_queries(dialect: Dialect) -> Sequence[_Query]:
    found = []
    for name, statement in _statements():
        columns = list(statement.selected_columns)
        table = Table(f"row_{name}", MetaData(), *map(bare_column, columns))
        objects = [place for place, column in enumerate(columns) if isinstance(column.type, JSON)]
        found.append(_Query(name, _create_statement(table), str(statement.compile(dialect=dialect)), objects))
    return found


def create(into: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Makes an empty table."""
    into.execute(_create_statement(table))


@cache
def _create_statement(table: Table) -> str:
    return str(CreateTable(table).compile(dialect=DIALECT))


def _create(into: duckdb.DuckDBPyConnection, query: _Query) -> None:
    into.execute(query.create)


def _as_columns(query: _Query, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    values = [list(column) for column in zip(*rows, strict=True)]
    for place in query.objects:
        # SQLite's driver knows them as text.
        values[place] = [cell(orjson.loads(held) if isinstance(held, str) else held) for held in values[place]]
    return pa.table(values, [str(place) for place in range(len(values))])


def _insert(into: duckdb.DuckDBPyConnection, query: _Query, batch: pa.Table) -> None:
    into.register("batch", batch)
    into.execute(f"insert into row_{query.name} select * from batch")  # a name of ours


# Lists that are compared and read in DuckDB come as their JSON text; others as they stand in a cell.
_AS_TEXT = ("chain", "spans")


def _columns(model: Any, *names: str) -> list[Any]:
    columns = [getattr(model, name) for name in names]
    return [cast(column, String).label(column.key) if column.key in _AS_TEXT else column for column in columns]


# Who says something, and what a claim says.
_SAID = (*tables.ATTRIBUTION_ROW, "chain")
_STATED = ("spans", "position", "qualifier", "low", "best", "high", "is_preferred")


def _statements() -> Iterator[tuple[str, Select[Any]]]:
    """What is read of a dataset: the columns that the copy has, of events and figures with what hangs on them, and of what
    the dataset says of places, groups and documents."""
    dataset_id: BindParameter[str] = bindparam("dataset_id")
    for model, table in _COPIED_TABLES.items():
        wanted = _columns(model, *table.columns.keys())
        owner = Dataset.id if model is Dataset else model.dataset_id
        yield table.name, select(*wanted).where(owner == dataset_id).order_by(*wanted[:2])
    of_event = Event.dataset_id == dataset_id
    episode = aliased(Event)
    yield (
        "event",
        select(*_columns(Event, *tables.EVENT_ROW, *tables.POINT), episode.title.label("part_of_title"))
        .outerjoin(episode, episode.id == Event.part_of)
        .where(of_event)
        .order_by(Event.number),
    )
    child_rows: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
        ("participation", Participation, Participation.event_number, ("group_id", "role", "certainty", "position")),
        ("report", Report, Report.event_number, (*_SAID, "position")),
        ("event_words", EventWords, EventWords.number, ("words",)),
    )
    for name, model, number, columns in child_rows:
        found = select(number.label("owner"), *_columns(model, *columns)).join(Event, Event.number == number)
        yield name, found.where(of_event).order_by(number)
    of_figure = Figure.dataset_id == dataset_id
    yield (
        "figure",
        select(*_columns(Figure, *tables.FIGURE_ROW, *tables.POINT, "position"))
        .where(of_figure)
        .order_by(Figure.number),
    )
    yield (
        "claim",
        select(Claim.figure_number.label("owner"), *_columns(Claim, *_SAID, *_STATED))
        .join(Figure, Figure.number == Claim.figure_number)
        .where(of_figure)
        .order_by(Claim.figure_number),
    )


_COPIED_TABLES: dict[Any, Table] = {
    Dataset: tables.DATASET,
    Group: tables.GROUP,
    GroupName: tables.GROUP_NAME,
    GroupRelation: tables.GROUP_RELATION,
    Location: tables.LOCATION,
    LocationName: tables.LOCATION_NAME,
    Document: tables.DOCUMENT,
}
