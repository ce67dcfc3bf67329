"""What happened: of which kind and type, in which episode, or which event it was. Knows no words and no groups."""

from __future__ import annotations

from collections.abc import Sequence

from api.declare.filter import Asked, Filter, LookUp, Subject
from api.declare.usual_filters import among, codes, named
from api.declare.values import Parameter, Several, Word

KIND = codes("kind", "Kinds of events.", "incident", Subject.RECORD, code_list="event_kind")
TYPE = codes("type", "Event types.", "battles", Subject.RECORD, code_list="event_type")
SUBTYPE = codes("subtype", "Event subtypes.", "air_drone_strike", Subject.EVENT, code_list="event_subtype")


def _part_of(value: Sequence[str], asked: Asked, look_up: LookUp) -> Sequence[str]:
    return look_up.subtree(look_up.resolve("part_of", value, asked))


PART_OF = Filter(
    Parameter(
        "part_of",
        Several(Word()),
        "Episodes by id: they themselves, what is part of them, and what is part of that.",
        "operation-1027",
    ),
    Subject.EVENT,
    among("id"),
    _part_of,
)
EVENT = Filter(
    Parameter("event", Several(Word()), "Of these events, by id.", "battle-of-kawlin-2023"),
    Subject.EVENT,
    among("id"),
    named("event"),
)

HAPPENING: tuple[Filter, ...] = (KIND, TYPE, SUBTYPE, PART_OF)
