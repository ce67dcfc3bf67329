"""Facets of a list: for each dimension, which values the matching records have, and how many have each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, func, select

from api import conditions
from api.asking.question import Question
from api.columns.state import State
from api.dimensions import Dimension
from api.labels import labels_of
from api.totals.keys import Keys, as_text

# Values that are told of each facet, the most frequent.
MOST_VALUES = 100


def facets(state: State, question: Question, counted: Table, family: str | None) -> dict[str, Any]:
    """The facets that are asked for, by dimension: `values`, each with its label and the number of matching records, and
    `others`, how many records the values have that are not told.

    A facet's own filter is left out, so that its other values can be chosen.
    """
    wanted: Sequence[str] = question.values.get("facets", ())
    named = {dimension.name: dimension for dimension in question.takes.dimensions}
    return {name: _facet(state, question, named[name], counted, family) for name in wanted}


def _facet(
    state: State, question: Question, dimension: Dimension, counted: Table, family: str | None
) -> Mapping[str, Any]:
    rest = {asked: value for asked, value in question.understood.items() if asked.name not in dimension.narrowed_by}
    holds = conditions.asked(replace(question, understood=rest), counted, family)
    keys = Keys([dimension], counted)
    own = keys.own()
    each = select(*own, func.count().label("records")).where(holds).group_by(*own).subquery()
    (key,), source = keys.joined(each)
    records = func.sum(each.c.records)
    statement = (
        select(key, records, func.sum(records).over())
        .select_from(source)
        .group_by(key.element)
        .order_by(records.desc(), as_text(key.element).asc().nulls_last())
        .limit(MOST_VALUES)
    )
    rows = [(dimension.told(value), int(number), int(every)) for value, number, every in state.copy.rows(statement)]
    labels = labels_of(state.connection, dimension, {value for value, _number, _every in rows})
    values = [
        {"value": value, "label": None if value is None else labels.get(value, value), "count": number}
        for value, number, _every in rows
    ]
    others = rows[0][2] - sum(number for _value, number, _every in rows) if rows else 0
    return {"values": values, "others": others}
