"""Makes documents and reports of UCDP's sources.

Each outlet's reports of one day are one document; its headline is not kept. Rows of older releases name their sources in
a citation alone, in which outlet, day and headline cannot be told apart: they make no document.

UCDP weighs its sources, so no single one of them says what it says. All numbers are therefore claims of the dataset's own
document, which reports every event beside them.
"""

from __future__ import annotations

import re
from datetime import date

from api.domain.names import slug
from api.store.record_types import Record
from seeds.importer.csv_file import CSVFile
from seeds.importer.imported import Imported
from seeds.importer.records import statement
from seeds.importer.values import Memo, single_spaced

# What the publisher's database holds where it holds no date: the first day that its kind of column can.
_NO_DAY = "1753-01-01"
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# An outlet's name is cut in ids, for somebody may have put a headline into its column.
_LONGEST_OUTLET = 60


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


class Sources:
    """The sources of one file."""

    def __init__(self, file: CSVFile, imported: Imported) -> None:
        self._file, self._imported = file, imported
        # The ids of documents, by outlet and day as they are printed.
        self._documents = Memo(self._document)

    def reports(self, own: Record, article: str, offices: str, dates: str) -> list[Record]:
        """The dataset's own report, and one of each outlet and day, always in the same order: the file's says nothing."""
        if not offices:
            if article:
                self._file.report.note("sources in a citation alone make no document", self._file.line, "no outlet")
            return [own]
        if ";" not in offices and ";" not in dates:
            return [own, statement(self._documents[offices, dates])]
        return [own, *map(statement, self._listed(offices, dates))]

    def _listed(self, offices: str, dates: str) -> list[str]:
        outlets = [part for part in offices.split(";") if part.strip()]
        days = [part for part in dates.split(";") if part.strip()]
        if len(days) != len(outlets):
            example = f"{len(outlets)} outlets and {len(days)} dates"
            self._file.report.repair("sources lose dates that do not match them", self._file.line, example)
            days = [""] * len(outlets)
        return sorted({self._documents[source] for source in zip(outlets, days, strict=True)})

    def _document(self, source: tuple[str, str]) -> str:
        outlet, text = single_spaced(source[0]), source[1]
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
        return self._imported.document(f"{named}-{'undated' if day is None else day}", outlet, day)
