"""What is shown: a record's columns, as JSON and as the cells of a flat row. Knows no record and no format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import groupby
from operator import itemgetter
from typing import Any

from marshmallow import Schema, fields

# Names in nested objects that stand in flat formats without their parent's, as maps and spreadsheets expect them.
_PLAIN_IN_FLAT = ("latitude", "longitude")
# The key of a listed object that stands for it in a flat cell, tried in this order: an alias also has the document that
# it was met in, and a relation both its other group and its document.
_STANDS_FOR = ("id", "name", "group", "document", "code")
# Fields whose values are more than one cell holds.
_HOLDS_OTHERS = (fields.Nested, fields.List, fields.Dict)


@dataclass(frozen=True)
class Column:
    """One top-level key of a record: its field, and how its value is found in what the database gave."""

    key: str
    field: fields.Field[Any]
    value: Callable[[Any], Any]
    # Stands in flat formats alone.
    is_flat_only: bool = False
    # The names inside a nested object, in order; null where the value is none. Kept, since every record asks for them.
    inner: tuple[str, ...] | None = dataclass_field(init=False)
    # Whether its value is its one cell as it stands.
    is_plain: bool = dataclass_field(init=False)
    _inner_values: Callable[[Any], tuple[Any, ...]] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        inner: dict[str, fields.Field[Any]] = self.field.schema.fields if isinstance(self.field, fields.Nested) else {}
        object.__setattr__(self, "inner", tuple(inner) or None)
        object.__setattr__(self, "is_plain", not isinstance(self.field, _HOLDS_OTHERS))
        # One name more than needed, since of one name alone the value would come without a tuple around it.
        object.__setattr__(self, "_inner_values", itemgetter(*inner, next(iter(inner))) if inner else tuple)

    def headers(self) -> list[str]:
        """The names of its flat columns."""
        if self.inner is None:
            return [self.key]
        return [name if name in _PLAIN_IN_FLAT else f"{self.key}_{name}" for name in self.inner]

    def cells(self, value: Any) -> list[Any]:
        """Its flat values, one for each header; null where there is none."""
        if self.inner is None:
            return [_cell(value)]
        if value is None:
            return [None] * len(self.inner)
        return [_cell(held) if isinstance(held, list | dict) else held for held in self._inner_values(value)[:-1]]


def _cell(value: Any) -> Any:
    """A value that fits one cell: lists become their ids joined by `; `, objects their own id or pairs."""
    if isinstance(value, list):
        return "; ".join([str(_cell(item)) for item in value]) if value else None
    if isinstance(value, dict):
        for key in _STANDS_FOR:
            if key in value:
                return _cell(value[key])
        return "; ".join(f"{key}={item}" for key, item in value.items()) or None
    return value


@dataclass(frozen=True)
class Shape:
    """A kind of record: its name in the description and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = dataclass_field(init=False)
    header: tuple[str, ...] = dataclass_field(init=False)
    # Kept, since every record asks for them: keys with what finds their values, and what makes cells of a source and
    # its record, columns next to each other that are plain taken together.
    _values: tuple[tuple[str, Callable[[Any], Any]], ...] = dataclass_field(init=False)
    _cells: tuple[Callable[[Any, Mapping[str, Any]], Sequence[Any]], ...] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        shown = [column for column in self.columns if not column.is_flat_only]
        object.__setattr__(self, "_values", tuple((column.key, column.value) for column in shown))
        object.__setattr__(self, "keys", tuple(column.key for column in shown))
        object.__setattr__(self, "header", tuple(name for column in self.columns for name in column.headers()))
        runs = groupby(self.columns, lambda column: (column.is_flat_only, column.is_plain or column.key))
        object.__setattr__(self, "_cells", tuple(_cells_of(list(run)) for _alike, run in runs))

    def schema(self) -> type[Schema]:
        """The marshmallow schema of its JSON object."""
        found = {column.key: column.field for column in self.columns if not column.is_flat_only}
        return Schema.from_dict(found, name=self.name)

    def record(self, source: Any) -> dict[str, Any]:
        """The JSON object of one record."""
        return {key: value(source) for key, value in self._values}

    def flat(self, source: Any, record: Mapping[str, Any]) -> list[Any]:
        """The record's cells, one for each name in the header."""
        found: list[Any] = []
        for cells in self._cells:
            found += cells(source, record)
        return found

    def flat_only(self, keys: Sequence[str]) -> list[int]:
        """The places in the header of the columns under these top-level keys; all where none are named."""
        found: list[int] = []
        place = 0
        for column in self.columns:
            width = len(column.headers())
            if not keys or column.key in keys:
                found.extend(range(place, place + width))
            place += width
        return found


def _cells_of(run: Sequence[Column]) -> Callable[[Any, Mapping[str, Any]], Sequence[Any]]:
    """What makes the cells of columns next to each other, which are all plain or only one."""
    if run[0].is_flat_only:
        values = [column.value for column in run]
        return lambda source, _record: [value(source) for value in values]
    if len(run) > 1:
        taken = itemgetter(*(column.key for column in run))
        return lambda _source, record: taken(record)
    (column,) = run
    return lambda _source, record: column.cells(record[column.key])
