"""Finds the places that other datasets have brought, by name inside a larger place.

Importers tie the places that a file names to these, so that one place stays one record. Where a name is borne by several
places inside the larger one, none of them is found: nothing is guessed.

`unit_words.csv` has the words behind a name that say what it is the name of, each with the level that a place of that name
has. `spellings.csv` has how published datasets spell places that the gazetteer spells otherwise. Only names that are
certainly the same place stand there: another way of writing the same sounds, a name in another language, a name that the
unit has given up (the district of Laukkaing has become the zone of Kokang). Each pair was held to the points that both
sides print. A spelling counts only inside the state or region in which it is met, so that Namsang is Nansang in the south
of Shan and nothing in its north.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.domain.codebook.places import LEVELS
from api.domain.names import NAME_RANK, folded
from api.store.models import Location, LocationName
from seeds.importer.code_tables import rows_of_table
from seeds.importer.values import single_spaced

_UNIT_WORDS = Path(__file__).with_name("unit_words.csv")
_SPELLINGS = Path(__file__).with_name("spellings.csv")


# What lies so near to a town lies in its township.
_AT_TOWN_KM = 3
_KM_PER_DEGREE = 111.2


def _short_distance_km(point: tuple[float, float], town: KnownPlace) -> float:
    """How far a town is from a point, latitude first, as on a plane: right for short distances."""
    assert town.latitude is not None and town.longitude is not None
    north, east = point[0] - town.latitude, point[1] - town.longitude
    return math.hypot(north, east * math.cos(math.radians(point[0]))) * _KM_PER_DEGREE


@cache
def _unit_words() -> tuple[dict[str, str], re.Pattern[str]]:
    """The level that each unit word says, and what finds the longest that fits behind a name and a space."""
    levels = {word: level for word, level in rows_of_table(_UNIT_WORDS)}
    return levels, re.compile(f" ({'|'.join(levels)})$", re.IGNORECASE)


@cache
def _spellings() -> dict[tuple[str, str], str]:
    """By alpha-3 code of the country and folded spelling, the folded name in the gazetteer."""
    return {(country, folded(theirs)): folded(ours) for country, theirs, ours in rows_of_table(_SPELLINGS)}


class PlaceName(NamedTuple):
    """A printed name in its parts: the name alone, the unit word behind it in lower case, and the level that it says."""

    bare: str
    word: str | None
    level: str | None

    @property
    def whole(self) -> str:
        """The name with its unit word, always written alike."""
        return self.bare if self.word is None else f"{self.bare} {self.word}"


def split_name(printed: str) -> PlaceName:
    """A printed name in its parts: `Magway  region` is Magway, a region."""
    name = single_spaced(printed)
    levels, unit_word = _unit_words()
    found = unit_word.search(name)
    if found is None:
        return PlaceName(name, None, None)
    word = found[1].lower()
    return PlaceName(name[: found.start()], word, levels[word])


@dataclass(frozen=True)
class KnownPlace:
    """A place that another dataset has brought."""

    id: str
    name: str
    level: str
    # The places that it lies in, itself included.
    within: frozenset[str]
    latitude: float | None
    longitude: float | None


@dataclass
class _Country:
    """The places of one country, by folded name."""

    by_name: dict[str, set[str]] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    # Those of its towns whose point is known.
    towns: list[KnownPlace] = field(default_factory=list)


class KnownPlaces:
    """The places in a database that belong to other datasets than this one."""

    def __init__(self, connection: Connection, dataset_id: str) -> None:
        self._connection, self._dataset_id = connection, dataset_id
        self._countries: dict[str, _Country] = {}
        self._places: dict[str, KnownPlace] = {}
        self._looked_up: dict[tuple[str, str], Sequence[str]] = {}

    def country(self, code: str) -> KnownPlace | None:
        """The country of this ISO code, where another dataset has brought it."""
        self._fetch(code)
        return self._places.get(code.lower())

    def place(self, identity: str) -> KnownPlace | None:
        """The place of this id, where its country has been asked for."""
        return self._places.get(identity)

    def within(self, outer: KnownPlace, code: str, printed: str, levels: Collection[str]) -> KnownPlace | None:
        """The one place of these levels inside another, and in this country, that has the printed name.

        The name is tried as it stands, then in the spelling that the gazetteer uses, then without its unit word.
        """
        country = self._fetch(code)
        for key in self._keys(code, printed):
            found = [
                place
                for place in map(self._places.__getitem__, country.by_name.get(key, ()))
                if place.level in levels and outer.id in place.within and place.id != outer.id
            ]
            if len(found) == 1:
                return found[0]
        return None

    def township_at(self, outers: Sequence[KnownPlace], code: str, point: tuple[float, float]) -> KnownPlace | None:
        """The township, inside one of these places, of the known towns that stand right at a point; null where they are of
        several, or none stands there."""
        around = [
            place
            for place in self._fetch(code).towns
            if _short_distance_km(point, place) <= _AT_TOWN_KM  # they are some hundreds
        ]
        inside = [town for town in around if any(outer.id in town.within for outer in outers)]
        units = (self._places.get(identity) for town in inside for identity in town.within)
        found = {unit for unit in units if unit is not None and unit.level == "township"}
        return found.pop() if len(found) == 1 else None

    def _keys(self, code: str, printed: str) -> Sequence[str]:
        """What a printed name is looked up as, in order."""
        known = self._looked_up.get((code, printed))
        if known is None:
            name, spellings = split_name(printed), _spellings()
            keys = [folded(name.whole), folded(name.bare)]
            listed = [spelt for key in keys for spelt in (key, spellings.get((code, key))) if spelt is not None]
            known = self._looked_up[code, printed] = tuple(dict.fromkeys(listed))
        return known

    def has_alias(self, code: str, name: str) -> bool:
        """Whether some place of the country has this name as an alias, so that another's would make it ambiguous."""
        return folded(name) in self._fetch(code).aliases

    def answers_to(self, place: KnownPlace, code: str, name: str) -> bool:
        """Whether a place already has this name."""
        return place.id in self._fetch(code).by_name.get(folded(name), ())

    def _fetch(self, code: str) -> _Country:
        if code in self._countries:
            return self._countries[code]
        country = self._countries[code] = _Country()
        table = Location.__table__
        others = (Location.country == code, Location.dataset_id != self._dataset_id)
        for row in self._connection.execute(select(table).where(*others)).mappings():
            within = {row[level] for level in LEVELS[1:]} | {row["id"], code.lower()}
            self._places[row["id"]] = KnownPlace(
                row["id"], row["name"], row["level"], frozenset(within - {None}), row["latitude"], row["longitude"]
            )
            if row["level"] == "town" and row["latitude"] is not None:
                country.towns.append(self._places[row["id"]])
        names = (
            select(LocationName.location_id, LocationName.folded, LocationName.rank)
            .join(Location, Location.id == LocationName.location_id)
            .where(*others, LocationName.rank >= NAME_RANK, LocationName.dataset_id != self._dataset_id)
        )
        for identity, key, rank in self._connection.execute(names):
            country.by_name.setdefault(key, set()).add(identity)
            if rank > NAME_RANK:
                country.aliases.add(key)
        return country
