"""Reads the records of a JSON file one by one: a list, the answer of an interface, GeoJSON, or a record a line.

An answer is an object that holds the list beside what it says of itself (`{"count": 2, "data": [...]}`), at any depth; there may
be several, one page after another. Its list is the one whose first record has the most known columns. Of a feature or a node
the record is what it wraps, with its point where the record has none. Numbers stay as they are printed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from seeds.importer.delimited import decoded_by
from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault, Unreadable

# Halves of characters, which JSON can spell out and no encoding can hold, and the one that PostgreSQL cannot.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\r\n]*")
# How much is read at a time, and the longest record that is waited for.
_PIECE, _LONGEST = 1 << 18, 1 << 24

# Where a record with so many known columns is found, no better one is looked for.
_ENOUGH = 6
# What wraps a record: GeoJSON, ArcGIS, Opendatasoft, GraphQL, Elasticsearch.
_WRAPS = ("properties", "attributes", "fields", "node", "_source")

Values = Mapping[str, object]
# The way to the records: names of values, and EACH for all values of a list.
Way = tuple[str, ...]
EACH = ""


class JSONRecords:
    """The records of such a file as rows, the names of all their values first; `line` is where the current one begins.

    `score` tells how many of some names are a publisher's columns. After the rows, `says` has what the answers around the lists
    say of themselves, the last one before all, and `answers` how many there were.
    """

    def __init__(self, path: Path, encodings: dict[str, str], score: Callable[[Sequence[str]], int]) -> None:
        self.path, self.encodings, self.score = path, encodings, score
        self.encoding = next(iter(encodings))
        self.line, self.is_ended = 1, True
        self.says: dict[str, object] = {}
        self.answers = 0
        self.way: Way | None = None
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
        if self._found.way is None:
            self._found.way = self._open(self._find)
        way = self._found.way
        self._found.says, self._found.answers = {}, 0
        with opened(self._found.path, self._told) as file:
            self._begin(file)
            while self._next():
                if self._found.answers and way[:1] == (EACH,):
                    raise self._fault(self._at, "there is more in the file than one list of records")
                yield from self._walk(way)

    def _begin(self, file: IO[bytes]) -> None:
        self._file: IO[bytes] = file
        codec, errors = decoded_by(self._found.encoding)
        self._decode = codecs.getincrementaldecoder(codec)(errors)
        self._text, self._at, self._is_over, self._lines = "", 0, False, 0

    # --- The way to the records ----------------------------------------------------------------------------------

    def _open(self, find: Callable[[], Way]) -> Way:
        with opened(self._found.path) as file:
            self._begin(file)
            return find()

    def _find(self) -> Way:
        """The way to the records with the most known columns. Errors: ImportFault, where there are none."""
        if self._next() not in ("[", "{"):
            raise self._fault(0, "the file must hold a list of records, [{...}, ...]")
        best, most = None, -1
        for way, names in self._candidates(()):
            score = self._found.score(names)
            if score > most and (EACH in way or score > 1):
                best, most = way, score
            if score >= _ENOUGH:
                break
        if best is not None:
            return best
        if self._next() == "{":
            return ()
        if not self._found.says:
            raise self._fault(0, "the list must hold records, {...}")
        raise self._no_list()

    def _no_list(self) -> ImportFault:
        told = "; ".join(f"{name}: {value}" for name, value in self._found.says.items())
        return self._fault(self._at, f"there is no list of records in this JSON, which says: {told[:200]}")

    def _candidates(self, way: Way) -> Iterator[tuple[Way, Sequence[str]]]:
        """What may be a record, by the way to it, with its names; of a list only the first value."""
        if self._next() == "[":
            for place, value in enumerate(self._values()):
                if not place:
                    yield from _within(value, (*way, EACH))
            return
        names = []
        for name in self._names():
            if self._next() in ("[", "{"):
                self._found.says[".".join((*way, name))] = "[...]" if self._next() == "[" else "{...}"
                yield from self._candidates((*way, name))
            else:
                names.append(name)
                self._found.says[".".join((*way, name))] = self._value()
        yield way, names

    # --- Reading -------------------------------------------------------------------------------------------------

    def _walk(self, way: Way) -> Iterator[Values]:
        """The records at the end of this way, which begins here. Errors: ImportFault."""
        if not way:
            yield self._record()
        elif way[0] == EACH:
            if self._next() != "[":
                raise self._fault(self._at, "a list of records is missing here")
            self._found.answers += EACH not in way[1:]
            for _place in self._places():
                yield from self._walk(way[1:])
        else:
            is_there = False
            for name in self._names():
                if name == way[0] and self._next() in ("[", "{"):
                    is_there = True
                    yield from self._walk(way[1:])
                else:
                    self._found.says[name] = self._value()
            if not is_there:
                raise self._no_list()

    def _names(self) -> Iterator[str]:
        """The names of the object that begins here, each before its value, which has to be read then."""
        if self._next() != "{":
            raise self._fault(self._at, "the list must hold records, {...}")
        self._at += 1
        while self._next() != "}":
            name = self._value()
            if not isinstance(name, str) or self._next() != ":":
                raise self._fault(self._at, "the file is damaged or cut off: a name or : is missing here")
            self._at += 1
            self._next()
            yield name
            if self._next() == ",":
                self._at += 1
            elif self._next() != "}":
                raise self._fault(self._at, "the file is damaged or cut off: a comma or } is missing here")
        self._at += 1

    def _places(self) -> Iterator[None]:
        """Stops at each value of the list that begins here, which has to be read then."""
        self._at += 1
        while self._next() != "]":
            yield
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

    def _values(self) -> Iterator[object]:
        for _place in self._places():
            yield self._value()

    def _record(self) -> Values:
        self._next()
        self._found.line = self._line(self._at)
        begin = self._at
        values = self._value()
        if not isinstance(values, dict):
            raise self._fault(begin, "the list must hold records, {...}")
        return _unwrapped(values)

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


def _within(value: object, way: Way) -> Iterator[tuple[Way, Sequence[str]]]:
    """What may be a record in a value, as `_candidates` has it."""
    if isinstance(value, dict):
        yield way, list(_unwrapped(value))
        for name, inner in value.items():
            if isinstance(inner, list) and inner:
                yield from _within(inner[0], (*way, name, EACH))
            elif isinstance(inner, dict):
                yield from _within(inner, (*way, name))


def _unwrapped(values: Values) -> Values:
    """What a feature or a node wraps, with its point and id; what wraps nothing as it is."""
    wrapped = next((inner for name in _WRAPS if isinstance(inner := values.get(name), dict)), None)
    if wrapped is None:
        return values
    found: dict[str, object] = dict(wrapped)
    match values.get("geometry"):
        case {"type": "Point", "coordinates": [longitude, latitude, *_]} | {"x": longitude, "y": latitude}:
            found.setdefault("longitude", longitude)
            found.setdefault("latitude", latitude)
    if "id" in values:
        found.setdefault("id", values["id"])
    return found


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
