"""Tables that a load derives: stored bytes, search words, and the pieces of the reading copy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.models.base import Base, Text
from api.store.models.constraints import among
from api.store.models.mixins import Number

# PostgreSQL leaves rows whole in their pages: compressed once more, or moved elsewhere, a page of records takes twice as
# long to read as the rest of its answer.
_WHOLE = {"postgresql_with": {"toast_tuple_target": 8160}}


def _number_of(record: str) -> Any:
    """The column with the number of the event or figure that a row belongs to, with which it goes."""
    return mapped_column(
        Number, ForeignKey(f"{record}.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class EventRendition(Base):
    """An event as the bytes that are served but for its release: a JSON object, compressed (see
    api/store/stored_bytes.py)."""

    __tablename__ = "event_rendition"

    __table_args__ = _WHOLE

    number: Mapped[int] = _number_of("event")
    # The event's, beside its bytes, so that a newer release that changes nothing of it need not write them again.
    release: Mapped[str] = mapped_column(Text)
    json: Mapped[bytes] = mapped_column(LargeBinary)


class FigureRendition(Base):
    """A figure as the bytes that are served."""

    __tablename__ = "figure_rendition"

    __table_args__ = _WHOLE

    number: Mapped[int] = _number_of("figure")
    json: Mapped[bytes] = mapped_column(LargeBinary)


class RenditionDictionary(Base):
    """What the renditions of one dataset's events or figures are compressed with."""

    __tablename__ = "rendition_dictionary"

    # As zstd has it in each frame; it follows from the content.
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    # `event` or `figure`.
    record: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint(among("record", ("event", "figure")), name="record_known"),
        UniqueConstraint("dataset_id", "record"),
    )


class EventWords(Base):
    """The English stems of the words that full-text search finds an event by in the reading copy, apart from each other by single
    spaces."""

    __tablename__ = "event_words"

    number: Mapped[int] = _number_of("event")
    words: Mapped[str]


class ColumnPiece(Base):
    """One dataset's share of one table of the reading copy."""

    __tablename__ = "column_piece"

    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    rows: Mapped[int]
    # Of its content; the copy that holds it is named by the hashes of all of its pieces.
    hash: Mapped[str] = mapped_column(Text)
    # Which code made it: pieces of other code are made again from the rows.
    code_hash: Mapped[str] = mapped_column(Text)


class ColumnChunk(Base):
    """A part of a piece's content, small enough for every driver."""

    __tablename__ = "column_chunk"

    dataset_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(
            ["dataset_id", "name"], ["column_piece.dataset_id", "column_piece.name"], ondelete="CASCADE"
        ),
    )
