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
from datetime import date, timedelta
from functools import partial

from seeds.importer.columns import Column
from seeds.importer.days import DAY_FIRST, MONTH_FIRST, WrittenDay, has_meridiem, written_day
from seeds.importer.number_forms import MARKS, has_decimal_comma, whole_number, with_hyphen, with_point
from seeds.importer.text_forms import TextForm
from seeds.importer.values import Memo

# As R, pandas, SQL, Stata and spreadsheets write that there is no value. A name such as `Nan` is none of them.
MISSING = frozenset(
    (
        *("NA", "na", "N/A", "n/a", "N.A.", "n.a.", "N.A", "<NA>", "nan", "NaN", "NAN", "NaT", "NULL", "Null", "null"),
        *("(null)", "[null]", "None", "none", "NONE", "\\N", "(blank)", "Not available", "-", "--", "\u2013", "\u2014"),
        *(".", "..", "...", "\u2026", "?", "*", "#N/A", "#NULL!", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!"),
        *("-999", "-999.0", "-9999", "-9999.0"),
    )
)
# These stand for no value, too, where they are no longitude, and where they are no name.
_MISSING_BUT_OF_DEGREES = MISSING | {"-99", "-99.0"}
_MISSING_NUMBERS = _MISSING_BUT_OF_DEGREES | {"Unknown", "unknown", "UNKNOWN", "No Information", "No information"}
# What programs fill empty texts with; no name, code or sentence of a publisher's is one of these.
_MISSING_TEXTS = _MISSING_BUT_OF_DEGREES | {
    *(
        "0",
        "0.0",
        "Not specified",
        "not specified",
        "Not Specified",
        "Missing",
        "missing",
        "(missing)",
        "No data",
        "no data",
    ),
}
_NO_VALUES = {"degrees": MISSING, "whole": _MISSING_NUMBERS, "text": _MISSING_TEXTS, "markup": _MISSING_TEXTS}
_MOST_HELD = 20_000
_MONTHS = 12
# So many days on either side are no chance.
_FEW = 3
# The length of a day such as 2023-11-03.
_DAY = 10
# Midnight is at two times of another zone where clocks are put forward in summer.
_MOST_MIDNIGHTS = 2
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
    """How one column is written, as far as its values were looked at."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.missing: Counter[str] = Counter()
        self._no_values = _NO_VALUES.get(column.kind, _MISSING_BUT_OF_DEGREES)
        self._held: set[str] = set()
        self._examples: dict[str, str] = {}
        self._text = TextForm(is_markup=column.kind == "markup") if column.kind in ("text", "markup") else None
        self._has_points = False
        # Of days that are open, which numbers above twelve stand first and second, and whether the time is in twelve hours.
        self._day_first: str | None = None
        self._month_first: str | None = None
        self._open: str | None = None
        self._meridiem: str | None = None
        # Whether a plain day is past the twelfth of its month, and how many plain days and open ones are not, and are.
        self._plain_days, self._is_plain_past = 0, False
        self._past_days, self._is_past_all = 0, True
        # The times at which days may be midnights of another zone, empty for others, as long as they are two at the most.
        self._times: set[str] = set()

    def look_at(self, values: Sequence[str]) -> None:
        """Looks at the values of some rows."""
        if not self._no_values.isdisjoint(values):
            self.missing.update(value for value in values if value in self._no_values)
        if self._text is not None:
            self._text.look_at(values)
            return
        fresh = set(values) - self._held - self._no_values
        if not fresh or self._is_plain(fresh):
            return
        if len(self._held) > _MOST_HELD:
            self._held.clear()
        self._held |= fresh
        for value in sorted(fresh):
            self._look_at(value)

    def _is_plain(self, values: set[str]) -> bool:
        """Whether these values are certainly written as we read them, found out all at once."""
        together = "".join(values)
        match self.column.kind:
            case "whole":
                return together.isascii() and (together.isdecimal() or not together)
            case "degrees":
                self._has_points = self._has_points or "." in together
                return _PLAIN_DEGREES.issuperset(together)
        return False

    def _look_at(self, value: str) -> None:
        match self.column.kind:
            case "whole":
                for mark in MARKS - self._examples.keys():
                    if whole_number(value, mark) != value:
                        self._examples.setdefault(mark, value)
            case "degrees":
                if has_decimal_comma(value):
                    self._examples.setdefault("comma", value)
                if with_hyphen(value) != value:
                    self._examples.setdefault("minus", value)
            case "day" | "moment":
                self._look_at_day(value)
            case "days":
                for part in value.split(";"):
                    self._look_at_day(part)

    def _look_at_day(self, value: str) -> None:
        plain = _PLAIN_MOMENT if self.column.kind == "moment" else _PLAIN_DAY
        if plain.fullmatch(value):
            self._times.add("")
            self._count_plain(int(value[_DAY - 2 : _DAY]))
            return
        day = written_day(value)
        if day is None or (day.is_open and not day.may_be_one):
            return
        self._examples.setdefault("day", value)
        if len(self._times) <= _MOST_MIDNIGHTS:
            self._times.add(day.time if day.is_eve else "")
        if not day.is_open:
            self._count_plain(day.first)
            return
        self._open = self._open or value
        self._past_days += 1
        self._is_past_all = self._is_past_all and max(day.first, day.second) > _MONTHS
        if day.first > 12:  # months
            self._day_first = self._day_first or value
        if day.second > 12:
            self._month_first = self._month_first or value
        if has_meridiem(value):
            self._meridiem = self._meridiem or value

    def _count_plain(self, day: int) -> None:
        self._plain_days += 1
        self._is_plain_past = self._is_plain_past or day > _MONTHS

    # --- What was decided ----------------------------------------------------------------------------------------

    @property
    def must_be_decided(self) -> bool:
        """Whether a file cannot be read where the order of its days is open: they say when the events were."""
        return self.column.is_needed and self.column.kind in ("day", "moment")

    def order(self) -> str | None:
        """Which of day and month comes first, as far as this column says it. Errors: Undecided, where it says both and has to
        be decided."""
        if self.must_be_decided and self._is_half_read:
            message = (
                f"days up to the twelfth of a month stand as plain days, and later ones such as '{self._open}' otherwise: a"
                " spreadsheet has read the first with day and month exchanged; take the file as it was published"
            )
            raise Undecided(self.column.name, message)
        if self._day_first is not None and self._month_first is not None:
            if not self.must_be_decided:
                return None
            message = f"'{self._day_first}' has the day first and '{self._month_first}' the month; write them alike"
            raise Undecided(self.column.name, message)
        if self._day_first is not None:
            return DAY_FIRST
        return MONTH_FIRST if self._month_first is not None else None

    @property
    def _is_half_read(self) -> bool:
        """Whether a spreadsheet that reads the month first has met days with the day first: it takes those that can be read so
        for days, with day and month exchanged, and leaves the others as text."""
        few = min(self._plain_days, self._past_days)
        return few >= _FEW and not self._is_plain_past and self._is_past_all

    @property
    def open_day(self) -> str | None:
        """A day of this column that can be read in two ways; null where there is none."""
        return self._open

    @property
    def day_in_twelve_hours(self) -> str | None:
        """A day of this column with a time in twelve hours; null where there is none."""
        return self._meridiem

    @property
    def decimal_mark(self) -> str:
        """What stands before the decimals of this column's degrees; empty where it does not show it."""
        if self._has_points:
            return "."
        return "," if "comma" in self._examples else ""

    def conversion(self, order: str | None, mark: str) -> Convert | None:
        """What rewrites the values of this column; null where nothing is to be rewritten.

        `order` says which of day and month comes first; where it is null and would have to be known, days that can be
        read in two ways become missing. `mark` is what stands before decimals in the file.
        """
        rewrite: Convert | None = None if self._text is None else self._text.conversion
        match self.column.kind:
            case "whole" if mark in self._examples:
                rewrite = partial(whole_number, mark=mark)
            case "degrees" if self.decimal_mark == ",":
                rewrite = with_point
            case "degrees" if "minus" in self._examples:
                rewrite = with_hyphen
            case "day" | "moment" | "days" if "day" in self._examples:
                rewrite = self._days(order)
        if rewrite is None:
            return self._without_missing if self.missing else None
        made, no_values = rewrite, self._no_values

        def rewritten(value: str) -> str:
            return "" if value in no_values else made(value)

        # The same few days come again and again, where each id comes but once.
        return rewritten if self.column.kind == "whole" else Memo(rewritten).__getitem__

    @property
    def _is_of_day_before(self) -> bool:
        """Whether the days of this column are midnights that another zone calls the evening before."""
        return self.column.kind in ("day", "days") and 0 < len(self._times) <= _MOST_MIDNIGHTS and all(self._times)

    def _without_missing(self, value: str) -> str:
        return "" if value in self._no_values else value

    def decisions(self, order: str | None, mark: str) -> Iterable[str]:
        """What was decided of this column, in words, but for what stands for no value in it."""
        name, why = self.column.name, ""
        if self._is_of_day_before:
            why = ", the day after: a time that all days have is midnight in another zone"
        if self._text is not None:
            yield from self._text.decisions(name)
        if self.column.kind == "whole":
            if mark in self._examples:
                printed = self._examples[mark]
                yield f"{name}: '{printed}' is read as {whole_number(printed, mark)}"
        elif self.column.kind == "degrees":
            if self.decimal_mark == ",":
                yield f"{name}: '{self._examples['comma']}' has a decimal comma"
            if "minus" in self._examples:
                yield f"{name}: '{self._examples['minus']}' has a minus sign for a hyphen"
        elif self._open is not None:
            how = "left out, since nothing says whether the day or the month comes first" if order is None else order
            yield f"{name}: days such as '{self._day_first or self._month_first or self._open}' are {how}{why}"
        elif "day" in self._examples:
            printed = self._examples["day"]
            yield f"{name}: '{printed}' is read as {self._days(order)(printed)}{why}"

    def _days(self, order: str | None) -> Convert:
        keeps_time, is_of_day_before = self.column.kind == "moment", self._is_of_day_before

        def one(value: str) -> str:
            day: WrittenDay | None = written_day(value)
            if day is None:
                return value
            if day.is_open and order is None and max(day.first, day.second) <= _MONTHS:
                return ""
            try:
                found = day.iso(order or (MONTH_FIRST if day.second > _MONTHS else DAY_FIRST))
            except ValueError:
                return value
            if is_of_day_before:
                return (date.fromisoformat(found[:_DAY]) + timedelta(days=1)).isoformat()
            return found if keeps_time else found[:_DAY]

        if self.column.kind == "days":
            return lambda value: ";".join(map(one, value.split(";")))
        return one
