"""The manual of the API as pages: what can be asked, searched by its words, and each operation with a form that asks it."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, render_template, request

from api.answers.description import description
from api.answers.service_pages import html_page
from api.domain.errors import NotFound, nearest
from api.pages.manual import Operation, operations

BLUEPRINT = Blueprint("manual", __name__, url_prefix="/docs")


def _manual() -> tuple[list[Operation], dict[str, str]]:
    """Every operation, and what is said of each tag; put together once for each application, whose declarations do not change."""
    if "manual" not in current_app.extensions:
        found = description(current_app)
        tags = {tag["name"]: tag["description"] for tag in found["tags"]}
        current_app.extensions["manual"] = (operations(found), tags)
    return cast(tuple[list[Operation], dict[str, str]], current_app.extensions["manual"])


@BLUEPRINT.get("/")
def get_manual() -> Response:
    """All operations; of those alone that have the words of `q`, where it is asked."""
    words = request.args.get("q", "")
    known, tags = _manual()
    found = [operation for operation in known if operation.has(words)]
    return html_page(render_template("manual.html", operations=found, tags=tags, words=words))


@BLUEPRINT.get("/<name>")
def get_operation(name: str) -> Response:
    """One operation with its form. Errors: 404 with near names."""
    known = {operation.name: operation for operation in _manual()[0]}
    if name not in known:
        near = [f"/docs/{one}" for one in nearest(name, known, most=3)]
        raise NotFound(f"There is no operation '{name}'; all of them are at /docs/.", extra={"near": near})
    return html_page(render_template("operation.html", operation=known[name]))
