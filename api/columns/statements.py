"""Writes statements out as DuckDB takes them; those of one shape, which differ in values alone, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, CompoundSelect, Select
from sqlalchemy.util import LRUCache

from api.columns.rows import DIALECT

Statement = Select[Any] | CompoundSelect[Any]


class CompiledStatement(NamedTuple):
    """A statement as DuckDB takes it: its text, and the values of its parameters by name in their order."""

    text: str
    parameters: Mapping[str, Any]


class _Shape(NamedTuple):
    """What all statements have alike that differ in values alone: their text, and which of their parameters stand in it, by name
    in their order. What SQLAlchemy made on the way takes several times as much memory."""

    text: str
    places: Mapping[str, int]


class _OpenShape(NamedTuple):
    """The same where lists are yet to be written out: the first such statement as it was compiled, and its parameters."""

    compiled: Any
    parameters: Sequence[BindParameter[Any]]


# Shapes that questions had, those last asked: to write one out anew takes half a millisecond, or 13 where it is a total.
_shapes: LRUCache[Any, _Shape | _OpenShape] = LRUCache(capacity=500)
# A shape holds on to the values of its first statement.
_MOST_KEPT_VALUES = 1000


def compiled_statement(statement: Statement) -> CompiledStatement:
    """A statement written out, by what was written of one like it where there was one."""
    key = statement._generate_cache_key()
    if key is None:
        # It has a table of its own rows, as where totals are filled, which SQLAlchemy does not compare.
        compiled: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
        return CompiledStatement(compiled.string, {name: compiled.params[name] for name in compiled.positiontup})
    shape = _shapes.get(key.key)
    if shape is None:
        shape = _shape_of(statement, key.bindparams)
        if not any(isinstance(held.value, Sequence) and len(held.value) > _MOST_KEPT_VALUES for held in key.bindparams):
            _shapes[key.key] = shape
    values = [held.effective_value for held in key.bindparams]
    if isinstance(shape, _Shape):
        return CompiledStatement(shape.text, {name: values[at] for name, at in shape.places.items()})
    given = {held.key: value for held, value in zip(shape.parameters, values, strict=True)}
    expanded = shape.compiled.construct_expanded_state(given)
    return CompiledStatement(expanded.statement, {name: expanded.parameters[name] for name in expanded.positiontup})


def _shape_of(statement: Statement, parameters: Sequence[BindParameter[Any]]) -> _Shape | _OpenShape:
    compiled: Any = statement.compile(dialect=DIALECT)
    if compiled.post_compile_params:
        return _OpenShape(compiled, parameters)
    place_of = {held.key: place for place, held in enumerate(parameters)}
    return _Shape(compiled.string, {name: place_of[compiled.binds[name].key] for name in compiled.positiontup})


def text_and_values(statement: Statement | CompiledStatement, given: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A statement as DuckDB takes it, with what is given for parameters that it leaves open."""
    text, parameters = statement if isinstance(statement, CompiledStatement) else compiled_statement(statement)
    return text, [given.get(name, value) for name, value in parameters.items()]
