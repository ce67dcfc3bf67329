"""What every request and answer passes through: length, rate limit, CORS, compression, headers."""

from __future__ import annotations

import tempfile
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, redirect, request
from flask_compress import Compress
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as WerkzeugResponse
from werkzeug.wsgi import FileWrapper

from api.answers.admission import Admission
from api.answers.asked_format import is_browser
from api.answers.large_answers import REFUSED, LargeAnswers
from api.answers.posted_questions import PostedBodies
from api.answers.problems import problem_response, register_error_handlers
from api.answers.public_address import REFUSED_HOST, PublicAddress
from api.answers.rate_limit import limit_rate
from api.answers.request_log import HEADER as REQUEST_ID_HEADER
from api.answers.request_log import Observe, RequestLog
from api.answers.response_cache import ResponseCache
from api.answers.revision_at_least import REVISION, refuse_unreadable_revision
from api.answers.service import Service
from api.domain.errors import AddressTooLong, ChunksNeeded, Fault, InvalidValue, UnknownHost, refusal
from api.pages.inlined import sources
from api.pages.links import asked_as
from api.records.formats import COMPRESSED, HTML, MEDIA_TYPES, PROBLEM_TYPE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOST_ADDRESS_BYTES = 8192
# The protocols that have no other mark of an answer's end than its length.
_WITHOUT_CHUNKS = ("HTTP/1", "HTTP/1.0", "HTTP/0.9")
# How long a stream may be that is measured before it is sent, and how much of it is kept in memory.
MOST_MEASURED_BYTES, _IN_MEMORY_BYTES = 256_000_000, 1_000_000
# Pages take scripts from files of ours, and inline what is known by its hash. What is data has nothing to load at all.
_PAGE_POLICY = (
    f"default-src 'none'; script-src 'self' {sources('script-src')}; style-src {sources('style-src')};"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Smaller bodies grow when they are compressed.
LEAST_COMPRESSED_BYTES = 500


def add_request_hooks(app: Flask, service: Service, observe: Observe | None) -> None:
    """Has every request and answer of an application pass through what stands in this file; `observe` is given what the log
    is given of each answer."""
    for check in (
        _refuse_without_slot,
        _refuse_unknown_host,
        _refuse_long_address,
        _refuse_broken_text,
        refuse_unreadable_revision,
        _drop_refused_encodings,
        _redirect_without_empty_fields,
    ):
        app.before_request(check)
    app.wsgi_app = _with_middleware(app, service, observe)  # type: ignore[method-assign, assignment]  # how WSGI middleware is put in
    origins: str | list[str] = "*" if service.settings.cors_origins == "*" else service.settings.cors_origins.split(",")
    _allow_origins(app, origins)
    # What was registered first is done last: what it measures is compressed already.
    app.after_request(_buffer_for_http_1_0)
    _compress_answers(app)
    app.after_request(_add_headers)
    if origins != "*":
        # An answer to an origin that is not let in must not be cached for one that is.
        app.after_request(_vary_by_origin)
    register_error_handlers(app)


def _with_middleware(app: Flask, service: Service, observe: Observe | None) -> WSGIApplication:
    """The application within its WSGI middleware; what is put around it last meets a request first."""
    settings = service.settings
    count_request = limit_rate(app, settings) if settings.rate_limit else None
    inner: WSGIApplication = ResponseCache(app.wsgi_app, service.cache, service.row_reader, count_request)
    inner = PublicAddress(inner, app.wsgi_app, settings)
    inner = Admission(inner, service.slots, settings.request_seconds)
    inner = LargeAnswers(inner, app.wsgi_app)
    inner = PostedBodies(inner, service.slots.bodies)
    inner = RequestLog(inner, settings.log_queries, observe)
    if settings.trusted_proxies:
        # The address of the service itself is a setting, so that nothing else need be believed.
        inner = ProxyFix(inner, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
    return inner


def _allow_origins(app: Flask, origins: str | list[str]) -> None:
    CORS(
        app,
        origins=origins,
        # An answer that names the origin which asked for it could not be cached for any other.
        send_wildcard=origins == "*",
        methods=["GET", "HEAD", "OPTIONS", "POST"],
        expose_headers=[
            "ETag",
            "Link",
            "Total-Count",
            "Retry-After",
            REVISION,
            "Content-Disposition",
            "Content-Range",
            "RateLimit",
            "RateLimit-Policy",
            REQUEST_ID_HEADER,
        ],
        max_age=86_400,
    )


def _compress_answers(app: Flask) -> None:
    app.config.update(
        COMPRESS_MIMETYPES=[
            *(media_type for form, media_type in MEDIA_TYPES.items() if form not in COMPRESSED),
            PROBLEM_TYPE,
            "text/css",
            "text/javascript",
            "application/yaml",
        ],
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip"],
        COMPRESS_MIN_SIZE=LEAST_COMPRESSED_BYTES,
        COMPRESS_STREAMS=True,
        # The early comparison of ETags is ours; a second one after the work is done would be idle.
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    Compress(app)


def _refuse_without_slot() -> None:
    refused = request.environ.get(REFUSED)
    if refused is not None:
        raise refused


def _refuse_unknown_host() -> None:
    if REFUSED_HOST in request.environ:
        raise UnknownHost(request.environ[REFUSED_HOST])


def _refuse_long_address() -> None:
    length = len(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    if length > MOST_ADDRESS_BYTES:
        raise AddressTooLong(
            f"The address is {length:,} bytes long; {MOST_ADDRESS_BYTES:,} are taken. Ask in parts, or post the question: JSON to /query behind the path of its list."
        )


def _refuse_broken_text() -> None:
    """Refuses bytes that are no text: read on, they would be looked for as the signs that stand for them."""
    written = request.query_string
    if b"%" not in written:
        return
    for pair in written.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            parameter = unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")
            message = f"'{parameter}' has bytes that are no UTF-8; write its letters in UTF-8 before escaping them."
            raise refusal([Fault(parameter, message, InvalidValue)]) from None


def _redirect_without_empty_fields() -> WerkzeugResponse | None:
    """Where a form of a page sent fields that nobody filled in, asks without them; a row's value may be empty."""
    if not request.query_string:
        return None
    asked = list(request.args.items(multi=True))
    filled = [(name, value) for name, value in asked if value or name == "row"]
    # Whatever form it asks for, a browser is who fills in forms.
    return redirect(asked_as(filled)) if len(filled) < len(asked) and is_browser() else None


def _drop_refused_encodings() -> None:
    """Takes the encodings of quality 0 out of what is accepted: the compression extension would choose them."""
    if ";" in request.headers.get("Accept-Encoding", ""):
        accepted = [f"{coding};q={quality}" for coding, quality in request.accept_encodings if quality > 0]
        request.environ["HTTP_ACCEPT_ENCODING"] = ",".join(accepted)


def _add_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.is_streamed and hasattr(response.response, "close"):
        # Compression puts a stream of its own in the place of this one, and would leave it open.
        response.call_on_close(response.response.close)
    # A 304 stands for what was sent before, with the policy that it had.
    if response.status_code != 304:
        policy = _PAGE_POLICY if response.mimetype == MEDIA_TYPES[HTML] else _DATA_POLICY
        response.headers["Content-Security-Policy"] = policy
    return response


def _buffer_for_http_1_0(response: Response) -> Response:
    """Writes a stream to a file before it is sent to a client of HTTP/1.0, for whom the end of the connection would be the
    end of the answer: nginx asks so unless it is told otherwise, and would pass on what was cut as if it were whole."""
    is_cut_unseen = response.is_streamed and response.content_length is None
    if not is_cut_unseen or request.environ.get("SERVER_PROTOCOL") not in _WITHOUT_CHUNKS:
        return response
    # It is closed when it was sent.
    written = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
    try:
        with closing(response):
            for piece in response.iter_encoded():
                written.write(piece)
                if written.tell() > MOST_MEASURED_BYTES:
                    raise ChunksNeeded(
                        "So long an answer is not sent over HTTP/1.0, where nobody could tell that it was cut. Ask over "
                        "HTTP/1.1; nginx does with 'proxy_http_version 1.1;'."
                    )
    except Exception as error:  # noqa: BLE001  # nothing has been sent, so whatever it is is told as it would be of others
        written.close()
        return problem_response(error)
    response.content_length = written.tell()
    written.seek(0)
    response.response = FileWrapper(written)
    response.call_on_close(written.close)
    return response


def _vary_by_origin(response: Response) -> Response:
    response.vary.add("Origin")
    return response
