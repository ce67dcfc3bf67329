"""Datasets: what is loaded, in which release, under which licence, how to cite it, and how much it holds."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from flask import Blueprint, Response, request
from marshmallow import INCLUDE, Schema, fields

from api.answers import listings
from api.answers.asked_format import format_or_page_asked
from api.answers.coverage import licence_links
from api.answers.dataset_snapshots import FORMS, answer_file, answer_manifest
from api.answers.lists import answer_list
from api.answers.responses import WholeAnswer, answered, base
from api.answers.routes import ANYWHERE, OF_RECORDS, describe, describe_page
from api.answers.service_pages import service_page
from api.answers.single_records import SingleRecord, answer_record, missing, refuse_parameters
from api.columns.snapshot import Snapshot
from api.query.endpoint import Endpoint, Sort
from api.query.filters.shared import OWN_ID, OWN_UPDATED_SINCE
from api.records.dataset_descriptions import DESCRIPTIONS
from api.records.fields import by_name, integer, schema, several, text
from api.records.formats import JSON, MEDIA_TYPES
from api.records.renditions import json_bytes
from api.records.sources import DATASET_SHAPE
from api.store.models import Dataset

BLUEPRINT = Blueprint("datasets", __name__)

FILTERS = (OWN_ID, OWN_UPDATED_SINCE)
EXAMPLE = "op1027"
LIST = Endpoint(
    "/v1/datasets", "datasets", DATASET_SHAPE, FILTERS, sorts=(Sort("id"),), default_sort="id", examples={"id": EXAMPLE}
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
    tables=by_name(fields.Integer(), "How many rows each table has."),
    files=several(SnapshotFile, "The same data in each form."),
)
_STATUSES = ANYWHERE | OF_RECORDS


def _in_words_of(identity: str, name: str) -> Response:
    """The dataset as the description of this name tells it. Errors: 404 with near matches; 410 with its tombstone."""

    def make(snapshot: Snapshot, _format_: str) -> WholeAnswer:
        refuse_parameters(request.path, forms=(JSON,))
        body = None if "\0" in identity else listings.DATASETS.find(snapshot, identity)
        if body is None:
            raise missing(snapshot.connection, SingleRecord("dataset", Dataset), identity)
        return WholeAnswer(
            json_bytes(DESCRIPTIONS[name](orjson.loads(body), base())),
            MEDIA_TYPES[JSON],
            licence_links(snapshot, identity),
        )

    return answered(format_or_page_asked((JSON,)), make)


def _add_address(
    path: str, name: str, manual_entry: str, answer: Callable[[str, str], Response], form: str, media_type: str
) -> None:
    """Adds an address of one dataset that says its form, which no `Accept` can ask otherwise: a document in JSON, or a file, which
    terms may forbid."""
    is_json = media_type == MEDIA_TYPES[JSON]
    page = service_page(f"/v1/datasets/{{identity}}/{path}", *((JSON,) if is_json else ()), tag="datasets")
    media = {media_type: CatalogueEntry if is_json else None}
    statuses = _STATUSES - {406} | (frozenset() if is_json else {403})

    def view(identity: str) -> Response:
        return answer(identity, form)

    view.__name__, view.__doc__ = name, manual_entry
    described = describe_page(page, media, EXAMPLE, statuses=statuses, is_of_data=True)
    BLUEPRINT.get(f"/v1/datasets/<identity>/{path}")(described(view))


for _name, _called, _told in (
    ("schema-org.json", "schema_org", "a schema.org Dataset (JSON-LD), as search engines read it."),
    ("dcat.json", "dcat", "DCAT 3 (JSON-LD), as catalogues of data harvest it."),
    (
        "croissant.json",
        "croissant",
        "Croissant 1.0 (JSON-LD), with the fields of each list, as tools of machine learning read it.",
    ),
    (
        "datapackage.json",
        "data_package",
        "a Frictionless Data Package, with each list as a CSV resource and its schema.",
    ),
):
    _add_address(_name, f"get_dataset_as_{_called}", f"One dataset as {_told}", _in_words_of, _name, MEDIA_TYPES[JSON])


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


for _form, _called, _told in (
    ("duckdb", "duckdb", "one file of DuckDB"),
    ("zip", "parquet", "a Parquet file for each table, in a zip"),
):
    _whole = f"The whole of one dataset as {_told}, or the part of it that `Range` asks for."
    _add_address(f"snapshot.{_form}", f"get_snapshot_as_{_called}", _whole, answer_file, _form, FORMS[_form])
