"""Makes the table of figures as each of their claims states them, and what each then adds to a total of what a source says.

A source's total takes of each figure one claim: of those that pass, or stand in the row, the first in this order: the
preferred one, the newest with a number, the newest. Where a question asks for single values of who says so, or groups by
them, those are the claims that have none before them which is like them in these columns; `behind` says in which columns
those before it are. Method: design/domain.md, Totals.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from api.columns import families, tables
from api.domain.corroboration import UNNAMED_OUTLET

# The columns that claims may be alike in, each by its bit.
_ALIKE = {"document_id": 1, "outlet": 2, "claimant": 4, "verification": 8}
_COMBINATIONS = 16
_AT_ONCE = 100_000
# Documents of an outlet that nobody knows are outlets of their own.
OUTLET = f"case when d.outlet = '{UNNAMED_OUTLET}' then d.id else coalesce(d.outlet, d.id) end"
# Makes `rooted`, the number of roots of each figure with several claims. Method: design/domain.md, Corroboration.
ROOTED = f"""
create temp table rooted as
with told as (
    select c.number, c.document_id, {OUTLET} as outlet, from_json(s.chain, '["VARCHAR"]')[1] as first,
        c.said_status in ('numbered', 'none_reported') as has_number
    from claim c join spoken s using (source_set, document_id) join document d on d.id = c.document_id
),
counted as (select * from told qualify count(*) over (partition by number) > 1),
numbered as (select * from counted qualify has_number or not bool_or(has_number) over (partition by number)),
own as (select *, bool_or(first is not null) over (partition by number, document_id) as is_naming from numbered)
select number, count(distinct coalesce(first, outlet))::int as roots from own
where first is not null or not is_naming group by number
"""


def compared_by(columns: Collection[str]) -> int:
    """The bits of `behind` of claims that are like one before them in all of these columns, which then do not count."""
    wanted = sum(_ALIKE[name] for name in columns)
    return sum(1 << alike for alike in range(_COMBINATIONS) if alike & wanted == wanted)


def make(database: duckdb.DuckDBPyConnection) -> None:
    """Fills the tables of sources and of what is stated, when figures and documents are in theirs. All names are ours."""
    database.execute(_SOURCE)
    database.execute(_RANKED)
    database.execute(_BEHIND)
    database.execute(_FIRST)
    database.execute(_ADDED)
    told = [column.name for column in tables.STATED.columns]
    columns = ", ".join(f"{_FROM.get(name, f'f.{name}')} as {name}" for name in told)
    ((last,),) = database.execute("select coalesce(max(place), -1) from ranked").fetchall()
    # So many figures at a time, since all of their columns together would not fit into memory.
    for first in range(0, last + 1, _AT_ONCE):
        some = f"place between {first} and {first + _AT_ONCE - 1}"
        database.execute(
            f"insert into stated select {columns} from (select * from ranked where {some}) r"
            f" join (select * from figure where {some}) f using (number)"
            f" left join (select * from behind where {some}) y using (number, rank)"
            f" left join (select * from first where {some}) z using (number, rank)"
            f" left join (select * from added where {some}) a using (number, rank)"
        )
    for name in ("ranked", "behind", "first", "added", "claim", "spoken", "rooted"):
        database.execute(f"drop table {name}")


_SOURCE = f"""
insert into source
select distinct source_set, unnest(list_append(from_json(s.chain, '["VARCHAR"]'), {OUTLET}))
from spoken s join document d on d.id = s.document_id
order by 1, 2
"""
_RANKED = f"""
create temp table ranked as
with told as (
    select c.*, {OUTLET} as outlet, d.published_on, f.place, f.family_number, f.is_part, f.is_certain, f.claims,
        f.apart <> 0 as has_family
    from claim c join document d on d.id = c.document_id join figure f using (number)
),
-- Of most figures there is one claim, and nothing to put in order.
ranked as (
    select *, 1 as rank from told where claims = 1
    union all
    select *, row_number() over (
        partition by number
        order by is_preferred desc, said_status in ('numbered', 'none_reported') desc, published_on desc nulls last, newest
    )::int
    from told where claims > 1
)
select * from ranked order by place
"""
_SAME = " + ".join(f"{bit} * (r.{name} is not distinct from b.{name})::int" for name, bit in _ALIKE.items())
_BEHIND = f"""
create temp table behind as
select r.number, r.rank, any_value(r.place) as place, bit_or(1 << ({_SAME})) as behind
from ranked r join ranked b on b.number = r.number and b.rank < r.rank
where r.claims > 1 and b.claims > 1
group by r.number, r.rank order by place
"""
# Of each figure with several claims, the sources that each is the first to have, as sets of their own.
_FIRST = """
create temp table first as
with earliest as (
    select r.number, s.source, min(r.rank) as rank, any_value(r.place) as place
    from ranked r join source s using (source_set) where r.claims > 1 group by r.number, s.source
),
owned as (select number, rank, any_value(place) as place, list_sort(list(source)) as sources from earliest group by all),
held as (select sources, row_number() over (order by sources) as nth from (select distinct sources from owned)),
last as (select coalesce(max(source_set), 0) as source_set from source)
select number, rank, place, (last.source_set + nth)::int as first_set, sources
from owned join held using (sources), last
order by place;
insert into first_source select * from source;
insert into first_source
select first_set, unnest(sources) from (select first_set, any_value(sources) as sources from first group by first_set)
"""
# Whole and parts of which the very same is said, claim by claim, stand or fall together whatever is asked of claims. Then
# what each adds is a constant, as it is of figures.
_ADDED = f"""
create temp table added as
with quantity as (
    select number, rank, place, family_number, is_part, is_certain, claims, said_low as l, said_best as b, said_high as h,
        said_open as is_open, claimant, verification, source_set
    from ranked where has_family
),
part as (
    select f.number, f.family_number as whole, f.rank, f.l, f.b, f.h, f.is_open, f.is_certain, w.is_open as whole_is_open,
        128 * (w.number is null or f.claimant is distinct from w.claimant or f.verification <> w.verification
            or f.source_set <> w.source_set)::int as differs
    from quantity f left join quantity w on w.number = f.family_number and w.rank = f.rank
    where f.is_part
),
{families.LOST},
family as (
    select m.family_number, bit_or(coalesce(differs, 0)) | max(128 * (m.claims <> w.claims)::int) as differs
    from figure m join figure w on w.number = m.family_number left join lost on whole = m.family_number
    where m.is_part group by m.family_number
)
select f.number, f.rank, f.place, e.differs, {families.ADDING}
from quantity f
left join lost o on o.whole = f.number and o.rank = f.rank
left join part p on p.number = f.number and p.rank = f.rank
left join family e on e.family_number = f.family_number
order by f.place
"""
_OF_CLAIM = ("document_id", "claimant", "verification", "outlet", "source_set", "rank")
_ADDS_ALONE = {
    "low": "r.said_low",
    "best": "r.said_best",
    "high": "r.said_high",
    "open": "r.said_open",
}
# Where a column of what is stated comes from, but for those of the figure itself.
_FROM = {
    **{name: f"r.{name}" for name in _OF_CLAIM},
    **{column.name: f"r.{column.name}" for column in tables.STATED.columns if column.name.startswith("said_")},
    "behind": "coalesce(y.behind, 0)",
    "first_set": "case when r.claims = 1 then r.source_set else z.first_set end",
    "apart": "f.apart | coalesce(a.differs, 0)",
    # Most figures have neither whole nor parts.
    **{
        f"{way}_{bound}": f"coalesce(a.{way}_{bound}, {own})"
        for way in ("joint", "split")
        for bound, own in _ADDS_ALONE.items()
    },
}
