"""The schemas of what OGC API Features answers: landing page, conformance, collections, queryables, features."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.records.fields import flag, integer, schema, several, text, time

_Link = schema(
    "OGCLink",
    rel=text("What it is to this document."),
    type=text("Its media type."),
    title=text("What it is."),
    href=text("Where it is."),
)


def _links() -> Any:
    return several(_Link, "Where to go from here.")


def _object(told: str) -> Any:
    return fields.Dict(required=True, metadata={"description": told})


Landing = schema("OGCLanding", title=text("What this is."), description=text("In a sentence."), links=_links())
Conformance = schema(
    "OGCConformance",
    conformsTo=several(fields.String(), "The classes of the standards that it conforms to."),
    links=_links(),
)
_COLLECTION: dict[str, Any] = {
    "id": text("Its id."),
    "title": text("Its title."),
    "description": text("What it holds."),
    "itemType": text("`feature`."),
    "crs": several(fields.String(), "The reference systems of its positions."),
    "extent": _object("The box and the period of its features."),
    "links": _links(),
}
CollectionPage = schema("OGCCollection", **_COLLECTION)
CollectionsPage = schema("OGCCollections", collections=several(CollectionPage, "What there is."), links=_links())
QueryablesPage = Schema.from_dict(
    {
        "$schema": text("The version of JSON Schema."),
        "$id": text("Where this is."),
        "type": text("`object`."),
        "title": text("The collection's title."),
        "properties": _object("What filters may speak of, each with its schema."),
        "additionalProperties": flag("Whether anything else may be asked."),
    },
    name="OGCQueryables",
)
_FEATURE: dict[str, Any] = {
    "type": text("`Feature`."),
    "id": text("Its id."),
    "geometry": fields.Dict(
        required=True, allow_none=True, metadata={"description": "GeoJSON; null where it is drawn nowhere."}
    ),
    "properties": _object("Its flat columns."),
}
Feature = schema("OGCFeature", **_FEATURE, links=_links())
FeaturePage = schema(
    "OGCFeatures",
    type=text("`FeatureCollection`."),
    timeStamp=time("When this was made."),
    numberMatched=integer("How many features there are on all pages, exactly."),
    numberReturned=integer("How many are on this page."),
    links=_links(),
    sources=several(fields.Dict(), "Licence and citation of each dataset."),
    boundaries=fields.String(metadata={"description": "Whose outlines are drawn, where any are."}),
    features=several(schema("OGCFeatureOfMany", **_FEATURE), "The features of this page."),
)
OGCDescription = schema(
    "OGCDescription",
    **{
        name: _object("As OpenAPI has it.") if name in ("info", "paths", "components") else text("As OpenAPI has it.")
        for name in ("openapi", "info", "paths", "components")
    },
    servers=several(fields.Dict(), "Where it is."),
    tags=several(fields.Dict(), "What paths are grouped under."),
    security=several(fields.Dict(), "Nobody needs a key."),
)
