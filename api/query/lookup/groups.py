"""Finds the group or claimant that a name means, and who was a member of a group when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from api.columns.reading_copy import Copy
from api.columns.tables import ATTRIBUTIONS, ONE_COLUMN_SETS
from api.domain import deadlines
from api.domain.errors import refusal
from api.domain.names import folded
from api.query.lookup.names import (
    Near,
    ambiguous,
    closest,
    closest_names,
    ids_by_name,
    near_records,
    unknown,
    withdrawn,
)
from api.store.models import Group, GroupName, GroupRelation

# The relations by which one group belongs to another.
MEMBERSHIPS = ("member_of", "armed_wing_of", "branch_of", "part_of")


class Member(NamedTuple):
    """A group that is asked about, and when it counts: always, or while it was a member."""

    group_id: str
    since: date | None
    until: date | None


def find_group(connection: Connection, name: str, is_suggested: bool) -> str:
    """The id of the group that answers to this name."""
    deadlines.check("looking up names")
    found = ids_by_name(connection, GroupName, "group_id", name)
    if not found:
        gone = withdrawn(connection, Group, "group", name)
        if gone is not None:
            raise refusal([gone])
        near = closest_names(connection, GroupName, "group_id", name) if is_suggested else []
        raise refusal([unknown("group", f"no group is called '{name}' (they are at /v1/groups)", near)])
    if len(found) > 1:
        rows = connection.execute(select(Group.id, Group.name, Group.country).where(Group.id.in_(found)))
        candidates = [dict(row) for row in rows.mappings()]
        raise refusal([ambiguous("group", f"{len(found)} groups are called '{name}'", candidates)])
    return found[0]


def with_members(connection: Connection, groups: Sequence[str]) -> list[Member]:
    """The groups and their members to any depth, each with the time in which its whole chain of membership held.

    A document that tells of a membership without its time says nothing against another that tells when it began or ended.
    """
    found = [Member(group, None, None) for group in groups]
    waiting = list(found)
    while waiting:
        above = waiting.pop()
        rows = connection.execute(
            select(GroupRelation.from_group_id, GroupRelation.valid_from, GroupRelation.valid_to).where(
                GroupRelation.to_group_id == above.group_id, GroupRelation.type.in_(MEMBERSHIPS)
            )
        ).all()
        dated = {identity for identity, *times in rows if times != [None, None]}
        for identity, valid_from, valid_to in rows:
            if valid_from is None and valid_to is None and identity in dated:
                continue
            member = Member(identity, _later(above.since, valid_from), _earlier(above.until, valid_to))
            is_never = member.since is not None and member.until is not None and member.since > member.until
            if not is_never and not any(_covers(known, member) for known in found):
                found.append(member)
                waiting.append(member)
    return found


def _later(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else max(one, other)


def _earlier(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else min(one, other)


def _covers(known: Member, member: Member) -> bool:
    """Whether a group is already counted for all the time of this membership."""
    return (
        known.group_id == member.group_id
        and (known.since is None or (member.since is not None and known.since <= member.since))
        and (known.until is None or (member.until is not None and member.until <= known.until))
    )


@dataclass(frozen=True)
class Speakers:
    """Everybody who is told as claimant, source or outlet. Thousands may be, so that names are looked for as they are written
    first."""

    copy: Copy
    parameter: str
    names: Sequence[str] = ()

    def _told(self, *conditions: ColumnElement[bool]) -> list[str]:
        column = self._column
        statement = select(column).where(column.is_not(None), *conditions).distinct().order_by(column)
        return [speaker for (speaker,) in self.copy.rows(statement)]

    @property
    def _column(self) -> ColumnElement[str]:
        found: ColumnElement[str] = ONE_COLUMN_SETS[ATTRIBUTIONS][self.parameter].table.c[self.parameter]
        return found

    @cached_property
    def written(self) -> Sequence[str]:
        """Those of the names that are theirs as they stand."""
        return self._told(self._column.in_(self.names))

    @cached_property
    def known(self) -> Sequence[str]:
        """All of them."""
        return [speaker for speaker in self._told() if speaker]

    @cached_property
    def by_fold(self) -> Mapping[str, Sequence[str]]:
        """The same by their folded names."""
        found: dict[str, list[str]] = {}
        for speaker in self.known:
            found.setdefault(folded(speaker), []).append(speaker)
        return found


def find_speakers(connection: Connection, speakers: Speakers, name: str, is_suggested: bool) -> Sequence[str]:
    """What records hold as their claimant, source or outlet for this name: the words themselves, or a group's id."""
    deadlines.check("looking up names")
    parameter = speakers.parameter
    # No group is an outlet: what publishes is told by words, which a group may bear as well.
    groups = [] if parameter == "outlet" else ids_by_name(connection, GroupName, "group_id", name)
    # An id as it stands means that group, and words that nobody bears as a name mean themselves.
    if name in (groups or speakers.written):
        return [name]
    if len(groups) == 1:
        # Where records have a group's names as words, whoever asks for it by any of them means these too.
        called = select(GroupName.folded).where(GroupName.group_id == groups[0])
        told = (word for fold in connection.scalars(called) for word in speakers.by_fold.get(fold, ()))
        return [*groups, *(word for word in dict.fromkeys(told) if word not in groups)]
    if groups:
        candidates = [{"id": one.id, "name": one.name} for one in near_records(connection, Group, groups)]
        raise refusal([ambiguous(parameter, f"several groups are called '{name}'", candidates)])
    words = speakers.by_fold.get(folded(name), ())
    if words:
        return words
    if parameter != "source" and is_suggested and _is_source(connection, speakers.copy, name):
        what = {
            "claimant": f"'{name}' passes on what others say, or publishes it, and claims nothing",
            "outlet": f"'{name}' publishes nothing that is here",
        }[parameter]
        raise refusal([unknown(parameter, f"{what}: ask for it by 'source'", [])])
    near = closest(name, speakers.known) if is_suggested else []
    does = "claims" if parameter == "claimant" else "says"
    raise refusal(
        [
            unknown(
                parameter,
                f"nobody called '{name}' {does} anything (who does: /v1/events?facets={parameter}&limit=1)",
                [Near(value, value, value) for value in near],
            )
        ]
    )


def _is_source(connection: Connection, copy: Copy, name: str) -> bool:
    """Whether this means somebody who says or passes on anything."""
    return bool(
        folded(name) in Speakers(copy, "source").by_fold or ids_by_name(connection, GroupName, "group_id", name)
    )
