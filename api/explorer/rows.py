"""All rows of a total, which the API gives a thousand at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages.subrequests import Subrequests

_AT_ONCE = 1_000
Row = Mapping[str, Any]


def all_rows(
    subrequests: Subrequests, path: str, query: Mapping[str, str], most: int | None = None
) -> list[Row] | None:
    """Every row of a total; null where there are more than `most`."""
    asked = {**query, "limit": str(_AT_ONCE)}
    answer = subrequests.ask(path, **asked)
    if most is not None and answer["total"] > most:
        return None
    found = list(answer["data"])
    for page in range(2, -(-answer["total"] // _AT_ONCE) + 1):
        found += subrequests.ask(path, **asked, page=str(page))["data"]
    return found
