"""The output formats: names, media types, and one generator for each."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from api.records.renditions import csv_line, json_bytes
from api.records.shape import Shape

JSON, CSV, GEOJSON, NDJSON, HTML, XLSX, PARQUET = "json", "csv", "geojson", "ndjson", "html", "xlsx", "parquet"
MARKDOWN = "md"
# Those that show a page of what the JSON says.
PAGES = (HTML, MARKDOWN)
# Those whose records are rows of flat columns.
FLAT = (CSV, GEOJSON, XLSX, PARQUET)
# What every list and total has; what has places on a map has GeoJSON besides.
LISTED = (JSON, CSV, NDJSON, XLSX, PARQUET)
DRAWN = (JSON, CSV, GEOJSON, NDJSON, XLSX, PARQUET)
# What each format is called in HTTP; the first is the default.
MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    CSV: "text/csv",
    GEOJSON: "application/geo+json",
    NDJSON: "application/x-ndjson",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PARQUET: "application/vnd.apache.parquet",
    # A page of what the JSON says, for people (api/pages/).
    HTML: "text/html",
    # The same for those who read text (api/records/markdown.py).
    MARKDOWN: "text/markdown",
}
# Of a problem (RFC 9457), in whatever format the answer would have been.
PROBLEM_TYPE = "application/problem+json"
# Those that are compressed by themselves.
COMPRESSED = (XLSX, PARQUET)


class DatasetTerms(NamedTuple):
    """What an export has to say of where it comes from, for each dataset in it."""

    dataset: str
    licence: str
    licence_url: str | None
    citation: str
    is_redistributable: bool


@dataclass(frozen=True, slots=True)
class Export:
    """A whole result on its way out: batches of records in the form of the format."""

    header: Sequence[str]
    batches: Iterable[Sequence[bytes]]
    sources: Sequence[DatasetTerms]
    # Of CSV: whether a byte order mark comes first.
    has_bom: bool = False
    # And the HXL tags of its columns; none where they are not asked for.
    hxl_tags: Sequence[str] = ()


def _csv(export: Export) -> Iterator[bytes]:
    # The header comes from the declaration, so it is there when there are no rows.
    yield (BOM_UTF8 if export.has_bom else b"") + csv_line(export.header)
    if export.hxl_tags:
        yield csv_line(export.hxl_tags)
    for batch in export.batches:
        yield b"".join(batch)


def _ndjson(export: Export) -> Iterator[bytes]:
    for batch in export.batches:
        yield b"\n".join((*batch, b""))


def _geojson(export: Export) -> Iterator[bytes]:
    yield (
        b'{"type":"FeatureCollection","sources":'
        + json_bytes([source._asdict() for source in export.sources])
        + b',"features":['
    )
    is_first = True
    for batch in export.batches:
        yield b",".join(batch if is_first else (b"", *batch))
        is_first = False
    yield b"]}"


@dataclass(frozen=True, slots=True)
class Format:
    """A format that streams: its media type and how batches become a body."""

    media_type: str
    body: Callable[[Export], Iterator[bytes]]


FORMATS: Mapping[str, Format] = {
    CSV: Format(f"{MEDIA_TYPES[CSV]}; charset=utf-8; header=present", _csv),
    NDJSON: Format(MEDIA_TYPES[NDJSON], _ndjson),
    GEOJSON: Format(MEDIA_TYPES[GEOJSON], _geojson),
}


def list_body(records: Sequence[bytes], rest: Mapping[str, Any], about: bytes) -> bytes:
    """A page as JSON: the stored bytes of its records spliced into one body, with the keys of `about`, an object."""
    before, after = b'{"data":[', b"],%b,%b" % (json_bytes(rest)[1:-1], about[1:])
    if not records:
        return before + after
    # Put together at once: the records may be many bytes, and are copied one time only.
    first, *others = records
    pieces = [before + first, *others]
    pieces[-1] += after
    return b",".join(pieces)


# --- Only some fields --------------------------------------------------------------------------------------------


def only(record: bytes, shape: Shape, fields: Sequence[str]) -> bytes:
    """A stored record cut down to these top-level keys."""
    found = orjson.loads(record)
    return json_bytes({key: found[key] for key in shape.keys if key in fields})
