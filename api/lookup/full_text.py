"""Events whose words hold all that are asked, as each database finds them quickest. Knows no ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, literal, literal_column, select, text

from api.models import Event, EventWords

# The longest word that PostgreSQL indexes; it refuses to be asked for a longer one.
_MOST_WORD_BYTES = 2046


def events_with(connection: Connection, words: Sequence[str]) -> tuple[Select[Any], Select[Any]]:
    """A select of the ids of events whose words hold all of these, and one of as many rows, for counting."""
    if connection.dialect.name != "sqlite" or not _are_indexable(words):
        ids = select(EventWords.event_id.label("id")).where(holding(connection, words))
        return ids, ids
    asked = " ".join(f'"{word}"' for word in words)
    rows: Select[Any] = (
        select(literal_column("rowid").label("id"))
        .select_from(text("event_search"))
        .where(text("event_search MATCH :words").bindparams(words=asked))
    )
    return select(Event.id.label("id")).where(Event.number.in_(rows)), rows


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
