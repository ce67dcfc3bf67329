"""Mends texts that programs on the way have changed, and tells those that have lost letters for good.

`CafÃ©` is UTF-8 that was read as Windows-1252 and saved so; `Ta&#039;ang` was written for a web page; `_x000D_` is how a workbook
spells the end of a line, which other programs take for letters; and marks that nobody sees part words in a page. Where a program had no such letter it wrote a question mark or
U+FFFD, and nothing tells which letter it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape

from seeds.importer.values import single_spaced

_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5});")
# What parts words or turns lines in a web page, and is not seen; joiners of letters are none of them.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_LINE_END = re.compile(r"_x000[aAdD]_")
# Some programs write for a web page what was written for one.
_MOST_OFTEN = 2
# What stands in a letter's place.
_REPLACEMENT = "\ufffd"
_IN_A_WORD = re.compile(r"[^\W\d_]\?[^\W\d_]")
_NOTHING_ELSE = re.compile(r"\s*\?[\s?]*\?\s*")
_ADDRESS = "://"
# How much of a text is told.
_SHOWN = 80


def ungarbled(printed: str) -> str:
    """A text as it was before a program read its UTF-8 as Windows-1252; any other as it is."""
    try:
        return printed.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return printed


def unmarked(printed: str) -> str:
    """A text as it was before it was written for a web page or into a workbook; any other as it is."""
    text = _UNSEEN.sub("", _LINE_END.sub(" ", printed))
    for _time in range(_MOST_OFTEN):
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    return text


def has_lost_letters(printed: str) -> bool:
    """Whether something stands in a text in the place of letters: not in an address, which may have a question mark."""
    if _REPLACEMENT in printed or _NOTHING_ELSE.fullmatch(printed):
        return True
    return _ADDRESS not in printed and _IN_A_WORD.search(printed) is not None


class TextForm:
    """What was done to the texts of one column, as far as they were looked at. In markup entities are as they should be."""

    def __init__(self, *, is_markup: bool) -> None:
        self._is_markup = is_markup
        self._garbled: str | None = None
        self._marked: str | None = None
        self._lost: str | None = None

    def look_at(self, values: Sequence[str]) -> None:
        """Looks at the values of some rows."""
        together = "\n".join(values)
        if self._garbled is None and not together.isascii():
            self._garbled = next((value for value in values if ungarbled(value) != value), None)
        if self._is_markup:
            return
        if self._marked is None and (
            "&" in together or "_x000" in together or (not together.isascii() and _UNSEEN.search(together))
        ):
            self._marked = next((value for value in values if unmarked(value) != value), None)
        if self._lost is None and ("?" in together or _REPLACEMENT in together):
            self._lost = next(filter(has_lost_letters, values), None)

    @property
    def conversion(self) -> Callable[[str], str] | None:
        """What mends a text; null where there is nothing to mend."""
        if self._garbled is None:
            return None if self._marked is None else unmarked
        return ungarbled if self._marked is None else lambda printed: unmarked(ungarbled(printed))

    def decisions(self, name: str) -> Iterator[str]:
        """What is mended in this column, and what cannot be, in words."""
        if self._garbled is not None:
            mended = _shown(ungarbled(self._garbled))
            yield f"{name}: '{_shown(self._garbled)}', saved in another encoding than it was, is read as '{mended}'"
        if self._marked is not None:
            mended = _shown(unmarked(self._marked))
            yield f"{name}: '{_shown(self._marked)}', written for a web page or a workbook, is read as '{mended}'"
        if self._lost is not None:
            yield f"{name}: '{_shown(self._lost)}' seems to have lost letters on the way; take the file as it was published"


def _shown(text: str) -> str:
    return single_spaced(text)[:_SHOWN]
