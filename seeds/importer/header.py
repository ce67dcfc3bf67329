"""Finds the header of a file among its first rows, and refuses one that lacks columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seeds.importer.columns import Column, missing, named
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import MOST_COLUMNS


class Header(NamedTuple):
    """Which row of a file its header is, from 0, and what the publisher calls the columns, others in lower case."""

    row: int
    names: tuple[str, ...]


def header_of(file: str, rows: Sequence[Sequence[str]], known: Mapping[str, Column]) -> Header:
    """The header: of the first rows that which has the most known columns. Errors: ImportFault."""
    if not rows:
        raise ImportFault(file, 1, None, "there is no header")
    names = [named(row, known) for row in rows]
    widest = max(map(len, names))
    if widest > MOST_COLUMNS:
        message = f"the header has {widest:,} columns; at most {MOST_COLUMNS:,} are read"
        raise ImportFault(file, 1, None, message)
    at = max(range(len(rows)), key=lambda row: (sum(name in known for name in names[row]), -row))
    header = names[at]
    below = [row for row in rows[at + 1 :] if row]
    if below and all(len(row) == len(header) + 1 for row in below) and _are_numbered(header, below, known):
        # R writes the numbers of rows so, without a name over them.
        header = ("", *header)
    return Header(at, header)


def _are_numbered(header: Sequence[str], below: Sequence[Sequence[str]], known: Mapping[str, Column]) -> bool:
    """Whether rows have one value too many in front, and none behind: more values are then numbers where they should be."""
    if any(row[-1].strip() for row in below):
        return True
    numeric = [
        place for place, name in enumerate(header) if name in known and known[name].kind not in ("text", "markup")
    ]

    def fitting(first: int) -> int:
        return sum(row[first + place][:1].isdigit() for row in below for place in numeric)

    return fitting(1) > fitting(0)


def refuse_wrong_columns(file: str, header: Sequence[str], known: Mapping[str, Column]) -> None:
    """Errors: ImportFault that names all needed columns which the header lacks."""
    absent = missing(header, known)
    if absent:
        others = [name[:40] for name in header if name and name not in known]
        found = f"; those that are not known are {', '.join(others[:10])}" if others else ""
        raise ImportFault(file, 1, None, f"the header lacks the columns {', '.join(absent)}{found}")


def is_tags(row: Sequence[str]) -> bool:
    """Whether a row holds the tags of HXL that distributors put below the header, for some of the columns."""
    filled = [value.strip() for value in row if value.strip()]
    return all(value[0] == "#" and value[1:2].isalpha() and value[1:2].islower() for value in filled)
