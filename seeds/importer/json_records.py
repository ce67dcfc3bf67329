"""Reads the records of a JSON file one by one: a list, the answer of a publisher's interface, GeoJSON, or a record a line.

An answer is an object that holds the list beside what it says of itself (`{"count": 2, "data": [...]}`). Of GeoJSON the
properties are the record, with the point where they do not have it. Whole numbers and others stay as they are printed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO

from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault, Unreadable

# Halves of characters, which JSON can spell out and no encoding can hold, and the one that PostgreSQL cannot.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\r\n]*")
# How much is read at a time, and the longest record that is waited for.
_PIECE, _LONGEST = 1 << 18, 1 << 24

Values = Mapping[str, object]


class JSONRecords:
    """The records of such a file as rows, the names of all their values first; `line` is where the current one begins.

    After the rows, `says` has what the answer around the list says of itself.
    """

    def __init__(self, path: Path, encodings: dict[str, str]) -> None:
        self.path, self.encodings = path, encodings
        self.encoding = next(iter(encodings))
        self.line, self.is_ended = 1, True
        self.says: dict[str, object] = {}
        self._names: dict[str, None] | None = None

    def start(self, count: int) -> list[list[str]]:
        """The names, read from the whole file, since a record may leave out what it has no value for."""
        del count
        if self._names is None:
            self._names = self._read_names(None)
        return [list(self._names)]

    def glance(self, count: int) -> list[list[str]]:
        """The names of so many records."""
        return [list(self._read_names(count))]

    def rows(self, told: ByteProgress) -> Iterator[list[str]]:
        """The names, and the values of each record by name. Errors: ImportFault, UnicodeDecodeError."""
        (names,) = self.start(1)
        yield names
        for record in _Reading(self, told).records():
            yield [_as_text(record.get(name)) for name in names]

    def _read_names(self, most: int | None) -> dict[str, None]:
        for encoding in self.encodings:
            self.encoding = encoding
            names: dict[str, None] = {}
            try:
                for record in islice(_Reading(self, lambda _count: None).records(), most):
                    names.update(dict.fromkeys(record))
            except UnicodeDecodeError:
                continue
            return names
        message = f"the text is in none of the encodings {', '.join(self.encodings.values())}"
        raise ImportFault(self.path.name, None, None, message)


class _Reading:
    """One reading of a file."""

    def __init__(self, found: JSONRecords, told: ByteProgress) -> None:
        self._found, self._told = found, told
        self._decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_values)
        self._text, self._at, self._is_over = "", 0, False
        # Lines before the text that is held.
        self._lines = 0

    def records(self) -> Iterator[Values]:
        """The records, and `says` of what stands around them."""
        with opened(self._found.path, self._told) as file:
            self._file: IO[bytes] = file
            self._decode = codecs.getincrementaldecoder(self._found.encoding)()
            match self._next():
                case "[":
                    self._at += 1
                    yield from self._list()
                case "{" if self._is_record_a_line():
                    yield from self._one_a_line()
                    return
                case "{":
                    yield from self._answer()
                case _:
                    raise self._fault(0, "the file must hold a list of records, [{...}, ...]")
            if self._next():
                raise self._fault(self._at, "there is more in the file than one list of records")

    def _is_record_a_line(self) -> bool:
        """Whether another object follows the first, which is then a record and no answer around a list."""
        try:
            _first, end = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return False
        following = _blank(self._text, end)
        return self._text[following : following + 1] == "{"

    def _one_a_line(self) -> Iterator[Values]:
        while self._next():
            yield self._record()

    def _answer(self) -> Iterator[Values]:
        """The records of the list in an object."""
        self._at += 1
        has_list = False
        while self._next() != "}":
            name = self._value()
            if not isinstance(name, str) or self._next() != ":":
                raise self._fault(self._at, "the file is damaged or cut off: a name or : is missing here")
            self._at += 1
            if self._next() == "[" and not has_list and self._holds_records():
                self._at += 1
                has_list = True
                yield from self._list()
            else:
                self._found.says[name] = self._value()
            if self._next() == ",":
                self._at += 1
            elif self._next() != "}":
                raise self._fault(self._at, "the file is damaged or cut off: a comma or } is missing here")
        self._at += 1
        if not has_list:
            told = "; ".join(f"{name}: {value}" for name, value in self._found.says.items())
            raise self._fault(0, f"there is no list of records in this JSON, which says: {told[:200]}")

    def _holds_records(self) -> bool:
        following = _blank(self._text, self._at + 1)
        return self._text[following : following + 1] in ("{", "]")

    def _list(self) -> Iterator[Values]:
        while self._next() != "]":
            yield self._record()
            if self._next() == ",":
                self._at += 1
                if self._next() == "]":
                    message = (
                        "a record is missing between the last comma and ]; leave the comma out if the list is whole"
                    )
                    raise self._fault(self._at, message)
            elif self._next() != "]":
                raise self._fault(self._at, "the file is damaged or cut off: a comma or ] is missing here")
        self._at += 1

    def _record(self) -> Values:
        self._next()
        self._found.line = self._line(self._at)
        begin = self._at
        values = self._value()
        if not isinstance(values, dict):
            raise self._fault(begin, "the list must hold records, {...}")
        return _feature(values) if values.get("type") == "Feature" and "properties" in values else values

    def _value(self) -> object:
        """The value that begins here. Errors: ImportFault."""
        while True:
            begin = self._at
            try:
                value, self._at = self._decoder.raw_decode(self._text, begin)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                message = (
                    f"the file is damaged or cut off at character {error.pos - begin + 1} of this record ({error.msg})"
                )
                raise self._fault(error.pos, message) from error
            except Unreadable as error:
                raise self._fault(begin, error.message, error.column) from error
            except RecursionError as error:
                message = "lists and records are nested too deeply; a record holds values and lists of values"
                raise self._fault(begin, message) from error
            if self._at < len(self._text) or isinstance(value, dict | list):
                return value
            # A number that ends with the text that is held may go on behind it.
            end, self._at = self._at, begin
            if not self._more():
                self._at = end
                return value

    def _next(self) -> str:
        """The next character that is not blank; empty at the end of the file."""
        while True:
            self._at = _blank(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Whether there was more to read; what is read already is let go."""
        if self._is_over or len(self._text) - self._at > _LONGEST:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        piece = self._file.read(_PIECE)
        self._is_over = not piece
        self._text, self._at = self._text[self._at :] + self._decode.decode(piece, final=not piece), 0
        return True

    def _line(self, at: int) -> int:
        return self._lines + self._text.count("\n", 0, at) + 1

    def _fault(self, at: int, message: str, column: str | None = None) -> ImportFault:
        return ImportFault(self._found.path.name, self._line(at), column, message)


def _feature(feature: dict[str, object]) -> Values:
    """A feature of GeoJSON as a record."""
    properties, geometry = feature["properties"], feature.get("geometry")
    values: dict[str, object] = dict(properties) if isinstance(properties, dict) else {}
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        point = geometry.get("coordinates")
        if isinstance(point, list) and len(point) > 1:
            values.setdefault("longitude", point[0])
            values.setdefault("latitude", point[1])
    if "id" in feature:
        values.setdefault("id", feature["id"])
    return values


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


def _as_text(value: object) -> str:
    """A value as a CSV file would print it: nothing for null, lists between semicolons."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_as_text(part) for part in value if part is not None)
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else str(value)


def _shown(name: str) -> str:
    """A name as it can be told: what is no character is told by its number."""
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", name)


def _blank(text: str, position: int) -> int:
    """Where the next character stands that is not blank."""
    found = _BLANK.match(text, position)
    return position if found is None else found.end()
