"""Tables of datasets and of the documents that were coded for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Moment, Text
from api.store.models.constraints import one_of
from api.store.models.mixins import Id, Versioned


class Dataset(Versioned, Base):
    """One body of coded data with one licence."""

    __tablename__ = "dataset"

    id: Id = mapped_column(Text, primary_key=True)
    title: Mapped[str]
    publisher: Mapped[str]
    description: Mapped[str | None]
    licence: Mapped[str]
    licence_url: Mapped[str | None]
    citation: Mapped[str]
    release: Mapped[str]
    first_date: Mapped[date | None]
    last_date: Mapped[date | None]
    is_redistributable: Mapped[bool]
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    content_hash: Mapped[str]
    # Of the file that was loaded last, how many rows were read, and how many could not be taken; null where it is no file.
    rows_read: Mapped[int | None]
    rows_set_aside: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="period_in_order"),
        CheckConstraint("(first_date IS NULL) = (last_date IS NULL)", name="period_whole"),
    )


class Release(Base):
    """A release that a dataset is made of (see api/domain/releases.py)."""

    __tablename__ = "dataset_release"

    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    # What sorts it among the others, the newest last.
    sort_key: Mapped[str | None] = mapped_column(Text)
    first_told: Mapped[date | None]
    last_told: Mapped[date | None]
    basis: Mapped[str | None]
    # Whether all of it was loaded, and not a part.
    is_whole: Mapped[bool]
    first_date: Mapped[date | None]
    last_date: Mapped[date | None]
    # How many events come from it.
    events: Mapped[int]
    # Whether the data have all events as it tells them: none of them is another release's, or was withdrawn with it.
    is_intact: Mapped[bool] = mapped_column(default=True, server_default=true())
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    # The hash of the code that loaded it: by other code, what follows from its records has to be made again.
    code_hash: Mapped[str]
    content_hash: Mapped[str]

    __table_args__ = (
        CheckConstraint("events >= 0", name="events_counted"),
        CheckConstraint("first_date <= last_date", name="period_in_order"),
        CheckConstraint("first_told <= last_told", name="told_in_order"),
    )


class Document(Versioned, Base):
    """One report that was coded."""

    __tablename__ = "document"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    outlet: Mapped[str]
    outlet_basis: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(JSON)
    title: Mapped[str | None]
    published_on: Mapped[date | None]
    published_on_basis: Mapped[str | None]
    published_on_reason: Mapped[str | None]
    language: Mapped[str | None]
    sha256: Mapped[str | None]
    length: Mapped[int | None]
    url: Mapped[str | None]
    # Where a copy of it is kept, and the day that it was made.
    archive_url: Mapped[str | None]
    archived_on: Mapped[date | None]
    # Derived: the English stems of its title's words and of who published it, each between spaces.
    words: Mapped[str]

    __table_args__ = (
        one_of("outlet_basis", "published_on_basis"),
        one_of("published_on_basis"),
        CheckConstraint("(published_on IS NULL) = (published_on_basis IS NULL)", name="published_on_has_basis"),
        CheckConstraint("length(sha256) = 64", name="sha256_whole"),
        CheckConstraint("length > 0", name="length_positive"),
        CheckConstraint("archived_on IS NULL OR archive_url IS NOT NULL", name="archived_somewhere"),
        Index("ix_document_dataset_id", "dataset_id", "id"),
    )
