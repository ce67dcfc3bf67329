"""Draws a map without tiles: outlines, areas shaded by classes of numbers, and a circle for each place or cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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
# Circles that are large enough hold their number, and areas theirs, where it does not touch a larger one.
_LEAST_LABELLED_RADIUS = 9.0
_DIGIT_WIDTH, _DIGIT_HEIGHT = 7.0, 12.0
# A phone writes them so much larger beside its small sheet, and leaves out those that have no room then.
_ON_PHONES = 1.8
# Sheets whose outlines are kept, drawn already.
_SHEETS = 64


@dataclass(frozen=True, eq=False)
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
    # Whether shaded areas hold their number.
    are_numbered: bool = False


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
    numbers = [
        (cluster.x, cluster.y, cluster.count)
        for cluster in found
        if cluster.count > 1 and radius(cluster.count, most) >= _LEAST_LABELLED_RADIUS
    ]
    if layers.are_numbered:
        numbers += _in_areas(layers, to_sheet)
    parts.append(element("g", {"aria-hidden": "true"}, _numbers(numbers)))
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


def _in_areas(layers: Layers, to_sheet: Projection) -> list[tuple[float, float, int]]:
    """Where the number of each shaded area is written, in the middle of its largest part, and the number; largest first."""
    found = []
    for outline in {one.id: one for layer in layers.ground for one in layer.outlines}.values():
        if outline.id in layers.shaded:
            x, y = to_sheet(*_middle(outline))
            if 0 <= x <= to_sheet.width and 0 <= y <= to_sheet.height:
                found.append((x, y, layers.shaded[outline.id].count))
    return sorted(found, key=lambda one: -one[2])


@cache
def _middle(outline: Outline) -> Point:
    """The centre of gravity of the largest part of an outline."""
    rings = [_weighed(polygon[0]) for polygon in _polygons(outline.geometry)]
    area, x, y = max(rings, key=lambda one: abs(one[0]))
    return x / area, y / area


def _weighed(ring: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """A ring's area, and its centre of gravity times that."""
    area = x = y = 0.0
    for (left, low, *_rest), (right, high, *_more) in pairwise(ring):
        cross = left * high - right * low
        area, x, y = area + cross / 2, x + (left + right) * cross / 6, y + (low + high) * cross / 6
    return area, x, y


def _numbers(found: Sequence[tuple[float, float, int]]) -> Iterator[Markup]:
    """Numbers above all else, the largest first, so that none is half covered; those that only a large sheet has room for are
    `second`."""
    taken: list[tuple[float, float, float]] = []
    on_phones: list[tuple[float, float, float]] = []
    for x, y, count in found:
        text = f"{count:,}"
        half = _DIGIT_WIDTH * len(text) / 2
        if _meets(taken, (x, y, half), 1):
            continue
        taken.append((x, y, half))
        is_second = _meets(on_phones, (x, y, half), _ON_PHONES)
        if not is_second:
            on_phones.append((x, y, half))
        place = {"class": "count second" if is_second else "count", "x": round(x, 1), "y": round(y, 1)}
        yield element("text", {**place, "dy": ".35em"}, [text])


def _meets(taken: Sequence[tuple[float, float, float]], one: tuple[float, float, float], larger: float) -> bool:
    """Whether a number, written so much larger, touches one of those that have their place."""
    x, y, half = one
    return any(
        abs(x - other_x) < larger * (half + other) and abs(y - other_y) < larger * _DIGIT_HEIGHT
        for other_x, other_y, other in taken
    )
