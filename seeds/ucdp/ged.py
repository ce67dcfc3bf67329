"""The UCDP Georeferenced Event Dataset as a source for the load engine: what it is, and what to expect of it.

It takes the publisher's CSV, the same gzipped, and the publisher's zip, of the releases from 19.1 (42 columns) to today's
(49). How one row becomes an event is told in `seeds.ucdp.rows`; it knows neither, but where to find them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from api.kinds import Record
from api.loading import Expectation
from seeds.importer.csv_file import CSVFile, ImportFault, ImportReport, Unreadable, content_hash
from seeds.importer.floors import Floor
from seeds.importer.known_places import KnownPlaces
from seeds.importer.numbers import whole
from seeds.importer.opening import ByteProgress, inner_name
from seeds.ucdp.places import Places
from seeds.ucdp.rows import COLUMNS, Rows
from seeds.ucdp.sides import Sides
from seeds.ucdp.sources import DATASET, OWN_DOCUMENT

# What the publisher calls its files: `ged191.csv`, `ged241-csv.zip`, `GEDEvent_v24_1.csv`, `GEDEvent_v24_0_3.csv`.
_RELEASES = (
    re.compile(r"v(\d\d)_(\d+)(?:_(\d+))?(?!\d)", re.IGNORECASE),
    re.compile(r"ged(\d\d)(\d)(?!\d)", re.IGNORECASE),
)
# The number of columns up to release 19.1.
_OLDER_COLUMNS = 42
# Each release holds all years, takes next to nothing back and adds a year: it grows.
_LEAST_PERCENT = 90
# How much of a hash tells one file from another.
_HASH_SHOWN = 12


class UcdpGed:
    """A file of the dataset. `release` is as the publisher numbers it; where it is not given it is found out.

    `progress` is told how many bytes more of the file are read. After `records` is exhausted, `report` says what was met.
    """

    is_complete = True
    # Whether it may hold far fewer events than stand.
    may_shrink = False
    # Which places and groups a release names, its publisher decides, and whoever uses them has no part in it.
    keeps_used = True

    def __init__(self, path: Path, progress: ByteProgress = lambda _count: None, release: str | None = None) -> None:
        self._path, self._given_release = path, release
        self._file = CSVFile(path, progress)
        self._places: Places | None = None
        self._sides: Sides | None = None
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
    def release(self) -> tuple[str, str]:
        """The release, and how it is known."""
        if self._given_release is not None:
            return self._given_release, "as given at the import"
        for name in dict.fromkeys((inner_name(self._path), self._path.name)):
            for pattern in _RELEASES:
                found = pattern.search(name)
                if found is not None:
                    return ".".join(part for part in found.groups() if part is not None), "by the name of the file"
        layout = "42-column layout, " if len(self._file.header) == _OLDER_COLUMNS else ""
        return (
            f"{layout}sha256 {content_hash(self._path)[:_HASH_SHOWN]}",
            "not known, so the hash of the file stands for it",
        )

    @cached_property
    def dataset(self) -> Record:
        """The dataset's own columns. Its period is the whole years of the file. Errors: ImportFault."""
        self._file.require(COLUMNS)
        years = list(_readable(self._file.survey("year")))
        release, basis = self.release
        return {
            "id": DATASET,
            "title": "UCDP Georeferenced Event Dataset (GED)",
            "publisher": "Uppsala Conflict Data Program, Uppsala University",
            "description": (
                "Events of organised violence with at least one death, coded by UCDP from news and other reports. "
                "Low, best and high are the publisher's; deaths by side are its best estimates alone, without bounds. "
                "UCDP does not say who attacked: where two armed sides fight, both are attackers and that is inferred. "
                f"Release {release}: {basis}."
            ),
            "licence": "CC-BY-4.0",
            "licence_url": "https://creativecommons.org/licenses/by/4.0/",
            "citation": (
                "Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. Journal of "
                f"Peace Research 50(4), 523-532. UCDP Georeferenced Event Dataset, release {release}."
            ),
            "release": release,
            "first_date": date(min(years), 1, 1) if years else None,
            "last_date": date(max(years), 12, 31) if years else None,
            "is_redistributable": True,
        }

    @property
    def expectation(self) -> Expectation:
        """Each row read is an event with at least one figure, and a file without rows is none of the publisher's."""
        least = max(1, self._brought)
        return Expectation(events=least, figures=least)

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Every record of the file with its kind, each before what refers to it.

        Errors: ImportFault, where the file cannot be read on; at the end ImportRefused, where rows were refused, and
        LoadRefused, where they are too few for a whole release.
        """
        file = self._file
        file.require(COLUMNS)
        floor = Floor(connection, DATASET, _LEAST_PERCENT)
        self._places = Places(KnownPlaces(connection, DATASET), DATASET)
        self._sides = Sides(connection, DATASET)
        rows = Rows(file, self._places, self._sides)
        yield "document", OWN_DOCUMENT
        for row in file.whole_rows():
            rows.meet(row)
        yield from rows.fresh
        rows.fresh.clear()
        yield "names", {kind: self.names(kind, connection) for kind in ("location", "group")}
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
        found = {"location": self._places, "group": self._sides}[kind]
        return {} if found is None else found.names()

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """None: UCDP does not say how its sides relate."""
        return {}


def _readable(printed: Iterable[str]) -> Iterator[int]:
    """Those of these texts that are years; the others are told with their line when their row is read."""
    for text in printed:
        try:
            year = whole("year", text)
        except Unreadable:
            continue
        if MINYEAR <= year <= MAXYEAR:
            yield year
