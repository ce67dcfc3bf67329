"""Documents: what was coded, how its date is known, and what it supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, Select, Subquery, Table, func, literal, select

from api.answers.description import describe
from api.answers.lists import answer_list
from api.answers.row_records import RowRecords, merged_counts
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject
from api.query.filters.places import PLACE
from api.query.filters.shared import (
    DATASET,
    EVENT,
    EVENT_FILTERS,
    EVIDENCE,
    FIGURES,
    ID,
    PARTICIPANTS,
    PERIOD,
    UPDATED_SINCE,
)
from api.query.filters.words import words_of
from api.records.formats import CSV, JSON, NDJSON
from api.records.sources import DOCUMENT
from api.store.models import Document

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
    *EVENT_FILTERS,
    *PARTICIPANTS,
    *FIGURES,
    *EVIDENCE,
)

EXAMPLE = "004_84814d1eef1d8517"
LIST = Endpoint(
    "/v1/documents",
    "documents",
    DOCUMENT,
    FILTERS,
    sorts=(
        Sort("id"),
        Sort("published_on", is_nullable=True),
    ),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/documents/{identity}", "documents", DOCUMENT, formats=(JSON,), is_record=True)


def _matched(of_events: conditions.FilterValues) -> Select[Any]:
    """Documents with the number of matching events and figures that they support: what is asked of who says so holds of
    their own report or claim."""
    happened = conditions.but_for(of_events, Subject.SAID)
    events = _of_sets(tables.REPORTS, tables.EVENT, conditions.events(happened), of_events)
    figures = _of_sets(tables.CLAIMS, tables.FIGURE, conditions.figures(happened), of_events)
    parts = [
        select(events.c.id, events.c.records.label("events"), literal(0).label("figures")),
        select(figures.c.id, literal(0).label("events"), figures.c.records.label("figures")),
    ]
    if set(of_events) == {DATASET}:
        # Its own documents, used or not, and those of others that it codes.
        own = tables.DOCUMENT.c.dataset_id.in_(of_events[DATASET])
        parts.append(select(tables.DOCUMENT.c.id, literal(0).label("events"), literal(0).label("figures")).where(own))
    return merged_counts(*parts)


def _of_sets(
    sets: tables.Sets, counted: Table, holds: ColumnElement[bool], of_events: conditions.FilterValues
) -> Subquery:
    """How many events or figures that hold have each document among the members of their set that are as asked."""
    key = counted.c[sets.key]
    each = select(key, func.count().label("records")).where(holds).group_by(key).subquery()
    said = conditions.members(of_events, Subject.SAID, sets)
    members = select(sets.table.c[sets.key], sets.table.c.document_id).where(said).distinct().subquery()
    return (
        select(members.c.document_id.label("id"), func.sum(each.c.records).label("records"))
        .join(each, each.c[sets.key] == members.c[sets.key])
        .group_by(members.c.document_id)
        .subquery()
    )


def _compose(_state: Snapshot, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "supports": {"events": row["events"], "figures": row["figures"]}} for row in rows]


LISTING = RowRecords(DOCUMENT, Document, tables.DOCUMENT, _compose, _matched)


@BLUEPRINT.get("/v1/documents")
@describe(LIST, DOCUMENT.schema(), "list")
def list_documents() -> Response:
    """Documents, by id.

    Filters on events and figures select the documents that support a matching one, and the counts are of these.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/documents/<identity>")
@describe(RECORD, DOCUMENT.schema(), "record", EXAMPLE)
def get_document(identity: str) -> Response:
    """One document by its id."""
    return answer_record(SingleRecord("document", Document, LISTING.find), identity)
