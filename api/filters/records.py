"""Which records: by id, by dataset, by when they changed. Knows nothing of what they tell."""

from __future__ import annotations

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import among, held_in, named
from api.declare.values import Parameter, Several, Time, Word

DATASET = Filter(
    Parameter("dataset", Several(Word()), "Dataset ids.", "op1027"),
    Subject.RECORD,
    among("dataset_id"),
    named("dataset"),
    holds=held_in("dataset_id"),
)
ID = Filter(
    Parameter("id", Several(Word()), "These records, by id.", ""),
    Subject.RECORD,
    among("id"),
    named("id"),
)
UPDATED_SINCE = Filter(
    Parameter("updated_since", Time(), "Changed after this time.", "2024-01-01T00:00:00Z"),
    Subject.RECORD,
    lambda value, on: on.updated_at > value,
)

RECORDS: tuple[Filter, ...] = (DATASET, ID)
