"""Names states by the numbers that UCDP uses.

The numbers of Gleditsch and Ward's list of independent states (`gleditsch_ward.csv`), microstates included, are those that
UCDP uses. Some states are no more and have the code that ISO gave them in their time (CSK, DDR, YMD) or, where the number
went on to a successor, the successor's: 345 is Yugoslavia and then Serbia, 365 the Soviet Union and then Russia. Kosovo
has no code of ISO's; XKX is what others have agreed on. Abkhazia and South Ossetia (396, 397), which few recognise, count
as Georgia's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seeds.importer.code_tables import rows_of_table

_GLEDITSCH_WARD = Path(__file__).with_name("gleditsch_ward.csv")


class State(NamedTuple):
    """A state: its ISO 3166-1 alpha-3 code and its name in English."""

    code: str
    name: str


@cache
def states() -> Mapping[str, State]:
    """The states of the world since 1989 by Gleditsch-Ward number, as it is printed in files."""
    return {number: State(code, name) for number, code, name in rows_of_table(_GLEDITSCH_WARD)}
