"""Reads tables that lie in CSV files beside the code: of any columns, or of what a publisher's codes mean."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from seeds.importer.report import Unreadable


@cache
def rows_of_table(path: Path) -> tuple[tuple[str, ...], ...]:
    """The rows of a table below its header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(map(tuple, csv.reader(lines)))[1:]


@cache
def codes(path: Path) -> Mapping[str, Mapping[str, str]]:
    """What a publisher's codes mean, by column and code, from a table of column, code and meaning."""
    found: dict[str, dict[str, str]] = {}
    for column, code, meaning in rows_of_table(path):
        found.setdefault(column, {})[code] = meaning
    return found


def meaning(path: Path, column: str, printed: str) -> str:
    """What a code of a column means, from such a table. Errors: Unreadable, with the codes that there are."""
    known = codes(path)[column]
    if printed not in known:
        raise Unreadable(column, f"'{printed}' is no code; {', '.join(known)} are")
    return known[printed]
