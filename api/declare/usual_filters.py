"""The commonest filters, declared in a line: by codes, by names, by precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from api.codebook import values as codes_of
from api.declare.filter import Asked, Clause, Filter, LookUp, Subject
from api.declare.values import Code, Parameter, Several


def among(column: str) -> Clause:
    """The clause that a column holds one of the values."""

    def clause(value: Any, subject: Any) -> ColumnElement[bool]:
        found = getattr(subject, column)
        result: ColumnElement[bool] = found == value[0] if len(value) == 1 else found.in_(value)
        return result

    return clause


def held_in(column: str) -> Callable[[Any], tuple[str, Sequence[str]]]:
    """Says that a filter asks for nothing but that a column holds one of the values."""
    return lambda value: (column, value)


def named(parameter: str) -> Callable[[Any, Asked, LookUp], Any]:
    """Understands the names that are written: they become the records that they mean for this parameter."""

    def understand(value: Sequence[str], asked: Asked, look_up: LookUp) -> Sequence[Any]:
        return look_up.resolve(parameter, value, asked)

    return understand


def codes(
    name: str,
    description: str,
    example: str,
    subject: Subject,
    *,
    column: str | None = None,
    code_list: str | None = None,
) -> Filter:
    """A filter by the codes of one list: the commonest kind, declared in one line."""
    allowed = codes_of(code_list or name)
    parameter = Parameter(name, Several(Code(allowed)), description, example)
    return Filter(parameter, subject, among(column or name), holds=held_in(column or name))


def no_coarser(name: str, description: str, example: str, subject: Subject) -> Filter:
    """A filter by a precision list, finest first: the value and all that are finer."""
    allowed = codes_of(name)

    def clause(value: Any, on: Any) -> ColumnElement[bool]:
        result: ColumnElement[bool] = getattr(on, name).in_(allowed[: allowed.index(value) + 1])
        return result

    return Filter(Parameter(name, Code(allowed), description, example), subject, clause)
