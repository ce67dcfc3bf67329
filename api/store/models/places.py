"""Tables of places and their names."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Text
from api.store.models.constraints import among, deferred, one_of, point
from api.store.models.mixins import Id, Name, Versioned


class Location(Versioned, Base):
    """A named place or area. `country` is its ISO 3166-1 alpha-3 code, the other level columns are location ids."""

    __tablename__ = "location"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    name: Mapped[str] = mapped_column(Text)
    native_name: Mapped[str | None]
    level: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text, deferred("location.id"))
    pcode: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    uncertainty_km: Mapped[float | None]
    position_basis: Mapped[str | None]
    country: Mapped[str | None] = mapped_column(Text)
    # Derived: the place of each level between that it lies in, and itself.
    area: Mapped[str | None] = mapped_column(Text)
    state_or_region: Mapped[str | None] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    township: Mapped[str | None] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    village: Mapped[str | None] = mapped_column(Text)
    site: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        one_of("level", "location_level"),
        *point(),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        # An area may be wider than any one country, and then lies in none.
        CheckConstraint(f"parent_id IS NOT NULL OR {among('level', ('country', 'area'))}", name="lies_in_a_place"),
        CheckConstraint(
            "level <> 'country' OR (parent_id IS NULL AND country IS NOT NULL AND id = lower(country))",
            name="country_named_by_code",
        ),
        CheckConstraint("uncertainty_km >= 0", name="uncertainty_not_negative"),
        CheckConstraint("length(country) = 3 AND country = upper(country)", name="country_alpha_3"),
        Index("ix_location_parent_id", "parent_id", "id"),
        Index("ix_location_dataset_id", "dataset_id", "id"),
        Index("ix_location_of_country", "level", "country"),
        Index("ix_location_country", "country", "id"),
    )


class LocationName(Name, Base):
    """What a location is called."""

    __tablename__ = "location_name"

    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str | None] = mapped_column(Text, deferred("document.id"))
    dataset_id: Mapped[str] = mapped_column(Text, deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        CheckConstraint("rank BETWEEN 0 AND 3", name="rank_known"),
        Index("ix_location_name_folded", "folded", "rank", "location_id"),
        Index("ix_location_name_dataset_id", "dataset_id", "location_id"),
        Index("ix_location_name_document_id", "document_id"),
    )
