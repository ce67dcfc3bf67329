"""Draws a map without tiles: outlines, areas shaded by classes of numbers, and a circle for each place or cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from api.drawings.clusters import Cluster, Place, clustered, radius
from api.drawings.projection import Box, Point, Projection
from api.drawings.scales import class_of, classes
from api.drawings.svg import element

# The sheet, in its own units, and how high it may be beside its width.
_WIDTH, _LOWEST, _HIGHEST = 560, 0.5, 1.05
# Closer points of an outline are drawn as one.
_FINEST = 0.7
# Circles that are large enough hold their number, where it does not touch that of a larger one.
_LEAST_LABELLED_RADIUS = 9.0
_DIGIT_WIDTH, _DIGIT_HEIGHT = 7.0, 12.0
# Sheets whose outlines are kept, drawn already.
_SHEETS = 64


@dataclass(frozen=True)
class Outline:
    """An area that is drawn: its geometry as GeoJSON has it."""

    id: str
    name: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Layer:
    """Outlines of one sort. What was drawn of a layer is kept, so it is to be made once."""

    # The class of its outlines.
    name: str
    outlines: Sequence[Outline]
    # Whether outlines that are not shaded are left out.
    only_shaded: bool = False


@dataclass(frozen=True)
class Shading:
    """What is said of an area: a number above zero, in words too, and where a click on it leads."""

    count: int
    words: str
    link: str


@dataclass(frozen=True)
class Drawn:
    """A map with its legend, and what of the Earth it shows."""

    svg: Markup
    # The classes of shaded areas, lowest and highest of each.
    classes: list[tuple[int, int]]
    box: Box
    has_areas: bool
    has_clusters: bool


@dataclass(frozen=True)
class Layers:
    """What there is to draw: neutral ground, areas by name of their layer, and places."""

    # From below to above.
    ground: Sequence[Layer]
    shaded: Mapping[str, Shading]
    places: Sequence[Place]


@dataclass(frozen=True)
class Links:
    """Where clicks lead: to the map of another box, such as that of a cluster which is opened, and to a place by its id."""

    zoomed: Callable[[Box], str]
    placed: Callable[[str], str]


def draw(layers: Layers, box: Box, label: str, links: Links) -> Drawn:
    """The map of a box."""
    to_sheet = Projection(box, _WIDTH, _LOWEST, _HIGHEST)
    bounds = classes([shading.count for shading in layers.shaded.values()])
    parts = [part for layer in layers.ground for part in _outlines(layer, layers.shaded, to_sheet, bounds)]
    visible = [(place, to_sheet(place.longitude, place.latitude)) for place in layers.places]
    found = clustered(
        (place, (x, y)) for place, (x, y) in visible if 0 <= x <= to_sheet.width and 0 <= y <= to_sheet.height
    )
    most = max((cluster.count for cluster in found), default=1)
    parts += [_circle(cluster, most, links) for cluster in found]
    parts.append(element("g", {"aria-hidden": "true"}, _numbers(found, most)))
    size = f"0 0 {to_sheet.width} {to_sheet.height}"
    shown = {"data-linear": None if to_sheet.is_world else str(to_sheet.box)}
    svg = element("svg", {"class": "map", "viewBox": size, "role": "group", "aria-label": label, **shown}, parts)
    has_clusters = any(cluster.box is not None for cluster in found)
    return Drawn(svg, bounds, to_sheet.box, any(place.is_area for place in layers.places), has_clusters)


# --- Outlines ----------------------------------------------------------------------------------------------------


def _outlines(
    layer: Layer, shaded: Mapping[str, Shading], to_sheet: Projection, bounds: Sequence[tuple[int, int]]
) -> Iterator[Markup]:
    if layer.only_shaded and not any(outline.id in shaded for outline in layer.outlines):
        return
    for outline, path in _paths(layer, to_sheet.box):
        shading = shaded.get(outline.id)
        if shading is None:
            if not layer.only_shaded:
                yield element("path", {"class": f"outline {layer.name}", "d": path})
            continue
        title = element("title", {}, [shading.words])
        drawn = element("path", {"class": f"outline shade{class_of(shading.count, bounds)}", "d": path})
        yield element("a", {"href": shading.link, "tabindex": -1, "aria-label": shading.words}, [title, drawn])


@lru_cache(_SHEETS)
def _paths(layer: Layer, box: Box) -> list[tuple[Outline, str]]:
    """The outlines that meet a box, each as a path on its sheet."""
    to_sheet = Projection(box, _WIDTH, _LOWEST, _HIGHEST)
    found = []
    for outline in layer.outlines:
        rings = [ring for polygon in _polygons(outline.geometry) for ring in polygon]
        bounds = Box.around((point[0], point[1]) for ring in rings for point in ring)
        if bounds is not None and bounds.meets(box):
            path = "".join(_ring([to_sheet(point[0], point[1]) for point in ring]) for ring in rings)
            if path:
                found.append((outline, path))
    return found


def _polygons(geometry: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = geometry["coordinates"]
    return [found] if geometry["type"] == "Polygon" else found


def _ring(points: Sequence[Point]) -> str:
    """A ring as a path in tenths of a unit, without points that nobody would tell apart; empty where nothing is left."""
    kept: list[tuple[int, int]] = []
    least = (10 * _FINEST) ** 2
    for x, y in points:
        now = (round(10 * x), round(10 * y))
        if not kept or (now[0] - kept[-1][0]) ** 2 + (now[1] - kept[-1][1]) ** 2 >= least:
            kept.append(now)
    if len(kept) < 3:
        return ""
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(kept)]
    return f"M{_tenths(kept[0][0])} {_tenths(kept[0][1])}l{' '.join(_step(x, y) for x, y in steps)}z"


def _step(x: int, y: int) -> str:
    return f"{_tenths(x)}{'' if y < 0 else ' '}{_tenths(y)}"


def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), 10)
    return f"{'-' if value < 0 else ''}{whole or ''}{f'.{tenth}' if tenth else '' if whole else '0'}"


# --- Places ------------------------------------------------------------------------------------------------------


def _circle(cluster: Cluster, most: int, links: Links) -> Markup:
    first, box = cluster.places[0], cluster.box
    many = box is not None
    r = radius(cluster.count, most)
    events = f"{cluster.count:,} {'event' if cluster.count == 1 else 'events'}"
    words = f"{first.name}: {events}" if not many else f"{len(cluster.places):,} places: {events}"
    if first.is_area and not many:
        words += ", somewhere around there"
    kind = f"place series{first.series}{' around' if first.is_area else ''}{' cluster' if many else ''}"
    parts = [
        element("title", {}, [words]),
        element("circle", {"class": kind, "cx": round(cluster.x, 1), "cy": round(cluster.y, 1), "r": round(r, 1)}),
    ]
    link = links.zoomed(box) if box is not None else links.placed(first.id)
    return element("a", {"href": link, "tabindex": -1, "aria-label": words}, parts)


def _numbers(found: Sequence[Cluster], most: int) -> Iterator[Markup]:
    """The numbers of circles, above all of these, so that none is half covered. `found` has the largest first."""
    taken: list[tuple[float, float, float]] = []
    for cluster in found:
        if radius(cluster.count, most) < _LEAST_LABELLED_RADIUS or cluster.count == 1:
            continue
        text = f"{cluster.count:,}"
        half = _DIGIT_WIDTH * len(text) / 2
        if any(abs(cluster.x - x) < half + other and abs(cluster.y - y) < _DIGIT_HEIGHT for x, y, other in taken):
            continue
        taken.append((cluster.x, cluster.y, half))
        yield element("text", {"class": "count", "x": round(cluster.x, 1), "y": round(cluster.y + 4, 1)}, [text])
