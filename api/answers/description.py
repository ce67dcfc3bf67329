"""Builds the OpenAPI description of the API from the declarations that the routes run by."""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields

import api
from api.answers.asked_format import ending_of
from api.answers.posted import PAGING, QUERY
from api.answers.posted_description import OF_POSTED, question_schema, written_example
from api.answers.revision_at_least import HEADER as REVISION_AT_LEAST
from api.domain.errors import PROBLEMS
from api.query.endpoint import Endpoint
from api.query.parameters import Parameter
from api.query.standard_parameters import BOUNDARIES
from api.records import envelopes
from api.records.envelopes import OpenAPI, ref
from api.records.files import FILES
from api.records.formats import CSV, GEOJSON, HTML, JSON, MEDIA_TYPES, SHOWN
from api.records.shape import Column, Shape

OPENAPI_VERSION = "3.0.3"
PROBLEM_TYPE = "application/problem+json"
_LICENCE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
# Statuses of problems that any path may end in, and besides those of a path that names one record and of one that streams.
_ANYWHERE = frozenset({400, 406, 414, 429, 500, 503})
_OF_RECORDS = frozenset({404, 410})
_OF_STREAMS = frozenset({505})
_OF_BODIES = frozenset({413, 415})
# Parameters that go with pages, or choose what the ending of an address chooses.
_OF_JSON = (*PAGING, "facets", "format")
# Keys of a row of totals that do not stand in its flat row under their own names.
_NOT_FLAT = ("key", "labels", "starts", "points", "links")

# The types of flat columns that say by themselves what they are.
_JSON_TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number"}
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Described:
    """What a route gives: a list, totals or one record of a schema, or a page with a schema for each media type."""

    endpoint: Endpoint
    schema: type[Schema] | None
    # `list`, `totals`, `matches`, `record` or `page`.
    gives: str
    # A value for its path that exists on the corpus, for routes with one.
    example: str | None = None
    # Of a page: the schema of each media type; text where there is none.
    media: Mapping[str, type[Schema] | None] = field(default_factory=dict)
    statuses: frozenset[int] = _ANYWHERE
    # Of matches: further lists beside the records, by key.
    beside: Mapping[str, type[Schema]] = field(default_factory=dict)
    # And further keys, as OpenAPI has them.
    more: Mapping[str, OpenAPI] = field(default_factory=dict)
    # Whether it changes with the data alone, so that its ETag tells when.
    is_of_data: bool = True


def describe(
    endpoint: Endpoint,
    schema: type[Schema],
    gives: str,
    example: str | None = None,
    beside: Mapping[str, type[Schema]] = MappingProxyType({}),
    more: Mapping[str, OpenAPI] = MappingProxyType({}),
) -> Callable[[View], View]:
    """Marks a view with what it gives; its docstring is its manual entry."""
    statuses = _ANYWHERE if example is None else _ANYWHERE | _OF_RECORDS
    if endpoint.formats != (JSON,):
        statuses |= _OF_STREAMS
    return _mark(Described(endpoint, schema, gives, example, statuses=statuses, beside=beside, more=more))


def describe_page(
    endpoint: Endpoint,
    media: Mapping[str, type[Schema] | None],
    example: str | None = None,
    *,
    statuses: frozenset[int],
    is_of_data: bool = False,
) -> Callable[[View], View]:
    """Marks a view that gives no records, with the schema of each of its media types, and whether it changes with the data."""
    return _mark(Described(endpoint, None, "page", example, media, statuses, is_of_data=is_of_data))


def _mark(described: Described) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.described = described  # type: ignore[attr-defined]  # a mark on a function
        return view

    return mark


@dataclass(frozen=True)
class Route:
    """A described route: its method and path as OpenAPI writes them, the name of the variable in it, its view and its
    declaration."""

    method: str
    path: str
    variable: str | None
    name: str
    view: Callable[..., Any]
    described: Described

    @property
    def tag(self) -> str:
        return self.described.endpoint.tag


def routes(app: Flask) -> Iterator[Route]:
    """Every described route, resources first, each in the order of its file."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: not rule.rule.startswith("/v1/")):
        view = app.view_functions[rule.endpoint]
        described: Described | None = getattr(view, "described", None)
        ending = ending_of(rule.rule) if described is not None and described.schema else None
        # An address with an ending is the same without it and with a format. As CSV it is described too: makers of typed
        # clients take the one form, JSON, of an operation that has several.
        if described is not None and ending == CSV:
            only = replace(described.endpoint, formats=(CSV,), has_page=False)
            described, ending = replace(described, endpoint=only), None
        if described is not None and ending is None:
            # The variable is called `identity` in code, where `id` is a function of Python.
            path = rule.rule.replace("<identity>", "<id>").replace("<", "{").replace(">", "}")
            variable = path.partition("{")[2].partition("}")[0] or None
            method = "post" if "POST" in (rule.methods or ()) else "get"
            yield Route(method, path, variable, rule.endpoint.split(".")[-1], view, described)


def add_endings(app: Flask) -> None:
    """Lets every list and total be asked for by an ending too: `/v1/events.csv` is `/v1/events?format=csv`."""
    for route in list(routes(app)):
        if (
            route.method == "get"
            and route.described.gives in ("list", "totals")
            and len(route.described.endpoint.formats) > 1
        ):
            for form in route.described.endpoint.forms:
                app.add_url_rule(f"{route.path}.{form}", f"{route.name}_{form}", route.view)


def add_queries(app: Flask) -> None:
    """Lets every list and total that takes filters be asked by POST too."""
    for route in list(routes(app)):
        if route.described.gives in ("list", "totals") and route.described.endpoint.filters:
            name = f"query_{route.name.removeprefix('list_')}"
            app.add_url_rule(f"{route.path}{QUERY}", f"query.{name}", route.view, methods=["POST"])


def description(app: Flask) -> OpenAPI:
    """The whole description, as OpenAPI 3.0.3."""
    return _Assembly(list(routes(app))).described()


class _Assembly:
    """The description while it is put together."""

    def __init__(self, found: list[Route]) -> None:
        self.routes = found
        self.plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
        self.spec = APISpec(
            title="Conflict events",
            version=api.__version__,
            openapi_version=OPENAPI_VERSION,
            plugins=[self.plugin],
            info={"description": inspect.cleandoc(api.__doc__ or ""), "license": _LICENCE},
            servers=[{"url": "/"}],
            # Nobody needs a key.
            security=[],
        )
        assert self.plugin.converter is not None
        self.converter = self.plugin.converter
        self.converter.add_attribute_function(_nullable_nested)  # type: ignore[no-untyped-call]  # apispec has no types there
        for name, schema in envelopes.SHARED.items():
            self.spec.components.schema(name, schema)
        # The parameters met so far, by name: what is the same on several paths is described once.
        self.parameters: dict[str, list[tuple[str, OpenAPI]]] = defaultdict(list)

    def described(self) -> OpenAPI:
        for tag in dict.fromkeys(route.tag for route in self.routes):
            self.spec.tag({"name": tag, "description": self.about(tag)})
        for status in sorted({problem.status for problem in PROBLEMS}):
            self.spec.components.response(_response_name(status), _problem_response(status))
        for route in self.routes:
            self.spec.path(path=route.path, operations={route.method: self.operation(route)})
        for stored in self.parameters.values():
            for name, parameter in stored:
                self.spec.components.parameter(name, "query", parameter)
        self.spec.components.parameter(REVISION_AT_LEAST, "header", dict(envelopes.REVISION_AT_LEAST))
        found: OpenAPI = self.spec.to_dict()
        return {key: found[key] for key in ("openapi", "info", "servers", "security", "tags", "paths", "components")}

    def about(self, tag: str) -> str:
        """What is said of a tag: the first sentence of its file, or of its first operation where it has no file."""
        first = next(route.view for route in self.routes if route.tag == tag)
        file = sys.modules[first.__module__]
        source = file if file.__name__.split(".")[-1] == tag else first
        return inspect.cleandoc(source.__doc__ or "").partition("\n")[0]

    def operation(self, route: Route) -> OpenAPI:
        """One operation."""
        title, _, rest = inspect.cleandoc(route.view.__doc__ or "").partition("\n")
        endpoint = route.described.endpoint
        defaults = {"sort": endpoint.default_sort} if endpoint.default_sort else {}
        # apispec makes a reference of a name that stands where a parameter or an answer would.
        is_posted = route.method == "post"
        left_out = _OF_JSON if endpoint.formats == (CSV,) else ()
        parameters: list[OpenAPI | str] = [
            self.parameter(route, parameter, defaults.get(parameter.name))
            for parameter in endpoint.parameters()
            if (parameter.name in PAGING if is_posted else parameter.name not in left_out)
        ]
        if route.variable is not None:
            path_parameter = {
                "in": "path",
                "name": route.variable,
                "required": True,
                "description": "Which one.",
                "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
                "example": route.described.example,
            }
            parameters.insert(0, path_parameter)
        if route.described.gives != "page":
            parameters.append(REVISION_AT_LEAST)
        if is_posted:
            return {
                "operationId": route.name,
                "tags": [route.tag],
                "summary": f"{title.rstrip('.')}: the question as JSON",
                "description": OF_POSTED,
                "parameters": parameters,
                "requestBody": {"required": True, "content": {MEDIA_TYPES[JSON]: self.question(route)}},
                "responses": self.responses(route.described, is_posted=True),
            }
        return {
            "operationId": route.name,
            "tags": [route.tag],
            "summary": title.rstrip(".") + (": as CSV" if left_out else ""),
            **({"description": rest.strip()} if rest.strip() else {}),
            "parameters": parameters,
            "responses": self.responses(route.described),
        }

    def question(self, route: Route) -> OpenAPI:
        """The body of a posted question."""
        name = f"{route.name.removeprefix('query_').title().replace('_', '')}Question"
        self.spec.components.schema(name, question_schema(route.described.endpoint, self.converter.field2property))
        return {"schema": ref(name)}

    def parameter(self, route: Route, parameter: Parameter, default: Any) -> str:
        """The name under which a query parameter is described; lists are comma-separated."""
        schema = dict(self.converter.field2property(parameter.field))
        if default is not None:
            schema["default"] = default
        found: OpenAPI = {
            "in": "query",
            "name": parameter.name,
            "required": False,
            "description": parameter.description,
            "schema": schema,
        }
        if schema.get("type") == "array":
            found |= {"style": "form", "explode": False}
        if parameter.example:
            found["example"] = written_example(schema, parameter.example)
        stored = self.parameters[parameter.name]
        for name, known in stored:
            if known == found:
                return name
        name = parameter.name if not stored else f"{route.name}.{parameter.name}"
        stored.append((name, found))
        return name

    def responses(self, described: Described, is_posted: bool = False) -> OpenAPI:
        is_listed = described.gives in ("list", "totals", "matches")
        content = self.content(described)
        if is_posted:
            for form in SHOWN:
                content.pop(MEDIA_TYPES[form], None)
        good: OpenAPI = {"description": "The answer.", "content": content}
        found: OpenAPI = {"200": good}
        if is_posted:
            good["headers"] = {name: header for name, header in envelopes.LIST_HEADERS.items() if name != "ETag"}
            return found | {str(status): _response_name(status) for status in sorted(described.statuses | _OF_BODIES)}
        if described.is_of_data:
            good["headers"] = dict(envelopes.LIST_HEADERS if is_listed else envelopes.HEADERS)
            found["304"] = {
                "description": "Nothing has changed since the answer with this ETag.",
                "headers": dict(envelopes.UNCHANGED_HEADERS),
            }
        return found | {str(status): _response_name(status) for status in sorted(described.statuses)}

    # --- Bodies --------------------------------------------------------------------------------------------------

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
        row = self.listed(_schema_name(described.schema), in_json)
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
        name = _schema_name(schema)
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
                name,
                {"type": "object", "description": text, "properties": properties, "additionalProperties": False},
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
    return {MEDIA_TYPES[form]: {"schema": {"type": "string"}} for form in SHOWN} if endpoint.has_page else {}


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


def _response_name(status: int) -> str:
    return f"Problem{status}"


def _problem_response(status: int) -> OpenAPI:
    """The answer with this status: every kind of problem that has it."""
    problems = [problem for problem in PROBLEMS if problem.status == status]
    example = {
        "type": f"/problems/{problems[0].slug}",
        "title": problems[0].title,
        "status": status,
        "detail": problems[0].meaning,
        "instance": "/v1/events",
    }
    found: OpenAPI = {
        "description": " ".join(f"{problem.title}: {problem.meaning}" for problem in problems),
        "content": {
            PROBLEM_TYPE: {"schema": ref("Problem"), "example": example},
            MEDIA_TYPES[HTML]: {"schema": {"type": "string"}},
        },
    }
    if status in (429, 503):
        found["headers"] = dict(envelopes.RETRY_HEADERS)
    return found
