"""Groups: with aliases, relations, external codes, and how many matching events they took part in."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import listings
from api.answers.lists import answer_list
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject, codes
from api.query.filters.shared import OF_EVENTS_AND_FIGURES, OWN_ID, OWN_UPDATED_SINCE
from api.query.filters.words import words_of_names
from api.records.formats import JSON
from api.records.groups_and_locations import GROUP_SHAPE
from api.store.models import Group

BLUEPRINT = Blueprint("groups", __name__)

# What can be asked of groups. Filters on events and figures select those that took part in a matching event, or in the
# event of a matching figure.
FILTERS = (
    OWN_ID,
    codes("group_kind", "Kinds of groups.", "armed_group", Subject.OWN),
    words_of_names(tables.GROUP_NAME, "group_id"),
    OWN_UPDATED_SINCE,
    *OF_EVENTS_AND_FIGURES,
)

EXAMPLE = "arakan-army"
LIST = Endpoint(
    "/v1/groups",
    "groups",
    GROUP_SHAPE,
    FILTERS,
    sorts=(Sort("id"), Sort("name"), Sort("events"), Sort("last_date", is_nullable=True)),
    default_sort="id",
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/groups/{identity}", "groups", GROUP_SHAPE, formats=(JSON,), is_record=True)


LISTING = listings.GROUPS


@BLUEPRINT.get("/v1/groups")
@describe(LIST, GROUP_SHAPE.schema(), "list")
def list_groups() -> Response:
    """Groups, by id.

    Filters on events and figures select the groups that took part in a matching event or in that of a matching figure,
    and the counts are of the matching events. `dataset` alone selects every group that the dataset uses in any way.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/groups/<identity>")
@describe(RECORD, GROUP_SHAPE.schema(), "record", EXAMPLE)
def get_group(identity: str) -> Response:
    """One group by its id."""
    return answer_record(SingleRecord("group", Group, LISTING.find), identity)
