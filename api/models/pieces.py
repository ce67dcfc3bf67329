"""The reading copy as it travels in the database: each dataset's share of each table, as Parquet."""

from __future__ import annotations

from sqlalchemy import ForeignKey, ForeignKeyConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Text


class ColumnPiece(Base):
    """One dataset's share of one table of the reading copy."""

    __tablename__ = "column_piece"

    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    rows: Mapped[int]
    # Of its content; the copy that holds it is named by the hashes of all of its pieces.
    hash: Mapped[str] = mapped_column(Text)
    # Which code made it: pieces of other code are made again from the rows.
    made_by: Mapped[str] = mapped_column(Text)


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
