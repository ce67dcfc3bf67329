"""What is served as it is stored: the bytes of events and figures, and the words that search finds events by."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Text
from api.models.columns import Number

# PostgreSQL leaves rows whole in their pages: compressed, or moved elsewhere, a page of records takes twice as long to
# read as the rest of its answer. They take twice the room.
_WHOLE = {"postgresql_with": {"toast_tuple_target": 8160}}


class EventRendition(Base):
    """An event as the bytes that are served: a JSON object, a CSV line and a GeoJSON feature."""

    __tablename__ = "event_rendition"

    __table_args__ = _WHOLE

    # The event's own.
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    json: Mapped[bytes] = mapped_column(LargeBinary)
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    geojson: Mapped[bytes] = mapped_column(LargeBinary)


class FigureRendition(Base):
    """A figure as the bytes that are served."""

    __tablename__ = "figure_rendition"

    # The figure's own.
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    figure_id: Mapped[str] = mapped_column(Text, ForeignKey("figure.id", ondelete="CASCADE"), unique=True)
    # Its figure's event, as of a claim.
    event_id: Mapped[str] = mapped_column(Text)
    json: Mapped[bytes] = mapped_column(LargeBinary)
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    geojson: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_figure_rendition_event_id", "event_id"), _WHOLE)


class EventWords(Base):
    """The words that full-text search finds an event by, folded, apart from each other by single spaces.

    The indexes over them are each engine's own and stand in the migrations: FTS5 on SQLite, GIN on PostgreSQL.
    """

    __tablename__ = "event_words"

    # The event's own.
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str]
