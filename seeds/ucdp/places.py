"""Makes places of where UCDP's events happened: its country, units and named points.

Each name is tied to a place that another dataset has brought (the gazetteer), found by its name inside the larger place
that it is printed with. What is not found becomes a place of this dataset, under the finest place that was:

- `adm_1` a state or region, `adm_2` a district;
- `where_coordinates` a town, village or township where it says so (`Kawt Nwe village`), else a site: UCDP also names
  roads, rivers, hills and camps. What lies in no single state is an area. It hangs on its township where its name, or
  `where_description` of all its rows, names one, or a known town stands within 3 km of its point.

How a place of this dataset is made, its id and its names are told in `seeds.importer.imported_places`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from api.domain.countries import country_name
from api.domain.names import folded
from seeds.importer.code_tables import codes
from seeds.importer.countries import country_of
from seeds.importer.imported import Imported
from seeds.importer.imported_places import STATE_LEVELS, is_within
from seeds.importer.known_places import KnownPlace, split_name
from seeds.importer.points import Point
from seeds.importer.records import EventPlace, Unknown
from seeds.importer.report import Unreadable
from seeds.importer.states import states
from seeds.importer.values import Memo, single_spaced

CODES = Path(__file__).with_name("codes.csv")
_UNITS = ("state_or_region", "district", "township")
# What a name without a unit word is looked up as, in this order: a point, and for code 5 a unit first.
_POINTS = ("town", "village", "site", "township")
_AREAS = ("township", "district", "state_or_region", "town", "village", "site")
# `Gangaw - Kalay highway (Gangaw township)` says in which township the point lies; `Mayu River in Rathedaung township` too.
_IN_TOWNSHIP = re.compile(r"(?:\(| in )([^()]+ township)\)?$", re.IGNORECASE)
# Words of a description that name a township, but for one that is only near or on the other side of a border.
_TOWNSHIP = re.compile(
    r"(?<!from )(?<!near )(?<!between )(?<!and )\b((?:[A-Z][\w'\u2019-]* ){1,4})[Tt]ownship\b(?! and)"
)
# The codes of a point that is known, and of one close to it.
_POINTED = ("1", "2")
# `Border between Chin state and Magway region` is no region, though it ends like one.
_JOINING = re.compile(r"\b(and|between|border|in)\b", re.IGNORECASE)


class Where(NamedTuple):
    """What a row says of its place."""

    country_id: str
    country: str
    adm_1: str
    adm_2: str
    where_coordinates: str
    where_prec: str


class PlaceOfRow(NamedTuple):
    """A place, the ISO code of its country, empty where it lies in none, and codes that were not known."""

    placed: EventPlace
    country: str
    unknown: Sequence[Unknown] = ()


class _Outer(NamedTuple):
    """The units of the second and first order that a point lies in, null where the row names none, and the country."""

    second: KnownPlace | None
    first: KnownPlace | None
    country: KnownPlace

    @property
    def finest(self) -> KnownPlace:
        return self.second or self.first or self.country


class Places:
    """The places of one load."""

    def __init__(self, imported: Imported) -> None:
        self._places, self._known = imported.places, imported.places.known
        # They are the same for many points.
        self._outers = Memo(self._outer)

    def place(self, where: Where, point: Point | None, described: Sequence[str] = ()) -> PlaceOfRow:
        """The place that a row names; `described` is what rows say of where it lies. Errors: Unreadable."""
        unknown: list[Unknown] = []
        # Code 5 is a line or a fuzzy area, or a third-order unit; code 7 is water or air that is no country's.
        if where.where_prec not in codes(CODES)["where_prec"]:
            unknown.append(("where_prec", where.where_prec, "not known how closely"))
        state = states().get(where.country_id)
        said = None if state is None else state.code
        code, unknown_country = country_of(said, single_spaced(where.country), "country_id", where.country_id)
        unknown += unknown_country
        if not code:
            printed = where.where_coordinates.strip() or where.country.strip()
            if not printed:
                raise Unreadable("country_id", f"'{where.country_id}' is not in Gleditsch and Ward's list of states")
            area = self._places.add_area(printed, point)
            return PlaceOfRow(EventPlace(area.id, "area", f"around {area.name}"), "", unknown)
        name = country_name(code) if state is None else state.name
        outer = self._outers[code, name, where.country, where.adm_1, where.adm_2]
        match where.where_prec:
            case "6":
                place = outer.country
            case "4" if outer.first is not None:
                place = outer.first
            case "3" if outer.second is not None:
                place = outer.second
            case _ if not where.where_coordinates.strip():
                place = outer.finest
            case "3" | "4":
                level = "district" if where.where_prec == "3" else "state_or_region"
                place = self._places.find_or_add(code, outer.finest, where.where_coordinates, level)
            case _:
                place = self._point(code, where, outer, point, described)
        precision = _precision(where.where_prec, place)
        return PlaceOfRow(EventPlace(place.id, precision, _words(place, precision)), code, unknown)

    def _outer(self, said: tuple[str, str | None, str, str, str]) -> _Outer:
        """The units that a row names, outermost first worked out."""
        code, name, printed, adm_1, adm_2 = said
        country = self._places.country(code, printed, name)
        first = self._places.find_or_add(code, country, adm_1, "state_or_region") if adm_1.strip() else None
        second = None
        # A row or two name another state as their second-order unit: that is none of the first's.
        if adm_2.strip() and self._known.within(country, code, adm_2, STATE_LEVELS) in (None, first):
            second = self._places.find_or_add(code, first or country, adm_2, "district")
        return _Outer(second, first, country)

    def _point(
        self, code: str, where: Where, outer: _Outer, point: Point | None, described: Sequence[str]
    ) -> KnownPlace:
        """What `where_coordinates` names, inside the finest of the outer places that it can be found in."""
        printed = where.where_coordinates
        name, key = split_name(printed), folded(printed)
        for unit, place in ((where.adm_2, outer.second), (where.adm_1, outer.first), (where.country, outer.country)):
            if place is not None and folded(unit) == key:
                return place
        unsaid = _AREAS if where.where_prec == "5" else _POINTS
        # A district may since have been cut up, so what is not in it is looked for in its state.
        units = [place for place in (outer.second, outer.first) if place is not None] or [outer.country]
        said = None if name.level in _UNITS and _JOINING.search(name.bare) else name.level
        for level in unsaid if said is None else (said,):
            wanted = STATE_LEVELS if level == "state_or_region" else (level,)
            found = self._places.find(code, units, printed, wanted)
            if found is not None:
                return found
        township = self._township(code, printed, units)
        if township is None and where.where_prec in _POINTED:
            township = self._described(code, described, units)
            if township is None and point is not None:
                township = self._known.township_at(units, code, point)
        parent = township or outer.finest
        default = "area" if parent.level == "country" and where.where_prec in ("5", "7") else "site"
        level = said or default
        return self._places.add_point(code, parent, printed, point, level if is_within(level, parent) else "site")

    def _township(self, code: str, printed: str, units: Sequence[KnownPlace]) -> KnownPlace | None:
        """The known township that a printed name gives behind a place."""
        said = _IN_TOWNSHIP.search(single_spaced(printed))
        if said is None:
            return None
        inside = (self._known.within(unit, code, said[1], ("township",)) for unit in units)
        return next((place for place in inside if place is not None), None)

    def _described(self, code: str, described: Sequence[str], units: Sequence[KnownPlace]) -> KnownPlace | None:
        """The one known township that descriptions of a place put it in."""
        found: set[KnownPlace] = set()
        for text in described:
            for said in _TOWNSHIP.finditer(text):
                words = said[1].split()
                # What stands before the name may look like a part of it: `Village Natogyi Township`.
                names = (f"{' '.join(words[start:])} township" for start in range(len(words)))
                tried = (self._known.within(unit, code, name, ("township",)) for name in names for unit in units)
                place = next((place for place in tried if place is not None), None)
                if place is not None:
                    found.add(place)
        return found.pop() if len(found) == 1 else None


def _precision(where_prec: str, place: KnownPlace) -> str:
    """How closely the place is known. Code 5 says no more than the unit that is named, where one is."""
    if where_prec == "5" and place.level in _UNITS:
        return place.level
    return codes(CODES)["where_prec"].get(where_prec, "unknown")


def _words(place: KnownPlace, precision: str) -> str:
    """The place in a title: `at Kawlin`, `near Kawt Nwe village`, `in Hpa-An district`."""
    name = place.name
    if place.level in ("district", "township") and split_name(name).word is None and not name.endswith("Zone"):
        name = f"{name} {place.level}"
    if precision in ("near", "area"):
        return f"{'near' if precision == 'near' else 'around'} {name}"
    return f"at {name}" if place.level in ("town", "village", "site") else f"in {name}"
