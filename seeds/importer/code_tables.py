"""Reads tables that lie in CSV files beside the code, and names states by the numbers that UCDP uses.

The numbers of Gleditsch and Ward's list of independent states (`gleditsch_ward.csv`), microstates included, are those that
UCDP uses. Some states are no more and have the code that ISO gave them in their time (CSK, DDR, YMD) or, where the number
went on to a successor, the successor's: 345 is Yugoslavia and then Serbia, 365 the Soviet Union and then Russia. Kosovo
has no code of ISO's; XKX is what others have agreed on. Abkhazia and South Ossetia (396, 397), which few recognise, count
as Georgia's.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seeds.importer.report import Unreadable

_GLEDITSCH_WARD = Path(__file__).with_name("gleditsch_ward.csv")


class State(NamedTuple):
    """A state: its ISO 3166-1 alpha-3 code and its name in English."""

    code: str
    name: str


@cache
def table(path: Path) -> tuple[tuple[str, ...], ...]:
    """The rows of a table below its header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(map(tuple, csv.reader(lines)))[1:]


@cache
def codes(path: Path) -> Mapping[str, Mapping[str, str]]:
    """What a publisher's codes mean, by column and code, from a table of column, code and meaning."""
    found: dict[str, dict[str, str]] = {}
    for column, code, meaning in table(path):
        found.setdefault(column, {})[code] = meaning
    return found


def meaning(path: Path, column: str, printed: str) -> str:
    """What a code of a column means, from such a table. Errors: Unreadable, with the codes that there are."""
    known = codes(path)[column]
    if printed not in known:
        raise Unreadable(column, f"'{printed}' is no code; {', '.join(known)} are")
    return known[printed]


@cache
def states() -> Mapping[str, State]:
    """The states of the world since 1989 by Gleditsch-Ward number, as it is printed in files."""
    return {number: State(code, name) for number, code, name in table(_GLEDITSCH_WARD)}
