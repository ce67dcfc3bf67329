"""Tables of events, with participants and reports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Text
from api.store.models.constraints import WITHOUT_ROWID, deferred, one_of, partial_index, period, point
from api.store.models.mixins import Attributed, Number, Numbered, Period, Versioned


class Event(Numbered, Period, Versioned, Base):
    """Something that happened."""

    __tablename__ = "event"

    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    # The newest of its dataset's releases that holds it.
    release: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    subtype: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str]
    summary: Mapped[str | None]
    date_reason: Mapped[str | None]
    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    location_precision: Mapped[str] = mapped_column(Text)
    part_of: Mapped[str | None] = mapped_column(Text, deferred("event.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    coding_status: Mapped[str] = mapped_column(Text)
    codes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        one_of("kind", "event_kind"),
        one_of("type", "event_type"),
        one_of("subtype", "event_subtype"),
        one_of("outcome"),
        one_of("coding_status"),
        one_of("location_precision"),
        *period(),
        *point(),
        CheckConstraint("part_of <> id", name="not_part_of_itself"),
        # What a load looks for: a dataset's events by release, and those at a place and in an episode.
        Index("ix_event_dataset_id", "dataset_id", "release"),
        Index("ix_event_location_id", "location_id"),
        partial_index("event", "part_of"),
    )


class Participation(Base):
    """A group in an event, once in each role."""

    __tablename__ = "participation"

    event_number: Mapped[int] = mapped_column(
        Number, ForeignKey("event.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    certainty: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        one_of("role"),
        one_of("certainty"),
        Index("ix_participation_group_id", "group_id"),
        WITHOUT_ROWID,
    )


class Report(Attributed, Base):
    """A document's account of an event."""

    __tablename__ = "report"

    event_number: Mapped[int] = mapped_column(
        Number, ForeignKey("event.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document_id: Mapped[str] = mapped_column(Text, ForeignKey("document.id"))

    __table_args__ = (one_of("verification"), Index("ix_report_document_id", "document_id"), WITHOUT_ROWID)
