"""Tables of the history of changes and of the data's revision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from api.store.database import Base, Moment, Text
from api.store.models.constraints import among, one_of


class Change(Base):
    """One line of history."""

    __tablename__ = "change"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    record: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str] = mapped_column(Text)
    dataset_id: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str | None]
    replaced_by: Mapped[str | None] = mapped_column(Text)
    # What changed, `{"best": [50, 60]}`: from, to. Null where the whole record came or went.
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        CheckConstraint(
            among("record", ("dataset", "document", "group", "location", "event", "figure")), name="record_known"
        ),
        one_of("action", "change_action"),
        Index("ix_change_record", "record", "record_id", "number"),
        Index("ix_change_dataset_id", "dataset_id", "number"),
    )


class Revision(Base):
    """The state of the data as one token: one row, replaced at the end of every load that changed something."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    token: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
