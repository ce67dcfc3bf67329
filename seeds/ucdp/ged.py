"""Reads the UCDP Georeferenced Event Dataset: the publisher's files, and what its interface and distributors give.

The releases from 19.1 (42 columns) to today's (49) are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import MAXYEAR, MINYEAR, date
from functools import partial
from pathlib import Path
from typing import ClassVar

from api.domain.releases import Release
from api.store.record_types import Record
from seeds.importer.days import MONTH_FIRST
from seeds.importer.first_pass import DistinctValues
from seeds.importer.imported import Imported
from seeds.importer.importer import FileSummary, content_hash
from seeds.importer.opening import inner_name
from seeds.importer.table_importer import RowImporter
from seeds.importer.values import readable, whole
from seeds.ucdp.releases import release_of, version_in
from seeds.ucdp.rows import DESCRIBED, PLACES_AND_SIDES, Rows

# The number of columns up to release 19.1.
_OLDER_COLUMNS = 42
# How many years are told.
_MOST_NAMED = 5
# What a file that tells no release is called first.
_UNNAMED = "unnamed"
# How much of a hash tells one file from another.
_HASH_SHOWN = 12


class UcdpGed(RowImporter):
    """A file of the dataset. `release` is as the publisher numbers it."""

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("columns.csv")
    asked: ClassVar = {
        "years": DistinctValues(("year",)),
        "places and sides": PLACES_AND_SIDES,
        "descriptions": DESCRIBED,
    }
    habit = MONTH_FIRST

    def survey(self) -> FileSummary:
        """The release; the period is the whole years of the file."""
        printed = readable(partial(whole, "year"), self.file.values("years"))
        years = [year for year in printed if MINYEAR <= year <= MAXYEAR]
        release = self._release()
        if not years:
            return FileSummary(release, None, None)
        self._tell_other_days(release, years)
        return FileSummary(release, date(min(years), 1, 1), date(max(years), 12, 31))

    def _tell_other_days(self, release: Release, years: Sequence[int]) -> None:
        """Tells years of which the release does not tell, as a file has that was put together of several."""
        first = MINYEAR if release.first_told is None else release.first_told.year
        last = MAXYEAR if release.last_told is None else release.last_told.year
        others = sorted(year for year in years if not first <= year <= last)
        if others:
            listed = ", ".join(map(str, others[:_MOST_NAMED])) + (" and others" if len(others) > _MOST_NAMED else "")
            until = (
                f"up to {release.last_told}"
                if release.first_told is None
                else f"from {release.first_told} to {release.last_told}"
            )
            self.report.decide(
                f"release {release.name} tells of days {until}, and rows here are of {listed}; is the file put together of"
                " several? --release names what it is"
            )

    def prepare(self, imported: Imported) -> None:
        """Brings all places and sides, so that all their names are known before any event that shows them."""
        self._rows = Rows(self.file, imported)
        self._rows.settle()

    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row."""
        return self._rows.event

    def _release(self) -> Release:
        if self.given_release is not None:
            given = release_of(self.given_release, "as given at the import")
            if given.sort_key is None and not given.name.startswith(_UNNAMED):
                self.report.decide(f"'{given.name}' is no version such as 25.1, so nothing tells how new it is")
            return given
        for name in dict.fromkeys((inner_name(self.path), self.path.name)):
            found = version_in(name)
            if found is not None:
                return release_of(found, "by the name of the file")
        layout = "42-column " if len(self.file.header) == _OLDER_COLUMNS else ""
        self.report.decide("the file does not tell its release, so it is called by a hash of it; --release names it")
        unnamed = f"{_UNNAMED} {layout}{content_hash(self.path)[:_HASH_SHOWN]}"
        return Release(unnamed, basis="not told, so a hash of the file stands for it")
