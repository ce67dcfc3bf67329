"""Makes groups of those who fought in UCDP's events, its sides.

A side is the group of another dataset that carries its UCDP id or name as an external code; exactly one may. A side that
no group carries becomes a group of this dataset under its UCDP id. `Civilians` is one side all over the world: it is a
group of civilians of ours only in that group's own country.

An actor that UCDP renames keeps its id: it stays one group, and its older names stay as aliases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seeds.importer.imported import Imported
from seeds.importer.imported_groups import KnownGroup, only_one
from seeds.importer.records import Unknown
from seeds.importer.report import Unreadable
from seeds.importer.states import states
from seeds.importer.values import is_in_digits, single_spaced, whole

_CIVILIANS, _GOVERNMENT = "civilians", "government of "
_ID, NAME = "ucdp_id", "ucdp_name"
_POPULATIONS = {"government": "state_forces", "population": "civilians", "armed_group": "armed_opposition"}


def is_civilians(name: str) -> bool:
    """Whether a side is civilians, whatever the case of the file."""
    return name.casefold() == _CIVILIANS


class SideGroup(NamedTuple):
    """A side as a group, whose dead its dead are, what a title calls it, and codes that were not known."""

    group: str
    population: str
    name: str
    unknown: Sequence[Unknown] = ()


class Sides:
    """The sides of one load."""

    def __init__(self, imported: Imported) -> None:
        self._groups, self._dataset_id = imported.groups, imported.dataset_id
        self._groups.keep_earlier_names()

    def side(self, said: Sequence[str], country: str) -> SideGroup:
        """A side, given by its id, name and, where it is a government, its state's number. Errors: Unreadable, LoadRefused."""
        number, name, state_number = map(single_spaced, said)
        whole("side_a_new_id or side_b_new_id", number)
        if not name:
            raise Unreadable("side_a or side_b", "the side has no name")
        unknown: Sequence[Unknown] = ()
        if state_number and not is_in_digits(state_number):
            unknown = (("gwnoa or gwnob", state_number, "no state"),)
            state_number = ""
        # UCDP's other sides all fight as organised groups, by its definition.
        kind = "government" if state_number or name.casefold().startswith(_GOVERNMENT) else "armed_group"
        if is_civilians(name):
            kind = "population"
        standing = self._known_group(number, name, country)
        if standing is None:
            identity, state = f"{self._dataset_id}-{number}", states().get(state_number)
            codes = [{"scheme": _ID, "code": number}, {"scheme": NAME, "code": name}]
            group = {"id": identity, "name": name, "group_kind": kind, "codes": codes}
            self._groups.add({**group, "country": None if state is None else state.code}, [name])
        else:
            identity = standing.id
        if standing is None or kind != "population":
            self._groups.add_names(identity, [name])
        return SideGroup(identity, _POPULATIONS[kind], _CIVILIANS if is_civilians(name) else name, unknown)

    def _known_group(self, number: str, name: str, country: str) -> KnownGroup | None:
        for code in ((_ID, number), (NAME, name)):
            # Civilians are other people in each country.
            found = [
                group
                for group in self._groups.with_code(*code)
                if group.kind != "population" or group.country == country
            ]
            group = only_one(found, code, "side")
            if group is not None:
                return group
        return None
