"""Who took part, and how. Knows nothing of how groups are named or related."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import codes, named
from api.declare.values import Parameter, Several, Word, Yes


def _takes_part(value: Sequence[Any], part: Any) -> ColumnElement[bool]:
    """Is one of the groups, or was a member of one when the event began."""
    always = [member.group_id for member in value if member.since is None and member.until is None]
    found: list[ColumnElement[bool]] = [part.group_id.in_(always)] if always else []
    for member in value:
        if member.since is not None or member.until is not None:
            limits = [part.group_id == member.group_id]
            if member.since is not None:
                limits.append(part.date_start >= member.since)
            if member.until is not None:
                limits.append(part.date_start <= member.until)
            found.append(and_(*limits))
    return or_(*found)


GROUP = Filter(
    Parameter(
        "group",
        Several(Word()),
        "Groups by id, acronym, name or alias, compared without case, accents, apostrophes, hyphens and spaces. A name that"
        " holds a comma stands in double quotes.",
        "AA",
    ),
    Subject.PARTICIPATION,
    _takes_part,
    named("group"),
    companions=(
        Parameter(
            "include_members",
            Yes(),
            "With `group`: its members too, to any depth, as of the start of the event.",
            "true",
        ),
    ),
)
GROUP_ROLE = codes(
    "group_role",
    "Roles that a group has in the event.",
    "attacker",
    Subject.PARTICIPATION,
    column="role",
    code_list="role",
)

TAKING_PART: tuple[Filter, ...] = (GROUP, GROUP_ROLE)
