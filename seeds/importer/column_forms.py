"""Decides from a whole column how its values are written, and rewrites them in one way: the first pass over a file.

A form is what programs between the publisher and us make of a column: a word for a missing value, whole numbers with a
point (`800.0`), decimal commas, days with the month first. Each is read from all values of the column, told in the report,
and refused where the column does not decide it. Values that fit no form stay as they are printed, for whoever maps their
row to refuse. Only different values are looked at, and no more of them are held than `_MOST_HELD`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from seeds.importer.columns import Column
from seeds.importer.days import DAY_FIRST, MONTH_FIRST, Written, has_meridiem, written
from seeds.importer.values import Memo

# As R, pandas, SQL, Stata and spreadsheets write that there is no value. A name such as `Nan` is none of them.
MISSING = frozenset(
    (
        *(
            "NA",
            "na",
            "N/A",
            "n/a",
            "N.A.",
            "n.a.",
            "<NA>",
            "nan",
            "NaN",
            "NAN",
            "NaT",
            "NULL",
            "Null",
            "null",
            "(null)",
        ),
        *("None", "none", "NONE", "\\N", "-", "--", "\u2013", "\u2014", ".", "#N/A", "#NULL!", "#VALUE!", "#REF!"),
        *("#NAME?", "#DIV/0!", "#NUM!"),
    )
)
_MOST_HELD = 20_000
_MONTHS = 12
# Three zeros behind a point or comma may be thousands.
_POINT_ZERO = re.compile(r"(-?[0-9]+)(?:\.0{1,2}|\.0{4,}|,0{1,2})")
# R writes 100000 so; what a spreadsheet has rounded (1.74E+09) is not meant.
_POWER = re.compile(r"(-?[0-9])(?:\.([0-9]+))?e\+([0-9]{2})")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_DECIMAL_COMMA = re.compile(r"(-?[0-9]*),([0-9]+)")
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9].*)?")
_PLAIN_DEGREES = frozenset("0123456789.-")

Convert = Callable[[str], str]


class Undecided(ValueError):
    """A column does not say how its values are meant."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


class ColumnForm:
    """How one column is written, as far as its values were met."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.missing: Counter[str] = Counter()
        self._held: set[str] = set()
        self._examples: dict[str, str] = {}
        self._has_points = False
        # Of days that are open, which numbers above twelve stand first and second, and whether the time is in twelve hours.
        self._day_first: str | None = None
        self._month_first: str | None = None
        self._open: str | None = None
        self._meridiem: str | None = None

    def meet(self, values: Sequence[str]) -> None:
        """Looks at the values of some rows."""
        if not MISSING.isdisjoint(values):
            self.missing.update(value for value in values if value in MISSING)
        if self.column.holds == "text":
            return
        fresh = set(values) - self._held
        if not fresh or self._is_plain(fresh):
            return
        if len(self._held) > _MOST_HELD:
            self._held.clear()
        self._held |= fresh
        for value in sorted(fresh - MISSING):
            self._meet(value)

    def _is_plain(self, values: set[str]) -> bool:
        """Whether these values are certainly written as we read them, found out all at once."""
        together = "".join(values)
        match self.column.holds:
            case "whole":
                return together.isascii() and (together.isdecimal() or not together)
            case "degrees":
                self._has_points = self._has_points or "." in together
                return _PLAIN_DEGREES.issuperset(together)
        return False

    def _meet(self, value: str) -> None:
        match self.column.holds:
            case "whole":
                for kind, form in (("point", _POINT_ZERO), ("power", _POWER), ("thousands", _THOUSANDS)):
                    if form.fullmatch(value.strip()):
                        self._examples.setdefault(kind, value)
            case "degrees" if _DECIMAL_COMMA.fullmatch(value.strip()):
                self._examples.setdefault("comma", value)
            case "day" | "moment":
                self._meet_day(value)
            case "days":
                for part in value.split(";"):
                    self._meet_day(part)

    def _meet_day(self, value: str) -> None:
        plain = _PLAIN_MOMENT if self.column.holds == "moment" else _PLAIN_DAY
        if plain.fullmatch(value):
            return
        day = written(value)
        if day is None:
            return
        self._examples.setdefault("day", value)
        if not day.is_open:
            return
        self._open = self._open or value
        if day.first > 12:  # months
            self._day_first = self._day_first or value
        if day.second > 12:
            self._month_first = self._month_first or value
        if has_meridiem(value):
            self._meridiem = self._meridiem or value

    # --- What was decided ----------------------------------------------------------------------------------------

    @property
    def must_be_decided(self) -> bool:
        """Whether a file cannot be read where the order of its days is open: they say when the events were."""
        return self.column.is_needed and self.column.holds in ("day", "moment")

    def order(self) -> str | None:
        """Which of day and month comes first, as far as this column says it. Errors: Undecided, where it says both and has to
        be decided."""
        if self._day_first is not None and self._month_first is not None:
            if not self.must_be_decided:
                return None
            message = f"'{self._day_first}' has the day first and '{self._month_first}' the month; write them alike"
            raise Undecided(self.column.name, message)
        if self._day_first is not None:
            return DAY_FIRST
        return MONTH_FIRST if self._month_first is not None else None

    @property
    def open_day(self) -> str | None:
        """A day of this column that can be read in two ways; null where there is none."""
        return self._open

    @property
    def day_in_twelve_hours(self) -> str | None:
        """A day of this column with a time in twelve hours; null where there is none."""
        return self._meridiem

    def conversion(self, order: str | None) -> Convert | None:
        """What rewrites the values of this column; null where nothing is to be rewritten.

        `order` says which of day and month comes first; where it is null and would have to be known, days that can be
        read in two ways become missing.
        """
        rewrite: Convert | None = None
        match self.column.holds:
            case "whole" if self._examples:
                rewrite = _whole
            case "degrees" if "comma" in self._examples and not self._has_points:
                rewrite = _with_point
            case "day" | "moment" | "days" if "day" in self._examples:
                rewrite = self._days(order)
        if rewrite is None:
            return _without_missing if self.missing else None
        made = rewrite

        def rewritten(value: str) -> str:
            return "" if value in MISSING else made(value)

        # The same few days come again and again, where each id comes but once.
        return rewritten if self.column.holds == "whole" else Memo(rewritten).__getitem__

    def told(self, order: str | None) -> Iterable[str]:
        """What was decided of this column, in words."""
        name = self.column.name
        if self.missing:
            words = ", ".join(f"'{token}' ({count:,})" for token, count in sorted(self.missing.items()))
            yield f"{name}: {words} is no value"
        if self.column.holds == "whole" and self._examples:
            yield f"{name}: '{next(iter(self._examples.values()))}' is a whole number"
        elif "comma" in self._examples and not self._has_points:
            yield f"{name}: '{self._examples['comma']}' has a decimal comma"
        elif self._open is not None:
            how = "left out, since nothing says whether the day or the month comes first" if order is None else order
            yield f"{name}: days such as '{self._day_first or self._month_first or self._open}' are {how}"
        elif "day" in self._examples:
            yield f"{name}: days are written as '{self._examples['day']}'"

    def _days(self, order: str | None) -> Convert:
        keeps_time = self.column.holds == "moment"

        def one(value: str) -> str:
            day: Written | None = written(value)
            if day is None:
                return value
            if day.is_open and order is None and max(day.first, day.second) <= _MONTHS:
                return ""
            try:
                found = day.iso(order or (MONTH_FIRST if day.second > _MONTHS else DAY_FIRST))
            except ValueError:
                return value
            return found if keeps_time else found[: len("2023-11-03")]

        if self.column.holds == "days":
            return lambda value: ";".join(map(one, value.split(";")))
        return one


def _without_missing(value: str) -> str:
    return "" if value in MISSING else value


def _whole(value: str) -> str:
    text = value.strip()
    if found := _POINT_ZERO.fullmatch(text):
        return found[1]
    if found := _POWER.fullmatch(text):
        digits = found[2] or ""
        zeros = int(found[3]) - len(digits)
        return f"{found[1]}{digits}{'0' * zeros}" if zeros >= 0 else value
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else value


def _with_point(value: str) -> str:
    return value.replace(",", ".", 1) if _DECIMAL_COMMA.fullmatch(value.strip()) else value


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
