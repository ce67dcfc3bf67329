"""Which events and figures a question is about, in plain Python, one after the other, filter by filter.

Written from the manual alone, it shares nothing with the service but the labels of the codebook, so that the two can
disagree. Every filter stands under what it is about: filters about one thing have to hold of the same one. A new filter
is a line here, and until it is, a question with it is refused.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from snowballstemmer.english_stemmer import EnglishStemmer

from api.boundaries import geometry
from api.domain.codebook import CODEBOOK
from tests.known import Asked, Known, Record, refuse_unknown
from tests.row_oracle import Key, placed, rows_of_event, rows_of_figure

# Whether a filter of the question holds of a thing.
Holds = Callable[[Record, Asked, Known], bool]

# Filters that say which part of the people is meant, and not which figures are talked about.
PARTITION = ("population", "sex", "age", "cause", "term")
# Codes of a figure by whose labels its event is found.
LABELLED = ("measure", "object", "population", "sex", "age", "cause", "term")
# Finest first; the coarseness that a filter names is the coarsest that it lets through.
DATE_PRECISIONS = ("day", "days", "week", "month", "year")
LOCATION_PRECISIONS = ("exact", "near", "township", "district", "state_or_region", "area", "country", "unknown")
# Precisions at which a record has a point on a map.
DRAWN = ("exact", "near", "township", "district")
EARTH_RADIUS_KM = 6371.0088
# The family of each measure. What is of the context is never added.
CONTEXT = "context"
FAMILIES: dict[str, str] = {
    **dict.fromkeys(
        ("killed", "injured", "captured", "surrendered", "abducted", "missing", "casualties"),
        "casualty",
    ),
    **dict.fromkeys(("displaced", "returned"), "displacement"),
    **dict.fromkeys(("trapped", "trafficked", "out_of_contact"), "affected"),
    **dict.fromkeys(("destroyed", "damaged"), "damage"),
    **dict.fromkeys(("seized", "attacked"), "territory"),
    **dict.fromkeys(("combatants", "air_strikes", "aircraft", "weapons_seized"), "force"),
    **dict.fromkeys(("population", "trade_share"), CONTEXT),
}


def family_of(figure: Record) -> str:
    """The family of what a figure counts."""
    refuse_unknown("measure", [figure["measure"]], FAMILIES)
    return FAMILIES[figure["measure"]]


def among(name: str, column: str | None = None) -> Holds:
    """That a column holds one of the values."""
    return lambda thing, asked, _known: thing[column or name] in asked[name]


def _no_coarser(name: str, finest_first: Sequence[str]) -> Holds:
    return lambda thing, asked, _known: finest_first.index(thing[name]) <= finest_first.index(asked[name][0])


def words(text: str) -> set[str]:
    """The words of a text, without case, accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", re.sub("['\u2018\u2019]", "", text))
    without_accents = "".join(c for c in plain if not 0x300 <= ord(c) <= 0x36F)
    cut = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", without_accents))
    return set("".join(cut).casefold().split())


def stems(text: str) -> set[str]:
    """The English stems of the words of a text."""
    return set(EnglishStemmer().stemWords(sorted(words(text))))


def _label(code_list: str, code: str | None) -> str:
    """What the codebook calls a code; empty for none."""
    return next((known.label for known in CODEBOOK[code_list].codes if known.code == code), "")


def _has_words(event: Record, asked: Asked, known: Known) -> bool:
    named = [part["group_id"] for part in event["groups"]]
    named += [place["id"] for place in known.around(event["location_id"])]
    told = [event["title"], event["summary"] or "", *(name for one in named for name in known.names.get(one, ()))]
    told += [_label(f"event_{name}", event[name]) for name in ("kind", "type", "subtype")] + [
        _label("outcome", event["outcome"])
    ]
    told += [_label(name, figure[name]) for figure in event["figures"] for name in LABELLED]
    return stems(asked["q"][0]) <= stems(" ".join(told))


def _lies_in(record: Record, asked: Asked, known: Known) -> bool:
    return bool({place["id"] for place in known.around(record["location_id"])} & set(asked["location"]))


def _drawn_at(record: Record, known: Known) -> tuple[float, float] | None:
    return known.point_of(record) if record["location_precision"] in DRAWN else None


def _is_in_box(record: Record, asked: Asked, known: Known) -> bool:
    west, south, east, north = (float(edge) for edge in asked["bbox"])
    point = _drawn_at(record, known)
    if point is None:
        return False
    across = west <= point[1] <= east if west <= east else point[1] >= west or point[1] <= east
    return south <= point[0] <= north and across


def _is_near(record: Record, asked: Asked, known: Known) -> bool:
    latitude, longitude = (float(number) for number in asked["near"])
    point = _drawn_at(record, known)
    return point is not None and _kilometres((latitude, longitude), point) <= float(asked["radius_km"][0])


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance, by the angle between two directions from the middle of the Earth."""
    (a, b), (c, d) = ([math.radians(degrees) for degrees in point] for point in (one, other))
    straight = [
        math.cos(a) * math.cos(b) - math.cos(c) * math.cos(d),
        math.cos(a) * math.sin(b) - math.cos(c) * math.sin(d),
        math.sin(a) - math.sin(c),
    ]
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.hypot(*straight) / 2))


def _is_within(record: Record, asked: Asked, known: Known) -> bool:
    """By the number of edges that a ray to the east crosses."""
    point = _drawn_at(record, known)
    if point is None:
        return False
    latitude, longitude = point
    (text,) = asked["within"]
    drawn = json.loads(text) if text.startswith("{") else geometry(text)
    drawn = (drawn or {}).get("geometry", drawn)
    assert drawn is not None
    polygons = [drawn["coordinates"]] if drawn["type"] == "Polygon" else drawn["coordinates"]
    crossed = 0
    for ring in (ring for polygon in polygons for ring in polygon):
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > latitude) != (y2 > latitude):
                crossed += longitude < x1 + (latitude - y1) / (y2 - y1) * (x2 - x1)
    return crossed % 2 == 1


def _is_of_group(part: Record, asked: Asked, known: Known) -> bool:
    wanted = set(asked["group"])
    if asked.get("include_members") == ["true"]:
        wanted = known.with_members(wanted, part["date_start"])
    return part["group_id"] in wanted


def _day(asked: Asked, name: str) -> date:
    return date.fromisoformat(asked[name][0])


def _edge(record: Record, asked: Asked, overlaps: str) -> date:
    """The day of a record that has to lie on the right side of the one asked for: of what overlaps the period, this one."""
    (way,) = asked.get("period", ["overlaps"])
    day: date = record[
        {
            "overlaps": overlaps,
            "starts": "date_start",
            "within": {"date_end": "date_start", "date_start": "date_end"}[overlaps],
        }[way]
    ]
    return day


# The event or figure itself: each has a period and a place of its own.
OF_RECORD: dict[str, Holds] = {
    "dataset": among("dataset"),
    "id": among("id"),
    "date_from": lambda record, asked, _known: _edge(record, asked, "date_end") >= _day(asked, "date_from"),
    "date_to": lambda record, asked, _known: _edge(record, asked, "date_start") <= _day(asked, "date_to"),
    "date_precision": _no_coarser("date_precision", DATE_PRECISIONS),
    "location": _lies_in,
    "country": lambda record, asked, known: known.places[record["location_id"]]["country"] in asked["country"],
    "bbox": _is_in_box,
    "near": _is_near,
    "within": _is_within,
    "location_precision": _no_coarser("location_precision", LOCATION_PRECISIONS),
    "updated_since": lambda record, asked, known: known.changed_at[record["id"]] > asked["updated_since"][0],
}
OF_EVENT: dict[str, Holds] = {
    "event": among("event", "id"),
    **{name: among(name) for name in ("release", "kind", "type", "subtype", "outcome", "coding_status")},
    # `episodes` are the event itself and all that it is part of, at any depth.
    "part_of": lambda event, asked, _known: bool(set(event["episodes"]) & set(asked["part_of"])),
    "q": _has_words,
}
OF_PARTICIPATION: dict[str, Holds] = {"group": _is_of_group, "group_role": among("group_role", "role")}
OF_FIGURE: dict[str, Holds] = {
    "family": lambda figure, asked, _known: family_of(figure) in asked["family"],
    **{name: among(name) for name in ("measure", "object", "unit", "status", *PARTITION)},
    "roots_min": lambda figure, asked, known: (
        known.corroboration_of(figure["claims"])["roots"] >= int(asked["roots_min"][0])
    ),
    # Null is in no range.
    "best_min": lambda figure, asked, _known: (
        figure["best"] is not None and figure["best"] >= int(asked["best_min"][0])
    ),
    "best_max": lambda figure, asked, _known: (
        figure["best"] is not None and figure["best"] <= int(asked["best_max"][0])
    ),
}
# A claim on a figure, or a report of an event.
OF_SAID: dict[str, Holds] = {
    "document": among("document", "document_id"),
    "claimant": among("claimant"),
    "outlet": lambda said, asked, known: known.outlet_of(said["document_id"]) in asked["outlet"],
    "source": lambda said, asked, known: bool(known.sources_of(said) & set(asked["source"])),
    "verification": among("verification"),
}
# What another parameter reads; the row of a total is held as a whole.
COMPANIONS = {"include_members", "radius_km", "period", "group_by", "row"}
_ALL = (OF_RECORD, OF_EVENT, OF_PARTICIPATION, OF_FIGURE, OF_SAID)


def filters() -> set[str]:
    """The names of all filters that are known here, with what they read beside them."""
    return {name for found in _ALL for name in found} | COMPANIONS


def is_event_asked(event: Record, asked: Asked, known: Known) -> bool:
    """Whether the question is about this event; no kind is left out."""
    said = [*event["reports"], *(claim for figure in event["figures"] for claim in figure["claims"])]
    return (
        _happened(event, event, asked, known)
        and some_hold(OF_FIGURE, event["figures"], asked, known)
        and some_hold(OF_SAID, said, asked, known)
        and _is_in_row(asked, lambda names: rows_of_event(placed(event, asked), names, known))
    )


def is_figure_asked(figure: Record, event: Record, asked: Asked, known: Known) -> bool:
    """Whether the question is about this figure of the event: its own period and place, the event's groups."""
    return (
        _happened(figure, event, asked, known)
        and all_hold(OF_FIGURE, figure, asked, known)
        and some_hold(OF_SAID, figure["claims"], asked, known)
        and _is_in_row(
            asked, lambda names: rows_of_figure(placed(as_said(figure, asked, known), asked), event, names, known)
        )
    )


def as_said(figure: Record, asked: Asked, known: Known) -> Record:
    """A figure with those of its claims alone that are asked for."""
    return {**figure, "claims": [claim for claim in figure["claims"] if all_hold(OF_SAID, claim, asked, known)]}


def in_scope(events: Sequence[Record], asked: Asked, known: Known) -> dict[str, Record]:
    """The figures that a total talks about, by id, whichever part of the people is meant."""
    scope = {name: values for name, values in asked.items() if name not in PARTITION}
    return {
        figure["id"]: figure
        for event in events
        for figure in event["figures"]
        if family_of(figure) != CONTEXT and is_figure_asked(figure, event, scope, known)
    }


def in_part(figure: Record, asked: Asked, known: Known) -> bool:
    """Whether the figure is about the part of the people that is meant."""
    return all_hold({name: OF_FIGURE[name] for name in PARTITION}, figure, asked, known)


def _happened(record: Record, event: Record, asked: Asked, known: Known) -> bool:
    """Whether all holds that is asked of an event or figure itself, of its event, and of one participation."""
    refuse_unknown("filters", asked, filters())
    parts = [{**part, "date_start": event["date_start"]} for part in event["groups"]]
    return (
        all_hold(OF_RECORD, record, asked, known)
        and all_hold(OF_EVENT, event, asked, known)
        and some_hold(OF_PARTICIPATION, parts, asked, known)
    )


def all_hold(filters: Mapping[str, Holds], thing: Record, asked: Asked, known: Known) -> bool:
    """Whether all of these filters that are asked hold of a thing."""
    return all(holds(thing, asked, known) for name, holds in filters.items() if name in asked)


def some_hold(filters: Mapping[str, Holds], things: Iterable[Record], asked: Asked, known: Known) -> bool:
    """Whether all of these filters that are asked hold of one of the things; so it is where none is asked."""
    return not filters.keys() & asked.keys() or any(all_hold(filters, thing, asked, known) for thing in things)


def _is_in_row(asked: Asked, rows: Callable[[Sequence[str]], Collection[Key]]) -> bool:
    return "row" not in asked or tuple(value or None for value in asked["row"]) in rows(asked["group_by"])
