"""The shapes of a figure, alone and inside its event, with its claims; and of an event's reports."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import Any

from marshmallow import fields

from api.records.common import DATE, LOCATION, UPDATED_AT, EventReference, attribution_columns, links
from api.records.fields import code, column, flag, integer, nested, schema, several, text
from api.records.shape import Column, FlatColumn, Shape

_SPANS = fields.List(
    fields.List(fields.Integer(), metadata={"minItems": 2, "maxItems": 2}),
    required=True,
    metadata={"description": "Where in the document, in characters: start (from 0) and end (exclusive)."},
)

_ATTRIBUTION: dict[str, fields.Field[Any]] = {
    "claimant": text("Who says so: a group's id, or words; null where the document speaks itself.", null=True),
    "chain": several(fields.String(), "From the first mouth to the last before this document."),
    "verification": code("verification", "How well it is verified."),
}

Report = schema("Report", document=text("The document's id."), **_ATTRIBUTION, spans=_SPANS)

Claim = schema(
    "Claim",
    document=text("The document's id."),
    claimant=_ATTRIBUTION["claimant"],
    chain=_ATTRIBUTION["chain"],
    population=code(
        "population", "Whom it holds them to be, where the figure's population is contested; else null.", null=True
    ),
    qualifier=code(
        "qualifier", "The word the report puts to its number; null where it gives bounds and no word.", null=True
    ),
    low=integer("The lowest number that was said.", null=True),
    best=integer("The number that was said.", null=True),
    high=integer("The highest number that was said.", null=True),
    verification=_ATTRIBUTION["verification"],
    preferred=flag("Whether the figure takes its bounds from this claim."),
    spans=_SPANS,
)

_Corroboration = schema(
    "Corroboration",
    claims=integer("How many claims there are on it."),
    documents=integer("How many documents these are in."),
    roots=integer("How many independent sources they come from: the first in each chain, or the outlet."),
)

_FIGURE_BODY = (
    column("family", code("family", "The family of the measure.")),
    column("measure", code("measure", "What is counted.")),
    column("population", code("population", "Whose people; null for things.", null=True)),
    column("object", code("object", "Which things; null for people.", null=True)),
    column("sex", code("sex", "Of which sex; null for things.", null=True)),
    column("age", code("age", "Of which age; null for things.", null=True)),
    column("cause", code("cause", "By what they came to harm; null but for casualties.", null=True)),
    column("term", code("term", "The kind of displacement.", null=True)),
    column("unit", code("unit", "What one of it is.")),
    column("low", integer("The lowest it can be; null is unknown.", null=True)),
    column("best", integer("The best single number; null is unknown.", null=True)),
    column("high", integer("The highest it can be; null is unknown.", null=True)),
    column("open_ended", flag("Whether it may be more than any number said.")),
    column("qualifier", code("qualifier", "The word that came with the number.", null=True)),
    column("status", code("status", "Whether there is a number, and if not, why.")),
    DATE,
    LOCATION,
    column("part_of", text("The id of the figure that contains this one.", null=True)),
    column("nesting", code("nesting", "How sure the containment is.", null=True)),
    column("contains", several(fields.String(), "The ids of the figures that this one contains."), "part_ids"),
    Column(
        "corroboration",
        nested(_Corroboration, "On how much it rests."),
        itemgetter("corroboration"),
        flat=(
            FlatColumn("claims", int, "On how many claims it rests."),
            FlatColumn("roots", int, "On how many independent sources: the first in each chain, or the outlet."),
        ),
    ),
    column("reason", text("Why the bounds are the coder's; null where they are the preferred claim's.", null=True)),
    Column(
        "claims",
        several(Claim, "What each report says of it; never to be summed."),
        itemgetter("claims"),
        copied={"documents": attrgetter("document_ids")},
        flat=attribution_columns("the documents whose claims are on it"),
    ),
)


def _adds(bound: str) -> Column:
    told = (
        f"What it adds to the {bound} of the total of the very same question (with `row`, of that row), as the source gives"
        " it where one is asked for; empty where it has no number. Over a whole download, of one dataset, measure, unit and"
        " object, this column sums to that total."
    )
    return Column(f"adds_{bound}", integer(told, null=True), None, is_per_question=True)


FIGURE_SHAPE = Shape(
    "Figure",
    (
        column("id", text("Stable id.")),
        column("dataset", text("The id of its dataset."), "dataset_id"),
        Column(
            "event",
            nested(EventReference, "The event that it belongs to."),
            lambda row: {"id": row["event_id"], "title": row["event_title"]},
        ),
        *_FIGURE_BODY,
        *(_adds(bound) for bound in ("low", "best", "high")),
        UPDATED_AT,
        links("/v1/figures"),
    ),
)

EVENT_FIGURE_SHAPE = Shape("EventFigure", (column("id", text("Stable id.")), *_FIGURE_BODY))
