"""Ties the places that an import names to those that other datasets have, and makes those that there are not.

A name is looked for inside the larger place that it is printed with (`seeds.importer.known_places`). What is not found becomes a
place of this dataset, with an id made of the names, so that it stays the same from release to release:
`acled-ind-manipur-kakching`. The id of a named point ends in `-site`, since a town often bears the name of the unit it lies in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from api.domain.codebook.places import LEVELS
from api.domain.countries import ALPHA_3_LETTERS
from api.domain.names import ID_RANK, NAME_RANK, folded, slug
from api.store.record_types import Record
from seeds.importer.known_places import KnownPlace, KnownPlaces, split_name
from seeds.importer.points import Point
from seeds.importer.records import aliases, name_row
from seeds.importer.values import single_spaced

# Takes a kind and a record of it.
Bring = Callable[[str, Record], None]
# What a state or region may be in the gazetteer.
STATE_LEVELS = ("area", "state_or_region")


class ImportedPlaces:
    """The places of one load, each worked out once; those that are new go to `bring`, parents first.

    `position_basis` says, for the named points among them, where their points come from.
    """

    def __init__(self, known: KnownPlaces, dataset_id: str, position_basis: str, bring: Bring) -> None:
        self.known, self._prefix, self._position_basis = known, f"{dataset_id}-", position_basis
        self._bring = bring
        self._own: dict[str, KnownPlace] = {}
        self._own_names: dict[str, dict[str, None]] = {}
        self._aliases: dict[str, dict[str, None]] = {}

    def names(self) -> dict[str, Sequence[Record]]:
        """What the places are called: all names of its own, and the further spellings that others' were met under."""
        found: dict[str, Sequence[Record]] = {identity: self._names(identity) for identity in self._own_names}
        for identity, names in self._aliases.items():
            found[identity] = aliases(sorted(names))
        return found

    def country_of(self, identity: str) -> str | None:
        """The code of the country that a place of this load lies in; null where it lies in none."""
        place = self._own.get(identity) or self.known.place(identity)
        return (
            None if place is None else next((one.upper() for one in place.within if len(one) == ALPHA_3_LETTERS), None)
        )

    def _names(self, identity: str) -> list[Record]:
        """What a place of its own is called, as far as is known."""
        name, *others = self._own_names[identity]
        return [name_row(ID_RANK, identity), name_row(NAME_RANK, name), *aliases(sorted(others))]

    def country(self, code: str, printed: str, name: str | None = None) -> KnownPlace:
        """The country of this ISO code; `name` is what it is called where it is new, if not as printed."""
        found = self.known.country(code)
        if found is None:
            return self._add(code, None, _New(name or printed, "country", code.lower(), aliases=(printed,)))
        self._note_spelling(code, found, printed)
        return found

    def find(self, code: str, outers: Sequence[KnownPlace], printed: str, levels: Collection[str]) -> KnownPlace | None:
        """The place of these levels and this name that another dataset has, in the first of these places that has it."""
        for outer in outers:
            found = self.known.within(outer, code, printed, levels)
            if found is not None:
                self._note_spelling(code, found, printed)
                return found
        return None

    def find_first(
        self, code: str, outers: Sequence[KnownPlace], printed: str, levels: Sequence[str]
    ) -> KnownPlace | None:
        """The same, the levels tried one by one."""
        found = (self.find(code, outers, printed, (level,)) for level in levels)
        return next((place for place in found if place is not None), None)

    def find_or_add(self, code: str, outer: KnownPlace, printed: str, level: str) -> KnownPlace:
        """The place of this level and name inside another, found or of this dataset; a state may be an area elsewhere."""
        levels = STATE_LEVELS if level == "state_or_region" else (level,)
        return self.find(code, [outer], printed, levels) or self.add_unit(code, outer, printed, level)

    def add_unit(self, code: str, outer: KnownPlace, printed: str, level: str) -> KnownPlace:
        """A unit of this level and name inside another, of this dataset, whatever the word behind its name."""
        name = split_name(printed)
        if is_within(level, outer):
            return self._add(code, outer, _New(name.whole, level, tail_of(name.bare), aliases=(name.bare,)))
        # Where the larger place is as fine as itself, it is a named point in it.
        return self.add_point(code, outer, printed, None)

    def add_point(
        self, code: str, outer: KnownPlace, printed: str, point: Point | None, level: str = "site"
    ) -> KnownPlace:
        """A named point inside another place, of this dataset; a site where nobody says whether it is town or village."""
        name = split_name(printed)
        tail = tail_of(name.whole) if level != "site" else f"{tail_of(name.whole)}-site"
        return self._add(code, outer, _New(name.whole, level, tail, point, (name.bare,)))

    def add_area(self, printed: str, point: Point | None) -> KnownPlace:
        """An area of this dataset that lies in no country, such as a sea."""
        name = single_spaced(printed)
        return self._add(None, None, _New(name, "area", f"{self._prefix}{tail_of(name)}", point))

    def add_point_in_area(self, outer: KnownPlace, printed: str, point: Point | None) -> KnownPlace:
        """A named point in such an area."""
        name = single_spaced(printed)
        return self._add(None, outer, _New(name, "site", f"{tail_of(name)}-site", point))

    def _add(self, code: str | None, outer: KnownPlace | None, new: _New) -> KnownPlace:
        identity = new.tail if outer is None else self._id(outer, new.tail)
        if identity in self._own:
            self._own_names[identity].setdefault(new.name)
            return self._own[identity]
        within = frozenset() if outer is None else outer.within
        self._own[identity] = KnownPlace(identity, new.name, new.level, within | {identity}, None, None)
        further = (single_spaced(alias) for alias in new.aliases)
        # What another place of the country is also called would find neither any more.
        told = [alias for alias in further if code is not None and not self.known.has_alias(code, alias)]
        self._own_names[identity] = dict.fromkeys([new.name, *told])
        latitude, longitude = (None, None) if new.point is None else new.point
        self._bring(
            "location",
            {
                "id": identity,
                "name": new.name,
                "native_name": None,
                "level": new.level,
                "parent_id": None if outer is None else outer.id,
                "pcode": None,
                "country": code,
                "latitude": latitude,
                "longitude": longitude,
                "uncertainty_km": None,
                "position_basis": None if new.point is None else self._position_basis,
                "names": self._names(identity),
            },
        )
        return self._own[identity]

    def _id(self, outer: KnownPlace, tail: str) -> str:
        identity = f"{self._prefix}{outer.id.removeprefix(self._prefix)}-{tail}"
        standing = self._own.get(identity)
        if standing is not None and outer.id not in standing.within:
            # `a-b` in `c` and `a` in `b-c` would come to the same.
            return f"{identity}-{short_hash(outer.id)}"
        return identity

    def _note_spelling(self, code: str, place: KnownPlace, printed: str) -> None:
        """Notes a spelling that another dataset's place was met under and does not have yet."""
        name = split_name(printed)
        if any(self.known.answers_to(place, code, text) for text in (name.bare, name.whole)):
            return
        if not self.known.has_alias(code, name.bare):
            self._aliases.setdefault(place.id, {}).setdefault(name.bare)


class _New(NamedTuple):
    """A place to bring: its name, level and the end of its id, the point where it is no more than one, and further names."""

    name: str
    level: str
    tail: str
    point: Point | None = None
    aliases: tuple[str, ...] = ()


def is_within(level: str, outer: KnownPlace) -> bool:
    """Whether a place of this level is finer than the other, as one that lies in it has to be."""
    return LEVELS.index(level) > LEVELS.index(outer.level)


def tail_of(name: str) -> str:
    """A name as the end of an id; with a hash where letters are lost that could tell it from another."""
    made = slug(name)
    return made if made.replace("-", "") == folded(name) else f"{made}-{short_hash(folded(name))}".lstrip("-")


def short_hash(text: str) -> str:
    """Eight characters that tell a text from another."""
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
