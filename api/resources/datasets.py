"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Select, func, select

from api.answers.description import describe
from api.answers.lists import answer_list
from api.answers.row_records import RowRecords
from api.answers.single_records import SingleRecord, answer_record
from api.columns import tables
from api.columns.copies import records_of_datasets
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Subject
from api.query.filters.shared import ID, UPDATED_SINCE
from api.records.formats import CSV, JSON, NDJSON
from api.records.sources import DATASET
from api.store.models import Dataset

BLUEPRINT = Blueprint("datasets", __name__)

FILTERS = (
    replace(ID, subject=Subject.OWN),
    replace(UPDATED_SINCE, subject=Subject.OWN),
)
EXAMPLE = "op1027"
LIST = Endpoint(
    "/v1/datasets",
    "datasets",
    DATASET,
    FILTERS,
    sorts=(Sort("id"),),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Endpoint("/v1/datasets/{identity}", "datasets", DATASET, formats=(JSON,), is_record=True)

# What a dataset holds is counted in the reading copy, and its claims by the sets that its figures name.
_COUNTED = {
    f"{table.name}s": table for table in (tables.EVENT, tables.FIGURE, tables.DOCUMENT, tables.GROUP, tables.LOCATION)
}


def _compose(snapshot: Snapshot, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The datasets with how much they hold, in one query for each kind of record."""
    counts: dict[str, dict[str, int]] = {}
    for name, table in _COUNTED.items():
        counts[name] = records_of_datasets(snapshot.copy, table)
    claims = select(tables.FIGURE.c.dataset_id, func.sum(tables.FIGURE.c.claims)).group_by(tables.FIGURE.c.dataset_id)
    counts["claims"] = {dataset: int(number) for dataset, number in snapshot.copy.rows(claims)}
    return [{**row, "counts": {name: found.get(row["id"], 0) for name, found in counts.items()}} for row in rows]


def _matched(_of_events: conditions.FilterValues) -> Select[Any]:
    """All of them: nothing is asked of events here."""
    return select(tables.DATASET.c.id)


LISTING = RowRecords(DATASET, Dataset, tables.DATASET, _compose, _matched)


@BLUEPRINT.get("/v1/datasets")
@describe(LIST, DATASET.schema(), "list")
def list_datasets() -> Response:
    """What is loaded: release, licence, citation, period and counts."""
    return answer_list(LIST, LISTING)


@BLUEPRINT.get("/v1/datasets/<identity>")
@describe(RECORD, DATASET.schema(), "record", EXAMPLE)
def get_dataset(identity: str) -> Response:
    """One dataset by its id."""
    return answer_record(SingleRecord("dataset", Dataset, LISTING.find), identity)
