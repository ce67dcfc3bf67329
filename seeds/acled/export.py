"""Reads ACLED exports: the 31-column CSV, and older layouts that have `event_id_cnty` and fewer or more columns.

Its user has downloaded it under ACLED's terms, which allow no redistribution, and the dataset says so.

An export holds what its user asked for, and ACLED corrects and takes back events at any time: events that a file does not
hold are withdrawn, unless it is said to be a part of what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from api.store.record_types import Record
from seeds.acled.actors import Actors, inter
from seeds.acled.codes import read_day
from seeds.acled.rows import COUNTRY_CODES, REQUIRED, Rows
from seeds.acled.values import country_code, seconds
from seeds.importer.imported import Imported
from seeds.importer.importer import CSVImporter, Survey
from seeds.importer.report import ImportFault, Unreadable
from seeds.importer.values import readable, single_spaced


class Acled(CSVImporter):
    """An export. Its release is the day of the newest change in it, where its user does not call it otherwise."""

    about = Path(__file__).with_name("about.yaml")
    required = REQUIRED

    def survey(self) -> Survey:
        """The period and the newest change; the kinds of actors and the codes of countries are kept for the mapping."""
        file = self.file
        if not any(name in file.header for name in COUNTRY_CODES):
            message = f"the header has neither of the columns {' and '.join(COUNTRY_CODES)}"
            raise ImportFault(file.name, 1, None, message)
        days = sorted(readable(read_day, file.survey("event_date")))
        pick = file.picker(("actor1", "inter1", "actor2", "inter2", "country", *COUNTRY_CODES, "timestamp"))
        sides: set[tuple[str, str]] = set()
        countries: set[tuple[str, ...]] = set()
        latest = 0
        for row in file.whole_rows():
            actor1, inter1, actor2, inter2, *country, timestamp = pick(row)
            sides |= {(actor1, inter1), (actor2, inter2)}
            countries.add(tuple(country))
            latest = max(latest, seconds(timestamp))
        self._inters, self._countries = _lowest(sides), _codes(countries)
        newest = f"export of {datetime.fromtimestamp(latest, UTC).date()}" if latest else "export without a date"
        return Survey(self.given_release or newest, days[0] if days else None, days[-1] if days else None)

    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row."""
        return Rows(self.file, imported, Actors(imported, self._inters, self._countries)).event


# What cannot be read in these is told with its line when its row is mapped.


def _lowest(sides: set[tuple[str, str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for actor, printed in sides:
        for code in readable(inter, (printed,)):
            if code:
                name = single_spaced(actor)
                found[name] = min(code, found.get(name, code))
    return found


def _codes(countries: set[tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for country, iso, iso3 in sorted(countries):
        name = single_spaced(country)
        with suppress(Unreadable):
            found[name] = country_code(name, iso.strip(), iso3.strip())
    return found
