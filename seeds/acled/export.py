"""An ACLED export as a source for the load engine: what it is, and what to expect of it.

It takes a CSV file that its user has downloaded under ACLED's terms: the 31-column layout, and older ones that have
`event_id_cnty` and fewer or more columns. ACLED allows no redistribution of its data, and the dataset says so. How one row
becomes an event is told in `seeds.acled.rows`; it knows neither, but where to find them.

An export holds what its user asked for, and ACLED corrects and takes back events at any time: events that a file does not
hold are withdrawn, unless it is said to be a part of what is wanted (`is_complete` false).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from api.kinds import Record
from api.loading import Expectation
from seeds.acled.actors import Actors, inter
from seeds.acled.kept import seconds
from seeds.acled.places import OF_THE_FIRST
from seeds.acled.rows import COUNTRY_CODES, DATASET, OWN_DOCUMENT, REQUIRED, Rows
from seeds.acled.values import country_code, picker, readable_days
from seeds.importer.brought_places import BroughtPlaces
from seeds.importer.csv_file import CSVFile, content_hash
from seeds.importer.floors import Floor
from seeds.importer.known_places import KnownPlaces
from seeds.importer.opening import ByteProgress
from seeds.importer.report import ImportFault, ImportReport, Unreadable

# An export is what its user asked for, and the next may well ask for a little less.
_LEAST_PERCENT = 50


class _Ahead(NamedTuple):
    """What has to be known of a whole file before its first row is mapped."""

    inters: Mapping[str, int]
    countries: Mapping[str, str]
    period: tuple[date, date] | None
    latest: date | None


class Acled:
    """An export. `release` is what its user calls it; by default the day of the newest change in it.

    `progress` is told how many bytes more of the file are read. After `records` is exhausted, `report` says what was met.
    """

    # Whether it may hold far fewer events than stand.
    may_shrink = False
    # Which places and groups a release names, its publisher decides, and whoever uses them has no part in it.
    keeps_used = True

    def __init__(
        self,
        path: Path,
        progress: ByteProgress = lambda _count: None,
        release: str | None = None,
        is_complete: bool = True,
    ) -> None:
        self.is_complete = is_complete
        self._path, self._given_release = path, release
        self._file = CSVFile(path, progress)
        self._places: BroughtPlaces | None = None
        self._actors: Actors | None = None
        self._brought = 0

    @property
    def report(self) -> ImportReport:
        """What was met in the file."""
        return self._file.report

    @cached_property
    def content_hash(self) -> str:
        """The hash of the file and of what its user says of it."""
        return content_hash(self._path, f"{self._given_release or ''} {self.is_complete}")

    @cached_property
    def dataset(self) -> Record:
        """The dataset's own columns. Errors: ImportFault."""
        period, latest = self._ahead.period, self._ahead.latest
        release = self._given_release or (f"export of {latest}" if latest is not None else "export without a date")
        return {
            "id": DATASET,
            "title": "Armed Conflict Location & Event Data (ACLED), as exported by its user",
            "publisher": "Armed Conflict Location & Event Data (ACLED)",
            "description": (
                "Political violence, demonstrations and strategic developments, coded by ACLED. Not for redistribution: "
                "its user downloaded it under ACLED's own terms. The dead of an event are one conservative number, read "
                "as at least that many; where ACLED prints 0, which is none or unknown, the number is unknown. ACLED "
                "does not say who attacked: where two armed sides fight, their roles are inferred."
            ),
            "licence": "LicenseRef-ACLED-Terms-and-Conditions",
            "licence_url": None,
            "citation": f"Armed Conflict Location & Event Data (ACLED), {release}. Used under ACLED's terms.",
            "release": release,
            "first_date": None if period is None else period[0],
            "last_date": None if period is None else period[1],
            "is_redistributable": False,
        }

    @property
    def expectation(self) -> Expectation:
        """Each row read is an event with a figure, and an export without rows is none."""
        least = max(1, self._brought)
        return Expectation(events=least, figures=least)

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Every record of the file with its kind, each before what refers to it.

        Errors: ImportFault, where the file cannot be read on; at the end ImportRefused, where rows were refused, and
        LoadRefused, where they are too few for what stands.
        """
        file, ahead = self._file, self._ahead
        floor = Floor(connection, DATASET, _LEAST_PERCENT)
        self._places = BroughtPlaces(KnownPlaces(connection, DATASET), DATASET, OF_THE_FIRST)
        self._actors = Actors(connection, DATASET, ahead.inters, ahead.countries)
        rows = Rows(file, self._places, self._actors)
        yield "document", OWN_DOCUMENT
        for row in file.rows():
            try:
                event = rows.event(row)
            except Unreadable as fault:
                file.report.refuse(ImportFault(file.name, file.line, fault.column, fault.message))
                continue
            if rows.fresh:
                yield from rows.fresh
                rows.fresh.clear()
            self._brought += 1
            yield "event", event
        file.report.columns_unread = file.unread
        file.report.settle()
        if self.is_complete and not self.may_shrink:
            floor.hold(file.name, self._brought)

    def names(self, kind: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """The names that its places and groups have, and further ones of others'; asked after `records`."""
        found = {"location": self._places, "group": self._actors}[kind]
        return {} if found is None else found.names()

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """None: that one actor is named beside another says nothing of how they relate otherwise."""
        return {}

    @cached_property
    def _ahead(self) -> _Ahead:
        """Reads the file through once for its actors' kinds, its countries and its period. Errors: ImportFault."""
        file = self._file
        file.require(REQUIRED)
        if not any(name in file.header for name in COUNTRY_CODES):
            raise ImportFault(
                file.name, 1, None, f"the header has neither of the columns {' and '.join(COUNTRY_CODES)}"
            )
        period = sorted(readable_days(file.survey("event_date")))
        pick = picker(file, ("actor1", "inter1", "actor2", "inter2", "country", *COUNTRY_CODES, "timestamp"))
        sides: set[tuple[str, str]] = set()
        countries: set[tuple[str, str, str]] = set()
        latest = 0
        for row in file.whole_rows():
            row.append("")
            actor1, inter1, actor2, inter2, country, iso, iso3, timestamp = pick(row)
            sides.add((actor1, inter1))
            sides.add((actor2, inter2))
            countries.add((country, iso, iso3))
            latest = max(latest, seconds(timestamp))
        return _Ahead(
            _lowest(sides),
            _codes(countries),
            (period[0], period[-1]) if period else None,
            datetime.fromtimestamp(latest, UTC).date() if latest else None,
        )


# What cannot be read in these is told with its line when its row is mapped.


def _lowest(sides: set[tuple[str, str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for actor, printed in sides:
        try:
            code = inter(printed)
        except ValueError:
            continue
        if code:
            name = " ".join(actor.split())
            found[name] = min(code, found.get(name, code))
    return found


def _codes(countries: set[tuple[str, str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for country, iso, iso3 in sorted(countries):
        name = " ".join(country.split())
        try:
            found[name] = country_code(name, iso.strip(), iso3.strip())
        except Unreadable:
            continue
    return found
