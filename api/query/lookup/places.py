"""Finds the place that a name means: by its level, by what else is asked, or the outermost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from api.columns.reading_copy import Copy
from api.columns.tables import EVENT, FIGURE
from api.domain.codebook.places import LEVELS
from api.domain.countries import country_code
from api.domain.errors import refusal
from api.domain.names import folded
from api.query.filters.filter import QueryValues
from api.query.lookup.names import ambiguous, closest_names, ids_by_name, unknown, withdrawn
from api.store.driver_rows import fetch_rows_with
from api.store.models import Location, LocationName

# Words that may follow a place's name and say its level, in English and Burmese.
_LEVEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "country": ("country",),
    "state": ("state_or_region", "area"),
    "region": ("state_or_region", "area"),
    "division": ("state_or_region", "area"),
    "area": ("area",),
    "district": ("district",),
    "township": ("township",),
    "town": ("town",),
    "city": ("town",),
    "village": ("village",),
    "site": ("site",),
    folded("ပြည်နယ်"): ("state_or_region", "area"),
    folded("တိုင်းဒေသကြီး"): ("state_or_region", "area"),
    folded("တိုင်း"): ("state_or_region", "area"),
    folded("ခရိုင်"): ("district",),
    folded("မြို့နယ်"): ("township",),
    folded("မြို့"): ("town",),
    folded("ကျေးရွာ"): ("village",),
}


class FilterPlace(NamedTuple):
    """A location as filters need it: the column of its level holds its id, or its code for a country."""

    id: str
    level: str
    country: str | None


def find_place(
    connection: Connection, copy: Copy, parameter: str, name: str, query: QueryValues, is_suggested: bool
) -> FilterPlace:
    """The place that answers to this name; of nested ones the outermost."""
    rows = ids_by_name(connection, LocationName, "location_id", name)
    if not rows:
        rows = _of_level(connection, folded(name))
    if not rows:
        rows = _country(connection, name)
    if not rows:
        gone = withdrawn(connection, Location, parameter, name)
        if gone is not None:
            raise refusal([gone])
        near = closest_names(connection, LocationName, "location_id", name) if is_suggested else []
        raise refusal([unknown(parameter, f"no place is called '{name}' (they are at /v1/locations)", near)])
    places = _places(connection, rows)
    if len(places) > 1:
        places = _preferred(copy, places, query)
    outermost = [place for place in places if all(_contains(place, other) for other in places)]
    if len(outermost) == 1:
        return FilterPlace(outermost[0]["id"], outermost[0]["level"], outermost[0]["country"])
    candidates = [{"id": row["id"], "name": row["name"], "level": row["level"]} for row in places]
    raise refusal([ambiguous(parameter, f"{len(places)} places are called '{name}'", candidates)])


def _of_level(connection: Connection, key: str) -> list[str]:
    """Places of a level that is written behind their name: `Kawlin town`."""
    for word, levels in _LEVEL_WORDS.items():
        if key.endswith(word) and len(key) > len(word):
            rows = ids_by_name(connection, LocationName, "location_id", key.removesuffix(word), levels)
            if rows:
                return rows
    return []


def _country(connection: Connection, name: str) -> list[str]:
    """The country that is usually called so, where it is here: `Burma`."""
    code = country_code(name)
    found = select(Location.id).where(Location.level == "country", Location.country == code)
    return [] if code is None else list(connection.scalars(found))


def _places(connection: Connection, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    return [
        dict(zip(_PLACE, row, strict=True))
        for identity in sorted(ids)
        for row in fetch_rows_with(connection, _PLACE_OF_ID, identity=identity)
    ]


# What decides which of several places is meant, and what is told of them.
_PLACE = tuple(dict.fromkeys(("id", "name", "level", "dataset_id", *LEVELS)))
_PLACE_OF_ID = select(*(getattr(Location, name) for name in _PLACE)).where(Location.id == bindparam("identity"))


def _preferred(copy: Copy, places: list[Mapping[str, Any]], query: QueryValues) -> list[Mapping[str, Any]]:
    """The candidates that lie in the countries asked for, and that the datasets asked for use."""
    if "country" in query:
        asked = {country_code(name) for name in query["country"]}
        places = [place for place in places if place["country"] in asked] or places
    if "dataset" in query:
        places = [place for place in places if _is_used(copy, place, query["dataset"])] or places
    return places


def _is_used(copy: Copy, place: Mapping[str, Any], datasets: Sequence[str]) -> bool:
    key = place["country"] if place["level"] == "country" else place["id"]
    lies_there = (
        select(table.c.number).where(table.c[place["level"]] == key, table.c.dataset_id.in_(datasets)).limit(1)
        for table in (EVENT, FIGURE)
    )
    return place["dataset_id"] in datasets or any(copy.rows(statement) for statement in lies_there)


def lies_in(connection: Connection, inner: FilterPlace, outer: FilterPlace) -> bool:
    """Whether one place lies in another."""
    (of_inner,) = _places(connection, [inner.id])
    return inner.id != outer.id and _contains(outer._asdict(), of_inner)


def _contains(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> bool:
    key = outer["country"] if outer["level"] == "country" else outer["id"]
    return bool(inner[outer["level"]] == key)
