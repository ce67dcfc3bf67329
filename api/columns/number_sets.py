"""Numbers the sets that events and figures of a dataset have: of participants, reports, claims, figures and words.

Many have the very same set, which is stored once (see api/columns/tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from api.columns import tables
from api.columns.number_ranges import Ranges, create_by_ranges

# What a set's members get when the copy is put together, since it is told by what other datasets may hold. Which sources they have
# follows from their chain.
_KNOWN_LATER = ("outlet",)
_SAID = (*tables.ATTRIBUTION_ROW, "chain_number")
_FOLLOWS_FROM = {"source_set": "chain_number"}
# Each kind of set: its number's name, its table, what owns it, and where its members come from, with the owner's number.
_SETS: tuple[tuple[str, Any, str, str], ...] = (
    ("participant_set", tables.PARTICIPANT, "row_event", "row_participation"),
    ("claim_set", tables.CLAIM, "row_figure", "claim_with_chain"),
    (
        "attribution_set",
        tables.ATTRIBUTION,
        "row_event",
        f"""
        (select owner, {", ".join(_SAID)} from report_with_chain union all
        select f.event_number, {", ".join(f"c.{name}" for name in _SAID)}
        from claim_with_chain c join row_figure f on f.number = c.owner)
        """,
    ),
    ("profile_set", tables.PROFILE, "row_event", "(select event_number as owner, * from row_figure)"),
)


def _number_sets(database: duckdb.DuckDBPyConnection, key: str, table: Any, owners: Ranges, from_sql: str) -> None:
    """Makes `piece_…`, the sets with their members, and `of_…`, which owner has which set. All names are ours.

    DuckDB cannot put lists that it is still making out of memory, so those of some owners are made at a time.
    """
    names = [column.name for column in table.columns if column.name not in (key, *_KNOWN_LATER)]
    columns = [_FOLLOWS_FROM.get(name, name) for name in names]
    listed = ", ".join(columns)
    same = " and ".join(f"s.{name} is not distinct from m.{name}" for name in columns)
    database.execute(
        f"""
        create or replace temp table member as
        select row_number() over (order by {listed})::int as member, {listed} from (select distinct {listed} from {from_sql})
        """
    )
    owned = f"select s.owner, list_sort(list(distinct m.member)) as members from {from_sql} s join member m on {same}"
    create_by_ranges(
        database,
        "owned",
        owners,
        lambda first, last: f"{owned} where s.owner between {first} and {last} group by s.owner",
    )
    database.execute(
        """
        create or replace temp table numbered_set as
        select row_number() over (order by first)::int as number, members
        from (select members, min(owner) as first from owned group by members)
        """
    )
    database.execute(
        f"create table of_{key} as"
        f" select o.owner, n.number as {key} from owned o join numbered_set n using (members) order by o.owner"
    )
    database.execute(
        f"""
        create table piece_{table.name} as select n.number as {key}, {listed}
        from (select number, unnest(members) as member from numbered_set) n join member using (member)
        order by n.number, member
        """
    )


def _number_words(database: duckdb.DuckDBPyConnection) -> None:
    """The same of words, which are stored as sets already: each event's own as one sorted text."""
    database.execute(
        """
        create or replace temp table text as
        select row_number() over (order by first)::int as number, words
        from (select words, min(owner) as first from row_event_words group by words)
        """
    )
    database.execute(
        "create table of_word_set as"
        " select owner, number as word_set from row_event_words join text using (words) order by owner"
    )
    database.execute(
        """
        create table piece_word as
        select unnest(string_split(words, ' ')) as word, number as word_set from text order by word, word_set
        """
    )


def number_sets(database: duckdb.DuckDBPyConnection, ranges: Mapping[str, Ranges]) -> None:
    """Makes `piece_…` of each kind of set, with its members, and `of_…`, which owner has which set; `ranges` has those of the
    tables of owners."""
    for key, table, owner, from_sql in _SETS:
        _number_sets(database, key, table, ranges[owner], from_sql)
    _number_words(database)
