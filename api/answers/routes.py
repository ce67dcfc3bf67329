"""What each route declares that it gives, for the description and the manual; and the further addresses that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Flask
from marshmallow import Schema

from api.answers.asked_format import ending_of
from api.answers.posted_questions import QUERY
from api.query.endpoint import Endpoint
from api.records.envelopes import OpenAPI
from api.records.formats import CSV, JSON

# Statuses of problems that any path may end in, those of a path that has one form alone, and what a path that names one record
# and one that streams may end in besides.
ANYWHERE = frozenset({400, 406, 414, 429, 500, 503})
IN_ONE_FORM = ANYWHERE - {406}
OF_RECORDS = frozenset({404, 410})
_OF_STREAMS = frozenset({505})
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Described:
    """What a route gives: a list, totals or one record of a schema, or a page with a schema for each media type."""

    endpoint: Endpoint
    schema: type[Schema] | None
    # `list`, `totals`, `rows` (a page of JSON alone), `record` or `page`.
    gives: str
    # A value for its path that exists on the corpus, for routes with one.
    example: str | None = None
    # Of a page: the schema of each media type; text where there is none.
    media: Mapping[str, type[Schema] | None] = field(default_factory=dict)
    statuses: frozenset[int] = ANYWHERE
    # Of rows: further lists beside the records, by key.
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
    statuses = ANYWHERE if example is None else ANYWHERE | OF_RECORDS
    if endpoint.formats != (JSON,):
        statuses |= _OF_STREAMS
    return _mark(Described(endpoint, schema, gives, example, statuses=statuses, beside=beside, more=more))


def describe_page(
    endpoint: Endpoint,
    media: Mapping[str, type[Schema] | None],
    example: str | None = None,
    *,
    statuses: frozenset[int] = ANYWHERE,
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
    """Lets every list, total and record be asked for by an ending too: `/v1/events.csv` is `/v1/events?format=csv`."""
    for route in list(routes(app)):
        described = route.described
        has_several = described.gives == "record" or len(described.endpoint.formats) > 1
        if route.method == "get" and described.gives in ("list", "totals", "record") and has_several:
            path = route.path.replace("{id}", "<identity>").replace("{", "<").replace("}", ">")
            for form in described.endpoint.forms:
                app.add_url_rule(f"{path}.{form}", f"{route.name}_{form}", route.view)


def add_queries(app: Flask) -> None:
    """Lets every list and total that takes filters be asked by POST too."""
    for route in list(routes(app)):
        if route.described.gives in ("list", "totals") and route.described.endpoint.filters:
            name = f"query_{route.name.removeprefix('list_')}"
            app.add_url_rule(f"{route.path}{QUERY}", f"query.{name}", route.view, methods=["POST"])
