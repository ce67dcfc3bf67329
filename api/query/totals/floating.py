"""What may float into a row: what its high would gain if every figure that overlaps its period stood in it.

Each figure of a family that the question does not split adds its constant from the bucket after its own to the last that it
reaches; of other families it is worked out on which days it changes. A running sum over the days of a key then tells what
floats into each of its rows. Method: docs/totals.md, Periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    select,
    union_all,
)

from api.query.dimensions import ALWAYS_IN_KEY
from api.query.totals.counted_figures import CountedFigures
from api.query.totals.keys import Keys
from api.query.totals.question import latest
from api.query.totals.split_families import SplitFamilies, sum_of

# What floats: how many people at the most, and how many figures whose high end is open.
_FLOATING = ("floating", "open_floating")


def any_floating(counted: CountedFigures) -> Select[Any]:
    """A row, where anything reaches beyond the bucket that it stands in."""
    on = counted.on
    return select(on.c.number).where(counted.scope, counted.passes, counted.question.reaches(on)).limit(1)


def reaching(counted: CountedFigures) -> Select[Any]:
    """The keys without time of figures that reach beyond the bucket that they stand in, and the days from which and to which
    each reaches, as `begins` and `ends`."""
    rest = [name for name in counted.keys.names if name not in counted.keys.named(counted.question.times)]
    return _reaching(counted, rest, (), counted.scope, counted.passes)


def with_floating(counted: CountedFigures, rows: Select[Any], split: SplitFamilies | None) -> Select[Any]:
    """These rows, with what floats into each."""
    names = counted.keys.names
    held = rows.subquery()
    times = counted.keys.named(counted.question.times)
    rest = [name for name in names if name not in times]
    begins = latest([held.c[name] for name in times])
    changes = _of_families_together(counted, rest)
    if split is not None:
        changes += _of_split_families(split, rest)
    # Rows and changes in one column of days: a row gets all that changed before it, and on its own day.
    own: Select[Any] = select(*held.c, begins.label("day"), *(literal(0).label(name) for name in _FLOATING))
    each = [own]
    for change in changes:
        one = change.subquery()
        padded: list[Any] = [
            (one.c[column.name] if column.name in rest else null()).label(column.name) for column in held.c
        ]
        each.append(select(*padded, one.c.day, *(one.c[name] for name in _FLOATING)))
    all_ = union_all(*each).subquery()
    running: Any = {"partition_by": [all_.c[name] for name in rest], "order_by": all_.c.day}
    summed = select(
        *(all_.c[column.name] for column in held.c),
        *(func.sum(all_.c[name]).over(**running).label(name) for name in _FLOATING),
    ).subquery()
    return select(summed).where(summed.c.figures.is_not(None))


def _of_families_together(counted: CountedFigures, rest: list[str]) -> list[Select[Any]]:
    """By how much families that the question does not split change what floats, by key without time: more from the day after the
    first of their bucket, less from the day after their last."""
    numbers = (
        func.sum(counted.adds("high")).label(_FLOATING[0]),
        func.count().filter(counted.adds("open")).label(_FLOATING[1]),
    )
    found = _reaching(counted, rest, numbers, counted.scope, counted.passes, counted.is_together()).cte("reaching")
    of_key = [found.c[name] for name in rest]
    return [
        select(*of_key, (found.c.begins + 1).label("day"), *(found.c[name] for name in _FLOATING)),
        select(*of_key, (found.c.ends + 1).label("day"), *((-found.c[name]).label(name) for name in _FLOATING)),
    ]


def _reaching(
    counted: CountedFigures, rest: list[str], numbers: Sequence[Label[Any]], *which: ColumnElement[bool]
) -> Select[Any]:
    """Sums over the figures of these that reach beyond their bucket, by key without time and the days of the reach."""
    named = zip(counted.keys.names, counted.keys.dimensions, strict=True)
    dimensions = [dimension for name, dimension in named if name in rest]
    keys = Keys(dimensions, counted.table, None, counted.on, names=rest)
    on, question = counted.on, counted.question
    own = keys.own()
    days = [question.bucket_start(on).label("begins"), question.last_day(on).label("ends")]
    summed = select(*own, *days, *numbers).where(*which, question.reaches(on)).group_by(*own, *days)
    return keys.regrouped(summed, ["begins", "ends"])


def _of_split_families(split: SplitFamilies, rest: list[str]) -> list[Select[Any]]:
    """The same of families that the question may split. Which of a family's figures stand or float in a bucket changes only where
    one begins, right after that, and after the last day of one; what the family floats by is worked out there."""
    figures, shared = split.in_partition(), split.counted.keys.named(ALWAYS_IN_KEY)
    keys, from_clause = split.counted.keys.joined(figures)
    family = [*(name for name in rest if name not in shared), "family_number"]
    kept = [figures.c[column.name] for column in figures.c if column.name not in split.counted.keys.names]
    of_family = [*(key.element for key in keys if key.name in family), figures.c.family_number]
    reaches = func.bool_or(figures.c.reaches).over(partition_by=of_family).label("family_reaches")
    members = select(*keys, *kept, reaches).select_from(from_clause).subquery()
    member = select(members).where(members.c.family_reaches).cte("member")
    turns = union_all(
        *(
            select(*(member.c[name] for name in (*family, *shared)), day.label("day"))
            for day in (member.c.begins, member.c.begins + 1, member.c.ends + 1)
        )
    ).subquery()
    of_turn = [turns.c[name] for name in (*family, "day")]
    turn = select(*of_turn, *_any_of(turns, shared)).group_by(*of_turn).cte("turn")
    overlaps = and_(member.c.begins <= turn.c.day, turn.c.day <= member.c.ends)
    is_of = and_(*(turn.c[name].is_not_distinct_from(member.c[name]) for name in family), overlaps)
    of_turn = [turn.c[name] for name in (*family, "day")]
    found = _family_sums(member.c, member.c.begins < turn.c.day)
    in_row = (
        select(*of_turn, *_any_of(turn, shared), *found)
        .select_from(turn.outerjoin(member, is_of))
        .group_by(*of_turn)
        .cte("in_row_or_floating")
    )
    numbers = (
        _high(in_row, split, "all") - _high(in_row, split, "own"),
        # No part of a closed whole that overlaps too: its whole is its limit.
        in_row.c.surely_open
        + case((and_(in_row.c.all_has_whole, not_(in_row.c.whole_open)), 0), else_=in_row.c.open_parts),
    )
    before: Any = {"partition_by": [in_row.c[name] for name in family], "order_by": in_row.c.day}
    each = (
        select(
            *(in_row.c[name] for name in (*rest, "day")),
            *(
                (number - func.coalesce(func.lag(number).over(**before), 0)).label(name)
                for name, number in zip(_FLOATING, numbers, strict=True)
            ),
        )
        .select_from(split.with_all_parts(in_row))
        .subquery()
    )
    of_day = [each.c[name] for name in (*rest, "day")]
    return [select(*of_day, *(func.sum(each.c[name]).label(name) for name in _FLOATING)).group_by(*of_day)]


def _any_of(rows: Any, names: list[str]) -> list[Any]:
    """Columns that are the same in all of a family."""
    return [func.any_value(rows.c[name]).label(name) for name in names]


def _family_sums(on: Any, floating: Any) -> list[Label[Any]]:
    """Sums over the figures of one family that are counted in a row (`own`), and those with what floats into it (`all`)."""
    is_whole, is_certain = not_(on.is_part), and_(on.is_part, on.is_certain)
    found: list[Label[Any]] = []
    for name, stands in (("own", not_(floating)), ("all", literal(True))):
        found += [
            func.coalesce(func.bool_or(is_whole).filter(stands), False).label(f"{name}_has_whole"),
            sum_of(on.high, and_(is_whole, stands)).label(f"{name}_whole"),
            sum_of(on.high, and_(on.is_part, stands)).label(f"{name}_parts"),
            sum_of(on.high, and_(is_certain, stands)).label(f"{name}_certain"),
            sum_of(on.own_low, and_(is_certain, stands)).label(f"{name}_certain_low"),
        ]
    opens = and_(floating, on.is_open)
    return [
        *found,
        func.coalesce(func.bool_or(on.is_open).filter(is_whole), False).label("whole_open"),
        cast(func.count().filter(and_(opens, not_(is_certain))), Integer).label("surely_open"),
        cast(func.count().filter(and_(opens, is_certain)), Integer).label("open_parts"),
    ]


def _high(in_row: Any, split: SplitFamilies, name: str) -> Any:
    """The high of a family in a row: its parts, and what is left of its whole."""
    on = in_row.c
    elsewhere = func.coalesce(split.all_parts.c.certain_low, 0) - on[f"{name}_certain_low"]
    rest = func.greatest(0, on[f"{name}_whole"] - on[f"{name}_certain"] - elsewhere)
    return on[f"{name}_parts"] + case((on[f"{name}_has_whole"], rest), else_=0)
