"""Who reported UCDP's events: its sources as documents and reports. Knows no figure and no database.

Each outlet's reports of one day are one document; its headline is not kept. Rows of older releases name their sources in
a citation alone, in which outlet, day and headline cannot be told apart: they make no document.

UCDP weighs its sources, so no single one of them says what it says. All numbers are therefore claims of the dataset's own
document, which reports every event beside them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from api.kinds import Record
from api.names import slug
from seeds.importer.csv_file import CSVFile

DATASET = "ucdp-ged"
OWN_DOCUMENT: Record = {
    "id": DATASET,
    "outlet": "Uppsala Conflict Data Program",
    "outlet_basis": "stated",
    "agencies": [],
    "title": "UCDP Georeferenced Event Dataset",
    "published_on": None,
    "published_on_basis": None,
    "published_on_reason": None,
    "language": None,
    "sha256": None,
    "length": None,
}
# What the publisher's database holds where it holds no date: the first day that its kind of column can.
_NO_DAY = "1753-01-01"
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# An outlet's name is cut in ids, for somebody may have put a headline into its column.
_LONGEST_OUTLET = 60
# Stands for spans and chains, which nobody changes.
_NOTHING: list[Any] = []


def read_day(text: str) -> date:
    """The day of `2023-11-03`, `2023-11-03 00:00:00.000` or `11/3/2023 12:00:00 AM`. Errors: ValueError."""
    day = text.strip().split(" ", 1)[0]
    american = _AMERICAN.fullmatch(day)
    if american is not None:
        month, number, year = map(int, american.groups())
        return date(year, month, number)
    if len(day) != len("2023-11-03"):
        raise ValueError(text)
    return date.fromisoformat(day)


def said(document: str, verification: str) -> Record:
    """What a report and a claim say alike; UCDP tells neither places in a text nor chains of sources."""
    return {
        "document_id": document,
        "spans": _NOTHING,
        "claimant": None,
        "chain": _NOTHING,
        "verification": verification,
    }


class Sources:
    """The sources of one file; `fresh` holds the documents that were met since it was last emptied."""

    def __init__(self, file: CSVFile) -> None:
        self.fresh: list[Record] = []
        self._file = file
        # The ids of documents, by outlet and by day as they are printed.
        self._documents: dict[str, dict[str, str]] = {}
        self._brought: set[str] = set()

    def reports(self, sources: tuple[str, str, str], verification: str) -> list[Record]:
        """The dataset's own report, and one of each outlet and day, always in the same order: the file's says nothing."""
        article, offices, dates = sources
        reports = [said(DATASET, verification)]
        if not offices:
            if article:
                self._file.report.note("sources in a citation alone make no document", self._file.line, "no outlet")
        elif ";" not in offices and ";" not in dates:
            reports.append(said(self._document(offices, dates), "unverified"))
        else:
            reports += [said(document, "unverified") for document in self._listed(offices, dates)]
        return reports

    def _listed(self, offices: str, dates: str) -> list[str]:
        outlets = [part for part in offices.split(";") if part.strip()]
        days = [part for part in dates.split(";") if part.strip()]
        if len(days) != len(outlets):
            example = f"{len(outlets)} outlets and {len(days)} dates"
            self._file.report.repair("sources lose dates that do not match them", self._file.line, example)
            days = [""] * len(outlets)
        return sorted({self._document(outlet, day) for outlet, day in zip(outlets, days, strict=True)})

    def _document(self, outlet: str, day: str) -> str:
        known = self._documents.get(outlet)
        if known is None:
            known = self._documents[outlet] = {}
        identity = known.get(day)
        if identity is None:
            identity = known[day] = self._bring(" ".join(outlet.split()), day)
        return identity

    def _bring(self, outlet: str, text: str) -> str:
        day: date | None = None
        if text.strip():
            try:
                day = read_day(text)
            except ValueError:
                day = None
            if day is None or day.isoformat() == _NO_DAY:
                day = None
                self._file.report.repair("sources lose a date that is none", self._file.line, text[:40])
        named = slug(outlet)[:_LONGEST_OUTLET].strip("-") or "outlet"
        identity = f"{DATASET}-{named}-{'undated' if day is None else day}"
        if identity not in self._brought:
            self._brought.add(identity)
            self.fresh.append(
                {
                    **OWN_DOCUMENT,
                    "id": identity,
                    "outlet": outlet,
                    "title": None,
                    "published_on": day,
                    "published_on_basis": None if day is None else "stated",
                }
            )
        return identity
