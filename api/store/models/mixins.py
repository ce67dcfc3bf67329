"""Columns that several tables have: history, period, names, source."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Moment, Text

Id = Mapped[str]
# SQLite takes the number of a row for it under no other name than this.
Number = BigInteger().with_variant(Integer, "sqlite")


class Numbered:
    """The columns of a record that is found by its id, and by those that know it by a number of its own.

    What is stored of a record beside it has the same number: a row is found by its number in three quarters of the time
    that it takes by a text, on SQLite in half of it. The load engine counts; a number says nothing and is never shown.
    """

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Text, unique=True)


class Versioned:
    """The columns of a record that keeps a history: when it last changed, and the hash of what was loaded."""

    updated_at: Mapped[datetime] = mapped_column(Moment)
    fingerprint: Mapped[str]


class Name:
    """The columns of a name that a record answers to: found by `folded`, in the order of `rank`.

    A dataset may bring names for records that another dataset brought; it takes back only its own.
    """

    position: Mapped[int] = mapped_column(primary_key=True)
    # ID_RANK to ALIAS_RANK, `api/domain/names.py`.
    rank: Mapped[int]
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(Text)
    # The English stems of its words, each between spaces, so that a whole word is found as text between spaces.
    words: Mapped[str]
    language: Mapped[str | None]


class Period:
    """The columns of whatever takes time. Start and end are the earliest and latest possible day, both included."""

    date_start: Mapped[date]
    date_end: Mapped[date]
    date_precision: Mapped[str] = mapped_column(Text)


class Attributed:
    """The columns of what a document says: where in it, on whose word, and how well verified."""

    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    # A group's id, or our words for somebody who is no group; null where the document speaks itself.
    claimant: Mapped[str | None] = mapped_column(Text)
    chain: Mapped[list[str]] = mapped_column(JSON)
    verification: Mapped[str] = mapped_column(Text)
