"""Reads what a publisher's columns are called and hold, from the table `columns.csv` beside its code.

A row of that table is a column: its name, the kind of its values (`text`, `markup`, `whole` numbers, `degrees`, a `day`, several `days`
between semicolons, or a `moment`, a day with its time), whether every file has it, and the other names under which
distributors give it, separated by `|`. Names are compared without their case, spaces and marks: programs that hold tables
change these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seeds.importer.code_tables import rows_of_table

# Quotation marks stay where a byte order mark was put before a header that had one already, and the letters of a mark where a
# program read it as Windows-1252 and saved it so; R makes a name of both.
_UNTOLD = re.compile(r"(?:ï»¿|^(?:ï\.\.|X\.U\.FEFF\.)|[\s_.\-/():\"\ufeff])+")


# Behind the name of a column that stands in a header once more.
AGAIN = " again"


class Column(NamedTuple):
    """A column of a publisher's."""

    name: str
    kind: str
    is_needed: bool
    also: Sequence[str]


@cache
def columns(path: Path) -> Mapping[str, Column]:
    """A publisher's columns by name, in the order of its table."""
    return {
        name: Column(name, kind, needed == "yes", tuple(filter(None, also.split("|"))))
        for name, kind, needed, also in rows_of_table(path)
    }


def plain_name(printed: str) -> str:
    """A column's name as names are compared: `DisplacementType` and `displacement_type` are one column."""
    return _UNTOLD.sub("", printed).lower()


def named(printed: Sequence[str], known: Mapping[str, Column]) -> tuple[str, ...]:
    """What the publisher calls the columns of a header; those that it does not know in lower case, as they are printed.

    A column under its own name is that column, whatever others could be it: `id` beside the `_id` of a database. One that stands
    there once more is called so with `AGAIN` behind it. What has no name behind the last that has one is left out.
    """
    as_printed = known.keys() & set(printed)
    by_plain = {plain_name(name): name for name in known}
    # Spreadsheets may write all columns that they have.
    printed = printed[: next((place + 1 for place in reversed(range(len(printed))) if printed[place].strip()), 0)]
    plain = [plain_name(name) for name in printed]
    taken = {by_plain[name] for name in plain if name in by_plain}
    others = {plain_name(name): column.name for column in known.values() for name in column.also}
    found: list[str] = []
    met: set[str] = set()
    for name, bare in zip(printed, plain, strict=True):
        own = by_plain.get(bare)
        if own in as_printed and name != own:
            own = None
        if own is None and (other := others.get(bare)) is not None and other not in taken:
            taken.add(other)
            own = other
        if own is not None and own in met:
            own += AGAIN
        found.append(name.strip().lower() if own is None else own)
        met.add(found[-1])
    return tuple(found)


def missing(header: Collection[str], known: Mapping[str, Column]) -> list[str]:
    """The columns that every file has and this header lacks."""
    return [column.name for column in known.values() if column.is_needed and column.name not in header]
