"""Tables of groups, their names, codes and relations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Text
from api.store.models.constraints import deferred, one_of
from api.store.models.mixins import Id, Name, Versioned


class Group(Versioned, Base):
    """An armed group, force, government, alliance, organisation, or population."""

    __tablename__ = "group"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    name: Mapped[str] = mapped_column(Text)
    acronym: Mapped[str | None]
    group_kind: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None]

    __table_args__ = (
        one_of("group_kind"),
        CheckConstraint("length(country) = 3 AND country = upper(country)", name="country_alpha_3"),
        Index("ix_group_dataset_id", "dataset_id", "id"),
    )


class GroupName(Name, Base):
    """What a group is called."""

    __tablename__ = "group_name"

    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str | None] = mapped_column(Text, deferred("document.id"))
    dataset_id: Mapped[str] = mapped_column(Text, deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        CheckConstraint("rank BETWEEN 0 AND 3", name="rank_known"),
        Index("ix_group_name_folded", "folded", "rank", "group_id"),
        Index("ix_group_name_dataset_id", "dataset_id", "group_id"),
        Index("ix_group_name_document_id", "document_id"),
    )


class GroupCode(Base):
    """What another system calls a group."""

    __tablename__ = "group_code"

    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)

    __table_args__ = (Index("ix_group_code_code", "scheme", "code"),)


class GroupRelation(Base):
    """How one group relates to another, as a document says."""

    __tablename__ = "group_relation"

    from_group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    to_group_id: Mapped[str] = mapped_column(Text, deferred("group.id"))
    type: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    document_id: Mapped[str | None] = mapped_column(Text, deferred("document.id"))
    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    dataset_id: Mapped[str] = mapped_column(Text, deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        one_of("type", "relation_type"),
        CheckConstraint("from_group_id <> to_group_id", name="not_with_itself"),
        CheckConstraint("valid_from <= valid_to", name="period_in_order"),
        Index("ix_group_relation_to_group_id", "to_group_id", "type"),
        Index("ix_group_relation_dataset_id", "dataset_id"),
        Index("ix_group_relation_document_id", "document_id"),
    )
