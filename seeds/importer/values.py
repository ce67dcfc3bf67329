"""Reads printed values: texts, whole numbers and degrees, and the same few of them over and over.

A number is what the publishers print, in the digits 0 to 9. Python's own `int` and `float` also take `1_000`, `+34` and the
digits of other scripts; no publisher writes so, and what such a value was meant to be would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from typing import Generic, TypeVar

from seeds.importer.report import Unreadable

# Far more than there are people, and a million such numbers add up to less than the 64 bits of a database hold.
_MOST_DIGITS = 12
_MOST_LONGITUDE = 180
# What programs make of a day that there is none of: the days that spreadsheets, Stata and Unix count from.
_NO_DAYS = frozenset(
    map(date.fromisoformat, ("1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1960-01-01", "1970-01-01"))
)
# Nobody tells of days before, but a year may have lost its first digits.
_FIRST_YEAR, _CENTURY, _THIS_CENTURY = 1900, 100, 2000
_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def single_spaced(printed: str) -> str:
    """A text with single spaces between its words and none around them."""
    return " ".join(printed.split())


def is_in_digits(printed: str) -> bool:
    """Whether a text is nothing but digits from 0 to 9."""
    return printed.isascii() and printed.isdecimal()


def whole(column: str, printed: str) -> int:
    """A whole number of zero or more. Errors: Unreadable."""
    text = printed.strip()
    if not is_in_digits(text):
        raise Unreadable(column, f"'{printed}' is not a whole number of zero or more, in the digits 0 to 9")
    if len(text.lstrip("0")) > _MOST_DIGITS:
        raise Unreadable(column, f"'{printed}' is too large; a whole number has at most {_MOST_DIGITS} digits")
    return int(text)


def degrees(column: str, printed: str, most: int) -> float:
    """A number of degrees that is no further from 0 than `most`. Errors: Unreadable."""
    text = printed.strip()
    if not _DECIMAL.fullmatch(text):
        raise Unreadable(column, f"'{printed}' is not a number in the digits 0 to 9, such as 23.79")
    found = float(text)
    if not -most <= found <= most:
        hint = "; is it a longitude?" if column == "latitude" and abs(found) <= _MOST_LONGITUDE else ""
        raise Unreadable(column, f"'{printed}' does not lie between -{most} and {most}{hint}")
    return found


def day(column: str, printed: str) -> date:
    """A day that an event may have been on. Errors: Unreadable."""
    try:
        found = date.fromisoformat(printed.strip())
    except ValueError as error:
        raise Unreadable(column, f"'{printed}' is no date such as 2023-11-03") from error
    return possible_day(column, found)


def possible_day(column: str, found: date) -> date:
    """The same day. Errors: Unreadable, where no event that publishers tell of can have been on it."""
    if found in _NO_DAYS:
        raise Unreadable(column, f"'{found}' is what programs write where there is no day")
    if found.year < _FIRST_YEAR:
        hint = f"; is {_THIS_CENTURY + found.year} meant?" if found.year < _CENTURY else ""
        raise Unreadable(column, f"'{found}' is in the year {found.year}{hint}")
    return found


def readable(read: Callable[[str], Value], printed: Iterable[str]) -> Iterator[Value]:
    """What those of these texts mean that can be read; the others are told with their line when their row is read."""
    for text in printed:
        with suppress(ValueError):
            yield read(text)


class Memo(dict[Key, Value], Generic[Key, Value]):
    """What a function makes of a key, worked out once while it is remembered.

    Most columns have few different values. Where one has many, all are forgotten at times, so that a file of millions of rows
    takes no more room than one of thousands.
    """

    _MOST = 20_000

    def __init__(self, work: Callable[[Key], Value]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: Key) -> Value:
        if len(self) >= self._MOST:
            self.clear()
        found = self[key] = self._work(key)
        return found


class NumberSet:
    """A set of whole numbers that takes about one bit for each where they stand close together, so that ids cost next to nothing."""

    # A block of so many numbers is a set as long as it holds few, and then a bit for each: as large as that set.
    _BLOCK_BITS, _MOST_SINGLE = 16, 128

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray | set[int]] = {}

    def add(self, number: int) -> bool:
        """Whether the number is new to the set; it is in it from now on. Numbers are zero or more."""
        block, place = number >> self._BLOCK_BITS, number & ((1 << self._BLOCK_BITS) - 1)
        held = self._blocks.get(block)
        if isinstance(held, bytearray):
            bit = 1 << (place & 7)
            is_new = not held[place >> 3] & bit
            held[place >> 3] |= bit
            return is_new
        if held is None:
            held = self._blocks[block] = set()
        if place in held:
            return False
        held.add(place)
        if len(held) > self._MOST_SINGLE:
            bits = self._blocks[block] = bytearray(1 << (self._BLOCK_BITS - 3))
            for one in held:
                bits[one >> 3] |= 1 << (one & 7)
        return True
