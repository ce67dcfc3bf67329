"""The type of a filter (its parameter, what it speaks about, its condition), and the commonest filters in a line."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Table

from api.columns.tables import ATTRIBUTION, CLAIM, EVENT, FIGURE, PARTICIPANT
from api.domain.codebook import CODEBOOK
from api.domain.codebook import values as codes_of
from api.query.parameters import Code, ListOf, Parameter


class Subject(enum.Enum):
    """What a filter speaks about. Filters of one subject must hold of the same thing."""

    RECORD = "the event or figure itself, by columns that both have; a figure has its event's kind and type beside its own place and period"
    EVENT = "the event, of a figure too"
    PARTICIPATION = "one group's part in the event"
    FIGURE = "one figure"
    ATTRIBUTION = "one claim or report"
    OWN = "the listed record, where it is neither event nor figure"


class LookUp(Protocol):
    """What a filter may look up in the database while its value is resolved."""

    def resolve(self, parameter: str, names: Sequence[str], query: QueryValues) -> Sequence[Any]:
        """The records that these names mean; refuses unknown and ambiguous ones."""

    def lies_in(self, inner: Any, outer: Any) -> bool:
        """Whether one place that was resolved lies in another."""

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""

    def drawn_points(self, bounds: Sequence[float]) -> Sequence[tuple[float, float]]:
        """The distinct points, as latitude and longitude, within west, south, east and north at which any event, figure or
        place is drawn."""


QueryValues = Mapping[str, Any]
Clause = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A parameter that narrows a list: `clause` makes its condition from the value and the columns of what it speaks about.

    `resolve_value` turns the value that was read into what the clause needs (ids for names, a window for a radius).
    """

    parameter: Parameter
    subject: Subject
    clause: Clause
    resolve_value: Callable[[Any, QueryValues, LookUp], Any] | None = None
    # Whether it says which part of the people is meant, and not which figures are talked about.
    is_partition: bool = False
    # Of a filter on who says so, the column that has to hold one of these values, where that is all it asks; null where it asks for
    # more.
    column_asked: Callable[[Any], tuple[str, Sequence[str]] | None] = lambda _value: None
    # Further parameters that this filter reads; they narrow nothing by themselves.
    companions: tuple[Parameter, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All that it reads: its own parameter, and those beside it."""
        return (self.parameter, *self.companions)

    @property
    def name(self) -> str:
        return self.parameter.name


def among(column: str) -> Clause:
    """The clause that a column holds one of the values."""

    def clause(value: Any, subject: Any) -> ColumnElement[bool]:
        found = getattr(subject, column)
        result: ColumnElement[bool] = found == value[0] if len(value) == 1 else found.in_(value)
        return result

    return clause


def asks_column(column: str) -> Callable[[Any], tuple[str, Sequence[str]]]:
    """Says that a filter asks for nothing but that a column holds one of the values."""
    return lambda value: (column, value)


def named(parameter: str) -> Callable[[Any, QueryValues, LookUp], Any]:
    """Understands the names that are written: they become the records that they mean for this parameter."""

    def resolve_value(value: Sequence[str], query: QueryValues, look_up: LookUp) -> Sequence[Any]:
        return look_up.resolve(parameter, value, query)

    return resolve_value


def codes(
    name: str,
    description: str,
    example: str,
    subject: Subject,
    *,
    column: str | None = None,
    code_list: str | None = None,
) -> Filter:
    """A filter by the codes of one list: the commonest kind, declared in one line. Errors: TypeError (see _require)."""
    _require(name, column or name, subject)
    parameter = Parameter(name, ListOf(_code_of(code_list or name)), description, example)
    return Filter(parameter, subject, among(column or name), column_asked=asks_column(column or name))


def with_codes_of(found: Filter, parent: str) -> Filter:
    """The same filter with those of its codes alone that have this parent in the codebook."""
    field = ListOf(_code_of(found.name, parent))
    return replace(found, parameter=replace(found.parameter, field=field))


def _code_of(code_list: str, parent: str | None = None) -> Code:
    """One code of this list, or its label; of those that have this parent, where it is given."""
    labels = {code.code: code.label for code in CODEBOOK[code_list].codes if parent in (None, code.parent)}
    return Code(list(labels), labels)


def _require(name: str, column: str, subject: Subject) -> None:
    """Errors: TypeError, where the reading copy lacks the column; better at start than in an answer."""
    for table in _TABLES[subject]:
        if column not in table.c:
            raise TypeError(
                f"the filter '{name}' reads the column '{column}', which the reading copy's '{table.name}' lacks: add it in"
                " api/columns/tables.py"
            )


_TABLES: Mapping[Subject, Sequence[Table]] = {
    Subject.RECORD: (EVENT, FIGURE),
    Subject.EVENT: (EVENT,),
    Subject.PARTICIPATION: (PARTICIPANT,),
    Subject.FIGURE: (FIGURE,),
    Subject.ATTRIBUTION: (ATTRIBUTION, CLAIM),
    Subject.OWN: (),
}


def no_coarser(name: str, description: str, example: str, subject: Subject) -> Filter:
    """A filter by a precision list, finest first: the value and all that are finer."""
    allowed = codes_of(name)

    def clause(value: Any, on: Any) -> ColumnElement[bool]:
        result: ColumnElement[bool] = getattr(on, name).in_(allowed[: allowed.index(value) + 1])
        return result

    return Filter(Parameter(name, _code_of(name), description, example), subject, clause)
