"""How many records hold each value of a column, and how many have each day, as counted when they were loaded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Text


class Tally(Base):
    """One count: of the dataset's events or figures, of one `within` (an event's kind, a figure's family), those whose
    column of this name holds this value. Empty name and value: all of them."""

    __tablename__ = "tally"

    counted: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    within: Mapped[str] = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"), primary_key=True)
    records: Mapped[int]


class DayTally(Base):
    """One count by day: of the same records, those whose column of this name holds this day or an earlier one."""

    __tablename__ = "day_tally"

    counted: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    within: Mapped[str] = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    records: Mapped[int]
