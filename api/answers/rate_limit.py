"""Limits how often a client may ask, and tells it how much is left (RateLimit headers, draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from api.answers.admission import HEALTH
from api.answers.response_cache import CountRequest, Headers
from api.settings import Settings

# How long a store of counts on another machine may take to answer. Then each worker counts by itself for a while.
_STORE_SECONDS = 1
_REMOTE = ("redis", "rediss", "valkey", "valkeys")


def limit_rate(app: Flask, settings: Settings) -> CountRequest:
    """Limits what the application answers, and gives what counts an answer that is sent again in front of it."""
    is_remote = settings.rate_limit_storage.partition(":")[0] in _REMOTE
    options: dict[str, Any] = {"socket_timeout": _STORE_SECONDS, "socket_connect_timeout": _STORE_SECONDS}
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.rate_limit_storage,
        storage_options=options if is_remote else {},
        # The limit is on a client, not on a client and a path.
        application_limits=[settings.rate_limit],
        in_memory_fallback_enabled=is_remote,
    )
    limiter.request_filter(lambda: request.path.startswith(HEALTH))

    def headers() -> Iterator[tuple[str, str]]:
        now = limiter.current_limit
        if now is not None:
            left = max(1, int(now.reset_at - time.time()))
            yield "RateLimit-Policy", f'"requests";q={now.limit.amount};w={now.limit.get_expiry()}'
            yield "RateLimit", f'"requests";r={max(0, now.remaining)};t={left}'

    def tell(response: Response) -> Response:
        for name, value in headers():
            response.headers[name] = value
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and "RateLimit" in response.headers:
            response.headers["Retry-After"] = response.headers["RateLimit"].rpartition("t=")[2]
        return response

    app.after_request(tell)

    def count_request(environ: Any) -> Headers | None:
        with app.request_context(environ):
            try:
                # The limiter does its counting there.
                app.preprocess_request()
            except RateLimitExceeded:
                return None
            return list(headers())

    return count_request
