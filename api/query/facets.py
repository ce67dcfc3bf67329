"""Facets of a list: for each dimension, which values the matching records have, and how many have each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, Label, Table, column, func, select, table

from api.columns.memory_columns import ALL_ROWS, Rows, row_offsets
from api.columns.reading_copy import Copy
from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.dimension import Dimension
from api.query.labels import labels_of
from api.query.question import Question
from api.query.totals.keys import Keys, columns_in

# Values that are told of each facet, the most frequent.
MOST_VALUES = 100
_RECORDS = "records"
# What a statement reads of sets that were counted: each by its number, and how many records name it.
_COUNTED_SETS = table("counted_sets", column("set", Integer()), column(_RECORDS, BigInteger()))


def facets(snapshot: Snapshot, question: Question, counted: Table, family: str | None) -> dict[str, Any]:
    """The facets that are asked for, by dimension: `values`, each with its label and the number of matching records, and
    `others`, how many records the values have that are not told.

    A facet's own filter is left out, so that its other values can be chosen.
    """
    wanted: Sequence[str] = question.values.get("facets", ())
    named = {dimension.name: dimension for dimension in question.endpoint.dimensions}
    # Facets of the same records look for these once.
    matching: dict[Any, Rows] = {}
    found: dict[str, Any] = {}
    for dimension in (named[name] for name in wanted):
        rest = tuple(asked for asked in question.filter_values if asked.name not in dimension.narrowed_by)
        asked = replace(question, filter_values={one: question.filter_values[one] for one in rest})
        condition = conditions.of_question(asked, counted, family)
        if rest not in matching:
            is_everything = not rest and family is None and question.row is None
            matching[rest] = ALL_ROWS if is_everything else row_offsets(snapshot.copy.where(counted, condition))
        counts = _counts(snapshot.copy, condition, matching[rest], dimension, counted)
        found[dimension.name] = _facet(snapshot, dimension, counts)
    return found


def _counts(
    copy: Copy, condition: ColumnElement[bool], rows: Rows, dimension: Dimension, counted: Table
) -> Mapping[str | None, int]:
    """How many of the records that hold, which these rows are, have each value of a dimension."""
    keys = Keys([dimension], counted, None)
    (own,) = keys.own()
    grouped = own.element if isinstance(own, Label) else own
    # The name of a bucket of time is made from any of its days.
    names = columns_in(counted, [grouped]) if isinstance(grouped, Column) or dimension.bucket_name is not None else ()
    numbers = copy.counted(counted.c[next(iter(names))], rows) if len(names) == 1 else None
    if numbers is None:
        asked = keys.regrouped(select(own, func.count().label(_RECORDS)).where(condition).group_by(grouped))
        pairs: Iterable[Any] = copy.rows(asked)
    elif keys.is_of_sets:
        given = pa.table({"set": pa.array(numbers, pa.int32()), _RECORDS: pa.array(numbers.values(), pa.int64())})
        asked = keys.regrouped(select(_COUNTED_SETS.c.set.label(own.key), _COUNTED_SETS.c[_RECORDS]))
        pairs = copy.rows(asked, **{_COUNTED_SETS.name: given})
    else:
        pairs = numbers.items()
    found: Counter[str | None] = Counter()
    for value, number in pairs:
        found[dimension.as_key(value)] += int(number)
    return found


def _facet(snapshot: Snapshot, dimension: Dimension, counts: Mapping[str | None, int]) -> Mapping[str, Any]:
    """A facet from the counts of its values: the most frequent first, those that are equally so by their names."""
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
    shown = ranked[:MOST_VALUES]
    labels = labels_of(snapshot.connection, dimension, set(shown))
    values = [
        {"value": value, "label": None if value is None else labels.get(value, value), "count": counts[value]}
        for value in shown
    ]
    return {"values": values, "others": sum(counts[value] for value in ranked[MOST_VALUES:])}
