"""Reads events of the reading copy as they are compared, and finds those of other datasets that may be the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select

from api.columns.reading_copy import Copy
from api.columns.tables import EVENT, GROUP_RELATION, PARTICIPANT
from api.matching.score import FAR_KM, MOST_DAYS_APART, ComparedEvent, Score, Toll, score
from api.query.lookup.groups import MEMBERSHIPS

# Levels of units that two events may share.
_LEVELS = ("township", "district", "state_or_region", "area")
_SHOWN = (
    *("id", "dataset_id", "release", "title", "kind", "type", "subtype", "date_start", "date_end", "date_precision"),
    *("location_id", "location_name", "location_precision", "latitude", "longitude"),
)
_KILLED = ("killed_low", "killed_best", "killed_high", "killed_open_ended")
# Events that one is compared with at the most, those of its own unit first.
MOST_COMPARED = 2_000
# A degree of latitude is nowhere shorter, nor a degree of longitude where anybody lives.
_KM_A_DEGREE = 40.0


class Candidate(NamedTuple):
    """An event of another dataset that may be the same, and how well it matches."""

    event: ComparedEvent
    score: Score


def read(copy: Copy, where: ColumnElement[bool], most: int, *order: ColumnElement[Any]) -> list[ComparedEvent]:
    """The events that hold, so many at the most, in this order, else the newest first."""
    columns = [EVENT.c[name] for name in (*_SHOWN, *_KILLED, *_LEVELS, "participant_set")]
    rows = copy.rows(select(*columns).where(where).order_by(*order, EVENT.c.list_position).limit(most))
    groups = _groups(copy, {row[-1] for row in rows})
    found = []
    for row in rows:
        shown, killed = row[: len(_SHOWN)], row[len(_SHOWN) : len(_SHOWN) + len(_KILLED)]
        units = dict(zip(_LEVELS, row[len(_SHOWN) + len(_KILLED) : -1], strict=True))
        toll = None if killed[-1] is None else Toll(*killed)
        found.append(ComparedEvent._make((*shown, units, groups.get(row[-1], frozenset()), toll)))
    return found


def find(copy: Copy, identity: str) -> ComparedEvent | None:
    """The event of this id; null where there is none."""
    return next(iter(read(copy, EVENT.c.id == identity, 1)), None)


def matches(copy: Copy, event: ComparedEvent, datasets: Sequence[str] = ()) -> list[Candidate]:
    """The events of other datasets, of these where some are named, that may be the same as this one, best first."""
    found = read(copy, may_match(event, datasets), MOST_COMPARED, *_closest_first(event))
    scored = [Candidate(other, made) for other in found if (made := score(event, other)) is not None]
    return sorted(scored, key=lambda match: (-match.score.score, match.event.id))


def may_match(event: ComparedEvent, datasets: Sequence[str]) -> ColumnElement[bool]:
    """The condition on events of other datasets that share a day, or nearly, and a place with this one."""
    apart = timedelta(days=MOST_DAYS_APART)
    which = EVENT.c.dataset_id.in_(datasets) if datasets else EVENT.c.dataset_id.is_not(None)
    return (
        which
        & (EVENT.c.dataset_id != event.dataset)
        & (EVENT.c.date_start <= event.end + apart)
        & (EVENT.c.date_end >= event.start - apart)
        & or_(EVENT.c.location_id == event.location_id, *_shares_unit(event), *_is_near(event))
    )


def _shares_unit(event: ComparedEvent) -> list[ColumnElement[bool]]:
    return [EVENT.c[level] == unit for level, unit in event.units.items() if unit is not None]


def _is_near(event: ComparedEvent) -> list[ColumnElement[bool]]:
    if event.latitude is None or event.longitude is None:
        return []
    reach = FAR_KM / _KM_A_DEGREE
    return [
        EVENT.c.latitude.between(event.latitude - reach, event.latitude + reach)
        & EVENT.c.longitude.between(event.longitude - reach, event.longitude + reach)
    ]


def _closest_first(event: ComparedEvent) -> list[ColumnElement[Any]]:
    """Those of the same place first, then those of the finest unit that is shared."""
    units = [EVENT.c[level] == unit for level, unit in event.units.items() if unit is not None]
    return [condition.desc().nulls_last() for condition in (EVENT.c.location_id == event.location_id, *units)]


def _groups(copy: Copy, sets: set[int | None]) -> Mapping[int, frozenset[str]]:
    """The groups of these sets of participants, each with all that it belongs to."""
    wanted = PARTICIPANT.c.participant_set.in_([number for number in sets if number is not None])
    found: dict[int, set[str]] = defaultdict(set)
    for number, group in copy.rows(select(PARTICIPANT.c.participant_set, PARTICIPANT.c.group_id).where(wanted)):
        found[number].add(group)
    above: dict[str, set[str]] = defaultdict(set)
    relation = GROUP_RELATION.c
    # Publishers name such a group one for the other.
    ties = select(relation.from_group_id, relation.to_group_id).where(relation.type.in_(MEMBERSHIPS))
    for group, whole in copy.rows(ties):
        above[group].add(whole)
    return {number: frozenset(_with_wholes(groups, above)) for number, groups in found.items()}


def _with_wholes(groups: set[str], above: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(groups), set(groups)
    while waiting:
        waiting = {whole for group in waiting for whole in above.get(group, ())} - found
        found |= waiting
    return found
