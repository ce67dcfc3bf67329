"""Describes what stands around records in an answer: pages, collections, headers and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.store.revision import TOKEN_PATTERN

OpenAPI = dict[str, Any]


def ref(name: str) -> dict[str, str]:
    """Where a shared schema of the description is."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(description: str, *, null: bool = False) -> OpenAPI:
    return {"type": "string", "description": description, **({"nullable": True} if null else {})}


def _header(description: str, type_: str = "string") -> OpenAPI:
    return {"description": description, "schema": {"type": type_}}


UNCHANGED_HEADERS: Mapping[str, OpenAPI] = {
    "ETag": _header("Weak; the same until the data changes. Send it back as If-None-Match."),
    "Revision": _header(
        "The state of the data that the answer is of. Later answers are of it or a newer one, where it is sent "
        "as Revision-At-Least."
    ),
}
REVISION_AT_LEAST: OpenAPI = {
    "required": False,
    "description": "The `Revision` of an earlier answer. This answer is then of that state of the data or of a newer one, "
    "whichever copy of the database gives it; 503 where it has not come within seconds.",
    "schema": {"type": "string", "pattern": f"^({TOKEN_PATTERN})$"},
    "example": "1-0a1b2c3d",
}
HEADERS: Mapping[str, OpenAPI] = {
    **UNCHANGED_HEADERS,
    "Cache-Control": _header("For how long an answer may be reused."),
    "Vary": _header("Which headers of the request decide the answer."),
}
LIST_HEADERS: Mapping[str, OpenAPI] = {
    **HEADERS,
    "Total-Count": _header("How many records there are: of a page on all pages, of a whole result in it.", "integer"),
    "Link": _header("The licence of each dataset, with how to cite it (`license`), and the next page (`next`)."),
    "Content-Disposition": _header("A name for the file, where the answer is the whole result."),
}
RETRY_HEADERS: Mapping[str, OpenAPI] = {"Retry-After": _header("After how many seconds to ask again.", "integer")}

_CANDIDATE: OpenAPI = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": _text("The id to use."),
        "name": _text("What it is called.", null=True),
        "level": _text("A place's level."),
        "country": _text("A group's country, ISO 3166-1 alpha-3.", null=True),
    },
}
_FAULT: OpenAPI = {
    "type": "object",
    "required": ["parameter", "message"],
    "properties": {
        "parameter": _text("The parameter."),
        "message": _text("What is wrong with it."),
        "did_you_mean": _text("What was perhaps meant."),
        "allowed": {"type": "array", "items": {"type": "string"}, "description": "What is known, at most 60 of it."},
        "allowed_total": {"type": "integer", "description": "How many are known, where `allowed` has not all of them."},
        "candidates": {"type": "array", "items": _CANDIDATE, "description": "Records that may be meant."},
    },
}
_TOMBSTONE: OpenAPI = {
    "type": "object",
    "description": "Of a withdrawn record.",
    "required": ["id", "record", "dataset", "action", "at", "reason", "replaced_by"],
    "properties": {
        "id": _text("Its id, which is never given to another record."),
        "record": _text("What kind of record it was."),
        "dataset": _text("The dataset that it was in."),
        "action": {"type": "string", "enum": ["deleted", "merged"]},
        "at": {"type": "string", "format": "date-time", "description": "When it was withdrawn."},
        "reason": _text("Why.", null=True),
        "replaced_by": _text("The id of the record to use in its place.", null=True),
    },
}
PROBLEM: OpenAPI = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": _text("The path of a page that explains this kind of problem."),
        "title": _text("The kind of problem."),
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
        "detail": _text("What was wrong, where, and what would be right."),
        "instance": _text("The path that was asked, or the id of the failure in the log."),
        "errors": {"type": "array", "minItems": 1, "items": _FAULT, "description": "Each thing that was wrong."},
        "near": {"type": "array", "items": {"type": "string"}, "description": "Ids close to the one asked for."},
        "tombstone": _TOMBSTONE,
    },
}
_COVERED: OpenAPI = {
    "type": "object",
    "required": ["dataset", "first_date", "last_date", "countries"],
    "properties": {
        "dataset": _text("Its id."),
        "first_date": {"type": "string", "format": "date", "nullable": True, "description": "Its first day."},
        "last_date": {"type": "string", "format": "date", "nullable": True, "description": "Its last day."},
        "countries": {
            "type": "array",
            "items": {"type": "string"},
            "nullable": True,
            "description": "Where it has events, ISO 3166-1 alpha-3; null in answers on history. Nothing tells whether it looked at any other country.",
        },
    },
}
COVERAGE: OpenAPI = {
    "type": "object",
    "description": "What the datasets asked for declare to cover; not the rows found.",
    "required": ["datasets", "first_date", "last_date", "revision", "by_dataset"],
    "properties": {
        "datasets": {"type": "array", "items": {"type": "string"}, "description": "Their ids."},
        "first_date": {"type": "string", "format": "date", "nullable": True, "description": "Their first day."},
        "last_date": {"type": "string", "format": "date", "nullable": True, "description": "Their last day."},
        "revision": _text("Changes whenever the data does."),
        "by_dataset": {
            "type": "array",
            "items": _COVERED,
            "description": "The same of each of them: one says nothing of the days that only another covers.",
        },
    },
}
SOURCES: OpenAPI = {
    "type": "array",
    "description": "Licence and citation of each dataset.",
    "items": {
        "type": "object",
        "required": ["dataset", "licence", "licence_url", "citation", "is_redistributable"],
        "properties": {
            "dataset": _text("Its id."),
            "licence": _text("Under which terms it is."),
            "licence_url": _text("Where the terms are.", null=True),
            "citation": _text("How to cite it."),
            "is_redistributable": {"type": "boolean", "description": "Whether its terms allow to pass it on."},
        },
    },
}
GEOMETRY: OpenAPI = {
    "type": "object",
    "nullable": True,
    "description": "Null where the place is known no better than its state or region.",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "enum": ["Point"]},
        "coordinates": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "description": "Longitude and latitude in degrees, WGS 84.",
        },
    },
}
OUTLINE: OpenAPI = {
    "type": "object",
    "nullable": True,
    "description": "Where `boundaries` asks for it: the simplified outline of an area; null where there is none.",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]},
        "coordinates": {"type": "array", "items": {"type": "array", "items": {}}, "description": "As in RFC 7946."},
    },
}
FACETS: OpenAPI = {
    "type": "object",
    "description": "Where `facets` asks for them: the values that matching records have in each of these dimensions.",
    "additionalProperties": {
        "type": "object",
        "required": ["values", "others"],
        "properties": {
            "values": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["value", "label", "count"],
                    "properties": {
                        "value": _text(
                            "An id, a code or a time, as in a key of totals; null is not specified.", null=True
                        ),
                        "label": _text("What it is called.", null=True),
                        "count": {"type": "integer", "description": "How many matching records have it."},
                    },
                },
                "description": "The 100 most frequent.",
            },
            "others": {"type": "integer", "description": "How many records all other values have, added up."},
        },
    },
}
# The properties of a feature of a total.
FLAT_TOTAL: OpenAPI = {"type": "object", "description": "The columns of the row's CSV.", "additionalProperties": True}
SHARED: Mapping[str, OpenAPI] = {
    "Problem": PROBLEM,
    "Coverage": COVERAGE,
    "Sources": SOURCES,
    "Geometry": GEOMETRY,
    "Outline": OUTLINE,
}


def page(record: Mapping[str, Any], *, is_totals: bool, has_facets: bool = False, has_words: bool = False) -> OpenAPI:
    """A page of records in JSON."""
    found: OpenAPI = {
        "type": "object",
        "required": ["data", "total", "returned", "next", "coverage", "sources"],
        "properties": {
            "data": {"type": "array", "items": record},
            "total": {"type": "integer", "description": "How many there are on all pages, exactly."},
            "returned": {"type": "integer", "description": "How many are on this page."},
            "next": _text("The full address of the next page; null on the last.", null=True),
            "coverage": ref("Coverage"),
            "sources": ref("Sources"),
        },
    }
    if has_words:
        found["properties"]["unmatched_words"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "Where `q` is asked: those of its words that no record here has.",
        }
    if has_facets:
        found["properties"]["facets"] = FACETS
    if is_totals:
        found["required"].append("additive")
        found["properties"]["additive"] = {
            "type": "boolean",
            "description": "False where something is counted in several rows, so that rows must not be added up.",
        }
    return found


def collection(properties: Mapping[str, Any], *, has_outlines: bool = False) -> OpenAPI:
    """A whole result as GeoJSON (RFC 7946)."""
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _text("The record's id."),
            "geometry": {"anyOf": [ref("Geometry"), ref("Outline")]} if has_outlines else ref("Geometry"),
            "properties": properties,
        },
    }
    return {
        "type": "object",
        "required": ["type", "sources", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "sources": ref("Sources"),
            "features": {"type": "array", "items": feature},
        },
    }


def table(columns: Sequence[str]) -> OpenAPI:
    """A whole result as CSV, in the sense of a media type: OpenAPI has no words for columns, so an extension names them."""
    told = f"One flat row for each record, under a header (RFC 4180). Columns: {', '.join(columns)}."
    return {"schema": {"type": "string", "description": told}, "x-columns": list(columns)}


def file(columns: Sequence[str]) -> OpenAPI:
    """A whole result as a workbook or as Parquet, in the sense of a media type."""
    told = f"One row for each record, in columns of their types: {', '.join(columns)}."
    return {"schema": {"type": "string", "format": "binary", "description": told}, "x-columns": list(columns)}


def lines(record: Mapping[str, Any]) -> OpenAPI:
    """A whole result as NDJSON, in the sense of a media type: an extension names the schema of a line."""
    return {
        "schema": {"type": "string", "description": "One record a line, each as in `data`."},
        "x-line": dict(record),
    }
