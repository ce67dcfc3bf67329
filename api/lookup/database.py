"""The look-ups that filters may ask for, on one connection. Knows no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from api.declare.filter import Asked
from api.keeping import Remember
from api.lookup import full_text
from api.lookup.claimants import claimants_called
from api.lookup.groups import Member, group_called, with_members
from api.lookup.ids import known_countries, known_ids
from api.lookup.places import place_called
from api.lookup.refusals import closest, neighbours
from api.models import Event, Revision


@dataclass(frozen=True, slots=True)
class DatabaseLookUp:
    """Look-ups on one connection."""

    connection: Connection
    # What remembers what is known of the data, whatever is asked.
    known: Remember = lambda _key, make: make()

    def resolve(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[Any]:
        """The records that these names mean, for this parameter."""
        match parameter:
            case "location" | "parent":
                return [place_called(self.connection, parameter, name, asked) for name in names]
            case "group":
                found = [group_called(self.connection, name) for name in names]
                if asked.get("include_members"):
                    return with_members(self.connection, found)
                return [Member(i, None, None) for i in found]
            case "claimant":
                return [claimant for name in names for claimant in claimants_called(self.connection, name)]
            case "country":
                return known_countries(self.connection, parameter, names, self.known)
            case _:
                return known_ids(self.connection, parameter, names, asked)

    def near_ids(self, model: Any, identity: str) -> list[str]:
        """Ids close to one that is not there."""
        return closest(identity, neighbours(self.connection, select(model.id), identity))

    def full_text(self, words: Sequence[str]) -> Select[Any]:
        """A select of the numbers of events whose words hold all of these."""
        return full_text.events_with(self.connection, words)

    def holding(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition on one event's words that they hold all of these."""
        return full_text.holding(self.connection, words)

    def longest_days(self) -> int:
        """How many days the longest period of any event or figure takes, from its first day to its last."""

        def asked() -> int:
            return self.connection.scalar(select(Revision.longest_days)) or 0

        found: int = self.known("longest days", asked)
        return found

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""
        found = list(dict.fromkeys(events))
        waiting = found
        while waiting:
            below = self.connection.scalars(select(Event.id).where(Event.part_of.in_(waiting), Event.id.not_in(found)))
            waiting = list(below)
            found += waiting
        return found
