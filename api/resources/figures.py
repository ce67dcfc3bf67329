"""Figures of every family, and the two families that have paths of their own: casualties and displacements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from api.answers import listings
from api.answers.lists import answer_list
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.answers.stored_records import StoredRecords
from api.answers.totals import TotalsEndpoint, answer_totals
from api.columns import tables
from api.domain.codebook import MEASURES
from api.query.dimensions import ALWAYS_IN_KEY, DIMENSIONS
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Filter, with_codes_of
from api.query.filters.outlines import WITHIN
from api.query.filters.places import PLACE_FILTERS
from api.query.filters.shared import (
    ATTRIBUTION_FILTERS,
    CAUSE,
    CLASSIFICATION_FILTERS,
    EVENT_FILTER,
    FAMILY,
    FIGURE_FILTERS,
    MEASURE,
    OBJECT,
    PARTICIPANT_FILTERS,
    PERIOD_FILTERS,
    RECORD_FILTERS,
    TERM,
    UPDATED_SINCE,
)
from api.query.filters.words import Q
from api.query.standard_parameters import BOUNDARIES
from api.records.figures import FIGURE_SHAPE
from api.records.formats import DRAWN, JSON
from api.records.totals import FIGURE_TOTAL_KEYS, FigureTotal
from api.store.models import Figure

BLUEPRINT = Blueprint("figures", __name__)

# What can be asked of figures. A new filter is one line here.
FILTERS = (
    *RECORD_FILTERS,
    EVENT_FILTER,
    *PERIOD_FILTERS,
    *PLACE_FILTERS,
    WITHIN,
    *CLASSIFICATION_FILTERS,
    *PARTICIPANT_FILTERS,
    *FIGURE_FILTERS,
    *ATTRIBUTION_FILTERS,
    Q,
    UPDATED_SINCE,
)
EXAMPLES = {"id": "kawlin-battle-2023-11-killed-state-forces"}

LIST = Endpoint(
    "/v1/figures",
    "figures",
    FIGURE_SHAPE,
    FILTERS,
    sorts=(Sort("date", "date_start"), Sort("updated_at"), Sort("best", is_nullable=True), Sort("id")),
    default_sort="-date",
    formats=DRAWN,
    dimensions=DIMENSIONS,
    examples=EXAMPLES,
)
TOTALS = Endpoint(
    "/v1/figures/totals",
    "figures",
    None,
    FILTERS,
    dimensions=DIMENSIONS,
    is_totals=True,
    total_keys=FIGURE_TOTAL_KEYS,
    always_in_key=ALWAYS_IN_KEY,
    sorts=(Sort("key"), Sort("best"), Sort("high"), Sort("figures")),
    default_sort="key",
    formats=DRAWN,
    options=(BOUNDARIES,),
    examples=EXAMPLES,
)
RECORD = Endpoint("/v1/figures/{identity}", "figures", FIGURE_SHAPE, formats=(JSON,), is_record=True)

LISTING = listings.FIGURES

# The families that have paths of their own.
_PATHS = {"casualty": "/v1/casualties", "displacement": "/v1/displacements"}


def _of(
    family: str, path: str, without: tuple[Filter, ...], examples: Mapping[str, str]
) -> tuple[Endpoint, Endpoint, StoredRecords, TotalsEndpoint]:
    """The declarations of one family's own paths. `without` are the filters that none of its figures could ever pass; nor
    could any pass a measure of another family, which is refused with where it is asked for."""

    own: dict[str, Any] = {
        "filters": tuple(
            with_codes_of(wanted, family) if wanted is MEASURE else wanted
            for wanted in FILTERS
            if wanted not in (FAMILY, *without)
        ),
        "tag_name": path.removeprefix("/v1/"),
        "examples": {**EXAMPLES, **examples},
    }
    endpoint = replace(LIST, path=path, elsewhere=_elsewhere(family, ""), **own)
    totals = replace(TOTALS, path=f"{path}/totals", elsewhere=_elsewhere(family, "/totals"), **own)
    return (endpoint, totals, replace(LISTING, family=family), TotalsEndpoint(totals, tables.FIGURE, path, family))


def _elsewhere(family: str, ending: str) -> dict[str, str]:
    """By the measures of other families, the address of their figures; of what is never totalled its list."""
    return {
        code: f"{_PATHS.get(found.family, '/v1/figures')}{ending if found.is_totalled else ''}"
        for code, found in MEASURES.items()
        if found.family != family
    }


CASUALTIES, CASUALTY_TOTALS, CASUALTY_LISTING, TOTALLED_CASUALTIES = _of(
    "casualty",
    _PATHS["casualty"],
    # Things are counted in other families, and a term is a kind of displacement.
    without=(OBJECT, TERM),
    examples={"group": "TNLA", "claimant": "kawlin-pdf"},
)
DISPLACEMENTS, DISPLACEMENT_TOTALS, DISPLACEMENT_LISTING, TOTALLED_DISPLACEMENTS = _of(
    "displacement",
    _PATHS["displacement"],
    without=(OBJECT, CAUSE),
    examples={
        "id": "kawlin-evacuated-civilians",
        "event": "kawlin-evacuation-2023-11",
        "date_precision": "days",
        "type": "displacement",
        "subtype": "evacuation",
        "group": "residents-of-kawlin",
        "group_role": "affected",
        "measure": "displaced",
        "sex": "both",
        "age": "both",
        "best_max": "50000",
        "claimant": "united-nations",
    },
)


@BLUEPRINT.get("/v1/figures")
@describe(LIST, FIGURE_SHAPE.schema(), "list")
def list_figures() -> Response:
    """Figures of every family, newest first.

    Each is one quantity in the world, with what every report says of it. Claims are never to be summed, and figures
    lie inside one another: use the totals to add them, or the columns `adds_low`, `adds_best` and `adds_high` of CSV and
    GeoJSON, which sum to the total of the same filters.
    """
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/figures/totals")
@describe(TOTALS, FigureTotal, "totals")
def total_figures() -> Response:
    """Totals of every family that count nobody twice.

    A part that lies inside a whole in scope is counted once. Different measures, units, objects and datasets are never
    added. The context family (populations, shares) has no totals.
    """
    return answer_totals(TotalsEndpoint(TOTALS, tables.FIGURE, "/v1/figures"))


@BLUEPRINT.get("/v1/figures/<identity>")
@describe(RECORD, FIGURE_SHAPE.schema(), "record", EXAMPLES["id"])
def get_figure(identity: str) -> Response:
    """One figure by its id, with its claims."""
    return answer_record(SingleRecord("figure", Figure, LISTING.find, find_quickly=LISTING.find_quickly), identity)


@BLUEPRINT.get("/v1/casualties")
@describe(CASUALTIES, FIGURE_SHAPE.schema(), "list")
def list_casualties() -> Response:
    """Figures of people killed, injured, captured and otherwise harmed, newest first."""
    return answer_list(CASUALTIES, CASUALTY_LISTING)


@BLUEPRINT.get("/v1/casualties/totals")
@describe(CASUALTY_TOTALS, FigureTotal, "totals")
def total_casualties() -> Response:
    """Totals of casualties that count nobody twice.

    Each measure has rows of its own: the killed and the injured are never added.
    """
    return answer_totals(TOTALLED_CASUALTIES)


@BLUEPRINT.get("/v1/displacements")
@describe(DISPLACEMENTS, FIGURE_SHAPE.schema(), "list")
def list_displacements() -> Response:
    """Figures of people displaced or returned, newest first."""
    return answer_list(DISPLACEMENTS, DISPLACEMENT_LISTING)


@BLUEPRINT.get("/v1/displacements/totals")
@describe(DISPLACEMENT_TOTALS, FigureTotal, "totals")
def total_displacements() -> Response:
    """Totals of displacement that count nobody twice.

    A return undoes a displacement and is a measure of its own, never added to it.
    """
    return answer_totals(TOTALLED_DISPLACEMENTS)
