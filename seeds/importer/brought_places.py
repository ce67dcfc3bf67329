"""The places that an import brings: tied to those that other datasets have, made where there is none. Knows no file.

A name is looked for inside the larger place that it is printed with (`seeds.importer.known_places`). What is not found becomes a
place of this dataset, with an id made of the names, so that it stays the same from release to release:
`acled-ind-manipur-kakching`. A spot's id ends in `-site`, since a town often bears the name of the unit it lies in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from api.kinds import Record
from api.models import LEVELS
from api.names import folded, slug
from seeds.importer.known_places import Known, KnownPlaces, parted

_ID_RANK, _NAME_RANK, _ALIAS_RANK = 0, 2, 3
Point = tuple[float, float]


class BroughtPlaces:
    """The places of one load, each worked out once; `fresh` hands over those that have to be brought first.

    `position_basis` says, for the spots among them, where their points come from.
    """

    def __init__(self, known: KnownPlaces, dataset_id: str, position_basis: str) -> None:
        self._known, self._prefix, self._position_basis = known, f"{dataset_id}-", position_basis
        self._own: dict[str, Known] = {}
        self._own_names: dict[str, dict[str, None]] = {}
        self._aliases: dict[str, dict[str, None]] = {}
        self._fresh: list[Record] = []

    def fresh(self) -> Iterator[Record]:
        """The places of this dataset that were met since the last time, parents first."""
        fresh, self._fresh = self._fresh, []
        for record in fresh:
            yield {**record, "names": self._names(record["id"])}

    def names(self) -> dict[str, Sequence[Record]]:
        """What the places are called: all names of its own, and the further spellings that others' were met under."""
        found: dict[str, Sequence[Record]] = {identity: self._names(identity) for identity in self._own_names}
        for identity, names in self._aliases.items():
            found[identity] = _aliases(names)
        return found

    def _names(self, identity: str) -> list[Record]:
        """What a place of its own is called, as far as is known."""
        name, *aliases = self._own_names[identity]
        return [name_row(_ID_RANK, identity), name_row(_NAME_RANK, name), *_aliases(aliases)]

    def country(self, code: str, printed: str, name: str | None = None) -> Known:
        """The country of this ISO code; `name` is what it is called where it is new, if not as printed."""
        found = self._known.country(code)
        if found is None:
            return self._bring(code, None, _New(name or printed, "country", code.lower(), aliases=(printed,)))
        self._also(code, found, printed)
        return found

    def find(self, code: str, outers: Sequence[Known], printed: str, levels: Collection[str]) -> Known | None:
        """The place of these levels and this name that another dataset has, in the first of these places that has it."""
        for outer in outers:
            found = self._known.within(outer, code, printed, levels)
            if found is not None:
                self._also(code, found, printed)
                return found
        return None

    def unit(self, code: str, outer: Known, printed: str, level: str) -> Known:
        """A unit of this level and name inside another, of this dataset, whatever the word behind its name."""
        name = parted(printed)
        if is_within(level, outer):
            return self._bring(code, outer, _New(name.whole, level, tail_of(name.bare), aliases=(name.bare,)))
        # Where the larger place is as fine as itself, it is a spot in it.
        return self.spot(code, outer, printed, None)

    def spot(self, code: str, outer: Known, printed: str, point: Point | None, level: str = "site") -> Known:
        """A named point inside another place, of this dataset; a site where nobody says whether it is town or village."""
        name = parted(printed)
        tail = tail_of(name.whole) if level != "site" else f"{tail_of(name.whole)}-site"
        return self._bring(code, outer, _New(name.whole, level, tail, point, (name.bare,)))

    def _bring(self, code: str, outer: Known | None, new: _New) -> Known:
        identity = new.tail if outer is None else self._id(outer, new.tail)
        if identity in self._own:
            self._own_names[identity].setdefault(new.name)
            return self._own[identity]
        within = frozenset() if outer is None else outer.within
        self._own[identity] = Known(identity, new.name, new.level, within | {identity}, None, None)
        further = (" ".join(alias.split()) for alias in new.aliases)
        # What another place of the country is also called would find neither any more.
        told = [alias for alias in further if not self._known.has_alias(code, alias)]
        self._own_names[identity] = dict.fromkeys([new.name, *told])
        latitude, longitude = (None, None) if new.point is None else new.point
        self._fresh.append(
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
            }
        )
        return self._own[identity]

    def _id(self, outer: Known, tail: str) -> str:
        identity = f"{self._prefix}{outer.id.removeprefix(self._prefix)}-{tail}"
        standing = self._own.get(identity)
        if standing is not None and outer.id not in standing.within:
            # `a-b` in `c` and `a` in `b-c` would come to the same.
            return f"{identity}-{_hash(outer.id)}"
        return identity

    def _also(self, code: str, place: Known, printed: str) -> None:
        """Notes a spelling that another dataset's place was met under and does not have yet."""
        name = parted(printed)
        if any(self._known.answers_to(place, code, text) for text in (name.bare, name.whole)):
            return
        if not self._known.has_alias(code, name.bare):
            self._aliases.setdefault(place.id, {}).setdefault(name.bare)


class _New(NamedTuple):
    """A place to bring: its name, level and the end of its id, the point where it is a spot, and further names."""

    name: str
    level: str
    tail: str
    point: Point | None = None
    aliases: tuple[str, ...] = ()


def is_within(level: str, outer: Known) -> bool:
    """Whether a place of this level is finer than the other, as one that lies in it has to be."""
    return LEVELS.index(level) > LEVELS.index(outer.level)


def tail_of(name: str) -> str:
    """A name as the end of an id; with a hash where letters are lost that could tell it from another."""
    made = slug(name)
    return made if made.replace("-", "") == folded(name) else f"{made}-{_hash(folded(name))}".lstrip("-")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def name_row(rank: int, name: str) -> Record:
    """A name as the load engine takes it."""
    return {"rank": rank, "name": name, "language": None, "document_id": None}


def _aliases(names: Collection[str]) -> list[Record]:
    return [name_row(_ALIAS_RANK, name) for name in sorted(names)]
