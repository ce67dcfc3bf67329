"""One response for each question and revision: its ETag and 304, headers and caching.

One answer for each question and revision: while the data has not changed, the ETag has not either, and what was sent
once can be sent again (see api/answers/response_cache.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from flask import Response, request
from werkzeug.datastructures import ETags

from api import __version__
from api.answers.posted_questions import pairs_in_address
from api.answers.response_cache import ANSWER_OF, TOKEN_READ
from api.answers.revision_at_least import HEADER, REVISION, suffices
from api.answers.service import SHARED_SNAPSHOT, reading, service, take_slot
from api.columns.snapshot import Snapshot
from api.pages.page import markdown_of, page_of
from api.query.paging import next_page
from api.query.question import Question
from api.records.formats import HTML, JSON, MEDIA_TYPES, PAGES


class WholeAnswer(NamedTuple):
    """An answer whose bytes are all there; it depends on the question and the revision alone."""

    body: bytes
    media_type: str
    links: tuple[str, ...]
    # How many records there are of it on all pages; null of one record.
    total: int | None = None


def address() -> str:
    """The address that is asked, without its query. What follows the host is ours and needs no decoding."""
    return f"{base()}{request.path}"


def base() -> str:
    """The address of the service."""
    return f"{request.scheme}://{request.host}{request.root_path}"


def next_address(question: Question, cursor: str) -> str:
    """The address of the next page; of a posted question, where to post it again."""
    pairs = pairs_in_address() if request.method == "POST" else question.pairs
    return next_page(question, cursor, address(), pairs)


def _tag(token: str, format_: str) -> str:
    """A weak ETag from all that decides the answer: revision, software, host, path, parameters, format, and of pages texts."""
    asked = request.environ
    # As they came, since reading them costs more than all else here.
    host = asked.get("HTTP_HOST") or f"{asked['SERVER_NAME']}:{asked['SERVER_PORT']}"
    path = (asked["wsgi.url_scheme"], host, asked["SCRIPT_NAME"], asked["PATH_INFO"], asked.get("QUERY_STRING", ""))
    texts = _state_of_texts() if format_ in PAGES else ""
    content = "\n".join((token, __version__, *path, format_, texts))
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()


def _state_of_texts() -> str:
    """What tells that the folder changed from which pages show passages; empty where there is none."""
    folder = service().settings.texts_folder
    if not folder:
        return ""
    try:
        return f"{folder} {Path(folder).stat().st_mtime_ns}"
    except OSError:
        return folder


def answered(
    format_: str,
    make: Callable[[Snapshot, str], WholeAnswer | Response],
    quick_answer: Callable[[], tuple[str, WholeAnswer] | None] = lambda: None,
    is_total: bool = False,
    show: Callable[[bytes, str], str] = page_of,
) -> Response:
    """The answer that `make` gives of one state of the data in this format; 304 before any row is read.

    Totals and exports are made in slots of their own; all other answers in the one that the request has.

    `show` makes the page for a browser, of the answer's bytes in JSON and the revision.

    `quick_answer` may give it without a connection, with the revision that it is of. A tag is only ever given out with a good
    answer, so one that comes back needs no second validation; `*`, which nobody was given, waits for the answer.
    """
    had = ETags() if request.method == "POST" else request.if_none_match
    if had and not had.star_tag:
        token: str = request.environ.get(TOKEN_READ) or service().row_reader.token()
        tag = _tag(token, format_)
        if had.contains_weak(tag) and suffices(token):
            request.environ[ANSWER_OF] = token
            return _finished(Response(status=304), tag, token)
    is_shown = format_ in PAGES
    is_part_of_page = SHARED_SNAPSHOT in request.environ
    found: tuple[str, WholeAnswer | Response] | None = None if is_shown or is_part_of_page else quick_answer()
    if found is None or not suffices(found[0]):
        slots = service().slots
        if not is_part_of_page and (is_total or format_ not in (JSON, *PAGES)):
            take_slot(slots.totals if is_total else slots.exports)
        with reading() as snapshot:
            # The answer is of what this transaction sees, whatever was read before.
            seen = snapshot.token
            made = make(snapshot, JSON if is_shown else format_)
            if is_shown:
                made = _shown(snapshot, made, format_, show)
    else:
        seen, made = found
    tag = _tag(seen, format_)
    if had.star_tag:
        if isinstance(made, Response):
            made.close()
        return _finished(Response(status=304), tag, seen)
    if isinstance(made, Response):
        return _finished(made, tag, seen)
    request.environ[ANSWER_OF] = seen
    response = Response(made.body, content_type=made.media_type)
    for link in made.links:
        response.headers.add("Link", link)
    if made.total is not None:
        response.headers["Total-Count"] = str(made.total)
    return _finished(response, tag, seen)


def _shown(
    snapshot: Snapshot, made: WholeAnswer | Response, format_: str, show: Callable[[bytes, str], str]
) -> WholeAnswer:
    """What an answer in JSON says, as a page or as Markdown. All that a page asks for besides is of the same state of the data."""
    assert isinstance(made, WholeAnswer), "an answer in JSON is no stream"
    request.environ[SHARED_SNAPSHOT] = snapshot.shared()
    write = show if format_ == HTML else markdown_of
    body = write(made.body, snapshot.token).encode()
    return made._replace(body=body, media_type=f"{MEDIA_TYPES[format_]}; charset=utf-8")


def whole_result(body: Iterable[bytes], media_type: str, format_: str, links: Sequence[str], total: int) -> Response:
    """A whole result, with the number of its records and a name for its file."""
    response = Response(body, content_type=media_type)
    for link in links:
        response.headers.add("Link", link)
    response.headers["Total-Count"] = str(total)
    name = request.path.strip("/").removesuffix(f".{format_}").replace("v1/", "").replace("/", "-")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{format_}"'
    return response


def _finished(response: Response, tag: str, token: str) -> Response:
    # Written as they stand: taking headers apart to put them together costs as much as all the rest of a kept answer.
    headers = response.headers
    headers["Vary"] = f"Accept, Accept-Encoding, {HEADER}"
    headers[REVISION] = token
    if request.method == "POST":
        # A cache would know it by its address alone, without its body.
        headers["Cache-Control"] = "no-store"
        return response
    headers["ETag"] = f'W/"{tag}"'
    headers["Cache-Control"] = f"public, max-age={service().settings.cache_seconds}"
    return response


def json_answer(body: bytes) -> Response:
    """A JSON answer that no revision decides."""
    return Response(body, content_type=MEDIA_TYPES[JSON])
