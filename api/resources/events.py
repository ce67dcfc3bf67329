"""Events: what happened, with place, participants, reports and figures in one body."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import listings
from api.answers.lists import answer_list
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.answers.totals import TotalsEndpoint, answer_totals
from api.columns import tables
from api.query.dimensions import ALWAYS_IN_KEY_OF_EVENTS, DIMENSIONS
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject, codes
from api.query.filters.outlines import WITHIN
from api.query.filters.places import PLACE_FILTERS
from api.query.filters.shared import (
    ATTRIBUTION_FILTERS,
    CLASSIFICATION_FILTERS,
    FIGURE_FILTERS,
    PARTICIPANT_FILTERS,
    PERIOD_FILTERS,
    RECORD_FILTERS,
    UPDATED_SINCE,
)
from api.query.filters.words import Q
from api.query.standard_parameters import BOUNDARIES
from api.records.events import EVENT_SHAPE
from api.records.formats import DRAWN, JSON
from api.records.totals import EVENT_TOTAL_KEYS, EventTotal
from api.store.models import Event

BLUEPRINT = Blueprint("events", __name__)

# What can be asked of events. A new filter is one line here.
FILTERS = (
    *RECORD_FILTERS,
    *PERIOD_FILTERS,
    *PLACE_FILTERS,
    WITHIN,
    *CLASSIFICATION_FILTERS,
    codes("outcome", "How it ended.", "captured", Subject.EVENT),
    codes("coding_status", "How far the coding was checked.", "double_coded", Subject.EVENT),
    *PARTICIPANT_FILTERS,
    *FIGURE_FILTERS,
    *ATTRIBUTION_FILTERS,
    Q,
    UPDATED_SINCE,
)
EXAMPLES = {"id": "kawlin-town-captured-2023-11-06"}

LIST = Endpoint(
    "/v1/events",
    "events",
    EVENT_SHAPE,
    FILTERS,
    sorts=(
        Sort("date", "date_start"),
        Sort("updated_at"),
        Sort("id"),
        # By how many it cost, by itself: the ten deadliest are `sort=-killed&limit=10`.
        *(Sort(measure, f"{measure}_best", is_nullable=True) for measure in ("killed", "injured", "displaced")),
    ),
    default_sort="-date",
    formats=DRAWN,
    dimensions=DIMENSIONS,
    examples=EXAMPLES,
)
TOTALS = Endpoint(
    "/v1/events/totals",
    "events",
    None,
    FILTERS,
    dimensions=DIMENSIONS,
    is_totals=True,
    total_keys=EVENT_TOTAL_KEYS,
    always_in_key=ALWAYS_IN_KEY_OF_EVENTS,
    sorts=(Sort("key"), Sort("events")),
    default_sort="key",
    formats=DRAWN,
    options=(BOUNDARIES,),
    examples=EXAMPLES,
)
RECORD = Endpoint("/v1/events/{identity}", "events", EVENT_SHAPE, formats=(JSON,), is_record=True)

LISTING = listings.EVENTS


@BLUEPRINT.get("/v1/events")
@describe(LIST, EVENT_SHAPE.schema(), "list")
def list_events() -> Response:
    """Events, newest first.

    Each comes with its place, who took part, what it cost people, and which documents say so. Incidents, the episodes that
    hold them and aggregates that tell of a whole period, unless `kind` says otherwise.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/events/totals")
@describe(TOTALS, EventTotal, "totals")
def total_events() -> Response:
    """How many events, by up to four dimensions.

    Counts are exact. Different datasets are never added: each has rows of its own.
    """
    return answer_totals(TotalsEndpoint(TOTALS, tables.EVENT, "/v1/events"))


@BLUEPRINT.get("/v1/events/<identity>")
@describe(RECORD, EVENT_SHAPE.schema(), "record", EXAMPLES["id"])
def get_event(identity: str) -> Response:
    """One event by its id."""
    return answer_record(SingleRecord("event", Event, LISTING.find, find_quickly=LISTING.find_quickly), identity)
