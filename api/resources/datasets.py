"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import listings
from api.answers.description import describe
from api.answers.lists import answer_list
from api.answers.single_records import SingleRecord, answer_record
from api.query.endpoint import Endpoint, Sort
from api.query.filters.shared import OWN_ID, OWN_UPDATED_SINCE
from api.records.formats import JSON
from api.records.sources import DATASET_SHAPE
from api.store.models import Dataset

BLUEPRINT = Blueprint("datasets", __name__)

FILTERS = (OWN_ID, OWN_UPDATED_SINCE)
EXAMPLE = "op1027"
LIST = Endpoint(
    "/v1/datasets",
    "datasets",
    DATASET_SHAPE,
    FILTERS,
    sorts=(Sort("id"),),
    default_sort="id",
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/datasets/{identity}", "datasets", DATASET_SHAPE, formats=(JSON,), is_record=True)

LISTING = listings.DATASETS


@BLUEPRINT.get("/v1/datasets")
@describe(LIST, DATASET_SHAPE.schema(), "list")
def list_datasets() -> Response:
    """What is loaded: release, licence, citation, period and counts."""
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/datasets/<identity>")
@describe(RECORD, DATASET_SHAPE.schema(), "record", EXAMPLE)
def get_dataset(identity: str) -> Response:
    """One dataset by its id."""
    return answer_record(SingleRecord("dataset", Dataset, LISTING.find), identity)
