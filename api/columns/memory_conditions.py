"""Selects the rows of a table that meet a condition, by columns that are kept in memory.

A statement costs DuckDB one or two milliseconds before it looks at any row. To look at all rows of a million in memory takes less.
Conditions are SQLAlchemy's, as DuckDB is asked them; what is not known here DuckDB has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import BindParameter, Column, Double, Integer, ScalarSelect, Select, String
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import AsBoolean, BinaryExpression, ExpressionClauseList, False_, Grouping, True_
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import NullType

from api.columns.memory_columns import ALL_ROWS, EPOCH, IN_MEMORY, Array, MemoryColumns, NotInMemory, Rows, Texts

if TYPE_CHECKING:
    from api.columns.reading_copy import Copy

# Where conditions hold of fewer than one row in so many, the next ones look at these rows alone: to gather them costs as
# much as to compare several times as many, but less than the sine of one in two.
_FEW, _FEW_FOR_FUNCTIONS = 16, 2
_COMPARISONS = frozenset({operators.eq, operators.ge, operators.gt, operators.le, operators.lt})
_ARITHMETIC = frozenset({operators.add, operators.sub, operators.mul})
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"sin": np.sin, "cos": np.cos, "radians": np.radians}


def rows_where(columns: MemoryColumns, copy: Copy, table: Any, condition: Any) -> Array | None:
    """The rows of a table, in its order, of which a condition holds; null where DuckDB has to be asked."""
    try:
        return _Rows(columns, copy, table).where(condition)
    except NotInMemory:
        return None


class _Rows:
    """The rows of one table, or those of them that are left, and what holds of them."""

    def __init__(self, columns: MemoryColumns, copy: Copy, table: Any) -> None:
        self._columns, self._copy, self._table = columns, copy, table
        self._rows: Rows = ALL_ROWS

    def where(self, condition: Any) -> Array:
        """Those rows of which it is true."""
        marks: Array | None = None
        for part in _parts(condition):
            few = _FEW_FOR_FUNCTIONS if _is_slow(part) else _FEW
            if marks is not None and np.count_nonzero(marks) * few < len(marks):
                self._rows, marks = np.flatnonzero(marks), None
            marked = self._marked(part)
            if not isinstance(marked, np.ndarray):
                raise NotInMemory
            if isinstance(self._rows, slice):
                marks = marked if marks is None else marks & marked
            else:
                self._rows = self._rows[marked]
        if marks is not None:
            return marks
        if isinstance(self._rows, slice):
            raise NotInMemory
        return self._rows

    def _marked(self, condition: Any) -> Any:
        """A mark for each row, whether the condition is true of it; or one for all, where it reads no column."""
        match condition:
            case Grouping():
                return self._marked(condition.element)
            case BinaryExpression(operator=operators.in_op):
                return self._among(condition.left, condition.right)
            case BinaryExpression(operator=operators.between_op):
                value, (least, most) = self._value(condition.left), map(self._value, condition.right.clauses)
                return (value >= least) & (value <= most)
            case BinaryExpression(operator=compare) if compare in _COMPARISONS:
                if isinstance(condition.left.type, String):
                    if compare is not operators.eq:
                        raise NotInMemory
                    return self._texts(condition.left).among([_given(condition.right)], self._rows)
                return compare(self._value(condition.left), self._value(condition.right))
            case ExpressionClauseList(operator=operators.and_):
                return reduce(np.logical_and, map(self._marked, condition.clauses))
            case ExpressionClauseList(operator=operators.or_):
                return reduce(self._marked_or, condition.clauses[1:], self._marked(condition.clauses[0]))
        raise NotInMemory

    def _marked_or(self, marks: Any, condition: Any) -> Any:
        """A mark for each row that has one, or of which this is true too."""
        if not _is_slow(condition) or not isinstance(marks, np.ndarray):
            return marks | self._marked(condition)
        unmarked = np.flatnonzero(~marks)
        others = _Rows(self._columns, self._copy, self._table)
        others._rows = unmarked if isinstance(self._rows, slice) else self._rows[unmarked]
        marks[unmarked] = others._marked(condition)
        return marks

    def _value(self, value: Any) -> Any:
        """A number for each row, or one for all."""
        match value:
            case Grouping():
                return self._value(value.element)
            case BindParameter():
                return _number(_given(value))
            case Column() if value.table is self._table and not isinstance(value.type, String):
                return self._columns.column(self._copy, value)[self._rows]
            case Function() if value.name in _FUNCTIONS:
                return _FUNCTIONS[value.name](*map(self._value, value.clauses))
            case BinaryExpression(operator=reckon) | ExpressionClauseList(operator=reckon) if (
                # Whole numbers and days are reckoned with in other ways there.
                reckon in _ARITHMETIC and isinstance(value.type, Double | NullType)
            ):
                parts = [value.left, value.right] if isinstance(value, BinaryExpression) else value.clauses
                return reduce(reckon, map(self._value, parts))
        raise NotInMemory

    def _texts(self, column: Any) -> Texts:
        if not isinstance(column, Column) or column.table is not self._table:
            raise NotInMemory
        found: Texts = self._columns.column(self._copy, column)
        return found

    def _among(self, column: Any, among: Any) -> Array:
        """Which rows have a value of a column that is one of these, or one that a statement selects."""
        if isinstance(among, BindParameter):
            given = _given(among)
            if isinstance(column.type, String):
                return self._texts(column).among(given, self._rows)
            return np.isin(self._value(column), list(map(_number, given)))
        if not isinstance(among, ScalarSelect) or not isinstance(column.type, Integer):
            raise NotInMemory
        values, wanted = self._value(column), self._selected(among.element)
        if values.dtype.kind == "f":
            raise NotInMemory
        # All over the highest are taken for the one behind it.
        is_wanted = np.zeros(wanted.max(initial=0) + 2, bool)
        is_wanted[wanted] = True
        is_wanted[0] = False
        marks: Array = is_wanted.take(values, mode="clip")
        return marks

    def _selected(self, statement: Any) -> Array:
        """The numbers that a statement selects which looks at nothing of this table's rows."""
        if not isinstance(statement, Select):
            raise NotInMemory
        (column,) = statement.selected_columns
        if isinstance(column, Column) and column.table in IN_MEMORY and _is_plain(statement):
            found = rows_where(self._columns, self._copy, column.table, statement.whereclause)
            if found is not None:
                numbers: Array = self._columns.column(self._copy, column)[found]
                if numbers.dtype.kind != "f":
                    return numbers
        if self._table in statement.get_final_froms():
            raise NotInMemory
        return np.asarray(self._copy.column(statement.where(column.is_not(None))))


def _is_plain(statement: Any) -> bool:
    """Whether it selects from one table by a condition, and does nothing else. To have SQLAlchemy say from which tables would
    take as long as all the rest."""
    more = (statement._from_obj, statement._group_by_clauses, statement._limit_clause, statement._offset_clause)
    return statement.whereclause is not None and all(clause is None or clause == () for clause in more)


def is_always_true(condition: Any) -> bool:
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
            raise NotInMemory
        yield condition


def _is_slow(condition: Any) -> bool:
    """Whether it asks for sines, which take longer than all else."""
    match condition:
        case BinaryExpression():
            return _is_slow(condition.left) or _is_slow(condition.right)
        case ExpressionClauseList():
            return any(map(_is_slow, condition.clauses))
        case Grouping():
            return _is_slow(condition.element)
    return isinstance(condition, Function)


def _given(parameter: Any) -> Any:
    if not isinstance(parameter, BindParameter):
        raise NotInMemory
    return parameter.effective_value


def _number(given: Any) -> int | float:
    """A value as it stands in these columns: a day by its number."""
    if type(given) is date:
        return (given - EPOCH).days
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise NotInMemory
    return given
