"""Events: what happened, with place, participants, reports and figures in one body."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, GEOJSON, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.columns import tables
from api.declare.filter import Subject
from api.declare.usual_filters import codes
from api.dimensions import DIMENSIONS
from api.docs import describe
from api.filters.figures import FIGURES
from api.filters.happenings import HAPPENING
from api.filters.periods import PERIOD
from api.filters.places import PLACE
from api.filters.records import RECORDS, UPDATED_SINCE
from api.filters.saying import SAYING
from api.filters.taking_part import TAKING_PART
from api.filters.words import Q
from api.listings import Rendered
from api.models import Event
from api.shapes.events import EVENT
from api.shapes.totals import EVENT_TOTAL_KEYS, EventTotal
from api.totalling import Totalled, totalled

BLUEPRINT = Blueprint("events", __name__)

# What can be asked of events. A new filter is one line here.
FILTERS = (
    *RECORDS,
    *PERIOD,
    *PLACE,
    *HAPPENING,
    codes("outcome", "How it ended.", "captured", Subject.EVENT),
    codes("coding_status", "How far the coding was checked.", "double_coded", Subject.EVENT),
    *TAKING_PART,
    *FIGURES,
    *SAYING,
    Q,
    UPDATED_SINCE,
)
# Episodes and aggregates hold or repeat incidents, so they are shown only when asked for.
DEFAULTS = {"kind": ["incident"]}
EXAMPLES = {"id": "kawlin-town-captured-2023-11-06"}

LIST = Takes(
    "/v1/events",
    "events",
    EVENT,
    FILTERS,
    sorts=(
        Sort("date", "date_start"),
        Sort("updated_at"),
        Sort("id"),
    ),
    default_sort="-date",
    formats=(JSON, CSV, GEOJSON, NDJSON),
    dimensions=DIMENSIONS,
    defaults=DEFAULTS,
    examples=EXAMPLES,
)
TOTALS = Takes(
    "/v1/events/totals",
    "events",
    None,
    FILTERS,
    dimensions=DIMENSIONS,
    is_totals=True,
    total_keys=EVENT_TOTAL_KEYS,
    defaults=DEFAULTS,
    examples=EXAMPLES,
)
RECORD = Takes("/v1/events/{identity}", "events", EVENT, formats=(JSON,), is_record=True)

LISTING = Rendered(EVENT, Event, tables.EVENT)


@BLUEPRINT.get("/v1/events")
@describe(LIST, EVENT.schema(), "list")
def list_events() -> Response:
    """Events, newest first.

    Each comes with its place, who took part, what it cost people, and which documents say so. Incidents alone unless
    `kind` says otherwise: episodes and aggregates hold or repeat them.
    """
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/events/totals")
@describe(TOTALS, EventTotal, "totals")
def total_events() -> Response:
    """How many events, by up to three dimensions.

    Counts are exact. Different datasets are never added: each has rows of its own.
    """
    return totalled(Totalled(TOTALS, tables.EVENT, "/v1/events"))


@BLUEPRINT.get("/v1/events/<identity>")
@describe(RECORD, EVENT.schema(), "record", EXAMPLES["id"])
def get_event(identity: str) -> Response:
    """One event by its id."""
    return one(OneOf("event", Event, LISTING.find, now=LISTING.now), identity)
