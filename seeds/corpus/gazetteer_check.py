"""Finds everything that is wrong in the files of a gazetteer, at once, and changes nothing.

Rows are judged by the columns of their file and by the rows that they name. Whether a name or a point is right, only
its source can tell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from api.domain.codebook import values
from seeds.corpus.faults import Fault, Faults, closest_or, one_of
from seeds.corpus.files import ADDITIONS, DATASET, ID_FORM, PLACE_FILES, read_file
from seeds.corpus.schema_check import check_file

COLUMNS = (
    *("id", "name", "native_name", "level", "parent", "pcode", "country", "latitude", "longitude"),
    *("uncertainty_km", "position_basis", "aliases"),
)
_ALPHA_3 = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
# How far north or south, and east or west, a point can be, in degrees.
_FARTHEST: Mapping[str, float] = {"latitude": 90, "longitude": 180}
# Places of these levels may lie in no other.
_TOPMOST = ("country", "area")
# Some editors put this before the first letter of a UTF-8 file, where it makes another word of the first column.
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Row:
    """One place as its file has it, every column as text."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def faults_of_gazetteer(folder: Path) -> list[Fault]:
    """All faults of a gazetteer by file and line; none when it is ready to load."""
    found = Faults()
    check_file(found, read_file(folder, DATASET, "dataset"))
    rows = [row for name in PLACE_FILES for row in _rows(found, folder, name)]
    are_all_known = not any(fault.file in PLACE_FILES for fault in found.in_order())
    first: dict[str, _Row] = {}
    for row in rows:
        first.setdefault(row["id"], row)
    for row in rows:
        _check_identity(found, row, first[row["id"]])
        _check_country(found, row)
        _check_level(found, row)
        _check_parent(found, row, first, are_all_known)
        _check_point(found, row)
    return found.in_order()


def _rows(found: Faults, folder: Path, name: str) -> Iterator[_Row]:
    """The rows of one file with all columns; faults for a file that cannot be read, a wrong header and a broken row."""
    try:
        text = (folder / name).read_bytes().decode("utf-8")
    except OSError as error:
        found.add_at(name, 1, "the file", f"cannot be opened: {error.strerror}", "a gazetteer has this file")
        return
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found.add_at(name, line, "the file", "not UTF-8", "save the file as UTF-8")
        return
    if text.startswith(_BYTE_ORDER_MARK):
        found.add_at(name, 1, "the file", "begins with a byte order mark", "save the file as UTF-8 without one")
    lines = csv.reader(StringIO(text.removeprefix(_BYTE_ORDER_MARK), newline=""), strict=True)
    try:
        if not _is_header_right(found, name, next(lines, [])):
            return
        line = lines.line_num + 1
        for cells in lines:
            if len(cells) == len(COLUMNS):
                yield _Row(name, line, dict(zip(COLUMNS, cells, strict=True)))
            elif cells:
                wrong = f"has {len(cells)} cells, and there are {len(COLUMNS)} columns"
                found.add_at(
                    name, line, cells[0] or "the row", wrong, "each column once; a comma in a cell needs quotes"
                )
            line = lines.line_num + 1
    except csv.Error as error:
        found.add_at(
            name, max(lines.line_num, 1), "the file", f"not CSV: {error}", "quotes around a whole cell, in pairs"
        )


def _is_header_right(found: Faults, name: str, header: Sequence[str]) -> bool:
    """Whether a file has the columns of a gazetteer; a fault where it has not."""
    if tuple(header) == COLUMNS:
        return True
    missing = [column for column in COLUMNS if column not in header]
    others = [repr(column) for column in header if column not in COLUMNS]
    said = [f"{verb} {', '.join(columns)}" for verb, columns in (("lacks", missing), ("has", others)) if columns]
    wrong = " and ".join(said) or "has a column twice or in another order"
    found.add_at(name, 1, "the header", wrong, ",".join(COLUMNS))
    return False


def _check_identity(found: Faults, row: _Row, first: _Row) -> None:
    """Note an id or name that is missing or of the wrong form, and an id that stands twice or is not the P-code's."""
    for column, cell in row.cells.items():
        if cell != cell.strip():
            _add(found, row, column, "has white space at an end", "the cell without it")
    if not row["id"]:
        _add(found, row, "id", "is empty", "the P-code in lower case, or a slug of its own")
    elif first is not row:
        _add(found, row, "id", f"stands twice (first at {first.file}:{first.line})", "an id of its own")
    if row["id"] and not ID_FORM.fullmatch(row["id"]):
        _add(found, row, "id", f"is {row['id']}", "lowercase letters, digits, hyphens and underscores")
    if row["pcode"] and row["id"] != row["pcode"].lower():
        _add(found, row, "id", f"{_is(row['id'])}, and the P-code is {row['pcode']}", row["pcode"].lower())
    if not row["name"]:
        _add(found, row, "name", "is empty", "the name in Latin letters")


def _check_country(found: Faults, row: _Row) -> None:
    """Note a country that is missing or not written in three letters, and a country that is not called after itself."""
    country = row["country"]
    # Only an area that lies in no other place, such as South-East Asia, belongs to no country.
    is_wider = row["level"] == "area" and not row["parent"]
    if not _ALPHA_3.fullmatch(country) and (country or not is_wider):
        _add(found, row, "country", _is(country), "three capital letters, ISO 3166-1 alpha-3: MMR")
    elif row["level"] == "country" and row["id"] != country.lower():
        _add(found, row, "id", f"{_is(row['id'])}, and the country is {country}", country.lower())


def _check_level(found: Faults, row: _Row) -> None:
    """Note a level that the codebook does not have."""
    levels = values("location_level")
    if row["level"] not in levels:
        _add(found, row, "level", _is(row["level"]), one_of(row["level"], levels))


def _check_parent(found: Faults, row: _Row, known: Mapping[str, _Row], are_all_known: bool) -> None:
    """Note a parent that is missing, not there or not coarser.

    Where a file or row could not be read, the parent may stand in it, and nothing is said of parents that are not there.
    """
    levels = values("location_level")
    level, parent = row["level"], known.get(row["parent"])
    if not row["parent"]:
        if level in levels and level not in _TOPMOST:
            _add(found, row, "parent", f"is empty, though the level is {level}", "the id of the place that it lies in")
    elif parent is None:
        if are_all_known:
            right = closest_or(row["parent"], filter(None, known), "the id of a place of the gazetteer")
            _add(found, row, "parent", f"there is no place {row['parent']}", right)
    elif level in levels and parent["level"] in levels and levels.index(level) <= levels.index(parent["level"]):
        wrong = f"{row['parent']} is of the level {parent['level']}, and this place of the level {level}"
        _add(found, row, "parent", wrong, f"a parent above {level}, of the levels {', '.join(levels)}")


def _check_point(found: Faults, row: _Row) -> None:
    """Note half a point, one that is nowhere on Earth, an uncertainty that is none, and an addition without basis."""
    for column, other in (("latitude", "longitude"), ("longitude", "latitude")):
        farthest = _FARTHEST[column]
        if not row[column]:
            if row[other]:
                _add(found, row, column, f"is empty, though the {other} is {row[other]}", "both, or neither")
        elif not _DECIMAL.fullmatch(row[column]) or abs(float(row[column])) > farthest:
            _add(found, row, column, f"is {row[column]}", f"degrees from -{farthest} to {farthest}, such as 22.95")
    uncertainty = row["uncertainty_km"]
    if uncertainty and (not _DECIMAL.fullmatch(uncertainty) or float(uncertainty) < 0):
        right = "kilometres, not negative; empty where not known"
        _add(found, row, "uncertainty_km", f"is {uncertainty}", right)
    if row.file == ADDITIONS and not row["position_basis"]:
        _add(found, row, "position_basis", "is empty", "how the position is known, in own words")


def _add(found: Faults, row: _Row, column: str, wrong: str, right: str) -> None:
    """Note a fault of one cell."""
    found.add_at(row.file, row.line, f"{row['id'] or 'the row'}: {column}", wrong, right)


def _is(cell: str) -> str:
    """A cell as the end of a sentence."""
    return f"is {cell}" if cell else "is empty"
