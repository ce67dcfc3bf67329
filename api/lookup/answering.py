"""The records that answer to a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from api.models import Location
from api.names import folded


def answering_to(connection: Connection, names: Any, owner: str, name: str, levels: Sequence[str] = ()) -> list[str]:
    """The records that answer to a name at the first rank where any does."""
    column = getattr(names, owner)
    found = select(names.rank, column).where(names.folded == folded(name)).order_by(names.rank, column).distinct()
    if levels:
        found = found.join(Location, Location.id == column).where(Location.level.in_(levels), names.rank >= 2)
    rows = connection.execute(found).all()
    best = [identity for rank, identity in rows if rank == rows[0][0]]
    # An id as it stands means that record, though another's may be the same without hyphens.
    return [name] if name in best else best
