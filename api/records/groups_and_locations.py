"""The shapes of groups and locations, with counts of matching events."""

from __future__ import annotations

from marshmallow import fields

from api.records.common import UPDATED_AT, GroupReference, Step, links
from api.records.fields import code, column, day, decimal, integer, nested, schema, several, text
from api.records.shape import Shape

Alias = schema(
    "Alias",
    name=text("A further name, as met."),
    language=text("Its language, ISO 639.", null=True),
    document=text("The document it was met in.", null=True),
)

_EVENT_COUNTS = (
    column("events", integer("How many matching events.")),
    column("first_date", day("The first day of the first of them.", null=True)),
    column("last_date", day("The last day of the last of them.", null=True)),
)

ExternalCode = schema("ExternalCode", scheme=text("The other system."), code=text("What it calls the group."))

Relation = schema(
    "Relation",
    type=code("relation_type", "How they relate."),
    direction=fields.String(
        required=True,
        metadata={"description": "`from`: this group is the subject; `to`: the object.", "enum": ["from", "to"]},
    ),
    group=nested(GroupReference, "The other group."),
    valid_from=day(
        "The first day that it may have held: the earliest of the month or year where no day is told. Null where none is.",
        null=True,
    ),
    valid_to=day("Until when, where known.", null=True),
    document=text("The document that says so.", null=True),
)

GROUP_SHAPE = Shape(
    "Group",
    (
        column("id", text("Stable id.")),
        column("name", text("Its name.")),
        column("acronym", text("Its acronym.", null=True)),
        column("group_kind", code("group_kind", "What kind of group.")),
        column("country", text("ISO 3166-1 alpha-3.", null=True)),
        column("description", text("In our own words.", null=True)),
        column("aliases", several(Alias, "Further names, each as met.")),
        column("codes", several(ExternalCode, "What other systems call it.")),
        column("relations", several(Relation, "How it relates to other groups, from both sides.")),
        *_EVENT_COUNTS,
        column("dataset", text("The dataset that brought it.")),
        UPDATED_AT,
        links("/v1/groups"),
    ),
)

LOCATION_SHAPE = Shape(
    "Location",
    (
        column("id", text("Stable id.")),
        column("name", text("Its name.")),
        column("native_name", text("Its name in its own script.", null=True)),
        column("level", code("location_level", "Its level.")),
        column("pcode", text("Its P-code.", null=True)),
        column("country", text("ISO 3166-1 alpha-3.", null=True)),
        column("latitude", decimal("Degrees north, WGS 84; null where unknown.")),
        column("longitude", decimal("Degrees east, WGS 84; null where unknown.")),
        column("uncertainty_km", decimal("How far the point may be from any part of the place.")),
        column("position_basis", text("How the position is known.", null=True)),
        column("parent", nested(Step, "The place that it lies in.", null=True)),
        column("path", several(Step, "From the country down to this place.")),
        column("aliases", several(Alias, "Further names, each as met.")),
        column("children", integer("How many places lie directly in it.")),
        *_EVENT_COUNTS,
        column("dataset", text("The dataset that brought it.")),
        UPDATED_AT,
        links("/v1/locations"),
    ),
)
