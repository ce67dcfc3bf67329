"""A record as the bytes that are served, made once when it is loaded. Knows no request and no database."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from api.declare.columns import Shape
from api.models import DRAWN_PRECISIONS, UNDRAWN_LEVELS

# A cell that begins like this would be run as a formula by a spreadsheet; an apostrophe makes it text again.
_RUNS_IN_SPREADSHEETS = frozenset(("=", "+", "-", "@", "\t", "\r"))
_TRUTHS = {True: "true", False: "false"}


class Rendition(NamedTuple):
    """One record in each stored form."""

    json: bytes
    csv: bytes
    geojson: bytes


def json_bytes(value: object) -> bytes:
    """A value as JSON; dates as ISO text."""
    return orjson.dumps(value)


def csv_line(cells: Sequence[object]) -> bytes:
    """One CSV line as RFC 4180 has it, ended by CR LF."""
    return csv_lines([cells])[0]


def csv_lines(rows: Iterable[Sequence[object]]) -> list[bytes]:
    """CSV lines: null is empty, truth is `true` or `false`, and text is defused where a spreadsheet would run it."""
    lines = _Lines()
    writer = csv.writer(lines)
    for cells in rows:
        writer.writerow(
            [
                (f"'{value}" if value[:1] in _RUNS_IN_SPREADSHEETS else value)
                if isinstance(value, str)
                else _TRUTHS[value]
                if isinstance(value, bool)
                else value
                for value in cells
            ]
        )
    return [line.encode() for line in lines]


class _Lines(list[str]):
    """What a writer of CSV writes to: each line by itself."""

    def write(self, line: str) -> None:
        self.append(line)


def geometry(longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    """A point as GeoJSON; null where there is none."""
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def feature(identity: str, point: Mapping[str, Any] | None, header: Sequence[str], cells: Sequence[Any]) -> bytes:
    """One GeoJSON feature; its properties are the flat columns."""
    properties = dict(zip(header, cells, strict=True))
    return json_bytes({"type": "Feature", "id": identity, "geometry": point, "properties": properties})


def render(shape: Shape, sources: Sequence[Mapping[str, Any]]) -> list[Rendition]:
    """Events or figures, each in every stored form."""
    records = [shape.record(source) for source in sources]
    cells = [shape.flat(source, record) for source, record in zip(sources, records, strict=True)]
    features = [_feature(shape, source, own) for source, own in zip(sources, cells, strict=True)]
    return list(map(Rendition, map(json_bytes, records), csv_lines(cells), features))


def _feature(shape: Shape, source: Mapping[str, Any], cells: Sequence[Any]) -> bytes:
    place = source["place"]
    point = geometry(place["longitude"], place["latitude"]) if place["precision"] in DRAWN_PRECISIONS else None
    return feature(source["id"], point, shape.header, cells)


def is_drawn(location: Mapping[str, Any]) -> bool:
    """Whether a listed location has a point on a map."""
    return location["level"] not in UNDRAWN_LEVELS
