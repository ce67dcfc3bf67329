"""Code lists with their codes. Knows no code."""

from __future__ import annotations

from marshmallow import fields

from api.declare.columns import Shape
from api.shapes.fields import plain, schema, several, text
from api.shapes.pieces import links

CodeShape = schema(
    "Code",
    code=text("As it stands in records and parameters."),
    label=text("For people."),
    definition=text("What it means."),
    parent=text("The code that it belongs to, in another list.", null=True),
    crosswalk=fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "What other systems call it, by system."},
    ),
)

CODE_LIST = Shape(
    "CodeList",
    (
        plain("id", text("The list's name.")),
        plain("title", text("Its title.")),
        plain("description", text("What it is for.")),
        plain("codes", several(CodeShape, "Its codes, in their order.")),
        links("/v1/codebook"),
    ),
)
