"""Reads the single values of an ACLED row: its id, country and kinds of actors, and what is kept as it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from api.domain.bounds import Bounds, bounds
from api.domain.countries import ALPHA_3_LETTERS, by_number
from api.store.record_types import Record
from seeds.acled.actors import inter
from seeds.importer.countries import country_of
from seeds.importer.records import Unknown
from seeds.importer.report import Unreadable
from seeds.importer.states import states
from seeds.importer.table import Table
from seeds.importer.values import Memo, is_in_digits, whole

# What there is no code of ISO's for.
_WITHOUT_ISO: Mapping[str, str] = {"Kosovo": "XKX"}
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


class KeptCodes:
    """What is kept of the rows of one file as it is printed."""

    def __init__(self, file: Table) -> None:
        self._file = file
        self._columns = [
            (name, place, Memo(partial(_value, name)).__getitem__ if name in _OF_FEW_VALUES else partial(_value, name))
            for name in (*_OF_FEW_VALUES, *_OF_MANY_VALUES)
            if (place := file.position(name)) is not None
        ]

    def codes(self, row: list[str]) -> Record:
        """What is kept of a row, by column; nothing where the column is empty, or its value can be none of it.

        Errors: Unreadable, where unknown values are refused.
        """
        kept: Record = {}
        for name, place, value_of in self._columns:
            if text := row[place]:
                try:
                    kept[name] = value_of(text)
                except Unreadable:
                    if self._file.report.is_strict:
                        raise
                    self._file.report.unknown(self._file.line, name, text, "left out")
        return kept


def _value(column: str, printed: str) -> int | str:
    if column != _TIMESTAMP:
        return whole(column, printed) if printed.isdecimal() else printed
    if not printed.isdecimal():
        try:
            datetime.fromisoformat(printed.strip())
        except ValueError as error:
            raise Unreadable(_TIMESTAMP, f"'{printed}' is no time such as 1699999999 or 2023-11-14 22:13:19") from error
        return printed
    # The length comes first, since Python refuses to read the longest numbers.
    if len(printed) > len(str(_LAST_SECOND)) or not is_in_digits(printed) or int(printed) > _LAST_SECOND:
        raise Unreadable(_TIMESTAMP, f"'{printed}' is no time in seconds since 1970, such as 1699999999")
    return int(printed)


def seconds(printed: str) -> int:
    """When an event was last changed, in seconds since 1970; 0 where its timestamp does not say it.

    Programs write it as a day with its time, which is of UTC where no zone is told.
    """
    try:
        found = _value(_TIMESTAMP, printed)
        if isinstance(found, int):
            return found
        at = datetime.fromisoformat(printed.strip())
        return max(0, int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()))
    except (Unreadable, ValueError, OverflowError):
        # It is told with its line when its row is read.
        return 0


class CountryNames(NamedTuple):
    """What a row says of its country: its name, and the codes that one or another layout has."""

    country: str
    iso: str
    iso3: str
    gwno: str


def country_of_row(said: CountryNames) -> tuple[str, Sequence[Unknown]]:
    """The ISO 3166-1 alpha-3 code of a row's country, empty where it is none, as a sea, and what was not known of it.

    Errors: Unreadable, where its code and its name are of two countries.
    """
    if len(said.iso3) == ALPHA_3_LETTERS:
        return country_of(said.iso3.upper(), said.country, "iso3", said.iso3)
    state = states().get(said.gwno)
    if state is not None:
        return country_of(state.code, said.country, "gwno", said.gwno)
    code = by_number().get(said.iso.lstrip("0")) or _WITHOUT_ISO.get(said.country)
    return country_of(code, said.country, "iso", said.iso)


def kind_of_actor(printed: str, by_name: int | None) -> tuple[int, bool]:
    """The code of an actor's kind, as printed or else as its name says, and whether what is printed is known; 0 where there
    is none. `by_name` is what the name says: 0 is nothing, null that there is no actor.
    """
    if by_name is None:
        return 0, True
    try:
        return inter(printed) or by_name, True
    except ValueError:
        return by_name, False


def fatalities(printed: str) -> tuple[str, Bounds]:
    """What a printed number of fatalities means: its qualifier and its bounds; no number is unknown, as 0 is.

    Errors: Unreadable.
    """
    number = whole("fatalities", printed) if printed.strip() else 0
    return ("at_least", bounds("at_least", number)) if number else ("unknown", bounds("unknown", None))
