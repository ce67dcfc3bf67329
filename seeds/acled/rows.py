"""Makes an event of each row of an ACLED export, with its groups, sources and figure.

The codes as printed stay in the event's `codes`; what they mean in ours is told in `seeds.acled.codes`, and who took part
and where in `seeds.acled.actors` and `seeds.acled.places`. `notes` are ACLED's words and are not taken over.

Figure. `fatalities` is one conservative number for the whole event, where 0 is "none or unknown". Above 0 it is `at_least`
that many. A 0 becomes a figure without numbers and of status unknown: it is no statement that nobody died. What was
printed stays in `codes`.

Sources. The number is a claim of the dataset's own document, because ACLED weighs its sources and names none of them for
it. Each outlet that it names is one document, without a day, since exports print none; it reports the event and claims
nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from api.store.record_types import Record
from seeds.acled.actors import Actors, inter_by_name
from seeds.acled.codes import (
    CIVILIAN_TARGETING,
    LABELS,
    Role,
    associates,
    kind,
    population,
    read_day,
    roles,
    targets_civilians,
    when,
)
from seeds.acled.places import GEO_PRECISIONS, Where, place
from seeds.acled.values import Ids, KeptCodes, country_code, fatalities, kind_of_actor
from seeds.importer.csv_file import CSVFile
from seeds.importer.imported import Imported
from seeds.importer.imported_places import Point, tail_of
from seeds.importer.records import EVENT, KILLED, Placed, When, claim_numbers, figure_numbers, statement, when_and_where
from seeds.importer.report import Unreadable
from seeds.importer.values import Memo, degrees, single_spaced

# Every layout has these. A country has a code of numbers (`iso`) or, in older layouts, of letters (`iso3`).
REQUIRED = (
    *("event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "country", "admin1"),
    *("location", "latitude", "longitude", "geo_precision", "source", "fatalities"),
)
COUNTRY_CODES = ("iso", "iso3")
# What is read of every row, in the pieces in which it is read.
_PIECES = (
    ("event_id_cnty", "actor1", "actor2", "source", "fatalities", "assoc_actor_1", "assoc_actor_2"),
    ("event_date", "time_precision", "year"),
    ("latitude", "longitude"),
    ("country", *COUNTRY_CODES, "admin1", "admin2", "admin3", "location", "geo_precision"),
    ("event_type", "sub_event_type", "civilian_targeting", "inter1", "inter2"),
)


class _Coding(NamedTuple):
    """What the codes of a row say of its event, whoever took part."""

    type: str
    subtype: str | None
    label: str
    inters: tuple[int, int]
    roles: tuple[Role, Role]
    population: str
    is_targeting: bool
    mends: str | None


class Rows:
    """The rows of one file as events."""

    def __init__(self, file: CSVFile, imported: Imported, actors: Actors) -> None:
        self._file, self._imported, self._actors = file, imported, actors
        self._dataset_id = imported.dataset_id
        self._pieces = tuple(map(file.picker, _PIECES))
        self._kept, self._ids = KeptCodes(file), Ids()
        # What texts come to, each worked out once.
        self._names = Memo(single_spaced)
        self._groups = Memo(self._group)
        self._documents = Memo(self._document)
        self._fatalities = Memo(fatalities)
        self._when = Memo(_when)
        self._points = Memo(_point)
        self._told = Memo(_coding)
        self._placed: dict[tuple[str, ...], Placed] = {}

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        (printed_id, actor1, actor2, source, killed, *assocs), days, printed_point, where, coded = [
            piece(row) for piece in self._pieces
        ]
        identity = f"{self._dataset_id}-{self._ids.read(printed_id)}"
        when, point = self._when[days], self._points[printed_point]
        placed = self._placed.get(where) or self._place(where, point)
        names = (self._names[actor1], self._names[actor2])
        by_name1, by_name2 = (inter_by_name(name) if name else None for name in names)
        told = self._told[coded, by_name1, by_name2]
        if told.mends is not None:
            self._file.report.repair("sub-event types of another type are left out", self._file.line, told.mends)
        where_and_when = when_and_where(when, placed, point)
        kept = self._kept.codes(row)
        if told.is_targeting:
            kept["civilian_targeting"] = CIVILIAN_TARGETING
        found, own = self._fatalities[killed], statement(self._dataset_id)
        title = f"{told.label} {placed.words}"
        named = ", ".join(filter(None, names))
        return {
            **EVENT,
            "id": identity,
            "type": told.type,
            "subtype": told.subtype,
            "title": f"{title}: {named}" if named else title,
            **where_and_when,
            "codes": kept,
            "groups": self._participations(names, assocs, told),
            "reports": self._reports(source),
            "figures": [
                {
                    **KILLED,
                    "id": f"{identity}-killed",
                    "population": told.population,
                    **figure_numbers(*found),
                    **where_and_when,
                    "claims": [{**own, **claim_numbers(*found), "is_preferred": True}],
                }
            ],
        }

    def _place(self, printed: tuple[str, ...], point: Point) -> Placed:
        country, iso, iso3, admin1, admin2, admin3, location, geo_precision = map(single_spaced, printed)
        if geo_precision not in GEO_PRECISIONS:
            raise Unreadable("geo_precision", f"'{geo_precision}' is no code; {', '.join(GEO_PRECISIONS)} are")
        if not country:
            raise Unreadable("country", "the event has no country")
        code = country_code(country, iso, iso3)
        where = Where(code, country, admin1, admin2, admin3, location, geo_precision)
        placed = self._placed[printed] = place(self._imported.places, where, point)
        return placed

    def _participations(self, names: tuple[str, str], assocs: list[str], told: _Coding) -> list[Record]:
        """Each group once for each of its roles; what a group does itself comes before what it is an associate of."""
        found: dict[tuple[str | None, str], str] = {}
        for name, (role, certainty) in zip(names, told.roles, strict=True):
            if name:
                found.setdefault((self._groups[name], role), certainty)
        for printed, own, code in zip(assocs, told.roles, told.inters, strict=True):
            role, certainty = associates(own, code)
            for part in filter(None, printed.split(";")):
                found.setdefault((self._groups[part], role), certainty)
        return [
            {"group_id": group, "role": role, "certainty": certainty}
            for (group, role), certainty in found.items()
            if group is not None
        ]

    def _group(self, printed: str) -> str | None:
        """The group that one name in a column is; null where nothing stands between two semicolons."""
        name = single_spaced(printed)
        return self._actors.group(name) if name else None

    def _reports(self, printed: str) -> list[Record]:
        """A report of each outlet that a row names, or of the dataset's own document where it names none."""
        if ";" not in printed:
            return [statement(self._documents[printed] or self._dataset_id)]
        found = dict.fromkeys(self._documents[part] for part in printed.split(";"))
        return [statement(document) for document in found if document is not None]

    def _document(self, printed: str) -> str | None:
        """The document that one outlet is; null where nothing stands between two semicolons."""
        outlet = single_spaced(printed)
        return self._imported.document(f"source-{tail_of(outlet)}", outlet) if outlet else None


def _when(printed: tuple[str, ...]) -> When:
    event_date, time_precision, year = printed
    try:
        day = read_day(event_date)
    except ValueError as error:
        raise Unreadable("event_date", f"'{event_date}' is no date; dates are read day first") from error
    if year.strip() not in ("", str(day.year)):
        raise Unreadable("year", f"'{year}' is not the year of the event_date '{event_date}', which is read day first")
    return when(day, time_precision.strip())


def _point(printed: tuple[str, ...]) -> Point:
    latitude, longitude = printed
    return degrees("latitude", latitude, 90), degrees("longitude", longitude, 180)


def _coding(printed: tuple[tuple[str, ...], int | None, int | None]) -> _Coding:
    """What the codes mean, and what the actors' names say of their kinds, null for no actor."""
    (event_type, sub_event_type, targeting, inter1, inter2), by_name1, by_name2 = printed
    kinds = (kind_of_actor("inter1", inter1, by_name1), kind_of_actor("inter2", inter2, by_name2))
    found = kind(event_type, sub_event_type, kinds[0])
    is_targeting = targets_civilians(targeting)
    return _Coding(
        found.type,
        found.subtype,
        LABELS[found.subtype or found.type],
        kinds,
        roles(found.type, found.subtype, *kinds),
        population(found.type, is_targeting, *kinds),
        is_targeting,
        found.mends,
    )
