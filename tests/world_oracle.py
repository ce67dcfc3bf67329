"""What the API has to find in the small invented world, worked out in plain Python from design/contract.md.

A question is a mapping of parameters as a client writes them, names given as ids. Knows no SQL, and nothing of api/ but
the orders of the codebook.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from api.codebook import values as codes_of
from api.kinds import Record
from tests.small_world import DOCUMENTS, GROUPS, LOADED_AT, NAMES_FROM_ISLES, PLACES, RELATIONS, names_of
from tests.small_world_events import HILLS_EVENTS, ISLES_EVENTS

Asked = Mapping[str, str]

EVENTS: Mapping[str, Record] = {
    event["id"]: {**event, "dataset": dataset}
    for dataset, events in (("hills", HILLS_EVENTS), ("isles", ISLES_EVENTS))
    for event in events
}
FIGURES: Mapping[str, Record] = {
    figure["id"]: {**figure, **{key: event[key] for key in ("dataset", "kind", "type")}, "event": event["id"]}
    for event in EVENTS.values()
    for figure in event["figures"]
}

# Parameters by what they speak about.
OF_FIGURE = ("family", "measure", "population", "object", "sex", "term", "unit", "status", "best_min", "best_max")
OF_CLAIM = ("document", "claimant", "verification")
OF_GROUP = ("group", "group_role", "include_members")
OF_EVENT = ("event", "subtype", "part_of", "outcome", "coding_status", "q")
# What a group, place or document is asked about itself; everything else is asked of its events.
OWN: Mapping[str, tuple[str, ...]] = {
    "groups": ("id", "group_kind", "q", "updated_since"),
    "locations": ("id", "level", "parent", "location", "country", "bbox", "near", "radius_km", "q", "updated_since"),
    "documents": ("id", "q", "updated_since"),
}
_DRAWN = ("exact", "near", "township", "district")
EARTH_RADIUS_KM = 6371.0088


def _given(asked: Asked, name: str) -> list[str]:
    return asked[name].split(",")


def _some(asked: Asked, *names: str) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name in names}


def _but(asked: Asked, *names: str) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name not in names}


def words(text: str) -> set[str]:
    """The words of a text, without case, accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", re.sub("['\u2018\u2019]", "", text))
    without_accents = "".join(c for c in plain if not 0x300 <= ord(c) <= 0x36F)
    cut = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", without_accents))
    return set("".join(cut).casefold().split())


# --- Places ------------------------------------------------------------------------------------------------------


def path(place: str | None) -> list[str]:
    """The place and all that it lies in."""
    return [] if place is None else [place, *path(PLACES[place]["parent_id"])]


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance, by the angle between two directions from the middle of the Earth."""
    (a, b), (c, d) = ([math.radians(degrees) for degrees in point] for point in (one, other))
    straight = [
        math.cos(a) * math.cos(b) - math.cos(c) * math.cos(d),
        math.cos(a) * math.sin(b) - math.cos(c) * math.sin(d),
        math.sin(a) - math.sin(c),
    ]
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.hypot(*straight) / 2))


def point_of(record: Record) -> tuple[float, float] | None:
    """Where an event or figure is: its own point, or its place's."""
    place = PLACES[record["location_id"]]
    found = record if record["latitude"] is not None else place
    return None if found["latitude"] is None else (found["latitude"], found["longitude"])


def _is_drawn_in(asked: Asked, point: tuple[float, float] | None, is_drawn: bool) -> bool:
    if not is_drawn or point is None:
        return not {"bbox", "near"} & set(asked)
    if "bbox" in asked:
        west, south, east, north = (float(number) for number in _given(asked, "bbox"))
        latitude, longitude = point
        across = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
        if not (south <= latitude <= north and across):
            return False
    if "near" in asked:
        latitude, longitude = (float(number) for number in _given(asked, "near"))
        return _kilometres((latitude, longitude), point) <= float(asked["radius_km"])
    return True


# --- History -----------------------------------------------------------------------------------------------------

# What the isles added to others' records, and what the hills' second release corrected.
_CHANGED = {
    **dict.fromkeys(["stone-guard", "taang-hsar", "river-league"], "isles 1"),
    **dict.fromkeys(["kale-arrests-2031-02-03", "kale-captured"], "hills 2"),
}
_OWNERS = {record["id"]: record["dataset"] for kind in (EVENTS, FIGURES, GROUPS, DOCUMENTS) for record in kind.values()}


def changed_at(identity: str) -> str:
    """When a record last changed, as the API writes it; ids are unlike over all kinds of records."""
    load = _CHANGED.get(identity, f"{_OWNERS.get(identity, 'atlas')} 1")
    return LOADED_AT[load].strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Things that conditions are about ----------------------------------------------------------------------------


def _record_holds(asked: Asked, record: Record) -> bool:
    """The conditions on an event or figure itself: its dataset, kind and type, its own period and place."""
    place = PLACES[record["location_id"]]
    holds = [
        "dataset" not in asked or record["dataset"] in _given(asked, "dataset"),
        "id" not in asked or record["id"] in _given(asked, "id"),
        "kind" not in asked or record["kind"] in _given(asked, "kind"),
        "type" not in asked or record["type"] in _given(asked, "type"),
        "date_from" not in asked or record["date_end"] >= date.fromisoformat(asked["date_from"]),
        "date_to" not in asked or record["date_start"] <= date.fromisoformat(asked["date_to"]),
        "location" not in asked or bool(set(path(place["id"])) & set(_given(asked, "location"))),
        "country" not in asked or place["country"] in _given(asked, "country"),
        _is_drawn_in(asked, point_of(record), record["location_precision"] in _DRAWN),
        *(
            name not in asked or codes_of(name).index(record[name]) <= codes_of(name).index(asked[name])
            for name in ("date_precision", "location_precision")
        ),
        "updated_since" not in asked or changed_at(record["id"]) > asked["updated_since"],
    ]
    return all(holds)


def _event_holds(asked: Asked, event: Record) -> bool:
    above = [event["id"]]
    while (whole := EVENTS[above[-1]]["part_of"]) is not None:
        above.append(whole)
    holds = [
        "event" not in asked or event["id"] in _given(asked, "event"),
        "part_of" not in asked or bool(set(above) & set(_given(asked, "part_of"))),
        *(name not in asked or event[name] in _given(asked, name) for name in ("subtype", "outcome", "coding_status")),
        "q" not in asked or words(asked["q"]) <= _words_of_event(event),
    ]
    return all(holds)


def _words_of_event(event: Record) -> set[str]:
    told = [event["title"], event["summary"] or ""]
    for part in event["groups"]:
        told += names_of("group", part["group_id"])
    for place in path(event["location_id"]):
        told += [name for name in names_of("location", place) if name != PLACES[place]["pcode"]]
    return words(" ".join(told))


def members(group: str, day: date) -> set[str]:
    """The group and, to any depth, those that were members on this day."""
    found = {group}
    for relation in RELATIONS:
        holds = (relation["valid_from"] or day) <= day <= (relation["valid_to"] or day)
        if relation["type"] == "member_of" and relation["to"] == group and holds:
            found |= members(relation["from"], day)
    return found


def _part_holds(asked: Asked, part: Record, event: Record) -> bool:
    if "group" in asked:
        wanted = set(_given(asked, "group"))
        if asked.get("include_members") == "true":
            wanted = {member for group in wanted for member in members(group, event["date_start"])}
        if part["group_id"] not in wanted:
            return False
    return "group_role" not in asked or part["role"] in _given(asked, "group_role")


def _figure_holds(asked: Asked, figure: Record) -> bool:
    best = figure["best"]
    if "best_min" in asked and (best is None or best < int(asked["best_min"])):
        return False
    if "best_max" in asked and (best is None or best > int(asked["best_max"])):
        return False
    return all(name not in asked or figure[name] in _given(asked, name) for name in OF_FIGURE[:-2])


def _said_holds(asked: Asked, said: Record) -> bool:
    names = {"document": "document_id", "claimant": "claimant", "verification": "verification"}
    return all(name not in asked or said[key] in _given(asked, name) for name, key in names.items())


def _claims(event: Record) -> Iterator[Record]:
    for figure in event["figures"]:
        yield from figure["claims"]


# --- Rows of totals ----------------------------------------------------------------------------------------------


def _row_holds(asked: Asked, record: Record, event: Record, said: list[Record], figures: list[Record]) -> bool:
    """Whether a record falls into the row asked for: what one dimension needs holds of one thing for all of them."""
    if "row" not in asked:
        return True
    wanted = dict(zip(_given(asked, "group_by"), (v or None for v in _given(asked, "row")), strict=True))
    start = record["date_start"]
    place = {PLACES[step]["level"]: step for step in path(record["location_id"])}
    own: dict[str, str | None] = {
        "day": start.isoformat(),
        "month": start.strftime("%Y-%m"),
        "year": start.strftime("%Y"),
        "week": start.strftime("%G-W%V"),
        "country": PLACES[record["location_id"]]["country"],
        "location": record["location_id"],
        "type": record["type"],
        "dataset": record["dataset"],
        **{level: place.get(level) for level in ("state_or_region", "district", "township")},
    }
    hanging = (
        ({"group": "group_id", "role": "role"}, event["groups"]),
        ({"document": "document_id", "claimant": "claimant"}, said),
        ({"population": "population", "measure": "measure", "sex": "sex"}, figures),
    )
    if any(own[name] != value for name, value in wanted.items() if name in own):
        return False
    for names, things in hanging:
        about = {names[name]: value for name, value in wanted.items() if name in names}
        some = any(all(thing[key] == value for key, value in about.items()) for thing in things)
        if about and not some and (things or any(value is not None for value in about.values())):
            return False
    return True


# --- What is listed ----------------------------------------------------------------------------------------------


class Oracle:
    """The right answers."""

    def found(self, resource: str, asked: Asked) -> list[str]:
        """The ids of the records that the list of this resource has to give, in no order."""
        match resource:
            case "events":
                return self.events({"kind": "incident", **asked})
            case "casualties":
                return self.figures({**asked, "family": "casualty"})
            case "displacements":
                return self.figures({**asked, "family": "displacement"})
            case _:
                answer: Any = getattr(self, resource)(asked)
                return list(answer)

    def events(self, asked: Asked) -> list[str]:
        """Every kind of event that all of it holds of."""
        return [event["id"] for event in EVENTS.values() if self._holds_of_event(asked, event)]

    def _holds_of_event(self, asked: Asked, event: Record) -> bool:
        part, figure, said = _some(asked, *OF_GROUP), _some(asked, *OF_FIGURE), _some(asked, *OF_CLAIM)
        return (
            _record_holds(asked, event)
            and _event_holds(asked, event)
            and (not part or any(_part_holds(part, found, event) for found in event["groups"]))
            and (not figure or any(_figure_holds(figure, found) for found in event["figures"]))
            and (not said or any(_said_holds(said, found) for found in (*event["reports"], *_claims(event))))
            and _row_holds(asked, event, event, event["reports"], event["figures"])
        )

    def figures(self, asked: Asked) -> list[str]:
        """Every figure that all of it holds of: its own period and place, its event's groups, its own claims."""
        return [figure["id"] for figure in FIGURES.values() if self._holds_of_figure(asked, figure)]

    def _holds_of_figure(self, asked: Asked, figure: Record) -> bool:
        event = EVENTS[figure["event"]]
        part, said = _some(asked, *OF_GROUP), _some(asked, *OF_CLAIM)
        return (
            _record_holds(asked, figure)
            and _event_holds(asked, event)
            and (not part or any(_part_holds(part, found, event) for found in event["groups"]))
            and _figure_holds(asked, figure)
            and (not said or any(_said_holds(said, found) for found in figure["claims"]))
            and _row_holds(asked, figure, event, figure["claims"], [figure])
        )

    def _own_holds(self, asked: Asked, identity: str, told: str) -> bool:
        return (
            ("id" not in asked or identity in _given(asked, "id"))
            and ("q" not in asked or words(asked["q"]) <= words(told))
            and ("updated_since" not in asked or changed_at(identity) > asked["updated_since"])
        )

    def groups(self, asked: Asked) -> dict[str, list[str]]:
        """The groups that took part in a matching event, or in that of a matching figure, in the way asked for; each
        with these events."""
        own, others = _some(asked, *OWN["groups"]), _but(asked, *OWN["groups"])
        of_events = _but(others, *OF_GROUP)
        took_part: dict[str, list[str]] = {identity: [] for identity in GROUPS}
        for event in self.events(of_events):
            for group in {p["group_id"] for p in EVENTS[event]["groups"] if _part_holds(others, p, EVENTS[event])}:
                took_part[group].append(event)
        used = self._groups_used(others["dataset"].split(",")) if set(others) == {"dataset"} else set()
        for figure in self.figures(of_events):
            event = EVENTS[FIGURES[figure]["event"]]
            used |= {part["group_id"] for part in event["groups"] if _part_holds(others, part, event)}
        return {
            identity: found
            for identity, found in took_part.items()
            if (not others or found or identity in used)
            and self._own_holds(own, identity, " ".join(names_of("group", identity)))
            and ("group_kind" not in own or GROUPS[identity]["group_kind"] in _given(own, "group_kind"))
        }

    @staticmethod
    def _groups_used(datasets: list[str]) -> set[str]:
        """Groups that these datasets use in any way: as their own, claimant, in a relation, or by a name."""
        found = {group["id"] for group in GROUPS.values() if group["dataset"] in datasets}
        for event in EVENTS.values():
            if event["dataset"] in datasets:
                found |= {said["claimant"] for said in (*event["reports"], *_claims(event)) if said["claimant"]}
        for relation in RELATIONS:
            if relation["dataset"] in datasets:
                found |= {relation["from"], relation["to"]}
        return found | (set(NAMES_FROM_ISLES["group"]) if "isles" in datasets else set())

    def locations(self, asked: Asked) -> dict[str, list[str]]:
        """The places with a matching event or figure in them, each with the events of its whole subtree."""
        own, others = _some(asked, *OWN["locations"]), _but(asked, *OWN["locations"])
        inside: dict[str, list[str]] = {identity: [] for identity in PLACES}
        for event in self.events(others):
            for step in path(EVENTS[event]["location_id"]):
                inside[step].append(event)
        used = {step for figure in self.figures(others) for step in path(FIGURES[figure]["location_id"])}
        if set(others) == {"dataset"}:
            datasets = others["dataset"].split(",")
            used |= set(NAMES_FROM_ISLES["location"]) if "isles" in datasets else set()
            used |= set(PLACES) if "atlas" in datasets else set()
        return {
            identity: found
            for identity, found in inside.items()
            if (not others or found or identity in used)
            and self._own_holds(own, identity, " ".join(names_of("location", identity)))
            and _place_holds(own, PLACES[identity])
        }

    def documents(self, asked: Asked) -> dict[str, tuple[list[str], list[str]]]:
        """The documents that support a matching event or figure, each with these events and figures."""
        own, others = _some(asked, *OWN["documents"]), _but(asked, *OWN["documents"])
        happened, said = _but(others, *OF_CLAIM), _some(others, *OF_CLAIM)
        found: dict[str, tuple[list[str], list[str]]] = {}
        events, figures = self.events(happened), self.figures(happened)
        for identity, document in DOCUMENTS.items():
            supported = (
                [event for event in events if self._is_by(identity, said, EVENTS[event]["reports"])],
                [figure for figure in figures if self._is_by(identity, said, FIGURES[figure]["claims"])],
            )
            is_used = set(others) == {"dataset"} and document["dataset"] in others["dataset"].split(",")
            told = " ".join([document["title"] or "", document["outlet"], *document["agencies"]])
            if (not others or any(supported) or is_used) and self._own_holds(own, identity, told):
                found[identity] = supported
        return found

    @staticmethod
    def _is_by(document: str, asked: Asked, said: list[Record]) -> bool:
        return any(entry["document_id"] == document and _said_holds(asked, entry) for entry in said)


def _place_holds(asked: Asked, place: Record) -> bool:
    point = None if place["latitude"] is None else (place["latitude"], place["longitude"])
    holds = [
        "level" not in asked or place["level"] in _given(asked, "level"),
        "parent" not in asked or place["parent_id"] in _given(asked, "parent"),
        "location" not in asked or bool(set(path(place["id"])) & set(_given(asked, "location"))),
        "country" not in asked or place["country"] in _given(asked, "country"),
        _is_drawn_in(asked, point, place["level"] not in ("country", "area", "state_or_region")),
    ]
    return all(holds)
