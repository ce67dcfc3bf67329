"""Reads ACLED exports: the 31 columns of today, and older and wider layouts that have `event_id_cnty`.

Its user has downloaded it under ACLED's terms, which allow no redistribution, and the dataset says so.

An export holds what its user asked for, and ACLED corrects and takes back events at any time: events that a file does not
hold are withdrawn, unless it is said to be a part of what is wanted.

An export may be monadic: each event then has a row for each of its actors, which stands in the columns of the first. Such
rows are one event, of which the dead are counted once. Where the columns of both actors are there, the rows of an event
differ in which of them comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

from api.domain.releases import Release
from api.store.record_types import Record
from seeds.acled.actors import Actors, inter
from seeds.acled.rows import COUNTRY_CODES, Other, Rows
from seeds.acled.values import CountryNames, country_of_row, seconds
from seeds.importer.first_pass import Distinct
from seeds.importer.ids import IdSet, id_tail
from seeds.importer.imported import Imported
from seeds.importer.importer import Survey
from seeds.importer.report import ImportFault, Unreadable
from seeds.importer.table import Table
from seeds.importer.table_importer import RowImporter
from seeds.importer.values import readable, single_spaced

# How many rows the publisher's interface gives where no page is asked for.
_AT_ONCE = 5_000
_SIDES = (("actor1", "actor2"), ("assoc_actor_1", "assoc_actor_2"), ("inter1", "inter2"))


class Acled(RowImporter):
    """An export. Its release is the day of the newest change in it, where its user does not call it otherwise."""

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("columns.csv")
    asked: ClassVar = {
        "days": Distinct(("event_date",)),
        "changes": Distinct(("timestamp",)),
        "first actors": Distinct(("actor1", "inter1")),
        "second actors": Distinct(("actor2", "inter2")),
        "countries": Distinct(("country", *COUNTRY_CODES)),
    }

    def require_header(self, file: Table) -> None:
        """Asks for all actors of an event where each has a row."""
        if not any(name in file.header for name in COUNTRY_CODES):
            self.report.decide("no column has a code of the country, so it is known by its name")
        self._is_monadic = "actor2" not in file.header
        if self._is_monadic:
            file.asked = {**file.asked, "actors": Distinct(("event_id_cnty", "actor1", "assoc_actor_1", "inter1"))}

    def survey(self) -> Survey:
        """The period and the newest change."""
        if self.file.count == _AT_ONCE and not (self.options.is_part or self.options.is_whole):
            message = (
                f"it has exactly {_AT_ONCE:,} rows, as many as ACLED's interface gives at once, so there may be more; --part"
                " keeps what it does not hold, and --whole says that it is all"
            )
            raise ImportFault(self.file.name, None, None, message)
        days = sorted(readable(date.fromisoformat, self.file.values("days")))
        latest = max(map(seconds, self.file.values("changes")), default=0)
        day = datetime.fromtimestamp(latest, UTC).date().isoformat() if latest else None
        newest = f"export of {day}" if day else "export without a date"
        return Survey(
            Release(self.given_release or newest, sort_key=day), days[0] if days else None, days[-1] if days else None
        )

    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row."""
        file = self.file
        sides = {**file.distinct("first actors"), **file.distinct("second actors")}
        actors = Actors(imported, _lowest(sides), _codes(file.distinct("countries")))
        others = _others(file.distinct("actors")) if self._is_monadic else None
        return Rows(file, imported, actors, others).event

    def rows(self) -> Iterator[list[str]]:
        """The rows of the file, of a monadic one the first of each event."""
        if not self._is_monadic:
            yield from super().rows()
            return
        place, seen = self.file.header.index("event_id_cnty"), IdSet()
        self.report.decide("each event has a row for each of its actors, and is one event")
        for row in self.file.rows():
            if not row[place].strip() or seen.add(row[place]):
                yield row

    def is_same(self, first: list[str], row: list[str]) -> bool:
        """Whether two rows of one id are one, also with their actors the other way about."""
        if first == row:
            return True
        turned = row.copy()
        for one, other in _SIDES:
            at, there = self.file.position(one), self.file.position(other)
            if at is not None and there is not None:
                turned[at], turned[there] = row[there], row[at]
        return first == turned


def _others(met: Iterable[tuple[str, ...]]) -> dict[str, Other]:
    """Who stands beside the first actor of each event, by the end of its id: the second, and who else as its associates."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    for printed, *said in met:
        rows.setdefault(id_tail(printed), []).append(tuple(said))
    found: dict[str, Other] = {}
    for identity, (_first, *others) in rows.items():
        if others:
            (actor, beside, kind), *further = others
            more = [name for said in further for name in said[:2]]
            found[identity] = Other(actor, "; ".join(filter(None, (beside, *more))), kind)
    return found


# What cannot be read in these is told with its line when its row is mapped.


def _lowest(sides: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """The lowest code of each actor."""
    found: dict[str, int] = {}
    for actor, printed in sides:
        for code in readable(inter, (printed,)):
            if code:
                name = single_spaced(actor)
                found[name] = min(code, found.get(name, code))
    return found


def _codes(countries: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """The codes of countries by name."""
    found: dict[str, str] = {}
    for printed in sorted(countries):
        said = CountryNames(*map(single_spaced, printed))
        with suppress(Unreadable):
            found[said.country] = country_of_row(said)[0]
    return {name: code for name, code in found.items() if code}
