"""The filter by a shape on the map: the outline of an area, or a polygon that the question brings.

Which points lie in it shapely tells, of the distinct points at which anything is drawn; the condition is then on these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
import shapely
from sqlalchemy import ARRAY, ColumnElement, Double, bindparam, false, func, select, tuple_

from api.boundaries import geometry
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.filters.filter import Filter, LookUp, QueryValues, Subject
from api.query.filters.places import DrawnPoint, drawn_where
from api.query.parameters import Parameter, TextOrObject

_POLYGONS = ("Polygon", "MultiPolygon")
# Which of some points, given as longitudes and latitudes, a question is about.
Chooses = Callable[[Any, Any], Any]


class Points(NamedTuple):
    """Some of the points at which records are drawn, in two lists of one length."""

    latitudes: list[float]
    longitudes: list[float]

    @classmethod
    def where(cls, look_up: LookUp, chooses: Chooses, bounds: tuple[float, float, float, float]) -> Points:
        """Those of the points within these bounds (west, south, east, north) that are chosen."""
        drawn = look_up.drawn_points(bounds)
        if not drawn:
            return cls([], [])
        latitudes, longitudes = zip(*drawn, strict=True)
        chosen = chooses(longitudes, latitudes)
        kept = [point for point, is_kept in zip(drawn, chosen, strict=True) if is_kept]
        return cls([point[0] for point in kept], [point[1] for point in kept])

    def condition(self, point: DrawnPoint) -> ColumnElement[bool]:
        """The condition that a record is drawn at one of them."""
        if not self.latitudes:
            return false()
        listed = [func.unnest(bindparam(None, values, ARRAY(Double))) for values in self]
        found: ColumnElement[bool] = tuple_(point.latitude, point.longitude).in_(select(*listed))
        return found


def _within(value: str, query: QueryValues, look_up: LookUp) -> Points:
    area = _read(value) if value.startswith("{") else _outline(value, query, look_up)
    shapely.prepare(area)
    return Points.where(look_up, lambda x, y: shapely.intersects_xy(area, x, y), shapely.bounds(area).tolist())


def _outline(name: str, query: QueryValues, look_up: LookUp) -> shapely.Geometry:
    """The outline of the place of this name."""
    if name.upper().startswith(("POLYGON", "MULTIPOLYGON")):
        raise _wrong("a polygon is written as GeoJSON, not as WKT")
    (place,) = look_up.resolve("within", [name], query)
    found = geometry(place.id)
    if found is None:
        raise _wrong(f"'{place.id}' has no outline here; ask 'location={place.id}' for all that lies in it")
    return shapely.from_geojson(orjson.dumps(found))


def _read(text: str) -> shapely.Geometry:
    """The polygon that this GeoJSON is; of a feature, its geometry."""
    try:
        given: Any = orjson.loads(text)
        if isinstance(given, Mapping) and given.get("type") == "Feature":
            given = given.get("geometry")
        if not isinstance(given, Mapping) or given.get("type") not in _POLYGONS:
            raise _wrong(f"GeoJSON of the types {' and '.join(_POLYGONS)} is taken, alone or in a Feature")
        area = drawn_by(given)
    except ValueError as error:
        raise _wrong(f"this is no GeoJSON: {error}") from None
    fault = fault_of(area, "polygon")
    if fault is not None:
        raise _wrong(fault)
    return area


def drawn_by(shape: Mapping[str, Any]) -> shapely.Geometry:
    """What GeoJSON draws, without heights. Errors: ValueError, which says in a line what is wrong with it."""
    try:
        return shapely.force_2d(shapely.from_geojson(orjson.dumps(shape)))
    except (orjson.JSONEncodeError, shapely.errors.GEOSException) as error:
        raise ValueError(str(error).splitlines()[0]) from None


def fault_of(shape: shapely.Geometry, called: str) -> str | None:
    """What is wrong with a geometry that a question brings, in words that call it so; null where nothing is."""
    if shape.is_empty or not shape.is_valid:
        why = "it is empty" if shape.is_empty else shapely.is_valid_reason(shape)
        return f"the {called} is not a valid one: {why}"
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return "positions are longitude and latitude in degrees, -180 to 180 and -90 to 90; some lie beyond"
    return None


def _wrong(what: str) -> Exception:
    return refusal([Fault("within", f"In 'within', {what}.", InvalidValue)])


WITHIN = Filter(
    Parameter(
        "within",
        TextOrObject(),
        "Drawn within an area: a country, state, region or district by id, P-code or name, by its simplified outline; or a"
        " polygon as GeoJSON. What is known no better than its state or region is not drawn; `location` has that too.",
        "mmr005",
    ),
    Subject.RECORD,
    drawn_where,
    _within,
)
