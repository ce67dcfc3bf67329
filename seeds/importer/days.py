"""Reads days in the ways that publishers, spreadsheets and statistics programs write them.

`2023-11-03`, also with a time, with slashes or without hyphens; `3 November 2023`, `03-Nov-23`, `Nov 3, 2023`; and
`3/11/2023`, of which only a whole column can tell whether the day or the month comes first. `Fri Nov 03 00:00:00 UTC 2023` is
how programs print an instant. Spreadsheets count days since 1900 where a cell has lost its form, and pandas writes JSON in
milliseconds since 1970.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seeds.importer.code_tables import rows_of_table

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
_MONTHS = Path(__file__).with_name("months.csv")
_TIME = r"(?:(?:[T ,]|, )\s*([0-9]{1,2}:[0-9]{2}.*))?"
_ORDERED = re.compile(rf"([0-9]{{4}})([-/.]?)([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_NUMBERS = re.compile(rf"([0-9]{{1,2}})([/.\-])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}}){_TIME}")
_DAY_MONTH = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th|\.)?[ \-/]?([^\W\d_]+)\.?[ \-/,]+([0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
_MONTH_DAY = re.compile(rf"([^\W\d_]+)\.?[ \-]([0-9]{{1,2}})(?:st|nd|rd|th)?,?[ \-]([0-9]{{4}}){_TIME}")
_YEAR_BEHIND = re.compile(r"([^\W\d_]+) +([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?: [A-Z]{3,4})?) ([0-9]{4})")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", re.IGNORECASE)
# From 1987 on: smaller numbers are days since 1970 or 1960, as R, Stata and SAS count them, and nothing tells which.
_SERIAL = re.compile(r"(3[2-9][0-9]{3}|[45][0-9]{4})(?:\.[0-9]+)?")
# In seconds or milliseconds; what begins with 19 or 20 is rather a year with month, day and hours behind.
_SINCE_1970 = re.compile(r"(?!19|20)([1-9][0-9]{8,9})([0-9]{3}|\.0)?")
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)? ?([ap]m)? ?(z|utc|(?:gmt)?[+-][0-9]{2}(?::?[0-9]{2})?|gmt)?(?: \(.*\))?",
    re.IGNORECASE,
)
# Zones differ by quarters of an hour, so the last second of a day is none of these.
_EVENING = re.compile(r"(?:1[3-9]|2[0-3]):(?:00|15|30|45)(?::00(?:\.0+)?)?(?:\+00:00|-[0-9]{2}:[0-9]{2})?")
# What spreadsheets count from, with the 29 February 1900 that they believe in.
_BEFORE_SERIALS = date(1899, 12, 30)
# Two digits from here on are of the century before; the publishers' data begins in 1989.
_FIRST_OF_LAST_CENTURY = 70
_MIDDAY = 12
_MONTHS_A_YEAR, _MOST_DAYS = 12, 31


class WrittenDay(NamedTuple):
    """A written day: its numbers as they stand, and the time behind it, empty where none is.

    `order` is null where the day is told whichever comes first; else `first` and `second` are day and month, or month
    and day.
    """

    first: int
    second: int
    year: int
    time: str
    is_open: bool

    @property
    def is_eve(self) -> bool:
        """Whether its time may be a midnight that another zone calls the evening before: that of a zone ahead, told in UTC, or
        that of UTC, told in a zone behind. From one o'clock on, since programs that shun zones write noon."""
        return _EVENING.fullmatch(self.time) is not None

    @property
    def may_be_one(self) -> bool:
        """Whether one of its numbers can be a month and the other a day of one: 32/13/2020 is no day whichever comes first."""
        return 1 <= min(self.first, self.second) <= _MONTHS_A_YEAR and max(self.first, self.second) <= _MOST_DAYS

    def iso(self, order: str | None) -> str:
        """The day as `2023-11-03`, with its time behind a T where it has one. Errors: ValueError."""
        day, month = (self.second, self.first) if self.is_open and order == MONTH_FIRST else (self.first, self.second)
        return f"{date(self.year, month, day)}{'T' if self.time else ''}{self.time}"


@cache
def _months() -> dict[str, int]:
    return {name: int(month) for name, month in rows_of_table(_MONTHS)}


def month_of(name: str) -> int | None:
    """The number of the month of this name; null where there is none."""
    return _months().get(name.strip().rstrip(".").casefold())


def written_day(printed: str) -> WrittenDay | None:
    """How a day is written; null where it is none."""
    # An apostrophe keeps a spreadsheet from reading what stands behind it.
    text = _WEEKDAY.sub("", printed.strip().removeprefix("'"), count=1)
    if found := _ORDERED.fullmatch(text):
        if not found[2] and len(found[3] + found[4]) != len("1103"):
            return None
        return WrittenDay(int(found[4]), int(found[3]), int(found[1]), _clock(found[5]), False)
    if found := _NUMBERS.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        # Points stand between days and months alone where the day comes first.
        return WrittenDay(first, second, _year(found[4]), _clock(found[5]), found[2] != "." and first != second)
    if found := _DAY_MONTH.fullmatch(text):
        month = _months().get(found[2].casefold())
        return None if month is None else WrittenDay(int(found[1]), month, _year(found[3]), _clock(found[4]), False)
    if found := _MONTH_DAY.fullmatch(text):
        month = _months().get(found[1].casefold())
        return None if month is None else WrittenDay(int(found[2]), month, int(found[3]), _clock(found[4]), False)
    if found := _YEAR_BEHIND.fullmatch(text):
        month = _months().get(found[1].casefold())
        return None if month is None else WrittenDay(int(found[2]), month, int(found[4]), _clock(found[3]), False)
    if found := _SINCE_1970.fullmatch(text):
        at = datetime.fromtimestamp(int(found[1]), UTC)
        return WrittenDay(at.day, at.month, at.year, f"{at:%H:%M:%S}+00:00", False)
    if found := _SERIAL.fullmatch(text):
        day = _BEFORE_SERIALS + timedelta(days=int(found[1]))
        return WrittenDay(day.day, day.month, day.year, "", False)
    return None


def has_meridiem(written_day: str) -> bool:
    """Whether a day is written with a time in twelve hours."""
    return written_day.rstrip()[-2:].casefold() in ("am", "pm")


def _year(printed: str) -> int:
    year = int(printed)
    if len(printed) > 2:  # of the digits of a year
        return year
    return year + (1900 if year >= _FIRST_OF_LAST_CENTURY else 2000)


def _clock(printed: str | None) -> str:
    """A time of day as ISO 8601 has it; empty where there is none, or none that can be read."""
    found = _CLOCK.fullmatch((printed or "").strip())
    if found is None:
        return ""
    hour = int(found[1])
    if found[4] is not None:
        hour = hour % _MIDDAY + (_MIDDAY if found[4].lower() == "pm" else 0)
    return f"{hour:02}:{found[2]}{found[3] or ''}{_zone(found[5] or '')}"


def _zone(printed: str) -> str:
    """How far a zone is from UTC, as ISO 8601 has it."""
    zone = printed.upper()
    if zone in ("Z", "UTC", "GMT"):
        return "+00:00"
    digits = zone.removeprefix("GMT").replace(":", "")
    # Databases write whole hours alone.
    return f"{digits[:3]}:{digits[3:] or '00'}" if digits else ""
