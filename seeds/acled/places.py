"""Where ACLED's events happened: its country, units and named places as places. Knows no event and no file.

`admin1` is a state or region, `admin2` a district, `admin3` a township, and `location` a named place in the finest of them.
`geo_precision` 1 is that place itself and 2 near it; with 3 only the region is known, and the place that ACLED then names
is its capital and only stands for it: such events lie in `admin1`.
"""

from __future__ import annotations

from typing import NamedTuple

from seeds.importer.brought_places import BroughtPlaces, Point
from seeds.importer.known_places import Known, parted

OF_THE_FIRST = "where ACLED places the first of its events here"
_STATES = ("area", "state_or_region")
# What a named place is looked up as, in this order.
_SPOTS = ("town", "village", "site")
_BY_LEVEL = {"area": "area", "state_or_region": "state_or_region", "country": "country"}
EXACT, NEAR, REGION = "1", "2", "3"
GEO_PRECISIONS = (EXACT, NEAR, REGION)


class Where(NamedTuple):
    """What a row says of its place. `code` is the country's ISO code."""

    code: str
    country: str
    admin1: str
    admin2: str
    admin3: str
    location: str
    geo_precision: str


class Placed(NamedTuple):
    """The place of an event: its id, how closely it is known, and words for a title."""

    id: str
    precision: str
    words: str


def place(places: BroughtPlaces, where: Where, point: Point) -> Placed:
    """The place that a row names."""
    code, country = where.code, places.country(where.code, where.country)
    # From the coarsest to the finest: each is found or made inside the one before.
    outers = [country]
    if where.admin1:
        found = places.find(code, [country], where.admin1, _STATES)
        outers.append(found or places.unit(code, country, where.admin1, "state_or_region"))
    if where.geo_precision == REGION or not where.location:
        return _in(outers[-1])
    district = places.find(code, outers[-1:], where.admin2, ("district",)) if where.admin2 else None
    if where.admin3:
        # A district may since have been cut up, so what is not in it is looked for in its state.
        larger = [outers[-1]] if district is None else [district, outers[-1]]
        township = places.find(code, larger, where.admin3, ("township",))
        if township is not None:
            return _at(places, where, township, point)
    if where.admin2:
        outers.append(district or places.unit(code, outers[-1], where.admin2, "district"))
    if where.admin3:
        outers.append(places.unit(code, outers[-1], where.admin3, "township"))
    return _at(places, where, outers[-1], point)


def _at(places: BroughtPlaces, where: Where, outer: Known, point: Point) -> Placed:
    """The named place inside the finest unit that is known."""
    found = (places.find(where.code, [outer], where.location, (level,)) for level in _SPOTS)
    spot = next((place for place in found if place is not None), None)
    if spot is None:
        spot = places.spot(where.code, outer, where.location, point)
    if where.geo_precision == NEAR:
        return Placed(spot.id, "near", f"near {spot.name}")
    return Placed(spot.id, "exact", f"at {spot.name}")


def _in(place: Known) -> Placed:
    name = place.name if parted(place.name).word or place.level in _BY_LEVEL else f"{place.name} {place.level}"
    return Placed(place.id, _BY_LEVEL.get(place.level, place.level), f"in {name}")
