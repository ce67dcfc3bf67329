"""Who fought in UCDP's events: its sides as groups. Knows no event and no file.

A side is the group of another dataset that carries its UCDP id or name as an external code; exactly one may. A side that
no group carries becomes a group of this dataset under its UCDP id. `Civilians` is one side all over the world: it is a
group of civilians of ours only in that group's own country.

An actor that UCDP renames keeps its id: it stays one group, and its older names stay as aliases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.kinds import Record
from api.loose_ends import LoadRefused
from api.models import Group, GroupCode, GroupName
from seeds.importer.gleditsch_ward import STATES

CIVILIANS = "Civilians"
_ID, _NAME = "ucdp_id", "ucdp_name"
_NAME_RANK, _ALIAS_RANK = 2, 3


class Side(NamedTuple):
    """What a row says of one side. `gwno` is the state's number where the side is a government, else empty."""

    id: str
    name: str
    gwno: str

    @property
    def kind(self) -> str:
        """The kind of group that it is. UCDP's other sides all fight as organised groups, by its definition."""
        if self.name == CIVILIANS:
            return "population"
        return "government" if self.gwno or self.name.startswith("Government of ") else "armed_group"


class _Carrier(NamedTuple):
    id: str
    kind: str
    country: str | None


class Sides:
    """The groups of one load; `fresh` hands over those that have to be brought first."""

    def __init__(self, connection: Connection, dataset_id: str) -> None:
        self._dataset_id = dataset_id
        self._carriers: dict[tuple[str, str], list[_Carrier]] = {}
        codes = (
            select(GroupCode.scheme, GroupCode.code, Group.id, Group.group_kind, Group.country)
            .join(Group, Group.id == GroupCode.group_id)
            .where(GroupCode.scheme.in_((_ID, _NAME)), Group.dataset_id != dataset_id)
            .order_by(Group.id)
        )
        for scheme, code, identity, kind, country in connection.execute(codes):
            self._carriers.setdefault((scheme, code), []).append(_Carrier(identity, kind, country))
        # The names that this dataset has brought before, in their order.
        self._before: dict[str, list[str]] = {}
        names = (
            select(GroupName.group_id, GroupName.name)
            .where(GroupName.dataset_id == dataset_id, GroupName.rank >= _NAME_RANK)
            .order_by(GroupName.group_id, GroupName.position)
        )
        for identity, name in connection.execute(names):
            self._before.setdefault(identity, []).append(name)
        self._own: dict[str, str] = {}
        self._met: dict[str, list[str]] = {}
        self._fresh: list[Record] = []

    def fresh(self) -> Iterator[Record]:
        """The groups of this dataset that were met since the last time."""
        fresh, self._fresh = self._fresh, []
        for record in fresh:
            yield {**record, "names": self._names(record["id"])}

    def group(self, side: Side, country: str) -> str:
        """The id of the group that a side in an event in this country is. Errors: LoadRefused, where it is not clear."""
        carrier = self._carrier(side, country)
        if carrier is not None:
            if side.kind != "population":
                self._meet(carrier.id, side.name)
            return carrier.id
        identity = f"{self._dataset_id}-{side.id}"
        if identity not in self._own:
            self._own[identity] = side.name
            state = STATES.get(side.gwno)
            self._fresh.append(
                {
                    "id": identity,
                    "name": side.name,
                    "acronym": None,
                    "group_kind": side.kind,
                    "country": None if state is None else state.code,
                    "description": None,
                    "codes": [{"scheme": _ID, "code": side.id}, {"scheme": _NAME, "code": side.name}],
                }
            )
        self._meet(identity, side.name)
        return identity

    def names(self) -> dict[str, Sequence[Record]]:
        """What the groups are called: all names of its own, and UCDP's names of others'. The present name comes first."""
        return {identity: self._names(identity) for identity in self._met}

    def _names(self, identity: str) -> list[Record]:
        """What a group is called, as far as is known."""
        met, own = self._met[identity], self._own.get(identity)
        earlier = [name for name in self._before.get(identity, []) if name not in met]
        aliases = [_name(_ALIAS_RANK, name) for name in (*met, *earlier) if name != own]
        return aliases if own is None else [_name(0, identity), _name(_NAME_RANK, own), *aliases]

    def _carrier(self, side: Side, country: str) -> _Carrier | None:
        for key in ((_ID, side.id), (_NAME, side.name)):
            found = [
                carrier
                for carrier in self._carriers.get(key, [])
                if carrier.kind != "population" or carrier.country == country
            ]
            if len(found) > 1:
                ids = ", ".join(carrier.id for carrier in found)
                raise LoadRefused(
                    f"the groups {ids} all have the {key[0]} '{key[1]}'; only one of them can be that side"
                )
            if found:
                return found[0]
        return None

    def _meet(self, identity: str, name: str) -> None:
        met = self._met.setdefault(identity, [])
        if name not in met:
            met.append(name)


def _name(rank: int, name: str) -> Record:
    return {"rank": rank, "name": name, "language": None, "document_id": None}
