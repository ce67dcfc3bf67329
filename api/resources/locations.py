"""Locations: with parents, aliases, P-codes, and how many matching events happened in each or anywhere inside it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response

from api.answers import listings
from api.answers.lists import answer_list
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject, codes
from api.query.filters.outlines import WITHIN
from api.query.filters.places import BBOX, COUNTRY, LOCATION_FILTER, NEAR, PARENT
from api.query.filters.shared import OF_EVENTS_AND_FIGURES, OWN_ID, OWN_UPDATED_SINCE
from api.query.filters.words import words_of_names
from api.query.standard_parameters import BOUNDARIES
from api.records.formats import DRAWN, JSON
from api.records.groups_and_locations import LOCATION_SHAPE
from api.store.models import Location

BLUEPRINT = Blueprint("locations", __name__)

_OWN_PLACE = (LOCATION_FILTER, COUNTRY, BBOX, NEAR, WITHIN)
# What can be asked of locations. Where a place is, is its own; filters on events and figures select the places with
# a matching event or figure in them.
FILTERS = (
    OWN_ID,
    codes("level", "Levels of places.", "township", Subject.OWN, code_list="location_level"),
    PARENT,
    *(replace(wanted, subject=Subject.OWN) for wanted in _OWN_PLACE),
    words_of_names(tables.LOCATION_NAME, "location_id"),
    OWN_UPDATED_SINCE,
    *(wanted for wanted in OF_EVENTS_AND_FIGURES if wanted not in _OWN_PLACE),
)

EXAMPLE = "mmr005024701"
LIST = Endpoint(
    "/v1/locations",
    "locations",
    LOCATION_SHAPE,
    FILTERS,
    sorts=(Sort("id"), Sort("name"), Sort("events"), Sort("last_date", is_nullable=True)),
    default_sort="id",
    formats=DRAWN,
    options=(BOUNDARIES,),
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/locations/{identity}", "locations", LOCATION_SHAPE, formats=(JSON,), is_record=True)


LISTING = listings.LOCATIONS


@BLUEPRINT.get("/v1/locations")
@describe(LIST, LOCATION_SHAPE.schema(), "list")
def list_locations() -> Response:
    """Locations, by id.

    Filters on events and figures select the places with a matching event or figure in them, and the counts are of the
    matching events, those of the whole subtree included. `dataset` alone selects every place that the dataset uses in any way.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/locations/<identity>")
@describe(RECORD, LOCATION_SHAPE.schema(), "record", EXAMPLE)
def get_location(identity: str) -> Response:
    """One location by its id."""
    return answer_record(SingleRecord("location", Location, LISTING.find), identity)
