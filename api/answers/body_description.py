"""Describes the bodies of answers for OpenAPI: one for each media type, of the shape or schema that a route declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from api.answers.routes import Described
from api.query.endpoint import Endpoint
from api.query.standard_parameters import BOUNDARIES
from api.records import envelopes
from api.records.envelopes import OpenAPI, ref
from api.records.files import FILES
from api.records.formats import CSV, GEOJSON, JSON, MEDIA_TYPES, PAGES
from api.records.shape import Column, Shape

# Keys of a row of totals that do not stand in its flat row under their own names.
_NOT_FLAT = ("key", "labels", "starts", "points", "links")

# The types of flat columns that say by themselves what they are.
_JSON_TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number"}


class Bodies:
    """The bodies of a description. Their schemas become components of it, each once."""

    def __init__(self, spec: APISpec, converter: OpenAPIConverter) -> None:
        self.spec, self.converter = spec, converter
        converter.add_attribute_function(_nullable_nested)  # type: ignore[no-untyped-call]  # apispec has no types there

    def content(self, described: Described) -> OpenAPI:
        """The body in each media type."""
        if described.schema is None:
            return {
                media_type: {"schema": {"type": "string"} if schema is None else self.schema(schema)}
                for media_type, schema in described.media.items()
            }
        record = self.schema(described.schema)
        if described.gives == "record":
            return {MEDIA_TYPES[JSON]: {"schema": record}, **_page_for_people(described.endpoint)}
        is_totals = described.gives == "totals"
        has_facets = bool(described.endpoint.dimensions) and not is_totals
        has_words = any(wanted.name == "q" for wanted in described.endpoint.filters)
        has_outlines = BOUNDARIES in described.endpoint.options
        in_json = {"boundary": ref("Outline")} if has_outlines and not is_totals else {}
        row = self.listed(schema_name(described.schema), in_json)
        found: OpenAPI = {}
        for format_ in described.endpoint.formats:
            if format_ == JSON:
                whole = envelopes.page(row, is_totals=is_totals, has_facets=has_facets, has_words=has_words)
                for key, schema in described.beside.items():
                    whole["required"].append(key)
                    whole["properties"][key] = {"type": "array", "items": self.schema(schema)}
                whole["required"] += described.more
                whole["properties"].update(described.more)
                body: OpenAPI = {"schema": whole}
            elif format_ == CSV:
                body = envelopes.table(self.columns(described))
            elif format_ == GEOJSON:
                shape = described.endpoint.shape
                properties = envelopes.FLAT_TOTAL if shape is None else self.flat(shape)
                body = {"schema": envelopes.collection(properties, has_outlines=has_outlines)}
            elif format_ in FILES:
                body = envelopes.file(self.columns(described))
            else:
                body = envelopes.lines(row)
            found[MEDIA_TYPES[format_]] = body
        return found | _page_for_people(described.endpoint)

    def schema(self, schema: type[Schema]) -> dict[str, str]:
        """A schema by reference, described once."""
        name = schema_name(schema)
        if name not in self.spec.components.schemas:
            self.spec.components.schema(name, schema=schema)
        return ref(name)

    def listed(self, name: str, more: Mapping[str, OpenAPI]) -> dict[str, str]:
        """A listed record, with more properties where they are asked for. `fields` may leave out its keys, so in lists none is
        required."""
        listed = f"Listed{name}"
        if listed not in self.spec.components.schemas:
            whole = self.spec.components.schemas[name]
            found = {key: value for key, value in whole.items() if key != "required"}
            self.spec.components.schema(listed, {**found, "properties": {**found["properties"], **more}})
        return ref(listed)

    def columns(self, described: Described) -> tuple[str, ...]:
        """The header of the flat form."""
        if described.endpoint.shape is not None:
            return tuple(described.endpoint.shape.header())
        assert described.schema is not None
        numbers = [name for name in described.schema().fields if name not in _NOT_FLAT]
        counted = "events" if "events" in numbers else "figures"
        beside = ("<dimension>_start", "<dimension>_latitude", "<dimension>_longitude")
        return ("key_<dimension>", "labels_<dimension>", *beside, *numbers, f"links_{counted}")

    def flat(self, shape: Shape) -> dict[str, str]:
        """The flat columns of a record as an object, the properties of a GeoJSON feature."""
        name = f"{shape.name}Properties"
        if name not in self.spec.components.schemas:
            properties: OpenAPI = {}
            for column in shape.columns:
                properties.update(zip(column.headers(), self.cells(column), strict=True))
            text = "The flat columns; those under the keys in `fields` where it is given."
            self.spec.components.schema(
                name, {"type": "object", "description": text, "properties": properties, "additionalProperties": False}
            )
        return ref(name)

    def cells(self, column: Column) -> Iterator[OpenAPI]:
        """The schema of each flat column of one key."""
        if column.flat is not None:
            for _name, type_, meaning in column.flat:
                yield {"type": _JSON_TYPES[type_], "nullable": True, "description": meaning}
            return
        is_nullable = column.value is None or column.field.allow_none
        nested = column.field.schema.fields.values() if isinstance(column.field, fields.Nested) else (column.field,)
        for part in nested:
            found = dict(self.converter.field2property(part))
            if isinstance(part, fields.List | fields.Dict | fields.Nested):
                text = f"{found.get('description', '')} Joined by semicolons.".strip()
                found = {"type": "string", "nullable": True, "description": text}
            elif is_nullable:
                found["nullable"] = True
                if "enum" in found and None not in found["enum"]:
                    found["enum"] = [*found["enum"], None]
            yield found


def _page_for_people(endpoint: Endpoint) -> OpenAPI:
    """The body in HTML and Markdown, where the address has them: they say what the JSON says."""
    return {MEDIA_TYPES[form]: {"schema": {"type": "string"}} for form in PAGES} if endpoint.has_page else {}


def schema_name(schema: Any) -> str:
    """What a schema is called in the description."""
    found = schema if isinstance(schema, type) else type(schema)
    return found.__name__.removesuffix("Schema")


def _nullable_nested(_converter: Any, field: fields.Field[Any], ret: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A nested object that may be null, so that only null or the object fits.

    apispec writes `anyOf: [{type: object, nullable: true}, {$ref}]`, which every object satisfies.
    """
    if isinstance(field, fields.Nested) and field.allow_none and "anyOf" in ret:
        for branch in ret["anyOf"]:
            if branch.get("nullable"):
                branch["enum"] = [None]
    return {}
