"""Puts the positions of the records that match a question in order: whole numbers in one block of memory, four bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def in_order(found: pa.Array, is_descending: bool, at_most: int | None = None) -> Sequence[int]:
    """The lowest so many of these first, or the highest; all where no more than that are asked for."""
    order = "descending" if is_descending else "ascending"
    if at_most is None or at_most >= len(found):
        places = pc.array_sort_indices(found, order=order)
    else:
        places = pc.select_k_unstable(found, at_most, [("position", order)])
    return as_sequence(found.take(places))


def as_sequence(numbers: pa.Array) -> Sequence[int]:
    """Integers of four bytes without nulls as Python's own, which may be kept for longer than Arrow's memory."""
    block = numbers.buffers()[1]
    stored = memoryview(b"" if block is None else block).cast("i")
    found = array("i")
    found.frombytes(stored[numbers.offset : numbers.offset + len(numbers)].cast("B"))
    return found
