"""Reads the records of a JSON file one by one: a list, the answer of an interface, GeoJSON, or a record a line.

An answer is an object that holds the list beside what it says of itself (`{"count": 2, "data": [...]}`), at any depth; there may
be several, one page after another. Its list is the one whose first record has the most known columns; where values beside it
hold such records too, as a list for each country or a record for each number of a row, all of them are read. Of a feature or a
node the record is what it wraps, with its point where the record has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from seeds.importer.answer_pages import NEXT, page_of
from seeds.importer.json_stream import TOO_DEEP, JSONStream
from seeds.importer.opening import ByteProgress, opened
from seeds.importer.report import ImportFault
from seeds.importer.size_limits import MOST_COLUMNS

# How many objects a list of records may stand within.
_MOST_NESTED = 50
# Where a record with so many known columns is found, no better one is looked for.
_ENOUGH = 6
# What wraps a record: GeoJSON, ArcGIS, Opendatasoft, GraphQL, Elasticsearch.
_WRAPS = ("properties", "attributes", "fields", "node", "_source")

Values = Mapping[str, object]
# Where the records are: the names of values from the outermost on, and EACH for all values of a list.
RecordPath = tuple[str, ...]
EACH = ""


class JSONRecords:
    """The records of such a file as rows, the names of all their values first; `line` is where the current one begins.

    `score` tells how many of some names are a publisher's columns.
    """

    def __init__(self, path: Path, encodings: dict[str, str], score: Callable[[Sequence[str]], int]) -> None:
        self.path, self.encodings, self.score = path, encodings, score
        self.encoding = next(iter(encodings))
        self.line, self.is_ended = 1, True
        # What the answers around the lists say of themselves, the last one before all, and how many answers there are.
        self._says: dict[str, object] = {}
        self._answers = 0
        self._record_path: RecordPath | None = None
        # How many known columns its first record has, and the names of values beside it that hold records too.
        self._score = 0
        self.beside: dict[str, None] = {}
        self._names: dict[str, None] | None = None

    def first_rows(self, count: int, *, is_quick: bool = False) -> list[list[str]]:
        """The names, read from the whole file, since a record may leave out what it has no value for, but no more than show that
        there are too many; those of so many records alone, where it is to be quick."""
        if is_quick:
            return [list(self._read_names(count))]
        if self._names is None:
            self._names = self._read_names(None)
        return [list(self._names)]

    def rows(self, progress: ByteProgress) -> Iterator[list[str]]:
        """The names, and the values of each record by name. Errors: ImportFault, UnicodeDecodeError."""
        (names,) = self.first_rows(1)
        yield names
        for record in self._records(progress):
            yield [_as_text(record.get(name)) for name in names]

    def refuse_single_page(self, records: int) -> None:
        """Errors: ImportFault, where the file with so many records is one page of several that an interface has. Asked after the rows."""
        told = page_of(self._says, self._answers, records)
        if told is not None:
            message = f"this is {told} of what the publisher's interface has; --part keeps what it does not hold"
            raise ImportFault(self.path.name, None, None, message)

    def _read_names(self, most: int | None) -> dict[str, None]:
        for encoding in self.encodings:
            self.encoding = encoding
            names: dict[str, None] = {}
            try:
                for record in islice(self._records(lambda _count: None), most):
                    names.update(dict.fromkeys(record))
                    if len(names) > MOST_COLUMNS:
                        break
            except UnicodeDecodeError:
                continue
            return names
        message = f"the text is in none of the encodings {', '.join(self.encodings.values())}"
        raise ImportFault(self.path.name, None, None, message)

    @contextmanager
    def _opened(self, progress: ByteProgress = lambda _count: None) -> Iterator[JSONStream]:
        with opened(self.path, progress) as file:
            yield JSONStream(self.path.name, file, self.encoding)

    def _records(self, progress: ByteProgress) -> Iterator[Values]:
        if self._record_path is None:
            with self._opened() as stream:
                self._record_path = self._find(stream)
        self._answers = 0
        with self._opened(progress) as stream:
            while stream.next_character():
                self._says = {}
                yield from self._follow(self._record_path, stream)

    # --- Where the records are -----------------------------------------------------------------------------------

    def _find(self, stream: JSONStream) -> RecordPath:
        """The path of the records with the most known columns. Errors: ImportFault, where there are none."""
        if stream.next_character() not in ("[", "{"):
            raise ImportFault(self.path.name, 1, None, "the file must hold a list of records, [{...}, ...]")
        best, most = None, -1
        for path, names in self._candidates((), stream):
            score = self.score(names)
            if score <= 1 and path[-1:] == (EACH,) and len(names) >= _ENOUGH and best is None:
                # Records of something else, which is told by its names.
                best = path
            if score > most and (path == (EACH,) or score > 1):
                best, most = path, score
            if score >= _ENOUGH:
                break
        if best == ("fields", EACH) and "records" in self._says:
            raise self._no_list(stream)
        if best is not None:
            self._score = most
            return best
        if stream.next_character() == "{":
            return ()
        if not self._says:
            raise ImportFault(
                self.path.name, 1, None, "the list must hold records with the names of their values, {...}"
            )
        raise self._no_list(stream)

    def _no_list(self, stream: JSONStream) -> ImportFault:
        if self.score(list(self._says)) >= _ENOUGH:
            message = "this JSON has the values of each column together, as pandas writes it; write records (orient='records')"
            return stream.fault(message)
        if self._says.keys() >= {"columns", "data"} or self._says.keys() >= {"fields", "records"}:
            message = (
                "this JSON has the columns apart from their values, as pandas (orient='split') and CKAN (records_format=lists) write"
                " it; write records (orient='records', records_format=objects)"
            )
            return stream.fault(message)
        told = "; ".join(f"{name}: {value}" for name, value in self._says.items())
        return stream.fault(f"there is no list of records in this JSON, which says: {told[:200]}")

    def _candidates(self, path: RecordPath, stream: JSONStream) -> Iterator[tuple[RecordPath, Sequence[str]]]:
        """What may be a record, by its path, with its names; of a list only the first value. Errors: ImportFault."""
        if len(path) > _MOST_NESTED:
            raise stream.fault(TOO_DEEP)
        if stream.next_character() == "[":
            place = -1
            for place, _item in enumerate(stream.items()):
                value = stream.value()
                if not place:
                    yield from _within(value, (*path, EACH))
            if place < 0:
                self._say(".".join(path), "[]")
            return
        names: list[str] = []
        for name in stream.names():
            inner = (*path, name)
            beginning = stream.next_character()
            if beginning in ("[", "{"):
                self._say(".".join(inner), "[...]" if beginning == "[" else "{...}")
                yield from self._candidates(inner, stream)
            else:
                self._say(".".join(inner), stream.value())
                if len(names) < MOST_COLUMNS:
                    names.append(name)
        yield path, names

    def _say(self, name: str, value: object) -> None:
        """Keeps what an answer says of itself, as long as that is no more than can be meant."""
        if len(self._says) < MOST_COLUMNS:
            self._says[name] = value

    def _follow(self, path: RecordPath, stream: JSONStream) -> Iterator[Values]:
        """The records at the end of this path, which begins here. Errors: ImportFault."""
        if not path:
            yield self._record(stream)
        elif path[0] == EACH:
            if stream.next_character() != "[":
                raise stream.fault("a list of records is missing here")
            self._answers += EACH not in path[1:]
            for _item in stream.items():
                if path[1:]:  # each value is an answer of its own
                    self._says = {}
                yield from self._follow(path[1:], stream)
        else:
            is_there = False
            for name in stream.names():
                beginning = stream.next_character()
                if name == path[0] and beginning in ("[", "{"):
                    is_there = True
                    yield from self._follow(path[1:], stream)
                elif beginning == ("[" if path[1:2] == (EACH,) else "{"):
                    yield from self._alike(name, path[1:], stream)
                else:
                    self._say(name, stream.value())
            if not is_there:
                raise self._no_list(stream)

    def _alike(self, name: str, path: RecordPath, stream: JSONStream) -> Iterator[Values]:
        """The records at the end of this path in a value beside that in which they were found, where it holds such ones."""
        beginning, line = stream.next_character(), stream.line
        if path[:1] == (EACH,) and beginning == "[":
            has_records = False
            for _item in stream.items():
                for record in self._alike(name, path[1:], stream):
                    self._answers += not has_records and EACH not in path[1:]
                    has_records = True
                    yield record
        elif path and path[0] != EACH and beginning == "{":
            for inner in stream.names():
                if inner == path[0]:
                    yield from self._alike(name, path[1:], stream)
                else:
                    self._say(inner, stream.value())
        else:
            value = stream.value()
            if not path and isinstance(value, dict) and self.score(list(found := _unwrapped(value))) * 2 >= self._score:
                self.line = line
                if len(self.beside) < MOST_COLUMNS:
                    self.beside[name] = None
                yield found
            elif isinstance(value, dict) and value.get("rel") == NEXT:
                # One of a list of links.
                self._say(NEXT, value.get("href"))

    def _record(self, stream: JSONStream) -> Values:
        stream.next_character()
        self.line = stream.line
        values = stream.value()
        if not isinstance(values, dict):
            raise ImportFault(self.path.name, self.line, None, "the list must hold records, {...}")
        return _unwrapped(values)


def _within(value: object, path: RecordPath) -> Iterator[tuple[RecordPath, Sequence[str]]]:
    """What may be a record in a value, as `_candidates` has it; what is nested deeper than any list stands is none."""
    if isinstance(value, dict) and len(path) <= _MOST_NESTED:
        yield path, list(_unwrapped(value))
        for name, inner in value.items():
            if isinstance(inner, list) and inner:
                yield from _within(inner[0], (*path, name, EACH))
            elif isinstance(inner, dict):
                yield from _within(inner, (*path, name))


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


def _as_text(value: object) -> str:
    """A value as a CSV file would print it: nothing for null, lists between semicolons."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_as_text(part) for part in value if part is not None)
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else str(value)
