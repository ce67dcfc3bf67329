"""The records that answer to a name. Knows no difference between groups and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from api.forms import run_with
from api.models import Location
from api.names import folded


def answering_to(connection: Connection, names: Any, owner: str, name: str, levels: Sequence[str] = ()) -> list[str]:
    """The records that answer to a name at the first rank where any does."""
    column = getattr(names, owner)

    def answering(slots: Sequence[Any]) -> Select[Any]:
        found = select(names.rank, column).where(names.folded == slots[0]).order_by(names.rank, column).distinct()
        if not levels:
            return found
        return found.join(Location, Location.id == column).where(Location.level.in_(levels), names.rank >= 2)

    rows = run_with(connection, ("answering", owner, *levels), [folded(name)], answering)
    best = [identity for rank, identity in rows if rank == rows[0][0]]
    # An id as it stands means that record, though another's may be the same without hyphens.
    return [name] if name in best else best
