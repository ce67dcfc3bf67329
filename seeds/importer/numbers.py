"""What numbers printed in digits mean: whole numbers and degrees. Knows no file, and of a value only its column.

A number is what the publishers print, in the digits 0 to 9. Python's own `int` and `float` also take `1_000`, `+34` and the
digits of other scripts; no publisher writes so, and what such a value was meant to be would be a guess.
"""

from __future__ import annotations

import re

from seeds.importer.report import Unreadable

# Far more than there are people, and a million such numbers add up to less than the 64 bits of a database hold.
_MOST_DIGITS = 12
_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


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
        raise Unreadable(column, f"'{printed}' does not lie between -{most} and {most}")
    return found
