"""The rows of a total of figures, added up from both ways of summing. Knows no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api.dimensions import APART, Dimension, with_apart
from api.models import NOT_NUMBERED
from api.totals import daily, loaded, nested
from api.totals.keys import in_order
from api.totals.question import Question


@dataclass(slots=True)
class Row:
    """One row of a total of figures."""

    key: tuple[str | None, ...]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    figures: int
    numbered: int
    unnumbered: int
    unknown: int
    none_reported: int
    spanning: int


def figure_totals(connection: Connection, question: Question) -> tuple[tuple[Dimension, ...], list[Row]]:
    """The dimensions of the key, and the rows in the order of their keys; nulls last."""
    dimensions = with_apart(question.dimensions, APART)
    statements = [nested.worked_out(question, dimensions)]
    if not question.parts_figures:
        summed = daily.summed if daily.is_enough(question, dimensions) else loaded.summed
        statements.append(summed(question, dimensions))
    merged: dict[tuple[str | None, ...], Row] = {}
    for statement in statements:
        for found in connection.execute(statement):
            row = _row(found, len(dimensions))
            standing = merged.get(row.key)
            merged[row.key] = row if standing is None else _added(standing, row)
    return dimensions, sorted(merged.values(), key=lambda row: in_order(row.key))


def _row(found: Any, width: int) -> Row:
    low, best, high, opening = found[width : width + 4]
    figures, unnumbered, unknown, none_reported, spanning = map(int, found[width + 4 :])
    # Nearly all are; counting them as well would cost as much as any other column.
    numbered = figures - unnumbered - unknown - none_reported
    # The database holds a figure's status and its numbers to each other.
    has_number = numbered + none_reported > 0
    return Row(
        key=tuple(found[:width]),
        low=low if has_number else None,
        best=best if has_number else None,
        high=high if has_number else None,
        open_ended=opening > 0,
        figures=figures,
        numbered=numbered,
        unnumbered=unnumbered,
        unknown=unknown,
        none_reported=none_reported,
        spanning=spanning,
    )


def _added(one: Row, other: Row) -> Row:
    def both(left: int | None, right: int | None) -> int | None:
        return right if left is None else left if right is None else left + right

    return Row(
        one.key,
        both(one.low, other.low),
        both(one.best, other.best),
        both(one.high, other.high),
        one.open_ended or other.open_ended,
        *(
            int(getattr(one, name)) + int(getattr(other, name))
            for name in ("figures", "numbered", *NOT_NUMBERED, "spanning")
        ),
    )
