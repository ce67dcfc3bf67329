"""Reads what IDMC's sentences say beside its columns: term, days, outlet, address, households.

`standard_info_text` is one short sentence, `<b> India: 200 displacements (evacuated), 23 September - 23 September </b>`. It
leaves the term out where people were displaced and no more is said. `standard_popup_text` has the same, an excerpt, and at its
end the outlet and the day of its report, as a link where the source may be shown. Their words are not kept.
"""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import NamedTuple

from api.domain.months import MONTHS
from seeds.importer.values import single_spaced

RETURNS = "returns"
# Texts come here with single spaces between their words.
_SHORT = re.compile(r"[0-9,]+ (displacement|return)s?(?: \(([^)]*)\))?, ([0-9]+ \w+) - ([0-9]+ \w+)")
# `The Times of India - 30 May 2023`
_OUTLET = re.compile(r"(.*\S) - ([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})")
_LINK = re.compile(r'<a href="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_HOUSEHOLDS = re.compile(r"\b([0-9,]*[0-9]) households?\b")


class Outlet(NamedTuple):
    """Who published what a figure is taken from, and when."""

    name: str
    published_on: date | None


class ShortSentence(NamedTuple):
    """What the short sentence says: the term, null where nothing closer is said, and the days as `23 September`."""

    term: str | None
    days: tuple[str, str]


def short_sentence(text: str) -> ShortSentence | None:
    """What the short sentence says; null where it is built otherwise."""
    found = _SHORT.search(text)
    if found is None:
        return None
    return ShortSentence(RETURNS if found[1] == "return" else found[2], (found[3], found[4]))


def day_and_month(day: date) -> str:
    """A day as the short sentence writes it."""
    return f"{day.day:02} {MONTHS[day.month - 1]}"


def households(text: str) -> str | None:
    """How many households the longer sentence counts, in digits without commas."""
    found = _HOUSEHOLDS.search(text)
    return None if found is None else found[1].replace(",", "")


def link(text: str) -> str:
    """The address that the longer sentence links to; empty where it links to none."""
    found = _LINK.search(text)
    return "" if found is None else unescape(found[1]).strip()


def outlet(text: str) -> Outlet | None:
    """The outlet that the longer sentence ends with; null where it ends otherwise."""
    last = unescape(_TAG.sub(" ", text.rpartition("<br>")[2]))
    found = _OUTLET.fullmatch(single_spaced(last))
    if found is None or found[3] not in MONTHS:
        return None
    try:
        return Outlet(found[1], date(int(found[4]), MONTHS.index(found[3]) + 1, int(found[2])))
    except ValueError:
        return Outlet(found[1], None)
