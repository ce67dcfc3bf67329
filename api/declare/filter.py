"""What a filter is: what it speaks about, what its value means, and its condition on the reading copy."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


class LookUp(Protocol):
    """What a filter may ask the database while its value is being understood."""

    def resolve(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[Any]:
        """The records that these names mean; refuses unknown and ambiguous ones."""

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""


Asked = Mapping[str, Any]
Clause = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A parameter that narrows a list: `clause` makes its condition from the value and the columns of what it speaks about.

    `understand` turns the value that was read into what the clause needs (ids for names, a window for a radius).
    """

    parameter: Parameter
    subject: Subject
    clause: Clause
    understand: Callable[[Any, Asked, LookUp], Any] | None = None
    # Whether it says which part of the people is meant, and not which figures are talked about.
    is_partition: bool = False
    # The column that holds one of these values, where that is all it asks; null where it asks for more.
    holds: Callable[[Any], tuple[str, Sequence[str]] | None] = lambda _value: None
    # Further parameters that this filter reads; they narrow nothing by themselves.
    companions: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        return self.parameter.name
