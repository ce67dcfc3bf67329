"""Documents: what was coded, how its date is known, and what it supports."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import listings
from api.answers.lists import answer_list
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.query.endpoint import Endpoint, Sort
from api.query.filters.shared import OF_EVENTS_AND_FIGURES, OWN_ID, OWN_UPDATED_SINCE
from api.query.filters.words import WORDS_OF_DOCUMENT
from api.records.formats import JSON
from api.records.sources import DOCUMENT_SHAPE
from api.store.models import Document

BLUEPRINT = Blueprint("documents", __name__)

# What can be asked of documents. Filters on events and figures select those that report a matching event, or make
# a claim on one of its figures, or on a matching figure.
FILTERS = (OWN_ID, WORDS_OF_DOCUMENT, OWN_UPDATED_SINCE, *OF_EVENTS_AND_FIGURES)

EXAMPLE = "004_84814d1eef1d8517"
LIST = Endpoint(
    "/v1/documents",
    "documents",
    DOCUMENT_SHAPE,
    FILTERS,
    sorts=(Sort("id"), Sort("published_on", is_nullable=True)),
    default_sort="id",
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/documents/{identity}", "documents", DOCUMENT_SHAPE, formats=(JSON,), is_record=True)


LISTING = listings.DOCUMENTS


@BLUEPRINT.get("/v1/documents")
@describe(LIST, DOCUMENT_SHAPE.schema(), "list")
def list_documents() -> Response:
    """Documents, by id.

    Filters on events and figures select the documents that support a matching one, and the counts are of these.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/documents/<identity>")
@describe(RECORD, DOCUMENT_SHAPE.schema(), "record", EXAMPLE)
def get_document(identity: str) -> Response:
    """One document by its id."""
    return answer_record(SingleRecord("document", Document, LISTING.find), identity)
