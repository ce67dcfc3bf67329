"""The description as tests read it: its operations with their examples, and validators that hold answers to it.

Validators are stricter than the description: a key that it does not name is a fault here, while it stays open for
clients, to whom keys may be added.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Flask
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker

from api.answers.description import description
from api.app import create_app
from api.settings import Settings

OpenAPI = dict[str, Any]

PROBLEM = "application/problem+json"
# What a parameter needs beside itself, because one without the other is refused.
COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "near": ("radius_km",),
    "radius_km": ("near",),
    "row": ("group_by",),
    "include_members": ("group",),
    "period": ("date_from",),
}
# Those that are about CSV alone.
OF_CSV = ("bom", "hxl")
# Those of totals, with what they need beside themselves.
OF_TOTALS: Mapping[str, Mapping[str, str]] = {
    "fill": {"group_by": "month"},
    "shape": {"group_by": "month", "format": "csv"},
    "boundaries": {"group_by": "location", "format": "geojson"},
}


@cache
def described_app() -> Flask:
    """An application that is only read for its declarations; it never asks its database."""
    return create_app(Settings(database_url="sqlite://"))


@cache
def described() -> OpenAPI:
    """The description. Not to be written to."""
    return description(described_app())


def resolved(found: OpenAPI) -> OpenAPI:
    """What a reference means, or the thing itself."""
    while "$ref" in found:
        place: Any = described()
        for step in found["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        found = place
    return found


@dataclass(frozen=True)
class Operation:
    """One GET operation of the description."""

    path: str
    body: OpenAPI

    def __str__(self) -> str:
        return self.path

    @property
    def parameters(self) -> list[OpenAPI]:
        """What may stand in its query."""
        return [found for found in map(resolved, self.body["parameters"]) if found["in"] == "query"]

    @property
    def address(self) -> str:
        """Its path with the example of the variable in it."""
        return self.address_with("")

    def address_with(self, ending: str) -> str:
        """The same with this behind the example."""
        found = self.path
        for parameter in map(resolved, self.body["parameters"]):
            if parameter["in"] == "path":
                found = found.replace(f"{{{parameter['name']}}}", quote(f"{parameter['example']}{ending}"))
        return found

    @property
    def is_list(self) -> bool:
        """Whether it gives pages of records, or rows of totals; what is compared may well be nothing."""
        return self.path.startswith("/v1/") and {"cursor", "fields"} <= {
            parameter["name"] for parameter in self.parameters
        }

    @property
    def is_totals(self) -> bool:
        return self.path.endswith("/totals")

    def example(self, name: str) -> str:
        """The example of one parameter, as it stands in a query."""
        (parameter,) = (found for found in self.parameters if found["name"] == name)
        return written(parameter["example"])

    def query(self, name: str) -> dict[str, str]:
        """The example of one parameter with what it needs beside itself."""
        if name in OF_CSV:
            return {name: self.example(name), "format": "csv"}
        if self.is_totals and name in OF_TOTALS:
            return {name: self.example(name), **OF_TOTALS[name]}
        companions = ("row",) if name == "group_by" and not self.is_totals else COMPANIONS.get(name, ())
        return {each: self.example(each) for each in (name, *companions)}

    def response(self, status: int) -> OpenAPI:
        """What it says of an answer with this status; fails where it says nothing."""
        assert str(status) in self.body["responses"], f"{self.path} does not describe status {status}"
        return resolved(self.body["responses"][str(status)])

    def media(self, status: int, media_type: str) -> OpenAPI:
        """What it says of a body of this media type."""
        found: OpenAPI = self.response(status)["content"][media_type]
        return found


def operations() -> list[Operation]:
    """Every GET operation, but CSV once more by its ending; posted questions are tried in tests/test_posted_questions.py."""
    listed = ((path, item) for path, item in described()["paths"].items() if not path.endswith(".csv"))
    return [Operation(path, item["get"]) for path, item in listed if "get" in item]


def written(example: Any) -> str:
    """An example as it stands in a query."""
    if isinstance(example, list):
        return ",".join(written(item) for item in example)
    if isinstance(example, bool):
        return "true" if example else "false"
    return f"{example:g}" if isinstance(example, float) else str(example)


# --- Validators --------------------------------------------------------------------------------------------------


def closed(schema: Any) -> Any:
    """The same schema, refusing keys that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


@cache
def _components(*, complete: bool) -> OpenAPI:
    """The shared schemas, closed. Complete lists lack no key, as where `fields` is not given."""
    schemas = copy.deepcopy(described()["components"]["schemas"])
    if complete:
        for name, whole in list(schemas.items()):
            if f"Listed{name}" in schemas:
                schemas[f"Listed{name}"] = whole
        for name in ("EventProperties", "FigureProperties", "LocationProperties"):
            schemas[name]["required"] = list(schemas[name]["properties"])
    return {"schemas": {name: closed(schema) for name, schema in schemas.items()}}


def faults(schema: OpenAPI, body: Any, *, complete: bool = True) -> list[str]:
    """How a body departs from a schema: each place and what is wrong there; none where it fits."""
    whole = {"allOf": [closed(schema)], "components": _components(complete=complete)}
    validator = OAS30ReadValidator(whole, format_checker=oas30_format_checker)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]


def component(name: str) -> OpenAPI:
    """A shared schema, by reference."""
    assert name in described()["components"]["schemas"]
    return {"$ref": f"#/components/schemas/{name}"}


def schemas_within(schema: Any, path: str = "") -> Iterator[tuple[str, OpenAPI]]:
    """Every property in a schema, however deep, by its path."""
    if isinstance(schema, list):
        for item in schema:
            yield from schemas_within(item, path)
    elif isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            yield f"{path}.{name}", value
            yield from schemas_within(value, f"{path}.{name}")
        for key in ("items", "allOf", "anyOf", "oneOf"):
            yield from schemas_within(schema.get(key), path)
