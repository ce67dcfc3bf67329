"""Reads the single values of an ACLED row: its id, country and kinds of actors, and what is kept as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from string import ascii_letters

from api.domain.bounds import Bounds, bounds
from api.store.record_types import Record
from seeds.acled.actors import inter
from seeds.importer.csv_file import CSVFile
from seeds.importer.imported_places import tail_of
from seeds.importer.report import Unreadable
from seeds.importer.tables import alpha_3
from seeds.importer.values import Memo, Numbers, is_in_digits, whole

# What there is no code of ISO's for.
_WITHOUT_ISO: Mapping[str, str] = {"Kosovo": "XKX"}
_LETTERS = 3
_TIMESTAMP = "timestamp"
# Kept as they are printed, numbers as numbers. The first have few different values, so that these are worked out once.
_OF_FEW_VALUES = (
    *("disorder_type", "event_type", "sub_event_type", "inter1", "inter2", "interaction", "time_precision"),
    *("geo_precision", "fatalities", "source_scale"),
)
_OF_MANY_VALUES = (
    *("tags", _TIMESTAMP, "data_id", "event_id_no_cnty"),
    *("population_1km", "population_2km", "population_5km", "population_best"),
)
# The end of the year 9999, beyond which there are no dates.
_LAST_SECOND = 253_402_300_799


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
            is_new = self._by_letters.setdefault(letters, Numbers()).add(whole("event_id_cnty", number))
            identity = f"{letters}{number}"
        else:
            identity = tail_of(text)
            is_new = identity not in self._others
            self._others.add(identity)
        if not is_new:
            message = f"'{text}' stands here a second time; ids that differ only in case or punctuation are one"
            raise Unreadable("event_id_cnty", message)
        return identity


class KeptCodes:
    """What is kept of the rows of one file as it is printed."""

    def __init__(self, file: CSVFile) -> None:
        self._columns = [
            (
                name,
                place,
                Memo(partial(_value, name)).__getitem__ if name in _OF_FEW_VALUES else partial(_value, name),
            )
            for name in (*_OF_FEW_VALUES, *_OF_MANY_VALUES)
            if (place := file.position(name)) is not None
        ]

    def codes(self, row: list[str]) -> Record:
        """What is kept of a row, by column; nothing where the column is empty. Errors: Unreadable."""
        return {name: value_of(text) for name, place, value_of in self._columns if (text := row[place])}


def _value(column: str, printed: str) -> int | str:
    if not printed.isdecimal():
        return printed
    if column != _TIMESTAMP:
        return whole(column, printed)
    # The length comes first, since Python refuses to read the longest numbers.
    if len(printed) > len(str(_LAST_SECOND)) or not is_in_digits(printed) or int(printed) > _LAST_SECOND:
        raise Unreadable(_TIMESTAMP, f"'{printed}' is no time in seconds since 1970, such as 1699999999")
    return int(printed)


def seconds(printed: str) -> int:
    """When an event was last changed, in seconds since 1970; 0 where its timestamp does not say it."""
    try:
        found = _value(_TIMESTAMP, printed)
    except Unreadable:
        # It is told with its line when its row is read.
        return 0
    return found if isinstance(found, int) else 0


def country_code(country: str, iso: str, iso3: str) -> str:
    """The ISO 3166-1 alpha-3 code of a row's country. Errors: Unreadable."""
    if len(iso3) == _LETTERS:
        return iso3.upper()
    found = alpha_3().get(iso.lstrip("0")) or _WITHOUT_ISO.get(country)
    if found is None:
        raise Unreadable("iso", f"'{iso}' is no country's number in ISO 3166-1")
    return found


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


def fatalities(printed: str) -> tuple[str, Bounds]:
    """What a printed number of fatalities means: its qualifier and its bounds. Errors: Unreadable."""
    number = whole("fatalities", printed)
    return ("at_least", bounds("at_least", number)) if number else ("unknown", bounds("unknown", None))
