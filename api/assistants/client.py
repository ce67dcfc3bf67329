"""Asks the API, in this process or at an address, and tells a refusal in words that say what to ask instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# A path with what stands in its query: the JSON of the answer. Errors: Refused.
Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
_SECONDS = 60
_HEADERS = {"Accept": "application/json"}
# How many of what is allowed, or may be meant, a refusal names.
_MOST_NAMED = 20


class Refused(Exception):
    """The API did not answer what was asked; the message says what was wrong and what to ask instead."""


def in_process(app: WSGIApplication) -> Ask:
    """Asks an application of this process."""
    # Tools run in threads, and each closes what it opened: Flask's own client would keep it for the next.
    client = Client(app)

    def ask(path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        answer = client.get(_address(path, query), headers=_HEADERS)
        return _body_or_refusal(answer.status_code, answer.get_data())

    return ask


def over_http(url: str) -> Ask:
    """Asks the service at this address."""

    def ask(path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        request = Request(_address(f"{url.rstrip('/')}{path}", query), headers=_HEADERS)
        try:
            with urlopen(request, timeout=_SECONDS) as answer:
                return _body_or_refusal(answer.status, answer.read())
        except HTTPError as error:
            return _body_or_refusal(error.code, error.read())
        except OSError as error:
            raise Refused(f"The service at {url} does not answer: {error}.") from error

    return ask


def _address(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path


def _body_or_refusal(status: int, body: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        raise Refused(f"The service answered with status {status} and no JSON.") from None
    if status < 400:
        return found
    raise Refused(" ".join([found["detail"], *_instead(found)]))


def _instead(problem: Mapping[str, Any]) -> list[str]:
    """What a problem says of what is right, in sentences."""
    found = []
    for fault in problem.get("errors", ()):
        for key, said in (("candidates", "It may mean"), ("allowed", "There are")):
            named = [one["id"] if isinstance(one, dict) else one for one in fault.get(key, ())][:_MOST_NAMED]
            if named:
                found.append(f"{said} {', '.join(named)}.")
    if problem.get("near"):
        found.append(f"Near it are {', '.join(problem['near'])}.")
    tombstone = problem.get("tombstone")
    if tombstone:
        replaced = tombstone["replaced_by"]
        found.append(f"Reason: {tombstone['reason']}." + (f" Use {replaced} in its place." if replaced else ""))
    return found
