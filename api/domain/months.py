"""The months in English, as answers and publishers write them whatever the language of the machine, and their days."""

from __future__ import annotations

import re
from calendar import monthrange

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# As they are written short, `Jan`.
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
# A year, or a month of it.
_WRITTEN = re.compile(r"([1-9]\d{3})(?:-(0[1-9]|1[0-2]))?", re.ASCII)


def days_of(text: str) -> str:
    """From and to which days a year or month written in ISO 8601 reaches, for the end of a sentence; else nothing."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return ""
    year, first, last = found[1], found[2] or "01", found[2] or "12"
    return f"; '{text}' is from {year}-{first}-01 to {year}-{last}-{monthrange(int(year), int(last))[1]}"
