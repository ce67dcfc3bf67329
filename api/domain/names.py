"""Folds names and cuts text into words and their stems, so that spellings compare equal; and says which names are tried first."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from snowballstemmer.english_stemmer import EnglishStemmer

# The ranks of a record's names, in the order in which a name that somebody asks by is tried: its id, its acronym or P-code, its name,
# and what else it is called.
ID_RANK, CODE_RANK, NAME_RANK, ALIAS_RANK = range(4)
# Latin, Greek and Cyrillic accents. Burmese vowel signs are combining marks too, but they are letters of their
# words, so only this block is taken away.
_ACCENTS = re.compile("[\u0300-\u036f]")
# All of ASCII that is neither, since FTS5 would cut there; what stands between words elsewhere, Burmese stops included.
_NOT_A_LETTER_OR_DIGIT = re.compile(
    r"[\s\x00-/:-@\[-`{-\x7f\u0080-\u00bf\u104a\u104b\u2000-\u206f\u3000-\u303f\u02b9-\u02bf]+"
)
# Signs on one letter are put in order in a time that grows with the square of their number. No letter has as many.
_MOST_MARKS, _SHORT = 30, 1_000
# It parts them without being seen, and is among the accents.
_JOINER = "\u034f"
_BEYOND_MARKS = 0x20000
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02bb\u0060\u00b4]")


@cache
def _run_of_marks() -> re.Pattern[str]:
    """As many signs as one letter may have, before yet another."""
    marks = "".join(sign for sign in map(chr, range(ord("\u0300"), _BEYOND_MARKS)) if unicodedata.combining(sign))
    return re.compile(f"([{marks}]{{{_MOST_MARKS}}})(?=[{marks}])")


def _normalized(form: Literal["NFC", "NFKD"], text: str) -> str:
    """A text in this form, in a time that grows with its length."""
    if len(text) <= _SHORT:
        return unicodedata.normalize(form, text)
    return unicodedata.normalize(form, _run_of_marks().sub(rf"\1{_JOINER}", text)).replace(_JOINER, "")


def _plain(text: str) -> str:
    if text.isascii():
        # Nothing in it comes apart or together.
        return text.casefold()
    decomposed = _normalized("NFKD", text)
    return _normalized("NFC", _ACCENTS.sub("", decomposed)).casefold()


def _without_apostrophes(text: str) -> str:
    if text.isascii():
        return _APOSTROPHES.sub("", text).casefold()
    # Before as well as after: one of them comes apart into a space and an accent, and one comes out of a letter.
    # What has come together by it may be one letter: a Burmese vowel and the length behind it.
    return _normalized("NFC", _APOSTROPHES.sub("", _plain(_APOSTROPHES.sub("", text))))


def folded(name: str) -> str:
    """A name without case, accents, apostrophes, hyphens, spaces or other punctuation: what names are compared by."""
    return _normalized("NFC", _NOT_A_LETTER_OR_DIGIT.sub("", _without_apostrophes(name)))


def words(text: str) -> list[str]:
    """The words of a text in order, folded; apostrophes join (`Ta'ang` is `taang`), every other punctuation parts.

    What is stored and what is asked is cut by this one function, so that no two engines can disagree where a word ends.
    """
    return [word for word in _NOT_A_LETTER_OR_DIGIT.split(_without_apostrophes(text)) if word]


def stems(text: str) -> list[str]:
    """The English stems of the words of a text in order: `strikes` and `striking` are `strike`."""
    return [_stem(word) if len(word) <= _LONGEST_STEMMED else word for word in words(text)]


# Longer words have none in English, and are not kept: whoever asks may send a megabyte.
_LONGEST_STEMMED = 100


# A stem takes 70 microseconds, and texts have few different words.
@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    # A stemmer holds the word that it works on, so threads cannot share one.
    found: str = EnglishStemmer().stemWord(word)
    return found


def spaced_stems(text: str) -> str:
    """The stems of a text as one text, each between spaces, so that a whole word is found in it with its spaces."""
    return f" {' '.join(stems(text))} "


def slug(text: str) -> str:
    """A lowercase id: every run of other characters is one hyphen (`Ta'ang Army` is `ta-ang-army`)."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(text)).strip("-")
