"""Adds the rows of buckets in which nothing is counted, so that a chart of time has no gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Date,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    cast,
    column,
    func,
    literal_column,
    select,
    union_all,
    values,
)

from api.columns.reading_copy import Copy
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.dimensions import BY_NAME
from api.query.totals.keys import Keys
from api.query.totals.question import TotalQuestion

# How many rows a filled total may have: of each day of ten years, those of thirty groups.
MOST_FILLED = 100_000


def filled(
    copy: Copy,
    keys: Keys,
    rows: Select[Any],
    question: TotalQuestion,
    numbers: Sequence[str],
    reaching: Select[Any] | None = None,
) -> Select[Any]:
    """These rows, and for each key but for its time that any of them has, rows of 0 for the buckets that none of them is in,
    within its dataset's days; and for the buckets that anything `reaching` them lies in, wherever these are.

    Errors: a Problem, where that are too many rows.
    """
    if not question.filled:
        return rows
    held = rows.cte("held")
    times = keys.names_of(question.times)
    rest = [name for name in keys.names if name not in times]
    (dataset,) = keys.names_of([BY_NAME["dataset"]])
    named = dict(zip(keys.names, keys.dimensions, strict=True))
    spans = values(column("dataset", String), column("first", Date), column("last", Date), name="span").data(
        [(name, first, last) for name, (first, last) in question.filled.items()]
    )

    def buckets(of: FromClause, beside: Sequence[str], first: str, last: str) -> Subquery:
        """The buckets of the days from the first to the last, once for each of what stands beside them."""
        each_day = func.generate_series(
            cast(of.c[first], Date), cast(of.c[last], Date), literal_column("interval '1 day'")
        )
        kept = [of.c[name] for name in beside]
        days = select(*kept, cast(func.unnest(each_day), Date).label("date_start")).subquery()
        in_time = (named[name].of(days.c).label(name) for name in times)
        return select(*(days.c[name] for name in beside), *in_time).distinct().subquery()

    covered = buckets(spans, ["dataset"], "first", "last")
    others = select(*(held.c[name] for name in rest)).distinct().subquery()
    zeros = [literal_column("0", Integer()).label(name) for name in numbers]
    empty = select(*((covered if name in times else others).c[name] for name in keys.names), *zeros)
    each = [
        select(*(held.c[name] for name in (*keys.names, *numbers))),
        empty.join_from(others, covered, cast(others.c[dataset], String) == covered.c.dataset),
    ]
    if reaching is not None:
        reached = buckets(reaching.subquery(), rest, "begins", "ends")
        each.append(select(*(reached.c[name] for name in keys.names), *zeros))
    all_ = union_all(*each).subquery()
    own = [all_.c[name] for name in keys.names]
    found = select(*own, *(func.sum(all_.c[name]).label(name) for name in numbers)).group_by(*own)
    ((count,),) = copy.rows(select(func.count()).select_from(found.subquery()))
    if count > MOST_FILLED:
        told = f"With 'fill' this total has {count:,} rows, over the most, {MOST_FILLED:,}: ask for longer buckets or a shorter period."
        raise refusal([Fault("fill", told, InvalidValue)])
    return found
