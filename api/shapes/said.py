"""What documents say: reports of events and claims about figures. Knows no text of any document."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.shapes.fields import code, flag, schema, several, text, whole

_SPANS = fields.List(
    fields.List(fields.Integer(), metadata={"minItems": 2, "maxItems": 2}),
    required=True,
    metadata={"description": "Where in the document, in characters: start (from 0) and end (exclusive)."},
)

_SAID: dict[str, fields.Field[Any]] = {
    "claimant": text("Who says so: a group's id, or words; null where the document speaks itself.", null=True),
    "chain": several(fields.String(), "From the first mouth to the last before this document."),
    "verification": code("verification", "How well it is verified."),
}

ReportShape = schema("Report", document=text("The document's id."), **_SAID, spans=_SPANS)

ClaimShape = schema(
    "Claim",
    document=text("The document's id."),
    claimant=_SAID["claimant"],
    chain=_SAID["chain"],
    qualifier=code(
        "qualifier", "The word the report puts to its number; null where it gives bounds and no word.", null=True
    ),
    low=whole("The lowest number that was said.", null=True),
    best=whole("The number that was said.", null=True),
    high=whole("The highest number that was said.", null=True),
    verification=_SAID["verification"],
    preferred=flag("Whether the figure takes its bounds from this claim."),
    spans=_SPANS,
)
