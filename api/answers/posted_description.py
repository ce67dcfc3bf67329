"""Describes the bodies of posted questions for OpenAPI, from the parameters that the same path takes by GET."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.query.endpoint import Endpoint
from api.query.parameters import RowKey, TextOrObject
from api.records.envelopes import OpenAPI

OF_POSTED = (
    "The same names as by GET, lists as arrays, and the same answer: for lists that no address can hold. It changes nothing, may "
    "be asked again at will, and is never cached. `next` is an address to post the same body to; a `cursor` or `page` in the "
    "address stands in place of the body's."
)


def question_schema(endpoint: Endpoint, field2property: Callable[[Any], Mapping[str, Any]]) -> OpenAPI:
    """The schema of a body: lists as arrays, numbers and truth as such."""
    properties: OpenAPI = {}
    for parameter in endpoint.parameters():
        found = dict(field2property(parameter.field)) | {"description": parameter.description}
        if isinstance(parameter.field, RowKey):
            items = {"type": "string", "nullable": True, "pattern": found.pop("pattern")}
            found |= {"type": "array", "items": items, "minItems": 1}
        if isinstance(parameter.field, TextOrObject):
            found = {"oneOf": [found, {"type": "object"}], "description": parameter.description}
        properties[parameter.name] = found
    limit = endpoint.by_name["limit"]
    example = {"limit": written_example(properties["limit"], limit.example)}
    return {"type": "object", "properties": properties, "additionalProperties": False, "example": example}


def written_example(schema: Mapping[str, Any], written: str) -> Any:
    """An example in the type that its schema says."""
    match schema.get("type"):
        case "array":
            items = schema["items"]
            return [written_example(items, part) for part in written.split(",")]
        case "integer":
            return int(written)
        case "number":
            return float(written)
        case "boolean":
            return written == "true"
        case _:
            return written
