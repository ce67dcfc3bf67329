"""The files that IDMC's Internal Displacement Updates come in, JSON or CSV, as rows of printed values. Knows no value's meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from seeds.import_report import ImportFault, ImportReport
from seeds.importing import ENCODINGS, CSVFile
from seeds.opening import ByteProgress, opened

# How much of a file is looked at to tell JSON from CSV.
_START = 64
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
    file = CSVFile(path, told)
    file.report = report
    _require(path.name, file.header, required)
    for row in file.rows():
        if row[0].startswith("#"):
            # Some distributors put a line of tags for machines below the header: `#id`.
            report.rows -= 1
        else:
            yield Printed(file.line, dict(zip(file.header, row, strict=True)))


def _from_json(path: Path, told: ByteProgress, report: ImportReport, required: Collection[str]) -> Iterator[Printed]:
    text = _text(path, told)
    # Whole numbers stay as they are printed, since Python refuses to read the longest: whoever reads a column reads them.
    decoder = json.JSONDecoder(parse_int=str)
    position = _blank(text, 0)
    if text[position : position + 1] != "[":
        raise ImportFault(path.name, 1, None, "the file must hold a list of records, [{...}, ...]")
    position = _blank(text, position + 1)
    line, counted = 1, 0
    while text[position : position + 1] != "]":
        line, counted = line + text.count("\n", counted, position), position
        try:
            values, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            message = f"the file is damaged or cut off at character {error.colno} of this line ({error.msg})"
            raise ImportFault(path.name, error.lineno, None, message) from error
        if not isinstance(values, dict):
            raise ImportFault(path.name, line, None, "the list must hold records, {...}")
        if report.rows == 0:
            _require(path.name, values, required)
        report.rows += 1
        yield Printed(line, values)
        position = _blank(text, position)
        if text[position : position + 1] == ",":
            position = _blank(text, position + 1)
        elif text[position : position + 1] != "]":
            line += text.count("\n", counted, position)
            raise ImportFault(path.name, line, None, "the file is damaged or cut off: a comma or ] is missing here")
    if _blank(text, position + 1) < len(text):
        line += text.count("\n", counted, position)
        raise ImportFault(path.name, line, None, "there is more in the file than one list of records")


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
