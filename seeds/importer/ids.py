"""A set of the ids of a file that takes little memory: most are some letters and a number."""

from __future__ import annotations

from string import ascii_letters

from seeds.importer.imported_places import tail_of
from seeds.importer.values import NumberSet, is_in_digits

# More digits than these are no number of a publisher's, and would take room.
_MOST_DIGITS = 12


class IdSet:
    """A set of ids; those that differ only in case, punctuation or zeros in front are one."""

    def __init__(self) -> None:
        self._numbers = NumberSet()
        self._by_letters: dict[str, NumberSet] = {"": self._numbers}
        self._others: set[str] = set()

    def add(self, printed: str) -> bool:
        """Whether the id is new to the set; it is in it from now on."""
        text = printed.strip()
        if is_in_digits(text) and len(text) <= _MOST_DIGITS:
            return self._numbers.add(int(text))
        number = text.lstrip(ascii_letters)
        if is_in_digits(number) and len(number) <= _MOST_DIGITS and number[0] != "0":
            letters = text[: -len(number)].lower()
            return self._by_letters.setdefault(letters, NumberSet()).add(int(number))
        identity = id_tail(text)
        is_new = identity not in self._others
        self._others.add(identity)
        return is_new


def id_tail(printed: str) -> str:
    """A publisher's id as the end of ours: `MMR51234` is `mmr51234`, and a number is without zeros in front."""
    text = printed.strip()
    if is_in_digits(text):
        return text.lstrip("0") or "0"
    return text.lower() if text.isascii() and text.isalnum() else tail_of(text)
