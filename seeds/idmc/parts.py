"""What a part of IDMC's updates has to hold: all that stands of an event whose figures are held against each other.

Which figure a triangulation is a claim of is decided among the rows of one file. A part that has some rows of such an event
would make a figure of what stands as a claim already, or take a claim away. Knows no file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from api.loose_ends import LoadRefused
from api.models import Event
from seeds.idmc.events import DATASET
from seeds.idmc.rows import Row

# How many missing rows an error names.
_MOST_NAMED = 5


def hold_together(connection: Connection, file: str, rows: Iterable[Row]) -> None:
    """Makes sure that a part splits no such event. Errors: LoadRefused."""
    brought: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.event:
            brought[row.event].append(row)
    standing: dict[str, set[int]] = defaultdict(set)
    held: set[str] = {event for event, listed in brought.items() if not all(row.is_recommended for row in listed)}
    for identity, codes in connection.execute(select(Event.id, Event.codes).where(Event.dataset_id == DATASET)):
        event = str(codes.get("event_id") or codes.get("event_name") or "")
        beside = codes.get("triangulated_by", "")
        standing[event] |= {int(identity.removeprefix(f"{DATASET}-")), *map(int, filter(None, beside.split("; ")))}
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
