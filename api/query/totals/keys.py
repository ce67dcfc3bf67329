"""The key columns of a total's rows: dimensions of the record itself, and those of the sets that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Label,
    Select,
    Subquery,
    Table,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.sql import visitors

from api.columns.reading_copy import Copy
from api.columns.tables import ONE_COLUMN_SETS, Sets
from api.query.dimension import Dimension
from api.query.dimensions import ClippedToPeriod, members_table, sets_of
from api.query.totals.question import TotalQuestion


class Keys:
    """The dimensions of a total as columns `key_0`, `key_1`, … of what is counted.

    `on` has what is counted, where it is not the table of it; `date_from` is the first day asked for, in whose buckets stands
    what began before.
    """

    def __init__(
        self,
        dimensions: Sequence[Dimension],
        counted: Table,
        date_from: date | None,
        on: FromClause | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.dimensions = dimensions
        self.counted: FromClause = counted if on is None else on
        self.names = list(names or (f"key_{index}" for index in range(len(dimensions))))
        self._date_from = date_from
        # What is counted may say itself what sets would.
        self._is_own = [
            dimension.sets(counted) is None or (dimension.is_attribution and dimension.name in self.counted.c)
            for dimension in dimensions
        ]
        rest = [dimension for dimension, is_own in zip(dimensions, self._is_own, strict=True) if not is_own]
        # Of sets of reports or claims, one dimension alone needs only what they say of that.
        self._sets = {
            ONE_COLUMN_SETS.get(sets, {}).get(listed[0].name, sets) if len(listed) == 1 else sets: listed
            for sets, listed in sets_of(rest, counted).items()
        }

    @property
    def is_of_sets(self) -> bool:
        """Whether any dimension is one of sets."""
        return bool(self._sets)

    def names_of(self, which: Collection[Dimension]) -> list[str]:
        """The names of these dimensions' columns."""
        return [name for name, dimension in zip(self.names, self.dimensions, strict=True) if dimension in which]

    def own(self) -> list[Any]:
        """The dimensions that are the record's own, and the numbers of the sets that have the others."""
        return [*self._own(), *(self.counted.c[sets.key] for sets in self._sets)]

    def _own(self) -> Iterator[Label[Any]]:
        on = ClippedToPeriod(self.counted.c, self._date_from)
        for name, dimension, is_own in zip(self.names, self.dimensions, self._is_own, strict=True):
            if is_own:
                yield dimension.of(on).label(name)

    def columns_used(self) -> set[str]:
        """The names of the columns of what is counted that the keys are made of."""
        return columns_in(self.counted, self.own())

    def joined(self, rows: Subquery) -> tuple[list[ColumnElement[Any]], FromClause]:
        """All keys of rows that have their own (see own), and what to select them from: each row once for every different
        key that the members of its sets have; null for a set without members."""
        found: dict[str, ColumnElement[Any]] = {name: rows.c[name] for name in self.names if name in rows.c}
        from_clause: FromClause = rows
        for sets, each in self._keys_of_sets():
            from_clause = from_clause.outerjoin(each, each.c[sets.key] == rows.c[sets.key])
            found |= {column.name: column for column in each.c if column.name != sets.key}
        return [found[name].label(name) for name in self.names if name in found], from_clause

    def _keys_of_sets(self) -> Iterator[tuple[Sets, Subquery]]:
        """Of each of the sets, every different key that its members have."""
        for sets, listed in self._sets.items():
            of = members_table(sets, listed)
            columns = [dimension.of(of.c).label(self.names[self.dimensions.index(dimension)]) for dimension in listed]
            members_of = select(of.c[sets.key], *columns)
            # Members may differ in what is not asked for.
            has_more = of.c.keys() != [sets.key, *(dimension.name for dimension in listed)]
            yield sets, (members_of.distinct() if has_more else members_of).subquery()

    def beside(
        self, rows: FromClause, others: FromClause, from_clause: FromClause, names: Sequence[str]
    ) -> tuple[FromClause, ColumnElement[bool]]:
        """Joins records that have the keys of their own (see own), `others`, to rows that have all keys, `rows`: what `from_clause`
        becomes, in which both stand already, and the condition that the record has the row's keys of these names and those of sets."""
        found = [others.c[name].is_not_distinct_from(rows.c[name]) for name in names if name in others.c]
        for sets, each in self._keys_of_sets():
            same = {column: rows.c[column.name] for column in each.c if column.name != sets.key}
            are_same = (column.is_not_distinct_from(key) for column, key in same.items())
            from_clause = from_clause.outerjoin(each, and_(each.c[sets.key] == others.c[sets.key], *are_same))
            has_no_members = and_(others.c[sets.key].is_(None), *(key.is_(None) for key in same.values()))
            found.append(or_(each.c[sets.key].is_not(None), has_no_members))
        return from_clause, and_(true(), *found)

    def regrouped(self, rows: Select[Any], beside: Sequence[str] = ()) -> Select[Any]:
        """Sums by their own keys (see own) as sums by all keys; as they are where no sets have any. `beside` are columns
        that are grouped by too."""
        if not self._sets:
            return rows
        summed = rows.subquery()
        keys, from_clause = self.joined(summed)
        kept = [summed.c[name] for name in beside]
        held = {*self.names, *beside, *(sets.key for sets in self._sets)}
        numbers = [func.sum(column).label(column.key) for column in summed.c if column.key not in held]
        grouped = [*(column.element for column in keys), *kept]
        return select(*keys, *kept, *numbers).select_from(from_clause).group_by(*grouped)


def columns_in(table: FromClause, expressions: Sequence[Any]) -> set[str]:
    """The names of a table's columns that these expressions look at."""
    return {
        str(element.key)
        for expression in expressions
        for element in visitors.iterate(expression)
        if isinstance(element, Column) and element.table is table
    }


def page(
    copy: Copy, keys: Keys, rows: Select[Any], question: TotalQuestion, known: ColumnElement[bool] | None = None
) -> tuple[list[tuple[Any, ...]], int]:
    """The rows that are wanted, in their order, null last, and how many there are in all.

    That is the order of their keys, or of the number that is asked for, and then of their keys; `known` says whether a
    row has that number.
    """
    in_order: list[ColumnElement[Any]] = [literal_column(name).asc().nulls_last() for name in keys.names]
    if question.sort is not None:
        rows = select(rows.subquery())
        number: ColumnElement[Any] = literal_column(question.sort)
        if known is not None:
            number = case((known, number))
        in_order.insert(0, (number.desc() if question.is_descending else number.asc()).nulls_last())
    elif question.is_descending:
        in_order = [literal_column(name).desc().nulls_last() for name in keys.names]
    # What is grouped is counted after grouping, so no further level is needed.
    found = rows.add_columns(func.count().over()).order_by(*in_order)
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
