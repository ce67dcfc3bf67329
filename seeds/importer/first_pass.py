"""The first pass over a file: how each column is written, which ids stand twice, and the different values of some columns.

Rows are read as a stream, and only different values of them are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import NamedTuple

from seeds.importer.column_forms import ColumnForm, Convert, Undecided
from seeds.importer.columns import Column
from seeds.importer.days import DAY_FIRST, MONTH_FIRST
from seeds.importer.ids import IdSet, id_tail

# How many rows are looked at together: with 2,000, which a processor's cache does not hold, it takes twice the time.
_BATCH = 100

Values = tuple[str, ...]


class DistinctValues(NamedTuple):
    """Asks for the different values that these columns have together, in the order of the file, and for the values of
    `beside` where each was met for the first time."""

    columns: tuple[str, ...]
    beside: tuple[str, ...] = ()


class FirstPass:
    """What a whole file says: `rows` is how many it has, `twice` the ids that stand in it more than once, as `IdSet` tells them
    apart, `distinct` the values that were asked for, and `converts` what rewrites which columns."""

    def __init__(
        self,
        header: Sequence[str],
        known: Mapping[str, Column],
        asked: Mapping[str, DistinctValues],
        rows: Iterator[list[str]],
    ) -> None:
        self.rows = 0
        self.twice: set[str] = set()
        self.distinct: dict[str, dict[Values, Values]] = {name: {} for name in asked}
        self.converts: list[tuple[int, Convert]] = []
        self._header, self._asked, self._id_column = header, asked, next(iter(known))
        self._forms = {place: ColumnForm(known[name]) for place, name in enumerate(header) if name in known}
        self._last, self._last_lengths = list[str](), set[int]()
        self._read(rows)

    def _read(self, rows: Iterator[list[str]]) -> None:
        width, id_at, ids = len(self._header), self._header.index(self._id_column), IdSet()
        while batch := list(islice(rows, _BATCH)):
            self._last = batch[-1]
            self.rows += len(batch)
            whole = [row for row in batch if len(row) == width]
            by_column = list(zip(*whole, strict=True)) or [()] * width
            for place, form in self._forms.items():
                form.look_at(by_column[place])
            self.twice.update(printed for printed in by_column[id_at] if printed and not ids.add(printed))
            self._last_lengths.update(map(len, by_column[width - 1]))
            for name, asked in self._asked.items():
                found = self.distinct[name]
                keys = self._tuples(by_column, asked.columns, len(whole))
                if not found.keys() >= set(keys):
                    beside = self._tuples(by_column, asked.beside, len(whole)) if asked.beside else repeat(())
                    for key, first in zip(keys, beside, strict=False):
                        found.setdefault(key, first)

    def _tuples(self, by_column: Sequence[Sequence[str]], columns: Sequence[str], count: int) -> list[Values]:
        """The values of these columns in so many rows, empty ones where the header lacks a column."""
        empty = ("",) * count
        there = [by_column[self._header.index(name)] if name in self._header else empty for name in columns]
        return list(zip(*there, strict=True))

    @property
    def is_surely_whole(self) -> bool:
        """Whether the last row has all columns, and its last value is as long as all others.

        A file that is cut off inside its last column looks like one whose last line nobody ended: its last number would be
        another, and what comes after it would be withdrawn.
        """
        return self.rows == 0 or (
            len(self._last) == len(self._header) and len(self._last_lengths) == 1 and self.rows > 1
        )

    def decide(self, dates: str | None, habit: str | None) -> list[str]:
        """Decides how columns are written, rewrites what was collected so, and says what was decided. Errors: Undecided."""
        forms = list(self._forms.values())
        orders, mark = common_order(forms, dates, habit), decimal_mark(forms)
        by_name: dict[str, Convert] = {}
        decisions = list(_missing_told(forms))
        for form in forms:
            name = form.column.name
            decisions += form.decisions(orders[name], mark)
            convert = form.conversion(orders[name], mark)
            if convert is not None:
                by_name[name] = convert
        self.converts = [(self._header.index(name), convert) for name, convert in by_name.items()]
        rewrite = by_name.get(self._id_column, str)
        self.twice = {id_tail(rewrite(printed)) for printed in self.twice}
        if by_name:
            self.distinct = {
                name: _converted(found, self._asked[name], by_name) for name, found in self.distinct.items()
            }
        return decisions


def _missing_told(forms: Sequence[ColumnForm]) -> Iterator[str]:
    """What stands for no value, in words: each of these once, however many columns have it."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for form in forms:
        for printed, count in form.missing.items():
            columns.setdefault(printed, []).append((form.column.name, f"({count:,})"))
    for printed, found in sorted(columns.items()):
        if len(found) == 1:
            ((name, counted),) = found
            yield f"{name}: '{printed}' {counted} is no value"
        else:
            yield f"'{printed}' is no value, in {', '.join(map(' '.join, found))}"


def _converted(
    found: Mapping[Values, Values], asked: DistinctValues, by_name: Mapping[str, Convert]
) -> dict[Values, Values]:
    """What was collected, with its values rewritten; what comes to the same is one."""

    def rewritten(values: Values, columns: Sequence[str]) -> Values:
        return tuple(by_name.get(column, str)(value) for value, column in zip(values, columns, strict=True))

    converted: dict[Values, Values] = {}
    for key, first in found.items():
        converted.setdefault(rewritten(key, asked.columns), rewritten(first, asked.beside))
    return converted


def decimal_mark(forms: Sequence[ColumnForm]) -> str:
    """What stands before decimals in a file, as its degrees show it; empty where they do not, or do not agree."""
    marks = {form.decimal_mark for form in forms if form.column.kind == "degrees"} - {""}
    return marks.pop() if len(marks) == 1 else ""


def common_order(forms: Sequence[ColumnForm], given: str | None, habit: str | None) -> dict[str, str | None]:
    """Which of day and month comes first in each column, by name.

    A column decides for itself; else what the user says, then what the other columns decide where they agree, since one
    program wrote the file; then the publisher's habit where a time in twelve hours stands behind. Errors: Undecided, where
    none of it decides a column that has to be decided.
    """
    decided = {form.column.name: form.order() for form in forms}
    others = set(decided.values()) - {None}
    agreed = others.pop() if len(others) == 1 else None
    found: dict[str, str | None] = {}
    for form in forms:
        name = form.column.name
        by_habit = habit if form.day_in_twelve_hours is not None else None
        found[name] = decided[name] or given or agreed or by_habit
        if found[name] is None and form.open_day is not None and form.must_be_decided:
            message = (
                f"nothing in the file says whether '{form.open_day}' has the day or the month first; "
                f"say --dates {DAY_FIRST} or --dates {MONTH_FIRST}"
            )
            raise Undecided(name, message)
    return found
