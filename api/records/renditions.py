"""Renders a record as the bytes that are served: JSON, a CSV line, a GeoJSON feature."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from api.domain.codebook.places import UNDRAWN_LEVELS
from api.records.shape import Shape

# A cell that begins like this would be run as a formula by a spreadsheet; an apostrophe makes it text again.
_RUNS_IN_SPREADSHEETS = frozenset(("=", "+", "-", "@", "\t", "\r"))
_TRUTHS = {True: "true", False: "false"}


def json_bytes(value: object) -> bytes:
    """A value as JSON; dates as ISO text."""
    return orjson.dumps(value)


def csv_line(cells: Sequence[object]) -> bytes:
    """One CSV line as RFC 4180 has it, ended by CR LF: null is empty, truth is `true` or `false`, and text is defused where
    a spreadsheet would run it."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(
        [
            (f"'{value}" if value[:1] in _RUNS_IN_SPREADSHEETS else value)
            if isinstance(value, str)
            else _TRUTHS[value]
            if isinstance(value, bool)
            else value
            for value in cells
        ]
    )
    return buffer.getvalue().encode()


def point(location: Mapping[str, Any]) -> dict[str, Any] | None:
    """The point of a listed location as GeoJSON; null where it has none, or stands for an area."""
    if location["latitude"] is None or location["level"] in UNDRAWN_LEVELS:
        return None
    return {"type": "Point", "coordinates": [location["longitude"], location["latitude"]]}


def feature(identity: str, geometry: Mapping[str, Any] | None, header: Sequence[str], cells: Sequence[Any]) -> bytes:
    """One GeoJSON feature; its properties are the flat columns."""
    properties = dict(zip(header, cells, strict=True))
    return json_bytes({"type": "Feature", "id": identity, "geometry": geometry, "properties": properties})


def render(shape: Shape, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """Events or figures as they are stored."""
    return [json_bytes(shape.record(row)) for row in rows]
