"""A shape: the columns of a record in order, as JSON and as the cells of a flat row.

Flat rows of events and figures are made by the reading copy, those of all other records from the record itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from typing import Any, NamedTuple

from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, FromClause

from api.domain.cells import cell

# Names in nested objects that stand in flat formats without their parent's: as maps and spreadsheets expect them, and short.
_PLAIN_IN_FLAT = ("latitude", "longitude", "roots")
# The types of values in flat columns; what is none of these is text.
_TYPES: tuple[tuple[type[fields.Field[Any]], type], ...] = (
    (fields.Date, date),
    (fields.DateTime, datetime),
    (fields.Boolean, bool),
    (fields.Integer, int),
    (fields.Float, float),
)


class FlatColumn(NamedTuple):
    """A column of flat rows: its name, the type of its values, and what it means."""

    name: str
    type: type
    meaning: str


def flat_column(name: str, field: fields.Field[Any]) -> FlatColumn:
    """The flat column of this name that shows a field: str, int, float, bool, date or datetime."""
    found = next((type_ for kind, type_ in _TYPES if isinstance(field, kind)), str)
    return FlatColumn(name, found, field.metadata.get("description", ""))


@dataclass(frozen=True)
class Column:
    """One top-level key of a record: its field, and how its value is found in what the database gave."""

    key: str
    field: fields.Field[Any]
    # Null of a column that stands in flat formats alone.
    value: Callable[[Any], Any] | None
    # How the reading copy gives its flat columns, by their names, out of the columns of its table; each that is not told here
    # is the column of that name. Asked of events and figures alone.
    copied: Mapping[str, Callable[[Any], ColumnElement[Any]]] = dataclass_field(default_factory=dict)
    # Whether it follows from the question, so that no record has it by itself: flat rows alone show it.
    is_per_question: bool = False
    # The names inside a nested object, in order; null where the value is none.
    inner: tuple[str, ...] | None = dataclass_field(init=False)

    def __post_init__(self) -> None:
        inner: dict[str, fields.Field[Any]] = self.field.schema.fields if isinstance(self.field, fields.Nested) else {}
        object.__setattr__(self, "inner", tuple(inner) or None)

    def headers(self) -> list[str]:
        """The names of its flat columns."""
        if self.inner is None:
            return [self.key]
        return [name if name in _PLAIN_IN_FLAT else f"{self.key}_{name}" for name in self.inner]

    def flat_columns(self) -> list[FlatColumn]:
        """Its flat columns."""
        nested = self.field.schema.fields.values() if isinstance(self.field, fields.Nested) else (self.field,)
        return [flat_column(name, field) for name, field in zip(self.headers(), nested, strict=True)]

    def cells(self, value: Any) -> list[Any]:
        """Its flat values, one for each header; null where there is none."""
        if self.inner is None:
            return [cell(value)]
        return [None if value is None else cell(value[name]) for name in self.inner]

    def copies(self, table: FromClause) -> Iterator[tuple[str, ColumnElement[Any]]]:
        """Its flat columns as this table of the reading copy gives them, with their names.

        Errors: NotInCopy, where it does not.
        """
        for name in self.headers():
            try:
                yield name, self.copied[name](table.c) if name in self.copied else table.c[name]
            except (AttributeError, KeyError) as error:
                raise NotInCopy(name, table) from error


class NotInCopy(Exception):
    """A flat column is declared that the reading copy cannot give."""

    def __init__(self, name: str, table: FromClause) -> None:
        super().__init__(
            f"the flat column '{name}' is declared, and the table '{table.description}' of the reading copy cannot give it: "
            "add it in api/columns/tables.py, or say with `copied` how it follows from others"
        )


class NotInRow(Exception):
    """A column is declared that a row has no value for."""

    def __init__(self, shape: Shape, row: Any) -> None:
        super().__init__(
            f"the column '{shape.lacking(row)}' of the shape '{shape.name}' is declared, and a row has no value for it: of events"
            " and figures give it one in api/load/event_details.py, of other records in api/store/details.py, or say with"
            " `value` how it follows from what the row has"
        )


# Each is the only one of its kind, so it is told from others by being itself.
@dataclass(frozen=True, eq=False)
class Shape:
    """A kind of record: its name in the description and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = dataclass_field(init=False)
    # Those of flat rows, some of which stand in no record.
    flat_keys: tuple[str, ...] = dataclass_field(init=False)
    # Keys with what finds their values; kept, since every record asks for them.
    _values: tuple[tuple[str, Callable[[Any], Any]], ...] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        values = tuple((column.key, column.value) for column in self.columns if column.value is not None)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "keys", tuple(key for key, _value in values))
        object.__setattr__(self, "flat_keys", tuple(column.key for column in self.columns))

    def schema(self) -> type[Schema]:
        """The marshmallow schema of its JSON object."""
        found = {column.key: column.field for column in self.columns if column.value is not None}
        return Schema.from_dict(found, name=self.name)

    def record(self, row: Any) -> dict[str, Any]:
        """The JSON object of one record. Errors: NotInRow."""
        try:
            return {key: value(row) for key, value in self._values}
        except KeyError as error:
            raise NotInRow(self, row) from error

    def lacking(self, row: Any) -> str | None:
        """The first column whose value this row lacks."""
        for key, value in self._values:
            try:
                value(row)
            except KeyError:
                return key
        return None

    def header(self, keys: Sequence[str] = ()) -> list[str]:
        """The names of the flat columns under these top-level keys; of all where none are named."""
        return [name for column in self._under(keys) for name in column.headers()]

    def flat_columns(self, keys: Sequence[str] = ()) -> list[FlatColumn]:
        """The flat columns in that header."""
        return [found for column in self._under(keys) for found in column.flat_columns()]

    def flat(self, record: Mapping[str, Any], keys: Sequence[str] = ()) -> list[Any]:
        """A record's cells, one for each name in that header."""
        return [cell for column in self._under(keys) for cell in column.cells(record[column.key])]

    def per_question(self, keys: Sequence[str] = ()) -> list[str]:
        """The names in that header that follow from the question."""
        return [column.key for column in self._under(keys) if column.is_per_question]

    def copied(self, table: FromClause, keys: Sequence[str] = ()) -> list[tuple[str, ColumnElement[Any]]]:
        """The names in that header, each with the cells that this table of the reading copy gives. Errors: NotInCopy."""
        return [found for column in self._under(keys) for found in column.copies(table)]

    def _under(self, keys: Sequence[str]) -> Iterator[Column]:
        return (column for column in self.columns if not keys or column.key in keys)
