"""What is left of a record that was withdrawn. Knows no parameter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from api.models import Change


def tombstone(connection: Connection, record: str, identity: str) -> Any:
    """The last line of history that withdrew this kind of record under this id, as a row; null where none did."""
    return connection.execute(
        select(Change.action, Change.at, Change.reason, Change.replaced_by, Change.dataset_id)
        .where(Change.record == record, Change.record_id == identity, Change.action.in_(("deleted", "merged")))
        .order_by(Change.number.desc())
        .limit(1)
    ).one_or_none()
