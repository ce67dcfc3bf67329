"""What the single values of an ACLED row are: ids, countries, numbers. Knows no event, and of a file its columns.

What its column cannot hold is told as Unreadable; whoever reads the file adds file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from string import ascii_letters

from api.bounds import Bounds, bounds
from seeds.acled.actors import inter
from seeds.acled.codes import read_day
from seeds.importer.brought_places import tail_of
from seeds.importer.csv_file import CSVFile, Numbers
from seeds.importer.iso_countries import ALPHA_3
from seeds.importer.numbers import whole
from seeds.importer.report import Unreadable

# What there is no code of ISO's for.
_WITHOUT_ISO = {"Kosovo": "XKX"}
_LETTERS = 3


class Ids:
    """The ids of one file, each of which may stand in it once."""

    def __init__(self) -> None:
        self._by_letters: dict[str, Numbers] = {}
        self._others: set[str] = set()

    def read(self, printed: str) -> str:
        """The publisher's id as the end of ours. Errors: Unreadable."""
        text = printed.strip()
        if not text:
            raise Unreadable("event_id_cnty", "the event has no id")
        # Nearly all are a country's letters and a number: `MMR51234`.
        number = text.lstrip(ascii_letters)
        if number.isdecimal() and number[0] != "0":
            letters = text[: -len(number)].lower()
            if letters not in self._by_letters:
                self._by_letters[letters] = Numbers()
            is_new = self._by_letters[letters].add(whole("event_id_cnty", number))
            identity = f"{letters}{number}"
        else:
            identity = tail_of(text)
            is_new = identity not in self._others
            self._others.add(identity)
        if not is_new:
            message = f"'{text}' stands here a second time; ids that differ only in case or punctuation are one"
            raise Unreadable("event_id_cnty", message)
        return identity


def picker(file: CSVFile, columns: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Takes these columns, two or more, out of a row with an empty value behind its last, for those the file lacks."""
    places = [file.position(column) for column in columns]
    missing = len(file.header)
    return itemgetter(*(missing if place is None else place for place in places))


def country_code(country: str, iso: str, iso3: str) -> str:
    """The ISO 3166-1 alpha-3 code of a row's country. Errors: Unreadable."""
    if len(iso3) == _LETTERS:
        return iso3.upper()
    found = ALPHA_3.get(iso.lstrip("0")) or _WITHOUT_ISO.get(country)
    if found is None:
        raise Unreadable("iso", f"'{iso}' is no country's number in ISO 3166-1")
    return found


def readable_days(printed: Iterable[str]) -> Iterator[date]:
    """Those of these texts that are days; the others are told with their line when their row is read."""
    for text in printed:
        try:
            yield read_day(text)
        except ValueError:
            continue


def single_spaced(printed: str) -> str:
    """A text with single spaces between its words and none around them."""
    return " ".join(printed.split())


def kind_of_actor(column: str, printed: str, by_name: int | None) -> int:
    """The code of an actor's kind, as printed or else as its name says; 0 where there is none. Errors: Unreadable.

    `by_name` is what the name says: 0 is nothing, null that there is no actor.
    """
    if by_name is None:
        return 0
    try:
        return inter(printed) or by_name
    except ValueError as error:
        raise Unreadable(column, f"'{printed}' is no kind of actor that ACLED has") from error


def numbers(printed: str) -> tuple[str, Bounds]:
    """What a printed number of fatalities means: its qualifier and its bounds. Errors: Unreadable."""
    number = whole("fatalities", printed)
    return ("at_least", bounds("at_least", number)) if number else ("unknown", bounds("unknown", None))
