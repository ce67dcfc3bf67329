"""The shapes of pages about the service: where to start, what a kind of problem means, the description, and health."""

from __future__ import annotations

from marshmallow import fields

from api.records.fields import by_name, day, integer, schema, several, text

_Asked = schema("StartQuestion", text=text("The question."), path=text("Where its answer is."))
_Loaded = schema(
    "StartDataset",
    id=text("Its id."),
    title=text("Its title."),
    release=text("Which release is loaded."),
    licence=text("Under which terms."),
    licence_url=text("Where the terms are.", null=True),
    citation=text("How to cite it."),
    first_date=day("The first day it covers.", null=True),
    last_date=day("The last day it covers.", null=True),
    counts=by_name(fields.Integer(), "How many events and figures."),
)
StartPage = schema(
    "StartPage",
    title=text("What this is."),
    version=text("The version of the software."),
    datasets=several(_Loaded, "What is loaded."),
    questions=several(_Asked, "Three questions to start with."),
    links=by_name(fields.String(), "Where everything is, as paths."),
)
Version = schema(
    "Version",
    title=text("What this is."),
    version=text("The version of the software."),
    links=by_name(fields.String(), "What there is to list, and the description of it, as paths."),
)
ProblemPage = schema(
    "ProblemPage",
    type=text("The path of this page, as problems carry it."),
    title=text("The kind of problem."),
    status=integer("The status that comes with it."),
    meaning=text("What it means."),
    remedy=text("What to do about it."),
)
Description = schema(
    "Description",
    openapi=text("The version of OpenAPI."),
    info=fields.Dict(required=True, metadata={"description": "What this service is."}),
    servers=fields.List(fields.Dict(), required=True, metadata={"description": "Where it is."}),
    security=fields.List(fields.Dict(), required=True, metadata={"description": "Empty: nobody needs a key."}),
    tags=fields.List(fields.Dict(), required=True, metadata={"description": "What the paths are grouped under."}),
    paths=fields.Dict(required=True, metadata={"description": "What may be asked."}),
    components=fields.Dict(required=True, metadata={"description": "What several paths share."}),
)
Live = schema("Live", status=text("`ok`."))
Ready = schema("Ready", status=text("`ok`."), schema=text("The version of the database's schema."))
