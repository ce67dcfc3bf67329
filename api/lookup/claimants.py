"""Whose word is meant: a group's, or the words that a record has. Knows nothing of what they claim."""

from __future__ import annotations

from sqlalchemy import Connection, exists, or_, select

from api.errors import refuse
from api.lookup.answering import answering_to
from api.lookup.refusals import ambiguous, closest, unknown
from api.models import Claim, GroupName, Report
from api.names import folded


def claimants_called(connection: Connection, name: str) -> list[str]:
    """What records hold as their claimant for this name: the words themselves, or a group's id."""
    known = (
        select(Claim.claimant)
        .where(Claim.claimant.is_not(None))
        .union(select(Report.claimant).where(Report.claimant.is_not(None)))
    )
    exact = select(1).where(or_(exists().where(Claim.claimant == name), exists().where(Report.claimant == name)))
    if connection.scalar(exact) is not None:
        return [name]
    groups = answering_to(connection, GroupName, "group_id", name)
    if len(groups) == 1:
        return groups
    words = [value for value in connection.scalars(known) if value and folded(value) == folded(name)]
    if words:
        return words
    if groups:
        raise refuse(
            [ambiguous("claimant", f"several groups are called '{name}'", [{"id": group} for group in groups])]
        )
    near = closest(name, connection.scalars(known).all())
    raise refuse([unknown("claimant", f"nobody called '{name}' claims anything", [(value, value) for value in near])])
