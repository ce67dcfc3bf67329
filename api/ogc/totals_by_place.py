"""Totals by place as features: each row of a total of figures, drawn as the outline of its area, for a choropleth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import shapely
from flask import Response
from sqlalchemy import select

from api.answers.coverage import Coverage, coverage, licence_links
from api.boundaries import CREDIT, geometry
from api.columns.snapshot import Snapshot
from api.columns.tables import LOCATION
from api.domain.errors import Fault, InvalidValue, NotFound, nearest, refusal
from api.ogc.answers import GEO_JSON, DataAnswer, answer, link, own_links, pairs_asked, queryables_link
from api.ogc.filtered_totals import AREA_LEVELS, Total, filtered
from api.ogc.items import feature_collection
from api.ogc.parameters import FILTERING, ITEMS, REPLACED_FILTERS, Address, as_ours
from api.ogc.spatial import box, meets
from api.query.cql2_parsing import TEXT
from api.query.dimensions import ALWAYS_IN_KEY
from api.query.lookup.database import DatabaseLookUp
from api.query.parameters import Code, Parameter
from api.query.parsing import parse
from api.query.standard_parameters import DEFAULT_LIMIT, MOST_LIMIT
from api.query.totals.figures import figure_totals
from api.query.totals.question import TotalQuestion
from api.records.formats import JSON
from api.records.renditions import json_bytes
from api.records.totals import FIGURE_TOTAL_NUMBERS
from api.resources import figures

ID = "totals-by-place"
TITLE = "Totals by place"
DESCRIPTION = (
    "Totals of figures by area, which count nobody twice: low, best and high of each measure, drawn as the outlines of the areas."
    " Every filter of figures narrows what is counted; bbox and a filter in CQL2 narrow which totals are shown."
)
DEFAULT_LEVEL = "state_or_region"
LEVEL = Parameter(
    "by", Code(AREA_LEVELS), f"The level of the areas; `{DEFAULT_LEVEL}` unless it is said.", DEFAULT_LEVEL
)
EXAMPLE = "state_or_region:op1027:killed:person::mmr005"
PATH = f"/ogc/collections/{ID}"

_FILTERS = figures.TOTALS.filters
ADDRESS = Address(
    f"{PATH}/items",
    "ogc",
    None,
    formats=(JSON,),
    takes=(
        *ITEMS,
        *FILTERING,
        LEVEL,
        *(wanted.parameter for wanted in _FILTERS if wanted.name not in REPLACED_FILTERS),
        *(companion for wanted in _FILTERS for companion in wanted.companions),
    ),
    examples={**figures.TOTALS.examples, "filter": "measure = 'killed' AND best >= 10"},
)
_ASKED_AS = replace(figures.TOTALS, path=ADDRESS.path, formats=(JSON,))
_SEPARATOR = ":"
# What an id has between the level and the place.
_ORDER = tuple(dimension.name for dimension in ALWAYS_IN_KEY)


def answer_items() -> Response:
    """A page of the areas that the query asks for."""

    def make(snapshot: Snapshot, values: dict[str, Any]) -> DataAnswer:
        pairs = pairs_asked()
        rows, about = rows_asked(snapshot, values, pairs, values.get("by", DEFAULT_LEVEL))
        start, size = _start(values), min(values.get("limit", DEFAULT_LIMIT), MOST_LIMIT)
        links = own_links(GEO_JSON)
        if start + size < len(rows):
            kept = [(name, value) for name, value in pairs if name not in ("f", "cursor")]
            asked = urlencode([*kept, ("cursor", str(start + size))], safe=",:")
            links.append(link("next", f"/collections/{ID}/items?{asked}", "The next page", GEO_JSON))
        links.append(link("collection", f"/collections/{ID}", TITLE))
        shown = [json_bytes(_feature(row)) for row in rows[start : start + size]]
        rest = {"sources": [source._asdict() for source in about.sources], "boundaries": CREDIT}
        return DataAnswer(feature_collection(shown, links, len(rows), rest), about.links)

    return answer(ADDRESS, make, GEO_JSON, is_total=True, headed=[queryables_link(ID)])


def answer_item(address: Address, identity: str) -> Response:
    """One area with its number, unfiltered."""

    def make(snapshot: Snapshot, _values: dict[str, Any]) -> DataAnswer:
        level, _, _rest = identity.partition(_SEPARATOR)
        rows = rows_asked(snapshot, {}, [], level)[0] if level in AREA_LEVELS else []
        for row in rows:
            if row.id == identity:
                links = [*own_links(GEO_JSON), link("collection", f"/collections/{ID}", TITLE)]
                return DataAnswer({**_feature(row), "links": links}, licence_links(snapshot, row.properties["dataset"]))
        near = nearest(identity, [row.id for row in rows], most=3)
        raise NotFound(f"There is no total '{identity}'; they are at {PATH}/items.", extra={"near": near})

    return answer(address, make, GEO_JSON, is_total=True)


def extent(snapshot: Snapshot) -> dict[str, Any]:
    """The box of the areas that are drawn by default."""
    shapes = [row.shape for row in rows_asked(snapshot, {}, [], DEFAULT_LEVEL)[0] if row.shape is not None]
    return {"spatial": {"bbox": [shapely.total_bounds(shapes).tolist()]}} if shapes else {}


def rows_asked(
    snapshot: Snapshot, values: dict[str, Any], pairs: list[tuple[str, str]], level: str
) -> tuple[list[Total], Coverage]:
    """All rows by the areas of a level, and where they come from. Errors: a Problem."""
    skipped = ("bbox", "by", "cursor", "limit", *(parameter.name for parameter in FILTERING))
    ours = [(name, value) for name, value in as_ours(values, pairs) if name not in skipped]
    look_up = DatabaseLookUp(snapshot.connection, snapshot.copy)
    question = parse(_ASKED_AS, [*ours, ("group_by", level)], JSON, look_up)
    dimensions, found, _total = figure_totals(snapshot.copy, TotalQuestion.of(question, None))
    names = [dimension.name for dimension in dimensions]
    at = names.index(level)
    places = _places(snapshot, level, [row.key[at] for row in found])
    area = box(*values["bbox"]) if "bbox" in values else None
    rows = []
    for row in found:
        key = dict(zip(names, row.key, strict=True))
        place = key[level]
        name, point = places.get(place or "", (None, None))
        apart = {name: key[name] for name in _ORDER}
        identity = _SEPARATOR.join([level, *(value or "" for value in (*apart.values(), place))])
        told = {"place": place, "name": name, "level": level, **apart}
        numbers = {number: getattr(row, number) for number in FIGURE_TOTAL_NUMBERS}
        rows.append(Total(identity, place, {**told, **numbers}, geometry(place) or point))
    if area is not None:
        rows = [row for row in rows if meets(row.shape, area)]
    if "filter" in values:
        language = values.get("filter-lang", TEXT)
        rows = filtered(rows, values["filter"], language, snapshot.copy, look_up)
    return rows, coverage(snapshot, question)


def _places(snapshot: Snapshot, level: str, ids: list[str | None]) -> dict[str, tuple[str, dict[str, Any] | None]]:
    """The name of each place and the point that stands for it, where it is drawn at one; a country's key is its code."""
    own = LOCATION.c
    key = own.country if level == "country" else own.id
    wanted = select(key, own.name, own.longitude, own.latitude).where(
        own.level == level, key.in_([identity for identity in ids if identity is not None])
    )
    found = {}
    for identity, name, longitude, latitude in snapshot.copy.rows(wanted):
        is_drawn = level in ("district", "township") and longitude is not None
        found[identity] = (name, {"type": "Point", "coordinates": [longitude, latitude]} if is_drawn else None)
    return found


def _feature(row: Total) -> dict[str, Any]:
    return {"type": "Feature", "id": row.id, "geometry": row.geometry, "properties": row.properties}


def _start(values: dict[str, Any]) -> int:
    written = values.get("cursor", "0")
    if not written.isdecimal() or len(written) > 9:
        raise refusal([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    return int(written)
