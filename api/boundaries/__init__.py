"""The outlines of countries, states and regions, and districts, to draw with and to look for points in.

They are data files beside this one, made small; README.md tells whose they are and what was done to them. The id of an
outline is its location's: a P-code (`mmr005`) or a country's alpha-3 code (`mmr`) in lower case, or the gazetteer's word
(`shan-state`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["CREDIT", "LEVELS", "geometry", "outlines"]

CREDIT = "Boundaries: MIMU (Myanmar), simplified; Natural Earth (other countries). They are no opinion on any border."

_FILES: Mapping[str, str] = {
    "country": "countries.json",
    "area": "areas.json",
    "state_or_region": "states_and_regions.json",
    "district": "districts.json",
}
# The levels of places that have outlines.
OUTLINED_LEVELS = tuple(_FILES)


@cache
def outlines(level: str) -> Mapping[str, Any]:
    """A GeoJSON FeatureCollection of all outlines of a level, to be read only; KeyError where a level has none.

    A feature has its location's `id`, and as properties its `code`, `name`, `level` and `parent` (a location's id, or null).
    """
    found: dict[str, Any] = json.loads((Path(__file__).parent / _FILES[level]).read_text(encoding="utf-8"))
    return found


def geometry(location: str | None) -> Mapping[str, Any] | None:
    """The GeoJSON geometry of a location by its id, P-code or country code, in any case; None where it has no outline."""
    return None if location is None else _geometries().get(location.lower())


@cache
def _geometries() -> Mapping[str, Mapping[str, Any]]:
    features = [feature for level in OUTLINED_LEVELS for feature in outlines(level)["features"]]
    by_code = {feature["properties"]["code"].lower(): feature["geometry"] for feature in features}
    return by_code | {feature["id"]: feature["geometry"] for feature in features}
