"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection, func, select

from api.answers import OneOf, listed, one
from api.asking.media_types import CSV, JSON, NDJSON
from api.asking.takes import Sort, Takes
from api.composed import Composed
from api.declare.filter import Subject
from api.docs import describe
from api.filters.records import ID, UPDATED_SINCE
from api.models import Claim, Dataset, Document, Event, Figure, Group, Location
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
    sorts=(Sort("id", lambda: Dataset.id),),
    default_sort="id",
    formats=(JSON, CSV, NDJSON),
    examples={"id": EXAMPLE},
)
RECORD = Takes("/v1/datasets/{identity}", "datasets", DATASET, formats=(JSON,), is_record=True)

_COUNTED = (("events", Event), ("figures", Figure), ("documents", Document), ("groups", Group), ("locations", Location))


def _compose(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The datasets with how much they hold, in one query for each kind of record."""
    ids = [row["id"] for row in rows]
    counts: dict[str, dict[str, int]] = {}
    for name, model in _COUNTED:
        own = model.dataset_id
        found = connection.execute(select(own, func.count()).where(own.in_(ids)).group_by(own))
        counts[name] = dict(found.all())
    claims = connection.execute(
        select(Figure.dataset_id, func.count())
        .join(Claim, Claim.figure_id == Figure.id)
        .where(Figure.dataset_id.in_(ids))
        .group_by(Figure.dataset_id)
    )
    counts["claims"] = dict(claims.all())
    return [{**row, "counts": {name: found.get(row["id"], 0) for name, found in counts.items()}} for row in rows]


LISTING = Composed(DATASET, Dataset, _compose)


@BLUEPRINT.get("/v1/datasets")
@describe(LIST, DATASET.schema(), "list")
def list_datasets() -> Response:
    """What is loaded: release, licence, citation, period and counts."""
    return listed(LIST, LISTING)


@BLUEPRINT.get("/v1/datasets/<identity>")
@describe(RECORD, DATASET.schema(), "record", EXAMPLE)
def get_dataset(identity: str) -> Response:
    """One dataset by its id."""
    return one(OneOf("dataset", Dataset, LISTING.one), identity)
