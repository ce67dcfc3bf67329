"""Reads the Aid Worker Security Database, as its publisher gives it and as the Humanitarian Data Exchange does.

An incident has a year, mostly a month and mostly a day. Its place is the district or region that is named; the city stays
in `codes`, since it is often a sentence. Where the code of the country is lost, as `NA` of Namibia is by programs that take
it for no value, the country is known by its name; an area that is no country is a place of its own.

Figures. Each total above 0 is exact, as it is printed. A 0 makes no figure; a total that is empty is one that is not known.
Types follow from the means of attack where it is an explosive or sexual assault, else from what came to people, the gravest
first. Women and men are counted over all who were affected, so the sex of a figure is told where nothing else came to them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from statistics import median_low
from typing import ClassVar

from api.domain.countries import country_code, country_name
from api.domain.releases import Release
from api.store.record_types import Record
from seeds.importer.code_tables import codes
from seeds.importer.countries import country_of
from seeds.importer.days import month_of
from seeds.importer.first_pass import DistinctValues
from seeds.importer.imported import Imported
from seeds.importer.imported_places import tail_of
from seeds.importer.importer import FileSummary
from seeds.importer.incidents import counted, group_kinds, kept_codes, sex_of
from seeds.importer.points import point_of
from seeds.importer.records import EVENT, TYPE_OF, EventPlace, Unknown, When, attribution, when_and_where
from seeds.importer.report import Unreadable
from seeds.importer.table_importer import RowImporter
from seeds.importer.values import Memo, is_in_digits, single_spaced, whole

_CODES = Path(__file__).with_name("codes.csv")
_DAYS = ("year", "month", "day")
_PLACES = ("country_code", "country", "region", "district")
_POINT = ("latitude", "longitude")
_SEXES = ("gender_female", "gender_male", "gender_unknown")
# So many of the highest ids say how new a file is.
_NEWEST = 20


class Awsd(RowImporter):
    """A file of incidents. Its release is its highest id, where its user does not call it otherwise.

    Which of two files is the newer says the middle day of their highest ids: the newest day may be a mistyped year.
    """

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("columns.csv")
    counts_always = False
    asked: ClassVar = {
        "incidents": DistinctValues(("incident_id", *_DAYS)),
        "actors": DistinctValues(("actor_name", "actor_type")),
    }

    def survey(self) -> FileSummary:
        """The first and the last day of the file, and how new it is."""
        days: list[date] = []
        newest: list[tuple[int, date]] = [(0, date.min)]
        for identity, *printed in self.file.distinct("incidents"):
            with suppress(Unreadable):
                days.append(_when(tuple(printed)).start)
                newest.append((whole("incident_id", identity), days[-1]))
        newest.sort()
        order = median_low(day for _identity, day in newest[-_NEWEST:])
        release = Release(self.given_release or f"up to incident {newest[-1][0]}", sort_key=order.isoformat())
        return FileSummary(release, min(days, default=None), max(days, default=None))

    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row."""
        return _Rows(self, imported).event


class _Rows:
    """The rows of one file as events."""

    def __init__(self, importer: Awsd, imported: Imported) -> None:
        self._file, self._imported = importer.file, imported
        told = ("incident_id", *_DAYS, *_PLACES[:2], *_POINT)
        kept = [name for name in importer.columns() if name not in told and name in self._file.header]
        self._kept, self._pick_kept = kept, self._file.picker(kept)
        self._pick_id = self._file.picker(("incident_id", "verified"))
        self._pick_days, self._pick_places = self._file.picker(_DAYS), self._file.picker(_PLACES)
        self._pick_point = self._file.picker(_POINT)
        self._when, self._places = Memo(_when), Memo(self._place)
        self._kinds = group_kinds(self._file.distinct("actors"), codes(_CODES)["actor_type"])
        self._target = f"{imported.dataset_id}-aid-workers"

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        number, verified = self._pick_id(row)
        identity = f"{self._imported.dataset_id}-{whole('incident_id', number)}"
        placed, unknown_place = self._places[self._pick_places(row)]
        point, unknown_point = point_of(*self._pick_point(row))
        shared = when_and_where(self._when[self._pick_days(row)], placed, point or (None, None))
        kept = {name: single_spaced(value) for name, value in zip(self._kept, self._pick_kept(row), strict=True)}
        means = kept["means_of_attack"].casefold()
        subtype = codes(_CODES)["means"].get(means) or next(
            (told for name, told in codes(_CODES)["outcome"].items() if kept.get(name, "") not in ("", "0")), "attack"
        )
        verification = codes(_CODES)["verified"].get(verified.strip().casefold())
        unknown = [*unknown_place, *unknown_point]
        if means not in codes(_CODES)["cause"]:
            unknown.append(("means_of_attack", means, "no cause"))
        if verification is None:
            unknown.append(("verified", verified, "not stated"))
        for column, printed, taken in unknown:
            self._file.report.unknown(self._file.line, column, printed, taken)
        said = attribution(self._imported.dataset_id, verification or "not_stated")
        figures = self._figures(identity, kept, said, {**shared, "cause": codes(_CODES)["cause"].get(means, "unknown")})
        attacker = self._attacker(kept.get("actor_name", ""))
        groups = self._imported.groups
        groups.add({"id": self._target, "name": "Aid workers", "group_kind": "population", "codes": []})
        title = f"Attack on aid workers {placed.words}"
        return {
            **EVENT,
            "id": identity,
            "type": TYPE_OF[subtype],
            "subtype": subtype,
            "title": title if attacker is None else f"{title}: {kept['actor_name']}",
            **shared,
            "codes": kept_codes(kept),
            "groups": [
                *([] if attacker is None else [{"group_id": attacker, "role": "attacker", "certainty": "stated"}]),
                {"group_id": self._target, "role": "target", "certainty": "stated"},
            ],
            "reports": [said],
            "figures": figures,
        }

    def _figures(self, identity: str, kept: dict[str, str], said: Record, shared: Record) -> list[Record]:
        """A figure for each total that is above 0, or that is not known."""
        totals = [(name, measure) for name, measure in codes(_CODES)["total"].items() if name in kept]
        told = [(name, measure, kept[name]) for name, measure in totals if kept[name] != "0"]
        women, men, unknown = (kept.get(name, "") for name in _SEXES)
        found = []
        for name, measure, printed in told:
            count = whole(name, printed) if printed else None
            self._tell_other_sum(name, count, kept)
            is_all = len(told) == 1 and unknown in ("", "0")
            record = {
                "id": f"{identity}-{measure}",
                "measure": measure,
                "population": "civilians",
                "sex": sex_of(count, women, men) if is_all else "unspecified",
                **shared,
            }
            found.append(counted(record, "exact", count, said))
        return found

    def _tell_other_sum(self, name: str, count: int | None, kept: dict[str, str]) -> None:
        """Tells a total that is not the sum of the two columns that it is printed with."""
        parts = [kept.get(f"{who}_{name.removeprefix('total_')}", "") for who in ("nationals", "internationals")]
        if count is not None and all(map(is_in_digits, parts)) and sum(map(int, parts)) != count:
            example = f"{name} {count}, of nationals and internationals {' and '.join(parts)}"
            self._file.report.note("a total is not the sum of its parts", self._file.line, example)

    def _attacker(self, name: str) -> str | None:
        """The id of the group of this name; null where it is the word for nobody in particular."""
        if not name or name.casefold() in codes(_CODES)["unnamed"]:
            return None
        identity = f"{self._imported.dataset_id}-{tail_of(name)}"
        kind = self._kinds.get(name, "armed_group")
        self._imported.groups.add({"id": identity, "name": name, "group_kind": kind, "codes": []})
        return identity

    def _place(self, printed: tuple[str, ...]) -> tuple[EventPlace, Sequence[Unknown]]:
        code, country, region, district = map(single_spaced, printed)
        places = self._imported.places
        iso3, unknown = country_of(country_code(code) if code else None, country, "country_code", code)
        if not iso3:
            if not country:
                raise Unreadable("country", "the incident has no country")
            area = places.add_area(country, None)
            return EventPlace(area.id, "area", f"in {area.name}"), unknown
        found = places.country(iso3, country, country_name(iso3))
        if region:
            found = places.find_or_add(iso3, found, region, "state_or_region")
        if region and district:
            found = places.find_or_add(iso3, found, district, "district")
        return EventPlace(found.id, found.level, f"in {found.name}"), unknown


def _when(printed: tuple[str, ...]) -> When:
    """The days that an incident may have happened on. Errors: Unreadable."""
    named = (printed[0], str(month_of(printed[1]) or printed[1]), printed[2])
    year, month, day = (whole(name, text) if text.strip() else None for name, text in zip(_DAYS, named, strict=True))
    if year is None:
        raise Unreadable("year", "the incident has no year")
    try:
        if month is None:
            return When(date(year, 1, 1), date(year, 12, 31), "year", "The publisher gives the year alone.")
        if day is None:
            last = monthrange(year, month)[1]
            return When(date(year, month, 1), date(year, month, last), "month", "The publisher gives the month alone.")
        return When(date(year, month, day), date(year, month, day), "day")
    except ValueError as error:
        raise Unreadable("day", f"there is no day {day} of month {month} in {year}") from error
