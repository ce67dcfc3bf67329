"""What is told in so many words: whole words, in any order. Knows no grammar and no operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select

from api.declare.filter import Asked, Filter, InSQL, LookUp, Subject
from api.declare.values import Parameter, Word
from api.errors import Fault, InvalidValue, refuse
from api.models import EventWords
from api.names import words


def _some_words(text: str) -> list[str]:
    """The words of a question; refuses one that has none, since it would not narrow anything."""
    found = words(text)
    if not found:
        raise refuse([Fault("q", "'q' has no word in it.", InvalidValue)])
    return found


def _has_words(value: tuple[Any, Any], on: Any) -> ColumnElement[bool]:
    """The event's words hold all of these: looked at on the event, for where it was found by something else."""
    held, _found = value
    return exists(select(1).where(EventWords.number == on.number, held).correlate(on))


def _is_among_many(value: tuple[Any, Any], on: Any) -> ColumnElement[bool]:
    """The same, looked at on very many events: all that hold the words are found first."""
    _held, numbers = value
    found: ColumnElement[bool] = on.number.in_(numbers)
    return found


def _words_asked(text: str, _asked: Asked, look_up: LookUp) -> tuple[Any, Any]:
    found = _some_words(text)
    return look_up.holding(found), look_up.full_text(found)


Q = Filter(
    Parameter(
        "q",
        Word(),
        "Every word occurs, as a whole word, in the title or summary or in the names and aliases of the groups and"
        " places. Case, accents and apostrophes are ignored; there are no operators.",
        "Kawlin",
    ),
    Subject.EVENT,
    _has_words,
    _words_asked,
    start=lambda value: value[1],
    counting=_is_among_many,
    in_sql=InSQL.AS_PARTS,
)


def words_of(description: str, holds: Callable[[str, Any], ColumnElement[bool]]) -> Filter:
    """The same question of a record that is no event: every word occurs, as a whole word, where `holds` looks.

    `holds` is given the word between spaces, as it stands among the words that are stored.
    """
    return Filter(
        Parameter("q", Word(), description, "Kawlin"),
        Subject.OWN,
        lambda value, on: and_(*(holds(f" {word} ", on) for word in value)),
        lambda value, _asked, _look_up: _some_words(value),
    )


def words_of_names(names: Any, owner: str) -> Filter:
    """Every word occurs, as a whole word, in the names and aliases of the listed record itself."""
    return words_of(
        "Every word occurs, as a whole word, in its names and aliases; case, accents and apostrophes ignored.",
        lambda word, on: exists(
            select(1).where(getattr(names, owner) == on.id, names.words.contains(word, autoescape=True)).correlate(on)
        ),
    )
