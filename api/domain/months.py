"""The months in English, as answers and publishers write them whatever the language of the machine, and their days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# As they are written short, `Jan`.
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
# A year, or a month of it.
_WRITTEN = re.compile(r"([1-9]\d{3})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
# A week, as rows of totals are called, and a day without hyphens.
_WEEK = re.compile(r"([1-9]\d{3})-?W([0-5]\d)", re.ASCII)
_DAY = re.compile(r"[1-9]\d{7}", re.ASCII)


def days_of(text: str) -> str:
    """From and to which days a year, month or week written in ISO 8601 reaches, or how a day is written here, for the end of a
    sentence; else nothing."""
    week = _WEEK.fullmatch(text)
    try:
        if week is not None:
            first, last = (date.fromisocalendar(int(week[1]), int(week[2]), weekday) for weekday in (1, 7))
            return f"; '{text}' is from {first} to {last}"
        if _DAY.fullmatch(text) is not None:
            return f"; '{text}' is written {date.fromisoformat(text)}"
    except ValueError:
        return ""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return ""
    year, first_month, last_month = found[1], found[2] or "01", found[2] or "12"
    return (
        f"; '{text}' is from {year}-{first_month}-01 to {year}-{last_month}-{monthrange(int(year), int(last_month))[1]}"
    )
