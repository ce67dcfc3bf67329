"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Select, func, select

from api import conditions
from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.columns import tables
from api.columns.copies import records_of_datasets
from api.columns.state import State
from api.composed import Composed
from api.declare.filter import Subject
from api.docs import describe
from api.filters.records import ID, UPDATED_SINCE
from api.models import Dataset
from api.shapes.sources import DATASET

BLUEPRINT = Blueprint("datasets", __name__)

FILTERS = (
    replace(ID, subject=Subject.OWN),
    replace(UPDATED_SINCE, subject=Subject.OWN),
)
EXAMPLE = "op1027"
LIST = Takes(
    "/v1/datasets",
    "datasets",
    DATASET,
    FILTERS,
    sorts=(Sort("id"),),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Takes("/v1/datasets/{identity}", "datasets", DATASET, formats=(JSON,), is_record=True)

# What a dataset holds is counted in the reading copy, and its claims by the sets that its figures name.
_COUNTED = {
    f"{table.name}s": table for table in (tables.EVENT, tables.FIGURE, tables.DOCUMENT, tables.GROUP, tables.LOCATION)
}


def _compose(state: State, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The datasets with how much they hold, in one query for each kind of record."""
    counts: dict[str, dict[str, int]] = {}
    for name, table in _COUNTED.items():
        counts[name] = records_of_datasets(state.copy, table)
    claims = select(tables.FIGURE.c.dataset_id, func.sum(tables.FIGURE.c.claims)).group_by(tables.FIGURE.c.dataset_id)
    counts["claims"] = {dataset: int(number) for dataset, number in state.copy.rows(claims)}
    return [{**row, "counts": {name: found.get(row["id"], 0) for name, found in counts.items()}} for row in rows]


def _matched(_of_events: conditions.Understood) -> Select[Any]:
    """All of them: nothing is asked of events here."""
    return select(tables.DATASET.c.id)


LISTING = Composed(DATASET, Dataset, tables.DATASET, _compose, _matched)


@BLUEPRINT.get("/v1/datasets")
@describe(LIST, DATASET.schema(), "list")
def list_datasets() -> Response:
    """What is loaded: release, licence, citation, period and counts."""
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/datasets/<identity>")
@describe(RECORD, DATASET.schema(), "record", EXAMPLE)
def get_dataset(identity: str) -> Response:
    """One dataset by its id."""
    return one(OneOf("dataset", Dataset, LISTING.find), identity)
