"""The filter on words: whole words of a text, in any order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, literal, select

from api.columns.snapshot import Snapshot
from api.columns.tables import WORD
from api.domain.errors import Fault, InvalidValue, refusal
from api.domain.names import stems, words
from api.query.filters.filter import Filter, Subject
from api.query.parameters import Parameter, Words
from api.query.question import Question

# Each word is a condition of its own, and no database takes conditions without end.
MOST_WORDS = 100
# No address holds a longer one, and words that nothing has are told again.
_LONGEST_WORD = 10_000

# What other services take for an operator. Read as words, `-junta` and `NOT junta` would find the junta, and `one OR other`
# next to nothing.
_WORDS_OF_OPERATORS = ("AND", "OR", "NOT")
# Each alternative begins where a word of the text or a quote does, and what it has read it does not read again: whoever asks may
# send a megabyte, and no other thread works meanwhile.
_OPERATOR = re.compile(
    r"""(?<!\S) (?:
        (?:AND|OR|NOT) (?!\S)   # alternatives and what is left out
        | [-!] [^\W\d] \S*      # a word that may not occur
        | \S* \w\*             # the beginning of a word
        | \*\S+                # its end
        | \S+ \s*+ \|+ \s*+ \S+  # alternatives
    )
    | " (?> [^"]*? [^"\s] \s++ (?!") ) [^"]* "   # a phrase
    """,
    re.VERBOSE,
)


def _some_words(text: str) -> list[str]:
    """The stems of a question; refuses one that has no word, since it would not narrow anything, one of too many, and
    operators."""
    operator = _OPERATOR.search(text)
    # Of a text in capitals throughout, `AND` is a word.
    if operator is not None and not (operator.group() in _WORDS_OF_OPERATORS and text.isupper()):
        message = (
            f"'q' has no operators, and {operator.group()} would be one: every word occurs, whole, in any order. Ask once for"
            " each of several alternatives; what is to be left out, other filters leave out."
        )
        raise refusal([Fault("q", message, InvalidValue)])
    asked = words(text)
    if len(asked) > MOST_WORDS:
        raise refusal([Fault("q", f"'q' has {len(asked)} words; at most {MOST_WORDS} are taken.", InvalidValue)])
    if not asked:
        raise refusal([Fault("q", "'q' has no word in it.", InvalidValue)])
    if (longest := max(map(len, asked))) > _LONGEST_WORD:
        message = f"'q' has a word of {longest:,} characters; at most {_LONGEST_WORD:,} are taken."
        raise refusal([Fault("q", message, InvalidValue)])
    return stems(text)


def _has_words(value: Sequence[str], on: Any) -> ColumnElement[bool]:
    """Each of these is among the event's words."""
    return and_(*(on.word_set.in_(select(WORD.c.word_set).where(WORD.c.word == word)) for word in value))


Q = Filter(
    Parameter(
        "q",
        Words(),
        "Every word occurs, as a whole word of the same English stem, in the title or summary, in the names and aliases of the"
        " groups and places, or in the labels of kind, type, subtype, outcome and of what its figures count. Case, accents and"
        f" apostrophes are ignored; operators are refused. At most {MOST_WORDS} words.",
        "Kawlin",
    ),
    Subject.EVENT,
    _has_words,
    lambda value, _query, _look_up: _some_words(value),
)


def _words_of(description: str, has_word: Callable[[str, Any], ColumnElement[bool]]) -> Filter:
    """The same question of a record that is no event: every word occurs, as a whole word, where `has_word` looks.

    `has_word` is given the word between spaces, as it stands among the words that are stored.
    """
    return Filter(
        Parameter("q", Words(), description, "Kawlin"),
        Subject.OWN,
        lambda value, on: and_(*(has_word(f" {word} ", on) for word in value)),
        lambda value, _query, _look_up: _some_words(value),
    )


WORDS_OF_DOCUMENT = _words_of(
    "Every word occurs, as a whole word of the same English stem, in its title or in who published it; case, accents and"
    " apostrophes ignored.",
    lambda word, on: on.words.contains(word, autoescape=True),
)


def words_of_names(names: Table, owner: str) -> Filter:
    """Every word occurs, as a whole word, in the names and aliases of the listed record itself."""
    return _words_of(
        "Every word occurs, as a whole word of the same English stem, in its names and aliases; case, accents and apostrophes ignored.",
        lambda word, on: exists(
            select(1)
            .where(names.c[owner] == on.id, names.c.words.contains(word, autoescape=True))
            .correlate(on.id.table)
        ),
    )


def unmatched_words(snapshot: Snapshot, question: Question, table: Table, found: int = 0) -> list[str] | None:
    """Those of the words asked for, as they were written but for case and accents, that no record of this table has; null
    where no words are asked for. `found` is how many records have all of them, where that is known."""
    wanted = next((wanted for wanted in question.filter_values if wanted.name == Q.name), None)
    if wanted is None:
        return None
    if found:
        return []

    def is_found(word: str) -> bool:
        has_word = wanted.clause([word], table.c)
        return bool(snapshot.copy.rows(select(literal(1)).select_from(table).where(has_word).limit(1)))

    asked = zip(words(question.values[Q.name]), question.filter_values[wanted], strict=True)
    return list(dict.fromkeys(word for word, stem in asked if not is_found(stem)))
