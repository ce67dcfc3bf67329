"""Which figures and events a question talks about, in plain Python, one after the other. Knows no SQL and no HTTP.

Written from the manual alone, it shares no code with the service, so that the two can disagree. It works on the records
that a source brings, and on questions as `{parameter: values}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Record = Mapping[str, Any]
# A question's filters as they are written: every value is text, and a parameter with one value has one.
Asked = Mapping[str, Sequence[str]]

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


def in_scope(events: Sequence[Record], asked: Asked, known: Known) -> dict[str, Record]:
    """The figures that are talked about, by id, whichever part of the people is meant. Context is never totalled."""
    return {
        figure["id"]: figure
        for event in events
        for figure in event["figures"]
        if figure["family"] != "context" and _is_in_scope(figure, event, asked, known)
    }


def in_part(figure: Record, asked: Asked) -> bool:
    """Whether the figure is about the part of the people that is meant."""
    return all(figure[name] in asked[name] for name in PARTITION if name in asked)


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


def is_event_asked(event: Record, asked: Asked, known: Known) -> bool:
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
