"""The shapes of datasets and of the documents that records were coded from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields

from api.domain.corroboration import named_outlet
from api.records.common import UPDATED_AT, links, moment
from api.records.fields import code, column, day, flag, integer, nested, schema, several, text, time
from api.records.shape import Column, Shape


def _numbers(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """What takes these numbers out of a row."""
    return lambda row: {name: row[name] for name in names}


Supports = schema(
    "Supports",
    events=integer("Matching events that it reports, or on whose figures it makes a claim."),
    figures=integer("Matching figures that it speaks of."),
)

DOCUMENT_SHAPE = Shape(
    "Document",
    (
        column("id", text("Stable id.")),
        column("dataset", text("The dataset that it was coded for.")),
        Column(
            "outlet",
            text("Who published it; null where nobody knows.", null=True),
            lambda row: named_outlet(row["outlet"]),
        ),
        column("outlet_basis", code("published_on_basis", "Whether the outlet is stated or inferred.")),
        column("agencies", several(fields.String(), "Agencies and outlets that it relays.")),
        column("title", text("In our own words where the text has none.", null=True)),
        column("published_on", day("When it was published.", null=True)),
        column("published_on_basis", code("published_on_basis", "How that date is known.", null=True)),
        column("published_on_reason", text("From what.", null=True)),
        column("language", text("ISO 639.", null=True)),
        column("sha256", text("The hash of the text file.", null=True)),
        column("length", integer("Its length in characters.", null=True)),
        column("url", text("Where it was published.", null=True)),
        column("archive_url", text("Where a copy of it is kept.", null=True)),
        column("archived_on", day("When that copy was made.", null=True)),
        Column("supports", nested(Supports, "What it supports."), _numbers("events", "figures")),
        UPDATED_AT,
        links("/v1/documents"),
    ),
)

Counts = schema(
    "DatasetCounts",
    events=integer("Events."),
    figures=integer("Figures."),
    claims=integer("Claims."),
    documents=integer("Documents."),
    groups=integer("Groups that it brought."),
    locations=integer("Locations that it brought."),
)

ReleasePart = schema(
    "Release",
    name=text("What the publisher, or whoever loaded it, calls it."),
    basis=text("How that is known.", null=True),
    is_whole=flag("Whether all of it was loaded, and not a part."),
    first_date=day("The first day of its declared period.", null=True),
    last_date=day("The last day of its declared period.", null=True),
    events=integer("How many events come from it."),
    loaded_at=time("When it was last loaded, UTC."),
)


def _releases(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown = [name for name in ReleasePart().fields if name != "loaded_at"]
    return [
        {**{name: release[name] for name in shown}, "loaded_at": moment(release["loaded_at"])}
        for release in row["releases"]
    ]


_COUNTED = ("events", "figures", "documents", "groups", "locations", "claims")
DATASET_SHAPE = Shape(
    "Dataset",
    (
        column("id", text("Stable id.")),
        column("title", text("Its title.")),
        column("publisher", text("Who publishes it.")),
        column("description", text("What it is.", null=True)),
        column("licence", text("Under which terms.")),
        column("licence_url", text("Where the terms are.", null=True)),
        column("citation", text("How to cite it.")),
        column("release", text("Which releases it is made of, in a word.")),
        Column("releases", several(ReleasePart, "The releases that it is made of, the main one first."), _releases),
        column("is_redistributable", flag("Whether its terms let you pass it on.")),
        column("first_date", day("The first day of its declared period.", null=True)),
        column("last_date", day("The last day of its declared period.", null=True)),
        Column("loaded_at", time("When it was last loaded, UTC."), lambda row: moment(row["loaded_at"])),
        column("content_hash", text("The hash of what was loaded.")),
        Column("counts", nested(Counts, "How much it holds."), _numbers(*_COUNTED)),
        UPDATED_AT,
        links("/v1/datasets"),
    ),
)
