"""Where it happened: areas shaded by how many events are known no closer, and circles for places known well enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from api.boundaries import outlines
from api.domain.errors import Fault, InvalidValue, refusal
from api.drawings.clusters import Place
from api.drawings.maps import Drawn, Layer, Layers, Links, Outline, Shading, draw
from api.drawings.projection import Box
from api.explorer.rows import Row, all_rows
from api.explorer.state import State
from api.pages.subrequests import Subrequests

# Circles that a map takes; what has more places is shown by areas.
_MOST_PLACES = 4_000
# Of a stretch narrower than this, in degrees, districts are drawn; of a wider one than the other, countries alone.
_DISTRICTS_BELOW, _COUNTRIES_OVER = 4.5, 40.0
# What is known so closely is a spot, or lies somewhere in an area whose middle can be drawn.
_SPOTS, _AROUND = ("exact", "near"), ("township", "district")
_ZOOM = 2.0
_COUNTRY, _STATE, _DISTRICT = "country", "state_or_region", "district"


# A row of the table behind a map: a place, how well it is known, its events, their dataset, and the list of them.
TableRow = tuple[str, str, int, str, str]


@dataclass(frozen=True)
class Map:
    """A map with what has to be said beside it."""

    drawn: Drawn
    shows_areas: bool
    datasets: list[tuple[int, str]]
    # Those that are not drawn beside them, and where they are.
    others: list[tuple[str, str]]
    # Events that are on no map, since their place has no outline or point, with where they are listed.
    undrawn: int
    rows: list[TableRow]
    closer: str
    wider: str
    whole: str | None
    by_areas: str
    # Null where there are too many to draw.
    by_places: str | None


@dataclass(frozen=True)
class _Counted:
    """What a map is drawn of: the rows of a total of events, the datasets that are drawn, each with its place among them,
    how many events cannot be drawn, the table behind the map, and whether there are more places than are drawn."""

    rows: Sequence[Row]
    datasets: Mapping[str, int]
    undrawn: int
    table: Sequence[TableRow]
    has_too_many_places: bool = False


def map_of(state: State, subrequests: Subrequests) -> Map | None:
    """The map of a question; null where nothing of it can be drawn."""
    chosen = state.view.get("map")
    if chosen not in (None, "areas", "places"):
        raise refusal([Fault("map", "'map' is 'areas' or 'places'.", InvalidValue, allowed=("areas", "places"))])
    rows = None if chosen == "areas" else _places(state, subrequests)
    if rows is None:
        return _by_areas(state, subrequests, has_too_many_places=chosen != "areas")
    return _by_places(state, rows)


def _places(state: State, subrequests: Subrequests) -> list[Row] | None:
    """How many events each place has, by how well it is known, and its state; null where these are too many to draw."""
    query = {**state.filters, "group_by": f"location,location_precision,{_STATE}"}
    return all_rows(subrequests.ask, "/v1/events/totals", query, _MOST_PLACES)


def _by_places(state: State, rows: Sequence[Row]) -> Map | None:
    datasets = _datasets(rows)
    places: list[Place] = []
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    undrawn = 0
    table = []
    for row in rows:
        identity, precision = row["key"]["location"], row["key"]["location_precision"]
        name, events, point = row["labels"]["location"], row["events"], row["points"]["location"]
        is_spot = precision in (*_SPOTS, *_AROUND)
        if is_spot and point is not None:
            series = datasets[row["key"]["dataset"]]
            at = (point["longitude"], point["latitude"])
            places.append(Place(identity, name, *at, events, precision in _AROUND, series))
        elif (area := _area_of(row)) is not None:
            identity = row["key"][area]
            counts[identity] = counts.get(identity, 0) + events
            names[identity] = row["labels"][area]
        else:
            undrawn += events
        table.append(_table_row(row, name, row["labels"]["location_precision"]))
    countries = {outline.id for outline in _layer(_COUNTRY).outlines}
    if places or counts.keys() - countries:
        # A whole country under its shaded states would look like all of them.
        undrawn += sum(counts.pop(identity) for identity in countries & counts.keys())
    shaded = {
        identity: Shading(
            count,
            f"{names[identity]}: {_events(count)} known no closer than this",
            state.only("location", identity).address,
        )
        for identity, count in counts.items()
    }
    return _map(state, Layers((), shaded, places), _Counted(rows, datasets, undrawn, table), None)


def _area_of(row: Row) -> str | None:
    """The dimension whose place is the outline of what is no spot; null where nothing has one. What is known to its state
    alone may stand at a place inside it that nobody names."""
    dimensions = (_STATE, "location") if row["key"]["location_precision"] == _STATE else ("location",)
    return next((one for one in dimensions if row["key"][one] in _by_id()), None)


def _by_areas(state: State, subrequests: Subrequests, *, has_too_many_places: bool) -> Map | None:
    """Areas by all events in them: districts or states where most have an outline here, else countries where most of these
    do. What has no outline is a circle somewhere in its area."""
    asked = state.view.get("view")
    is_near = asked is not None and _box(asked).width < _DISTRICTS_BELOW
    tried = (
        (level, all_rows(subrequests.ask, "/v1/events/totals", {**state.filters, "group_by": level}) or [])
        for level in (_DISTRICT if is_near else _STATE, _COUNTRY)
    )
    first = level, rows = next(tried)
    if not _is_outlined(level, rows):
        level, rows = next(tried)
        if not _is_outlined(level, rows):
            level, rows = first
    datasets, shown = _datasets(rows), _with_most(rows)
    shaded, places, undrawn, table = {}, [], 0, []
    for row in rows:
        identity, name, events, point = row["key"][level], row["labels"][level], row["events"], row["points"][level]
        table.append(_table_row(row, name, ""))
        # Numbers of different datasets are never added: the one with the most events is shown.
        if row["key"]["dataset"] != shown:
            continue
        outline = _outline_of(identity)
        if outline is not None:
            link = state.with_(**{"country" if level == _COUNTRY else "location": identity})
            shaded[outline.id] = Shading(events, f"{name}: {_events(events)}", link.address)
        elif point is not None:
            at = (point["longitude"], point["latitude"])
            places.append(Place(identity, name, *at, events, is_area=True, series=datasets[shown]))
        else:
            undrawn += events
    counted = _Counted(rows, datasets, undrawn, table, has_too_many_places)
    return _map(state, Layers((), shaded, places, are_numbered=True), counted, shown)


def _outline_of(identity: str | None) -> Outline | None:
    return _by_id().get((identity or "").lower())


def _with_most(rows: Sequence[Row]) -> str:
    """The dataset with the most events; empty of no rows."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["key"]["dataset"]] = counts.get(row["key"]["dataset"], 0) + row["events"]
    return max(counts, key=lambda one: counts[one], default="")


def _is_outlined(level: str, rows: Sequence[Row]) -> bool:
    """Whether most events of the dataset that has the most are in areas with an outline."""
    dataset = _with_most(rows)
    shown = [row for row in rows if row["key"]["dataset"] == dataset]
    outlined = sum(row["events"] for row in shown if _outline_of(row["key"][level]) is not None)
    return bool(2 * outlined > sum(row["events"] for row in shown))


def _table_row(row: Row, name: str | None, precision: str) -> TableRow:
    return name or "not known", precision, row["events"], row["labels"]["dataset"], row["links"]["events"]


def _map(state: State, layers: Layers, counted: _Counted, shown: str | None) -> Map | None:
    """The map of these layers over the ground; null where nothing is drawn and no box is asked for. Of areas by their numbers
    one dataset alone is `shown`."""
    shows_areas = shown is not None
    whole = _extent(layers)
    asked = state.view.get("view")
    box = whole if asked is None else _box(asked)
    if box is None:
        return None
    layers = replace(layers, ground=_ground(box))
    titles = {row["key"]["dataset"]: row["labels"]["dataset"] for row in counted.rows}
    drawn_datasets = [dataset for dataset in counted.datasets if shown in (None, dataset)]
    label = f"Map of {'areas by their events' if shows_areas else 'places by their events'}"
    links = Links(
        lambda other: state.looked_at(view=str(other)).address, lambda place: state.only("location", place).address
    )
    drawn = draw(layers, box, label, links)
    return Map(
        drawn,
        shows_areas,
        datasets=[(counted.datasets[dataset], titles[dataset]) for dataset in drawn_datasets],
        others=[
            (titles[dataset], state.only("dataset", dataset).address)
            for dataset in counted.datasets
            if dataset not in drawn_datasets
        ],
        undrawn=counted.undrawn,
        rows=sorted(counted.table, key=lambda row: (-row[2], row[0])),
        closer=state.looked_at(view=str(drawn.box.scaled(1 / _ZOOM))).address,
        wider=state.looked_at(view=str(drawn.box.scaled(_ZOOM))).address,
        whole=None if asked is None else state.looked_at(view=None).address,
        by_areas=state.looked_at(map="areas").address,
        by_places=None if counted.has_too_many_places else state.looked_at(map="places").address,
    )


def _datasets(rows: Sequence[Row]) -> dict[str, int]:
    """The datasets of these rows, each with its place among them."""
    return {dataset: place for place, dataset in enumerate(sorted({row["key"]["dataset"] for row in rows}))}


def _events(count: int) -> str:
    return f"{count:,} {'event' if count == 1 else 'events'}"


def _box(written: str) -> Box:
    """The box that an address asks for. Errors: a Problem, where it is none."""
    try:
        west, south, east, north = (float(edge) for edge in written.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError
    except ValueError:
        message = "'view' is west,south,east,north in degrees."
        raise refusal([Fault("view", message, InvalidValue)]) from None
    return Box(west, south, east, north)


def _extent(layers: Layers) -> Box | None:
    """The box of all that is drawn; null of nothing."""
    points = [(place.longitude, place.latitude) for place in layers.places]
    for identity in layers.shaded:
        box = _bounds(identity)
        points += [(box.west, box.south), (box.east, box.north)]
    return Box.around(points)


# --- Outlines ----------------------------------------------------------------------------------------------------


@cache
def _layer(level: str, only_shaded: bool = False) -> Layer:
    features = outlines(level)["features"]
    found = [Outline(one["id"], one["properties"]["name"], one["geometry"]) for one in features]
    return Layer(level, found, only_shaded)


@cache
def _by_id() -> Mapping[str, Outline]:
    """Every outline by the id of its place; countries by their codes too, as keys of totals have them."""
    layers = [_layer(level) for level in (_DISTRICT, _STATE, "area", _COUNTRY)]
    return {outline.id: outline for layer in layers for outline in layer.outlines}


@cache
def _bounds(identity: str) -> Box:
    geometry = _by_id()[identity].geometry
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    box = Box.around(((x, y) for polygon in polygons for ring in polygon for x, y, *_more in ring), margin=0)
    assert box is not None, "an outline has points"
    return box


def _ground(box: Box) -> list[Layer]:
    """The layers of a stretch, from below. Lines of countries alone are drawn of a wide one, of districts of a small one."""
    if box.width > _COUNTRIES_OVER:
        return [_layer(_COUNTRY), _layer("area", True), _layer(_STATE, True)]
    return [_layer(_COUNTRY), _layer("area", True), _layer(_STATE), _layer(_DISTRICT, box.width > _DISTRICTS_BELOW)]
