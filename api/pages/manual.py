"""The manual of the API: each operation of the description with a form that asks it, examples, codes and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.links import address_of

# What a form is filled in with, beside the example of a path, so that its first answer is short and says something.
_FILLED = {"limit": "10"}
_FILLED_OF_TOTALS = {"group_by": "state_or_region"}
# Of longer lists of codes the first are told in an answer; the codebook has all.
_MOST_CODES = 7
# How deep the fields of an answer are told.
_DEPTH = 3
OpenAPI = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it means, how it is written, and a value that has data."""

    name: str
    text: str
    is_in_path: bool
    # What an empty field shows and a link asks; empty where there is none.
    example: str
    # What it may be, where that is a list of codes; and what it is otherwise, in a word or two.
    codes: tuple[str, ...]
    kind: str
    # What the form starts with.
    value: str
    # Where its example is asked.
    address: str


@dataclass(frozen=True)
class Key:
    """One key of an answer, with how deep it stands."""

    name: str
    depth: int
    text: str
    kind: str


@dataclass(frozen=True)
class Operation:
    """One address of the API."""

    name: str
    path: str
    tag: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    keys: tuple[Key, ...]
    media_types: tuple[str, ...]
    # Where the same question is posted, if anywhere.
    posted_to: str | None
    # Of each status: what it means.
    statuses: tuple[tuple[str, str], ...]

    @property
    def action(self) -> str:
        """Its path with the example in it."""
        path = self.path
        for parameter in self.parameters:
            if parameter.is_in_path:
                path = path.replace(f"{{{parameter.name}}}", parameter.example)
        return path

    @property
    def example(self) -> str:
        """The question that its form is filled in with."""
        return address_of(
            self.action, **{one.name: one.value for one in self.parameters if one.value and not one.is_in_path}
        )

    def has(self, words: str) -> bool:
        """Whether every one of these words stands in it."""
        told = " ".join((self.name, self.path, self.summary, self.text, *(each.name for each in self.parameters)))
        return all(word in told.lower() for word in words.lower().split())


def operations(description: OpenAPI) -> list[Operation]:
    """Every operation that GET asks, in the description's order; what is posted asks the same."""
    found = description["paths"].items()
    # An address with an ending is another name for the one without it.
    return [
        _operation(description, path, item["get"])
        for path, item in found
        if "get" in item and not path.endswith(".csv")
    ]


def _operation(description: OpenAPI, path: str, found: OpenAPI) -> Operation:
    # A form cannot send headers.
    parameters = [
        one for one in (_resolved(description, each) for each in found["parameters"]) if one["in"] != "header"
    ]
    in_path = {each["name"]: str(each["example"]) for each in parameters if each["in"] == "path"}
    action = path
    for name, example in in_path.items():
        action = action.replace(f"{{{name}}}", example)
    good = found["responses"]["200"]["content"]
    schema = next(iter(good.values()))["schema"]
    problems = {status: _resolved(description, each) for status, each in found["responses"].items() if status > "299"}
    return Operation(
        found["operationId"],
        path,
        found["tags"][0],
        found["summary"],
        found.get("description", ""),
        tuple(_parameter(each, action) for each in parameters),
        tuple(_keys(description, schema, 0)),
        tuple(good),
        f"{path}/query" if f"{path}/query" in description["paths"] else None,
        tuple((status, each["description"]) for status, each in problems.items()),
    )


def _resolved(description: OpenAPI, found: OpenAPI) -> OpenAPI:
    while "$ref" in found:
        place: Any = description
        for step in found["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        found = place
    return found


def _parameter(found: OpenAPI, action: str) -> Parameter:
    schema = found["schema"]
    items = schema.get("items", schema)
    name, example = found["name"], _written(found.get("example", ""))
    is_in_path = found["in"] == "path"
    is_of_totals = action.endswith("/totals")
    filled = example if is_in_path else (_FILLED_OF_TOTALS if is_of_totals else _FILLED).get(name, "")
    companion = {**_COMPANIONS, **(_COMPANIONS_OF_TOTALS if is_of_totals else {})}.get(name, {})
    kind = "several, by commas" if schema["type"] == "array" else str(schema.get("format", schema["type"]))
    return Parameter(
        name,
        found.get("description", ""),
        is_in_path,
        example,
        tuple(str(code) for code in items.get("enum", ())),
        kind,
        filled,
        action if is_in_path else address_of(action, **{name: example, **companion}),
    )


# What is refused alone, with what it may be asked.
_COMPANIONS: Mapping[str, Mapping[str, str]] = {
    "near": {"radius_km": "50"},
    "radius_km": {"near": "23.79,95.68"},
    "row": {"group_by": "state_or_region"},
    "group_by": {"row": "mmr005"},
    "include_members": {"group": "three-brotherhood-alliance"},
    "period": {"date_from": "2023-11-01"},
    "bom": {"format": "csv"},
    "hxl": {"format": "csv"},
}

_COMPANIONS_OF_TOTALS: Mapping[str, Mapping[str, str]] = {
    "group_by": {},
    "fill": {"group_by": "month"},
    "shape": {"group_by": "month", "format": "csv"},
    "boundaries": {"group_by": "state_or_region", "format": "geojson"},
}


def _written(example: Any) -> str:
    if isinstance(example, list):
        return ",".join(_written(each) for each in example)
    if isinstance(example, bool):
        return "true" if example else "false"
    return f"{example:g}" if isinstance(example, float) else str(example)


def _keys(description: OpenAPI, schema: OpenAPI, depth: int) -> Iterator[Key]:
    """The keys of an answer, those within them below each."""
    schema = _resolved(description, schema)
    for branch in ("anyOf", "allOf"):
        if branch in schema:
            schema = _resolved(description, schema[branch][-1])
    if schema.get("type") == "array":
        yield from _keys(description, schema["items"], depth)
    for name, inner in schema.get("properties", {}).items():
        told = _resolved(description, inner)
        kind = str(told.get("format", told.get("type", "object")))
        codes = told.get("enum") or told.get("items", {}).get("enum")
        text = told.get("description", inner.get("description", ""))
        if codes:
            shown = [str(one) for one in codes if one is not None]
            kind = ", ".join((*shown[:_MOST_CODES], "…") if len(shown) > _MOST_CODES else shown)
        yield Key(name, depth, text, kind)
        if depth < _DEPTH:
            yield from _keys(description, inner, depth + 1)
