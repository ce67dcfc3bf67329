"""Whole results as files, which are made before they are sent, so that their length is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import orjson
from flask import Response, request

from api.answers.coverage import Coverage
from api.answers.responses import whole_result
from api.columns.scratch import scratch_folder
from api.domain import deadlines
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.question import Question
from api.records.files import FILES, FileExport
from api.records.shape import FlatColumn

# How long one may be worked on, beyond what any request may: a million rows of a few columns take a workbook minutes.
_MAKING_SECONDS = 300
_WRITING = "writing a file"
_PIECE_BYTES = 100_000


def file_response(
    question: Question, about: Coverage, total: int, columns: Sequence[FlatColumn], tables: Iterable[Any]
) -> Response:
    """The file of a result of so many rows. Errors: a Problem, where its format does not hold as many."""
    form = FILES[question.format]
    if form.most_rows is not None and total > form.most_rows:
        told = (
            f"A workbook holds {form.most_rows:,} rows, and this result has {total:,}: ask for format=csv, or for less."
        )
        raise refusal([Fault("format", told, InvalidValue)])
    covered = orjson.loads(about.body)["coverage"]
    name = question.endpoint.path.removeprefix("/v1/").replace("/", "-")
    with scratch_folder() as folder, deadlines.current().extended(_MAKING_SECONDS):
        file = folder / name
        form.write(
            FileExport(name, columns, _in_time(tables), request.url, question.pairs, covered, about.sources), file
        )
        # It is gone from its folder when this is over, and from the disk when it was sent.
        opened = file.open("rb")
        length = file.stat().st_size
    response = whole_result(_pieces(opened), form.media_type, question.format, about.links, total)
    response.content_length = length
    response.call_on_close(opened.close)
    return response


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    with opened:
        while piece := opened.read(_PIECE_BYTES):
            yield piece


def _in_time(tables: Iterable[Any]) -> Iterator[Any]:
    for table in tables:
        deadlines.check(_WRITING)
        yield table
        del table
