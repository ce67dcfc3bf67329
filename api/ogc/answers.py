"""Answers of OGC API Features: as JSON with its links, or as a page of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from flask import Response, request

from api.answers.asked_format import type_accepted, written_pairs
from api.answers.responses import WholeAnswer, answered, base
from api.columns.snapshot import Snapshot
from api.ogc.parameters import Address, given, with_one_period
from api.records.formats import GEOJSON, HTML, JSON, MEDIA_TYPES
from api.records.renditions import json_bytes

GEO_JSON = MEDIA_TYPES[GEOJSON]
SCHEMA_JSON = "application/schema+json"
OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.0"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
Link = Mapping[str, str]


class DataAnswer(NamedTuple):
    """An answer that shows data: with their licences, as Link headers."""

    body: Mapping[str, Any] | bytes
    licences: tuple[str, ...]


def pairs_asked() -> list[tuple[str, str]]:
    """The query as it was written, without what stands in it twice alike: GDAL adds what its user asks to links that have it.

    Of two halves of a period it makes one."""
    return with_one_period(list(dict.fromkeys(written_pairs())))


def root() -> str:
    """The address under which everything here is."""
    return f"{base()}/ogc"


def link(rel: str, path: str, title: str, media_type: str = MEDIA_TYPES[JSON]) -> Link:
    """A link to a path below the root."""
    return {"rel": rel, "type": media_type, "title": title, "href": root() + path}


def queryables_link(collection: str) -> Link:
    """The link to what filters of a collection may speak of."""
    return link(_QUERYABLES, f"/collections/{collection}/queryables", "What filters may speak of", SCHEMA_JSON)


def own_links(media_type: str = MEDIA_TYPES[JSON]) -> list[Link]:
    """What every answer says of itself: its address, and where the same is for people."""
    document, page = as_data_and_page(request.path.removeprefix("/ogc").rstrip("/"), pairs_asked())
    return [
        link("self", document, "This document", media_type),
        link("alternate", page, "This document as HTML", MEDIA_TYPES[HTML]),
    ]


def as_data_and_page(path: str, pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """A path with these pairs as its query, and the same as a page."""
    kept = [(name, value) for name, value in pairs if name != "f"]
    asked = f"{path}?{urlencode(kept, safe=',:')}" if kept else path
    return asked, f"{path}?{urlencode([*kept, ('f', HTML)], safe=',:')}"


def answer(
    address: Address,
    make: Callable[[Snapshot, dict[str, Any]], Mapping[str, Any] | bytes | DataAnswer],
    media_type: str = MEDIA_TYPES[JSON],
    is_total: bool = False,
    headed: Sequence[Link] = (),
) -> Response:
    """The answer that `make` gives of one state of the data and the values of the query; `headed` are links that stand in
    its headers too."""
    values = given(address, pairs_asked())
    accepted = [media_type.partition(";")[0], MEDIA_TYPES[JSON], MEDIA_TYPES[HTML]]
    form = values.get("f") or (HTML if type_accepted(accepted) == MEDIA_TYPES[HTML] else JSON)

    def whole(snapshot: Snapshot, _format: str) -> WholeAnswer:
        made = make(snapshot, values)
        told, licences = made if isinstance(made, DataAnswer) else (made, ())
        body = told if isinstance(told, bytes) else json_bytes(told)
        links = tuple(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in headed)
        return WholeAnswer(_without_outlines(body) if form == HTML else body, media_type, (*links, *licences))

    return answered(form, whole, is_total=is_total)


def _without_outlines(body: bytes) -> bytes:
    """An answer as a page shows it: of an outline its type alone, whose positions nobody reads."""
    document = orjson.loads(body)
    for feature in (document, *document.get("features", ())):
        drawn = feature.get("geometry")
        if drawn is not None and drawn["type"] != "Point":
            feature["geometry"] = {"type": drawn["type"]}
    return json_bytes(document)
