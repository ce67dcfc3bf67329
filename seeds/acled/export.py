"""Reads ACLED exports: the 31 columns of today, and older and wider layouts that have `event_id_cnty`.

Its user has downloaded it under ACLED's terms, which allow no redistribution, and the dataset says so.

An export holds what its user asked for, and ACLED corrects and takes back events at any time: events that a file does not
hold are withdrawn, unless it is said to be a part of what is wanted.

An export may be monadic: each event then has a row for each of its actors, which stands in the columns of the first. Such
rows are one event, of which the dead are counted once. Where the columns of both actors are there, the rows of an event
differ in which of them comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

from api.domain.releases import Release
from api.store.record_types import Record
from seeds.acled.actors import Actors, inter
from seeds.acled.rows import COUNTRY_CODES, Rows, SecondActor
from seeds.acled.values import CountryNames, country_of_row, seconds
from seeds.importer.first_pass import DistinctValues
from seeds.importer.ids import IdSet, id_tail
from seeds.importer.imported import Imported
from seeds.importer.importer import FileSummary
from seeds.importer.report import ImportFault, Unreadable
from seeds.importer.table import Table
from seeds.importer.table_importer import RowImporter
from seeds.importer.values import readable, single_spaced

# How many rows the publisher's interface gives where no page is asked for.
_AT_ONCE = 5_000
# What is asked of a file with a row for each actor.
_OF_ACTORS = ("event_id_cnty", "actor1", "assoc_actor_1", "inter1", "timestamp")
_SIDES = (("actor1", "actor2"), ("assoc_actor_1", "assoc_actor_2"), ("inter1", "inter2"))


class Acled(RowImporter):
    """An export. Its release is the day of the newest change in it, where its user does not call it otherwise."""

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("columns.csv")
    asked: ClassVar = {
        "days": DistinctValues(("event_date",)),
        "changes": DistinctValues(("timestamp",)),
        "first actors": DistinctValues(("actor1", "inter1")),
        "second actors": DistinctValues(("actor2", "inter2")),
        "countries": DistinctValues(("country", *COUNTRY_CODES)),
    }

    def require_header(self, file: Table) -> None:
        """Asks for all actors of an event where each has a row."""
        if not any(name in file.header for name in COUNTRY_CODES):
            self.report.decide("no column has a code of the country, so it is known by its name")
        self._is_monadic = "actor2" not in file.header
        if self._is_monadic:
            file.asked = {**file.asked, "actors": DistinctValues(_OF_ACTORS)}

    def survey(self) -> FileSummary:
        """The period and the newest change."""
        if self.file.count == _AT_ONCE and not (self.options.is_part or self.options.is_uncut):
            message = (
                f"it has exactly {_AT_ONCE:,} rows, as many as ACLED's interface gives at once, so there may be more; --part"
                " keeps what it does not hold, and --whole says that it is all"
            )
            raise ImportFault(self.file.name, None, None, message)
        days = sorted(readable(date.fromisoformat, self.file.values("days")))
        latest = max(map(seconds, self.file.values("changes")), default=0)
        day = datetime.fromtimestamp(latest, UTC).date().isoformat() if latest else None
        newest = f"export of {day}" if day else "export without a date"
        return FileSummary(
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
        """The rows of the file, of a monadic one the first of each event as it was changed last."""
        if not self._is_monadic:
            yield from super().rows()
            return
        file, report = self.file, self.report
        place, newest, changed = file.header.index("event_id_cnty"), _newest(file.distinct("actors")), self.changed()
        seen = IdSet()
        if file.twice:
            report.decide("each event has a row for each of its actors, and is one event")
        else:
            report.decide("the file has no column of the second actors, so who else took part is not known")
        for row in file.rows():
            printed = row[place]
            if not printed.strip():
                yield row
            elif changed(row) < newest[id_tail(printed)]:
                report.leave_older(
                    ImportFault(file.name, file.line, "event_id_cnty", f"'{printed}' was changed later in another line")
                )
            elif seen.add(printed):
                yield row

    def changed(self) -> Callable[[Sequence[str]], int]:
        """What tells when a row was changed last: its timestamp. ACLED keeps an event's id when it changes it, and says that of two
        rows the one with the higher timestamp is the newer."""
        place = self.file.position("timestamp")
        return lambda row: 0 if place is None else seconds(row[place])

    def said(self, row: list[str]) -> Sequence[str]:
        """What a row says, alike for rows with their actors the other way about."""
        told = row.copy()
        pairs = [(self.file.position(one), self.file.position(other)) for one, other in _SIDES]
        places = [(one, other) for one, other in pairs if one is not None and other is not None]
        first, second = sorted([row[side[at]] for side in places] for at in (0, 1))
        for (one, other), left, right in zip(places, first, second, strict=True):
            told[one], told[other] = left, right
        return told


def _newest(met: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """When each event was changed last, by the end of its id."""
    found: dict[str, int] = {}
    for printed, *_said, timestamp in met:
        identity, at = id_tail(printed), seconds(timestamp)
        found[identity] = max(at, found.get(identity, at))
    return found


def _others(met: Collection[tuple[str, ...]]) -> dict[str, SecondActor]:
    """Who stands beside the first actor of each event as it was changed last, by the end of its id: the second, and who else as
    its associates."""
    newest = _newest(met)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for printed, *said, timestamp in met:
        identity = id_tail(printed)
        if seconds(timestamp) == newest[identity]:
            rows.setdefault(identity, []).append(tuple(said))
    found: dict[str, SecondActor] = {}
    for identity, (_first, *others) in rows.items():
        if others:
            (actor, beside, kind), *further = others
            more = [name for said in further for name in said[:2]]
            found[identity] = SecondActor(actor, "; ".join(filter(None, (beside, *more))), kind)
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
