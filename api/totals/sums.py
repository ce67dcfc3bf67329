"""The numbers of a row, as sums of columns of set names. Knows neither keys nor where the columns come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func

from api.expressions import whole_number
from api.models import DAY_SUMS, NOT_NUMBERED

# The columns of a sum, in the order of `row_sums`.
SUMMED = (*DAY_SUMS, "spanning")


def row_sums(of: Mapping[str, Any] | Any) -> list[ColumnElement[Any]]:
    """The numbers of a row, in the order of `SUMMED`.

    `of` has `low`, `best`, `high`, `is_open`, `status` and `is_spanning` of each figure.
    """

    def unlabelled(name: str) -> Any:
        column = of[name]
        return getattr(column, "element", column)

    return [
        *(whole_number(func.sum(unlabelled(bound))) for bound in ("low", "best", "high")),
        # Filtered, a count has nothing to do for all the others; a sum of ones and zeros has.
        func.count().filter(unlabelled("is_open")),
        func.count(),
        *(func.count().filter(unlabelled("status") == status) for status in NOT_NUMBERED),
        func.count().filter(unlabelled("is_spanning")),
    ]
