"""Translates filters written in CQL2 (OGC 21-065r2), as text or as JSON, to conditions on the reading copy.

The tree that the library `cql2` makes of them becomes SQL. What can be asked of is declared by whoever asks (Vocabulary).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, DateTime, String, and_, cast, func, literal, literal_column, not_, or_

from api.domain.errors import nearest
from api.query.cql2_parsing import TOO_DEEP, parsed, wrong
from api.query.filters.filter import LookUp

# Nodes below one another.
MOST_NESTED = 64
# The kinds of values.
STRING, NUMBER, BOOLEAN, DAY, MOMENT = "string", "number", "boolean", "date", "timestamp"
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# What leaves a text as it is but for case, or accents.
_FOLDED: Mapping[str, str] = {"casei": "lower", "accenti": "strip_accents"}
SPATIAL = tuple(
    f"s_{name}" for name in ("intersects", "within", "contains", "disjoint", "equals", "touches", "crosses", "overlaps")
)


class Value(NamedTuple):
    """An expression of SQL, what kind of value it has, and the text itself where it is one that was written."""

    sql: ColumnElement[Any]
    kind: str
    written: str | None = None


class Period(NamedTuple):
    """From when until when, both included."""

    start: ColumnElement[datetime]
    end: ColumnElement[datetime]


# By OGC 21-065r2, table 11: how a period lies to another.
_TEMPORAL: Mapping[str, Callable[[Period, Period], ColumnElement[bool]]] = {
    "t_after": lambda a, b: a.start > b.end,
    "t_before": lambda a, b: a.end < b.start,
    "t_intersects": lambda a, b: and_(a.start <= b.end, a.end >= b.start),
    "t_disjoint": lambda a, b: or_(a.start > b.end, a.end < b.start),
    "t_equals": lambda a, b: and_(a.start == b.start, a.end == b.end),
    "t_during": lambda a, b: and_(a.start > b.start, a.end < b.end),
    "t_contains": lambda a, b: and_(a.start < b.start, a.end > b.end),
    "t_starts": lambda a, b: and_(a.start == b.start, a.end < b.end),
    "t_startedby": lambda a, b: and_(a.start == b.start, a.end > b.end),
    "t_finishes": lambda a, b: and_(a.end == b.end, a.start > b.start),
    "t_finishedby": lambda a, b: and_(a.end == b.end, a.start < b.start),
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_overlaps": lambda a, b: and_(a.start < b.start, a.end > b.start, a.end < b.end),
    "t_overlappedby": lambda a, b: and_(b.start < a.start, b.end > a.start, b.end < a.end),
}


@dataclass(frozen=True)
class Vocabulary:
    """What a filter may speak of: properties by name, and the geometry.

    `spatial` makes the condition that the record's geometry lies so to a given one (GeoJSON, or `bbox` and four or six
    numbers), and `is_undrawn` that it has none.
    """

    properties: Mapping[str, Value]
    geometry: str
    spatial: Callable[[LookUp, str, Mapping[str, Any], bool], ColumnElement[bool]]
    is_undrawn: ColumnElement[bool]


def condition(text: str, language: str, vocabulary: Vocabulary, look_up: LookUp) -> ColumnElement[bool]:
    """The condition that a filter holds. Errors: a Problem, where it cannot be read or asks what nobody knows."""
    try:
        return _Translation(vocabulary, look_up).truth(parsed(text, language), 0)
    except RecursionError:
        raise wrong(TOO_DEEP) from None


class _Translation:
    """One filter on its way to SQL."""

    def __init__(self, vocabulary: Vocabulary, look_up: LookUp) -> None:
        self._vocabulary = vocabulary
        self._look_up = look_up

    def truth(self, node: Any, depth: int) -> ColumnElement[bool]:
        """The condition that a node is."""
        if depth > MOST_NESTED:
            raise wrong(f"it is more than {MOST_NESTED} levels deep")
        name, given = _operation(node)
        if name in ("and", "or", "not"):
            parts = [self.truth(part, depth + 1) for part in given]
            return not_(parts[0]) if name == "not" else (and_ if name == "and" else or_)(*parts)
        if name in SPATIAL:
            return self._spatial(name, given)
        if name in _TEMPORAL and len(given) == 2:
            return _TEMPORAL[name](self._period(given[0]), self._period(given[1]))
        if name in _COMPARED and len(given) == 2:
            return self._compared(_COMPARED[name], *given)
        match name, given:
            case "between", [value, least, most]:
                return and_(self._compared(operator.ge, value, least), self._compared(operator.le, value, most))
            case "in", [value, [*values]]:
                return or_(*(self._compared(operator.eq, value, one) for one in values)) if values else literal(False)
            case "like", [value, pattern]:
                left, right = self._value(value), self._value(pattern)
                if (left.kind, right.kind) != (STRING, STRING):
                    raise wrong("LIKE compares text with a pattern")
                return func.like_escape(left.sql, right.sql, "\\")
            case "isnull", [{"property": self._vocabulary.geometry}]:
                return self._vocabulary.is_undrawn
            case "isnull", [value]:
                return self._value(value).sql.is_(None)
            case "", _:
                value = self._value(node)
                if value.kind != BOOLEAN:
                    raise wrong(f"it is no condition: {node}")
                return value.sql
        raise wrong(f"'{name}' is no operator that is known here with {len(given)} arguments")

    def _compared(self, how: Callable[[Any, Any], Any], left: Any, right: Any) -> ColumnElement[bool]:
        one, other = self._value(left), self._value(right)
        if one.kind != other.kind:
            one, other = _as_times(one, other)
        found: ColumnElement[bool] = how(one.sql, other.sql)
        return found

    def _value(self, node: Any) -> Value:
        """The value that a node is."""
        match node:
            case bool():
                return Value(literal(node), BOOLEAN)
            case int() | float():
                is_whole = float(node).is_integer() and abs(node) < 2**53
                return Value(literal(int(node) if is_whole else float(node)), NUMBER)
            case str():
                return Value(literal(node, String()), STRING, node)
            case {"property": str(name)}:
                return self._property(name)
            case {"date": str(text)}:
                return _day(text)
            case {"timestamp": str(text)}:
                return _moment(text)
            case {"op": "casei" | "accenti" as name, "args": [inner]}:
                value = self._value(inner)
                if value.kind != STRING:
                    raise wrong(f"{name.upper()} takes text")
                return Value(getattr(func, _FOLDED[name])(value.sql), STRING)
        raise wrong(f"this is no value that is known here: {node}")

    def _property(self, name: str) -> Value:
        known = self._vocabulary.properties
        if name not in known:
            near = next(iter(nearest(name, known)), None)
            raise wrong(f"'{name}' is not a property (see queryables)", near, tuple(known))
        return known[name]

    def _period(self, node: Any) -> Period:
        """The period that a node is; an instant begins and ends at once."""
        match node:
            case {"interval": [start, end]}:
                return Period(self._edge(start, "-infinity"), self._edge(end, "infinity"))
            case _:
                at = self._edge(node, None)
                return Period(at, at)

    def _edge(self, node: Any, open_end: str | None) -> ColumnElement[datetime]:
        if node == ".." and open_end is not None:
            return literal_column(f"timestamp '{open_end}'", DateTime())
        value = self._value(node)
        if value.written is not None:
            value = _time(value.written)
        if value.kind not in (DAY, MOMENT):
            raise wrong(f"this is no time: {node}")
        return cast(value.sql, DateTime())

    def _spatial(self, name: str, given: Sequence[Any]) -> ColumnElement[bool]:
        own = {"property": self._vocabulary.geometry}
        match given:
            case [left, dict(shape)] if left == own and "property" not in shape:
                return self._vocabulary.spatial(self._look_up, name.removeprefix("s_"), shape, False)
            case [dict(shape), right] if right == own and "property" not in shape:
                return self._vocabulary.spatial(self._look_up, name.removeprefix("s_"), shape, True)
        raise wrong(f"{name.upper()} compares the property '{self._vocabulary.geometry}' with one geometry")


def _operation(node: Any) -> tuple[str, Sequence[Any]]:
    """The operator of a node in lower case, and its arguments; empty where it is none."""
    match node:
        case {"op": str(name), "args": [*given]} if name.lower() not in _FOLDED:
            return name.lower(), given
    return "", ()


def _as_times(one: Value, other: Value) -> tuple[Value, Value]:
    """Two values of different kinds as times, where that is what they are: a day is its midnight in UTC."""
    times = [_time(value.written) if value.written is not None else value for value in (one, other)]
    if any(value.kind not in (DAY, MOMENT) for value in times):
        raise wrong(f"a {one.kind} is compared with a {other.kind}")
    if times[0].kind != times[1].kind:
        times = [Value(cast(value.sql, DateTime()), MOMENT) for value in times]
    return times[0], times[1]


def _time(text: str) -> Value:
    return _moment(text) if "T" in text else _day(text)


def _day(text: str) -> Value:
    try:
        return Value(literal(date.fromisoformat(text)), DAY)
    except ValueError:
        raise wrong(f"'{text}' is not a date such as 2023-11-06") from None


def _moment(text: str) -> Value:
    """A time as the reading copy has it: in UTC, without saying so."""
    try:
        found = datetime.fromisoformat(text)
        return Value(
            literal((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None)), MOMENT
        )
    except (ValueError, OverflowError):
        raise wrong(f"'{text}' is not a time such as 2023-11-07T00:00:00Z") from None
