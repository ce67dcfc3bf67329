"""Answers over HTTP: format, revision, ETag and 304, then pages, streams or single records.

One answer for each question and revision: while the data has not changed, the ETag has not either, and what was sent
once can be sent again (see api/again.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast
from urllib.parse import quote

from flask import Response, current_app, request
from sqlalchemy import Connection, Engine, select
from werkzeug.datastructures import MIMEAccept, MultiDict

from api import __version__
from api.again import ANSWER_OF, TOKEN_READ
from api.asking.media_types import JSON, MEDIA_TYPES, choose_format
from api.asking.question import Question
from api.asking.takes import Takes
from api.asking.understanding import ask
from api.columns.copies import Copies
from api.columns.state import State
from api.errors import Fault, NotFound, RepeatedParameter, Withdrawn, nearest, refuse, suggestion
from api.formats import FORMATS, Export, Source, list_body
from api.keeping import ByRevision, Watch, revision
from api.listings import Found
from api.lookup.database import DatabaseLookUp, near_ids
from api.lookup.tombstones import tombstone
from api.models import Dataset, Document, Group, Location
from api.pages import next_page
from api.renditions import json_bytes
from api.settings import Settings
from api.shapes.pieces import moment


class WholeAnswer(NamedTuple):
    """An answer whose bytes are all there; it depends on the question and the revision alone."""

    body: bytes
    media_type: str
    links: tuple[str, ...]
    # How many records there are of it on all pages; null of one record.
    total: int | None = None


@dataclass
class Service:
    """What every answer needs; one for each application."""

    settings: Settings
    engine: Engine
    watch: Watch
    copies: Copies
    # Answers.
    kept: ByRevision
    # What is known of the data whatever is asked; always there, since it is next to nothing.
    known: ByRevision
    schema_version: str

    def close(self) -> None:
        """Lets go of every connection."""
        self.watch.close()
        self.copies.close()
        self.engine.dispose()


def service() -> Service:
    """The service behind the current application."""
    return cast(Service, current_app.extensions["conflict_events"])


@contextmanager
def reading() -> Iterator[State]:
    """One state of the data, for as long as the block lasts or whoever keeps it needs it."""
    with ExitStack() as opened:
        connection = opened.enter_context(service().engine.connect())
        yield State(connection, revision(connection), service().copies, opened)


def written_pairs() -> list[tuple[str, str]]:
    """The query as it was written, repeated names included."""
    args: MultiDict[str, str] = request.args
    return list(args.items(multi=True))


def address() -> str:
    """The address that is asked, without its query. What follows the host is ours and needs no decoding."""
    return f"{request.scheme}://{request.host}{request.root_path}{request.path}"


def _format(formats: Sequence[str]) -> str:
    written = request.args.getlist("format")
    if len(written) > 1:
        raise refuse([Fault("format", "'format' is given twice; it takes one value.", RepeatedParameter)])

    def accepted(media_types: Sequence[str]) -> str | None:
        if not request.accept_mimetypes:
            return media_types[0]
        # Whatever parameters a client names, the type is what it asks for.
        plain = [(written.partition(";")[0].rstrip(), quality) for written, quality in request.accept_mimetypes]
        return MIMEAccept(plain).best_match(media_types)

    return choose_format(formats, written[0] if written else None, accepted)


def _tag(token: str, format_: str) -> str:
    """A weak ETag from all that decides the answer: revision, software, host, path, parameters and format."""
    asked = request.environ
    # As they came, since reading them costs more than all else here.
    host = asked.get("HTTP_HOST") or f"{asked['SERVER_NAME']}:{asked['SERVER_PORT']}"
    path = (asked["wsgi.url_scheme"], host, asked["SCRIPT_NAME"], asked["PATH_INFO"], asked.get("QUERY_STRING", ""))
    content = "\n".join((token, __version__, *path, format_))
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()


def answered(
    formats: Sequence[str],
    make: Callable[[State, str], WholeAnswer | Response],
    at_once: Callable[[], tuple[str, WholeAnswer] | None] = lambda: None,
) -> Response:
    """The answer that `make` gives of one state of the data in this format; 304 before any row is read.

    `at_once` may give it without a connection, with the revision that it is of. A tag is only ever given out with a good
    answer, so one that comes back needs no second validation; `*`, which nobody was given, waits for the answer.
    """
    format_ = _format(formats)
    had = request.if_none_match
    if had and not had.star_tag:
        token: str = request.environ.get(TOKEN_READ) or service().watch.token()
        tag = _tag(token, format_)
        if had.contains_weak(tag):
            request.environ[ANSWER_OF] = token
            return _finished(Response(status=304), tag)
    found: tuple[str, WholeAnswer | Response] | None = at_once()
    if found is None:
        with reading() as state:
            # The answer is of what this transaction sees, whatever was read before.
            seen = state.token
            made = make(state, format_)
    else:
        seen, made = found
    tag = _tag(seen, format_)
    if had.star_tag:
        if isinstance(made, Response):
            made.close()
        return _finished(Response(status=304), tag)
    if isinstance(made, Response):
        return _finished(made, tag)
    request.environ[ANSWER_OF] = seen
    response = Response(made.body, content_type=made.media_type)
    for link in made.links:
        response.headers.add("Link", link)
    if made.total is not None:
        response.headers["Total-Count"] = str(made.total)
    return _finished(response, tag)


def _finished(response: Response, tag: str) -> Response:
    # Written as they stand: taking headers apart to put them together costs as much as all the rest of a kept answer.
    headers = response.headers
    headers["ETag"] = f'W/"{tag}"'
    headers["Cache-Control"] = f"public, max-age={service().settings.cache_seconds}"
    headers["Vary"] = "Accept, Accept-Encoding"
    return response


# --- Lists -------------------------------------------------------------------------------------------------------


class Listing(Protocol):
    """What can be listed."""

    def page(self, state: State, question: Question) -> Found:
        """One page, in the form of the question's format."""

    def count(self, state: State, question: Question) -> int:
        """How many match."""

    def facets(self, state: State, question: Question) -> dict[str, Any]:
        """The facets that are asked for, by dimension."""

    def batches(self, state: State, question: Question) -> Iterator[list[bytes]]:
        """The whole result in its order, so many records at a time."""


def listed(takes: Takes, listing: Listing) -> Response:
    """The list that the query asks for: a page of JSON, or the whole result in another format."""

    def make(state: State, format_: str) -> WholeAnswer | Response:
        question = ask(takes, written_pairs(), format_, DatabaseLookUp(state.connection, state.copy))
        about = coverage(state, question)
        if format_ != JSON:
            total = listing.count(state, question)
            if question.limit is not None:
                total = min(total, question.limit)
            return streamed(question, about.sources, total, lambda: _batches(listing, question, state))
        found = listing.page(state, question)
        following = None if found.last is None else next_page(question, found.last, address)
        rest: dict[str, Any] = {"total": found.total, "returned": len(found.records), "next": following}
        if "facets" in question.values:
            rest["facets"] = listing.facets(state, question)
        return paged(found.records, rest, about)

    return answered(takes.formats, make)


def paged(records: Sequence[bytes], rest: dict[str, Any], about: Coverage) -> WholeAnswer:
    """A page of JSON with what it covers, where it comes from and where the next one is."""
    following = () if rest["next"] is None else (f'<{rest["next"]}>; rel="next"',)
    links = (*about.links, *following)
    return WholeAnswer(list_body(records, rest, about.body), MEDIA_TYPES[JSON], links, rest["total"])


def _batches(listing: Listing, question: Question, state: State) -> Iterator[Sequence[bytes]]:
    """The whole result, batch by batch, of the state that the question was understood in: it outlives the view."""
    with state.keep():
        yield from listing.batches(state, question)


def streamed(
    question: Question,
    sources: Sequence[Source],
    total: int,
    batches: Callable[[], Iterator[Sequence[bytes]]],
    columns: Sequence[str] | None = None,
) -> Response:
    """A body that is written while it is read. Its first piece is drawn before the headers leave, so that a failure
    there is still told as one; a later failure cuts the connection and never writes prose into data."""
    form = FORMATS[question.format]
    names = columns if columns is not None else cast(Any, question.takes.shape).header(question.fields)
    body = form.body(Export(names, _first_drawn(batches()), sources))
    response = Response(body, content_type=form.media_type)
    for link in _licence_links(sources):
        response.headers.add("Link", link)
    response.headers["Total-Count"] = str(total)
    name = request.path.strip("/").replace("v1/", "").replace("/", "-")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{question.format}"'
    return response


def _first_drawn(batches: Iterator[Sequence[bytes]]) -> Iterator[Sequence[bytes]]:
    """The same batches, the first one already read."""
    first = next(batches, None)

    def again() -> Iterator[Sequence[bytes]]:
        if first is not None:
            yield first
        yield from batches

    return again()


# --- Coverage ----------------------------------------------------------------------------------------------------


class Coverage(NamedTuple):
    """What the datasets asked for declare to cover, so that an empty answer can be told from a gap."""

    # A JSON object of `coverage` and `sources`.
    body: bytes
    sources: tuple[Source, ...]
    links: tuple[str, ...]


def coverage(state: State, question: Question) -> Coverage:
    """The coverage of the datasets asked for; of all that declare a period where none was asked for."""
    asked = question.values.get("dataset")
    named = _NAMED.get(question.takes.resource)
    key = ("coverage", None if asked is None else tuple(asked), question.takes.resource if named else None)
    return service().known.remember(state.token, key, lambda: _coverage(state.connection, asked, named, state.token))


# What several datasets speak of and one has brought, so that a question about some lists records of others.
_NAMED: Mapping[str, Any] = {"groups": Group, "locations": Location, "documents": Document}


def _coverage(connection: Connection, asked: Sequence[str] | None, named: Any, token: str) -> Coverage:
    is_asked = Dataset.id.in_(asked) if asked is not None else Dataset.first_date.is_not(None)
    owners = [] if named is None else connection.scalars(select(named.dataset_id).distinct()).all()
    table = Dataset.__table__
    told_of = select(table, is_asked.label("is_asked")).where(is_asked | table.c.id.in_(owners)).order_by(table.c.id)
    of_sources = connection.execute(told_of).mappings().all()
    rows = [row for row in of_sources if row["is_asked"]]
    first = [row["first_date"] for row in rows if row["first_date"] is not None]
    last = [row["last_date"] for row in rows if row["last_date"] is not None]
    sources = tuple(Source(row["id"], *(row[name] for name in Source._fields[1:])) for row in of_sources)
    told = {
        "datasets": [row["id"] for row in rows],
        "first_date": min(first, default=None),
        "last_date": max(last, default=None),
        "revision": token,
    }
    body = json_bytes({"coverage": told, "sources": [source._asdict() for source in sources]})
    return Coverage(body, sources, tuple(_licence_links(sources)))


def _licence_links(sources: Sequence[Source]) -> Iterator[str]:
    """Each dataset's licence with its citation, as Link headers, which say too what may not be passed on."""
    for source in sources:
        target = source.licence_url or f"/v1/datasets/{quote(source.dataset)}"
        told = source.citation if source.is_redistributable else f"{source.citation} Not for redistribution."
        yield f"<{target}>; rel=\"license\"; title*=UTF-8''{quote(told)}"


# --- Single records ----------------------------------------------------------------------------------------------


class OneOf(NamedTuple):
    """How one record is found, and what it is called when it is not."""

    kind: str
    model: Any
    find: Callable[[State, str], bytes | None]
    # The ids that there are, where no table has them.
    known: Sequence[str] = ()
    # The revision and the record by one statement of the driver's, where its bytes are stored.
    now: Callable[[Watch, str], tuple[str, bytes] | None] = lambda _watch, _identity: None


def one(found: OneOf, identity: str) -> Response:
    """One record by its id: the bare object. Errors: 404 with near matches; 410 with its tombstone."""

    def at_once() -> tuple[str, WholeAnswer] | None:
        refuse_parameters(request.path)
        row = None if "\0" in identity else found.now(service().watch, identity)
        return None if row is None else (row[0], WholeAnswer(row[1], MEDIA_TYPES[JSON], ()))

    def make(state: State, _format_: str) -> WholeAnswer:
        if "\0" in identity:
            # PostgreSQL refuses to be asked about such text; nothing can have it as its id.
            raise NotFound(f"There is no {found.kind} of this id.", extra={"near": []})
        body = found.find(state, identity)
        if body is None:
            raise _gone_or_unknown(state.connection, found, identity)
        return WholeAnswer(body, MEDIA_TYPES[JSON], ())

    return answered((JSON,), make, at_once)


def refuse_parameters(path: str, formats: tuple[str, ...] = (JSON,)) -> None:
    """Refuses whatever stands in the query of an address that takes nothing but `format`, or not even that."""
    if request.args:
        ask(Takes(path, "", None, formats=formats, is_record=True), written_pairs(), JSON, cast(Any, None))


def _gone_or_unknown(connection: Connection, found: OneOf, identity: str) -> Exception:
    left = tombstone(connection, found.kind, identity)
    if left is not None:
        told = {
            "id": identity,
            "record": found.kind,
            "dataset": left.dataset_id,
            "action": left.action,
            "at": moment(left.at),
            "reason": left.reason,
            "replaced_by": left.replaced_by,
        }
        return Withdrawn(f"The {found.kind} '{identity}' was withdrawn.", extra={"tombstone": told})
    near = nearest(identity, found.known) if found.model is None else near_ids(connection, found.model, identity)
    meant = next(iter(near), None)
    return NotFound(f"There is no {found.kind} '{identity}'.{suggestion(meant)}", extra={"near": near})


def json_answer(body: bytes) -> Response:
    """A JSON answer that no revision decides."""
    return Response(body, content_type=MEDIA_TYPES[JSON])
