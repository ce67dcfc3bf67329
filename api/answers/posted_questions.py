"""Questions that are posted as JSON: reads their bodies within bounds, and turns them into the pairs of a query.

A list of ids may be longer than any address. `POST /v1/events/query` takes the names of `GET /v1/events` in a JSON object and
gives the same answer. It changes nothing, may be asked again at will, and is never cached.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
from flask import current_app, request
from marshmallow import fields

from api.answers.admission import Slots
from api.answers.large_answers import REFUSED
from api.domain.errors import (
    BodyTooLong,
    BodyTooSlow,
    Busy,
    Fault,
    InvalidBody,
    InvalidValue,
    RepeatedParameter,
    UnsupportedMediaType,
    refusal,
)
from api.query.parameters import Numbers, RowKey, TextOrObject, TrueOrFalse, WholeNumber
from api.query.parsing import read

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from api.query.endpoint import Endpoint

# The end of the path of a posted question.
QUERY = "/query"
# What chooses a page stands in the address, so that `next` is one to which the same body is posted.
PAGING = ("cursor", "page")
# Enough for a thousand ids, or for the outline of a country.
MOST_BODY_BYTES = 1_000_000

# Of the slots for them, how many one client address may have, so that others are left.
_MOST_OF_ONE = 48

# In the environment of a request: its body, null where it is over its length.
_BODY = "conflict_events.body"
_PAIRS = "conflict_events.posted_pairs"


class PostedBodies:
    """WSGI middleware that reads the body of a posted question before the request takes a slot.

    Whoever sends slowly holds one of its slots, and keeps nobody from asking with GET.
    """

    def __init__(self, application: WSGIApplication, slots: Slots) -> None:
        self._application, self._slots = application, slots
        # How many each client address sends, those who send none left out.
        self._sending: Counter[str] = Counter()
        self._guard = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].rstrip("/").endswith(QUERY):
            try:
                with self._slot(environ.get("REMOTE_ADDR", "")):
                    environ[_BODY] = _whole(environ)
            except (Busy, BodyTooSlow) as problem:
                # The application knows how to tell it.
                environ[REFUSED] = problem
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"
        return self._application(environ, start_response)

    @contextmanager
    def _slot(self, address: str) -> Iterator[None]:
        """Has a slot while the block lasts. Errors: Busy, also where one address has most of them."""
        with self._guard:
            if self._sending[address] >= _MOST_OF_ONE:
                raise Busy(
                    f"As many questions as one address may send at once, {_MOST_OF_ONE}, are being sent. Ask again in a moment.",
                    headers={"Retry-After": "1"},
                )
            self._slots.take()
            self._sending[address] += 1
        try:
            yield
        finally:
            with self._guard:
                self._sending[address] -= 1
                self._sending += Counter()
            self._slots.leave()


def _whole(environ: WSGIEnvironment) -> bytes | None:
    """The body; null where it is longer than is taken. Errors: BodyTooSlow, where whoever serves waits no longer for it."""
    told = environ.get("CONTENT_LENGTH") or ""
    if told.isdecimal() and int(told) > MOST_BODY_BYTES:
        return None
    # Where no length is told the server ends the body by itself.
    try:
        found = environ["wsgi.input"].read(int(told) if told.isdecimal() else MOST_BODY_BYTES + 1)
    except TimeoutError as error:
        raise BodyTooSlow(f"{error} Send it again, all at once.") from None
    return None if len(found) > MOST_BODY_BYTES else found


def pairs_in_address() -> list[tuple[str, str]]:
    """What stands in the query of the address, repeated names included."""
    return list(request.args.items(multi=True))


def posted_pairs() -> list[tuple[str, str]]:
    """The question in the body and in the address, as the pairs that a query would have. Errors: a Problem, where the body is
    no such question."""
    if _PAIRS not in request.environ:
        given = pairs_in_address()
        view: Any = current_app.view_functions[str(request.endpoint)]
        endpoint: Endpoint = view.described.endpoint
        is_paged = any(name in PAGING for name, _text in given)
        body = (pair for pair in _pairs(_read(), endpoint) if not (is_paged and pair[0] in PAGING))
        request.environ[_PAIRS] = [*given, *body]
    found: list[tuple[str, str]] = request.environ[_PAIRS]
    return found


def _read() -> Mapping[str, Any]:
    """The object that the body holds."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(
            "The question is posted as a JSON object, with the header 'Content-Type: application/json'."
        )
    if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise UnsupportedMediaType("The question is posted as it is, without a 'Content-Encoding'.")
    body: bytes | None = request.environ.get(_BODY)
    if body is None:
        raise BodyTooLong(f"The body is over {MOST_BODY_BYTES:,} bytes. Ask in parts.")
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=_Object, parse_constant=_refuse_constant)
        # It refuses what Python's own takes and nobody could write out again, such as half a character.
        orjson.loads(text)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise InvalidBody(f"The body is no JSON: {why}.") from None
    if not isinstance(found, _Object):
        raise InvalidBody('The body is a JSON object of parameters, such as {"country": ["MMR"], "limit": 10}.')
    return found


class _Object(dict[str, Any]):
    """A JSON object. Errors: a Problem, where it has a name twice."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        if len(self) < len(pairs):
            names = [name for name, _value in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise refusal([Fault(twice, f"'{twice}' stands twice in the body.", RepeatedParameter)])


def _refuse_constant(name: str) -> None:
    raise ValueError(f"'{name}' is no number")


def _pairs(body: Mapping[str, Any], endpoint: Endpoint) -> list[tuple[str, str]]:
    """The parameters of a body as pairs. Errors: a Problem, where values are of another type than theirs, that tells these and
    what else cannot be read."""
    faults: list[Fault] = []
    pairs: list[tuple[str, str]] = []
    for name, value in body.items():
        parameter = endpoint.by_name.get(name)
        # What is no parameter is refused as such later on, with what was perhaps meant.
        texts = [""] if parameter is None else _texts(parameter.field, value)
        if texts is None:
            field = fields.String() if parameter is None else parameter.field
            faults.append(Fault(name, f"'{name}' cannot be read: it takes {_kind(field)} here.", InvalidValue))
        else:
            pairs += [(name, text) for text in texts]
    if faults:
        raise refusal([*faults, *read(endpoint, pairs)[1]])
    return pairs


def _texts(field: fields.Field[Any], value: Any) -> list[str] | None:
    """A value as a query would have it, one text for each of a list; null where it is of another type than the field's."""
    if isinstance(field, fields.List | RowKey):
        if not isinstance(value, list):
            return None
        inner = fields.String() if isinstance(field, RowKey) else field.inner
        # An empty list is told as empty, which it would be in a query; the null of a row is empty there.
        listed = ["" if part is None and isinstance(field, RowKey) else part for part in value or [""]]
        texts = [_text(inner, part) for part in listed]
        if None in texts:
            return None
        quoted = [_quoted(text) for text in texts if text is not None]
        return [",".join(quoted)] if isinstance(field, RowKey) else quoted
    text = _text(field, value)
    return None if text is None else [text]


def _text(field: fields.Field[Any], value: Any) -> str | None:
    match field:
        case TrueOrFalse():
            return str(value).lower() if isinstance(value, bool) else None
        case WholeNumber():
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            return str(value) if is_whole else None
        case fields.Float():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return str(value) if is_number else None
        case TextOrObject() if isinstance(value, dict):
            return json.dumps(value)
        case _:
            return value if isinstance(value, str) else None


def _quoted(text: str) -> str:
    """One value of a list: in double quotes where it would else be read as several, or as what its quotes hold."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _kind(field: fields.Field[Any]) -> str:
    match field:
        case Numbers():
            return "an array of numbers"
        case fields.List() | RowKey():
            return "an array"
        case TrueOrFalse():
            return "true or false"
        case WholeNumber():
            return "a whole number"
        case fields.Float():
            return "a number"
        case TextOrObject():
            return "text or an object"
        case _:
            return "text"
