"""What figures add to totals, summed by day when they were loaded.

A total of everything by month then reads as many sums as there are days and measures, however many figures there are.
Knows no question.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, null, select

from api.bulk import insert_many
from api.expressions import unindexed, whole_number
from api.kinds import table_of
from api.models import NOT_NUMBERED, SUMMED_APART, DaySum, Figure, iso_week

# Sums that are written at a time.
_BATCH = 10_000
_BOUNDS = ("low", "best", "high")


def sum_again(connection: Connection, dataset: str) -> None:
    """Sums the figures of a dataset anew."""
    table = table_of(DaySum)
    connection.execute(delete(table).where(table.c.dataset_id == dataset))
    for is_split in (False, True):
        summed = _sums(dataset, is_split=is_split)
        rows = connection.execute(summed, execution_options={"yield_per": _BATCH}).mappings()
        for some in rows.partitions():
            insert_many(connection, table, [{**row, "is_split": is_split, **_weeks(row)} for row in some])


def _sums(dataset: str, *, is_split: bool) -> Select[Any]:
    way, population = ("split", Figure.population) if is_split else ("joint", null())
    apart = [getattr(Figure, name) for name in ("date_start", *SUMMED_APART, "date_end")]
    told_apart = [*apart, *([population] if is_split else [])]
    bounds = [whole_number(func.sum(getattr(Figure, f"{way}_{name}"))).label(name) for name in _BOUNDS]
    counts = [
        func.count().filter(getattr(Figure, f"{way}_open")).label("opening"),
        func.count().label("figures"),
        *(func.count().filter(Figure.status == status).label(status) for status in NOT_NUMBERED),
    ]
    # By the index that totals are made from, whichever dataset it is: the rows are ten times as wide.
    return (
        select(*apart, population.label("population"), *bounds, *counts)
        .where(unindexed(Figure.dataset_id) == dataset, ~Figure.is_nested_across)
        .group_by(*told_apart)
    )


def _weeks(row: RowMapping) -> dict[str, str]:
    return {"week": iso_week(row["date_start"]), "last_week": iso_week(row["date_end"])}
