"""What figures add to totals, summed by day when they were loaded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Text
from api.models.columns import Number, Week

# What figures are told apart by in these sums, beside the days: what the keys of most totals are made of.
SUMMED_APART = ("dataset_id", "measure", "unit", "object", "type", "family")
# The statuses of figures that are not numbered.
NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")
# What is summed: bounds, and how many figures are open-ended at the top, are there, or have each of these statuses.
DAY_SUMS = ("low", "best", "high", "opening", "figures", *NOT_NUMBERED)


def _one_way(name: str, where: str, sqlite_where: str, *first: str) -> Index:
    columns = (*first, "date_start", *SUMMED_APART, "date_end", *DAY_SUMS)
    return Index(f"ix_day_sum_{name}", *columns, postgresql_where=text(where), sqlite_where=text(sqlite_where))


class DaySum(Week, Base):
    """One sum: of the figures of one period that are alike in all of SUMMED_APART, but for those nested across, which
    are worked out for each question (see Figure).

    Each figure is in two: `is_split`, with those of its population, what it adds where populations are asked for or
    told apart; else, with those of all, what it adds where they are not.
    """

    __tablename__ = "day_sum"

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    date_start: Mapped[date]
    date_end: Mapped[date]
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    measure: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    object: Mapped[str | None] = mapped_column(Text)
    family: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    is_split: Mapped[bool]
    population: Mapped[str | None] = mapped_column(Text)
    # Bounds are sums of `split_*` or `joint_*`.
    low: Mapped[int] = mapped_column(BigInteger)
    best: Mapped[int] = mapped_column(BigInteger)
    high: Mapped[int] = mapped_column(BigInteger)
    opening: Mapped[int]
    figures: Mapped[int]
    unnumbered: Mapped[int]
    unknown: Mapped[int]
    none_reported: Mapped[int]

    __table_args__ = (
        # All of it, in the order that keys are made in; apart, since most totals ask for one of the two.
        _one_way("joint", "NOT is_split", "is_split = 0"),
        _one_way("split", "is_split", "is_split = 1", "population"),
        Index("ix_day_sum_dataset_id", "dataset_id"),
    )
