"""Documents: what was coded, how its date is known, and what it supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection, Select, func, or_, select

from api import narrow
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, JSON, NDJSON
from api.asking.question import Question
from api.asking.takes import Sort, Takes
from api.declare.filter import Subject
from api.docs import describe
from api.filters.figures import FIGURES
from api.filters.happenings import EVENT, HAPPENING
from api.filters.periods import PERIOD
from api.filters.places import PLACE
from api.filters.records import DATASET, ID, UPDATED_SINCE
from api.filters.saying import SAYING
from api.filters.taking_part import TAKING_PART
from api.filters.words import words_of
from api.listings import Composed
from api.models import Claim, Document, Event, Figure, Report
from api.shapes.sources import DOCUMENT

BLUEPRINT = Blueprint("documents", __name__)

# What can be asked of documents. Filters on events and figures select those that report a matching event or speak of
# a matching figure.
FILTERS = (
    replace(ID, subject=Subject.OWN),
    words_of(
        "Every word occurs, as a whole word, in its title or in who published it; case, accents and apostrophes ignored.",
        lambda word, on: on.words.contains(word, autoescape=True),
    ),
    replace(UPDATED_SINCE, subject=Subject.OWN),
    DATASET,
    EVENT,
    *PERIOD,
    *PLACE,
    *HAPPENING,
    *TAKING_PART,
    *FIGURES,
    *SAYING,
)

EXAMPLE = "004_84814d1eef1d8517"
LIST = Takes(
    "/v1/documents",
    "documents",
    DOCUMENT,
    FILTERS,
    sorts=(
        Sort("id", lambda: Document.id),
        Sort("published_on", lambda: Document.published_on, is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Takes("/v1/documents/{identity}", "documents", DOCUMENT, formats=(JSON,), is_record=True)


def _base(question: Question | None, identity: str | None) -> Select[Any]:
    """Documents with the number of matching events and figures that they support."""
    understood = {} if question is None else question.understood
    of_events = {wanted: value for wanted, value in understood.items() if wanted.subject is not Subject.OWN}
    happened = {wanted: value for wanted, value in of_events.items() if wanted.subject is not Subject.SAID}
    reported = (
        select(Report.document_id, func.count(Report.event_id.distinct()).label("events"))
        .join(Event, Event.id == Report.event_id)
        .where(narrow.events(happened), narrow.said(of_events, Report))
        .group_by(Report.document_id)
    )
    claimed = (
        select(Claim.document_id, func.count(Claim.figure_id.distinct()).label("figures"))
        .join(Figure, Figure.id == Claim.figure_id)
        .where(narrow.figures(happened), narrow.said(of_events, Claim))
        .group_by(Claim.document_id)
    )
    if identity is not None:
        reported = reported.where(Report.document_id == identity)
        claimed = claimed.where(Claim.document_id == identity)
    events, figures = reported.subquery(), claimed.subquery()
    statement = (
        select(
            Document.__table__,
            Document.dataset_id.label("dataset"),
            func.coalesce(events.c.events, 0).label("events"),
            func.coalesce(figures.c.figures, 0).label("figures"),
        )
        .outerjoin(events, events.c.document_id == Document.id)
        .outerjoin(figures, figures.c.document_id == Document.id)
    )
    if of_events:
        is_supporting = or_(events.c.events > 0, figures.c.figures > 0)
        if set(of_events) == {DATASET}:
            # Its own documents, used or not, and those of others that it codes.
            is_supporting = or_(is_supporting, Document.dataset_id.in_(of_events[DATASET]))
        statement = statement.where(is_supporting)
    if identity is not None:
        statement = statement.where(Document.id == identity)
    return statement.where(narrow.own(understood, Document))


def _compose(_connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "supports": {"events": row["events"], "figures": row["figures"]}} for row in rows]


LISTING = Composed(DOCUMENT, _base, _compose)


@BLUEPRINT.get("/v1/documents")
@describe(LIST, DOCUMENT.schema(), "list")
def list_documents() -> Response:
    """Documents, by id.

    Filters on events and figures select the documents that support a matching one, and the counts are of these.
    """
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/documents/<identity>")
@describe(RECORD, DOCUMENT.schema(), "record", EXAMPLE)
def get_document(identity: str) -> Response:
    """One document by its id."""
    return one(OneOf("document", Document, LISTING.one), identity)
