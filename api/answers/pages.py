"""What pages about the service share: their declaration, and whether HTML or JSON is asked for."""

from __future__ import annotations

from flask import Response, request

from api.domain.errors import NotAcceptable
from api.query.endpoint import Endpoint
from api.records.formats import JSON, MEDIA_TYPES

HTML = "text/html"


def service_page(path: str, *formats: str, tag: str = "about") -> Endpoint:
    """A page about the service: takes no more than a format."""
    return Endpoint(path, tag, None, formats=formats, is_record=True)


def is_for_people() -> bool:
    """Whether a page of HTML was asked for, rather than JSON. Errors: 406 where neither will do."""
    if "format" in request.args or not request.accept_mimetypes:
        return False
    best = request.accept_mimetypes.best_match((MEDIA_TYPES[JSON], HTML))
    if best is None:
        raise NotAcceptable(f"This address gives {MEDIA_TYPES[JSON]} and {HTML}.")
    return best == HTML


def html_page(html: str) -> Response:
    """A page for a browser, where the address has JSON for clients."""
    return varying(Response(html, content_type=f"{HTML}; charset=utf-8"))


def varying(response: Response) -> Response:
    """The same answer, told to depend on what the client accepts."""
    response.vary.add("Accept")
    return response
