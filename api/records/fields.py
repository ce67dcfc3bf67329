"""The kinds of fields that shapes are made of, each with its description."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import Any

from marshmallow import Schema, fields

from api.domain.codebook import values
from api.records.shape import Column


def text(description: str, *, null: bool = False) -> fields.String:
    """Words."""
    return fields.String(required=True, allow_none=null, metadata={"description": description})


def integer(description: str, *, null: bool = False) -> fields.Integer:
    """A whole number."""
    return fields.Integer(required=True, allow_none=null, metadata={"description": description})


def decimal(description: str, *, null: bool = True) -> fields.Float:
    """A decimal number; null is unknown."""
    return fields.Float(required=True, allow_none=null, metadata={"description": description})


def day(description: str, *, null: bool = False) -> fields.Date:
    """A day."""
    return fields.Date(required=True, allow_none=null, metadata={"description": description})


def time(description: str) -> fields.DateTime:
    """A moment in UTC."""
    return fields.DateTime(required=True, metadata={"description": description})


def flag(description: str) -> fields.Boolean:
    """True or false."""
    return fields.Boolean(required=True, metadata={"description": description})


def code(code_list: str, description: str, *, null: bool = False) -> fields.String:
    """A code of the list of this name."""
    allowed = [*values(code_list), None] if null else list(values(code_list))
    return fields.String(
        required=True,
        allow_none=null,
        metadata={"description": f"{description} Codebook: `{code_list}`.", "enum": allowed},
    )


def nested(schema: type[Schema], description: str, *, null: bool = False) -> fields.Nested:
    """An object of its own."""
    return fields.Nested(schema, required=True, allow_none=null, metadata={"description": description})


def by_name(inner: fields.Field[Any], description: str) -> fields.Dict:
    """Values of one kind, by names that are told in the description."""
    return fields.Dict(keys=fields.String(), values=inner, required=True, metadata={"description": description})


def several(inner: fields.Field[Any] | type[Schema], description: str) -> fields.List[Any]:
    """A list of values or objects."""
    field: fields.Field[Any] = inner if isinstance(inner, fields.Field) else fields.Nested(inner)
    return fields.List(field, required=True, metadata={"description": description})


def schema(name: str, /, **found: fields.Field[Any]) -> type[Schema]:
    """An object with these fields, under this name in the description."""
    return Schema.from_dict(dict(found), name=name)


def column(key: str, field: fields.Field[Any], copied: str | None = None) -> Column:
    """A column that shows what the row holds under the same name; `copied` is the column of the reading copy that it is in
    flat rows, where that is called otherwise."""
    return Column(key, field, itemgetter(key), copied={} if copied is None else {key: attrgetter(copied)})
