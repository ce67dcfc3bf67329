"""What of an ACLED row is kept as it is printed, numbers as numbers. Knows what no code means, and of a file its columns."""

from __future__ import annotations

from functools import partial

from api.kinds import Record
from seeds.importer.csv_file import CSVFile, Remembered
from seeds.importer.numbers import is_in_digits, whole
from seeds.importer.report import Unreadable

TIMESTAMP = "timestamp"
# The first have few different values, so that these are worked out once.
_OF_FEW_VALUES = (
    *("disorder_type", "event_type", "sub_event_type", "inter1", "inter2", "interaction", "time_precision"),
    *("geo_precision", "fatalities", "source_scale"),
)
_OF_MANY_VALUES = (
    *("tags", TIMESTAMP, "data_id", "event_id_no_cnty"),
    *("population_1km", "population_2km", "population_5km", "population_best"),
)
# The end of the year 9999, beyond which there are no dates.
_LAST_SECOND = 253_402_300_799


class Kept:
    """What is kept of the rows of one file."""

    def __init__(self, file: CSVFile) -> None:
        self._few = [
            (name, place, Remembered(partial(value, name)))
            for name in _OF_FEW_VALUES
            if (place := file.position(name)) is not None
        ]
        self._many = [(name, place) for name in _OF_MANY_VALUES if (place := file.position(name)) is not None]

    def codes(self, row: list[str]) -> Record:
        """What is kept of a row, by column; nothing where the column is empty. Errors: Unreadable."""
        codes: Record = {name: values[text] for name, place, values in self._few if (text := row[place])}
        for name, place in self._many:
            if text := row[place]:
                codes[name] = value(name, text)
        return codes


def value(column: str, printed: str) -> int | str:
    """A code as it is kept: a number where it is one, else its text. Errors: Unreadable."""
    if not printed.isdecimal():
        return printed
    return _time(printed) if column == TIMESTAMP else whole(column, printed)


def seconds(printed: str) -> int:
    """When an event was last changed, in seconds since 1970; 0 where its timestamp does not say it."""
    try:
        found = value(TIMESTAMP, printed)
    except Unreadable:
        # It is told with its line when its row is read.
        return 0
    return found if isinstance(found, int) else 0


def _time(printed: str) -> int:
    # The length comes first, since Python refuses to read the longest numbers.
    if len(printed) > len(str(_LAST_SECOND)) or not is_in_digits(printed) or int(printed) > _LAST_SECOND:
        raise Unreadable(TIMESTAMP, f"'{printed}' is no time in seconds since 1970, such as 1699999999")
    return int(printed)
