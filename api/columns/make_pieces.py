"""Makes the pieces of a dataset: its share of each table of the reading copy, as Parquet, from its rows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from sqlalchemy import Connection

from api.columns import families, rows, tables
from api.columns.connections import scratch_database
from api.columns.number_ranges import Ranges, number_ranges
from api.columns.number_sets import number_sets

log = logging.getLogger(__name__)

# What DuckDB may keep in memory while it derives one dataset's tables; the rest goes to a temporary folder. Where that is
# too little, it is all done once more with the other.
_MEMORY, _MOST_MEMORY = "160MB", "512MB"
# How many rows are joined at a time, and how many times as many are sorted: some tens of megabytes each. Each sort looks
# through all rows, since those that lie together in the order of lists lie apart in all ranges.
_ROWS_AT_A_TIME, _SORTED_AT_ONCE = 20_000, 4


class Piece(NamedTuple):
    """One dataset's share of one table, as a file that is there until they have all been given; null where it has
    nothing."""

    table: str
    rows: int
    file: Path | None


def make_pieces(
    connection: Connection, dataset_id: str, memory: str = _MEMORY, rows_at_a_time: int = _ROWS_AT_A_TIME
) -> Iterator[Piece]:
    """A dataset's pieces, in the order of the tables, from its rows as this connection sees them."""
    try:
        yield from _pieces(connection, dataset_id, memory, rows_at_a_time)
    except _TooLittleMemory as error:
        log.warning("the columns of %s need more than %s of memory: %s", dataset_id, memory, error.__cause__)
        yield from _pieces(connection, dataset_id, _MOST_MEMORY, rows_at_a_time)


class _TooLittleMemory(Exception):
    """What is derived needs more memory than was given; no piece has come yet."""


def _pieces(connection: Connection, dataset_id: str, memory: str, rows_at_a_time: int) -> Iterator[Piece]:
    with scratch_database(memory) as (database, folder):
        try:
            made = list(_written(connection, database, folder, dataset_id, rows_at_a_time))
        except duckdb.OutOfMemoryException as error:
            raise _TooLittleMemory from error
        yield from made


def _written(
    connection: Connection, database: duckdb.DuckDBPyConnection, folder: Path, dataset_id: str, rows_at_a_time: int
) -> Iterator[Piece]:
    held = rows.read_rows(connection, database, dataset_id)
    if "event" in held:
        _derive(database, rows_at_a_time)
    for name in PIECES:
        from_sql, needed = (f"row_{name}", name) if name in _UNCHANGED else (f"piece_{name}", "event")
        if needed not in held:
            yield Piece(name, 0, None)
            continue
        file = folder / f"{name}.parquet"
        copied = database.execute(f"copy {from_sql} to '{file}' (format parquet, compression zstd)")
        ((count,),) = copied.fetchall()
        yield Piece(name, count, file if count else None)


def _derive(database: duckdb.DuckDBPyConnection, rows_at_a_time: int) -> None:
    """Makes a table `piece_…` of each that is not stored as its rows are."""
    database.execute(_DOCUMENT_CHAIN)
    ranges = {table: number_ranges(database, table, rows_at_a_time) for table in ("row_event", "row_figure")}
    number_sets(database, ranges)
    families.make_parts(database, rows_at_a_time)
    _number_list_positions(database, "row_event")
    _fill_in_order(database, "event", _EVENT, ranges["row_event"], rows_at_a_time)
    _number_list_positions(database, "row_figure")
    of_figures = ranges["row_figure"], rows_at_a_time
    _fill_in_order(database, "figure", _FIGURE, *of_figures)
    _fill_in_order(database, "interim_claim", _INTERIM_CLAIM, *of_figures, "list_position, newest")


# Tables whose pieces are the rows of the dataset, unchanged.
_UNCHANGED = ("dataset", "group", "group_name", "group_relation", "location", "location_name", "document")
PIECES = (
    *("event", "figure", "interim_claim", "participant", "attribution", "claim", "document_chain", "profile", "word"),
    *_UNCHANGED,
)

# Each document with each chain that it names, by number; and reports and claims with that number.
_DOCUMENT_CHAIN = """
create table piece_document_chain as
select row_number() over (order by document_id, chain)::int as chain_number, document_id, chain
from (select document_id, chain from row_report union select document_id, chain from row_claim);
create table report_with_chain as select r.*, c.chain_number from row_report r join piece_document_chain c using (document_id, chain);
create table claim_with_chain as select r.*, c.chain_number from row_claim r join piece_document_chain c using (document_id, chain)
"""

# --- In the order of lists -----------------------------------------------------------------------------------------


def _number_list_positions(database: duckdb.DuckDBPyConnection, from_sql: str) -> None:
    """Makes `ordered`, the positions of these events or figures in the order of lists. All names are ours."""
    database.execute(
        "create or replace temp table ordered as select * from"
        f" (select number, row_number() over (order by date_start desc, id desc)::int as list_position from {from_sql})"
        " order by number"
    )


def _fill_in_order(
    database: duckdb.DuckDBPyConnection,
    name: str,
    statement: str,
    ranges: Ranges,
    rows_at_a_time: int,
    order: str = "list_position",
) -> None:
    """Makes `piece_…` from a statement on records with numbers in a range, in the order of `ordered`. All names are ours.

    To sort whole rows at once takes more memory than all else. So they are joined by ranges of their numbers, in which
    all tables are stored, and each range is sorted; then each stretch of the order, which lies together in every range.
    Of few records there is one range, which is the one stretch.
    """
    if len(ranges) == 1:
        _set_range(database, *ranges[0])
        database.execute(
            f"create table piece_{name} as select * exclude (list_position) from ({statement}) order by {order}"
        )
        return
    database.execute(f"create or replace temp table sorted_range as select * from ({statement}) limit 0")
    for first, last in ranges:
        _set_range(database, first, last)
        database.execute(f"insert into sorted_range select * from ({statement}) order by list_position")
    database.execute(f"create table piece_{name} as select * exclude (list_position) from sorted_range limit 0")
    for start in range(0, len(ranges), _SORTED_AT_ONCE):
        first, last = start * rows_at_a_time + 1, (start + _SORTED_AT_ONCE) * rows_at_a_time
        database.execute(
            f"insert into piece_{name} select * exclude (list_position) from sorted_range"
            f" where list_position between {first} and {last} order by {order}"
        )


def _set_range(database: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Says which records, and the events of which figures, `_in_range` is about."""
    database.execute(f"set variable first_number = {first}; set variable last_number = {last}")
    ((first, last),) = database.execute(
        f"select min(event_number), max(event_number) from {_in_range('row_figure', 'number')}"
    ).fetchall()
    database.execute(f"set variable first_event = {first or 0}; set variable last_event = {last or 0}")


def _in_range(table: str, column: str = "owner", of: str = "number") -> str:
    """A table's rows of the records, or of the figures' events, that `_fill_in_order` is at."""
    return f"(from {table} where {column} between getvariable('first_{of}') and getvariable('last_{of}'))"


def _listed(value: str, from_sql: str) -> str:
    """These values of each owner, in the order of their positions, joined to one text. Lists are sorted when they are there:
    an aggregate with an order of its own takes four times as long."""
    members = f"list_sort(list({{'first': position, 'value': {value}}}))"
    joined = f"array_to_string(list_transform({members}, lambda m: m.value), '; ')"
    return f"(select owner, {joined} as listed from {from_sql} group by owner)"


# What flat rows show of lists (see tables.EVENT_LISTED and FIGURE_LISTED): the values, and where they come from.
_LISTED = {
    "figure_ids": _listed("id", f"(select *, event_number as owner from {_in_range('row_figure', 'event_number')})"),
    "part_ids": _listed("id", f"(select whole as owner, id, id as position from {_in_range('part', 'whole')})"),
}
_EVENT = f"""
select e.*, o.list_position, {", ".join(tables.EVENT_SETS)},
    {", ".join(f"{name}.listed as {name}" for name in tables.EVENT_LISTED)}, t.* exclude (event_number)
from {_in_range("row_event", "number")} e
join {_in_range("ordered", "number")} o on o.number = e.number
{" ".join(f"left join {_in_range(f'of_{key}')} of_{key} on of_{key}.owner = e.number" for key in tables.EVENT_SETS)}
{" ".join(f"left join {_LISTED[name]} {name} on {name}.owner = e.number" for name in tables.EVENT_LISTED)}
left join ({families.event_totals(_in_range("row_figure", "event_number"))}) t on t.event_number = e.number
"""
# Figures with the number of their set of claims, and with how many claims and documents they rest on.
_NUMBERED = f"""
select f.*, c.claim_set, coalesce(n.claims, 0)::int as claims, coalesce(n.documents, 0)::int as documents
from {_in_range("row_figure", "number")} f
left join {_in_range("of_claim_set")} c on c.owner = f.number
left join (
    select owner, count(*) as claims, count(distinct document_id) as documents from {_in_range("row_claim")} group by owner
) n on n.owner = f.number
"""
_FIGURE = f"""
select n.*, o.list_position, {", ".join(f"e.{name}" for name in tables.OF_ITS_EVENT)}, participant_set, word_set,
    y.* exclude (number, {", ".join(families.IN_EVENT)}), e.title as event_title,
    {", ".join(f"{name}.listed as {name}" for name in tables.FIGURE_LISTED)}
from ({_NUMBERED}) n
join {_in_range("ordered", "number")} o on o.number = n.number
join {_in_range("row_event", "number", "event")} e on e.number = n.event_number
left join {_in_range("of_participant_set", of="event")} p on p.owner = n.event_number
left join {_in_range("of_word_set", of="event")} w on w.owner = n.event_number
join ({families.additions_statement(_in_range("row_figure", "number"))}) y on y.number = n.number
{" ".join(f"left join {_LISTED[name]} {name} on {name}.owner = n.number" for name in tables.FIGURE_LISTED)}
"""
# What claims say, as totals count it. Publishers print bounds out of order, and low and high then enclose the best.
# `newest` orders what is said of a figure on one day: when a document was published, another dataset may tell.
_INTERIM_CLAIM = f"""
select c.owner as number, o.list_position, c.document_id, c.claimant, c.verification, c.chain_number, c.is_preferred,
    row_number() over (
        partition by c.owner order by c.document_id desc, from_json(c.spans, '[["BIGINT"]]') desc, c.position
    )::int as newest,
    case when c.qualifier = 'none_reported' then 'none_reported' when coalesce(c.low, c.best, c.high) is not null then 'numbered'
        when c.qualifier = 'unknown' then 'unknown' else 'unnumbered' end as claim_status,
    least(coalesce(c.low, 0), coalesce(c.best, c.low, 0)) as claim_low,
    coalesce(c.best, c.low, 0) as claim_best,
    greatest(coalesce(c.high, c.best, c.low, 0), coalesce(c.best, c.low, 0)) as claim_high,
    c.high is null as claim_open
from {_in_range("claim_with_chain")} c join {_in_range("ordered", "number")} o on o.number = c.owner
"""
