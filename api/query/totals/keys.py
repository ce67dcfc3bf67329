"""The key columns of a total's rows: dimensions of the record itself, and those of the sets that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Label,
    Select,
    String,
    Subquery,
    Table,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql import visitors

from api.columns.copies import Copy
from api.query.dimensions import Dimension, sets_of
from api.query.totals.question import TotalQuestion


class Keys:
    """The dimensions of a total as columns `key_0`, `key_1`, … of what is counted."""

    def __init__(self, dimensions: Sequence[Dimension], counted: Table) -> None:
        self.dimensions = dimensions
        self.counted = counted
        self.names = [f"key_{index}" for index in range(len(dimensions))]
        self._sets = sets_of(dimensions, counted)

    @property
    def is_of_sets(self) -> bool:
        """Whether any dimension is one of sets."""
        return bool(self._sets)

    def own(self) -> list[Any]:
        """The dimensions that are the record's own, and the numbers of the sets that have the others."""
        return [*self._own(), *(self.counted.c[sets.key] for sets in self._sets)]

    def _own(self) -> Iterator[Label[Any]]:
        for name, dimension in zip(self.names, self.dimensions, strict=True):
            if dimension.sets(self.counted) is None:
                yield dimension.of(self.counted.c).label(name)

    def columns_used(self) -> set[str]:
        """The names of what is counted that the keys are made of."""
        return columns_in(self.counted, self.own())

    def joined(self, rows: Subquery) -> tuple[list[ColumnElement[Any]], FromClause]:
        """All keys of rows that have their own (see own), and what to select them from: each row once for every different
        key that the members of its sets have; null for a set without members."""
        found: dict[str, ColumnElement[Any]] = {name: rows.c[name] for name in self.names if name in rows.c}
        source: FromClause = rows
        for sets, listed in self._sets.items():
            named = {self.names[self.dimensions.index(dimension)]: dimension for dimension in listed}
            columns = [dimension.of(sets.table.c).label(name) for name, dimension in named.items()]
            members = select(sets.table.c[sets.key], *columns).distinct().subquery()
            source = source.outerjoin(members, members.c[sets.key] == rows.c[sets.key])
            found |= {name: members.c[name] for name in named}
        return [found[name].label(name) for name in self.names], source

    def regrouped(self, rows: Select[Any]) -> Select[Any]:
        """Sums by their own keys (see own) as sums by all keys; as they are where no sets have any."""
        if not self._sets:
            return rows
        summed = rows.subquery()
        keys, source = self.joined(summed)
        held = {*self.names, *(sets.key for sets in self._sets)}
        numbers = [func.sum(column).label(column.key) for column in summed.c if column.key not in held]
        return select(*keys, *numbers).select_from(source).group_by(*(column.element for column in keys))


def columns_in(table: Table, expressions: Sequence[Any]) -> set[str]:
    """The names of a table's columns that these expressions look at."""
    return {
        str(element.key)
        for expression in expressions
        for element in visitors.iterate(expression)
        if isinstance(element, Column) and element.table is table
    }


def as_text(key: ColumnElement[Any]) -> ColumnElement[str]:
    """A key as it is sorted by: codes are stored as numbers, and days are in the same order as text."""
    return cast(key, String)


def page(copy: Copy, keys: Keys, rows: Select[Any], question: TotalQuestion) -> tuple[list[tuple[Any, ...]], int]:
    """The rows that are wanted, in the order of their keys, null last, and how many there are in all."""
    # What is grouped is counted after grouping, so no further level is needed.
    found = rows.add_columns(func.count().over())
    found = found.order_by(*(as_text(literal_column(name)).asc().nulls_last() for name in keys.names))
    if question.size is not None:
        found = found.limit(question.size).offset(question.start)
    listed = copy.rows(found)
    if listed:
        return [row[:-1] for row in listed], int(listed[0][-1])
    if question.start == 0:
        return [], 0
    # A page past the end has no row that could tell.
    ((total,),) = copy.rows(select(func.count()).select_from(rows.subquery()))
    return [], int(total)
