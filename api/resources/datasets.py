"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request
from marshmallow import INCLUDE, Schema, fields

from api.answers import listings
from api.answers.description import describe, describe_page
from api.answers.lists import answer_list
from api.answers.pages import service_page
from api.answers.responses import WholeAnswer, answered, base
from api.answers.single_records import SingleRecord, answer_record, missing, refuse_parameters
from api.answers.snapshots import FORMS, answer_file, answer_manifest
from api.columns.snapshot import Snapshot
from api.query.endpoint import Endpoint, Sort
from api.query.filters.shared import OWN_ID, OWN_UPDATED_SINCE
from api.records.dataset_descriptions import DESCRIPTIONS
from api.records.fields import integer, schema, several, text
from api.records.formats import JSON, MEDIA_TYPES
from api.records.renditions import json_bytes
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


# --- In the words of catalogues ----------------------------------------------------------------------------------


class CatalogueEntry(Schema):
    """A dataset in the words of a catalogue, whose own standard says which keys it has."""

    class Meta:
        unknown = INCLUDE


SnapshotFile = schema(
    "SnapshotFile",
    url=text("Where it is."),
    media_type=text("What it is."),
    bytes=integer("How long it is."),
    sha256=text("The hash of its bytes, which is its ETag too."),
)
Manifest = schema(
    "SnapshotManifest",
    dataset=text("The id of the dataset."),
    title=text("Its title."),
    publisher=text("Who publishes it."),
    release=text("Which releases it is made of, in a word."),
    revision=text("The state of the data that it is of."),
    licence=text("Under which terms."),
    licence_url=text("Where the terms are.", null=True),
    citation=text("How to cite it."),
    tables=fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many rows each table has."},
    ),
    files=several(SnapshotFile, "The same data in each form."),
)
_STATUSES = frozenset({400, 404, 406, 410, 414, 429, 500, 503})
# What an address says itself no `Accept` can ask otherwise.
_BY_ENDING = _STATUSES - {406}


def _in_words_of(identity: str, name: str) -> Response:
    """The dataset as the description of this name tells it. Errors: 404 with near matches; 410 with its tombstone."""

    def make(snapshot: Snapshot, _format_: str) -> WholeAnswer:
        refuse_parameters(request.path, forms=(JSON,))
        body = None if "\0" in identity else listings.DATASETS.find(snapshot, identity)
        if body is None:
            raise missing(snapshot.connection, SingleRecord("dataset", Dataset), identity)
        return WholeAnswer(json_bytes(DESCRIPTIONS[name](orjson.loads(body), base())), MEDIA_TYPES[JSON], ())

    return answered((JSON,), make)


@BLUEPRINT.get("/v1/datasets/<identity>/schema-org.json")
@describe_page(
    service_page("/v1/datasets/{identity}/schema-org.json", JSON, tag="datasets"),
    {MEDIA_TYPES[JSON]: CatalogueEntry},
    EXAMPLE,
    statuses=_BY_ENDING,
    is_of_data=True,
)
def get_dataset_as_schema_org(identity: str) -> Response:
    """One dataset as a schema.org Dataset (JSON-LD), as search engines read it."""
    return _in_words_of(identity, "schema-org.json")


@BLUEPRINT.get("/v1/datasets/<identity>/dcat.json")
@describe_page(
    service_page("/v1/datasets/{identity}/dcat.json", JSON, tag="datasets"),
    {MEDIA_TYPES[JSON]: CatalogueEntry},
    EXAMPLE,
    statuses=_BY_ENDING,
    is_of_data=True,
)
def get_dataset_as_dcat(identity: str) -> Response:
    """One dataset as DCAT 3 (JSON-LD), as catalogues of data harvest it."""
    return _in_words_of(identity, "dcat.json")


@BLUEPRINT.get("/v1/datasets/<identity>/croissant.json")
@describe_page(
    service_page("/v1/datasets/{identity}/croissant.json", JSON, tag="datasets"),
    {MEDIA_TYPES[JSON]: CatalogueEntry},
    EXAMPLE,
    statuses=_BY_ENDING,
    is_of_data=True,
)
def get_dataset_as_croissant(identity: str) -> Response:
    """One dataset as Croissant 1.0 (JSON-LD), with the fields of each list, as tools of machine learning read it."""
    return _in_words_of(identity, "croissant.json")


@BLUEPRINT.get("/v1/datasets/<identity>/datapackage.json")
@describe_page(
    service_page("/v1/datasets/{identity}/datapackage.json", JSON, tag="datasets"),
    {MEDIA_TYPES[JSON]: CatalogueEntry},
    EXAMPLE,
    statuses=_BY_ENDING,
    is_of_data=True,
)
def get_dataset_as_data_package(identity: str) -> Response:
    """One dataset as a Frictionless Data Package, with each list as a CSV resource and its schema."""
    return _in_words_of(identity, "datapackage.json")


# --- Whole datasets ----------------------------------------------------------------------------------------------


@BLUEPRINT.get("/v1/datasets/<identity>/snapshot")
@describe_page(
    service_page("/v1/datasets/{identity}/snapshot", JSON, tag="datasets"),
    {MEDIA_TYPES[JSON]: Manifest},
    EXAMPLE,
    statuses=_STATUSES | {403},
    is_of_data=True,
)
def get_snapshot(identity: str) -> Response:
    """The whole of one dataset as files: what they hold, their checksums, and where they are.

    They are made once for each revision, so the first to ask waits. Datasets that may not be passed on have none.
    """
    return answer_manifest(identity)


@BLUEPRINT.get("/v1/datasets/<identity>/snapshot.duckdb")
@describe_page(
    service_page("/v1/datasets/{identity}/snapshot.duckdb", tag="datasets"),
    {FORMS["duckdb"]: None},
    EXAMPLE,
    statuses=_BY_ENDING | {403},
    is_of_data=True,
)
def get_snapshot_as_duckdb(identity: str) -> Response:
    """The whole of one dataset as one file of DuckDB, or the part of it that `Range` asks for."""
    return answer_file(identity, "duckdb")


@BLUEPRINT.get("/v1/datasets/<identity>/snapshot.zip")
@describe_page(
    service_page("/v1/datasets/{identity}/snapshot.zip", tag="datasets"),
    {FORMS["zip"]: None},
    EXAMPLE,
    statuses=_BY_ENDING | {403},
    is_of_data=True,
)
def get_snapshot_as_parquet(identity: str) -> Response:
    """The whole of one dataset as a Parquet file for each table, in a zip, or the part of it that `Range` asks for."""
    return answer_file(identity, "zip")
