"""What a filter is: what it speaks about, what its value means, and its SQL. Knows no filter by its name."""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement

from api.declare.values import Parameter


class Subject(enum.Enum):
    """What a filter speaks about. Filters of one subject must hold of the same thing."""

    RECORD = "the event or figure itself, by columns that both have"
    EVENT = "the event"
    PARTICIPATION = "one group's part in the event"
    FIGURE = "one figure"
    SAID = "one claim or report"
    OWN = "the listed record, where it is neither event nor figure"


class InSQL(enum.Enum):
    """How a filter's value stands in SQL, which decides what questions have the same statement."""

    AS_VALUES = "each in its place, whatever it is"
    AS_CODE = "the value itself, one of few, decides what the SQL is"
    AS_PARTS = "much is worked out from it, for each question anew"


# What of a value are values by themselves, what makes it anew of others, and what decides the form of the question.
InForm = tuple[tuple[Any, ...], Callable[[Sequence[Any]], Any], Hashable]


class LookUp(Protocol):
    """What a filter may ask the database while its value is being understood."""

    def resolve(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[Any]:
        """The records that these names mean; refuses unknown and ambiguous ones."""

    def full_text(self, words: Sequence[str]) -> Any:
        """A select of the numbers of events whose words hold all of these."""

    def holding(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition on one event's words that they hold all of these."""

    def longest_days(self) -> int:
        """How many days the longest period of any event or figure takes, from its first day to its last."""

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""


Asked = Mapping[str, Any]
Clause = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A parameter that narrows a list: `clause` makes its SQL from the value and from what it speaks about.

    `understand` turns the value that was read into what the clause needs (ids for names, a window for a radius).
    """

    parameter: Parameter
    subject: Subject
    clause: Clause
    understand: Callable[[Any, Asked, LookUp], Any] | None = None
    # Whether it may part a whole from its own parts inside one event, so that totals are worked out per question.
    parts_figures: bool = False
    # Whether it says which part of the people is meant, and not which figures are talked about.
    is_partition: bool = False
    # A select of the numbers of the events that it leaves, where that is quicker had from elsewhere than by the clause.
    start: Callable[[Any], Any] | None = None
    # The same clause for rows that are found by something else: no index of its own is used then.
    passing: Clause | None = None
    # The same clause for rows that are counted: it is asked of more of them than a page holds.
    counting: Clause | None = None
    in_sql: InSQL = InSQL.AS_VALUES
    # Whether participations have the column too that it asks with this value.
    is_of_parts: Callable[[Any], bool] = lambda _value: False
    # The column that holds one of these values, where that is all it asks; null where it asks for more.
    holds: Callable[[Any], tuple[str, Sequence[str]] | None] | None = None
    # The first or the last day of the period that a record has to overlap, where that is all it asks.
    first_day: Callable[[Any], date] | None = None
    last_day: Callable[[Any], date] | None = None
    # Further parameters that this filter reads; they narrow nothing by themselves.
    companions: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def is_of_period(self) -> bool:
        """Whether it bounds the period that a record has to overlap."""
        return self.first_day is not None or self.last_day is not None
