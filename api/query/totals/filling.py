"""Adds the rows of buckets in which nothing is counted, so that a chart of time has no gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, Integer, Select, String, cast, column, func, literal_column, select, union_all, values

from api.columns.copies import Copy
from api.domain.errors import Fault, InvalidValue, refuse
from api.query.dimensions import BY_NAME
from api.query.totals.keys import Keys
from api.query.totals.question import TotalQuestion

# How many rows a filled total may have: of each day of ten years, those of thirty groups.
MOST_FILLED = 100_000


def filled(copy: Copy, keys: Keys, rows: Select[Any], question: TotalQuestion, numbers: Sequence[str]) -> Select[Any]:
    """These rows, and for each key but for its time that any of them has, rows of 0 for the buckets that none of them is in,
    within its dataset's days. Errors: a Problem, where that are too many rows."""
    if not question.filled:
        return rows
    held = rows.cte("held")
    times = keys.named(question.times)
    rest = [name for name in keys.names if name not in times]
    (dataset,) = keys.named([BY_NAME["dataset"]])
    spans = values(column("dataset", String), column("first", Date), column("last", Date), name="span").data(
        [(name, first, last) for name, (first, last) in question.filled.items()]
    )
    each_day = func.generate_series(
        cast(spans.c.first, Date), cast(spans.c.last, Date), literal_column("interval '1 day'")
    )
    days = select(spans.c.dataset.label("dataset"), cast(func.unnest(each_day), Date).label("date_start")).subquery()
    named = dict(zip(keys.names, keys.dimensions, strict=True))
    buckets = select(days.c.dataset, *(named[name].of(days.c).label(name) for name in times)).distinct().subquery()
    others = select(*(held.c[name] for name in rest)).distinct().subquery()
    empty = select(
        *((buckets if name in times else others).c[name] for name in keys.names),
        *(literal_column("0", Integer()).label(name) for name in numbers),
    ).join_from(others, buckets, cast(others.c[dataset], String) == buckets.c.dataset)
    each = union_all(select(*(held.c[name] for name in (*keys.names, *numbers))), empty).subquery()
    own = [each.c[name] for name in keys.names]
    found = select(*own, *(func.sum(each.c[name]).label(name) for name in numbers)).group_by(*own)
    ((count,),) = copy.rows(select(func.count()).select_from(found.subquery()))
    if count > MOST_FILLED:
        told = f"With 'fill' this total has {count:,} rows, over the most, {MOST_FILLED:,}: ask for longer buckets or a shorter period."
        raise refuse([Fault("fill", told, InvalidValue)])
    return found
