"""Edits of the seeds, each with the lines of history that it has to leave. Knows the seed format, no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import ANY

from tests.edited_seeds import ELSEWHERE, EVENTS, EditedSeeds

OP1027, GAZETTEER = ("dataset", "op1027", "updated"), ("dataset", "gazetteer", "updated")
# The record, its id, and what happened to it.
Line = tuple[str, str, str]
HASH = {"content_hash": [ANY, ANY]}


@dataclass(frozen=True)
class Edit:
    """A change to the seeds, and the lines of history that it has to leave."""

    name: str
    change: Callable[[EditedSeeds], None]
    lines: dict[Line, Any]
    dataset: dict[Line, Any] = field(default_factory=lambda: {OP1027: HASH})

    def __str__(self) -> str:
        return self.name


def _retitle(seeds: EditedSeeds) -> None:
    with seeds.event("operation-1027") as event:
        event["title"] = "Operation 1027"


def _correct_number(seeds: EditedSeeds) -> None:
    def change(document: dict[str, Any]) -> None:
        for claim in document["claims"]:
            if claim["figure"] == "namhsan-killed-state-forces":
                claim["number"] = 50

    seeds.in_documents(change)


def _leave_whole(seeds: EditedSeeds) -> None:
    with seeds.figure("kawlin-evacuation-2023-11", "kawlin-evacuated-civilians") as figure:
        figure |= {"part_of": None, "nesting": None}


def _move_figure(seeds: EditedSeeds) -> None:
    with seeds.opened(EVENTS) as content:
        events = {event["id"]: event for event in content["events"]}
        figures = events["kawlin-key-buildings-captured-2023-11"]["figures"]
        (moved,) = (figure for figure in figures if figure["id"] == "kawlin-bank-seized")
        figures.remove(moved)
        events["kawlin-soldiers-surrender-2023-11"]["figures"].insert(0, moved)


def _turn_round(seeds: EditedSeeds) -> None:
    with seeds.event("namhsan-offensive-2023-12") as event:
        event["figures"].reverse()


def _count_more(seeds: EditedSeeds) -> None:
    with seeds.event("namhsan-town-captured-2023-12-15") as event:
        event["figures"].insert(0, {**event["figures"][0], "id": "namhsan-base-seized", "object": "base"})

    def change(document: dict[str, Any]) -> None:
        known = [claim for claim in document["claims"] if claim["figure"] == "namhsan-town-seized"]
        document["claims"] += [{**claim, "figure": "namhsan-base-seized"} for claim in known]

    seeds.in_documents(change)


def _end_later(seeds: EditedSeeds) -> None:
    with seeds.event("kawlin-evacuation-2023-11") as event:
        event["end"] = "2023-11-07"


def _reclassify(seeds: EditedSeeds) -> None:
    with seeds.event("kawlin-residents-flee-2023-11") as event:
        event |= {"kind": "aggregate", "subtype": "other_displacement"}


def _change_participant(seeds: EditedSeeds) -> None:
    with seeds.event("kawlin-residents-flee-2023-11") as event:
        event["groups"][0]["certainty"] = "stated"


def _add_alias(seeds: EditedSeeds) -> None:
    with seeds.group("arakan-army") as group:
        group["aliases"].append("Rakhine Army")


def _rename_group(seeds: EditedSeeds) -> None:
    with seeds.group("ta-ang-national-liberation-army") as group:
        group["name"] = "Palaung Army"


def _rename_place(seeds: EditedSeeds) -> None:
    with seeds.places() as places:
        places["mmr005024"]["name"] = "Greater Kawlin"


def _move_place(seeds: EditedSeeds) -> None:
    with seeds.places() as places:
        places["mmr005024"]["parent"] = ELSEWHERE


def _shift_place(seeds: EditedSeeds) -> None:
    with seeds.places() as places:
        # Events are drawn there that have no point of their own.
        places["mmr015016701"]["latitude"] = "22.97"


def _turn_relation(seeds: EditedSeeds) -> None:
    def change(document: dict[str, Any]) -> None:
        for relation in document["relations"]:
            if relation["from"] == "arakan-army" and relation["type"] == "member_of":
                relation["valid_from"] = "2019-06-01"

    seeds.in_documents(change)


def _drop_group(seeds: EditedSeeds) -> None:
    with seeds.opened("op1027/groups.yaml") as content:
        content["groups"] = [group for group in content["groups"] if group["id"] != "residents-of-kawlin"]
    with seeds.opened(EVENTS) as content:
        for event in content["events"]:
            event["groups"] = [part for part in event["groups"] if part["group"] != "residents-of-kawlin"]

    def change(document: dict[str, Any]) -> None:
        for key in ("mentions", "facts"):
            document[key] = [entry for entry in document[key] if entry.get("group") != "residents-of-kawlin"]

    seeds.in_documents(change)


def _redescribe(seeds: EditedSeeds) -> None:
    with seeds.opened("op1027/dataset.yaml") as dataset:
        dataset["title"] = "Five reports"


def _reword_document(seeds: EditedSeeds) -> None:
    with seeds.opened("op1027/documents/004_84814d1eef1d8517.yaml") as document:
        document["title"] = "A town falls"


def _comment(seeds: EditedSeeds) -> None:
    path = seeds.folder / EVENTS
    path.write_text(path.read_text(encoding="utf-8") + "# The end.\n", encoding="utf-8")


FLIGHT = "kawlin-residents-flee-2023-11"
WITH_RESIDENTS = (
    "battle-of-kawlin-2023",
    "kawlin-air-strikes-2023-11-03",
    "kawlin-evacuation-2023-11",
    FLIGHT,
    "kawlin-communications-cut-2023-11",
)
EDITS = (
    Edit("a title", _retitle, {("event", "operation-1027", "updated"): {"title": [ANY, "Operation 1027"]}}),
    Edit(
        "the number of a claim",
        _correct_number,
        {
            ("figure", "namhsan-killed-state-forces", "updated"): {
                **{bound: [60, 50] for bound in ("low", "best", "high")},
                "claims": [ANY, ANY],
            }
        },
    ),
    Edit(
        "a figure gone that another event's contains",
        lambda seeds: seeds.without_figure("kawlin-evacuation-2023-11", "kawlin-evacuated-civilians"),
        {("figure", "kawlin-evacuated-civilians", "deleted"): None},
    ),
    Edit(
        "a part made a figure of its own",
        _leave_whole,
        {
            ("figure", "kawlin-evacuated-civilians", "updated"): {
                "part_of": ["myanmar-displaced-since-2023-10-26", None],
                "nesting": ["possible", None],
            }
        },
    ),
    Edit(
        "an event gone",
        lambda seeds: seeds.without_event("sagaing-border-town-captured-2023-11"),
        {
            ("event", "sagaing-border-town-captured-2023-11", "deleted"): None,
            ("figure", "sagaing-border-town-seized", "deleted"): None,
        },
    ),
    Edit(
        "a figure moved to another event",
        _move_figure,
        {
            ("figure", "kawlin-bank-seized", "updated"): {
                "event_id": ["kawlin-key-buildings-captured-2023-11", "kawlin-soldiers-surrender-2023-11"],
                "date_reason": [ANY, ANY],
            }
        },
    ),
    Edit("the order of figures", _turn_round, {}),
    Edit("a figure more", _count_more, {("figure", "namhsan-base-seized", "created"): None}),
    Edit(
        "the end of a period",
        _end_later,
        {
            ("event", "kawlin-evacuation-2023-11", "updated"): {"date_end": ["2023-11-06", "2023-11-07"]},
            ("figure", "kawlin-evacuated-civilians", "updated"): {"date_end": ["2023-11-06", "2023-11-07"]},
        },
    ),
    Edit(
        "a classification",
        _reclassify,
        {
            ("event", FLIGHT, "updated"): {
                "kind": ["incident", "aggregate"],
                "subtype": ["forced_flight", "other_displacement"],
            }
        },
    ),
    Edit("a participation", _change_participant, {("event", FLIGHT, "updated"): {"groups": [ANY, ANY]}}),
    Edit("an alias", _add_alias, {("group", "arakan-army", "updated"): {"names": [ANY, ANY]}}),
    Edit(
        "the name of a group",
        _rename_group,
        {
            ("group", "ta-ang-national-liberation-army", "updated"): {
                "name": ["Ta'ang National Liberation Army", "Palaung Army"],
                "names": [ANY, ANY],
            }
        },
    ),
    Edit(
        "the name of a place",
        _rename_place,
        {("location", "mmr005024", "updated"): {"name": ["Kawlin", "Greater Kawlin"], "names": [ANY, ANY]}},
        {GAZETTEER: HASH},
    ),
    Edit(
        "the parent of a place",
        _move_place,
        {("location", "mmr005024", "updated"): {"parent_id": ["mmr005d011", ELSEWHERE]}},
        {GAZETTEER: HASH},
    ),
    Edit(
        "the point of a place",
        _shift_place,
        {("location", "mmr015016701", "updated"): {"latitude": [22.96407, 22.97]}},
        {GAZETTEER: HASH},
    ),
    Edit("a relation", _turn_relation, {("group", "arakan-army", "updated"): {"relations": [ANY, ANY]}}),
    Edit(
        "a group gone",
        _drop_group,
        {
            ("group", "residents-of-kawlin", "deleted"): None,
            **{("event", identity, "updated"): {"groups": [ANY, ANY]} for identity in WITH_RESIDENTS},
        },
    ),
    Edit("the dataset", _redescribe, {}, {OP1027: {**HASH, "title": [ANY, "Five reports"]}}),
    Edit(
        "a document",
        _reword_document,
        {("document", "004_84814d1eef1d8517", "updated"): {"title": [ANY, "A town falls"]}},
    ),
    Edit("nothing but a comment", _comment, {}),
)
# Edits that are loaded together, since none of them changes all that another does, which would hide that it is not told; each
# one in one of them.
_TOGETHER = (
    (
        *("a title", "a group gone", "a figure gone that another event's contains", "the dataset", "a document"),
        *("an event gone", "the point of a place", "a figure more", "the number of a claim", "a relation"),
        *("nothing but a comment", "the parent of a place"),
    ),
    (
        *("a part made a figure of its own", "the order of figures", "a figure moved to another event"),
        *("the name of a group", "a classification", "a participation", "the name of a place"),
        *("the end of a period", "an alias"),
    ),
)


@dataclass(frozen=True)
class Round:
    """Edits that are loaded together."""

    edits: tuple[Edit, ...]

    def __str__(self) -> str:
        return ", ".join(edit.name for edit in self.edits)

    def change(self, seeds: EditedSeeds) -> None:
        """Makes all of the edits."""
        for edit in self.edits:
            edit.change(seeds)

    @property
    def lines(self) -> dict[Line, Any]:
        """The lines of history of all of them, the datasets' own included."""
        found: dict[Line, Any] = {}
        for edit in self.edits:
            for line, fields in (*edit.lines.items(), *edit.dataset.items()):
                # However much of a record changes, it is told in one line.
                found[line] = fields if fields is None else {**found.get(line, {}), **fields}
        return found


ROUNDS = tuple(Round(tuple(edit for edit in EDITS if edit.name in names)) for names in _TOGETHER)
assert sorted(str(edit) for found in ROUNDS for edit in found.edits) == sorted(map(str, EDITS))
