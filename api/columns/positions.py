"""Where rows stand in their tables, as whole numbers in one block of memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Column, ColumnElement, literal_column


def row_offset(table: Any) -> ColumnElement[int]:
    """Where a row stands among all of its table, from 0: of events and figures in the order of lists, of others as they are
    stored."""
    position: Column[int] | None = table.c.get("list_position")
    return literal_column(f'"{table.name}".rowid', BigInteger()) if position is None else position - 1


def as_sequence(numbers: Any) -> Sequence[int]:
    """Whole numbers as Python's own, four bytes each."""
    found = array("i")
    found.frombytes(numbers.astype(np.int32).tobytes())
    return found
