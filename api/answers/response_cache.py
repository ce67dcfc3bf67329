"""WSGI middleware that sends an earlier response again, as it was sent, while the data has not changed.

It stands in front of the application, whose way from a request to an answer costs several times what is left to do for
one that was answered before. What the application marks as depending on the request and the revision alone is kept
with its headers, compressed if it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.http import parse_etags

from api.answers.revision_cache import SMALL_BYTES, RevisionCache
from api.store.revision import SingleRowReader, is_at_least, is_token

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
# Counts a request against a limit: the headers that say how much is left, or null where it is over.
CountRequest = Callable[["WSGIEnvironment"], Headers | None]

# In the environment of a request: the revision's token, where it was read here, and the token that an answer is of,
# where it may be sent again.
TOKEN_READ = "conflict_events.token_read"
ANSWER_OF = "conflict_events.answer_of"

# Paths whose answers depend on the revision begin so.
_DATA = ("/v1/", "/ogc")
# All of a request that an answer depends on.
_KEY = (
    "REQUEST_METHOD",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ORIGIN",
    "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK",
)
# Headers about a body, which a 304 has none of, and those about a client's rate.
_BODY_HEADERS = (
    "content-type",
    "content-length",
    "content-encoding",
    "content-disposition",
    "content-security-policy",
    "link",
    "total-count",
)
_RATE_HEADERS = ("ratelimit", "ratelimit-policy")


class _CachedResponse(NamedTuple):
    """A response as it was sent, and the headers of a 304 in its place."""

    status: str
    headers: Headers
    # Null where all that was ever sent is that nothing changed.
    body: bytes | None
    tag: str
    unchanged: Headers


class ResponseCache:
    """The application with what it has already answered in front of it."""

    def __init__(
        self,
        application: WSGIApplication,
        cache: RevisionCache,
        row_reader: SingleRowReader,
        count_request: CountRequest | None = None,
    ) -> None:
        self._application = application
        self._cache = cache
        self._row_reader = row_reader
        self._count_request = count_request

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(_DATA) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        key = tuple([environ.get(name) for name in _KEY])
        if not self._cache.has(key):
            # The application reads the revision itself.
            return self._answer(environ, start_response, key)
        try:
            token = self._row_reader.token()
        except Exception:  # noqa: BLE001  # the application meets the same failure and knows how to tell it
            return self._application(environ, start_response)
        environ[TOKEN_READ] = token
        sent: _CachedResponse | None = self._cache.find(token, key)
        wanted = environ.get("HTTP_REVISION_AT_LEAST")
        # What cannot be read is refused by the application.
        if sent is not None and (wanted is None or (is_token(wanted) and is_at_least(token, wanted))):
            is_unchanged = _has_tag(environ.get("HTTP_IF_NONE_MATCH"), sent.tag)
            if is_unchanged or sent.body is not None:
                more = [] if self._count_request is None else self._count_request(environ)
                # Over its limit, the client hears so from the application.
                if more is not None:
                    return _send(sent, is_unchanged, more, start_response)
        return self._answer(environ, start_response, key)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse, key: Any) -> Iterable[bytes]:
        """What the application answers; kept where it says so."""
        started: list[tuple[str, Headers]] = []

        def begin(status: str, headers: Headers, *failure: Any) -> Any:
            started[:] = [(status, headers)]
            return start_response(status, headers, *failure)

        pieces = self._application(environ, begin)
        token = environ.get(ANSWER_OF)
        if token is None:
            return pieces
        body = whole_body(pieces)
        ((status, headers),) = started
        kept = [(name, value) for name, value in headers if name.lower() not in _RATE_HEADERS]
        unchanged = [(name, value) for name, value in kept if name.lower() not in _BODY_HEADERS]
        tag = next(value for name, value in kept if name.lower() == "etag")
        is_body = not status.startswith("304")
        self._cache.put(
            token,
            key,
            _CachedResponse(status, kept, body if is_body else None, tag, unchanged),
            len(body) + SMALL_BYTES,
        )
        return [body]


def _has_tag(written: str | None, tag: str) -> bool:
    """Whether a client has what bears this tag, by its If-None-Match."""
    return written is not None and (written == tag or parse_etags(written).contains_raw(tag))


def _send(sent: _CachedResponse, is_unchanged: bool, more: Headers, start_response: StartResponse) -> Iterable[bytes]:
    if is_unchanged:
        start_response("304 NOT MODIFIED", [*sent.unchanged, *more])
        return []
    assert sent.body is not None
    start_response(sent.status, [*sent.headers, *more])
    return [sent.body]


def whole_body(pieces: Iterable[bytes]) -> bytes:
    """All pieces of a body as one, which is closed."""
    try:
        return b"".join(pieces)
    finally:
        close: Callable[[], None] | None = getattr(pieces, "close", None)
        if close is not None:
            close()
