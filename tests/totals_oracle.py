"""Totals in plain Python, one figure after the other, as the chapter on totals defines them. Knows no SQL and no HTTP.

It is written from the domain's definition alone and shares no code with the service, so that the two can disagree.
It works on the records that a source brings, and on questions as `{parameter: values}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

Record = Mapping[str, Any]
# A question's filters as they are written: every value is text, and a parameter with one value has one.
Asked = Mapping[str, Sequence[str]]
Key = tuple[str | None, ...]

# What makes figures numbers of different things, which are never added.
APART = ("dataset", "measure", "unit", "object")
# Filters that say which part of the people is meant, and not which figures are talked about.
PARTITION = ("population", "sex", "term")
# Finest first; the coarseness that a filter names is the coarsest that it lets through.
DATE_PRECISIONS = ("day", "days", "week", "month", "year")
LOCATION_PRECISIONS = ("exact", "near", "township", "district", "state_or_region", "area", "country", "unknown")
# Precisions at which a record has a point on a map.
DRAWN = ("exact", "near", "township", "district")


@dataclass(frozen=True)
class Membership:
    """That one group is a member of another, within these days where they are given."""

    member: str
    whole: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Known:
    """What questions refer to beside events: every place by its id, and who is a member of what."""

    places: Mapping[str, Record] = field(repr=False)
    memberships: Sequence[Membership] = ()

    def around(self, identity: str) -> Iterator[Record]:
        """The place itself and every place that it lies in."""
        found: str | None = identity
        while found is not None:
            yield self.places[found]
            found = self.places[found]["parent_id"]

    def at_level(self, identity: str, level: str) -> str | None:
        """The place of this level that a place lies in; null where it lies in none."""
        return next((place["id"] for place in self.around(identity) if place["level"] == level), None)

    def with_members(self, groups: Iterable[str], day: date) -> set[str]:
        """These groups and whoever is on this day a member of them, to any depth."""
        found = set(groups)
        while True:
            more = {
                link.member
                for link in self.memberships
                if link.whole in found
                and (link.since is None or link.since <= day)
                and (link.until is None or day <= link.until)
            }
            if more <= found:
                return found
            found |= more


@dataclass(frozen=True)
class Row:
    """A row of a total of figures, and the figures it is made of."""

    key: Mapping[str, str | None]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    statuses: Mapping[str, int]
    spanning: int
    members: tuple[str, ...]

    def numbers(self) -> dict[str, Any]:
        """All that the row says but for its key, by name."""
        bounds = {"low": self.low, "best": self.best, "high": self.high, "open_ended": self.open_ended}
        return {**bounds, "figures": len(self.members), **self.statuses, "spanning": self.spanning}


@dataclass(frozen=True)
class EventRow:
    """A row of a total of events, and the events it counts."""

    key: Mapping[str, str | None]
    spanning: int
    members: tuple[str, ...]


# --- Numbers -----------------------------------------------------------------------------------------------------


def low_of(figure: Record) -> int:
    return 0 if figure["low"] is None else int(figure["low"])


def best_of(figure: Record) -> int:
    return low_of(figure) if figure["best"] is None else int(figure["best"])


def high_of(figure: Record) -> int:
    return best_of(figure) if figure["high"] is None else int(figure["high"])


def is_open(figure: Record) -> bool:
    """Whether nobody says how many there are at the most."""
    return bool(figure["open_ended"]) or figure["high"] is None


def _added(row: Mapping[str, Record], scope: Mapping[str, Record]) -> tuple[int | None, int | None, int | None, bool]:
    """Low, best and high of the figures of one row, and whether its high end is open."""
    low = best = high = 0
    for figure in row.values():
        parts = [part for part in scope.values() if part["part_of"] == figure["id"]]
        own_low, own_best, own_high = low_of(figure), best_of(figure), high_of(figure)
        for part in parts:
            is_here, is_certain = part["id"] in row, part["nesting"] == "certain"
            own_best -= best_of(part)
            own_low -= low_of(part) if is_here else high_of(part)
            if is_certain:
                own_high -= high_of(part) if is_here else low_of(part)
        if any(part["id"] not in row and is_open(part) for part in parts):
            own_low = 0
        low, best, high = low + max(0, own_low), best + max(0, own_best), high + max(0, own_high)
    opens = any(is_open(figure) and not _has_a_limit(figure, row) for figure in row.values())
    if all(figure[bound] is None for figure in row.values() for bound in ("low", "best", "high")):
        return None, None, None, opens
    return low, best, high, opens


def _has_a_limit(figure: Record, row: Mapping[str, Record]) -> bool:
    """Whether it lies for certain in a figure of the same row that has a limit itself."""
    return figure["nesting"] == "certain" and figure["part_of"] in row and not is_open(row[figure["part_of"]])


# --- Rows --------------------------------------------------------------------------------------------------------


def in_scope(events: Sequence[Record], asked: Asked, known: Known) -> dict[str, Record]:
    """The figures that are talked about, by id, whichever part of the people is meant. Context is never totalled."""
    return {
        figure["id"]: figure
        for event in events
        for figure in event["figures"]
        if figure["family"] != "context" and _is_in_scope(figure, event, asked, known)
    }


def figure_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[Row]:
    """The rows of a total of figures, in order."""
    scope = in_scope(events, asked, known)
    rows: dict[Key, dict[str, Record]] = {}
    reaching: dict[Key, int] = {}
    names = _key_names(dimensions, APART)
    for event in events:
        for figure in event["figures"]:
            if figure["id"] in scope and all(figure[name] in asked[name] for name in PARTITION if name in asked):
                for key in _keys(figure, event["groups"], figure["claims"], [figure], names, known):
                    rows.setdefault(key, {})[figure["id"]] = figure
                    reaching[key] = reaching.get(key, 0) + _reaches_out(figure, dimensions, asked)
    return [
        Row(
            dict(zip(names, key, strict=True)),
            *_added(rows[key], scope),
            {
                status: sum(figure["status"] == status for figure in rows[key].values())
                for status in ("numbered", "unnumbered", "unknown", "none_reported")
            },
            reaching[key],
            tuple(sorted(rows[key])),
        )
        for key in sorted(rows, key=_order)
    ]


def event_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[EventRow]:
    """The rows of a total of events, in order; incidents alone unless the question says otherwise."""
    asked = {"kind": ["incident"], **asked}
    rows: dict[Key, set[str]] = {}
    reaching: dict[Key, int] = {}
    names = _key_names(dimensions, ("dataset",))
    for event in events:
        if not _is_event_asked(event, asked, known):
            continue
        for key in _keys(event, event["groups"], event["reports"], event["figures"], names, known):
            rows.setdefault(key, set()).add(event["id"])
            reaching[key] = reaching.get(key, 0) + _reaches_out(event, dimensions, asked)
    return [
        EventRow(dict(zip(names, key, strict=True)), reaching[key], tuple(sorted(rows[key])))
        for key in sorted(rows, key=_order)
    ]


def _key_names(dimensions: Sequence[str], always: Sequence[str]) -> tuple[str, ...]:
    return (*dimensions, *(name for name in always if name not in dimensions))


def _order(key: Key) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in key]


_TIMES: Mapping[str, Callable[[date], str]] = {
    "day": lambda day: day.isoformat(),
    "week": lambda day: "{:04}-W{:02}".format(*day.isocalendar()[:2]),
    "month": lambda day: day.isoformat()[:7],
    "year": lambda day: day.isoformat()[:4],
}
_OF_FIGURE = ("population", "measure", "sex", "unit", "object")


def _keys(
    record: Record,
    taking_part: Sequence[Record],
    said: Sequence[Record],
    figures: Sequence[Record],
    names: Sequence[str],
    known: Known,
) -> set[Key]:
    """Every row that a figure or event is in: one for each combination of what it has several of."""
    found: set[Key] = set()
    nobody: list[Record | None] = [None]
    hanging = (taking_part, said, figures)
    wanted = (("group", "role"), ("document", "claimant"), _OF_FIGURE)
    # What no dimension asks about cannot tell rows apart.
    choices = [
        list(rows) or nobody if set(asked) & set(names) else nobody for rows, asked in zip(hanging, wanted, strict=True)
    ]
    for part, saying, figure in product(*choices):
        values: dict[str, str | None] = {
            "group": None if part is None else part["group_id"],
            "role": None if part is None else part["role"],
            "document": None if saying is None else saying["document_id"],
            "claimant": None if saying is None else saying["claimant"],
            "type": record["type"],
            "dataset": record["dataset"],
            "location": record["location_id"],
            "country": known.places[record["location_id"]]["country"],
            **{name: None if figure is None else figure[name] for name in _OF_FIGURE},
            **{name: bucket(record["date_start"]) for name, bucket in _TIMES.items()},
            **{
                level: known.at_level(record["location_id"], level)
                for level in ("state_or_region", "district", "township")
            },
        }
        found.add(tuple(values[name] for name in names))
    return found


def _reaches_out(record: Record, dimensions: Sequence[str], asked: Asked) -> bool:
    """Whether it reaches beyond its bucket or beyond the days that are asked about."""
    start, end = record["date_start"], record["date_end"]
    return (
        any(_TIMES[name](start) != _TIMES[name](end) for name in dimensions if name in _TIMES)
        or ("date_from" in asked and start < date.fromisoformat(asked["date_from"][0]))
        or ("date_to" in asked and end > date.fromisoformat(asked["date_to"][0]))
    )


# --- Filters -----------------------------------------------------------------------------------------------------


def _is_in_scope(figure: Record, event: Record, asked: Asked, known: Known) -> bool:
    """Whether the figure is talked about; partition filters do not matter here."""
    return (
        _lies_in(figure, asked, known)
        and _is_such_an_event(event, asked)
        and _has_part(event, asked, known)
        and _is_such_a_figure(figure, {name: values for name, values in asked.items() if name not in PARTITION})
        and _is_said(figure["claims"], asked)
        and ("event" not in asked or event["id"] in asked["event"])
        and ("id" not in asked or figure["id"] in asked["id"])
    )


def _is_event_asked(event: Record, asked: Asked, known: Known) -> bool:
    figures = [figure for figure in event["figures"] if _is_such_a_figure(figure, asked)]
    claims = [claim for figure in event["figures"] for claim in figure["claims"]]
    return (
        _lies_in(event, asked, known)
        and _is_such_an_event(event, asked)
        and _has_part(event, asked, known)
        and (bool(figures) or not set(asked) & {*_FIGURE_CODES, "best_min", "best_max"})
        and (_is_said(event["reports"], asked) or _is_said(claims, asked))
        and ("id" not in asked or event["id"] in asked["id"])
    )


def _lies_in(record: Record, asked: Asked, known: Known) -> bool:
    """Dataset, period and place, which figures have of their own."""
    around = {place["id"] for place in known.around(record["location_id"])}
    return (
        ("dataset" not in asked or record["dataset"] in asked["dataset"])
        and ("date_from" not in asked or record["date_end"] >= date.fromisoformat(asked["date_from"][0]))
        and ("date_to" not in asked or record["date_start"] <= date.fromisoformat(asked["date_to"][0]))
        and ("location" not in asked or bool(around & set(asked["location"])))
        and ("country" not in asked or known.places[record["location_id"]]["country"] in asked["country"])
        and ("bbox" not in asked or _is_in_box(record, [float(edge) for edge in asked["bbox"]], known))
        and _is_no_coarser(record, asked, "date_precision", DATE_PRECISIONS)
        and _is_no_coarser(record, asked, "location_precision", LOCATION_PRECISIONS)
    )


def _is_in_box(record: Record, box: Sequence[float], known: Known) -> bool:
    """Whether it is drawn in there: at its own point, or at its place's where it has none."""
    west, south, east, north = box
    drawn_as = known.places[record["location_id"]] if record["latitude"] is None else record
    return (
        record["location_precision"] in DRAWN
        and drawn_as["latitude"] is not None
        and west <= drawn_as["longitude"] <= east
        and south <= drawn_as["latitude"] <= north
    )


def _is_no_coarser(record: Record, asked: Asked, name: str, finest_first: Sequence[str]) -> bool:
    return name not in asked or finest_first.index(record[name]) <= finest_first.index(asked[name][0])


def _is_such_an_event(event: Record, asked: Asked) -> bool:
    return (
        all(event[name] in asked[name] for name in ("kind", "type", "subtype") if name in asked)
        # `episodes` are the event itself and all that it is part of, at any depth.
        and ("part_of" not in asked or bool(set(event["episodes"]) & set(asked["part_of"])))
        and ("q" not in asked or asked["q"][0] in event["title"].split())
    )


def _has_part(event: Record, asked: Asked, known: Known) -> bool:
    """Whether one participation is of a group and in a role that are asked for."""
    if not {"group", "group_role"} & set(asked):
        return True
    groups = None
    if "group" in asked:
        groups = set(asked["group"])
        if asked.get("include_members") == ["true"]:
            groups = known.with_members(groups, event["date_start"])
    return any(
        (groups is None or part["group_id"] in groups)
        and ("group_role" not in asked or part["role"] in asked["group_role"])
        for part in event["groups"]
    )


_FIGURE_CODES = ("family", "measure", "object", "unit", "status", *PARTITION)


def _is_such_a_figure(figure: Record, asked: Asked) -> bool:
    return (
        all(figure[name] in asked[name] for name in _FIGURE_CODES if name in asked)
        and ("best_min" not in asked or (figure["best"] is not None and figure["best"] >= int(asked["best_min"][0])))
        and ("best_max" not in asked or (figure["best"] is not None and figure["best"] <= int(asked["best_max"][0])))
    )


def _is_said(listed: Sequence[Record], asked: Asked) -> bool:
    """Whether one claim or report has the document, the claimant and the verification that are asked for."""
    columns = {"document": "document_id", "claimant": "claimant", "verification": "verification"}
    wanted = {column: asked[name] for name, column in columns.items() if name in asked}
    return not wanted or any(all(said[column] in values for column, values in wanted.items()) for said in listed)
