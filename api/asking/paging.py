"""The parameters that say which part of a result is wanted, and how they disagree. Knows no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.asking.media_types import JSON
from api.declare.values import Parameter, Whole, Word
from api.errors import Fault, InvalidValue, ParametersDisagree

DEFAULT_LIMIT = 100
MOST_LIMIT = 1000
# The last row that page numbers reach; further on, only a cursor is quick.
LAST_PAGED_ROW = 10_000

LIMIT = Parameter(
    "limit",
    Whole(1),
    f"How many records: a page has {DEFAULT_LIMIT} unless this says otherwise, and at most {MOST_LIMIT:,} (a page of"
    " totals 1,000). Formats that give the whole result stop after this many, without a maximum.",
    "10",
)
CURSOR = Parameter("cursor", Word(), "Where the next page begins, as `next` gave it.", "")
PAGE = Parameter(
    "page",
    # A page has one record at least.
    Whole(1, metadata={"maximum": LAST_PAGED_ROW}),
    f"A page by number, for spreadsheets; up to row {LAST_PAGED_ROW:,}, then `cursor`.",
    "1",
)


def bad_paging(values: Mapping[str, Any], format_: str) -> list[Fault]:
    """What cannot be together, or reaches too far."""
    found: list[Fault] = []
    if format_ != JSON:
        for name in ("cursor", "page", "facets"):
            if name in values:
                message = f"'{name}' goes with pages; {format_} gives the whole result. Use 'limit' to cap it."
                found.append(Fault(name, message, ParametersDisagree))
        return found
    limit = values.get("limit", DEFAULT_LIMIT)
    if limit > MOST_LIMIT:
        message = f"'limit' is {limit:,}, over the most, {MOST_LIMIT:,}; follow 'next', or use format=csv or ndjson."
        found.append(Fault("limit", message, InvalidValue))
    if "page" in values and "cursor" in values:
        found.append(Fault("page", "'page' and 'cursor' exclude each other.", ParametersDisagree))
    elif "page" in values and values["page"] * limit > LAST_PAGED_ROW:
        message = f"'page' reaches past row {LAST_PAGED_ROW:,}; follow 'next', which carries a 'cursor', from there on."
        found.append(Fault("page", message, InvalidValue))
    return found
