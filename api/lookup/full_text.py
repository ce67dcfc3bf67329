"""Events whose words hold all that are asked, as each database finds them quickest. Knows no ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, literal, literal_column, select, text

from api.models import EventWords

# The longest word that PostgreSQL indexes; it refuses to be asked for a longer one.
_MOST_WORD_BYTES = 2046


def events_with(connection: Connection, words: Sequence[str]) -> Select[Any]:
    """A select of the numbers of events whose words hold all of these."""
    if connection.dialect.name != "sqlite" or not _are_indexable(words):
        return select(EventWords.number).where(holding(connection, words))
    asked = " ".join(f'"{word}"' for word in words)
    return (
        select(literal_column("rowid").label("number"))
        .select_from(text("event_search"))
        .where(text("event_search MATCH :words").bindparams(words=asked))
    )


def holding(connection: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    """The condition on one event's words that they hold all of these, as it is quickest looked at on one row."""
    if not _are_indexable(words):
        return false()
    if connection.dialect.name == "postgresql":
        # Words come folded and without quotes, so quoting them is all that a tsquery needs.
        found = text("event_words.vector @@ CAST(:words AS tsquery)")
        return and_(found.bindparams(words=" & ".join(f"'{word}'" for word in words)))
    between = literal(" ") + EventWords.words + literal(" ")
    return and_(*(between.contains(f" {word} ", autoescape=True) for word in words))


def _are_indexable(words: Sequence[str]) -> bool:
    return all(len(word.encode()) <= _MOST_WORD_BYTES for word in words)
