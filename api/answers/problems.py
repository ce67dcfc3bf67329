"""Answers with a problem where a request is refused, or fails on our side."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from api.answers.asked_format import prefers_page
from api.answers.posted_questions import QUERY
from api.answers.request_log import REQUEST_ID
from api.domain import deadlines
from api.domain.errors import (
    DatabaseUnavailable,
    InternalError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Problem,
    RangeNotSatisfiable,
    TooManyRequests,
    nearest,
    suggestion,
)
from api.pages.page import problem_page
from api.pages.subrequests import Subrequests
from api.records.formats import HTML, MEDIA_TYPES, PROBLEM_TYPE
from api.store.outages import is_outage

log = logging.getLogger(__name__)

# When to ask again after the database was away.
_RETRY_SECONDS = 5
# The lists of one family's figures, each of which has one address; and what is posted to beside a list.
_OF_FAMILIES = ("/v1/casualties", "/v1/displacements")
_ROOT, _POSTED = "/v1", QUERY.removeprefix("/")
# What others call our lists.
_OTHER_WORDS = {
    "places": "locations",
    "actors": "groups",
    "sources": "documents",
    "reports": "documents",
    "fatalities": "casualties",
    "deaths": "casualties",
}
# Headers of the framework's own refusals that tell what would be right.
_KEPT = ("Allow", "Retry-After", "Content-Range")


def register_error_handlers(app: Flask) -> None:
    """Has the application answer with a problem whatever is raised."""
    app.register_error_handler(Problem, _problem_response)
    app.register_error_handler(HTTPException, _http_error_response)
    app.register_error_handler(Exception, _failure_response)


def problem_response(error: Exception) -> Response:
    """The answer to whatever was raised of ours."""
    return _problem_response(error) if isinstance(error, Problem) else _failure_response(error)


def _problem_response(problem: Problem, instance: str | None = None) -> Response:
    """A problem as application/problem+json (RFC 9457), or as a page where a browser asks."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance or request.path,
    }
    if problem.faults:
        body["errors"] = [fault.body() for fault in problem.faults]
    body.update(problem.extra)
    if prefers_page(PROBLEM_TYPE):
        response = Response(
            problem_page(body, problem.faults), problem.status, content_type=f"{MEDIA_TYPES[HTML]}; charset=utf-8"
        )
    else:
        response = Response(orjson.dumps(body), problem.status, content_type=PROBLEM_TYPE)
    response.vary.add("Accept")
    response.headers.update(problem.headers)
    response.cache_control.no_store = True
    return response


def _http_error_response(error: HTTPException) -> Response:
    """What the framework refused, as a problem; headers such as Allow stay."""
    if isinstance(error, RateLimitExceeded):
        return _problem_response(TooManyRequests(f"The limit is {error.description}."))
    if error.code is not None and 300 <= error.code < 400:
        redirect = error.get_response()
        assert isinstance(redirect, Response)
        return redirect
    headers = {name: value for name, value in error.get_headers() if name in _KEPT}
    match error.code:
        case 404:
            near = _paths_near(request.path)
            detail = f"There is nothing at {request.path}.{suggestion(next(iter(near), None))} The manual is at /docs/."
            found: Problem = NotFound(detail, extra={"near": near})
        case 405:
            detail = f"{request.method} is not answered here; {headers.get('Allow')} are."
            posted = f"{request.path.rstrip('/')}{QUERY}"
            if request.method == "POST" and any(rule.rule == posted for rule in current_app.url_map.iter_rules()):
                detail += f" Questions are posted to {posted}."
            found = MethodNotAllowed(detail, headers=headers)
        case 406:
            found = NotAcceptable(error.description or "")
        case 416:
            found = RangeNotSatisfiable("The file has no such part, or several were asked for.", headers=headers)
        case _:
            found = _as_problem(error)
    return _problem_response(found)


def _paths_near(path: str) -> list[str]:
    """The addresses that were perhaps meant, best first: what others call one of ours, what is beside this one, the figure that was
    looked for in the list of its family, the address that this one goes on from, and what is spelt much like it."""
    paths = [rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments and rule.rule != path]
    above, _, name = path.rstrip("/").rpartition("/")
    ours = f"{above}/{_OTHER_WORDS.get(name)}"
    if ours in paths:
        return [ours]
    beside = {other.rpartition("/")[2]: other for other in paths if other.rpartition("/")[0] == above}
    found = [beside[other] for other in nearest(name, beside.keys() - {_POSTED}, most=3)]
    if not found and above in _OF_FAMILIES and _is_there(f"/v1/figures/{name}"):
        return [f"/v1/figures/{name}"]
    if not found and above in paths and above != _ROOT:
        return [above]
    return found or nearest(path, paths, most=3)


def _is_there(path: str) -> bool:
    try:
        return Subrequests().ask_or_none(path) is not None
    except Problem:
        return False


def _as_problem(error: HTTPException) -> Problem:
    """A refusal that has no class of ours, under its own status."""
    named = type("Refused", (Problem,), {"status": error.code or 500, "slug": "internal-error", "title": error.name})
    found: Problem = named(error.description or error.name)
    return found


def _failure_response(error: Exception) -> Response:
    """A failure of ours: 503 where the time is over or the database is away, else 500 with an id and nothing else."""
    if deadlines.current().is_over() and not _is_lost(error):
        return _problem_response(deadlines.current().problem())
    if is_outage(error):
        log.warning("the database is away: %s", error)
        detail = "The database does not answer, or it is not migrated. Ask again in a moment."
        return _problem_response(DatabaseUnavailable(detail, headers={"Retry-After": str(_RETRY_SECONDS)}))
    identity = request.environ[REQUEST_ID]
    log.error("failure %s at %s", identity, request.path, exc_info=error)
    return _problem_response(
        InternalError("Something failed on our side; the log has it under this id."), instance=identity
    )


def _is_lost(error: Exception) -> bool:
    """Whether a connection to PostgreSQL went away, so that no statement has a state, or was cut off since it hung."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") is None
