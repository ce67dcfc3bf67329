"""Columns of events, figures and small sets that are kept in memory as arrays, and which of their rows come first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Column, Date, Double, Integer, String, select

from api.columns import tables
from api.columns.positions import as_sequence, row_offset

if TYPE_CHECKING:
    from api.columns.reading_copy import Copy

# Numbers or marks, one for each of some rows or of some values; or offsets of rows.
Array = npt.NDArray[Any]
# Which of some rows: a mark for each, or their offsets, from 0 in their order; or the slice of all.
Rows = Array | slice
ALL_ROWS = slice(None)
# Columns of numbers of sets, which begin with 1; 0 stands where there is none.
_SETS = frozenset({*tables.EVENT_SETS, *tables.FIGURE_SETS, *tables.ATTRIBUTION_SETS})
# So many rows are looked at first for those that come first, and so many times as many each time after that.
_FIRST_LOOK, _MORE = 4_096, 8
# What may be kept in memory. Sets of words and of all that is said are as many as events.
IN_MEMORY = frozenset({tables.EVENT, tables.FIGURE, tables.PARTICIPANT, tables.PROFILE})
# Nearly every record has a value of its own, or only flat rows show it.
_NOT_IN_MEMORY = frozenset({"id", "part_of", *tables.SHOWN})
_TYPES = (String, Date, Integer, Double)
# Days are kept as numbers from this one.
EPOCH = date(1970, 1, 1)


class NotInMemory(Exception):
    """Something is asked that only DuckDB knows."""


class Coded(NamedTuple):
    """A column as codes, whole numbers from 0: the code of each row, that of rows without a value, and what makes values of codes."""

    rows: Array
    none: int
    values: Callable[[Array], pa.Array]


class Texts:
    """A column of few different texts: for each row the place of its own among them, one more than the last of none."""

    def __init__(self, column: pa.Array, order: Any) -> None:
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        self._texts = {text: place for place, text in enumerate(encoded.dictionary.to_pylist())}
        none = len(self._texts)
        places = encoded.indices.cast(pa.int32()).fill_null(none)
        self._places: Array = places.to_numpy(zero_copy_only=False).astype(np.min_scalar_type(none))[order]

    def among(self, texts: Sequence[str], rows: Rows) -> Array:
        """Which of these rows hold one of these texts."""
        if not all(isinstance(text, str) for text in texts):
            raise NotInMemory
        wanted = [self._texts[text] for text in texts if text in self._texts]
        if len(wanted) == 1:
            is_one: Array = self._places[rows] == wanted[0]
            return is_one
        is_wanted = np.zeros(len(self._texts) + 1, bool)
        is_wanted[wanted] = True
        return is_wanted[self._places[rows]]

    def coded(self) -> Coded:
        """The same as codes."""
        texts = list(self._texts)
        return Coded(
            self._places, len(texts), lambda codes: pa.array([texts[code] for code in codes.tolist()], pa.string())
        )


class MemoryColumns:
    """The columns of one reading copy that were asked for."""

    def __init__(self) -> None:
        self._columns: dict[Column[Any], Any] = {}

    def column(self, copy: Copy, column: Column[Any]) -> Any:
        """The values of a column in the order of its table's rows: numbers, or texts."""
        if column.table not in IN_MEMORY or column.name in _NOT_IN_MEMORY or not isinstance(column.type, _TYPES):
            raise NotInMemory
        if column not in self._columns:
            read = copy.table(select(column, row_offset(column.table)))
            # To have DuckDB put them in order would take longer than all the rest.
            order = np.argsort(read.column(1).to_numpy(), kind="stable")
            self._columns[column] = _in_order(column, read.column(0).combine_chunks(), order)
        return self._columns[column]

    def coded(self, copy: Copy, column: Column[Any]) -> Coded:
        """A column of texts, days or numbers of sets as codes. Errors: NotInMemory."""
        values = self.column(copy, column)
        if isinstance(values, Texts):
            return values.coded()
        if isinstance(column.type, Date) and values.dtype.kind != "f":
            first, last = int(values.min(initial=0)), int(values.max(initial=0))
            return Coded(values - first, last - first + 1, lambda codes: days(codes + first))
        if column.name not in _SETS:
            raise NotInMemory
        return Coded(values, 0, pa.array)

    def counted(self, copy: Copy, column: Column[Any], rows: Rows) -> dict[Any, int]:
        """How many of these rows have each value of a column, null among them. Errors: NotInMemory."""
        codes, none, values = self.coded(copy, column)
        numbers = np.bincount(codes[rows], minlength=none + 1)
        found = np.flatnonzero(numbers)
        known = found[found != none]
        told: dict[Any, int] = dict(zip(values(known).to_pylist(), numbers[known].tolist(), strict=True))
        return told | ({None: int(numbers[none])} if numbers[none] else {})


def days(numbers: Array) -> pa.Array:
    """Days, of how many days they come after EPOCH."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def _in_order(column: Column[Any], values: pa.Array, order: Any) -> Any:
    """Values in this order as they are kept; numbers that some rows lack as floating ones, for which no comparison is true there."""
    if isinstance(column.type, String):
        return Texts(values, order)
    numbers = values.cast(pa.int32()) if isinstance(column.type, Date) else values
    if column.name in _SETS:
        numbers = numbers.fill_null(0)
    found = numbers.to_numpy(zero_copy_only=False)
    if found.dtype.kind == "i" and found.min(initial=0) >= 0:
        # Most are far smaller than their type allows.
        found = found.astype(np.min_scalar_type(found.max(initial=0)))
    return found[order]


def row_offsets(rows: Array) -> Array:
    """The same rows by their offsets, by which one column after the other is looked up in half the time that marks take."""
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def count(rows: Array) -> int:
    """How many rows these are."""
    return int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)


def positions(rows: Array, at_most: int | None, is_descending: bool) -> Sequence[int]:
    """The positions of these rows, from 1: the lowest so many, or the highest; all where no number is named."""
    in_order = rows[::-1] if is_descending else rows
    if rows.dtype != bool:
        offsets = in_order[:at_most]
    else:
        offsets = _first(in_order, at_most)
        if is_descending:
            offsets = len(rows) - 1 - offsets
    return as_sequence(offsets + 1)


def _first(marks: Array, at_most: int | None) -> Array:
    """The offsets of the first so many marks."""
    looked_at = len(marks) if at_most is None else _FIRST_LOOK
    while True:
        found = np.flatnonzero(marks[:looked_at])
        if looked_at >= len(marks) or (at_most is not None and len(found) >= at_most):
            return found[:at_most]
        looked_at *= _MORE
