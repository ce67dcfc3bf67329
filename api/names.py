"""Names and words made comparable: one way to fold a name, one way to cut text into words. Knows no database."""

from __future__ import annotations

import re
import unicodedata

# Latin, Greek and Cyrillic accents. Burmese vowel signs are combining marks too, but they are letters of their
# words, so only this block is taken away.
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_A_LETTER_OR_DIGIT = re.compile(r"[\s!-/:-@\[-`{-~\u00a1-\u00bf\u2000-\u206f\u3000-\u303f\u02b9-\u02bf]+")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02bb\u0060\u00b4]")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed)).casefold()


def folded(name: str) -> str:
    """A name without case, accents, apostrophes, hyphens, spaces or other punctuation: what names are compared by."""
    return _NOT_A_LETTER_OR_DIGIT.sub("", _APOSTROPHES.sub("", _plain(name)))


def words(text: str) -> list[str]:
    """The words of a text in order, folded; apostrophes join (`Ta'ang` is `taang`), every other punctuation parts.

    Both full-text engines index exactly these words, and queries are cut by the same function, so that SQLite and
    PostgreSQL cannot disagree about where a word ends.
    """
    return [word for word in _NOT_A_LETTER_OR_DIGIT.split(_APOSTROPHES.sub("", _plain(text))) if word]


def between_spaces(text: str) -> str:
    """The words of a text, each between spaces, so that a whole word is found as text between spaces."""
    return f" {' '.join(words(text))} "


def slug(text: str) -> str:
    """A lowercase id: every run of other characters is one hyphen (`Ta'ang Army` is `ta-ang-army`)."""
    return re.sub(r"[^a-z0-9]+", "-", _plain(text)).strip("-")
