"""Looks at each event of a file for what can hardly be: a point far outside of its country, a day that is yet to come, or one
before its publisher's first year.

Such an event is taken as it is printed, and told. Where most points of a file lie in their country only with latitude and
longitude exchanged, it is refused, since its columns are named the other way about.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.store.record_types import Record
from seeds.importer.imported_places import ImportedPlaces
from seeds.importer.points import box_of
from seeds.importer.report import ImportFault, ImportReport
from seeds.importer.values import Memo

# So many degrees around a country's box are still its coast and its islands; what is drawn of countries is coarse.
_AROUND = 3.0


class EventCheck:
    """The check of the events of one file, whose places are these; its publisher's data begin with the first year."""

    def __init__(self, report: ImportReport, places: ImportedPlaces, first_year: int) -> None:
        self._report, self._countries, self._first_year = report, Memo(places.country_of), first_year
        # Somewhere it is tomorrow already.
        self._last_day = datetime.now(UTC).date() + timedelta(days=1)
        self._checked = self._exchanged = 0
        self._example = ""

    def look_at(self, line: int, event: Record) -> None:
        """Looks at an event, and tells what can hardly be."""
        if event["date_start"] > self._last_day:
            self._report.note("the day is yet to come", line, str(event["date_start"]))
        elif event["date_start"].year < self._first_year:
            kind = f"the day is before {self._first_year}, with which its publisher begins"
            self._report.note(kind, line, str(event["date_start"]))
        latitude, longitude, country = event["latitude"], event["longitude"], self._countries[event["location_id"]]
        box = None if country is None or latitude is None else box_of(country)
        if box is None:
            return
        self._checked += 1
        if box.contains(latitude, longitude, _AROUND):
            return
        example = f"{latitude}, {longitude} in {country}"
        self._report.note("the point lies far outside of its country", line, example)
        if box.contains(longitude, latitude, 0):
            self._exchanged += 1
            self._example = self._example or example

    def refuse_exchanged(self, file: str) -> None:
        """Errors: ImportFault, where most points lie in their country only the other way about."""
        if self._exchanged * 2 > self._checked:
            message = (
                f"{self._exchanged:,} of {self._checked:,} points lie in their country only with latitude and longitude"
                f" exchanged, such as {self._example}; are the columns named the other way about?"
            )
            raise ImportFault(file, None, None, message)
