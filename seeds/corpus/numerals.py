"""Says what a number as printed in English means: "120,000", "twenty-one", "A", "tens of thousands"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from api.domain.codebook import values

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_SMALL: Mapping[str, int] = {word: number for number, word in enumerate((*_UNITS, *_TEENS))}
_TEN_TIMES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS: Mapping[str, int] = {word: 10 * number for number, word in enumerate(_TEN_TIMES, start=2)}
_GROUPS: Mapping[str, int] = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_ONES = frozenset({"a", "an", "the", "another", "single"})
_NONES = frozenset({"no", "none", "nil", "not", "without"})
_DOZEN = 12
_HUNDRED = 100
_DIGITS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
# Words for a magnitude that are not the name of its qualifier with spaces.
_MAGNITUDES: Mapping[str, str] = {"dozens": "tens", "scores": "tens"}
# Words with these endings are no plurals, though they end in s.
_SINGULAR_ENDINGS = ("ss", "us", "is", "quarters")


def misreading(printed: str, number: int | None, qualifier: str) -> str | None:
    """What the printed word would have to be, or mean, for this number and qualifier; null when they agree."""
    meaning, magnitude = number_of(printed), _magnitude_of(printed)
    if qualifier in _magnitudes():
        return None if magnitude == qualifier else f'"{qualifier.replace("_", " ")}" as printed'
    if qualifier == "none_reported":
        return None if meaning == 0 else 'a word for none, such as "No", as printed'
    if number is None:
        is_no_number = meaning is None or printed.casefold() in _ONES
        return (
            None if is_no_number and magnitude is None else "the noun as printed, or another qualifier and its number"
        )
    if meaning is None:
        # One thing often has no number at all: the police station, Myanmar's main city.
        return None if number == 1 and _is_singular(printed) else f"the word or digits for {number}, and nothing else"
    return None if meaning == number else f"number: {meaning}, or the word or digits for {number}"


def number_of(printed: str) -> int | None:
    """The number that digits or number words mean; null when they mean none. Articles are 1."""
    text = printed.strip().removesuffix("%").strip()
    if _DIGITS.fullmatch(text):
        return int(text.replace(",", ""))
    words = text.casefold().replace("-", " ").split()
    if len(words) == 1 and words[0] in _ONES | _NONES:
        return 1 if words[0] in _ONES else 0
    return _sum(words)


def _sum(words: list[str]) -> int | None:
    """The number that number words in a row mean; null when one of them is no number or they do not go together."""
    total, group = 0, 0
    is_empty = True
    for word in words:
        if _DIGITS.fullmatch(word) and is_empty:
            group = int(word.replace(",", ""))
        elif word in _ONES and is_empty:
            group = 1
        elif word == "and" and not is_empty:
            continue
        elif word in _SMALL and (group % _HUNDRED == 0 or (_SMALL[word] < 10 and group % 10 == 0)):
            group += _SMALL[word]
        elif word in _TENS and group % _HUNDRED == 0:
            group += _TENS[word]
        elif word == "dozen":
            group = max(group, 1) * _DOZEN
        elif word == "hundred":
            group = max(group, 1) * _HUNDRED
        elif word in _GROUPS:
            total, group = total + max(group, 1) * _GROUPS[word], 0
        else:
            return None
        is_empty = False
    return None if is_empty else total + group


def _magnitudes() -> frozenset[str]:
    """The qualifiers that name a magnitude."""
    return frozenset(
        code for code in values("qualifier") if code.endswith(("tens", "hundreds", "thousands", "millions"))
    )


def _magnitude_of(printed: str) -> str | None:
    """The qualifier that a word for a magnitude means; null when it is none."""
    text = "_".join(printed.casefold().split())
    qualifier = _MAGNITUDES.get(text, text)
    return qualifier if qualifier in _magnitudes() else None


def _is_singular(noun: str) -> bool:
    """Whether a word or phrase may stand for one thing."""
    word = noun.casefold()
    return not re.search("[0-9]", word) and (not word.endswith("s") or word.endswith(_SINGULAR_ENDINGS))
