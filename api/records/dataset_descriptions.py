"""Describes a dataset in the words of catalogues: schema.org, DCAT, Croissant and Frictionless.

Each is made of the dataset's own record and of the lists that hold it, as CSV that is asked for by its address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from api.records.events import EVENT_SHAPE
from api.records.figures import FIGURE_SHAPE
from api.records.formats import CSV, MEDIA_TYPES, PARQUET, XLSX
from api.records.groups_and_locations import GROUP_SHAPE, LOCATION_SHAPE
from api.records.shape import Shape
from api.records.sources import DOCUMENT_SHAPE

Description = dict[str, Any]
# The lists that hold what a dataset holds, each with what its rows are.
_LISTS: tuple[tuple[str, Shape, str], ...] = (
    ("events", EVENT_SHAPE, "Events, one a row."),
    ("figures", FIGURE_SHAPE, "What events cost people, and other counted things, one figure a row."),
    ("groups", GROUP_SHAPE, "The groups that it uses."),
    ("locations", LOCATION_SHAPE, "The places that it uses."),
    ("documents", DOCUMENT_SHAPE, "The documents that it was coded from."),
)
_FORMS = (CSV, XLSX, PARQUET)
# What catalogues find every dataset here under.
_KEYWORDS = ("armed conflict", "conflict events", "casualties", "displacement")
# Where the European Union's catalogues have their words for forms of files.
_FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type"
# The names of types in Frictionless and in schema.org.
_TYPES: Mapping[type, tuple[str, str]] = {
    str: ("string", "sc:Text"),
    int: ("integer", "sc:Integer"),
    float: ("number", "sc:Float"),
    bool: ("boolean", "sc:Boolean"),
    date: ("date", "sc:Date"),
    datetime: ("datetime", "sc:Date"),
}


class _Part(NamedTuple):
    """A list that holds a dataset's records of one kind, as one form of it is asked for."""

    name: str
    shape: Shape
    told: str
    form: str
    address: str


def _parts(record: Mapping[str, Any], base: str, forms: Sequence[str]) -> Iterator[_Part]:
    asked = quote(record["id"])
    for name, shape, told in _LISTS:
        for form in forms:
            yield _Part(name, shape, told, form, f"{base}/v1/{name}.{form}?dataset={asked}")


def _period(record: Mapping[str, Any]) -> str | None:
    """The declared period as ISO 8601 writes one; null where none is declared."""
    first, last = record["first_date"], record["last_date"]
    return None if first is None else f"{first}/{last}"


def _without_nulls(found: Mapping[str, Any]) -> Description:
    """The same without the keys whose values are null."""
    return {key: value for key, value in found.items() if value is not None}


def schema_org(record: Mapping[str, Any], base: str) -> Description:
    """A schema.org Dataset, as search engines read it."""
    return _without_nulls(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "@id": f"{base}{record['links']['self']}",
            "url": f"{base}{record['links']['self']}",
            "name": record["title"],
            "description": _description(record),
            "identifier": record["id"],
            "version": record["release"],
            "keywords": list(_KEYWORDS),
            # An address or a work; a name by itself is neither.
            "license": record["licence_url"] or {"@type": "CreativeWork", "name": record["licence"]},
            "creditText": record["citation"],
            "citation": record["citation"],
            **{key: {"@type": "Organization", "name": record["publisher"]} for key in ("creator", "publisher")},
            "includedInDataCatalog": {"@type": "DataCatalog", "name": "Conflict events", "url": f"{base}/v1/datasets"},
            "dateModified": record["updated_at"],
            "temporalCoverage": _period(record),
            "isAccessibleForFree": True,
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": f"{part.name}.{part.form}",
                    "description": part.told,
                    "encodingFormat": MEDIA_TYPES[part.form],
                    "contentUrl": part.address,
                }
                for part in _parts(record, base, _FORMS)
            ],
        }
    )


def dcat(record: Mapping[str, Any], base: str) -> Description:
    """A DCAT 3 Dataset as JSON-LD, as catalogues of data harvest it."""
    first, last = record["first_date"], record["last_date"]
    period = {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": {"@type": "xsd:date", "@value": str(first)},
        "dcat:endDate": {"@type": "xsd:date", "@value": str(last)},
    }
    licence = _without_nulls(
        {"@id": record["licence_url"], "@type": "dct:LicenseDocument", "dct:title": record["licence"]}
    )
    return _without_nulls(
        {
            "@context": {
                "dcat": "http://www.w3.org/ns/dcat#",
                "dct": "http://purl.org/dc/terms/",
                "foaf": "http://xmlns.com/foaf/0.1/",
                "xsd": "http://www.w3.org/2001/XMLSchema#",
            },
            "@type": "dcat:Dataset",
            "@id": f"{base}{record['links']['self']}",
            "dct:identifier": record["id"],
            "dct:title": record["title"],
            "dct:description": _description(record),
            "dct:publisher": {"@type": "foaf:Agent", "foaf:name": record["publisher"]},
            "dct:license": licence,
            "dct:bibliographicCitation": record["citation"],
            "dct:modified": {"@type": "xsd:dateTime", "@value": record["updated_at"]},
            "dct:temporal": None if first is None else period,
            "dcat:version": record["release"],
            "dcat:keyword": list(_KEYWORDS),
            "dcat:distribution": [
                {
                    "@type": "dcat:Distribution",
                    "dct:title": f"{part.name}.{part.form}",
                    "dct:description": part.told,
                    "dct:license": licence,
                    "dcat:accessURL": {"@id": f"{base}/v1/{part.name}?dataset={quote(record['id'])}"},
                    "dcat:downloadURL": {"@id": part.address},
                    "dct:format": {"@id": f"{_FILE_TYPES}/{part.form.upper()}", "@type": "dct:MediaTypeOrExtent"},
                    "dcat:mediaType": {
                        "@id": f"https://www.iana.org/assignments/media-types/{MEDIA_TYPES[part.form]}",
                        "@type": "dct:MediaType",
                    },
                }
                for part in _parts(record, base, _FORMS)
            ],
        }
    )


def croissant(record: Mapping[str, Any], base: str) -> Description:
    """A Croissant 1.0 description, as tools of machine learning read it: each list as a set of records with its fields."""
    parts = list(_parts(record, base, (CSV,)))
    return _without_nulls(
        {
            "@context": _CROISSANT_CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            # The lists are answered from what is loaded now, so no hash of theirs can stand here.
            "isLiveDataset": True,
            "name": record["id"],
            "description": _description(record),
            "version": record["release"],
            "url": f"{base}{record['links']['self']}",
            "license": record["licence_url"] or record["licence"],
            "citeAs": record["citation"],
            "creator": {"@type": "sc:Organization", "name": record["publisher"]},
            "datePublished": record["loaded_at"],
            "dateModified": record["updated_at"],
            "distribution": [
                {
                    "@type": "cr:FileObject",
                    "@id": f"{part.name}.csv",
                    "name": f"{part.name}.csv",
                    "description": part.told,
                    "contentUrl": part.address,
                    "encodingFormat": MEDIA_TYPES[CSV],
                }
                for part in parts
            ],
            "recordSet": [
                {
                    "@type": "cr:RecordSet",
                    "@id": part.name,
                    "name": part.name,
                    "description": part.told,
                    "field": [
                        {
                            "@type": "cr:Field",
                            "@id": f"{part.name}/{column.name}",
                            "name": column.name,
                            "description": column.meaning,
                            "dataType": _TYPES[column.type][1],
                            "source": {"fileObject": {"@id": f"{part.name}.csv"}, "extract": {"column": column.name}},
                        }
                        for column in part.shape.flat_columns()
                    ],
                }
                for part in parts
            ],
        }
    )


def data_package(record: Mapping[str, Any], base: str) -> Description:
    """A Frictionless Data Package: each list as a CSV resource with its schema."""
    licence = _without_nulls({"title": record["licence"], "path": record["licence_url"]})
    return {
        "name": record["id"],
        "id": f"{base}{record['links']['self']}",
        "title": record["title"],
        "description": _description(record),
        "version": record["release"],
        "homepage": f"{base}{record['links']['self']}",
        "licenses": [licence],
        "sources": [{"title": record["citation"]}],
        "contributors": [{"title": record["publisher"], "role": "publisher"}],
        "resources": [
            {
                "name": part.name,
                "description": part.told,
                "path": part.address,
                "scheme": "http" if base.startswith("http:") else "https",
                "format": CSV,
                "mediatype": MEDIA_TYPES[CSV],
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": column.name, "type": _TYPES[column.type][0], "description": column.meaning}
                        for column in part.shape.flat_columns()
                    ],
                    "primaryKey": ["id"],
                    "missingValues": [""],
                },
            }
            for part in _parts(record, base, (CSV,))
        ],
    }


def _description(record: Mapping[str, Any]) -> str:
    """What the dataset is, and whether it may be passed on."""
    told = record["description"] or record["title"]
    return told if record["is_redistributable"] else f"{told} Not for redistribution."


_CROISSANT_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
# By the last step of their addresses.
DESCRIPTIONS: Mapping[str, Callable[[Mapping[str, Any], str], Description]] = {
    "schema-org.json": schema_org,
    "dcat.json": dcat,
    "croissant.json": croissant,
    "datapackage.json": data_package,
}
