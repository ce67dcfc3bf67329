"""What may float into a row: what its high would gain if every figure that overlaps its period stood in it.

A figure stands in the row in which it begins. Say that 100 people were killed between 30 October and 5 November, and a total is asked
for by month: October's high has the 100, and November's `floating` says that as many may belong there. So that no figure has to be
joined to each row that it reaches, each makes two changes on days, and a running sum over the days adds them up:

    2 October    +100    the day after the first of its own month
    6 November   -100    the day after its last

A row reads the sum on its first day: on 1 October it is 0, on 1 November 100, on 1 December 0 again.

What the whole of a split family may add to other months depends on its parts, so it makes further changes. Say that 100 to
150 people are missing from 30 October to 5 November, of these surely 20 to 40 on 30 October, and surely 10 to 30 on 2 and 3 November.
Here each figure lies from the first day of the month in which it begins to its last day, the first part from 1 to 30 October.
Of its high the whole keeps 150 - 20 - 10 = 120, as long as no part overlaps. While one does, it keeps so much less as that part
may have more than its low, which the part adds itself: 100 on 1 October, by the first part, and 100 on 1 November, by the second. In
October the whole has added its 100 to the row already, so nothing floats there; into November 100 float, beside the 30 of the part.

Method: docs/totals.md, Periods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Label,
    Select,
    Subquery,
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

from api.query.totals.counted_figures import CountedFigures
from api.query.totals.keys import Keys
from api.query.totals.question import latest
from api.query.totals.split_families import SplitFamilies

# What floats: how many people at the most, and how many figures whose high end is open.
_FLOATING = ("floating", "open_floating")


def any_floating(counted: CountedFigures) -> Select[Any]:
    """A row, where anything reaches beyond the bucket that it stands in."""
    on = counted.on
    return select(on.c.number).where(counted.scope, counted.passes, counted.question.reaches(on)).limit(1)


def reaching(counted: CountedFigures) -> Select[Any]:
    """The keys without time of figures that reach beyond the bucket that they stand in, and the days from which and to which
    each reaches, as `begins` and `ends`."""
    rest = [name for name in counted.keys.names if name not in counted.keys.names_of(counted.question.times)]
    return _reaching(counted, rest, (), counted.scope, counted.passes)


def with_floating(counted: CountedFigures, rows: Select[Any], split: SplitFamilies | None) -> Select[Any]:
    """These rows, with what floats into each."""
    times = counted.keys.names_of(counted.question.times)
    rest = [name for name in counted.keys.names if name not in times]
    changes = _of_all_but_split_wholes(counted, rest)
    if split is not None:
        each = union_all(changes, _of_split_wholes(split, rest)).subquery()
        changes = select(*(each.c[name] for name in (*rest, "day", *_FLOATING)))
    changed = changes.subquery()
    of_day = [changed.c[name] for name in (*rest, "day")]
    by_day = (
        select(*of_day, *(func.sum(changed.c[name]).label(name) for name in _FLOATING)).group_by(*of_day).subquery()
    )
    return _with_running_sums(counted, rows.subquery(), rest, by_day)


def _with_running_sums(counted: CountedFigures, rows: Subquery, rest: list[str], by_day: Subquery) -> Select[Any]:
    """The rows, each with the sum of the changes up to its first day among those of the same key without time."""
    begins = latest([rows.c[name] for name in counted.keys.names_of(counted.question.times)])
    # Rows and changes in one column of days: a row gets all that changed before it, and on its own day.
    narrow: list[Any] = [
        column if column.name in counted.keys.names else cast(column, BigInteger).label(column.name)
        for column in rows.c
    ]
    own: Select[Any] = select(*narrow, begins.label("day"), *(literal(0).label(name) for name in _FLOATING))
    padded: list[Any] = [
        (by_day.c[column.name] if column.name in rest else null()).label(column.name) for column in rows.c
    ]
    all_ = union_all(own, select(*padded, by_day.c.day, *(by_day.c[name] for name in _FLOATING))).subquery()
    running: Any = {"partition_by": [all_.c[name] for name in rest], "order_by": all_.c.day}
    summed = select(
        *(all_.c[column.name] for column in rows.c),
        *(func.sum(all_.c[name]).over(**running).label(name) for name in _FLOATING),
    ).subquery()
    return select(summed).where(summed.c.figures.is_not(None))


def _of_all_but_split_wholes(counted: CountedFigures, rest: list[str]) -> Select[Any]:
    """The changes of what floats that all figures make but the wholes of families that the question may split: for each key without
    its dimensions of time and each day, by how much it changes. A figure adds its high from the day after the first of its own
    bucket, and takes it away again on the day after its last."""
    numbers = (
        func.sum(counted.adds("high")).label(_FLOATING[0]),
        func.count().filter(counted.opens()).label(_FLOATING[1]),
    )
    found = _reaching(counted, rest, numbers, counted.scope, counted.passes, counted.adds_alone()).subquery()
    turns = {
        "day": (found.c.begins + 1, found.c.ends + 1),
        **{name: (found.c[name], -found.c[name]) for name in _FLOATING},
    }
    return select(*(found.c[name] for name in rest), *_each(turns))


def _each(turns: Mapping[str, Sequence[Any]]) -> list[Label[Any]]:
    """Columns of these names, which give one row for each of the values that are listed for them."""
    return [func.unnest(func.list_value(*values)).label(name) for name, values in turns.items()]


def _reaching(
    counted: CountedFigures, rest: list[str], numbers: Sequence[Label[Any]], *which: ColumnElement[bool]
) -> Select[Any]:
    """The sums `numbers` over those figures that meet `which` and reach beyond their bucket: for each key without its
    dimensions of time, each first day of a bucket (`begins`) and each last day (`ends`)."""
    named = zip(counted.keys.names, counted.keys.dimensions, strict=True)
    dimensions = [dimension for name, dimension in named if name in rest]
    keys = Keys(dimensions, counted.table, None, counted.on, names=rest)
    on, question = counted.on, counted.question
    own = keys.own()
    days = [question.bucket_start(on).label("begins"), question.last_day(on).label("ends")]
    summed = select(*own, *days, *numbers).where(*which, question.reaches(on)).group_by(*own, *days)
    return keys.regrouped(summed, ["begins", "ends"])


def _of_split_wholes(split: SplitFamilies, rest: list[str]) -> Select[Any]:
    """The changes of what floats that these wholes make. On each day that a whole overlaps it has, of its high, what the parts that
    overlap the day leave, and never less than nothing; what it adds to its own row does not float."""
    by_day = _turns_by_day(split, rest)
    family = [*rest, "family"]
    in_order: Any = {"partition_by": [by_day.c[name] for name in family], "order_by": by_day.c.day}
    left = func.greatest(0, func.sum(by_day.c.left).over(**in_order))
    running = select(by_day, left.label("left_now")).subquery()
    in_order = {"partition_by": [running.c[name] for name in family], "order_by": running.c.day}
    before = func.coalesce(func.lag(running.c.left_now).over(**in_order), 0)
    floats = running.c.left_now - before + running.c.floating
    return select(*(running.c[name] for name in (*rest, "day")), floats.label("floating"), running.c.open_floating)


def _turns_by_day(split: SplitFamilies, rest: list[str]) -> Subquery:
    """For each family and day on which anything changes: by how much what its parts leave of the whole changes (`left`), and by
    how much what floats changes without that."""
    whole, part = split.wholes.c, split.pairs.c
    # A whole whose parts never take all stays above nothing, and so does the sum of all such: they are one family here.
    family = [*(whole[name] for name in rest), case((whole.may_be_taken, whole.occurrence)).label("family")]
    opens, last = cast(whole.is_open, Integer), whole.ends + 1
    own_turns = {
        "day": (whole.begins, whole.begins + 1, last),
        "left": (whole.room, 0, -whole.room),
        "floating": (-whole.adds_high, whole.adds_high, 0),
        "open_floating": (0, opens, -opens),
    }
    takes = part.high - part.own_low
    first, floats_first = (func.greatest(whole.begins, day) for day in (part.begins, part.begins + 1))
    until = func.least(last, part.ends + 1)
    # A certain part of a closed whole that overlaps too opens nothing: its whole is its limit.
    is_limited = and_(part.is_open, not_(whole.is_open), floats_first < until)
    limited = cast(is_limited, Integer)
    turns_of_parts = {
        "day": (first, floats_first, until),
        "left": (-takes, 0, takes),
        "floating": (0, 0, 0),
        "open_floating": (0, -limited, limited),
    }
    joined = split.wholes.join(split.pairs, part.occurrence == whole.occurrence)
    turn = union_all(
        select(*family, *_each(own_turns)),
        select(*family, *_each(turns_of_parts))
        .select_from(joined)
        .where(part.is_beside, part.is_certain, first < until),
    ).subquery()
    of_family = [turn.c[name] for name in (*rest, "family", "day")]
    summed = (func.sum(turn.c[name]).label(name) for name in ("left", *_FLOATING))
    return select(*of_family, *summed).group_by(*of_family).subquery()
