"""How one row of an ACLED export becomes an event with its groups, sources and figure. Knows no file format, no database.

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

from api.bounds import Bounds
from api.kinds import Record
from seeds.acled.actors import Actors, inter_by_name
from seeds.acled.codes import (
    CIVILIAN_TARGETING,
    LABELS,
    Role,
    When,
    associates,
    kind,
    population,
    read_day,
    roles,
    targets_civilians,
    when,
)
from seeds.acled.kept import Kept
from seeds.acled.places import GEO_PRECISIONS, Placed, Where, place
from seeds.acled.values import Ids, country_code, kind_of_actor, numbers, picker, single_spaced
from seeds.importer.brought_places import BroughtPlaces, Point, tail_of
from seeds.importer.csv_file import CSVFile, Remembered
from seeds.importer.numbers import degrees
from seeds.importer.report import Unreadable

DATASET = "acled"
OWN_DOCUMENT: Record = {
    "id": DATASET,
    "outlet": "Armed Conflict Location & Event Data (ACLED)",
    "outlet_basis": "stated",
    "agencies": [],
    "title": "ACLED data export",
    "published_on": None,
    "published_on_basis": None,
    "published_on_reason": None,
    "language": None,
    "sha256": None,
    "length": None,
}

# Every layout has these. A country has a code of numbers (`iso`) or, in older layouts, of letters (`iso3`).
REQUIRED = (
    *("event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "country", "admin1"),
    *("location", "latitude", "longitude", "geo_precision", "source", "fatalities"),
)
COUNTRY_CODES = ("iso", "iso3")
# What is read of every row, in the order in which `Rows.event` takes it apart.
_READ = (
    *("event_id_cnty", "actor1", "actor2", "source", "fatalities", "assoc_actor_1", "assoc_actor_2"),
    *("event_date", "time_precision", "year", "latitude", "longitude"),
    *("country", *COUNTRY_CODES, "admin1", "admin2", "admin3", "location", "geo_precision"),
    *("event_type", "sub_event_type", "civilian_targeting", "inter1", "inter2"),
)


class _Told(NamedTuple):
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
    """The rows of one file as events; `fresh` holds what has to be brought before the event last returned."""

    def __init__(self, file: CSVFile, places: BroughtPlaces, actors: Actors) -> None:
        self.fresh: list[tuple[str, Record]] = []
        self._file, self._places, self._actors = file, places, actors
        self._pick = picker(file, _READ)
        self._kept = Kept(file)
        # What texts come to, each worked out once.
        self._names = Remembered(single_spaced)
        self._days = Remembered(read_day)
        self._groups = Remembered(self._group)
        self._documents = Remembered(self._source)
        self._figures = Remembered(numbers)
        self._when: dict[tuple[str, ...], When] = {}
        self._told: dict[tuple[tuple[str, ...], tuple[int | None, int | None]], _Told] = {}
        self._placed: dict[tuple[str, ...], Placed] = {}
        self._points: dict[tuple[str, ...], Point] = {}
        self._brought: set[str] = set()
        self._ids = Ids()

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        row.append("")
        values = self._pick(row)
        printed_id, actor1, actor2, source, fatalities = values[:5]
        assoc_1, assoc_2 = values[5:7]
        identity = f"{DATASET}-{self._ids.read(printed_id)}"
        days = self._when.get(values[7:10]) or self._read_when(values[7:10])
        point = self._points.get(values[10:12]) or self._read_point(values[10:12])
        placed = self._placed.get(values[12:20]) or self._place(values[12:20], point)
        name1, name2 = self._names[actor1], self._names[actor2]
        by_name = (inter_by_name(name1) if name1 else None, inter_by_name(name2) if name2 else None)
        told = self._told.get((values[20:25], by_name)) or self._tell(values[20:25], by_name)
        if told.mends is not None:
            self._file.report.repair("sub-event types of another type are left out", self._file.line, told.mends)
        names = f"{name1}, {name2}" if name1 and name2 else name1 or name2
        where_and_when: Record = {
            "date_start": days.start,
            "date_end": days.end,
            "date_precision": days.precision,
            "date_reason": days.reason,
            "location_id": placed.id,
            "location_precision": placed.precision,
            "latitude": point[0],
            "longitude": point[1],
        }
        codes = self._kept.codes(row)
        if told.is_targeting:
            codes["civilian_targeting"] = CIVILIAN_TARGETING
        event = {
            "id": identity,
            "kind": "incident",
            "type": told.type,
            "subtype": told.subtype,
            "title": f"{told.label} {placed.words}: {names}" if names else f"{told.label} {placed.words}",
            "summary": None,
            **where_and_when,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": codes,
            "groups": self._participations(name1, name2, assoc_1, assoc_2, told),
            "reports": self._reports(source),
            "figures": [_figure(identity, self._figures[fatalities], told.population, where_and_when)],
        }
        if self._actors.has_fresh:
            self.fresh += [("group", record) for record in self._actors.fresh()]
        return event

    def _read_when(self, said: tuple[str, ...]) -> When:
        printed, time_precision, year = said
        try:
            day = self._days[printed]
        except ValueError as error:
            raise Unreadable("event_date", f"'{printed}' is no date; dates are read day first") from error
        if year.strip() not in ("", str(day.year)):
            raise Unreadable("year", f"'{year}' is not the year of the event_date '{printed}', which is read day first")
        found = self._when[said] = when(day, time_precision.strip())
        return found

    def _read_point(self, said: tuple[str, ...]) -> Point:
        latitude, longitude = said
        point = self._points[said] = (degrees("latitude", latitude, 90), degrees("longitude", longitude, 180))
        return point

    def _place(self, said: tuple[str, ...], point: Point) -> Placed:
        country, iso, iso3, admin1, admin2, admin3, location, geo_precision = map(single_spaced, said)
        if geo_precision not in GEO_PRECISIONS:
            raise Unreadable("geo_precision", f"'{geo_precision}' is no code; {', '.join(GEO_PRECISIONS)} are")
        if not country:
            raise Unreadable("country", "the event has no country")
        code = country_code(country, iso, iso3)
        where = Where(code, country, admin1, admin2, admin3, location, geo_precision)
        placed = self._placed[said] = place(self._places, where, point)
        self.fresh += [("location", record) for record in self._places.fresh()]
        return placed

    def _tell(self, said: tuple[str, ...], by_name: tuple[int | None, int | None]) -> _Told:
        """What the codes mean; `by_name` is what the actors' names say of their kinds, null for no actor."""
        event_type, sub_event_type, targeting, printed1, printed2 = said
        inter1, inter2 = kind_of_actor("inter1", printed1, by_name[0]), kind_of_actor("inter2", printed2, by_name[1])
        found = kind(event_type, sub_event_type, inter1)
        is_targeting = targets_civilians(targeting)
        told = self._told[said, by_name] = _Told(
            found.type,
            found.subtype,
            LABELS[found.subtype or found.type],
            (inter1, inter2),
            roles(found.type, found.subtype, inter1, inter2),
            population(found.type, is_targeting, inter1, inter2),
            is_targeting,
            found.mends,
        )
        return told

    def _participations(self, name1: str, name2: str, assoc_1: str, assoc_2: str, told: _Told) -> list[Record]:
        """Each group once for each of its roles; what a group does itself comes before what it is an associate of."""
        found: dict[tuple[str | None, str], str] = {}
        for name, (role, certainty) in ((name1, told.roles[0]), (name2, told.roles[1])):
            if name:
                found.setdefault((self._groups[name], role), certainty)
        for assoc, own, code in ((assoc_1, told.roles[0], told.inters[0]), (assoc_2, told.roles[1], told.inters[1])):
            if assoc:
                role, certainty = associates(own, code)
                for part in assoc.split(";"):
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
            return [_report(self._documents[printed] or DATASET)]
        found = dict.fromkeys(self._documents[part] for part in printed.split(";"))
        return [_report(document) for document in found if document is not None]

    def _source(self, printed: str) -> str | None:
        """The document that one outlet is; null where nothing stands between two semicolons."""
        outlet = single_spaced(printed)
        if not outlet:
            return None
        identity = f"{DATASET}-source-{tail_of(outlet)}"
        if identity not in self._brought:
            self._brought.add(identity)
            self.fresh.append(("document", {**OWN_DOCUMENT, "id": identity, "outlet": outlet, "title": None}))
        return identity


def _report(document: str) -> Record:
    return {"document_id": document, "spans": [], "claimant": None, "chain": [], "verification": "unverified"}


def _figure(event: str, meant: tuple[str, Bounds], population: str, where_and_when: Record) -> Record:
    qualifier, found = meant
    return {
        "id": f"{event}-killed",
        "family": "casualty",
        "measure": "killed",
        "population": population,
        "object": None,
        "sex": "unspecified",
        "term": None,
        "unit": "person",
        "low": found.low,
        "best": found.best,
        "high": found.high,
        "open_ended": found.open_ended,
        "qualifier": qualifier,
        "status": found.status,
        "reason": None,
        **where_and_when,
        "part_of": None,
        "nesting": None,
        "claims": [
            {
                "document_id": DATASET,
                "spans": [],
                "claimant": None,
                "chain": [],
                "verification": "unverified",
                "qualifier": qualifier,
                "low": found.low,
                "best": found.best,
                "high": found.high,
                "is_preferred": True,
            }
        ],
    }
