"""Tables of figures and the claims that they rest on."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.domain.codebook import values
from api.store.models.base import Base, Text
from api.store.models.constraints import (
    WITHOUT_ROWID,
    among,
    bounds,
    deferred,
    measure_where,
    one_of,
    partial_index,
    period,
    point,
)
from api.store.models.mixins import Attributed, Number, Numbered, Period, Versioned


class Figure(Numbered, Period, Versioned, Base):
    """A quantity in the world: one measure, of one population or object, in one place and period."""

    __tablename__ = "figure"

    # The event's number refers to it; its id is what is coded, and what the history tells.
    event_number: Mapped[int] = mapped_column(Number, ForeignKey("event.number", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(Text)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    position: Mapped[int]
    family: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    population: Mapped[str | None] = mapped_column(Text)
    object: Mapped[str | None] = mapped_column(Text)
    sex: Mapped[str | None] = mapped_column(Text)
    age: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    term: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    low: Mapped[int | None] = mapped_column(BigInteger)
    best: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    open_ended: Mapped[bool]
    qualifier: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    # Why the bounds are the coder's and not the preferred claim's; null where they are the claim's.
    reason: Mapped[str | None]
    date_reason: Mapped[str | None]
    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    location_precision: Mapped[str] = mapped_column(Text)
    part_of: Mapped[str | None] = mapped_column(Text, deferred("figure.id"))
    nesting: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        *(
            one_of(name)
            for name in ("family", "measure", "population", "object", "sex", "age", "cause", "term", "unit")
        ),
        *(one_of(name) for name in ("qualifier", "status", "nesting", "location_precision")),
        *period(),
        *point(),
        *bounds(),
        CheckConstraint("part_of <> id", name="not_part_of_itself"),
        CheckConstraint("(part_of IS NULL) = (nesting IS NULL)", name="nesting_goes_with_part_of"),
        CheckConstraint(
            " OR ".join(f"(family = '{family}' AND {measure_where(family=family)})" for family in values("family")),
            name="measure_of_family",
        ),
        CheckConstraint(f"(population IS NOT NULL) = {measure_where(counts='people')}", name="people_have_population"),
        CheckConstraint("(sex IS NULL) = (population IS NULL)", name="people_have_sex"),
        CheckConstraint("(age IS NULL) = (population IS NULL)", name="people_have_age"),
        CheckConstraint("(cause IS NOT NULL) = (family = 'casualty')", name="casualties_have_cause"),
        CheckConstraint(f"(object IS NOT NULL) = {measure_where(has_object=True)}", name="things_have_object"),
        CheckConstraint(f"term IS NULL OR {measure_where(has_term=True)}", name="term_of_displaced"),
        CheckConstraint(
            f"{among('status', ('numbered', 'none_reported'))} = (low IS NOT NULL OR best IS NOT NULL OR high IS NOT NULL)",
            name="status_fits_numbers",
        ),
        CheckConstraint(
            "status <> 'none_reported' OR (coalesce(low, 1) = 0 AND coalesce(best, 1) = 0 AND coalesce(high, 1) = 0)",
            name="none_reported_is_zero",
        ),
        CheckConstraint("NOT open_ended OR high IS NULL", name="open_end_has_no_high"),
        Index("ix_figure_event_number", "event_number", "position"),
        Index("ix_figure_dataset_id", "dataset_id"),
        Index("ix_figure_location_id", "location_id"),
        partial_index("figure", "part_of"),
    )


class Claim(Attributed, Base):
    """One report's statement of a figure."""

    __tablename__ = "claim"

    figure_number: Mapped[int] = mapped_column(
        Number, ForeignKey("figure.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Derived: the number of its figure's event.
    event_number: Mapped[int] = mapped_column(Number)
    document_id: Mapped[str] = mapped_column(Text, ForeignKey("document.id"))
    # Whom it holds its figure's people to be, where that is contested.
    population: Mapped[str | None] = mapped_column(Text)
    # Null where the publisher gives bounds of its own and no word.
    qualifier: Mapped[str | None] = mapped_column(Text)
    low: Mapped[int | None] = mapped_column(BigInteger)
    best: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    is_preferred: Mapped[bool]

    __table_args__ = (
        one_of("verification"),
        one_of("population"),
        one_of("qualifier"),
        # A claim keeps what was printed: publishers print bounds out of order, and that is theirs to say.
        CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name="bounds_not_negative"),
        CheckConstraint("qualifier <> 'none_reported' OR claimant IS NOT NULL", name="none_reported_has_claimant"),
        Index(
            "uq_claim_preferred",
            "figure_number",
            unique=True,
            sqlite_where=text("is_preferred"),
            postgresql_where=text("is_preferred"),
        ),
        Index("ix_claim_document_id", "document_id"),
        WITHOUT_ROWID,
    )
