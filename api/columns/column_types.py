"""The types of the columns of the reading copy: of columns as the rows have them, and of those that hold few different values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, String

from api.domain.codebook import CODEBOOK

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


# Columns of events and figures whose code list is not called as they are.
_CODE_LISTS = {"kind": "event_kind", "type": "event_type", "subtype": "event_subtype", "claim_status": "status"}


def enumerated(name: str) -> str | None:
    """The type of a column of events or figures that holds few different values: `code_…` and the code list, or
    `dataset_id`; null of all others.

    It is stored and compared as a small number, which makes sums three times as quick. It is ordered by its place in the
    list, so text has to be made of it before it is sorted.
    """
    if name == "dataset_id":
        return name
    code_list = _CODE_LISTS.get(name, name)
    return f"code_{code_list}" if code_list in CODEBOOK else None
