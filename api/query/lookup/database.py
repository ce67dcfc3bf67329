"""Resolves the names in a query to ids: the one entry for filters, over rows and reading copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from api.columns.copies import Copy
from api.columns.tables import EVENT
from api.query.filters.filter import QueryValues
from api.query.lookup.groups import Member, find_group, find_speakers, with_members
from api.query.lookup.ids import known_countries, known_ids
from api.query.lookup.names import closest, neighbours
from api.query.lookup.places import find_place


@dataclass(frozen=True, slots=True)
class DatabaseLookUp:
    """Look-ups in one state of the data."""

    connection: Connection
    copy: Copy

    def resolve(self, parameter: str, names: Sequence[str], query: QueryValues) -> Sequence[Any]:
        """The records that these names mean, for this parameter."""
        match parameter:
            case "location" | "parent":
                return [find_place(self.connection, self.copy, parameter, name, query) for name in names]
            case "group":
                found = [find_group(self.connection, name) for name in names]
                if query.get("include_members"):
                    return with_members(self.connection, found)
                return [Member(i, None, None) for i in found]
            case "claimant" | "source" | "outlet":
                called = (find_speakers(self.connection, self.copy, parameter, name) for name in names)
                return list(dict.fromkeys(speaker for found in called for speaker in found))
            case "country":
                return known_countries(self.connection, parameter, names)
            case _:
                return known_ids(self.connection, parameter, names, query)

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""
        found = list(dict.fromkeys(events))
        waiting = found
        while waiting:
            below = (
                select(EVENT.c.id).where(EVENT.c.part_of.in_(waiting), EVENT.c.id.not_in(found)).order_by(EVENT.c.id)
            )
            waiting = [identity for (identity,) in self.copy.rows(below)]
            found += waiting
        return found


def near_ids(connection: Connection, model: Any, identity: str) -> list[str]:
    """Ids close to one that is not there."""
    return closest(identity, neighbours(connection, select(model.id), identity))
