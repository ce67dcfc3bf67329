"""What pages about the service share: their declaration, and how they are sent."""

from __future__ import annotations

from flask import Response

from api.query.endpoint import Endpoint
from api.records.formats import HTML, MEDIA_TYPES


def service_page(path: str, *formats: str, tag: str = "about", has_page: bool = False) -> Endpoint:
    """A page about the service: takes no more than a format."""
    return Endpoint(path, tag, None, formats=formats, is_record=True, has_page=has_page)


def html_page(html: str) -> Response:
    """A page for a browser, where the address has JSON for clients."""
    return varying(Response(html, content_type=f"{MEDIA_TYPES[HTML]}; charset=utf-8"))


def varying(response: Response) -> Response:
    """The same answer, told to depend on what the client accepts."""
    response.vary.add("Accept")
    return response
