"""Columns of events, figures and small sets that are held in memory, and the rows of which a condition on them holds.

A statement costs DuckDB one or two milliseconds before it looks at any row. To look at all rows of a million in memory takes less.
Conditions are SQLAlchemy's, as DuckDB is asked them; what is not known here DuckDB has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BindParameter,
    Column,
    Date,
    Double,
    Integer,
    ScalarSelect,
    Select,
    String,
    select,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import AsBoolean, BinaryExpression, ExpressionClauseList, False_, Grouping, True_
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import NullType

from api.columns import tables
from api.columns.positions import as_sequence, place

if TYPE_CHECKING:
    from api.columns.reading_copy import Copy

# Which of some rows: a mark for each, or their places from 0 in their order.
Rows = Any
_ALL = slice(None)
# Columns of numbers of sets, which begin with 1; 0 is held where there is none.
_SETS = frozenset({*tables.EVENT_SETS, *tables.FIGURE_SETS, *tables.ATTRIBUTION_SETS})
# Where a condition holds of fewer than one row in so many, the next ones look at these rows alone.
_FEW = 16
# So many rows are looked at first for those that come first, and so many times as many each time after that.
_FIRST_LOOK, _MORE = 4_096, 8
# What may be held. Sets of words and of all that is said are as many as events.
_HELD = frozenset({tables.EVENT, tables.FIGURE, tables.PARTICIPANT, tables.PROFILE})
# Nearly every record has a value of its own, or only flat rows show it.
_NOT_HELD = frozenset({"id", "part_of", *tables.SHOWN})
_TYPES = (String, Date, Integer, Double)
_EPOCH = date(1970, 1, 1)
_COMPARISONS = frozenset({operators.eq, operators.ge, operators.gt, operators.le, operators.lt})
_ARITHMETIC = frozenset({operators.add, operators.sub, operators.mul})
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"sin": np.sin, "cos": np.cos, "radians": np.radians}


class _Unknown(Exception):
    """A condition has something that only DuckDB knows."""


class _Texts:
    """A column of few different texts: for each row the place of its own among them, one more than the last of none."""

    def __init__(self, column: pa.Array, order: Any) -> None:
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        self._texts = {text: place for place, text in enumerate(encoded.dictionary.to_pylist())}
        none = len(self._texts)
        places = encoded.indices.cast(pa.int32()).fill_null(none)
        self._places: Rows = places.to_numpy(zero_copy_only=False).astype(np.min_scalar_type(none))[order]

    def among(self, texts: Sequence[str], rows: Any) -> Rows:
        """Which of these rows hold one of these texts."""
        if not all(isinstance(text, str) for text in texts):
            raise _Unknown
        wanted = [self._texts[text] for text in texts if text in self._texts]
        if len(wanted) == 1:
            return self._places[rows] == wanted[0]
        is_wanted = np.zeros(len(self._texts) + 1, bool)
        is_wanted[wanted] = True
        return is_wanted[self._places[rows]]


class HeldColumns:
    """The columns of one reading copy that were asked for."""

    def __init__(self) -> None:
        self._columns: dict[Column[Any], Any] = {}

    def where(self, copy: Copy, table: Any, condition: Any) -> Rows | None:
        """The rows of a table, in its order, of which a condition holds; null where DuckDB has to be asked."""
        try:
            return _Rows(self, copy, table).where(condition)
        except _Unknown:
            return None

    def column(self, copy: Copy, column: Column[Any]) -> Any:
        """The values of a column in the order of its table's rows: numbers, or texts."""
        if column.table not in _HELD or column.name in _NOT_HELD or not isinstance(column.type, _TYPES):
            raise _Unknown
        if column not in self._columns:
            read = copy.table(select(column, place(column.table)))
            # To have DuckDB put them in order would take longer than all the rest.
            order = np.argsort(read.column(1).to_numpy(), kind="stable")
            self._columns[column] = _held(column, read.column(0).combine_chunks(), order)
        return self._columns[column]


def _held(column: Column[Any], values: pa.Array, order: Any) -> Any:
    """Values in this order as they are held; numbers that some rows lack as floating ones, which no comparison holds of there."""
    if isinstance(column.type, String):
        return _Texts(values, order)
    numbers = values.cast(pa.int32()) if isinstance(column.type, Date) else values
    if column.name in _SETS:
        numbers = numbers.fill_null(0)
    return np.array(numbers.to_numpy(zero_copy_only=False)[order])


class _Rows:
    """The rows of one table, or those of them that are left, and what holds of them."""

    def __init__(self, held: HeldColumns, copy: Copy, table: Any) -> None:
        self._held, self._copy, self._table = held, copy, table
        self._rows: Any = _ALL

    def where(self, condition: Any) -> Rows:
        """Those rows of which it holds."""
        marks: Rows | None = None
        for part in _parts(condition):
            holds = self._holds(part)
            if not isinstance(holds, np.ndarray):
                raise _Unknown
            marks = holds if marks is None else marks & holds
            if self._rows is not _ALL:
                self._rows, marks = self._rows[marks], None
            elif np.count_nonzero(marks) * _FEW < len(marks):
                self._rows, marks = np.flatnonzero(marks), None
        if self._rows is _ALL and marks is None:
            raise _Unknown
        return self._rows if marks is None else marks

    def _holds(self, condition: Any) -> Rows:
        """A mark for each row."""
        match condition:
            case Grouping():
                return self._holds(condition.element)
            case BinaryExpression(operator=operators.in_op):
                return self._among(condition.left, condition.right)
            case BinaryExpression(operator=operators.between_op):
                value, (least, most) = self._value(condition.left), map(self._value, condition.right.clauses)
                return (value >= least) & (value <= most)
            case BinaryExpression(operator=compare) if compare in _COMPARISONS:
                if isinstance(condition.left.type, String):
                    if compare is not operators.eq:
                        raise _Unknown
                    return self._texts(condition.left).among([_given(condition.right)], self._rows)
                return compare(self._value(condition.left), self._value(condition.right))
            case ExpressionClauseList(operator=operators.and_):
                return reduce(np.logical_and, map(self._holds, condition.clauses))
            case ExpressionClauseList(operator=operators.or_):
                return reduce(np.logical_or, map(self._holds, condition.clauses))
        raise _Unknown

    def _value(self, value: Any) -> Any:
        """A number for each row, or one for all."""
        match value:
            case Grouping():
                return self._value(value.element)
            case BindParameter():
                return _number(_given(value))
            case Column() if value.table is self._table and not isinstance(value.type, String):
                return self._held.column(self._copy, value)[self._rows]
            case Function() if value.name in _FUNCTIONS:
                return _FUNCTIONS[value.name](*map(self._value, value.clauses))
            case BinaryExpression(operator=reckon) | ExpressionClauseList(operator=reckon) if (
                # Whole numbers and days are reckoned with in other ways there.
                reckon in _ARITHMETIC and isinstance(value.type, Double | NullType)
            ):
                parts = [value.left, value.right] if isinstance(value, BinaryExpression) else value.clauses
                return reduce(reckon, map(self._value, parts))
        raise _Unknown

    def _texts(self, column: Any) -> _Texts:
        if not isinstance(column, Column) or column.table is not self._table:
            raise _Unknown
        found: _Texts = self._held.column(self._copy, column)
        return found

    def _among(self, column: Any, among: Any) -> Rows:
        """Which rows have a value of a column that is one of these, or one that a statement selects."""
        if isinstance(among, BindParameter):
            given = _given(among)
            if isinstance(column.type, String):
                return self._texts(column).among(given, self._rows)
            return np.isin(self._value(column), list(map(_number, given)))
        if not isinstance(among, ScalarSelect) or not isinstance(column.type, Integer):
            raise _Unknown
        values, wanted = self._value(column), self._selected(among.element)
        if values.dtype.kind == "f":
            raise _Unknown
        # All over the highest are taken for the one behind it.
        is_wanted = np.zeros(wanted.max(initial=0) + 2, bool)
        is_wanted[wanted] = True
        is_wanted[0] = False
        return is_wanted.take(values, mode="clip")

    def _selected(self, statement: Any) -> Rows:
        """The numbers that a statement selects which looks at nothing of this table's rows."""
        if not isinstance(statement, Select):
            raise _Unknown
        (column,) = statement.selected_columns
        if isinstance(column, Column) and column.table in _HELD and _is_plain(statement):
            found = self._held.where(self._copy, column.table, statement.whereclause)
            if found is not None:
                numbers = self._held.column(self._copy, column)[found]
                if numbers.dtype.kind == "i":
                    return numbers
        if self._table in statement.get_final_froms():
            raise _Unknown
        return np.asarray(self._copy.column(statement.where(column.is_not(None))))


def _is_plain(statement: Any) -> bool:
    """Whether it selects from one table by a condition, and does nothing else. To have SQLAlchemy say from which tables would
    take as long as all the rest."""
    more = (statement._from_obj, statement._group_by_clauses, statement._limit_clause, statement._offset_clause)
    return statement.whereclause is not None and all(clause is None or clause == () for clause in more)


def holds_of_all(condition: Any) -> bool:
    """Whether it is the condition of no filter, as SQLAlchemy puts that."""
    if isinstance(condition, AsBoolean) and condition.operator is operators.is_true:
        condition = condition.element
    return isinstance(condition, True_)


def _parts(condition: Any) -> Iterator[Any]:
    """The conditions of which all have to hold."""
    if isinstance(condition, Grouping):
        yield from _parts(condition.element)
    elif isinstance(condition, ExpressionClauseList) and condition.operator is operators.and_:
        for part in condition.clauses:
            yield from _parts(part)
    elif not isinstance(condition, True_):
        if isinstance(condition, False_):
            raise _Unknown
        yield condition


def _given(parameter: Any) -> Any:
    if not isinstance(parameter, BindParameter):
        raise _Unknown
    return parameter.effective_value


def _number(given: Any) -> int | float:
    """A value as it stands in held columns: a day by its number."""
    if type(given) is date:
        return (given - _EPOCH).days
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _Unknown
    return given


def count(rows: Rows) -> int:
    """How many they are."""
    return int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)


def positions(rows: Rows, at_most: int | None, is_descending: bool) -> Sequence[int]:
    """Their positions, from 1: the lowest so many first, or the highest; all where no number is named."""
    in_order = rows[::-1] if is_descending else rows
    if rows.dtype != bool:
        places = in_order[:at_most]
    else:
        places = _first(in_order, at_most)
        if is_descending:
            places = len(rows) - 1 - places
    return as_sequence(places + 1)


def _first(marks: Rows, at_most: int | None) -> Rows:
    """The places of the first so many marks."""
    looked_at = len(marks) if at_most is None else _FIRST_LOOK
    while True:
        found = np.flatnonzero(marks[:looked_at])
        if looked_at >= len(marks) or (at_most is not None and len(found) >= at_most):
            return found[:at_most]
        looked_at *= _MORE
