"""Reads Insecurity Insight's incidents of three kinds: attacks on health care, on education and on aid workers.

Each kind is a dataset of its own, since each is published by itself. Its files come from the Humanitarian Data Exchange as
workbooks with a row of tags, and from the publisher's interface as JSON; newer ones have neither points nor descriptions.

Figures. Each count of people above 0 is `at_least` that many: where a number is not told, the publisher counts one. A 0
makes no figure, since nobody says that there was none; a count that is empty is a figure that is not known. Counts of
attacks, buildings and vehicles stay in `codes`: they count attacks that report damage, not things.

Types follow from the weapon, else from what was done, whoever did it; the publisher has none. Causes follow from the weapon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, NamedTuple

from api.domain.countries import ALPHA_3_LETTERS, country_name
from api.domain.releases import Release
from api.store.record_types import Record
from seeds.importer.code_tables import codes
from seeds.importer.countries import country_of
from seeds.importer.first_pass import DistinctValues
from seeds.importer.imported import Imported
from seeds.importer.imported_places import tail_of
from seeds.importer.importer import FileSummary
from seeds.importer.incidents import counted, group_kinds, kept_codes, sex_of
from seeds.importer.points import point_of
from seeds.importer.records import EVENT, TYPE_OF, EventPlace, Unknown, When, attribution, when_and_where
from seeds.importer.report import Unreadable
from seeds.importer.table_importer import RowImporter
from seeds.importer.values import Memo, day, readable, single_spaced, whole

_HERE = Path(__file__).parent
_CODES = _HERE / "codes.csv"
_READ = ("sind_event_id", "date", "country", "country_iso", "admin_1", "latitude", "longitude")
_WHO = ("reported_perpetrator_name", "reported_perpetrator", "weapon_carried/used")


class _Counted(NamedTuple):
    """A column that counts people: whose, what came to them, and the columns of women and men among them."""

    column: str
    population: str
    measure: str
    by_sex: tuple[str, str]


class _Weapon(NamedTuple):
    """What weapons say of an event: its subtype, null where they say none, the cause of harm, and words that nobody knew."""

    subtype: str | None
    cause: str
    unknown: Sequence[Unknown]


class Incidents(RowImporter):
    """A file of incidents. Its release is its newest day, where its user does not call it otherwise."""

    counts_always = False
    # What is attacked, in words for titles and as the group that is the target.
    attack: ClassVar[str]
    target: ClassVar[tuple[str, str]]
    asked: ClassVar = {"days": DistinctValues(("date",)), "perpetrators": DistinctValues(_WHO[:2])}

    def survey(self) -> FileSummary:
        """The first and the last day of the file."""
        days = sorted(readable(date.fromisoformat, self.file.values("days")))
        if not days:
            return FileSummary(Release(self.given_release or "without a date"), None, None)
        newest = days[-1].isoformat()
        return FileSummary(Release(self.given_release or f"up to {newest}", sort_key=newest), days[0], days[-1])

    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row."""
        return _Rows(self, imported).event


class HealthIncidents(Incidents):
    """Attacks on health care."""

    about = _HERE / "about_health.yaml"
    columns_table = _HERE / "health_columns.csv"
    attack, target = "Attack on health care", ("health-workers", "Health workers")


class EducationIncidents(Incidents):
    """Attacks on education."""

    about = _HERE / "about_education.yaml"
    columns_table = _HERE / "education_columns.csv"
    attack, target = "Attack on education", ("students-and-educators", "Students and educators")


class AidIncidents(Incidents):
    """Aid workers killed, injured, kidnapped or arrested."""

    about = _HERE / "about_aid.yaml"
    columns_table = _HERE / "aid_columns.csv"
    attack, target = "Attack on aid workers", ("aid-workers", "Aid workers")


class _Rows:
    """The rows of one file as events."""

    def __init__(self, importer: Incidents, imported: Imported) -> None:
        self._file, self._imported, self._attack = importer.file, imported, importer.attack
        identity, name = importer.target
        self._target = f"{imported.dataset_id}-{identity}"
        self._target_name = name
        self._counted = _counted(importer.columns())
        self._pick, self._pick_who = self._file.picker(_READ), self._file.picker(_WHO)
        rest = [name for name in importer.columns() if name not in _READ and name in self._file.header]
        self._kept, self._pick_kept = rest, self._file.picker(rest)
        self._places = Memo(self._place)
        self._groups = Memo(self._group)
        self._weapons = Memo(_weapon)
        self._kinds = group_kinds(self._file.distinct("perpetrators"), codes(_CODES)["perpetrator"])

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        number, printed_day, country, iso, admin_1, *point = self._pick(row)
        name, _perpetrator, printed_weapon = self._pick_who(row)
        identity = f"{self._imported.dataset_id}-{whole('sind_event_id', number)}"
        on, (placed, unknown_place) = day("date", printed_day), self._places[country, iso, admin_1]
        at, unknown_point = point_of(*point)
        shared = when_and_where(When(on, on, "day"), placed, at or (None, None))
        kept = dict(zip(self._kept, self._pick_kept(row), strict=True))
        weapon = self._weapons[printed_weapon]
        for column, printed, taken in (*unknown_place, *unknown_point, *weapon.unknown):
            self._file.report.unknown(self._file.line, column, printed, taken)
        subtype = weapon.subtype or _done(kept)
        named = [known for part in name.split(", ") if (known := self._groups[single_spaced(part)]) is not None]
        title = f"{self._attack} {placed.words}"
        names = ", ".join(group[1] for group in named)
        attackers = dict.fromkeys(group[0] for group in named)
        self._imported.groups.add(
            {"id": self._target, "name": self._target_name, "group_kind": "population", "codes": []}
        )
        return {
            **EVENT,
            "id": identity,
            "type": TYPE_OF[subtype],
            "subtype": subtype,
            "title": f"{title}: {names}" if names else title,
            **shared,
            "codes": kept_codes(kept),
            "groups": [
                *({"group_id": group, "role": "attacker", "certainty": "stated"} for group in attackers),
                {"group_id": self._target, "role": "target", "certainty": "stated"},
            ],
            "reports": [attribution(self._imported.dataset_id)],
            "figures": self._figures(identity, kept, {**shared, "cause": weapon.cause}),
        }

    def _figures(self, identity: str, kept: Mapping[str, str], shared: Record) -> list[Record]:
        """A figure for each count that is above 0, or that is not known."""
        found = []
        for column, population, measure, by_sex in self._counted:
            if column not in kept or kept[column].strip() == "0":
                continue
            record = {
                "id": f"{identity}-{column.replace('_', '-')}",
                "measure": measure,
                "population": population,
                **shared,
            }
            count = whole(column, kept[column]) if kept[column].strip() else None
            record["sex"] = sex_of(count, *(kept.get(name, "") for name in by_sex))
            found.append(counted(record, "at_least", count, attribution(self._imported.dataset_id)))
        return found

    def _group(self, name: str) -> tuple[str, str] | None:
        """The id and name of the group of this name; null where it is the word for nobody in particular."""
        if not name or name.casefold() in codes(_CODES)["unnamed"]:
            return None
        identity = f"{self._imported.dataset_id}-{tail_of(name)}"
        kind = self._kinds.get(name, "armed_group")
        self._imported.groups.add({"id": identity, "name": name, "group_kind": kind, "codes": []})
        return identity, name

    def _place(self, printed: tuple[str, str, str]) -> tuple[EventPlace, Sequence[Unknown]]:
        country, iso, admin_1 = map(single_spaced, printed)
        places = self._imported.places
        code, unknown = country_of(iso.upper() if len(iso) == ALPHA_3_LETTERS else None, country, "country_iso", iso)
        if not code:
            if not country or country.casefold() in ("unspecified", "no information"):
                raise Unreadable("country", "the incident has no country")
            area = places.add_area(country, None)
            return EventPlace(area.id, "area", f"around {area.name}"), unknown
        found = places.country(code, country, country_name(code))
        if not admin_1 or admin_1.casefold() == "no information":
            return EventPlace(found.id, "country", f"in {found.name}"), unknown
        state = places.find_or_add(code, found, admin_1, "state_or_region")
        return EventPlace(state.id, state.level, f"in {state.name}"), unknown


def _counted(known: Iterable[str]) -> list[_Counted]:
    """The columns of a publisher's that count people to whom something was done, such as `educators_killed`."""
    populations, measures = codes(_CODES)["population"], codes(_CODES)["measure"]
    found = []
    for column in known:
        who, _, what = column.rpartition("_")
        if who in populations and what in measures:
            found.append(_Counted(column, populations[who], measures[what], (f"female_{column}", f"male_{column}")))
    return found


def _weapon(printed: str) -> _Weapon:
    """What the weapons of an incident say; several stand between commas, as the words of some do."""
    whole_name = single_spaced(printed).casefold()
    causes, subtypes = codes(_CODES)["cause"], codes(_CODES)["weapon"]
    names = [whole_name] if whole_name in causes else whole_name.split(", ")
    met = {causes[name] for name in names if name in causes} - {"unknown"}
    subtype = next((subtypes[name] for name in names if name in subtypes), None)
    unknown = tuple(("weapon_carried/used", name, "no cause") for name in names if name not in causes)
    return _Weapon(subtype, "unknown" if not met else met.pop() if len(met) == 1 else "multiple", unknown)


def _done(kept: Mapping[str, str]) -> str:
    """The subtype by what was done, the gravest first; `other` where nothing of it is counted."""
    done = codes(_CODES)["done"]
    return next((done[name] for name in done if kept.get(name, "").strip() not in ("", "0")), "other")
