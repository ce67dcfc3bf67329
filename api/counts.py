"""The counts that groups, locations and documents are listed with: of all events, and of those that match.

Of all, they are looked up beside each record that is shown, from what was counted at load and the ends of indexes. Of some,
they are counted once for all records. Knows no filter and no request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from api.expressions import days_before, whole_number
from api.models import Revision

# Makes one number of those that several parts have of a record.
_ADDED: Mapping[str, Callable[[Any], ColumnElement[Any]]] = {
    "events": lambda column: whole_number(func.sum(column)),
    "figures": lambda column: whole_number(func.sum(column)),
    "first_date": func.min,
    "last_date": func.max,
}
PERIOD_COUNTS = ("events", "first_date", "last_date")


def first_and_last(
    model: Any, is_its: Callable[[Any], ColumnElement[bool]]
) -> tuple[ColumnElement[date | None], ColumnElement[date | None]]:
    """The first and the last day of what is `is_its` of a model with periods, each beside the record that is shown; null
    where there is none.

    Starts are in the indexes, ends are not: no period that ends last can have begun earlier than the longest one would
    before the last start.
    """
    on, latest = aliased(model), aliased(model)
    longest = select(Revision.longest_days).scalar_subquery()
    # Each is beside a record that none but the outermost statement selects.
    last_start = select(func.max(latest.date_start)).where(is_its(latest)).correlate_except(latest).scalar_subquery()
    last = select(func.max(on.date_end)).where(is_its(on), on.date_start >= days_before(last_start, longest))
    first = select(func.min(on.date_start)).where(is_its(on))
    return first.correlate_except(on).scalar_subquery(), last.correlate_except(on).scalar_subquery()


def without(counts: Sequence[str], ids: Select[Any]) -> Select[Any]:
    """These ids with nothing counted: of records that match by something else."""
    (identity,) = ids.selected_columns
    nothing = {"events": literal(0), "figures": literal(0)}
    return ids.with_only_columns(identity.label("id"), *(nothing.get(name, null()).label(name) for name in counts))


def together(counts: Sequence[str], *parts: Select[*tuple[Any, ...]]) -> Select[Any]:
    """One row for each id in any of these parts, whose columns are `id` and the counts in their order."""
    each = union_all(*parts).subquery()
    return select(each.c.id, *(_ADDED[name](each.c[name]).label(name) for name in counts)).group_by(each.c.id)
