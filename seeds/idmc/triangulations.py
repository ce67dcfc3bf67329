"""Tells which of IDMC's figures are held against each other, and that a part of a file splits none of them.

Where no role is given, every figure counts as recommended. A triangulation belongs to the recommended figure of the same
event, country, term and unit; where there are several, to that of the same point, then of the nearest days, then the
oldest. Which that is, is decided among the rows of one file. A part that has some rows of such an event would make a figure
of what stands as a claim already, or take a claim away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from api.load.source import LoadRefused
from api.store.models import Event
from seeds.idmc.rows import Row

# How many missing rows an error names.
_MOST_NAMED = 5


def with_triangulations(rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Each row that makes a figure, with those that IDMC holds beside it, in the order of the file."""
    recommended: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row.is_recommended:
            recommended.setdefault(_same(row), []).append(row)
    beside: dict[int, list[Row]] = {}
    first: dict[tuple[object, ...], Row] = {}
    for row in sorted((row for row in rows if not row.is_recommended), key=lambda row: row.id):
        alike = recommended.get(_same(row))
        if alike is None:
            claimed_on = first.setdefault(_same(row), row)
        else:
            claimed_on = min(alike, key=lambda other: (*_distance(row, other), other.id))
        if claimed_on is not row:
            beside.setdefault(claimed_on.id, []).append(row)
    makes = {row.id for row in first.values()}
    return [(row, beside.get(row.id, [])) for row in rows if row.is_recommended or row.id in makes]


def _same(row: Row) -> tuple[object, ...]:
    """What figures have in common that count the same. A row that names no event has nothing in common with others."""
    return (row.event or row.id, row.iso3, row.term, row.unit)


def _distance(row: Row, other: Row) -> tuple[bool, int]:
    return row.point != other.point, abs((row.start - other.start).days)


def refuse_split_events(connection: Connection, dataset_id: str, file: str, rows: Iterable[Row]) -> None:
    """Makes sure that a part splits no such event. Errors: LoadRefused."""
    brought: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.event:
            brought[row.event].append(row)
    standing: dict[str, set[int]] = defaultdict(set)
    held: set[str] = {event for event, listed in brought.items() if not all(row.is_recommended for row in listed)}
    for identity, codes in connection.execute(select(Event.id, Event.codes).where(Event.dataset_id == dataset_id)):
        event = str(codes.get("event_id") or codes.get("event_name") or "")
        beside = codes.get("triangulated_by", "")
        standing[event] |= {int(identity.removeprefix(f"{dataset_id}-")), *map(int, filter(None, beside.split("; ")))}
        if beside or "triangulation" in str(codes.get("role", "")).lower():
            held.add(event)
    for event in held & brought.keys():
        missing = sorted(standing[event] - {row.id for row in brought[event]})
        if missing:
            row = brought[event][0]
            named = ", ".join(map(str, missing[:_MOST_NAMED]))
            raise LoadRefused(
                f"{file}, line {row.line}: the row {row.id} is of IDMC's event '{event}', which has triangulations and of"
                f" which {len(missing):,} more rows stand ({named}). A part has to hold all rows of such an event"
            )
