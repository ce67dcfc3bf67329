"""The places that an import brings: tied to those that other datasets have, made where there is none. Knows no file.

A name is looked for inside the larger place that it is printed with (`seeds.known_places`). What is not found becomes a
place of this dataset, with an id made of the names, so that it stays the same from release to release:
`acled-ind-manipur-kakching`. A spot's id ends in `-site`, since a town often bears the name of the unit it lies in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

from api.history import Record
from api.models import LEVELS
from api.names import folded, slug
from seeds.known_places import Known, KnownPlaces

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
        yield from fresh

    def names(self) -> dict[str, Sequence[Record]]:
        """What the places are called: all names of its own, and the further spellings that others' were met under."""
        found: dict[str, Sequence[Record]] = {}
        for identity, (name, *aliases) in ((identity, list(names)) for identity, names in self._own_names.items()):
            found[identity] = [name_row(_ID_RANK, identity), name_row(_NAME_RANK, name), *_aliases(aliases)]
        for identity, names in self._aliases.items():
            found[identity] = _aliases(names)
        return found

    def country(self, code: str, printed: str) -> Known:
        """The country of this ISO code."""
        found = self._known.country(code)
        if found is None:
            return self._bring(code, None, printed, "country", None)
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
        """A unit of this level and name inside another, of this dataset."""
        # A unit can only lie in a coarser one; where the larger place is as fine as itself, it is a spot in it.
        is_spot = LEVELS.index(outer.level) >= LEVELS.index(level)
        return self._bring(code, outer, printed, "site" if is_spot else level, None)

    def spot(self, code: str, outer: Known, printed: str, point: Point | None) -> Known:
        """A point with a name inside another place, of this dataset: nobody says whether it is a town or a village."""
        return self._bring(code, outer, printed, "site", point)

    def _bring(self, code: str, outer: Known | None, printed: str, level: str, point: Point | None) -> Known:
        name = " ".join(printed.split())
        identity = code.lower() if outer is None else self._id(outer, name, level)
        if identity in self._own:
            self._own_names[identity].setdefault(name)
            return self._own[identity]
        within = frozenset() if outer is None else outer.within
        self._own[identity] = Known(identity, name, level, within | {identity}, None, None)
        self._own_names[identity] = {name: None}
        self._fresh.append(
            {
                "id": identity,
                "name": name,
                "native_name": None,
                "level": level,
                "parent_id": None if outer is None else outer.id,
                "pcode": None,
                "country": code,
                "latitude": None if point is None else point[0],
                "longitude": None if point is None else point[1],
                "uncertainty_km": None,
                "position_basis": None if point is None else self._position_basis,
            }
        )
        return self._own[identity]

    def _id(self, outer: Known, name: str, level: str) -> str:
        tail = f"{tail_of(name)}-site" if level == "site" else tail_of(name)
        identity = f"{self._prefix}{outer.id.removeprefix(self._prefix)}-{tail}"
        standing = self._own.get(identity)
        if standing is not None and outer.id not in standing.within:
            # `a-b` in `c` and `a` in `b-c` would come to the same.
            return f"{identity}-{_hash(outer.id)}"
        return identity

    def _also(self, code: str, place: Known, printed: str) -> None:
        """Notes a spelling that another dataset's place was met under and does not have yet."""
        if not self._known.answers_to(place, code, printed) and not self._known.has_alias(code, printed):
            self._aliases.setdefault(place.id, {}).setdefault(" ".join(printed.split()))


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
