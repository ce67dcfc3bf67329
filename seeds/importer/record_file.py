"""Reads a file that a publisher gives as JSON or as CSV, the same columns in both: rows of printed values by column."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from seeds.importer.csv_file import ENCODINGS, CSVFile
from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault, ImportReport, Unreadable

# How much of a file is looked at to tell JSON from CSV.
_START = 64
# Halves of characters, which JSON can spell out and no encoding can hold, and the one that PostgreSQL cannot.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\r\n]*")


class Printed(NamedTuple):
    """One row as printed: the line that it begins in, and its values by the names of its columns."""

    line: int
    values: Mapping[str, object]


def plain_name(column: str) -> str:
    """A column's name as names are compared: `DisplacementType` and `displacement_type` are one column."""
    return column.strip().lower().replace("_", "").replace(" ", "")


def printed_rows(path: Path, told: ByteProgress, report: ImportReport, required: Collection[str]) -> Iterator[Printed]:
    """The rows of a file, which has the required columns; the report counts them. Errors: ImportFault."""
    with opened(path) as file:
        start = file.read(_START).decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")[:1]
    read = _from_json if start in ("[", "{") else _from_csv
    yield from read(path, told, report, required)


def _from_csv(path: Path, told: ByteProgress, report: ImportReport, required: Collection[str]) -> Iterator[Printed]:
    file = CSVFile(path, told, report)
    # No column may stand in the header twice, whichever there are.
    file.require(())
    _require(path.name, file.header, required)
    for row in file.rows():
        if row[0].startswith("#"):
            # Some distributors put a line of tags for machines below the header: `#id`.
            report.rows -= 1
        else:
            yield Printed(file.line, dict(zip(file.header, row, strict=False)))


def _from_json(path: Path, told: ByteProgress, report: ImportReport, required: Collection[str]) -> Iterator[Printed]:
    text = _text(path, told)
    breaks = [found.start() for found in re.finditer("\n", text)]
    # Whole numbers stay as they are printed, since Python refuses to read the longest: whoever reads a column reads them.
    decoder = json.JSONDecoder(parse_int=str, object_pairs_hook=_values)

    def fault(at: int, message: str, column: str | None = None) -> ImportFault:
        return ImportFault(path.name, bisect_left(breaks, at) + 1, column, message)

    position = _blank(text, 0)
    if text[position : position + 1] != "[":
        raise fault(0, "the file must hold a list of records, [{...}, ...]")
    position = _blank(text, position + 1)
    while text[position : position + 1] != "]":
        begin = position
        try:
            values, position = decoder.raw_decode(text, begin)
        except json.JSONDecodeError as error:
            message = f"the file is damaged or cut off at character {error.colno} of this line ({error.msg})"
            raise fault(error.pos, message) from error
        except Unreadable as error:
            raise fault(begin, error.message, error.column) from error
        except RecursionError as error:
            message = "lists and records are nested too deeply; a record holds values and lists of values"
            raise fault(begin, message) from error
        if not isinstance(values, dict):
            raise fault(begin, "the list must hold records, {...}")
        if report.rows == 0:
            _require(path.name, values, required)
        report.rows += 1
        yield Printed(bisect_left(breaks, begin) + 1, values)
        position = _blank(text, position)
        if text[position : position + 1] == ",":
            position = _blank(text, position + 1)
            if text[position : position + 1] == "]":
                message = "a record is missing between the last comma and ]; leave the comma out if the list is whole"
                raise fault(position, message)
        elif text[position : position + 1] != "]":
            raise fault(position, "the file is damaged or cut off: a comma or ] is missing here")
    if _blank(text, position + 1) < len(text):
        raise fault(position, "there is more in the file than one list of records")


def _values(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A record, or another object in it, as a dictionary. Errors: Unreadable."""
    values = dict(pairs)
    if len(values) < len(pairs):
        ((twice, _count),) = Counter(name for name, _value in pairs).most_common(1)
        raise Unreadable(_shown(twice), "the record has this name twice; it must stand in it once, with one value")
    for name, value in pairs:
        for part in (name, *value) if isinstance(value, list) else (name, value):
            if isinstance(part, str) and (found := _NO_CHARACTER.search(part)) is not None:
                said = f"U+{ord(found[0]):04X}, at character {found.start() + 1}, is none that a text can hold"
                raise Unreadable(_shown(name), said)
    return values


def _shown(name: str) -> str:
    """A name as it can be told: what is no character is told by its number."""
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", name)


def _text(path: Path, told: ByteProgress) -> str:
    with opened(path, told) as file:
        content = file.read()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportFault(path.name, None, None, f"the text is in none of the encodings {', '.join(ENCODINGS)}")


def _blank(text: str, position: int) -> int:
    """Where the next character stands that is not blank."""
    found = _BLANK.match(text, position)
    return position if found is None else found.end()


def _require(file: str, columns: Collection[str], required: Collection[str]) -> None:
    there = {plain_name(name) for name in columns}
    missing = [name for name in required if plain_name(name) not in there]
    if missing:
        raise ImportFault(file, 1, None, f"the file lacks the columns {', '.join(missing)}")
