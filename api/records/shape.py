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

# The key of a record's links, of which flat rows show its own with the host before it.
LINKS = "links"
# Names in nested objects that stand in flat formats without their parent's, as maps and spreadsheets expect them.
_PLAIN_IN_FLAT = ("latitude", "longitude")
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
    # Its flat columns, where they are not the field's own.
    flat: tuple[FlatColumn, ...] | None = None
    # The names inside a nested object, in order; null where the value is none.
    inner: tuple[str, ...] | None = dataclass_field(init=False)

    def __post_init__(self) -> None:
        inner: dict[str, fields.Field[Any]] = self.field.schema.fields if isinstance(self.field, fields.Nested) else {}
        object.__setattr__(self, "inner", tuple(inner) or None)

    def headers(self) -> list[str]:
        """The names of its flat columns."""
        if self.flat is not None:
            return [column.name for column in self.flat]
        if self.inner is None:
            return [self.key]
        return [name if name in _PLAIN_IN_FLAT else f"{self.key}_{name}" for name in self.inner]

    def flat_columns(self) -> Sequence[FlatColumn]:
        """Its flat columns."""
        if self.flat is not None:
            return self.flat
        nested = self.field.schema.fields.values() if isinstance(self.field, fields.Nested) else (self.field,)
        return [flat_column(name, field) for name, field in zip(self.headers(), nested, strict=True)]

    def cells(self, value: Any, base: str) -> list[Any]:
        """Its flat values, one for each header; null where there is none. A link gets this address before it."""
        if self.key == LINKS:
            return [f"{base}{value['self']}"]
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
            " and figures give it one in api/load/event_details.py, of other records in api/store/related_rows.py, or say with"
            " `value` how it follows from what the row has"
        )


# Each is the only one of its kind, so it is told from others by being itself.
@dataclass(frozen=True, eq=False)
class Shape:
    """A kind of record: its name in the description and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = dataclass_field(init=False)
    # Those that choose columns of flat rows: the same, and the names of flat columns.
    flat_keys: tuple[str, ...] = dataclass_field(init=False)
    # Keys with what finds their values; kept, since every record asks for them.
    _values: tuple[tuple[str, Callable[[Any], Any]], ...] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        values = tuple((column.key, column.value) for column in self.columns if column.value is not None)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "keys", tuple(key for key, _value in values))
        object.__setattr__(self, "flat_keys", tuple(dict.fromkeys((*self.keys, *self.header()))))

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
        """The names of the flat columns that these keys choose: of all under a top-level key, of one by its name; of all
        where none are named."""
        return [column.headers()[place] for column, shown in self._chosen(keys) for place in shown]

    def flat_columns(self, keys: Sequence[str] = ()) -> list[FlatColumn]:
        """The flat columns in that header."""
        return [column.flat_columns()[place] for column, shown in self._chosen(keys) for place in shown]

    def flat(self, record: Mapping[str, Any], base: str, keys: Sequence[str] = ()) -> list[Any]:
        """A record's cells, one for each name in that header; links with this address before them."""
        chosen = ((column.cells(record[column.key], base), shown) for column, shown in self._chosen(keys))
        return [cells[place] for cells, shown in chosen for place in shown]

    def per_question(self, keys: Sequence[str] = ()) -> list[str]:
        """The names in that header that follow from the question."""
        return [column.key for column, _shown in self._chosen(keys) if column.is_per_question]

    def copied(self, table: FromClause, keys: Sequence[str] = ()) -> list[tuple[str, ColumnElement[Any]]]:
        """The names in that header, each with the cells that this table of the reading copy gives. Errors: NotInCopy."""
        chosen = ((list(column.copies(table)), shown) for column, shown in self._chosen(keys))
        return [copies[place] for copies, shown in chosen for place in shown]

    def _chosen(self, keys: Sequence[str]) -> Iterator[tuple[Column, Sequence[int]]]:
        """The columns that have flat columns in that header, with the places of these among their own."""
        for column in self.columns:
            is_whole = not keys or column.key in keys
            shown = [place for place, name in enumerate(column.headers()) if is_whole or name in keys]
            if shown:
                yield column, shown
