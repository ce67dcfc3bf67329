"""Tables of the history: loads, what each changed, and the revision that the last one made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Moment, Text
from api.store.models.constraints import among, one_of


class Change(Base):
    """One line of history.

    Loads wait for each other, so numbers are given in the order in which lines can be seen.
    """

    __tablename__ = "change"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # That of its load; 0 of lines that were written before loads were told.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    record: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str] = mapped_column(Text)
    dataset_id: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str | None]
    replaced_by: Mapped[str | None] = mapped_column(Text)
    # What changed, `{"best": [50, 60]}`: from, to. Null where the whole record came or went.
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Of a dataset whose records the load changed without a line for each: how many, `{"events": {"created": 9, ...}}`.
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        CheckConstraint(
            among("record", ("dataset", "document", "group", "location", "event", "figure")), name="record_known"
        ),
        one_of("action", "change_action"),
        Index("ix_change_record", "record", "record_id", "number"),
        Index("ix_change_dataset_id", "dataset_id", "number"),
    )


class Load(Base):
    """A load that changed something, with the revision that it made."""

    __tablename__ = "load"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # By which it is told from the same number of a database that was made anew.
    token: Mapped[str] = mapped_column(Text)
    # Null where it was made before loads were told. A dataset may be gone since.
    dataset_id: Mapped[str | None] = mapped_column(Text)
    # Null where it brought none.
    release: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    # How many records of each type it created, updated and withdrew, `{"events": {"created": 9, ...}}`.
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (CheckConstraint("revision > 0", name="revision_counted"),)


class Revision(Base):
    """The state of the data as one token: one row, replaced at the end of every load that changed something."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    token: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
