"""Reads the rows of IDMC's Internal Displacement Updates as values of ours.

Days. Some dumps print days as instants at 11:00 or 12:00 UTC: midnight in New Zealand, where the following day begins. In
all time zones a day begins between 11:00 UTC of the day before and 10:00 UTC of its own, so every instant is read as the
day that begins then. Where the row's own sentence names other days, the report tells it.

`codes.csv` says what the columns may hold, in lower case and with spaces for underscores. Newer dumps say "more than or
equal" where older ones say "more than". The codebook has no word for "less than"; at most is wider by one, and keeps the
number that was said.

Term and outlet stand only in the row's sentences in most dumps: see `seeds.idmc.sentences`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from seeds.idmc.sentences import Outlet, day_and_month, households, link, outlet, short_sentence
from seeds.importer.code_tables import codes
from seeds.importer.countries import country_of
from seeds.importer.points import point_of
from seeds.importer.records import Unknown
from seeds.importer.report import Unreadable
from seeds.importer.table import Table
from seeds.importer.values import degrees, possible_day, single_spaced, whole

# Kept as they are printed.
_KEPT = (
    *("role", "unit", "figure_category", "event_id", "event_name", "event_codes", "event_code_types", "category"),
    *("subcategory", "type", "subtype", "displacement_occurred", "locations_name", "locations_accuracy"),
    *("locations_type", "sources", "old_id", "household_size", "event_url"),
)
# Read beside these.
_READ = (
    *("id", "country", "iso3", "displacement_type", "qualifier", "figure", "displacement_date", "reported", "term"),
    *("displacement_start_date", "displacement_end_date", "latitude", "longitude", "centroid"),
    *("locations_coordinates", "source_url", "standard_popup_text", "standard_info_text", "created_at"),
)
COLUMNS = (*_READ, *_KEPT)

# A zone 13 hours ahead of UTC, the earliest, begins its day at this hour of the day before.
_FIRST_HOUR_OF_FOLLOWING_DAY = 11
_ISO3 = re.compile(r"[A-Z0-9]{3}")
CODES = Path(__file__).with_name("codes.csv")


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """One of the places that a row names. `level` is that of the place, as closely as it is known, empty where the row does
    not say it; people may have left it (`is_origin`) or come to it, or both."""

    name: str
    point: tuple[float, float] | None
    level: str
    is_origin: bool
    is_destination: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of IDMC's. `term` is the publisher's, null where nothing closer is said; `event` is its event's id, else
    the event's name, else empty. `qualifier` is null where the publisher's word is none that is known, `number` where there
    is none; `iso3` is empty where the row's country is none.
    """

    line: int
    id: int
    iso3: str
    country: str
    cause: str
    is_recommended: bool
    qualifier: str | None
    number: int | None
    unit: str
    term: str | None
    start: date
    end: date
    point: tuple[float, float] | None
    spots: Sequence[NamedPlace]
    event: str
    outlet: Outlet | None
    sources: Sequence[str]
    links: Sequence[str]
    created_on: date | None
    codes: Mapping[str, str | int]


def read_row(file: Table, values: Sequence[str]) -> Row:
    """The current row of a file, of whose values those of `COLUMNS` are given. Errors: Unreadable."""
    return _Reading(file, values).row()


class _Reading:
    """The reading of one row."""

    def __init__(self, file: Table, values: Sequence[str]) -> None:
        self._line, self._report = file.line, file.report
        self._values = dict(zip(COLUMNS, map(single_spaced, values), strict=True))

    def row(self) -> Row:
        """The row. Errors: Unreadable."""
        identity = whole("id", self._text("id"))
        if not self._text("role"):
            self._report.note("no role is given, and the figure counts as recommended", self._line, str(identity))
        start, end = self._period()
        spots, (number, unit) = list(self._spots()), self._number()
        term = self._term(start, end)
        iso3 = self._country()
        address = self._text("source_url") or link(self._text("standard_popup_text"))
        kept = {
            "displacement_type": self._text("displacement_type"),
            "term": term,
            "reported_households": self._households(unit),
            **{column: self._text(column) for column in _KEPT},
            "source_url": address,
            "origin": "; ".join(spot.name for spot in spots if spot.is_origin),
            "destination": "; ".join(spot.name for spot in spots if spot.is_destination),
        }
        return Row(
            line=self._line,
            id=identity,
            iso3=iso3,
            country=self._text("country") or iso3,
            cause=self._code("displacement_type", "other") or "other",
            # A role that nobody knew is none to add to a total.
            is_recommended=not self._text("role") or bool(self._code("role", "")),
            qualifier="unknown" if number is None else self._code("qualifier", None),
            number=number,
            unit=unit,
            term=term,
            start=start,
            end=end,
            point=self._point(),
            spots=spots,
            event=self._text("event_id") or self._text("event_name"),
            outlet=outlet(self._text("standard_popup_text")),
            sources=_listed(self._text("sources")),
            links=_listed(address),
            created_on=self._day("created_at", is_moment=True),
            codes={name: value for name, value in kept.items() if value},
        )

    def _text(self, column: str) -> str:
        return self._values[column]

    def _code(self, column: str, otherwise: str | None, taken: str | None = None) -> str | None:
        """What a code means; where nobody knew it, that is told, and it is the other. Errors: Unreadable, where strict."""
        text, known = self._text(column), codes(CODES)[column]
        plain = text.replace("_", " ").casefold()
        if plain not in known:
            self._report.unknown(self._line, column, text, taken or otherwise or "not told")
            return otherwise
        return known[plain]

    def _country(self) -> str:
        """The code of the country, by its name where the row has no code; empty where it is none. Errors: Unreadable."""
        iso3, name = self._text("iso3").upper(), self._text("country")
        found, unknown = country_of(iso3 if _ISO3.fullmatch(iso3) else None, name, "iso3", iso3)
        if not found and not name:
            raise Unreadable("iso3", f"'{iso3}' is no code of three letters")
        self._tell(unknown)
        return found

    def _tell(self, unknown: Sequence[Unknown]) -> None:
        """Tells what was not known. Errors: Unreadable, where strict."""
        for column, printed, taken in unknown:
            self._report.unknown(self._line, column, printed, taken)

    def _number(self) -> tuple[int | None, str]:
        """The number and its unit. Errors: Unreadable.

        Where the publisher says how many households it was told of and how many people it counts for one, its figure is
        people, whatever the unit of the report.
        """
        unit = codes(CODES)["unit"].get(self._text("unit").replace("_", " ").casefold())
        if unit is None:
            raise Unreadable("unit", f"'{self._text('unit')}' is neither person nor household")
        category = self._text("figure_category")
        if category and self._code("figure_category", None) is None:
            raise Unreadable("figure_category", f"'{category}' is no displacement and no return within the country")
        if not self._text("figure"):
            self._report.unknown(self._line, "figure", "", "not known")
            return None, unit
        number = whole("figure", self._text("figure"))
        if unit == "household" and self._text("household_size") and self._text("reported"):
            reckoned = whole("reported", self._text("reported")) * float(self._text("household_size").replace(",", "."))
            return number, "person" if abs(number - reckoned) <= 1 else unit
        return number, unit

    # --- Days ----------------------------------------------------------------------------------------------------

    def _day(self, column: str, *, is_moment: bool = False) -> date | None:
        """The day of a column that names a day, or of one that says when something was done."""
        text = self._text(column)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
            is_following = at.hour >= _FIRST_HOUR_OF_FOLLOWING_DAY and not is_moment
            found = at.date() + timedelta(days=1 if is_following else 0)
        except (ValueError, OverflowError) as error:
            raise Unreadable(column, f"'{text}' is no date such as 2023-11-03") from error
        return possible_day(column, found)

    def _period(self) -> tuple[date, date]:
        day = self._day("displacement_date")
        end = self._day("displacement_end_date") or day
        start = self._day("displacement_start_date") or end
        end = end or start
        if start is None or end is None:
            raise Unreadable("displacement_date", "the figure has no day")
        if start > end:
            self._report.repair("days out of order are put in order", self._line, f"{start} to {end}")
            return end, start
        return start, end

    # --- Sentences -----------------------------------------------------------------------------------------------

    def _term(self, start: date, end: date) -> str | None:
        # Some distributors leave the short sentence out, with which the longer one begins.
        told = short_sentence(self._text("standard_info_text") or self._text("standard_popup_text"))
        if told is not None and told.days != (day_and_month(start), day_and_month(end)):
            example = f"{start} to {end}, and in the sentence {' to '.join(told.days)}"
            self._report.note("days that the publisher's own sentence gives otherwise", self._line, example)
        printed = self._text("term") or ("" if told is None else told.term or "")
        if not printed:
            return None
        column = "term" if self._text("term") else "standard_info_text"
        found = codes(CODES)["term"].get(printed.replace("_", " ").casefold())
        if found is None:
            self._report.unknown(self._line, column, printed, "displaced")
        return found or printed

    def _households(self, unit: str) -> int | None:
        """How many households the source counted, where IDMC has reckoned people from them."""
        printed = self._text("reported") if self._text("unit").casefold().startswith("household") else None
        printed = printed or households(self._text("standard_popup_text"))
        if printed is None or unit == "household":
            return None
        found = whole("standard_popup_text", printed)
        counted = "1 household" if found == 1 else f"{found:,} households"
        self._report.note("people are reckoned from households by the publisher", self._line, counted)
        return found

    # --- Places --------------------------------------------------------------------------------------------------

    def _point(self) -> tuple[float, float] | None:
        latitude, longitude = self._text("latitude"), self._text("longitude")
        if latitude and longitude:
            point, unknown = point_of(latitude, longitude)
            self._tell(unknown)
            return point
        return self._pair("centroid", self._text("centroid").strip("[]"))

    def _pair(self, column: str, printed: str) -> tuple[float, float] | None:
        """Latitude and longitude that stand in one column; null where they do not, or are 0, 0."""
        # A list of JSON comes with semicolons between its values.
        parts = printed.replace(";", ",").split(",")
        point = (degrees(column, parts[0], 90), degrees(column, parts[1], 180)) if len(parts) > 1 else None
        if point is not None and not any(point):
            self._tell(((column, printed, "no point"),))
            return None
        return point

    def _spots(self) -> Iterator[NamedPlace]:
        names = _listed(self._text("locations_name"))
        points = _listed(self._text("locations_coordinates"))
        accuracies = _listed(self._text("locations_accuracy"))
        kinds = _listed(self._text("locations_type"))
        levels = codes(CODES)["locations_accuracy"]
        for position, name in enumerate(names):
            # Lists of another length cannot be matched to the names.
            point = points[position] if len(points) == len(names) else ""
            accuracy = accuracies[position].casefold() if len(accuracies) == len(names) else ""
            kind = kinds[position].replace("_", " ").casefold() if len(kinds) == len(names) else ""
            if accuracy and accuracy not in levels:
                self._report.unknown(self._line, "locations_accuracy", accuracy, "the country")
            level = levels.get(accuracy, "")
            yield NamedPlace(
                name, self._pair("locations_coordinates", point), level, "origin" in kind, "destination" in kind
            )


def _listed(printed: str) -> list[str]:
    return [part.strip() for part in printed.split(";") if part.strip()]
