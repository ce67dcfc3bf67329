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

from collections.abc import Mapping, Sequence
from string import ascii_letters
from typing import NamedTuple

from api.store.record_types import Record
from seeds.acled.actors import Actors, inter_by_name
from seeds.acled.codes import (
    CIVILIAN_TARGETING,
    DAY,
    LABELS,
    MONTH,
    WEEK,
    Role,
    associates,
    kind,
    population,
    roles,
    targets_civilians,
    when,
)
from seeds.acled.places import GEO_PRECISIONS, Where, place
from seeds.acled.values import CountryNames, KeptCodes, country_of_row, fatalities, kind_of_actor
from seeds.importer.ids import id_tail
from seeds.importer.imported import Imported
from seeds.importer.imported_places import tail_of
from seeds.importer.points import Point, point_of
from seeds.importer.records import (
    EVENT,
    KILLED,
    EventPlace,
    Unknown,
    When,
    attribution,
    claim_numbers,
    figure_numbers,
    when_and_where,
)
from seeds.importer.report import Unreadable
from seeds.importer.table import Table
from seeds.importer.values import Memo, day, single_spaced, whole

# A country has a code of numbers, `iso` or in the oldest layouts `gwno`, or of letters.
COUNTRY_CODES = ("iso", "iso3", "gwno")
# The columns that are read of every row, each tuple of them at once.
_READ_TOGETHER = (
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
    is_targeting: bool | None
    mends: str | None
    unknown: Sequence[Unknown]


class SecondActor(NamedTuple):
    """The second actor of an event, where it stands in a row of its own."""

    actor: str = ""
    associates: str = ""
    inter: str = ""


class Rows:
    """The rows of one file as events; `others` has the second actor of each event by the end of its id, where the file has
    a row for each actor."""

    def __init__(
        self, file: Table, imported: Imported, actors: Actors, others: Mapping[str, SecondActor] | None = None
    ) -> None:
        self._file, self._imported, self._actors, self._others = file, imported, actors, others
        self._dataset_id = imported.dataset_id
        self._pickers = tuple(map(file.picker, _READ_TOGETHER))
        self._kept = KeptCodes(file)
        self._has_codes = any(name in file.header for name in COUNTRY_CODES)
        # What texts come to, each worked out once.
        self._names = Memo(single_spaced)
        self._groups = Memo(self._group)
        self._documents = Memo(self._document)
        self._fatalities = Memo(fatalities)
        self._when = Memo(_when)
        self._points = Memo(_point)
        self._told = Memo(_coding)
        self._placed: dict[tuple[str, ...], tuple[EventPlace, Sequence[Unknown]]] = {}

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        (printed_id, actor1, actor2, source, killed, *assocs), days, printed_point, where, coded = [
            piece(row) for piece in self._pickers
        ]
        tail = _tail(printed_id)
        identity = f"{self._dataset_id}-{tail}"
        if self._others is not None:
            other = self._others.get(tail, SecondActor())
            actor2, assocs, coded = other.actor, [assocs[0], other.associates], (*coded[:-1], other.inter)
        (when, unknown_when), (point, unknown_point) = self._when[days], self._points[printed_point]
        placed, unknown_place = self._placed.get(where) or self._place(where, point)
        names = (self._names[actor1], self._names[actor2])
        by_name1, by_name2 = (inter_by_name(name) if name else None for name in names)
        if self._others is not None and not self._others:
            # Who else took part is not told, and is none that can be ruled out.
            by_name2 = 0
        told = self._told[coded, by_name1, by_name2]
        report, line = self._file.report, self._file.line
        for column, text, taken in (*told.unknown, *unknown_when, *unknown_point, *unknown_place):
            report.unknown(line, column, text, taken)
        if told.mends is not None:
            report.repair("sub-event types of another type are left out", line, told.mends)
        where_and_when = when_and_where(when, placed, point or (None, None))
        kept = self._kept.codes(row)
        if told.is_targeting is not False:
            kept["civilian_targeting"] = CIVILIAN_TARGETING if told.is_targeting else single_spaced(coded[2])
        if not killed.strip():
            report.unknown(line, "fatalities", killed, "not known")
        found, own = self._fatalities[killed], attribution(self._dataset_id)
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

    def _place(self, printed: tuple[str, ...], point: Point | None) -> tuple[EventPlace, Sequence[Unknown]]:
        country, iso, iso3, gwno, admin1, admin2, admin3, location, geo_precision = map(single_spaced, printed)
        unknown: list[Unknown] = []
        if geo_precision not in GEO_PRECISIONS:
            unknown.append(("geo_precision", geo_precision, "the region alone"))
        code, unknown_country = country_of_row(CountryNames(country, iso, iso3, gwno))
        if not country:
            if not code:
                raise Unreadable("country", "the event has no country")
            unknown.append(("country", country, code))
        if self._has_codes:
            unknown += unknown_country
        elif not code:
            unknown.append(("country", country, "no country"))
        where = Where(code, country or code, admin1, admin2, admin3, location, geo_precision)
        found = self._placed[printed] = place(self._imported.places, where, point), unknown
        return found

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
            return [attribution(self._documents[printed] or self._dataset_id)]
        found = dict.fromkeys(self._documents[part] for part in printed.split(";"))
        return [attribution(document) for document in found if document is not None]

    def _document(self, printed: str) -> str | None:
        """The document that one outlet is; null where nothing stands between two semicolons."""
        outlet = single_spaced(printed)
        return self._imported.document(f"source-{tail_of(outlet)}", outlet) if outlet else None


def _tail(printed: str) -> str:
    """The publisher's id as the end of ours. Errors: Unreadable."""
    text = printed.strip()
    if not text:
        raise Unreadable("event_id_cnty", "the event has no id")
    number = text.lstrip(ascii_letters)
    if number.isdecimal():
        whole("event_id_cnty", number)
    return id_tail(text)


def _when(printed: tuple[str, ...]) -> tuple[When, Sequence[Unknown]]:
    event_date, time_precision, year = printed
    on = day("event_date", event_date)
    if year.strip() not in ("", str(on.year)):
        raise Unreadable("year", f"'{year}' is not the year of the event_date '{event_date}'")
    precision = time_precision.strip()
    unknown = () if precision in (DAY, WEEK, MONTH) else (("time_precision", precision, "a month"),)
    return when(on, precision), unknown


def _point(printed: tuple[str, ...]) -> tuple[Point | None, Sequence[Unknown]]:
    point, unknown = point_of(*printed)
    return point, unknown or (() if point else (("latitude", "", "no point"),))


def _coding(printed: tuple[tuple[str, ...], int | None, int | None]) -> _Coding:
    """What the codes mean, and what the actors' names say of their kinds, null for no actor."""
    (event_type, sub_event_type, targeting, *inters), *by_names = printed
    kinds: list[int] = []
    unknown: list[Unknown] = []
    for column, code, by_name in zip(("inter1", "inter2"), inters, by_names, strict=True):
        number, is_known = kind_of_actor(code, by_name)
        kinds.append(number)
        if not is_known:
            unknown.append((column, code, "its name says" if number else "not told"))
    inter1, inter2 = kinds
    # Whose dead they are does not follow where somebody took part of whom it is not known who it is.
    is_known = all(number or by_name is None for number, by_name in zip(kinds, by_names, strict=True))
    found = kind(event_type, sub_event_type, (inter1, inter2))
    is_targeting = targets_civilians(targeting)
    if is_targeting is None:
        unknown.append(("civilian_targeting", targeting, "not told"))
    return _Coding(
        found.type,
        found.subtype,
        LABELS[found.subtype or found.type],
        (inter1, inter2),
        roles(found.type, found.subtype, inter1, inter2),
        population(found.type, bool(is_targeting), *((inter1, inter2) if is_known else (0, 0))),
        is_targeting,
        found.mends,
        (*unknown, *found.unknown),
    )
