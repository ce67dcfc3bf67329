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
from seeds.importer.opening import ByteProgress
from seeds.importer.record_file import Printed, plain_name, printed_rows
from seeds.importer.report import ImportFault, ImportReport, Unreadable
from seeds.importer.tables import codes
from seeds.importer.values import degrees, single_spaced, whole

_REQUIRED = ("id", "country", "iso3", "displacement_type", "qualifier", "figure", "displacement_date")
# Kept as they are printed.
_KEPT = (
    *("role", "unit", "event_id", "event_name", "event_codes", "event_code_types", "category", "subcategory", "type"),
    *(
        "subtype",
        "displacement_occurred",
        "locations_name",
        "locations_accuracy",
        "locations_type",
        "sources",
        "old_id",
    ),
)
_READ = (
    *_REQUIRED,
    *_KEPT,
    *("displacement_start_date", "displacement_end_date", "term", "latitude", "longitude", "centroid"),
    *("locations_coordinates", "source_url", "standard_popup_text", "standard_info_text", "created_at"),
)
_COLUMNS: Mapping[str, str] = {plain_name(name): name for name in _READ}

# A zone 13 hours ahead of UTC, the earliest, begins its day at this hour of the day before.
_FIRST_HOUR_OF_FOLLOWING_DAY = 11
_ISO3 = re.compile(r"[A-Z0-9]{3}")
_CODES = Path(__file__).with_name("codes.csv")


@dataclass(frozen=True, slots=True)
class Spot:
    """One of the places that a row names; `accuracy` in upper case, empty where the row does not say it."""

    name: str
    point: tuple[float, float] | None
    accuracy: str


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of IDMC's. `term` is the publisher's, null where nothing closer is said; `event` is its event's id, else
    the event's name, else empty.
    """

    line: int
    id: int
    iso3: str
    country: str
    cause: str
    is_recommended: bool
    qualifier: str
    number: int
    unit: str
    term: str | None
    start: date
    end: date
    point: tuple[float, float] | None
    spots: Sequence[Spot]
    event: str
    outlet: Outlet | None
    sources: Sequence[str]
    created_on: date | None
    codes: Mapping[str, str | int]


def read_rows(path: Path, told: ByteProgress, report: ImportReport) -> list[Row]:
    """The rows of a file; those that cannot be read are refused in the report. Errors: ImportFault.

    All are held at once, since a figure and what stands beside it may be far apart: IDMC's whole database is some tens of
    thousands of rows.
    """
    rows: dict[int, Row] = {}
    columns: dict[str, None] = {}
    for printed in printed_rows(path, told, report, _REQUIRED):
        columns.update(dict.fromkeys(printed.values))
        try:
            row = _Reading(printed, report).row()
            if row.id in rows:
                raise Unreadable(
                    "id", f"'{row.id}' stands here a second time; the first is in line {rows[row.id].line}"
                )
        except Unreadable as fault:
            report.refuse(ImportFault(path.name, printed.line, fault.column, fault.message))
            continue
        rows[row.id] = row
    report.columns_unread = tuple(name for name in columns if plain_name(name) not in _COLUMNS)
    return list(rows.values())


class _Reading:
    """The reading of one row."""

    def __init__(self, printed: Printed, report: ImportReport) -> None:
        self._line, self._report = printed.line, report
        self._values = {
            _COLUMNS[plain]: value for name, value in printed.values.items() if (plain := plain_name(name)) in _COLUMNS
        }

    def row(self) -> Row:
        """The row. Errors: Unreadable."""
        identity, iso3 = self._whole("id"), self._text("iso3").upper()
        if not _ISO3.fullmatch(iso3):
            raise Unreadable("iso3", f"'{iso3}' is no code of three letters")
        if not self._text("role"):
            self._report.note("no role is given, and the figure counts as recommended", self._line, str(identity))
        start, end = self._period()
        cause, term, unit = self._code("displacement_type"), self._term(start, end), self._code("unit")
        kept = {
            "displacement_type": self._text("displacement_type"),
            "term": term,
            "reported_households": self._households(unit),
            **{column: self._text(column) for column in _KEPT},
            "source_url": self._text("source_url") or link(self._text("standard_popup_text")),
        }
        return Row(
            line=self._line,
            id=identity,
            iso3=iso3,
            country=self._text("country") or iso3,
            cause=cause,
            is_recommended=not self._text("role") or bool(self._code("role")),
            qualifier=self._code("qualifier"),
            number=self._whole("figure"),
            unit=unit,
            term=term,
            start=start,
            end=end,
            point=self._point(),
            spots=list(self._spots()),
            event=self._text("event_id") or self._text("event_name"),
            outlet=outlet(self._text("standard_popup_text")),
            sources=_listed(self._text("sources")),
            created_on=self._day("created_at", is_moment=True),
            codes={name: value for name, value in kept.items() if value},
        )

    def _text(self, column: str) -> str:
        value = self._values.get(column)
        if isinstance(value, list):
            value = "; ".join(str(part) for part in value if part is not None)
        return "" if value is None else single_spaced(str(value))

    def _code(self, column: str) -> str:
        text, known = self._text(column), codes(_CODES)[column]
        plain = text.replace("_", " ").casefold()
        if plain not in known:
            raise Unreadable(column, f"'{text}' is none of {', '.join(filter(None, known))}")
        return known[plain]

    def _whole(self, column: str) -> int:
        text = self._text(column)
        # Programs that hold tables in memory write whole numbers so, once one is missing.
        return whole(column, text.removesuffix(".0"))

    # --- Days ----------------------------------------------------------------------------------------------------

    def _day(self, column: str, *, is_moment: bool = False) -> date | None:
        """The day of a column that names a day, or of one that says when something was done."""
        text = self._text(column)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
            is_following = at.hour >= _FIRST_HOUR_OF_FOLLOWING_DAY and not is_moment
            return at.date() + timedelta(days=1 if is_following else 0)
        except (ValueError, OverflowError) as error:
            raise Unreadable(column, f"'{text}' is no date such as 2023-11-03") from error

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
        told = short_sentence(self._text("standard_info_text"))
        if told is not None and told.days != (day_and_month(start), day_and_month(end)):
            example = f"{start} to {end}, and in the sentence {' to '.join(told.days)}"
            self._report.note("days that the publisher's own sentence gives otherwise", self._line, example)
        if self._text("term"):
            return self._code("term")
        terms = codes(_CODES)["term"]
        if told is not None and told.term is not None and told.term not in terms:
            raise Unreadable("standard_info_text", f"'{told.term}' is none of the terms {', '.join(terms)}")
        return None if told is None else told.term

    def _households(self, unit: str) -> int | None:
        """How many households the source counted, where IDMC has reckoned people from them."""
        printed = households(self._text("standard_popup_text"))
        if printed is None or unit == "household":
            return None
        found = whole("standard_popup_text", printed)
        self._report.note("people whom the publisher reckons from households", self._line, f"{found:,} households")
        return found

    # --- Places --------------------------------------------------------------------------------------------------

    def _point(self) -> tuple[float, float] | None:
        latitude, longitude = self._text("latitude"), self._text("longitude")
        if latitude and longitude:
            return degrees("latitude", latitude, 90), degrees("longitude", longitude, 180)
        return _pair("centroid", self._text("centroid").strip("[]"))

    def _spots(self) -> Iterator[Spot]:
        names = _listed(self._text("locations_name"))
        points = _listed(self._text("locations_coordinates"))
        accuracies = _listed(self._text("locations_accuracy"))
        for position, name in enumerate(names):
            # Lists of another length cannot be matched to the names.
            point = points[position] if len(points) == len(names) else ""
            accuracy = accuracies[position] if len(accuracies) == len(names) else ""
            yield Spot(name, _pair("locations_coordinates", point), accuracy.upper())


def _listed(printed: str) -> list[str]:
    return [part.strip() for part in printed.split(";") if part.strip()]


def _pair(column: str, printed: str) -> tuple[float, float] | None:
    latitude, comma, longitude = printed.partition(",")
    return (degrees(column, latitude, 90), degrees(column, longitude, 180)) if comma else None
