"""Facets of a list: for each dimension, which values the matching records have, and how many have each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Table, func, select, tuple_

from api.columns.snapshot import Snapshot
from api.query import conditions
from api.query.dimension import Dimension
from api.query.labels import labels_of
from api.query.question import Question
from api.query.totals.keys import Keys

# Values that are told of each facet, the most frequent.
MOST_VALUES = 100


def facets(snapshot: Snapshot, question: Question, counted: Table, family: str | None) -> dict[str, Any]:
    """The facets that are asked for, by dimension: `values`, each with its label and the number of matching records, and
    `others`, how many records the values have that are not told.

    A facet's own filter is left out, so that its other values can be chosen.
    """
    wanted: Sequence[str] = question.values.get("facets", ())
    named = {dimension.name: dimension for dimension in question.endpoint.dimensions}
    # Facets of the same records are counted in one pass over them, but for those that look at sets.
    passes: dict[Any, list[Dimension]] = {}
    for dimension in (named[name] for name in wanted):
        rest = tuple(asked for asked in question.filter_values if asked.name not in dimension.narrowed_by)
        own = dimension.name if dimension.sets(counted) is not None else None
        passes.setdefault((rest, own), []).append(dimension)
    found: dict[str, Any] = {}
    for (rest, _own), dimensions in passes.items():
        asked = replace(question, filter_values={one: question.filter_values[one] for one in rest})
        counts = _counts(snapshot, conditions.of_question(asked, counted, family), dimensions, counted)
        for dimension, of_dimension in zip(dimensions, counts, strict=True):
            found[dimension.name] = _facet(snapshot, dimension, of_dimension)
    return {name: found[name] for name in wanted}


def _counts(
    snapshot: Snapshot, holds: ColumnElement[bool], dimensions: Sequence[Dimension], counted: Table
) -> list[dict[str | None, int]]:
    """For each dimension, how many of the records that hold have each value. Several are the records' own, each; one may
    be of sets."""
    keys = Keys(dimensions, counted, None)
    own = keys.own()
    grouped = [column.element if isinstance(column, Label) else column for column in own]
    records = func.count().label("records")
    if keys.is_of_sets:
        each = keys.regrouped(select(*own, records).where(holds).group_by(*grouped))
        return [{dimensions[0].as_key(value): int(number) for value, number in snapshot.copy.rows(each)}]
    # A bit for each dimension that a row is not of, the first one's the highest.
    left_out = func.grouping_id(*grouped).label("left_out")
    in_sets: Select[Any] = select(*own, left_out, records).where(holds)
    in_sets = in_sets.group_by(func.grouping_sets(*(tuple_(column) for column in grouped)))
    found: list[dict[str | None, int]] = [{} for _dimension in dimensions]
    every = (1 << len(dimensions)) - 1
    place_of = {every ^ (1 << (len(dimensions) - 1 - place)): place for place in range(len(dimensions))}
    for *values, mask, number in snapshot.copy.rows(in_sets):
        place = place_of[mask]
        found[place][dimensions[place].as_key(values[place])] = int(number)
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
