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
# A week, as rows of totals are called, and a day, also without hyphens.
_WEEK = re.compile(r"([1-9]\d{3})-?W([0-5]\d)", re.ASCII)
_DAY = re.compile(r"[1-9]\d{3}(-?)\d{2}\1\d{2}", re.ASCII)


def period_of(text: str) -> tuple[date, date] | None:
    """The first and last day of a year, month, week or day written in ISO 8601; null of anything else."""
    week = _WEEK.fullmatch(text)
    try:
        if week is not None:
            first, last = (date.fromisocalendar(int(week[1]), int(week[2]), weekday) for weekday in (1, 7))
            return first, last
        if _DAY.fullmatch(text) is not None:
            return date.fromisoformat(text), date.fromisoformat(text)
    except ValueError:
        return None
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, first_month, last_month = int(found[1]), int(found[2] or 1), int(found[2] or 12)
    return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])


def days_of(text: str) -> str:
    """From and to which days a year, month or week written in ISO 8601 reaches, or how a day is written here, for the end of a
    sentence; else nothing."""
    found = period_of(text)
    if found is None:
        return ""
    first, last = found
    return f"; '{text}' is written {first}" if first == last else f"; '{text}' is from {first} to {last}"
