"""Documents: what was coded, how its date is known, and what it supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, true

from api import narrow, narrow_many
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.composed import Composed
from api.counts import together, without
from api.declare.filter import Subject
from api.docs import describe
from api.expressions import unindexed
from api.filters.figures import FIGURES
from api.filters.happenings import EVENT, HAPPENING
from api.filters.periods import PERIOD
from api.filters.places import PLACE
from api.filters.records import DATASET, ID, UPDATED_SINCE
from api.filters.saying import SAYING
from api.filters.taking_part import TAKING_PART
from api.filters.words import words_of
from api.models import Claim, Document, Figure, Report
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


_COUNTS = ("events", "figures")


def _counts() -> Mapping[str, ColumnElement[Any]]:
    """The numbers of all events and figures that a document supports."""
    events = select(func.count(Report.event_number.distinct())).where(Report.document_id == Document.id)
    figures = select(func.count(Claim.figure_number.distinct())).where(Claim.document_id == Document.id)
    return {"events": events.scalar_subquery(), "figures": figures.scalar_subquery()}


def _matched(of_events: narrow.Understood) -> Select[Any]:
    """Documents with the number of matching events and figures that they support."""
    happened = narrow.but_for(of_events, Subject.SAID)
    reported = (
        select(
            Report.document_id.label("id"),
            func.count(Report.event_number.distinct()).label("events"),
            literal(0).label("figures"),
        )
        .where(narrow_many.events_by_number(of_events, Report))
        .group_by(Report.document_id)
    )
    is_of_figures = narrow_many.figures_of_many(happened)
    # As of reports (see narrow_many.events_by_number): no index leads from numbers to claims.
    is_of_these = unindexed(Claim.figure_number).in_(select(Figure.number).where(is_of_figures))
    claimed = (
        select(
            Claim.document_id.label("id"),
            literal(0).label("events"),
            func.count(Claim.figure_number.distinct()).label("figures"),
        )
        .where(
            true() if narrow.is_anything(is_of_figures) else is_of_these,
            narrow.said(of_events, Claim),
        )
        .group_by(Claim.document_id)
    )
    parts = [reported, claimed]
    if set(of_events) == {DATASET}:
        # Its own documents, used or not, and those of others that it codes.
        own = select(Document.id).where(Document.dataset_id.in_(of_events[DATASET]))
        parts.append(without(_COUNTS, own))
    return together(_COUNTS, *parts)


def _compose(_connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "supports": {"events": row["events"], "figures": row["figures"]}} for row in rows]


LISTING = Composed(DOCUMENT, Document, _compose, _counts, _matched)


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
