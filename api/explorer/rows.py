"""All rows of a total, which the API gives a thousand at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.pages.subrequests import Answer

_AT_ONCE = 1_000
Row = Mapping[str, Any]


def all_rows(
    ask: Callable[..., Answer | None], path: str, query: Mapping[str, str], most: int | None = None
) -> list[Row] | None:
    """Every row of a total, as `ask` gives its pages; null where there are more than `most`, and where there is no such total."""
    asked = {**query, "limit": str(_AT_ONCE)}
    answer = ask(path, **asked)
    if answer is None or (most is not None and answer["total"] > most):
        return None
    found = list(answer["data"])
    for page in range(2, -(-answer["total"] // _AT_ONCE) + 1):
        following = ask(path, **asked, page=str(page))
        found += [] if following is None else following["data"]
    return found
