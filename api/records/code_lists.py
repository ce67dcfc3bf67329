"""The shape of a code list with its codes."""

from __future__ import annotations

from marshmallow import fields

from api.records.common import links
from api.records.fields import by_name, column, schema, several, text
from api.records.shape import Shape

CodeEntry = schema(
    "Code",
    code=text("As it stands in records and parameters."),
    label=text("For people."),
    definition=text("What it means."),
    parent=text("The code that it belongs to, in another list.", null=True),
    crosswalk=by_name(fields.String(), "What other systems call it, by system."),
)

CODE_KEYS: tuple[str, ...] = tuple(CodeEntry._declared_fields)
CODE_LIST_SHAPE = Shape(
    "CodeList",
    (
        column("id", text("The list's name.")),
        column("title", text("Its title.")),
        column("description", text("What it is for.")),
        column("codes", several(CodeEntry, "Its codes, in their order.")),
        links("/v1/codebook"),
    ),
)
