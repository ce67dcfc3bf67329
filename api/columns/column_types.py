"""The types of the columns of the reading copy: of columns as the rows have them, and of those that hold few different values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, String

from api.domain.codebook import CODEBOOK
from api.domain.codebook.places import LEVELS

_TYPES: dict[type, Any] = {
    str: String,
    int: Integer,
    float: Double,
    bool: Boolean,
    date: Date,
    datetime: DateTime,
    # JSON is the text of its cell here.
    object: String,
}
# Numbers of people and things may be larger than other whole numbers.
BOUNDS = ("low", "best", "high")


def bare_column(column: Any) -> Column[Any]:
    """A column with the name and the kind of values of one of the rows, and no constraint."""
    type_ = BigInteger if column.key in BOUNDS else _TYPES[column.type.python_type]
    return Column(column.key, type_())


# Columns whose code list is not called as they are.
_CODE_LISTS = {"kind": "event_kind", "type": "event_type", "subtype": "event_subtype", "claim_status": "status"}
# Columns of ids and names that many rows have, and their types.
_NAMED = {name: name for name in ("dataset_id", "group_id", "outlet", "location_id", *LEVELS)}
_NAMED |= {"claimant": "speaker", "source": "speaker"}


def enumerated(name: str) -> str | None:
    """The type of a column that holds few different values for its many rows: `code_…` and the code list, or one of ids and
    names; null of all others.

    It is stored, compared and grouped by as a small number, which makes sums three times as quick. Its values are in the order of
    their text.
    """
    code_list = _CODE_LISTS.get(name, name)
    return f"code_{code_list}" if code_list in CODEBOOK else _NAMED.get(name)
