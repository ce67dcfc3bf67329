"""Puts the pieces of all datasets together into one DuckDB file, which is then only read."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from sqlalchemy import Table

from api.columns import claimed_figures, families, rows, tables
from api.columns.column_types import enumerated
from api.columns.connections import open_sealed
from api.columns.make_pieces import PIECES
from api.columns.set_offsets import moved, set_offsets
from api.domain.codebook import values
from api.domain.codebook.places import DRAWN_PRECISIONS, LEVELS

log = logging.getLogger(__name__)

# Up to how many bytes of pieces a copy is of few events. To try how each column of each table is best compressed would take
# a quarter of the time that such a copy is made in, and in blocks of the usual 256 kB it would fill 5 MB.
_FEW_BYTES = 1_000_000
_SMALLEST_BLOCK_BYTES = 16_384
# What DuckDB may keep in memory while it sorts and joins; the rest goes beside the file. Where that is too little, it is all done
# once more with the other.
_MEMORY, _MOST_MEMORY = "256MB", "512MB"
# The order in which sets are stored: by what they are looked up by. Words come so from every dataset, which is enough.
_ORDER = {"participant": "group_id, participant_set"}


def assemble(datasets: Mapping[str, Path], file: Path) -> None:
    """Writes the copy into `file` from each dataset's folder of pieces, with a Parquet file of each table.

    Errors: those of DuckDB, where a piece cannot be read.
    """
    try:
        _assemble(datasets, file, _MEMORY)
    except duckdb.OutOfMemoryException as error:
        log.warning("the reading copy needs more than %s of memory: %s", _MEMORY, error)
        file.unlink()
        file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
        _assemble(datasets, file, _MOST_MEMORY)


def _assemble(datasets: Mapping[str, Path], file: Path, memory: str) -> None:
    is_small = sum(piece.stat().st_size for folder in datasets.values() for piece in folder.iterdir()) < _FEW_BYTES
    blocks = {"default_block_size": _SMALLEST_BLOCK_BYTES} if is_small else {}
    database = open_sealed(str(file), memory, file.with_suffix(".spilled"), list(datasets.values()), **blocks)
    try:
        if is_small:
            database.execute("pragma force_compression = 'uncompressed'")
        # One transaction, since each that writes waits for the disk.
        database.begin()
        _fill_tables(database, datasets)
        rows.create(database, tables.LOCATION_ABOVE)
        database.execute(_FILL_LOCATION_ABOVE)
        database.commit()
        database.execute("checkpoint")
    finally:
        database.close()


def _fill_tables(database: duckdb.DuckDBPyConnection, datasets: Mapping[str, Path]) -> None:
    folders = list(datasets.values())
    _create_code_types(database, list(datasets))
    offsets = set_offsets(database, folders)
    # First what others are told by: events and figures are placed by their places, documents tell outlets, and claims roots.
    first = ("location", "document", "group", "interim_claim", "document_chain", "participant", "attribution", "claim")
    for name in sorted(PIECES, key=lambda name: first.index(name) if name in first else len(first)):
        parts = [
            f"select {moved(name, offset)} from read_parquet('{folder / name}.parquet')"
            for folder, offset in zip(folders, offsets, strict=True)
            if (folder / f"{name}.parquet").exists()
        ]
        table = tables.METADATA.tables[name] if name in tables.METADATA.tables else tables.INTERIM.tables[name]
        _create(database, table)
        if table is tables.FIGURE:
            claimed_figures.make_root_counts(database)
        if name in _SHOWN:
            database.execute(_SHOWN[name])
            _number_one_column_sets(database, name)
        if parts:
            fill = _fill_records if table.name in _RECORDS else _fill_table
            fill(database, table, f"({' union all '.join(parts)})")
        if table is tables.DOCUMENT_CHAIN:
            claimed_figures.make_sources_of(database)
            _create_types_of_names(database)
            _create(database, tables.SOURCE)
            claimed_figures.fill_sources(database)
    for table in (tables.NEW_SOURCE, tables.CLAIMED_FIGURE):
        _create(database, table)
    claimed_figures.make_claimed_figures(database)


def _fill_table(database: duckdb.DuckDBPyConnection, table: Table, from_sql: str) -> None:
    """Fills a table from its pieces, in the order in which it is stored. All names are ours."""
    names = [column.name for column in table.columns]
    if "outlet" in names and table is not tables.DOCUMENT:
        from_sql = (
            f"(select s.*, o.source_set, {claimed_figures.OUTLET} as outlet from {from_sql} s"
            " join sources_of o using (chain_number) join document d on d.id = s.document_id)"
        )
    order = f"order by {_ORDER[table.name]}" if table.name in _ORDER else ""
    database.execute(f'insert into "{table.name}" select {", ".join(names)} from {from_sql} {order}')


def _fill_records(database: duckdb.DuckDBPyConnection, table: Table, from_sql: str) -> None:
    """Fills events or figures from their pieces, in the order of lists, with what other tables tell. All names are ours.

    Pieces come in that order. Only what decides the order of all is sorted: whole rows would take ten times the memory.
    """
    keys = f"select number, date_start, id from {from_sql} order by date_start desc, id desc"
    database.execute(
        f"create temp table ordered as select number, row_number() over ()::int as list_position from ({keys})"
    )
    columns = ", ".join(
        f"{_FROM_OTHER_TABLES.get(column.name, f'p.{column.name}')} as {column.name}" for column in table.columns
    )
    joined = "join ordered o on o.number = p.number join location l on l.id = p.location_id"
    for shown, level in tables.SHOWN_LEVELS.items():
        joined += f" left join location {shown} on {shown}.id = l.{level}"
    key = _SHOWN_SETS[table.name].key
    joined += f" left join shown_{table.name} s using ({key}) left join one_column_{table.name} v using ({key})"
    if table is tables.FIGURE:
        located = f"(select p.*, {', '.join(f'l.{level}' for level in LEVELS)} from {from_sql} p join location l on l.id = p.location_id)"
        database.execute(f"create temp table apart as {families.differences_of_event_or_place(located)}")
        joined += " left join rooted r on r.number = p.number left join apart a on a.family_number = p.family_number"
    else:
        joined += " left join shown_participant g using (participant_set)"
    database.execute(f"insert into {table.name} select {columns} from {from_sql} p {joined}")
    database.execute("drop table ordered")


def _create_code_types(database: duckdb.DuckDBPyConnection, datasets: Sequence[str]) -> None:
    """Makes the types of codes and of the ids of datasets (see column_types.enumerated)."""
    names = {
        type_
        for table in _ARE_TYPED
        for column in tables.METADATA.tables[table].columns
        if (type_ := enumerated(column.name)) and type_ not in _TYPES_OF_NAMES
    }
    for name in sorted(names):
        held = datasets if name == "dataset_id" else values(name.removeprefix("code_"))
        listed = ", ".join("'{}'".format(value.replace("'", "''")) for value in sorted(held))
        database.execute(f"create type {name} as enum ({listed})")


def _create_types_of_names(database: duckdb.DuckDBPyConnection) -> None:
    """Makes the types of ids and names, once there are all that have any."""
    for name, all_values in _TYPES_OF_NAMES.items():
        distinct = f"select distinct value from ({all_values}) where value is not null order by value"
        ((count,),) = database.execute(f"select count(*) from ({distinct})").fetchall()
        type_ = f"enum ({distinct})" if count <= _MOST_ENUMERATED else "varchar"
        database.execute(f"create type {name} as {type_}")


def _create(database: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Makes an empty table; those that totals read with types for what holds few different values."""
    if table.name not in _ARE_TYPED:
        rows.create(database, table)
        return
    types = {column.name: column.type.compile(dialect=rows.DIALECT) for column in table.columns}
    columns = ", ".join(f"{name} {enumerated(name) or type_}" for name, type_ in types.items())
    database.execute(f"create table {table.name} ({columns})")


def _joined(value: str, which: str = "true", of: str = "") -> str:
    """The different values of each set that pass `which`, in order and joined to one text; null where there are none. Where the values
    are objects, `of` names the key that is shown of each. All names are ours."""
    values = f"list_sort(list(distinct {value}) filter ({which} and {value} is not null))"
    shown = f"list_transform({values}, lambda m: m.{of})" if of else values
    return f"nullif(array_to_string({shown}, '; '), '')"


def _shown_participants() -> str:
    """Who takes part in each set of participants: the ids and names of those of a role, and of all."""
    columns = [
        f"{_joined('p.group_id', which)} as {shown}s, {_joined(_GROUP, which, 'name')} as {shown}_names"
        for shown, role in tables.SHOWN_ROLES.items()
        for which in ["true" if role is None else f"p.role = '{role}'"]
    ]
    from_sql = 'participant p join "group" g on g.id = p.group_id'
    return f"select participant_set, {', '.join(columns)} from {from_sql} group by participant_set"


def _shown_attribution(table: str, key: str) -> str:
    """Who says so in each set of reports or claims."""
    columns = {"document_ids": "document_id", "outlets": "outlet", "claimants": "claimant"}
    listed = ", ".join(f"{_joined(value)} as {shown}" for shown, value in columns.items())
    return f"select {key}, {listed} from {table} group by {key}"


def _number_one_column_sets(database: duckdb.DuckDBPyConnection, owner: str) -> None:
    """Fills the tables of sets of one column (see tables.ATTRIBUTION_COLUMNS), and makes `one_column_…`, which set of reports or claims
    has which of these. All names are ours."""
    sets = _SHOWN_SETS[owner]
    numbered = []
    for name, own in tables.ONE_COLUMN_SETS[sets].items():
        _create(database, own.table)
        from_sql = f"{sets.table.name} join source using (source_set)" if name == "source" else sets.table.name
        database.execute(
            f"create temp table numbered_{name} as with listed as"
            f" (select {sets.key}, list_sort(list(distinct {name})) as members from {from_sql} group by {sets.key}),"
            f" numbered as (select members, row_number() over ()::int as {own.key} from (select distinct members from listed))"
            f" select {sets.key}, {own.key}, members from listed join numbered using (members)"
        )
        database.execute(
            f"insert into {own.table.name} select {own.key}, unnest(members) from"
            f" (select {own.key}, any_value(members) as members from numbered_{name} group by {own.key})"
        )
        numbered.append(f"numbered_{name}")
    # Each has every set once.
    first, *others = numbered
    joined = first + "".join(f" join {other} using ({sets.key})" for other in others)
    columns = ", ".join([sets.key, *tables.ATTRIBUTION_SETS])
    database.execute(f"create temp table one_column_{owner} as select {columns} from {joined}")
    for name in numbered:
        database.execute(f"drop table {name}")


# A group as it is sorted by its id and shown by its name.
_GROUP = "{'id': p.group_id, 'name': g.name}"
# What flat rows show of sets, worked out once for each set.
_SHOWN_SETS = {"event": tables.ATTRIBUTIONS, "figure": tables.CLAIMS}
_SHOWN = {
    "event": (
        f"create temp table shown_participant as {_shown_participants()};"
        f" create temp table shown_event as {_shown_attribution('attribution', 'attribution_set')}"
    ),
    "figure": f"create temp table shown_figure as {_shown_attribution('claim', 'claim_set')}",
}
# A country's id is its code in lower case.
_LEVEL_IDS = ", ".join("lower(l.country)" if level == "country" else f"l.{level}" for level in LEVELS)
_FILL_LOCATION_ABOVE = f"""
insert into location_above
select id, above from (select id, unnest([{_LEVEL_IDS}]) as above from location l) where above is not null
"""
_RECORDS = ("event", "figure")
# Tables of columns with types of their own.
_ARE_TYPED = (*_RECORDS, "claimed_figure", "participant", "source", "new_source")
# All values of the types of ids and names.
_TYPES_OF_NAMES = {
    **{level: f"select {level} as value from location" for level in LEVELS},
    "location_id": "select id as value from location",
    "group_id": 'select id as value from "group"',
    "outlet": f"select {claimed_figures.OUTLET} as value from document d",
    "speaker": "select claimant as value from interim_claim union all select unnest(sources) from sources_of",
}
# With more values a type is text: DuckDB copies all values of every column of a table when it plans a statement on it.
_MOST_ENUMERATED = 5_000
_POINT = {name: f"case when p.latitude is null then l.{name} else p.{name} end" for name in ("latitude", "longitude")}
_IS_DRAWN = "p.location_precision in ({})".format(", ".join(f"'{precision}'" for precision in DRAWN_PRECISIONS))
# The columns of events and figures that are no part of their pieces: a place, group or document that changes needs no new
# pieces of events. In order: the position in lists; what follows from the place, namely the place of each level, the point,
# which is a record's own or its place's, and what is shown of it; what differs in a family, and the roots, of figures alone;
# and what is shown of participants and of who says so.
_FROM_OTHER_TABLES = {
    "list_position": "o.list_position",
    **{level: f"l.{level}" for level in LEVELS},
    **_POINT,
    **{f"drawn_{name}": f"case when {_IS_DRAWN} then {point} end" for name, point in _POINT.items()},
    **{f"location_{name}": f"l.{name}" for name in ("name", "level", "pcode")},
    **{f"{shown}_{what}": f"{shown}.{what}" for shown in tables.SHOWN_LEVELS for what in ("name", "pcode")},
    "differences": "p.differences | coalesce(a.bits, 0)",
    "roots": "coalesce(r.roots, least(p.claims, 1))",
    **{name: f"g.{name}" for name in tables.PARTICIPANTS_SHOWN},
    **{name: f"s.{name}" for name in tables.ATTRIBUTION_SHOWN},
    **{name: f"v.{name}" for name in tables.ATTRIBUTION_SETS},
}
