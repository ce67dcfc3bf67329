"""Lists as pages of JSON, or as streams of the whole result in another format."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, cast

from flask import Response

from api.answers.asked_format import format_or_page_asked, written_pairs
from api.answers.coverage import Coverage, coverage
from api.answers.files import file_response
from api.answers.responses import WholeAnswer, answered, base, next_address, whole_result
from api.answers.row_records import RowRecords
from api.answers.stored_records import StoredRecords
from api.columns.snapshot import Snapshot
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.endpoint import Endpoint
from api.query.filters.words import unmatched_words
from api.query.lookup.database import DatabaseLookUp
from api.query.paging import cursor_of, decoded, encoded
from api.query.parsing import parse
from api.query.question import Question
from api.records.files import FILES
from api.records.formats import FORMATS, JSON, MEDIA_TYPES, Export, list_body
from api.records.hxl import tags

# What can be listed.
Listing = RowRecords | StoredRecords


def answer_list(endpoint: Endpoint, listing: Listing) -> Response:
    """The list that the query asks for: a page of JSON, or the whole result in another format."""

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer | Response:
        question = parsed(snapshot, endpoint, format_)
        about = coverage(snapshot, question)
        if format_ != JSON:
            total = listing.count(snapshot, question)
            if question.limit is not None:
                total = min(total, question.limit)
            if format_ in FILES:
                columns = listing.shape.flat_columns(question.fields)
                return file_response(question, about, total, columns, listing.tables(snapshot, question, base()))
            own = base()
            return streamed(question, about, total, lambda: _batches(listing, question, snapshot, own))
        found = listing.page(snapshot, question)
        following = None if found.last is None else next_address(question, cursor_of(question, found.last))
        rest: dict[str, Any] = {"total": found.total, "returned": len(found.records), "next": following}
        if "facets" in question.values:
            rest["facets"] = listing.facets(snapshot, question)
        unmatched = unmatched_words(snapshot, question, listing.table, found.total)
        if unmatched is not None:
            rest["unmatched_words"] = unmatched
        return page_answer(found.records, rest, about)

    return answered(format_or_page_asked(endpoint.formats), make)


def answer_all(endpoint: Endpoint, records: Sequence[bytes]) -> Response:
    """All of these records as one page, where the query asks nothing but a format."""

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer:
        rest = {"total": len(records), "returned": len(records), "next": None}
        return page_answer(records, rest, coverage(snapshot, parsed(snapshot, endpoint, format_)))

    return answered(format_or_page_asked(endpoint.formats), make)


def parsed(snapshot: Snapshot, endpoint: Endpoint, format_: str) -> Question:
    """What the request's query asks of this state. Errors: a Problem that tells every fault."""
    return parse(endpoint, written_pairs(), format_, DatabaseLookUp(snapshot.connection, snapshot.copy))


def page_answer(records: Sequence[bytes], rest: dict[str, Any], about: Coverage) -> WholeAnswer:
    """A page of JSON with what it covers, where it comes from and where the next one is."""
    following = () if rest["next"] is None else (f'<{rest["next"]}>; rel="next"',)
    links = (*about.links, *following)
    return WholeAnswer(list_body(records, rest, about.body), MEDIA_TYPES[JSON], links, rest["total"])


def start_of(question: Question) -> int:
    """How many rows come before this page of what is worked out whole, so that its cursor is a place in it."""
    written = question.values.get("cursor")
    if written is None:
        return int((question.values.get("page", 1) - 1) * question.page_size)
    try:
        start = int(decoded(written).decode("ascii"))
    except (binascii.Error, ValueError):
        start = -1
    if start < 0:
        raise refusal([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    return start


def next_after(question: Question, start: int, total: int) -> str | None:
    """The address of the page after the one that starts there; null where it is the last."""
    following = start + question.page_size
    return None if following >= total else next_address(question, encoded(str(following).encode()))


def _batches(listing: Listing, question: Question, snapshot: Snapshot, own: str) -> Iterator[Sequence[bytes]]:
    """The whole result, batch by batch, of the state that the question was parsed in: it outlives the view."""
    with snapshot.detach():
        yield from listing.batches(snapshot, question, own)


def streamed(
    question: Question,
    about: Coverage,
    total: int,
    batches: Callable[[], Iterator[Sequence[bytes]]],
    columns: Sequence[str] | None = None,
) -> Response:
    """A body that is written while it is read. Its first piece is drawn before the headers leave, so that a failure
    there is still told as one; a later failure cuts the connection and never writes prose into data."""
    form = FORMATS[question.format]
    names = columns if columns is not None else cast(Any, question.endpoint.shape).header(question.fields)
    has_bom = bool(question.values.get("bom"))
    hxl_tags = tuple(tags(question.endpoint.resource, names)) if question.values.get("hxl") else ()
    body = form.body(Export(names, _first_drawn(batches()), about.sources, has_bom, hxl_tags))
    return whole_result(body, form.media_type, question.format, about.links, total)


def _first_drawn(batches: Iterator[Sequence[bytes]]) -> Iterator[Sequence[bytes]]:
    """The same batches, the first one already read."""
    first = next(batches, None)
    return batches if first is None else chain((first,), batches)
