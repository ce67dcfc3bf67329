"""Ties the groups that an import names to those that other datasets have, and makes those that there are not.

A group of another dataset is known by an external code that it carries: the publisher's id or name of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.domain.names import ID_RANK, NAME_RANK
from api.load.source import LoadRefused
from api.store.models import Group, GroupCode, GroupName
from api.store.record_types import Record
from seeds.importer.imported_places import Bring
from seeds.importer.records import aliases, name_row

# As word processors and some spreadsheets turn an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"))


class KnownGroup(NamedTuple):
    """A group of another dataset that carries a code. `country` is null where it is of no single one."""

    id: str
    kind: str
    country: str | None


class ImportedGroups:
    """The groups of one load; those that are new go to `bring`."""

    def __init__(self, connection: Connection, dataset_id: str, bring: Bring) -> None:
        self._connection, self._dataset_id, self._bring = connection, dataset_id, bring
        self._known: dict[tuple[str, str], list[KnownGroup]] = {}
        found = (
            select(GroupCode.scheme, GroupCode.code, Group.id, Group.group_kind, Group.country)
            .join(Group, Group.id == GroupCode.group_id)
            .where(Group.dataset_id != dataset_id)
            .order_by(Group.id)
        )
        for scheme, code, identity, kind, country in connection.execute(found):
            known = self._known.setdefault((scheme, _plain(code)), [])
            group = KnownGroup(identity, kind, country)
            # One that carries a code in two spellings is one.
            if group not in known:
                known.append(group)
        of_others = select(Group.acronym, Group.country, Group.id, Group.group_kind).where(
            Group.dataset_id != dataset_id
        )
        self._acronyms: dict[tuple[str, str], list[KnownGroup]] = {}
        for acronym, country, identity, kind in connection.execute(of_others.order_by(Group.id)):
            if acronym is not None and country is not None:
                self._acronyms.setdefault((acronym, country), []).append(KnownGroup(identity, kind, country))
        # Of each group that was met its own name, null where it is another dataset's, and what else it is called.
        self._names: dict[str, tuple[str | None, dict[str, None]]] = {}
        self._earlier: dict[str, list[str]] | None = None

    def keep_earlier_names(self) -> None:
        """Keeps the names that this dataset has brought before, behind those that are met now and in their order."""
        self._earlier = {}
        names = (
            select(GroupName.group_id, GroupName.name)
            .where(GroupName.dataset_id == self._dataset_id, GroupName.rank >= NAME_RANK)
            .order_by(GroupName.group_id, GroupName.position)
        )
        for identity, name in self._connection.execute(names):
            self._earlier.setdefault(identity, []).append(name)

    def with_code(self, scheme: str, code: str) -> list[KnownGroup]:
        """The groups of other datasets that carry a code, by id."""
        return self._known.get((scheme, _plain(code)), [])

    def with_acronym(self, acronym: str, country: str) -> list[KnownGroup]:
        """The groups of other datasets that have an acronym in a country, by id."""
        return self._acronyms.get((acronym, country), [])

    def ids_with_scheme(self, scheme_start: str) -> set[str]:
        """The ids of the groups of other datasets that carry a code of a scheme that begins so."""
        return {
            group.id for (scheme, _), known in self._known.items() if scheme.startswith(scheme_start) for group in known
        }

    def add(self, group: Record, called: Collection[str] = ()) -> None:
        """Brings a group of this dataset, with what else it is called; the second time only the further names."""
        identity = group["id"]
        if identity in self._names:
            self.add_names(identity, called)
            return
        self._names[identity] = (group["name"], dict.fromkeys(called))
        row = {"acronym": None, "country": None, "description": None, **group, "names": self._rows(identity)}
        self._bring("group", row)

    def add_names(self, identity: str, names: Collection[str]) -> None:
        """Notes what a group is called, its own or another dataset's."""
        _, called = self._names.setdefault(identity, (None, {}))
        called.update(dict.fromkeys(names))

    def names(self) -> dict[str, Sequence[Record]]:
        """What the groups are called: all names of its own, and the further ones of others'."""
        return {identity: self._rows(identity) for identity in self._names}

    def _rows(self, identity: str) -> list[Record]:
        own, called = self._names[identity]
        if self._earlier is not None:
            told = list(dict.fromkeys((*called, *self._earlier.get(identity, ()))))
        else:
            # The order of rows decides nothing.
            told = sorted(called) if own is None else list(called)
        others = aliases([name for name in told if name != own])
        return others if own is None else [name_row(ID_RANK, identity), name_row(NAME_RANK, own), *others]


def _plain(code: str) -> str:
    """A code as codes are compared, whatever its case and its apostrophes."""
    return code.translate(_APOSTROPHES).casefold()


def only_one(known: Sequence[KnownGroup], code: tuple[str, str], noun: str) -> KnownGroup | None:
    """The one group that carries a code, null where none does. Errors: LoadRefused, where several do."""
    if len(known) > 1:
        ids = ", ".join(group.id for group in known)
        raise LoadRefused(f"the groups {ids} all have the {code[0]} '{code[1]}'; only one of them can be that {noun}")
    return known[0] if known else None
