"""Makes places of where ACLED's events happened: its country, units and named places.

`admin1` is a state or region, `admin2` a district, `admin3` a township, and `location` a named place in the finest of them.
`geo_precision` 1 is that place itself and 2 near it; with 3 only the region is known, and the place that ACLED then names
is its capital and only stands for it: such events lie in `admin1`. What ACLED names for a country and is none, such as
a sea, is an area that lies in no country.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.domain.names import folded
from seeds.importer.imported_places import ImportedPlaces
from seeds.importer.known_places import KnownPlace, split_name
from seeds.importer.points import Point
from seeds.importer.records import EventPlace

# What a named place is looked up as, in this order.
_SPOTS = ("town", "village", "site")
# Places of these levels are named without their level, and known as closely as it says.
_PLAIN_LEVELS = ("area", "state_or_region", "country")
EXACT, NEAR, REGION = "1", "2", "3"
GEO_PRECISIONS = (EXACT, NEAR, REGION)


class Where(NamedTuple):
    """What a row says of its place. `code` is the country's ISO code, empty where it is no country."""

    code: str
    country: str
    admin1: str
    admin2: str
    admin3: str
    location: str
    geo_precision: str


def place(places: ImportedPlaces, where: Where, point: Point | None) -> EventPlace:
    """The place that a row names."""
    code = where.code
    if not code:
        return _in_no_country(places, where, point)
    outer = places.country(code, where.country)
    # From the coarsest to the finest: each is found or made inside the one before.
    if where.admin1:
        outer = places.find_or_add(code, outer, where.admin1, "state_or_region")
    if where.geo_precision not in (EXACT, NEAR) or not where.location:
        name = (
            outer.name if split_name(outer.name).word or outer.level in _PLAIN_LEVELS else f"{outer.name} {outer.level}"
        )
        return EventPlace(outer.id, outer.level, f"in {name}")
    district = places.find(code, [outer], where.admin2, ("district",)) if where.admin2 else None
    # A district may since have been cut up, so what is not in it is looked for in its state.
    larger = [outer] if district is None else [district, outer]
    if where.admin3:
        township = places.find(code, larger, where.admin3, ("township",))
        if township is not None:
            return _at(places, where, [township], point)
    if where.admin2:
        outer = district or places.add_unit(code, outer, where.admin2, "district")
    if where.admin3:
        return _at(places, where, [places.add_unit(code, outer, where.admin3, "township")], point)
    return _at(places, where, [outer] if district is None else larger, point)


def _at(places: ImportedPlaces, where: Where, outers: Sequence[KnownPlace], point: Point | None) -> EventPlace:
    """The named place, found in the first of these units that has it; a new one lies in the first."""
    spot = places.find_first(where.code, outers, where.location, _SPOTS)
    if spot is None:
        spot = places.add_point(where.code, outers[0], where.location, point)
    return _close_to(spot, where)


def _close_to(spot: KnownPlace, where: Where) -> EventPlace:
    if where.geo_precision == NEAR:
        return EventPlace(spot.id, "near", f"near {spot.name}")
    return EventPlace(spot.id, "exact", f"at {spot.name}")


def _in_no_country(places: ImportedPlaces, where: Where, point: Point | None) -> EventPlace:
    area = places.add_area(where.country, None)
    is_spot = (
        where.geo_precision in (EXACT, NEAR) and where.location and folded(where.location) != folded(where.country)
    )
    if is_spot:
        return _close_to(places.add_point_in_area(area, where.location, point), where)
    return EventPlace(area.id, "area", f"around {area.name}")
