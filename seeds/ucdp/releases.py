"""Reads UCDP's version numbers: which days a release of GED tells of, and which of two is the newer.

`25.1` is the annual release of 2025, with all years up to 2024. `25.0.7` are the candidate events of July 2025, and
`25.01.25.09` those of January to September 2025, revised. What an annual release has is final, so it counts as newer than
candidates; and they give way to the one of the next year, which tells of their days.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from api.domain.releases import Release

# What the publisher calls its files: `ged191.csv`, `ged241-csv.zip`, `GEDEvent_v24_1.csv`, `GEDEvent_v24_0_3.csv`,
# `GEDEvent_v25_01_25_06.csv`, also with points. Its versions are of years from 2017 on; `map_v10_2` is a version of something else.
_YEAR = r"(1[7-9]|[2-9]\d)"
_IN_NAMES = (
    re.compile(rf"v{_YEAR}[_.](\d\d)[_.](\d\d)[_.](\d\d)(?!\d)", re.IGNORECASE),
    re.compile(rf"v{_YEAR}[_.](\d+)(?:[_.](\d+))?(?!\d)", re.IGNORECASE),
    re.compile(rf"ged{_YEAR}(\d)(?!\d)", re.IGNORECASE),
)
_ANNUAL = re.compile(r"(\d\d)\.([1-9]\d*)")
_MONTH = re.compile(r"(\d\d)\.0\.(\d\d?)")
_SPAN = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)")
_CENTURY = 2000


def version_in(name: str) -> str | None:
    """The version that a file's name tells, null where it tells none."""
    for pattern in _IN_NAMES:
        found = pattern.search(name)
        if found is not None:
            return ".".join(part for part in found.groups() if part is not None)
    return None


def release_of(named: str, basis: str) -> Release:
    """The release of this version; of one that is none of the publisher's, nobody knows which is the newer."""
    version = named.strip().removeprefix("v")
    try:
        annual, month, span = (pattern.fullmatch(version) for pattern in (_ANNUAL, _MONTH, _SPAN))
        if annual is not None:
            year, number = map(int, annual.groups())
            last = date(_CENTURY + year - 1, 12, 31)
            return Release(version, f"annual {last} {number:03}", None, last, basis)
        if month is not None:
            year, only = map(int, month.groups())
            return _candidates(version, date(_CENTURY + year, only, 1), date(_CENTURY + year, only, 1), basis)
        if span is not None:
            from_year, from_month, to_year, to_month = map(int, span.groups())
            begins, ends = date(_CENTURY + from_year, from_month, 1), date(_CENTURY + to_year, to_month, 1)
            return _candidates(version, begins, ends, basis)
    except ValueError:
        # It only looks like a version: there is no such month.
        pass
    return Release(named, basis=basis)


def _candidates(version: str, begins: date, ends: date, basis: str) -> Release:
    """The candidate events of the months from one to another. Errors: ValueError, where they are out of order."""
    last = ends.replace(day=monthrange(ends.year, ends.month)[1])
    if begins > last:
        raise ValueError("months out of order")
    # By the alphabet, which is how keys are compared, what is annual has to come after.
    return Release(version, f"0 candidates {last}", begins, last, basis)
