"""Where UCDP's events happened: its country, units and named points as places. Knows no event and no file.

Each name is tied to a place that another dataset has brought (the gazetteer), found by its name inside the larger place
that it is printed with. What is not found becomes a place of this dataset, under the finest place that was:

- `adm_1` a state or region, `adm_2` a district;
- `where_coordinates` a town, village or township where it says so (`Kawt Nwe village`), else a site: UCDP also names
  roads, rivers, hills and camps. What lies in no single state is an area.

Ids are made of the names, so that they stay the same from release to release: `ucdp-ged-mmr003d003-kawt-nwe-village`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from api.history import Record
from api.models import LEVELS
from api.names import folded, slug
from seeds.gleditsch_ward import STATES
from seeds.importing import Unreadable
from seeds.known_places import Known, KnownPlaces, Named, parted

# `where_prec` to our precision. Code 5 is a line or a fuzzy area, or a third-order unit: see `_precision`. Code 7 is
# water or air that is no country's.
_PRECISIONS = {
    "1": "exact",
    "2": "near",
    "3": "district",
    "4": "state_or_region",
    "5": "area",
    "6": "country",
    "7": "area",
}
_UNITS = ("state_or_region", "district", "township")
_STATE_LEVELS = ("area", "state_or_region")
# What a name without a unit word is looked up as, in this order: a point, and for code 5 a unit first.
_POINTS = ("town", "village", "site", "township")
_AREAS = ("township", "district", "state_or_region", "town", "village", "site")
# `Gangaw - Kalay highway (Gangaw township)` says in which township the point lies.
_IN_TOWNSHIP = re.compile(r"\(([^()]+ township)\)$", re.IGNORECASE)
_OF_THE_FIRST = "where UCDP places the first of its events here"


class Where(NamedTuple):
    """What a row says of its place."""

    country_id: str
    country: str
    adm_1: str
    adm_2: str
    where_coordinates: str
    where_prec: str


class Placed(NamedTuple):
    """The place of an event: its id, how closely it is known, the country, and words for a title."""

    id: str
    precision: str
    country: str
    words: str


class _Outer(NamedTuple):
    """The units of the second and first order that a point lies in, null where the row names none, and the country."""

    second: Known | None
    first: Known | None
    country: Known

    @property
    def finest(self) -> Known:
        return self.second or self.first or self.country


class Places:
    """The places of one load, each worked out once; `fresh` hands over those that have to be brought first."""

    def __init__(self, known: KnownPlaces, dataset_id: str) -> None:
        self._known, self._dataset_id = known, dataset_id
        self._outers: dict[tuple[str, str, str], _Outer] = {}
        self._own: dict[str, Known] = {}
        self._names: dict[str, tuple[str, set[str]]] = {}
        self._aliases: dict[str, set[str]] = {}
        self._fresh: list[Record] = []

    def fresh(self) -> Iterator[Record]:
        """The places of this dataset that were met since the last time, parents first."""
        fresh, self._fresh = self._fresh, []
        yield from fresh

    def names(self) -> dict[str, Sequence[Record]]:
        """What the places are called: all names of its own, and the further spellings that others' were met under."""
        found: dict[str, Sequence[Record]] = {}
        for identity, (name, aliases) in self._names.items():
            found[identity] = [_name(0, identity), _name(2, name), *(_name(3, alias) for alias in sorted(aliases))]
        for identity, aliases in self._aliases.items():
            found[identity] = [_name(3, alias) for alias in sorted(aliases)]
        return found

    def place(self, where: Where, latitude: float, longitude: float) -> Placed:
        """The place that a row names. Errors: Unreadable."""
        if where.where_prec not in _PRECISIONS:
            raise Unreadable("where_prec", f"'{where.where_prec}' is no code; 1 to 7 are")
        state = STATES.get(where.country_id)
        if state is None:
            raise Unreadable("country_id", f"'{where.country_id}' is not in Gleditsch and Ward's list of states")
        code = state.code
        outer = self._outer(code, state.name, where)
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
                place = self._unit(code, where.where_coordinates, outer.finest, level)
            case _:
                place = self._point(code, where, outer, (latitude, longitude))
        precision = _precision(where.where_prec, place)
        return Placed(place.id, precision, code, _words(place, precision))

    def _outer(self, code: str, name: str, where: Where) -> _Outer:
        """The units that a row names, outermost first worked out. They are the same for many points, so they are kept."""
        key = (where.country_id, where.adm_1, where.adm_2)
        if key in self._outers:
            return self._outers[key]
        country = self._country(code, name, where.country)
        first = self._unit(code, where.adm_1, country, "state_or_region") if where.adm_1.strip() else None
        second = None
        # A row or two name another state as their second-order unit: that is none of the first's.
        if where.adm_2.strip() and self._known.within(country, code, where.adm_2, _STATE_LEVELS) in (None, first):
            second = self._unit(code, where.adm_2, first or country, "district")
        found = self._outers[key] = _Outer(second, first, country)
        return found

    def _country(self, code: str, name: str, printed: str) -> Known:
        place = self._known.country(code)
        if place is None:
            return self._bring(code, None, code.lower(), Named(name, None, None), "country", aliases=(printed,))
        self._also(code, place, printed)
        return place

    def _unit(self, code: str, printed: str, outer: Known, level: str) -> Known:
        """A unit of the first or second order; the column says which it is, whatever the word behind the name."""
        levels = _STATE_LEVELS if level == "state_or_region" else (level,)
        found = self._known.within(outer, code, printed, levels)
        if found is not None:
            self._also(code, found, printed)
            return found
        name = parted(printed)
        if LEVELS.index(outer.level) >= LEVELS.index(level):
            return self._bring(code, outer, self._id(outer, name.whole), name, "site")
        return self._bring(code, outer, self._id(outer, name.bare), name, level)

    def _point(self, code: str, where: Where, outer: _Outer, point: tuple[float, float]) -> Known:
        """What `where_coordinates` names, inside the finest of the outer places that it can be found in."""
        printed = where.where_coordinates
        name, key = parted(printed), folded(printed)
        for unit, place in ((where.adm_2, outer.second), (where.adm_1, outer.first), (where.country, outer.country)):
            if place is not None and folded(unit) == key:
                return place
        unsaid = _AREAS if where.where_prec == "5" else _POINTS
        # A district may since have been cut up, so what is not in it is looked for in its state.
        units = [place for place in (outer.second, outer.first) if place is not None] or [outer.country]
        for level in unsaid if name.level is None else (name.level,):
            for larger in units:
                wanted = _STATE_LEVELS if level == "state_or_region" else (level,)
                found = self._known.within(larger, code, printed, wanted)
                if found is not None:
                    self._also(code, found, printed)
                    return found
        parent = self._township(code, printed, units) or outer.finest
        default = "area" if parent.level == "country" and where.where_prec in ("5", "7") else "site"
        level = name.level or default
        if LEVELS.index(level) <= LEVELS.index(parent.level):
            level = "site"
        return self._bring(code, parent, self._id(parent, name.whole), name, level, point=point)

    def _township(self, code: str, printed: str, units: Sequence[Known]) -> Known | None:
        """The known township that a printed name gives in brackets."""
        said = _IN_TOWNSHIP.search(" ".join(printed.split()))
        if said is None:
            return None
        inside = (self._known.within(unit, code, said[1], ("township",)) for unit in units)
        return next((place for place in inside if place is not None), None)

    def _id(self, parent: Known, name: str) -> str:
        """The id of a place of this dataset: whose it is, in what it lies, and its name."""
        prefix = f"{self._dataset_id}-"
        fold = folded(name)
        # A name in a script that a slug cannot hold is told from others by its hash.
        tail = slug(name) or hashlib.blake2b(fold.encode(), digest_size=6).hexdigest()
        identity = f"{prefix}{parent.id.removeprefix(prefix)}-{tail}"
        standing = self._own.get(identity)
        if standing is not None and parent.id not in standing.within:
            # `a-b` in `c` and `a` in `b-c` would come to the same.
            return f"{identity}-{hashlib.blake2b(parent.id.encode(), digest_size=3).hexdigest()}"
        return identity

    def _bring(
        self,
        code: str,
        parent: Known | None,
        identity: str,
        name: Named,
        level: str,
        *,
        point: tuple[float, float] | None = None,
        aliases: Sequence[str] = (),
    ) -> Known:
        """A place of this dataset, brought where it is new."""
        if identity in self._own:
            whole, standing = self._names[identity]
            standing |= {name.whole} - {whole}
            return self._own[identity]
        within = frozenset() if parent is None else parent.within
        place = Known(identity, name.whole, level, within | {identity}, None, None)
        self._own[identity] = place
        self._fresh.append(
            {
                "id": identity,
                "name": name.whole,
                "native_name": None,
                "level": level,
                "parent_id": None if parent is None else parent.id,
                "pcode": None,
                "country": code,
                "latitude": None if point is None else point[0],
                "longitude": None if point is None else point[1],
                "uncertainty_km": None,
                "position_basis": None if point is None else _OF_THE_FIRST,
            }
        )
        further = {" ".join(alias.split()) for alias in (*aliases, name.bare)} - {name.whole}
        self._names[identity] = (name.whole, {alias for alias in further if not self._known.has_alias(code, alias)})
        return place

    def _also(self, code: str, place: Known, printed: str) -> None:
        """Notes a spelling that a known place was met under and does not have yet."""
        name = parted(printed)
        if place.id not in self._own and not any(
            self._known.answers_to(place, code, text) for text in (name.bare, name.whole)
        ):
            self._aliases.setdefault(place.id, set()).add(name.bare)


def _precision(where_prec: str, place: Known) -> str:
    """How closely the place is known. Code 5 says no more than the unit that is named, where one is."""
    if where_prec == "5" and place.level in _UNITS:
        return place.level
    return _PRECISIONS[where_prec]


def _words(place: Known, precision: str) -> str:
    """The place in a title: `at Kawlin`, `near Kawt Nwe village`, `in Hpa-An district`."""
    name = place.name
    if place.level in ("district", "township") and parted(name).word is None and not name.endswith("Zone"):
        name = f"{name} {place.level}"
    if precision in ("near", "area"):
        return f"{'near' if precision == 'near' else 'around'} {name}"
    return f"at {name}" if place.level in ("town", "village", "site") else f"in {name}"


def _name(rank: int, name: str) -> Record:
    return {"rank": rank, "name": name, "language": None, "document_id": None}
