"""Whose word is meant: a group's, or the words that a record has."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from api.columns.copies import Copy
from api.columns.tables import CLAIMING, REPORTING
from api.errors import refuse
from api.lookup.answering import answering_to
from api.lookup.refusals import ambiguous, closest, unknown
from api.models import GroupName
from api.names import folded


def claimants_called(connection: Connection, copy: Copy, name: str) -> list[str]:
    """What records hold as their claimant for this name: the words themselves, or a group's id."""
    each = (select(table.c.claimant).where(table.c.claimant.is_not(None)) for table in (CLAIMING, REPORTING))
    known = [claimant for (claimant,) in copy.rows(union(*each).order_by("claimant"))]
    if name in known:
        return [name]
    groups = answering_to(connection, GroupName, "group_id", name)
    if len(groups) == 1:
        return groups
    words = [value for value in known if value and folded(value) == folded(name)]
    if words:
        return words
    if groups:
        raise refuse(
            [ambiguous("claimant", f"several groups are called '{name}'", [{"id": group} for group in groups])]
        )
    near = closest(name, known)
    raise refuse([unknown("claimant", f"nobody called '{name}' claims anything", [(value, value) for value in near])])
