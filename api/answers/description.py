"""Builds the OpenAPI description of the API from the declarations that the routes run by."""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

import api
from api.answers.body_description import Bodies, schema_name
from api.answers.posted_description import OF_POSTED, question_schema, written_example
from api.answers.posted_questions import PAGING
from api.answers.revision_at_least import HEADER as REVISION_AT_LEAST
from api.answers.routes import Described, Route, routes
from api.domain.errors import PROBLEMS
from api.query.parameters import Parameter
from api.records import envelopes
from api.records.envelopes import OpenAPI, ref
from api.records.formats import CSV, HTML, JSON, MEDIA_TYPES, PAGES, PROBLEM_TYPE

OPENAPI_VERSION = "3.0.3"
_LICENCE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
# Statuses of problems that a posted question may end in, besides those of the same one asked by GET.
_OF_BODIES = frozenset({408, 413, 415})
# Parameters that no CSV takes: they go with pages or outlines, or choose what the ending of an address chooses.
_OF_OTHER_FORMS = (*PAGING, "facets", "boundaries", "format")


def description(app: Flask) -> OpenAPI:
    """The whole description, as OpenAPI 3.0.3."""
    return _Assembly(list(routes(app))).described()


class _Assembly:
    """The description while it is put together."""

    def __init__(self, found: list[Route]) -> None:
        self.routes = found
        plugin = MarshmallowPlugin(schema_name_resolver=schema_name)
        self.spec = APISpec(
            title="Conflict events",
            version=api.__version__,
            openapi_version=OPENAPI_VERSION,
            plugins=[plugin],
            info={"description": inspect.cleandoc(api.__doc__ or ""), "license": _LICENCE},
            servers=[{"url": "/"}],
            # Nobody needs a key.
            security=[],
        )
        assert plugin.converter is not None
        self.converter = plugin.converter
        self.bodies = Bodies(self.spec, self.converter)
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
        left_out = _OF_OTHER_FORMS if endpoint.formats == (CSV,) else ()
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
        if schema.get("type") == "array" or parameter.states_its_style:
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
        is_listed = described.gives in ("list", "totals", "rows")
        content = self.bodies.content(described)
        if is_posted:
            for form in PAGES:
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
