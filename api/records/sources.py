"""The shapes of datasets and of the documents that records were coded from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields

from api.records.common import UPDATED_AT, links, moment
from api.records.fields import code, day, flag, nested, plain, schema, several, text, time, whole
from api.records.shape import Column, Shape


def _numbers(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """What takes these numbers out of a row."""
    return lambda row: {name: row[name] for name in names}


Supports = schema(
    "Supports", events=whole("Matching events that it reports."), figures=whole("Matching figures that it speaks of.")
)

DOCUMENT_SHAPE = Shape(
    "Document",
    (
        plain("id", text("Stable id.")),
        plain("dataset", text("The dataset that it was coded for.")),
        plain("outlet", text("Who published it.")),
        plain("outlet_basis", code("published_on_basis", "Whether the outlet is stated or inferred.")),
        plain("agencies", several(fields.String(), "Agencies and outlets that it relays.")),
        plain("title", text("In our own words where the text has none.", null=True)),
        plain("published_on", day("When it was published.", null=True)),
        plain("published_on_basis", code("published_on_basis", "How that date is known.", null=True)),
        plain("published_on_reason", text("From what.", null=True)),
        plain("language", text("ISO 639.", null=True)),
        plain("sha256", text("The hash of the text file.", null=True)),
        plain("length", whole("Its length in characters.", null=True)),
        plain("url", text("Where it was published.", null=True)),
        plain("archive_url", text("Where a copy of it is kept.", null=True)),
        plain("archived_on", day("When that copy was made.", null=True)),
        Column("supports", nested(Supports, "What it supports."), _numbers("events", "figures")),
        UPDATED_AT,
        links("/v1/documents"),
    ),
)

Counts = schema(
    "DatasetCounts",
    events=whole("Events."),
    figures=whole("Figures."),
    claims=whole("Claims."),
    documents=whole("Documents."),
    groups=whole("Groups that it brought."),
    locations=whole("Locations that it brought."),
)

_COUNTED = ("events", "figures", "documents", "groups", "locations", "claims")
DATASET_SHAPE = Shape(
    "Dataset",
    (
        plain("id", text("Stable id.")),
        plain("title", text("Its title.")),
        plain("publisher", text("Who publishes it.")),
        plain("description", text("What it is.", null=True)),
        plain("licence", text("Under which terms.")),
        plain("licence_url", text("Where the terms are.", null=True)),
        plain("citation", text("How to cite it.")),
        plain("release", text("Which release is loaded.")),
        plain("is_redistributable", flag("Whether its terms let you pass it on.")),
        plain("first_date", day("The first day of its declared period.", null=True)),
        plain("last_date", day("The last day of its declared period.", null=True)),
        Column("loaded_at", time("When it was last loaded, UTC."), lambda row: moment(row["loaded_at"])),
        plain("content_hash", text("The hash of what was loaded.")),
        Column("counts", nested(Counts, "How much it holds."), _numbers(*_COUNTED)),
        UPDATED_AT,
        links("/v1/datasets"),
    ),
)
