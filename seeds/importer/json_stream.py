"""Reads JSON piece by piece: the names of an object and the values of a list one after the other, never all of a file at once.

Numbers stay as they are printed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import IO

from seeds.importer.delimited import decoded_by
from seeds.importer.report import ImportFault, Unreadable

# Halves of characters, which JSON can spell out and no encoding can hold, and the one that PostgreSQL cannot.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\r\n]*")
# How much is read at a time, and the longest value that is waited for.
_PIECE, _LONGEST = 1 << 18, 1 << 24
TOO_DEEP = "lists and records are nested too deeply; a record holds values and lists of values"


class JSONStream:
    """The JSON of a file from where it is read next. Errors: ImportFault, where it is damaged or cut off; UnicodeDecodeError."""

    def __init__(self, name: str, file: IO[bytes], encoding: str) -> None:
        self._name, self._file = name, file
        codec, errors = decoded_by(encoding)
        self._decode = codecs.getincrementaldecoder(codec)(errors)
        self._decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
        self._text, self._at, self._is_over = "", 0, False
        # Lines before the text that is held.
        self._lines = 0

    def next_character(self) -> str:
        """The next character that is not blank, which stays to be read; empty at the end of the file."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = self._at if blank is None else blank.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    @property
    def line(self) -> int:
        """The line of what is read next, from 1."""
        return self._line(self._at)

    def names(self) -> Iterator[str]:
        """The names of the object that begins here, each before its value, which has to be read then."""
        if self.next_character() != "{":
            raise self.fault("the list must hold records, {...}")
        self._at += 1
        while self.next_character() != "}":
            name = self.value()
            if not isinstance(name, str) or self.next_character() != ":":
                raise self.fault("the file is damaged or cut off: a name or : is missing here")
            self._at += 1
            self.next_character()
            yield name
            if self.next_character() == ",":
                self._at += 1
            elif self.next_character() != "}":
                raise self.fault("the file is damaged or cut off: a comma or } is missing here")
        self._at += 1

    def items(self) -> Iterator[None]:
        """Stops at each value of the list that begins here, which has to be read then."""
        self._at += 1
        while self.next_character() != "]":
            yield
            if self.next_character() == ",":
                self._at += 1
                if self.next_character() == "]":
                    message = (
                        "a record is missing between the last comma and ]; leave the comma out if the list is whole"
                    )
                    raise self.fault(message)
            elif self.next_character() != "]":
                raise self.fault("the file is damaged or cut off: a comma or ] is missing here")
        self._at += 1

    def value(self) -> object:
        """The value that begins here."""
        while True:
            begin = self._at
            try:
                value, self._at = self._decoder.raw_decode(self._text, begin)
            except json.JSONDecodeError as error:
                if self._read_more():
                    continue
                message = (
                    f"the file is damaged or cut off at character {error.pos - begin + 1} of this record ({error.msg})"
                )
                raise self._fault_at(error.pos, message) from error
            except Unreadable as error:
                raise self._fault_at(begin, error.message, error.column) from error
            except RecursionError as error:
                raise self._fault_at(begin, TOO_DEEP) from error
            if self._at < len(self._text) or isinstance(value, dict | list):
                return value
            # A number that ends with the text that is held may go on behind it.
            end, self._at = self._at, begin
            if not self._read_more():
                self._at = end
                return value

    def fault(self, message: str) -> ImportFault:
        """What is wrong where the next value begins."""
        return self._fault_at(self._at, message)

    def _fault_at(self, at: int, message: str, column: str | None = None) -> ImportFault:
        return ImportFault(self._name, self._line(at), column, message)

    def _line(self, at: int) -> int:
        return self._lines + self._text.count("\n", 0, at) + 1

    def _read_more(self) -> bool:
        """Whether there was more to read; what is read already is let go."""
        if self._is_over or len(self._text) - self._at > _LONGEST:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        piece = self._file.read(_PIECE)
        self._is_over = not piece
        self._text, self._at = self._text[self._at :] + self._decode.decode(piece, final=not piece), 0
        return True


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object as a dictionary. Errors: Unreadable, where it has a name twice, or holds what no text can."""
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
