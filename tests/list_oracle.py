"""What each list of the API has to hold in the small invented world, worked out in plain Python.

Events and figures are found by tests/filter_oracle.py. Groups, places and documents are asked something themselves; all
else is asked of their events and figures. A question is written as a client writes it, names given as ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.filter_oracle import (
    OF_PARTICIPATION,
    OF_RECORD,
    OF_SAID,
    Holds,
    all_hold,
    among,
    filters,
    is_event_asked,
    is_figure_asked,
    some_hold,
    stems,
)
from tests.known import Asked, Known, Membership, Record, refuse_unknown
from tests.small_world import DOCUMENTS, GROUPS, LOADED_AT, NAMES_FROM_ISLES, PLACES, RELATIONS, names_of
from tests.small_world_events import HILLS_EVENTS, ISLES_EVENTS

# A question as it is written in an address.
Written = Mapping[str, str]

_LOADED = {
    event["id"]: {**event, "dataset": dataset, "release": release}
    for dataset, release, events in (("hills", "2", HILLS_EVENTS), ("isles", "1", ISLES_EVENTS))
    for event in events
}


def _episodes(event: str | None) -> list[str]:
    return [] if event is None else [event, *_episodes(_LOADED[event]["part_of"])]


EVENTS: Mapping[str, Record] = {
    identity: {
        **event,
        "episodes": _episodes(identity),
        "figures": [{**figure, "dataset": event["dataset"], "event": identity} for figure in event["figures"]],
    }
    for identity, event in _LOADED.items()
}
FIGURES: Mapping[str, Record] = {figure["id"]: figure for event in EVENTS.values() for figure in event["figures"]}

# What the isles added to others' records, and what the hills' second release corrected; all else is of the first.
_CHANGED = {
    **dict.fromkeys(["stone-guard", "taang-hsar", "river-league"], "isles 1"),
    **dict.fromkeys(["kale-arrests-2031-02-03", "kale-captured"], "hills 2"),
}
_LOADS = {
    **dict.fromkeys(PLACES, "atlas 1"),
    **{one["id"]: f"{one['dataset']} 1" for all_ in (EVENTS, FIGURES, GROUPS, DOCUMENTS) for one in all_.values()},
    **_CHANGED,
}
# Places are found by their own P-codes, events not by those of their places.
_TOLD = {
    **{identity: names_of("group", identity) for identity in GROUPS},
    **{identity: names_of("location", identity) for identity in PLACES},
    **{one["id"]: [one["title"] or "", one["outlet"], *one["agencies"]] for one in DOCUMENTS.values()},
}
KNOWN = Known(
    PLACES,
    [
        Membership(link["from"], link["to"], link["valid_from"], link["valid_to"])
        for link in RELATIONS
        if link["type"] in ("member_of", "armed_wing_of", "branch_of", "part_of")
    ],
    {
        **{identity: _TOLD[identity] for identity in GROUPS},
        **{
            identity: [name for name in _TOLD[identity] if name != place["pcode"]] for identity, place in PLACES.items()
        },
    },
    {identity: LOADED_AT[load].strftime("%Y-%m-%dT%H:%M:%SZ") for identity, load in _LOADS.items()},
    DOCUMENTS,
)

_ITSELF: Mapping[str, Holds] = {
    **{name: OF_RECORD[name] for name in ("id", "updated_since")},
    "q": lambda record, asked, _known: stems(asked["q"][0]) <= stems(" ".join(_TOLD[record["id"]])),
}
# What a group, place or document is asked about itself; everything else is asked of its events and figures.
OWN: Mapping[str, Mapping[str, Holds]] = {
    "groups": {**_ITSELF, "group_kind": among("group_kind")},
    "locations": {
        **_ITSELF,
        **{name: OF_RECORD[name] for name in ("location", "country", "bbox", "near", "within")},
        "level": among("level"),
        "parent": among("parent", "parent_id"),
    },
    "documents": _ITSELF,
}
_UNDRAWN_LEVELS = ("country", "area", "state_or_region")


def parameters(resource: str) -> set[str]:
    """The names of all filters that are known here of this resource."""
    return filters() | set(OWN.get(resource, ()))


def _some(asked: Asked, names: Iterable[str]) -> Asked:
    return {name: asked[name] for name in asked if name in set(names)}


def _but(asked: Asked, names: Iterable[str]) -> Asked:
    return {name: asked[name] for name in asked if name not in set(names)}


def found(resource: str, written: Written) -> list[str]:
    """The ids of the records that the list of this resource has to give, in no order."""
    asked = read(written)
    match resource:
        case "events":
            return events(asked)
        case "figures":
            return figures(asked)
        case "casualties":
            return figures({**asked, "family": ["casualty"]})
        case "displacements":
            return figures({**asked, "family": ["displacement"]})
        case _:
            lists: Mapping[str, Any] = {"groups": groups, "locations": locations, "documents": documents}
            return list(lists[resource](written))


def read(written: Written) -> Asked:
    """The same question with its values apart; words and polygons are never cut at a comma."""
    return {name: [value] if name in ("q", "within") else value.split(",") for name, value in written.items()}


def events(asked: Asked) -> list[str]:
    """Every kind of event that all of it holds of."""
    return [event["id"] for event in EVENTS.values() if is_event_asked(event, asked, KNOWN)]


def figures(asked: Asked) -> list[str]:
    """Every figure that all of it holds of."""
    return [
        figure["id"] for figure in FIGURES.values() if is_figure_asked(figure, EVENTS[figure["event"]], asked, KNOWN)
    ]


def groups(written: Written) -> dict[str, list[str]]:
    """The groups that took part in a matching event, or in that of a matching figure, in the way asked for; each with
    these events."""
    own, others = _own_and_others("groups", written)
    of_events = _but(others, (*OF_PARTICIPATION, "include_members"))
    took_part: dict[str, list[str]] = {identity: [] for identity in GROUPS}
    for event in events(of_events):
        for group in _taking_part(event, others):
            took_part[group].append(event)
    used = _groups_used(others["dataset"]) if set(others) == {"dataset"} else set()
    for figure in figures(of_events):
        used |= _taking_part(FIGURES[figure]["event"], others)
    return {
        identity: listed
        for identity, listed in took_part.items()
        if (not others or listed or identity in used) and all_hold(OWN["groups"], GROUPS[identity], own, KNOWN)
    }


def _own_and_others(resource: str, written: Written) -> tuple[Asked, Asked]:
    """What is asked of the listed records themselves, and what of their events and figures."""
    asked = read(written)
    refuse_unknown(f"filters of {resource}", asked, parameters(resource))
    near = ("radius_km",) if "near" in OWN[resource] else ()
    return _some(asked, (*OWN[resource], *near)), _but(asked, (*OWN[resource], *near))


def _taking_part(event: str, asked: Asked) -> set[str]:
    """The groups that take part in an event in the way asked for."""
    start = EVENTS[event]["date_start"]
    return {
        part["group_id"]
        for part in EVENTS[event]["groups"]
        if all_hold(OF_PARTICIPATION, {**part, "date_start": start}, asked, KNOWN)
    }


def _groups_used(datasets: Iterable[str]) -> set[str]:
    """Groups that these datasets use in any way: as their own, claimant, in a relation, or by a name."""
    used = {group["id"] for group in GROUPS.values() if group["dataset"] in datasets}
    for event in EVENTS.values():
        if event["dataset"] in datasets:
            used |= {said["claimant"] for said in _said_of(event) if said["claimant"]}
    for relation in RELATIONS:
        if relation["dataset"] in datasets:
            used |= {relation["from"], relation["to"]}
    return used | (set(NAMES_FROM_ISLES["group"]) if "isles" in datasets else set())


def _said_of(event: Record) -> Iterator[Record]:
    yield from event["reports"]
    for figure in event["figures"]:
        yield from figure["claims"]


def locations(written: Written) -> dict[str, list[str]]:
    """The places with a matching event or figure in them, each with the events of its whole subtree."""
    own, others = _own_and_others("locations", written)
    inside: dict[str, list[str]] = {identity: [] for identity in PLACES}
    for event in events(others):
        for place in KNOWN.around(EVENTS[event]["location_id"]):
            inside[place["id"]].append(event)
    used = {place["id"] for figure in figures(others) for place in KNOWN.around(FIGURES[figure]["location_id"])}
    if set(others) == {"dataset"}:
        used |= set(NAMES_FROM_ISLES["location"]) if "isles" in others["dataset"] else set()
        used |= set(PLACES) if "atlas" in others["dataset"] else set()
    return {
        identity: listed
        for identity, listed in inside.items()
        if (not others or listed or identity in used)
        and all_hold(OWN["locations"], _as_it_lies(PLACES[identity]), own, KNOWN)
    }


def _as_it_lies(place: Record) -> Record:
    """A place as if something were there of which no more is known."""
    precision = "unknown" if place["level"] in _UNDRAWN_LEVELS else "exact"
    return {**place, "location_id": place["id"], "location_precision": precision}


def documents(written: Written) -> dict[str, tuple[list[str], list[str]]]:
    """The documents that support a matching event or figure, each with these events and figures."""
    own, others = _own_and_others("documents", written)
    happened, said = _but(others, OF_SAID), _some(others, OF_SAID)
    listed: dict[str, tuple[list[str], list[str]]] = {}
    of_events, of_figures = events(happened), figures(happened)
    for identity, document in DOCUMENTS.items():
        by_it = {**said, "document": [identity] if identity in said.get("document", [identity]) else []}
        supported = (
            [event for event in of_events if some_hold(OF_SAID, list(_said_of(EVENTS[event])), by_it, KNOWN)],
            [figure for figure in of_figures if some_hold(OF_SAID, FIGURES[figure]["claims"], by_it, KNOWN)],
        )
        is_used = set(others) == {"dataset"} and document["dataset"] in others["dataset"]
        if (not others or any(supported) or is_used) and all_hold(OWN["documents"], document, own, KNOWN):
            listed[identity] = supported
    return listed
