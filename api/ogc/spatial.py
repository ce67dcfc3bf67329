"""Conditions on where features are drawn, by any of the ways in which two geometries may lie to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson
import shapely
from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from api.boundaries import OUTLINED_LEVELS, outlines
from api.columns.reading_copy import Copy
from api.columns.tables import LOCATION
from api.domain.codebook.places import UNDRAWN_LEVELS
from api.query.cql2_parsing import wrong
from api.query.filters.filter import LookUp
from api.query.filters.outlines import Points, drawn_by, fault_of
from api.query.filters.places import DrawnPoint

_WORLD = (-180.0, -90.0, 180.0, 90.0)


def drawn_as_points(table: Table) -> Callable[[LookUp, str, Mapping[str, Any], bool], ColumnElement[bool]]:
    """Makes conditions on events or figures, which are drawn at points."""
    point = DrawnPoint(table.c.drawn_latitude, table.c.drawn_longitude)

    def spatial(look_up: LookUp, how: str, shape: Mapping[str, Any], is_turned: bool) -> ColumnElement[bool]:
        return _points(look_up, how, geometry_of(shape), is_turned).condition(point)

    return spatial


def of_places(look_up: LookUp, how: str, shape: Mapping[str, Any], is_turned: bool) -> ColumnElement[bool]:
    """The condition on locations, which are drawn as their outline, or else at their point."""
    given = geometry_of(shape)
    own = LOCATION.c
    ids, drawn = _outlines()
    chosen = related(how, drawn, given, is_turned)
    points = _points(look_up, how, given, is_turned).condition(DrawnPoint(own.latitude, own.longitude))
    return or_(
        own.id.in_([identity for identity, is_chosen in zip(ids, chosen, strict=True) if is_chosen]),
        and_(points, own.level.not_in(UNDRAWN_LEVELS), own.id.not_in(ids)),
    )


def undrawn_place() -> ColumnElement[bool]:
    """The condition that a location is not drawn."""
    own = LOCATION.c
    return and_(or_(own.latitude.is_(None), own.level.in_(UNDRAWN_LEVELS)), own.id.not_in(_outlines()[0]))


def box_of_places(copy: Copy) -> list[float] | None:
    """The west, south, east and north of all that locations are drawn as; null where none is drawn."""
    own = LOCATION.c
    ids, drawn = _outlines()
    known = {identity for (identity,) in copy.rows(select(own.id).where(own.id.in_(ids)))}
    edges = (edge(axis) for edge in (func.min, func.max) for axis in (own.longitude, own.latitude))
    at_points = select(*edges).where(own.level.not_in(UNDRAWN_LEVELS), own.id.not_in(ids))
    shapes = [shape for identity, shape in zip(ids, drawn, strict=True) if identity in known]
    shapes += [shapely.box(*found) for found in copy.rows(at_points) if found[0] is not None]
    return shapely.total_bounds(shapes).tolist() if shapes else None


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box, which may cross the antimeridian."""
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union(shapely.box(west, south, 180, north), shapely.box(-180, south, east, north))


def geometry_of(shape: Mapping[str, Any]) -> shapely.Geometry:
    """The geometry that a filter names, as GeoJSON or as a box. Errors: a Problem, where it is none."""
    match shape:
        case {"bbox": [west, south, east, north]} | {"bbox": [west, south, _, east, north, _]}:
            found = box(west, south, east, north)
        case {"type": _}:
            try:
                found = drawn_by(shape)
            except ValueError as error:
                raise wrong(f"this is no geometry: {error}") from None
        case _:
            raise wrong("a geometry is written in WKT, or as GeoJSON, or as BBOX")
    fault = fault_of(found, "geometry")
    if fault is not None:
        raise wrong(fault)
    return found


def meets(drawn: shapely.Geometry | None, area: shapely.Geometry) -> bool:
    """Whether something is drawn that meets an area."""
    return drawn is not None and bool(shapely.intersects(drawn, area))


@cache
def _outlines() -> tuple[list[str], list[shapely.Geometry]]:
    features = [feature for level in OUTLINED_LEVELS for feature in outlines(level)["features"]]
    return (
        [feature["id"] for feature in features],
        [shapely.from_geojson(orjson.dumps(feature["geometry"])) for feature in features],
    )


def _points(look_up: LookUp, how: str, given: shapely.Geometry, is_turned: bool) -> Points:
    bounds = _WORLD if how == "disjoint" else given.bounds
    return Points.where(look_up, lambda x, y: related(how, shapely.points(x, y), given, is_turned), bounds)


def related(how: str, drawn: Any, given: shapely.Geometry, is_turned: bool) -> Any:
    """Which of these lie so to the given one; turned, the given one to which."""
    relation = getattr(shapely, how)
    return relation(given, drawn) if is_turned else relation(drawn, given)
