"""Collects all that the bytes of an event show, from records just written or from the database.

Groups, places and outlets are cached, with the words they are found by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from api.domain.codebook import CODEBOOK
from api.domain.corroboration import corroboration
from api.domain.names import stems
from api.records.events import EVENT_SHAPE
from api.records.figures import EVENT_FIGURE_SHAPE, FIGURE_SHAPE
from api.records.renditions import render
from api.store.groups_and_places import GroupsAndPlaces, GroupsAndPlacesReader
from api.store.models import Event, Figure
from api.store.record_types import EVENT_RECORD, FIGURE_RECORD, Record, read

# Codes whose labels say what an event is or what a figure counts, each with its code list.
_LABELLED_OF_EVENT: Mapping[str, str] = {
    "kind": "event_kind",
    "type": "event_type",
    "subtype": "event_subtype",
    "outcome": "outcome",
}
_LABELLED_OF_FIGURE: Mapping[str, str] = {
    name: name for name in ("measure", "object", "population", "sex", "age", "cause", "term")
}


@dataclass(frozen=True, slots=True)
class EventDetails:
    """An event with all that its bytes show, and the same for each of its figures."""

    event: Mapping[str, Any]
    figures: Sequence[Mapping[str, Any]]
    # What full-text search finds it by.
    words: str


def renditions(details: Sequence[EventDetails]) -> tuple[list[bytes], list[bytes]]:
    """The events' bytes, and those of all of their figures in the same order."""
    figures = [figure for found in details for figure in found.figures]
    return render(EVENT_SHAPE, [found.event for found in details]), render(FIGURE_SHAPE, figures)


def stored_details(connection: Connection, numbers: Sequence[int], reader: GroupsAndPlacesReader) -> list[EventDetails]:
    """The stored events of these numbers, in the order of their ids, with all that their bytes show."""
    events = read(connection, EVENT_RECORD, Event.number.in_(numbers))
    figures = read(connection, FIGURE_RECORD, Figure.event_number.in_(numbers))
    for event in events.values():
        event["figures"] = []
    for figure in sorted(figures.values(), key=itemgetter("position")):
        events[figure["event_id"]]["figures"].append(figure)
    contains: dict[str, list[str]] = defaultdict(list)
    parts = select(Figure.part_of, Figure.id).where(Figure.part_of.in_(list(figures))).order_by(Figure.id)
    for containing, part in connection.execute(parts):
        contains[str(containing)].append(part)
    episodes = {event["part_of"] for event in events.values()} - {None}
    titles = dict(connection.execute(select(Event.id, Event.title).where(Event.id.in_(episodes))).all())
    reader.fetch(events.values())
    return [_details(event, reader, contains, titles) for _id, event in sorted(events.items())]


def details_of_records(events: Sequence[Record], groups_and_places: GroupsAndPlaces) -> list[EventDetails]:
    """The same for events that were just written and are part of no episode, from the records themselves."""
    details = []
    for event in events:
        contains: dict[str, list[str]] = defaultdict(list)
        for figure in event["figures"]:
            if figure["part_of"] is not None:
                contains[figure["part_of"]].append(figure["id"])
        for parts in contains.values():
            parts.sort()
        details.append(_details(event, groups_and_places, contains, {}))
    return details


def _details(
    event: Record, groups_and_places: GroupsAndPlaces, contains: Mapping[str, list[str]], titles: Mapping[str, str]
) -> EventDetails:
    figures = [
        {
            **figure,
            "dataset": figure["dataset_id"],
            "event_title": event["title"],
            "place": groups_and_places.location_of(figure),
            "contains": contains.get(figure["id"], []),
            "corroboration": corroboration(figure["claims"], groups_and_places.outlets),
            "claims": [_claim(claim) for claim in figure["claims"]],
        }
        for figure in event["figures"]
    ]
    groups = [(groups_and_places.groups[part["group_id"]], part) for part in event["groups"]]
    shown_event = {
        **event,
        "dataset": event["dataset_id"],
        "place": groups_and_places.location_of(event),
        "part_of_title": titles.get(event["part_of"]),
        "groups": [{**group.shown, "role": part["role"], "certainty": part["certainty"]} for group, part in groups],
        "figures": [EVENT_FIGURE_SHAPE.record(figure) for figure in figures],
        "reports": [_report(report) for report in event["reports"]],
    }
    own_words = set(stems(event["title"] if event["summary"] is None else f"{event['title']} {event['summary']}"))
    found = own_words.union(
        groups_and_places.places[event["location_id"]].words,
        *(group.words for group, _part in groups),
        *(_label_words(codes, event[name]) for name, codes in _LABELLED_OF_EVENT.items()),
        *(_label_words(codes, figure[name]) for figure in figures for name, codes in _LABELLED_OF_FIGURE.items()),
    )
    return EventDetails(shown_event, figures, " ".join(sorted(found)))


@cache
def _label_words(code_list: str, code: str | None) -> frozenset[str]:
    """The stems of a code's label; none for no code."""
    return frozenset(word for known in CODEBOOK[code_list].codes if known.code == code for word in stems(known.label))


def _report(row: Mapping[str, Any]) -> Record:
    return {
        "document": row["document_id"],
        "claimant": row["claimant"],
        "chain": row["chain"],
        "verification": row["verification"],
        "spans": row["spans"],
    }


def _claim(row: Mapping[str, Any]) -> Record:
    return {
        "document": row["document_id"],
        "claimant": row["claimant"],
        "chain": row["chain"],
        "population": row["population"],
        "qualifier": row["qualifier"],
        "low": row["low"],
        "best": row["best"],
        "high": row["high"],
        "verification": row["verification"],
        "preferred": row["is_preferred"],
        "spans": row["spans"],
    }
