"""WSGI middleware that logs one line for each request, under an id that the answer carries too, and how lines are written.

What people ask for is their own affair: a line has the path, and the query only where the operator wants it.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from api.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("api.requests")

# Is told of each request what the log is told, by name.
Observe = Callable[[Mapping[str, Any]], None]
# In the environment of a request: its id, which is ours and no client's.
REQUEST_ID = "conflict_events.request_id"
HEADER = "Request-Id"
# Where a record keeps what is told of a request, by name.
_TOLD = "told"


def configure(settings: Settings) -> None:
    """Has the process write its log as the settings say, unless whoever runs it has arranged that already."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if settings.log_format == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_JSONFormatter())


class _JSONFormatter(logging.Formatter):
    """A line as one JSON object, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            **getattr(record, _TOLD, {"message": record.getMessage()}),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told, default=str).decode()


class RequestLog:
    """The application with a line for each of its answers, written when the last byte was given away."""

    def __init__(self, application: WSGIApplication, has_queries: bool, observe: Observe | None = None) -> None:
        self._application = application
        self._has_queries = has_queries
        self._observe = observe

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()
        identity = environ[REQUEST_ID] = secrets.token_hex(8)
        statuses = [""]

        def begin(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            statuses[:] = [status]
            return start_response(status, [*headers, (HEADER, identity)], *failure)

        def end(length: int, is_whole: bool) -> None:
            is_logged = log.isEnabledFor(logging.INFO)
            if not is_logged and self._observe is None:
                return
            told: dict[str, Any] = {
                "id": identity,
                "client": environ.get("REMOTE_ADDR"),
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"],
                "status": int(statuses[0][:3] or 500),
                "bytes": length,
                "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
                "is_whole": is_whole,
            }
            if self._observe is not None:
                self._observe(told)
            if not is_logged:
                return
            if self._has_queries:
                told["query"] = environ.get("QUERY_STRING", "")
            log.info("%s", " ".join(f"{name}={value!r}" for name, value in told.items()), extra={_TOLD: told})

        try:
            pieces = self._application(environ, begin)
        except BaseException:
            end(0, False)
            raise
        if isinstance(pieces, list):
            # Servers send a list at once.
            end(sum(map(len, pieces)), True)
            return pieces
        return _Counted(pieces, end)


class _Counted:
    """A body that is written while it is sent, and counted."""

    def __init__(self, pieces: Iterable[bytes], end: Callable[[int, bool], None]) -> None:
        self._pieces, self._end = pieces, end
        self._rest = iter(pieces)
        self._length, self._is_whole = 0, False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._rest)
        except StopIteration:
            self._is_whole = True
            raise
        self._length += len(piece)
        return piece

    def close(self) -> None:
        """Ends it, whether all was sent or not."""
        try:
            close: Callable[[], None] | None = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        finally:
            self._end(self._length, self._is_whole)
