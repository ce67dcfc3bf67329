"""Makes the table of figures as each of their claims has them, and what each then adds to the total of one source.

The total of a source takes one claim of each figure: of those that match, or belong to the row, the first by precedence (the
preferred one, then the newest with a number, then the newest). Where a question asks for single values of who says so, or
groups by them, that is a claim which no claim of higher precedence equals in these columns: `preceded_in` has a bit for
each combination of columns in which one does. Method: docs/totals.md, Who says so.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import chain, groupby
from operator import itemgetter

import duckdb
import pyarrow as pa

from api.columns import families, tables
from api.domain.corroboration import UNNAMED_OUTLET, Attribution, roots

# The columns in which claims are compared, each by its bit.
_COMPARED = {"document_id": 1, "outlet": 2, "claimant": 4, "verification": 8}
_COMBINATIONS = 16
# Figures whose claims are written by one statement.
_FIGURES_AT_A_TIME = 100_000
# Rows that are read at a time.
_ROWS_AT_A_TIME = 10_000
# Documents of an outlet that nobody knows are outlets of their own.
OUTLET = f"case when d.outlet = '{UNNAMED_OUTLET}' then d.id else coalesce(d.outlet, d.id) end"
# Who says each claim of the figures that have several, by figure.
_SAID_OF_SEVERAL = f"""
select c.number, c.document_id, from_json(s.chain, '["VARCHAR"]')[1], {OUTLET}, c.claim_status in ('numbered', 'none_reported')
from interim_claim c join document_chain s using (chain_number, document_id) join document d on d.id = c.document_id
qualify count(*) over (partition by c.number) > 1 order by c.number
"""


def combinations_with(columns: Collection[str]) -> int:
    """The bits of `preceded_in` for the combinations that have all of these columns: claims with any of them do not count."""
    wanted = sum(_COMPARED[name] for name in columns)
    return sum(1 << combination for combination in range(_COMBINATIONS) if combination & wanted == wanted)


def make_claimed_figures(database: duckdb.DuckDBPyConnection) -> None:
    """Fills the tables of claimed figures and of the sources that each is the first to have, once figures, documents and
    sources are in theirs. All names are ours."""
    database.execute(_ORDERED_CLAIM)
    database.execute(_PRECEDED_IN)
    database.execute(_NEW_SOURCES)
    _add_families(database)
    told = [column.name for column in tables.CLAIMED_FIGURE.columns]
    columns = ", ".join(f"{_FROM.get(name, f'f.{name}')} as {name}" for name in told)
    ((last,),) = database.execute("select coalesce(max(list_position), -1) from ordered_claim").fetchall()
    # So many figures at a time, since all of their columns together would not fit into memory.
    for first in range(0, last + 1, _FIGURES_AT_A_TIME):
        some = f"list_position between {first} and {first + _FIGURES_AT_A_TIME - 1}"
        database.execute(
            f"insert into claimed_figure select {columns} from (select * from ordered_claim where {some}) r"
            f" join (select * from figure where {some}) f using (number)"
            f" left join (select * from preceded_in where {some}) y using (number, precedence)"
            f" left join (select * from new_sources where {some}) z using (number, precedence)"
            f" left join (select * from added where {some}) a using (number, precedence)"
        )
    for name in (
        "ordered_claim",
        "preceded_in",
        "new_sources",
        "added",
        "interim_claim",
        "document_chain",
        "rooted",
        "sources_of",
    ):
        database.execute(f"drop table {name}")


def _add_families(database: duckdb.DuckDBPyConnection) -> None:
    """Makes `added`, what each claim of a figure with a whole or parts adds; so many figures at a time, each with its family."""
    database.execute(f"create temp table added as {_ADDED} limit 0")
    ((last,),) = database.execute("select coalesce(max(family_number), -1) from figure").fetchall()
    for first in range(0, last + 1, _FIGURES_AT_A_TIME):
        database.execute(
            f"set variable first_family = {first}; set variable last_family = {first + _FIGURES_AT_A_TIME - 1}"
        )
        database.execute(f"insert into added {_ADDED}")


def make_sources_of(database: duckdb.DuckDBPyConnection) -> None:
    """Makes `sources_of`, once documents are in their table: the sources of each document's chain, and the number of their set. Those
    that have the very same sources share one, so that there are few."""
    database.execute(_SOURCES_OF)


def fill_sources(database: duckdb.DuckDBPyConnection) -> None:
    """Fills the table of sources, once that stands."""
    database.execute(_SOURCE)


def make_root_counts(database: duckdb.DuckDBPyConnection) -> None:
    """Makes `rooted`, the number of roots of each figure with several claims, by the one rule that there is of roots."""
    said = database.execute(_SAID_OF_SEVERAL)
    rows = chain.from_iterable(iter(lambda: said.fetchmany(_ROWS_AT_A_TIME), []))
    numbers, found = array("i"), array("i")
    for number, claims in groupby(rows, key=itemgetter(0)):
        numbers.append(number)
        found.append(roots([Attribution(*claim[1:]) for claim in claims]))
    database.register("found", pa.table({"number": pa.array(numbers), "roots": pa.array(found)}))
    database.execute("create temp table rooted as select * from found")
    database.unregister("found")


_SOURCES_OF = f"""
create temp table sources_of as
with chained as (
    select chain_number,
        list_sort(list_distinct(list_append(from_json(s.chain, '["VARCHAR"]'), {OUTLET}))) as sources
    from document_chain s join document d on d.id = s.document_id
),
numbered as (select sources, row_number() over (order by sources)::int as source_set from (select distinct sources from chained))
select chain_number, source_set, sources from chained join numbered using (sources)
"""
_SOURCE = """
insert into source
select source_set, unnest(sources) from (select source_set, any_value(sources) as sources from sources_of group by source_set)
order by 1, 2
"""
_ORDERED_CLAIM = f"""
create temp table ordered_claim as
with told as (
    select c.*, s.source_set, {OUTLET} as outlet, d.published_on, f.list_position, f.family_number, f.is_part, f.is_certain, f.claims,
        f.population, f.differences <> 0 as has_family
    from interim_claim c join sources_of s using (chain_number)
    join document d on d.id = c.document_id join figure f using (number)
),
-- Of most figures there is one claim, and nothing to put in order.
ordered_claim as (
    select *, 1 as precedence from told where claims = 1
    union all
    select *, row_number() over (
        partition by number
        order by is_preferred desc, claim_status in ('numbered', 'none_reported') desc, published_on desc nulls last, newest
    )::int
    from told where claims > 1
)
select * from ordered_claim order by list_position
"""
_EQUAL_IN = " + ".join(f"{bit} * (r.{name} is not distinct from b.{name})::int" for name, bit in _COMPARED.items())
_PRECEDED_IN = f"""
create temp table preceded_in as
select r.number, r.precedence, any_value(r.list_position) as list_position, bit_or(1 << ({_EQUAL_IN})) as preceded_in
from ordered_claim r join ordered_claim b on b.number = r.number and b.precedence < r.precedence
where r.claims > 1 and b.claims > 1
group by r.number, r.precedence order by list_position
"""
# Of each figure with several claims, the sources that each is the first to have, as sets of their own.
_NEW_SOURCES = """
create temp table new_sources as
with earliest as (
    select r.number, s.source, min(r.precedence) as precedence, any_value(r.list_position) as list_position
    from ordered_claim r join source s using (source_set) where r.claims > 1 group by r.number, s.source
),
owned as (select number, precedence, any_value(list_position) as list_position, list_sort(list(source)) as sources from earliest group by all),
held as (select sources, row_number() over (order by sources) as nth from (select distinct sources from owned)),
last as (select coalesce(max(source_set), 0) as source_set from source)
select number, precedence, list_position, (last.source_set + nth)::int as new_source_set, sources
from owned join held using (sources), last
order by list_position;
insert into new_source select * from source;
insert into new_source
select new_source_set, unnest(sources) from (select new_source_set, any_value(sources) as sources from new_sources group by new_source_set)
"""
# A part of which the very same is said as of its whole, claim by claim, stands and falls with it whatever is asked of claims, and the
# further claims on the whole stand alone. Then what each adds is a constant, as it is of figures.
_IN_RANGE = "family_number between getvariable('first_family') and getvariable('last_family')"
_ADDED = f"""
with quantity as (
    select number, precedence, list_position, family_number, is_part, is_certain, claims, population, claim_low as l, claim_best as b, claim_high as h,
        claim_open as is_open, document_id, claimant, verification, source_set
    from ordered_claim where has_family and {_IN_RANGE}
),
part as (
    select f.number, f.family_number as whole, f.precedence, f.l, f.b, f.h, f.is_open, f.is_certain, w.is_open as whole_is_open,
        f.population is not distinct from w.population as has_population,
        128 * (w.number is null or f.document_id <> w.document_id or f.claimant is distinct from w.claimant or f.verification <> w.verification
            or f.source_set <> w.source_set)::int as differs
    from quantity f left join quantity w on w.number = f.family_number and w.precedence = f.precedence
    where f.is_part
),
{families.PARTS},
family as (select whole as family_number, bit_or(differs) as differs from part group by whole)
select f.number, f.precedence, f.list_position, e.differs, {families.ADDING}
from quantity f
left join parts_of o on o.whole = f.number and o.precedence = f.precedence
left join part p on p.number = f.number and p.precedence = f.precedence
left join family e on e.family_number = f.family_number
"""
_OF_CLAIM = (*tables.ATTRIBUTION_ROW, "outlet", "source_set", "precedence")
_ADDS_ALONE = {"low": "r.claim_low", "best": "r.claim_best", "high": "r.claim_high", "open": "r.claim_open"}
# Where a column of a claimed figure comes from; all others are the figure's own.
_FROM = {
    **{name: f"r.{name}" for name in _OF_CLAIM},
    **{
        column.name: f"r.{column.name}"
        for column in tables.CLAIMED_FIGURE.columns
        if column.name in tables.CLAIM_NUMBERS
    },
    "preceded_in": "coalesce(y.preceded_in, 0)",
    "new_source_set": "case when r.claims = 1 then r.source_set else z.new_source_set end",
    "differences": "f.differences | coalesce(a.differs, 0)",
    # Most figures have neither whole nor parts.
    **{
        f"{way}_{bound}": f"coalesce(a.{way}_{bound}, {own})"
        for way in ("one_row", "by_population")
        for bound, own in _ADDS_ALONE.items()
    },
}
