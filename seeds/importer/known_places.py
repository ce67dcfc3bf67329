"""The places that other datasets have brought, found by name inside a larger place. Knows no file.

Importers tie the places that a file names to these, so that one place stays one record. Where a name is borne by several
places inside the larger one, none of them is found: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.models import LEVELS, Location, LocationName
from api.names import folded
from seeds.importer.spellings import SPELLINGS

# Words behind a name that say what it is the name of, each with the level that a place of that name has.
UNIT_WORDS: Mapping[str, str] = {
    "self-administered division": "district",
    "self-administered zone": "district",
    "union territory": "state_or_region",
    "sub-district": "township",
    "subdistrict": "township",
    "governorate": "state_or_region",
    "prefecture": "state_or_region",
    "department": "state_or_region",
    "province": "state_or_region",
    "township": "township",
    "division": "state_or_region",
    "district": "district",
    "village": "village",
    "region": "state_or_region",
    "county": "district",
    "oblast": "state_or_region",
    "state": "state_or_region",
    "city": "town",
    "town": "town",
}


class Named(NamedTuple):
    """A printed name in its parts: the name alone, the unit word behind it in lower case, and the level that it says."""

    bare: str
    word: str | None
    level: str | None

    @property
    def whole(self) -> str:
        """The name with its unit word, always written alike."""
        return self.bare if self.word is None else f"{self.bare} {self.word}"


# Behind a name and a space; the longest of the words that fit.
_UNIT_WORD = re.compile(f" ({'|'.join(UNIT_WORDS)})$", re.IGNORECASE)


def parted(printed: str) -> Named:
    """A printed name in its parts: `Magway  region` is Magway, a region."""
    name = " ".join(printed.split())
    found = _UNIT_WORD.search(name)
    if found is None:
        return Named(name, None, None)
    word = found[1].lower()
    return Named(name[: found.start()], word, UNIT_WORDS[word])


@dataclass(frozen=True)
class Known:
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


class KnownPlaces:
    """The places in a database that belong to other datasets than this one."""

    def __init__(self, connection: Connection, dataset_id: str) -> None:
        self._connection, self._dataset_id = connection, dataset_id
        self._countries: dict[str, _Country] = {}
        self._places: dict[str, Known] = {}
        self._looked_up: dict[tuple[str, str], Sequence[str]] = {}

    def country(self, code: str) -> Known | None:
        """The country of this ISO code, where another dataset has brought it."""
        self._fetch(code)
        return self._places.get(code.lower())

    def within(self, outer: Known, code: str, printed: str, levels: Collection[str]) -> Known | None:
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

    def _keys(self, code: str, printed: str) -> Sequence[str]:
        """What a printed name is looked up as, in order."""
        known = self._looked_up.get((code, printed))
        if known is None:
            name, spellings = parted(printed), SPELLINGS.get(code, {})
            keys = [folded(name.whole), folded(name.bare)]
            listed = [spelt for key in keys for spelt in (key, spellings.get(key)) if spelt is not None]
            known = self._looked_up[code, printed] = tuple(dict.fromkeys(listed))
        return known

    def has_alias(self, code: str, name: str) -> bool:
        """Whether some place of the country has this name as an alias, so that another's would make it ambiguous."""
        return folded(name) in self._fetch(code).aliases

    def answers_to(self, place: Known, code: str, name: str) -> bool:
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
            self._places[row["id"]] = Known(
                row["id"], row["name"], row["level"], frozenset(within - {None}), row["latitude"], row["longitude"]
            )
        names = (
            select(LocationName.location_id, LocationName.folded, LocationName.rank)
            .join(Location, Location.id == LocationName.location_id)
            .where(*others, LocationName.rank >= 2, LocationName.dataset_id != self._dataset_id)
        )
        for identity, key, rank in self._connection.execute(names):
            country.by_name.setdefault(key, set()).add(identity)
            if rank > 2:
                country.aliases.add(key)
        return country
