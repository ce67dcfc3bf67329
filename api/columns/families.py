"""Works out what figures add to totals beside their wholes and parts, once for all questions that can use it.

A whole with its parts is a family. Most questions do not split it: all of its members are in scope, and in the same row. Then
what each adds is a constant (`one_row_*`), and a total is a plain sum. Where a question reads a column in which members differ,
the family is worked out for that question (see api/query/totals). `differences` has a bit for each set of such columns.

Whole and parts nearly always differ by population, and questions ask for it, so there is a second constant (`by_population_*`) for
rows of one population each. What a figure adds to the total of its event alone (`in_event_*`) stands in the event's
flat row. Method: docs/totals.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from api.columns.column_types import BOUNDS
from api.columns.number_ranges import create_by_ranges, number_ranges
from api.columns.tables import CIVILIANS_TOTALLED, OF_ITS_EVENT, TOTALLED
from api.domain.codebook.places import LEVELS

# The bit of columns that are not named below: a family may always differ in them.
_ALWAYS = 1
# Columns of a figure in which its family may differ, by the bit that says so.
_DIFFERENCE_BITS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (2, ("event_number",)),
    (4, ("date_start", "date_end", "date_precision")),
    (8, ("location_id", "location_precision", "drawn_latitude", "drawn_longitude")),
    (16, ("sex", "age", "cause")),
    (32, ("term",)),
    (64, ("status",)),
    # Columns that claimed figures alone have (see claimed_figures.py).
    (
        128,
        (
            *("document_id", "outlet", "claimant", "verification"),
            *("source_set", "new_source_set", "source", "precedence", "preceded_in"),
        ),
    ),
)
# Columns that a figure has from its event or its place, each with a bit of its own: the parts of one report mostly lie in
# other events, and in one country. They are known when the copy is put together.
_OF_EVENT_OR_PLACE = (*OF_ITS_EVENT, "participant_set", "word_set", *LEVELS)
_OWN_BITS: Mapping[str, int] = {name: 512 << index for index, name in enumerate(_OF_EVENT_OR_PLACE)}
# What the loader holds to be the same in a family; and population, for which there is a constant.
_SHARED = ("dataset_id", "family", "measure", "unit", "object", "population")
_BITS: Mapping[str, int] = {
    **{name: bit for bit, names in _DIFFERENCE_BITS for name in names},
    **_OWN_BITS,
    **dict.fromkeys(_SHARED, 0),
}


def split_bits_of(columns: Iterable[str], *, is_scope: bool = False) -> int:
    """The bits of the families that a question splits which reads these columns of figures.

    A column that nobody has declared splits every family: slower, and never wrong. `is_scope` says that the columns decide
    which figures are in scope: a population that is not takes nothing from its whole.
    """
    found = 0
    for name in columns:
        found |= _ALWAYS if is_scope and name == "population" else _BITS.get(name, _ALWAYS)
    return found


def differences_of_event_or_place(figures: str) -> str:
    """The statement that tells of families whose members lie in several events or places in which of these columns they differ,
    as bits; `figures` has all figures with their levels of places."""
    bits = " + ".join(f"{bit} * (f.{name} is distinct from w.{name})::int" for name, bit in _OWN_BITS.items())
    return (
        f"select f.family_number, bit_or({bits})::int as bits from {figures} f join {figures} w on w.number = f.family_number"
        f" where f.is_part and f.differences & {2 | 8} <> 0 group by f.family_number"
    )


# Of each figure `f` with the whole `w` that it is part of: the bits in which the two differ. Points that are drawn follow
# from the point that was coded.
_DIFFERENCES = """
    1
    + 2 * (f.event_number <> w.event_number)::int
    + 4 * (f.date_start <> w.date_start or f.date_end <> w.date_end or f.date_precision <> w.date_precision)::int
    + 8 * (f.location_id <> w.location_id or f.location_precision <> w.location_precision
           or f.latitude is distinct from w.latitude or f.longitude is distinct from w.longitude)::int
    + 16 * (f.sex is distinct from w.sex or f.age is distinct from w.age or f.cause is distinct from w.cause)::int
    + 32 * (f.term is distinct from w.term)::int
    + 64 * (f.status <> w.status)::int
"""

# What the parts of each whole `o` come to, and what a figure `f` then adds, which may be such a whole or such a part `p`.
PARTS = """
parts_of as (
    select whole, precedence, bit_or(differs) as differs, sum(l) as l, sum(b) as b, sum(h) filter (is_certain) as h,
        bool_or(is_open and not has_population) as has_open_part_elsewhere,
        sum(case when has_population then l else h end) as population_l,
        sum(case when has_population then h else l end) filter (is_certain) as population_h
    from part group by whole, precedence
)
"""
ADDING = """
    greatest(0, f.l - coalesce(o.l, 0)) as one_row_low,
    greatest(0, f.b - coalesce(o.b, 0)) as one_row_best,
    greatest(0, f.h - coalesce(o.h, 0)) as one_row_high,
    -- A part of another population may be as much of its whole as its high, and as little as its low; an open one all of it.
    case when coalesce(o.has_open_part_elsewhere, false) then 0 else greatest(0, f.l - coalesce(o.population_l, 0)) end
        as by_population_low,
    greatest(0, f.b - coalesce(o.b, 0)) as by_population_best,
    greatest(0, f.h - coalesce(o.population_h, 0)) as by_population_high,
    -- A certain part of a closed whole in the same row does not open it: its whole is its limit.
    f.is_open and not coalesce(f.is_certain and not p.whole_is_open, false) as one_row_open,
    f.is_open and not coalesce(f.is_certain and p.has_population and not p.whole_is_open, false) as by_population_open
"""


def _quantity(figures: str) -> str:
    """These figures with what totals count: a null low as 0, a null best as the low, a null high as the best with an open end."""
    return f"""
select *, 1 as precedence, coalesce(low, 0) as l, coalesce(best, low, 0) as b, coalesce(high, best, low, 0) as h,
    open_ended or high is null as is_open, coalesce(nesting = 'certain', false) as is_certain
from {figures}
"""


def make_parts(database: duckdb.DuckDBPyConnection, rows_at_a_time: int) -> None:
    """Makes tables of the figures `row_figure` that are parts, and of what the parts of each whole come to.

    Which whole a part has is found by columns of ids alone, and the rest of both looked up for some wholes at a time.
    """
    database.execute(_WHOLE_OF)
    wholes = number_ranges(database, "(select distinct whole as number from whole_of)", rows_at_a_time)
    create_by_ranges(database, "part", wholes, _part)
    database.execute(f"create table parts_of as with {PARTS} from parts_of")
    database.execute(_PARTS_IN_EVENT)


_WHOLE_OF = """
create temp table whole_of as
select f.number as part, w.number as whole from row_figure f join row_figure w on w.id = f.part_of order by whole
"""
_PARTS_IN_EVENT = """
create table parts_in_event as
select whole, sum(l) as l, sum(b) as b, sum(h) filter (is_certain) as certain_h,
    sum(l) filter (is_civilian) as civilian_l, sum(b) filter (is_civilian) as civilian_b,
    sum(h) filter (is_civilian and is_certain) as certain_civilian_h
from part where is_in_same_event group by whole
"""


def _part(first: int, last: int) -> str:
    """The statement that makes a row of `part` of each part of the wholes with these numbers."""
    return f"""
select f.number, f.id, w.number as whole, f.precedence, f.l, f.b, f.h, f.is_open, f.is_certain, w.is_open as whole_is_open,
    w.population as whole_population, f.population is not distinct from w.population as has_population,
    f.population = 'civilians' as is_civilian, f.event_number = w.event_number as is_in_same_event, {_DIFFERENCES} as differs
from (from whole_of where whole between {first} and {last}) o
join ({_quantity("row_figure")}) f on f.number = o.part
join ({_quantity("row_figure")}) w on w.number = o.whole
order by w.number, f.id
"""


def additions_statement(figures: str) -> str:
    """The statement that tells what each of these figures adds, and in what its family differs."""
    return f"""
select f.number, coalesce(p.whole, f.number) as family_number,
    coalesce(p.whole_population, case when o.whole is not null then f.population end) as whole_population,
    p.number is not null as is_part, f.is_certain,
    coalesce(o.differs, e.differs, 0) as differences,
    {ADDING},
    greatest(0, f.l - coalesce(i.l, 0)) as in_event_low,
    greatest(0, f.b - coalesce(i.b, 0)) as in_event_best,
    greatest(0, f.h - coalesce(i.certain_h, 0)) as in_event_high,
    -- The same of civilians alone: whoever is none takes nothing from them.
    greatest(0, f.l - coalesce(i.civilian_l, 0)) as civilians_low,
    greatest(0, f.b - coalesce(i.civilian_b, 0)) as civilians_best,
    greatest(0, f.h - coalesce(i.certain_civilian_h, 0)) as civilians_high,
    f.is_open and not coalesce(f.is_certain and p.is_in_same_event and not p.whole_is_open, false) as in_event_open
from ({_quantity(figures)}) f
left join parts_of o on o.whole = f.number
left join part p on p.number = f.number
left join parts_of e on e.whole = p.whole
left join parts_in_event i on i.whole = f.number
"""


# What is told of a figure's family that an event's flat row is made of.
IN_EVENT = (*(f"{way}_{bound}" for way in ("in_event", "civilians") for bound in BOUNDS), "in_event_open")


def _sum(number: str, counted: str, name: str) -> str:
    """The sum of what is counted, and null where none of it has a number. All names are ours."""
    return (
        f"(case when bool_or(is_known) filter ({counted}) then sum({number}) filter ({counted}) end)::bigint as {name}"
    )


_OF_EVENT = [
    *(
        _sum(f"in_event_{bound}", f"measure = '{measure}'", f"{measure}_{bound}")
        for measure in TOTALLED
        for bound in BOUNDS
    ),
    *(
        _sum(
            f"civilians_{bound}", f"measure = '{measure}' and population = 'civilians'", f"{measure}_civilians_{bound}"
        )
        for measure in CIVILIANS_TOTALLED
        for bound in BOUNDS
    ),
    *(f"bool_or(in_event_open) filter (measure = '{measure}') as {measure}_open_ended" for measure in TOTALLED),
]


def event_totals(figures: str) -> str:
    """The statement that tells the totals of people of each event alone that has any of these figures."""
    return f"""
select event_number, {", ".join(_OF_EVENT)}
from (
    select f.event_number, f.measure, f.population, y.*, coalesce(f.low, f.best, f.high) is not null as is_known
    from {figures} f join ({additions_statement(figures)}) y on y.number = f.number where f.unit = 'person'
)
group by event_number
"""
