"""The description of the API from the declarations that run, and the pages that explain it.

Knows no resource by name: each route carries what it was declared with (`describe`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields

import api
from api.asking import CSV, GEOJSON, JSON, MEDIA_TYPES, NDJSON, Takes
from api.declare import Parameter, RowValues
from api.errors import PROBLEMS, Problem

OPENAPI_VERSION = "3.0.3"
_LICENCE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Described:
    """What a route gives: the schema of one record, as a list, as totals, or alone."""

    takes: Takes
    schema: type[Schema]
    # `list`, `totals`, `record` or `page`.
    gives: str
    # An id that exists on the corpus, for routes with one.
    example: str | None = None


def describe(takes: Takes, schema: type[Schema], gives: str, example: str | None = None) -> Callable[[View], View]:
    """Marks a view with what it gives; its docstring is its manual entry."""

    def mark(view: View) -> View:
        view.described = Described(takes, schema, gives, example)  # type: ignore[attr-defined]  # a mark on a function
        return view

    return mark


# --- Pieces of the description -----------------------------------------------------------------------------------

_RESPONSE_HEADERS = {
    "ETag": {"description": "Weak; the same until the data changes.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "For how long an answer may be reused.", "schema": {"type": "string"}},
    "Link": {"description": "Licence and citation of the data, and the next page.", "schema": {"type": "string"}},
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "A page that explains this kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, where, and what would be right."},
        "instance": {"type": "string", "description": "The address that was asked, or the id of the failure."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "message"],
                "properties": {
                    "parameter": {"type": "string"},
                    "message": {"type": "string"},
                    "did_you_mean": {"type": "string"},
                    "allowed": {"type": "array", "items": {"type": "string"}},
                    "candidates": {"type": "array", "items": {"type": "object"}},
                },
            },
        },
        "near": {"type": "array", "items": {"type": "string"}, "description": "Ids close to the one asked for."},
        "tombstone": {"type": "object", "description": "Of a withdrawn record: when, why, and what replaced it."},
    },
}
_COVERAGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What the datasets asked for declare to cover; not the rows found.",
    "required": ["datasets", "first_date", "last_date", "revision"],
    "properties": {
        "datasets": {"type": "array", "items": {"type": "string"}},
        "first_date": {"type": "string", "format": "date", "nullable": True},
        "last_date": {"type": "string", "format": "date", "nullable": True},
        "revision": {"type": "string", "description": "Changes whenever the data does."},
    },
}
_SOURCES_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Licence and citation of each dataset.",
    "items": {
        "type": "object",
        "required": ["dataset", "licence", "licence_url", "citation"],
        "properties": {
            "dataset": {"type": "string"},
            "licence": {"type": "string"},
            "licence_url": {"type": "string", "nullable": True},
            "citation": {"type": "string"},
        },
    },
}
_GEOMETRY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "nullable": True,
    "description": "Null where the place is known no better than its state or region.",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "enum": ["Point"]},
        "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    },
}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_schema(record: Mapping[str, Any], *, is_totals: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "required": ["data", "total", "returned", "next", "coverage", "sources"],
        "properties": {
            "data": {"type": "array", "items": record},
            "total": {"type": "integer", "nullable": True, "description": "Null where more than 10,000 match."},
            "total_at_least": {"type": "integer", "description": "Instead of a total over 10,000."},
            "returned": {"type": "integer"},
            "next": {"type": "string", "nullable": True, "description": "The full address of the next page."},
            "coverage": _ref("Coverage"),
            "sources": _ref("Sources"),
        },
    }
    if is_totals:
        found["required"].append("additive")
        found["properties"]["additive"] = {
            "type": "boolean",
            "description": "False where something is counted in several rows, so that rows must not be added up.",
        }
    return found


def _collection_schema(name: str) -> dict[str, Any]:
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": _GEOMETRY_SCHEMA,
            "properties": {"type": "object", "description": f"The flat columns of {name}."},
        },
    }
    return {
        "type": "object",
        "required": ["type", "features", "sources"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "sources": _ref("Sources"),
            "features": {"type": "array", "items": feature},
        },
    }


class _Assembly:
    """The description while it is put together."""

    def __init__(self) -> None:
        self.plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
        self.spec = APISpec(
            title="Conflict events",
            version=api.__version__,
            openapi_version=OPENAPI_VERSION,
            plugins=[self.plugin],
            info={"description": inspect.cleandoc(api.__doc__ or ""), "license": _LICENCE},
            servers=[{"url": "/"}],
        )
        assert self.plugin.converter is not None
        self.plugin.converter.add_attribute_function(_nullable_nested)  # type: ignore[no-untyped-call]  # apispec has no types there
        for name, schema in (
            ("Problem", _PROBLEM_SCHEMA),
            ("Coverage", _COVERAGE_SCHEMA),
            ("Sources", _SOURCES_SCHEMA),
        ):
            self.spec.components.schema(name, schema)

    def parameter(self, parameter: Parameter) -> dict[str, Any]:
        """One query parameter; lists are comma-separated."""
        assert self.plugin.converter is not None
        schema = dict(self.plugin.converter.field2property(parameter.field))
        found: dict[str, Any] = {
            "in": "query",
            "name": parameter.name,
            "required": False,
            "description": parameter.description,
            "schema": schema,
        }
        if schema.get("type") == "array":
            schema.setdefault("minItems", 1)
            found |= {"style": "form", "explode": False}
        if isinstance(parameter.field, RowValues):
            found["allowEmptyValue"] = True
        if parameter.example:
            found["example"] = _example(schema, parameter.example)
        return found

    def operation(self, name: str, view: Callable[..., Any], described: Described) -> dict[str, Any]:
        """One GET operation."""
        title, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
        parameters = [self.parameter(parameter) for parameter in described.takes.parameters()]
        if described.example is not None:
            path_parameter = {
                "in": "path",
                "name": "identity",
                "required": True,
                "description": "The record's id.",
                "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
                "example": described.example,
            }
            parameters.insert(0, path_parameter)
        return {
            "operationId": name,
            "tags": [described.takes.tag],
            "summary": title.rstrip("."),
            "description": rest.strip() or title,
            "parameters": parameters,
            "responses": {
                "200": {"description": "The answer.", "headers": _RESPONSE_HEADERS, "content": self.content(described)},
                "304": {"description": "Nothing has changed since the answer with this ETag."},
                **_problem_responses(described),
            },
        }

    def content(self, described: Described) -> dict[str, Any]:
        """The body in each format."""
        name = _schema_name(described.schema)
        if name not in self.spec.components.schemas:
            self.spec.components.schema(name, schema=described.schema)
        if described.gives == "record":
            return {MEDIA_TYPES[JSON]: {"schema": _ref(name)}}
        found: dict[str, Any] = {}
        for format_ in described.takes.formats:
            if format_ == JSON:
                schema = _list_schema(self.row(described, name), is_totals=described.gives == "totals")
            elif format_ == GEOJSON:
                schema = _collection_schema(name)
            else:
                told = {CSV: "One flat row for each record, under a header.", NDJSON: "One record a line."}[format_]
                schema = {"type": "string", "description": told}
            found[MEDIA_TYPES[format_]] = {"schema": schema}
        return found

    def row(self, described: Described, name: str) -> dict[str, Any]:
        """A listed record. `fields` may leave out keys, so in lists none is required."""
        listed = f"Listed{name}"
        if listed not in self.spec.components.schemas:
            whole = self.spec.components.schemas[name]
            self.spec.components.schema(listed, {key: value for key, value in whole.items() if key != "required"})
        return _ref(listed)


def _schema_name(schema: Any) -> str:
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


def _example(schema: Mapping[str, Any], written: str) -> Any:
    """An example in the type that its schema says."""
    match schema.get("type"):
        case "array":
            items = schema["items"]
            return [_example(items, part) for part in written.split(",")]
        case "integer":
            return int(written)
        case "number":
            return float(written)
        case "boolean":
            return written == "true"
        case _:
            return written


def _problem_responses(described: Described) -> dict[str, Any]:
    statuses = {problem.status for problem in PROBLEMS} - ({404, 410} if described.example is None else set())
    found = {}
    for status in sorted(statuses - {405}):
        kinds = [problem for problem in PROBLEMS if problem.status == status]
        found[str(status)] = {
            "description": " ".join(f"{kind.title}: {kind.meaning}" for kind in kinds),
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
            **({"headers": _retry_header()} if status in (429, 503) else {}),
        }
    return found


def _retry_header() -> dict[str, Any]:
    return {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def routes(app: Flask) -> Iterator[tuple[str, str, Callable[..., Any], Described]]:
    """Every described route: its path as OpenAPI writes it, its name, its view and its declaration."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        described = getattr(view, "described", None)
        if described is not None:
            yield rule.rule.replace("<", "{").replace(">", "}"), rule.endpoint.split(".")[-1], view, described


def description(app: Flask) -> dict[str, Any]:
    """The whole description, as OpenAPI 3.0.3."""
    assembly = _Assembly()
    for path, name, view, described in routes(app):
        assembly.spec.path(path=path, operations={"get": assembly.operation(name, view, described)})
    found: dict[str, Any] = assembly.spec.to_dict()
    return found


def problem_page(problem: type[Problem]) -> dict[str, str]:
    """What a page about one kind of problem says."""
    return {"title": problem.title, "status": str(problem.status), "meaning": problem.meaning}
