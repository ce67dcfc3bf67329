"""What a resource is declared with: parameters, filters and columns, each once. Knows no table and no request.

A filter declared here is one entry in the description and one SQL expression. A column declared here stands in JSON,
in the CSV header, in GeoJSON and in the description.
"""

from __future__ import annotations

import csv
import enum
import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from marshmallow import Schema, ValidationError, fields
from sqlalchemy import ColumnElement

from api.codebook import values as codes_of
from api.errors import nearest

# --- What a client may write -------------------------------------------------------------------------------------


class NotAllowed(ValidationError):
    """A value outside its list: carries what is allowed and what was perhaps meant."""

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


# Text with something in it and without control characters, as the description says it; and one value of several.
_NOT_BLANK = r"^[^\x00-\x1F\x7F]*[^\s\x00-\x1F\x7F][^\x00-\x1F\x7F]*$"
_NO_CONTROLS = r"^[^\x00-\x1F\x7F]*$"
_ONE_OF_SEVERAL = r"^[^\s,\x00-\x1F\x7F]([^,\x00-\x1F\x7F]*[^\s,\x00-\x1F\x7F])?$"
# A decimal number; Python alone would take `1_000` and digits of other scripts too.
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
# More than there is of anything; both databases hold it, and every reader of JSON keeps it exact.
MOST_WHOLE = 10**15
# Longer numbers are refused unread: reading one takes time that grows with the square of its length.
MOST_DIGITS = 30
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Word(fields.String):
    """Non-empty text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=kwargs.pop("metadata", None) or {"pattern": _NOT_BLANK}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if not text:
            raise ValidationError("it is empty")
        return text


class Code(Word):
    """One code of a list."""

    def __init__(self, allowed: Sequence[str], **kwargs: Any) -> None:
        metadata = {**kwargs.pop("metadata", {}), "enum": list(allowed)}
        super().__init__(metadata=metadata, **kwargs)
        self.allowed = tuple(allowed)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if code not in self.allowed:
            raise NotAllowed(f"'{code}' is not one of its values", self.allowed)
        return code


class Several(fields.List[Any]):
    """Comma-separated values, each read by the inner field; at most `most`, none empty, none twice."""

    def __init__(self, inner: fields.Field[Any], most: int = 1000, **kwargs: Any) -> None:
        if inner.metadata.get("pattern") == _NOT_BLANK:
            inner.metadata = {**inner.metadata, "pattern": _ONE_OF_SEVERAL}
        reach = min(most, len(inner.allowed)) if isinstance(inner, Code) else most
        limits = {"minItems": 1, "maxItems": reach, "uniqueItems": True}
        super().__init__(inner, metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = [part.strip() for part in str(value).split(",")]
        if len(parts) > self.most:
            raise ValidationError(f"it holds {len(parts)} values; at most {self.most} are taken")
        if "" in parts:
            raise ValidationError("it is empty" if len(parts) == 1 else "one of its values is empty")
        read = [self.inner.deserialize(part, attr, data) for part in parts]
        for index, found in enumerate(read):
            if found in read[:index]:
                raise ValidationError(f"'{parts[index]}' stands in it twice")
        return read


class Day(fields.Date):
    """An ISO 8601 date, `2023-11-06`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            # Python alone would take other forms of ISO 8601 too, such as `2023-W45-1`.
            if _DAY.fullmatch(value) is None:
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"'{value}' is not a date such as 2023-11-06") from None


class Time(fields.DateTime):
    """An ISO 8601 time with its zone, or a date, which begins at midnight UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        # A plus sign that nobody escaped arrives as a space.
        text = str(value).replace(" ", "+") if "T" in str(value) else str(value)
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(f"'{value}' is not a time such as 2023-11-07T00:00:00Z") from None
        if read.tzinfo is None:
            if len(text) > len("2023-11-06"):
                raise ValidationError(f"'{value}' lacks its zone; write {text}Z for UTC")
            read = read.replace(tzinfo=UTC)
        try:
            return read.astimezone(UTC)
        except OverflowError:
            raise ValidationError(f"'{value}' lies outside the years 1 to 9999 in UTC") from None


class Whole(fields.Integer):
    """A whole number within limits, both included; they are told in the error and the description."""

    def __init__(self, least: int, most: int = MOST_WHOLE, **kwargs: Any) -> None:
        limits = {"minimum": least, "maximum": most}
        super().__init__(metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        text = str(value).strip()
        if _WHOLE.fullmatch(text) is None:
            raise ValidationError(f"'{value}' is not a whole number")
        if len(text) > MOST_DIGITS:
            raise ValidationError(f"it has {len(text)} digits; it lies between {self.least:,} and {self.most:,}")
        number = int(text)
        if number < self.least:
            raise ValidationError(f"{number} is below the least, {self.least:,}")
        if number > self.most:
            raise ValidationError(f"{number} is over the most, {self.most:,}")
        return number


class Yes(fields.Boolean):
    """`true` or `false`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise NotAllowed(f"'{value}' is neither true nor false", ("true", "false"))
        return bool(value == "true")


class Numbers(fields.List[Any]):
    """A fixed count of comma-separated decimal numbers, each within its own limits."""

    def __init__(self, names: Sequence[str], limits: Sequence[tuple[float, float]], **kwargs: Any) -> None:
        count = {"minItems": len(names), "maxItems": len(names)}
        reach = {"minimum": min(least for least, _most in limits), "maximum": max(most for _least, most in limits)}
        super().__init__(fields.Float(metadata=reach), metadata={**count, **kwargs.pop("metadata", {})}, **kwargs)
        self.names, self.limits = tuple(names), tuple(limits)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = str(value).split(",")
        if len(parts) != len(self.names):
            raise ValidationError(f"it needs {len(self.names)} numbers ({', '.join(self.names)}), not {len(parts)}")
        return [_number(part, name, reach) for part, name, reach in zip(parts, self.names, self.limits, strict=True)]


class RowValues(fields.String):
    """The values of one row, comma-separated; an empty one is null, so that `row=` is the row whose value is null.

    A value that holds a comma or a quote itself, as a claimant's words may, stands in double quotes as it would in CSV.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=kwargs.pop("metadata", None) or {"pattern": _NO_CONTROLS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            parts = next(csv.reader([str(value)], skipinitialspace=True)) or [""]
        except csv.Error:
            raise ValidationError("it holds a line break") from None
        return [part.strip() or None for part in parts]


class Number(fields.Float):
    """A decimal number within limits."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        limits = {"minimum": least, "maximum": most}
        super().__init__(metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        return _number(str(value), "it", (self.least, self.most))


def _number(text: str, name: str, limits: tuple[float, float]) -> float:
    if _DECIMAL.fullmatch(text.strip()) is None:
        raise ValidationError(f"{name} is '{text}', which is not a number")
    number = float(text)
    if not math.isfinite(number) or not limits[0] <= number <= limits[1]:
        raise ValidationError(f"{name} is {text.strip()}; it lies between {limits[0]:g} and {limits[1]:g}")
    return number


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name that may stand in a query, with what it means and how it is read."""

    name: str
    field: fields.Field[Any]
    description: str
    # A value that returns data on the corpus that ships with the service.
    example: str

    @property
    def is_list(self) -> bool:
        return isinstance(self.field, fields.List)


# --- What a filter does ------------------------------------------------------------------------------------------


class Subject(enum.Enum):
    """What a filter speaks about. Filters of one subject must hold of the same thing."""

    RECORD = "the event or figure itself, by columns that both have"
    EVENT = "the event"
    PARTICIPATION = "one group's part in the event"
    FIGURE = "one figure"
    SAID = "one claim or report"
    OWN = "the listed record, where it is neither event nor figure"


class InSQL(enum.Enum):
    """How a filter's value stands in SQL, which decides what questions have the same statement."""

    AS_VALUES = "each in its place, whatever it is"
    AS_CODE = "the value itself, one of few, decides what the SQL is"
    AS_PARTS = "much is worked out from it, for each question anew"


# What of a value are values by themselves, what makes it anew of others, and what decides the form of the question.
InForm = tuple[tuple[Any, ...], Callable[[Sequence[Any]], Any], Hashable]


class LookUp(Protocol):
    """What a filter may ask the database while its value is being understood."""

    def resolve(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[Any]:
        """The records that these names mean; refuses unknown and ambiguous ones."""

    def full_text(self, words: Sequence[str]) -> tuple[Any, Any]:
        """A select of the ids of events whose words hold all of these, and one of as many rows, for counting."""

    def holding(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition on one event's words that they hold all of these."""

    def longest_days(self) -> int:
        """How many days the longest period of any event or figure takes, from its first day to its last."""

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""


Asked = Mapping[str, Any]
Clause = Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A parameter that narrows a list: `clause` makes its SQL from the value and from what it speaks about.

    `understand` turns the value that was read into what the clause needs (ids for names, a window for a radius).
    """

    parameter: Parameter
    subject: Subject
    clause: Clause
    understand: Callable[[Any, Asked, LookUp], Any] | None = None
    # Whether it may part a whole from its own parts inside one event, so that totals are worked out per question.
    parts_figures: bool = False
    # Whether it says which part of the people is meant, and not which figures are talked about.
    is_partition: bool = False
    # A select of the ids of the events that it leaves, where that is quicker had from elsewhere than by the clause; and
    # one of as many rows, as an index alone has them.
    start: Callable[[Any], tuple[Any, Any]] | None = None
    # The same clause for rows that are found by something else: no index of its own is used then.
    passing: Clause | None = None
    in_sql: InSQL = InSQL.AS_VALUES
    # Whether participations have its column too.
    is_of_parts: bool = False
    # The column that holds one of these values, where that is all it asks; null where it asks for more.
    holds: Callable[[Any], tuple[str, Sequence[str]] | None] | None = None
    # The first or the last day of the period that a record has to overlap, where that is all it asks.
    first_day: Callable[[Any], date] | None = None
    last_day: Callable[[Any], date] | None = None
    # Further parameters that this filter reads; they narrow nothing by themselves.
    companions: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        return self.parameter.name


def among(column: str) -> Clause:
    """The clause that a column holds one of the values."""

    def clause(value: Any, subject: Any) -> ColumnElement[bool]:
        found = getattr(subject, column)
        result: ColumnElement[bool] = found == value[0] if len(value) == 1 else found.in_(value)
        return result

    return clause


def held_in(column: str) -> Callable[[Any], tuple[str, Sequence[str]]]:
    """Says that a filter asks for nothing but that a column holds one of the values."""
    return lambda value: (column, value)


def named(parameter: str) -> Callable[[Any, Asked, LookUp], Any]:
    """Understands the names that are written: they become the records that they mean for this parameter."""

    def understand(value: Sequence[str], asked: Asked, look_up: LookUp) -> Sequence[Any]:
        return look_up.resolve(parameter, value, asked)

    return understand


def codes(
    name: str,
    description: str,
    example: str,
    subject: Subject,
    *,
    column: str | None = None,
    code_list: str | None = None,
) -> Filter:
    """A filter by the codes of one list: the commonest kind, declared in one line."""
    allowed = codes_of(code_list or name)
    parameter = Parameter(name, Several(Code(allowed)), description, example)
    return Filter(parameter, subject, among(column or name), holds=held_in(column or name))


def no_coarser(name: str, description: str, example: str, subject: Subject) -> Filter:
    """A filter by a precision list, finest first: the value and all that are finer."""
    allowed = codes_of(name)

    def clause(value: Any, on: Any) -> ColumnElement[bool]:
        result: ColumnElement[bool] = getattr(on, name).in_(allowed[: allowed.index(value) + 1])
        return result

    return Filter(Parameter(name, Code(allowed), description, example), subject, clause, in_sql=InSQL.AS_CODE)


# --- What is shown -----------------------------------------------------------------------------------------------

# Names in nested objects that stand in flat formats without their parent's, as maps and spreadsheets expect them.
PLAIN_IN_FLAT = ("latitude", "longitude")
# The key of a listed object that stands for it in a flat cell, tried in this order: an alias also has the document that
# it was met in, and a relation both its other group and its document.
_STANDS_FOR = ("id", "name", "group", "document", "code")


@dataclass(frozen=True)
class Column:
    """One top-level key of a record: its field, and how its value is found in what the database gave."""

    key: str
    field: fields.Field[Any]
    value: Callable[[Any], Any]
    # Stands in flat formats alone.
    is_flat_only: bool = False
    # The names inside a nested object, in order; null where the value is none. Kept, since every record asks for them.
    inner: tuple[str, ...] | None = dataclass_field(init=False)
    # Whether its value is its one cell as it stands.
    is_plain: bool = dataclass_field(init=False)
    _inner_values: Callable[[Any], tuple[Any, ...]] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        inner: dict[str, fields.Field[Any]] = self.field.schema.fields if isinstance(self.field, fields.Nested) else {}
        object.__setattr__(self, "inner", tuple(inner) or None)
        object.__setattr__(self, "is_plain", not isinstance(self.field, _HOLDS_OTHERS))
        # One name more than needed, since of one name alone the value would come without a tuple around it.
        object.__setattr__(self, "_inner_values", itemgetter(*inner, next(iter(inner))) if inner else tuple)

    def headers(self) -> list[str]:
        """The names of its flat columns."""
        if self.inner is None:
            return [self.key]
        return [name if name in PLAIN_IN_FLAT else f"{self.key}_{name}" for name in self.inner]

    def cells(self, value: Any) -> list[Any]:
        """Its flat values, one for each header; null where there is none."""
        if self.inner is None:
            return [_cell(value)]
        if value is None:
            return [None] * len(self.inner)
        return [_cell(held) if isinstance(held, list | dict) else held for held in self._inner_values(value)[:-1]]


# Fields whose values are more than one cell holds.
_HOLDS_OTHERS = (fields.Nested, fields.List, fields.Dict)


def _cell(value: Any) -> Any:
    """A value that fits one cell: lists become their ids joined by `; `, objects their own id or pairs."""
    if isinstance(value, list):
        return "; ".join([str(_cell(item)) for item in value]) if value else None
    if isinstance(value, dict):
        for key in _STANDS_FOR:
            if key in value:
                return _cell(value[key])
        return "; ".join(f"{key}={item}" for key, item in value.items()) or None
    return value


@dataclass(frozen=True)
class Shape:
    """A kind of record: its name in the description and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = dataclass_field(init=False)
    header: tuple[str, ...] = dataclass_field(init=False)
    # Kept, since every record asks for them: keys with what finds their values, and what makes cells of a source and
    # its record, columns next to each other that are plain taken together.
    _values: tuple[tuple[str, Callable[[Any], Any]], ...] = dataclass_field(init=False)
    _cells: tuple[Callable[[Any, Mapping[str, Any]], Sequence[Any]], ...] = dataclass_field(init=False)

    def __post_init__(self) -> None:
        shown = [column for column in self.columns if not column.is_flat_only]
        object.__setattr__(self, "_values", tuple((column.key, column.value) for column in shown))
        object.__setattr__(self, "keys", tuple(column.key for column in shown))
        object.__setattr__(self, "header", tuple(name for column in self.columns for name in column.headers()))
        runs = groupby(self.columns, lambda column: (column.is_flat_only, column.is_plain or column.key))
        object.__setattr__(self, "_cells", tuple(_cells_of(list(run)) for _alike, run in runs))

    def schema(self) -> type[Schema]:
        """The marshmallow schema of its JSON object."""
        found = {column.key: column.field for column in self.columns if not column.is_flat_only}
        return Schema.from_dict(found, name=self.name)

    def record(self, source: Any) -> dict[str, Any]:
        """The JSON object of one record."""
        return {key: value(source) for key, value in self._values}

    def flat(self, source: Any, record: Mapping[str, Any]) -> list[Any]:
        """The record's cells, one for each name in the header."""
        found: list[Any] = []
        for cells in self._cells:
            found += cells(source, record)
        return found

    def flat_only(self, keys: Sequence[str]) -> list[int]:
        """The places in the header of the columns under these top-level keys; all where none are named."""
        found: list[int] = []
        place = 0
        for column in self.columns:
            width = len(column.headers())
            if not keys or column.key in keys:
                found.extend(range(place, place + width))
            place += width
        return found


def _cells_of(run: Sequence[Column]) -> Callable[[Any, Mapping[str, Any]], Sequence[Any]]:
    """What makes the cells of columns next to each other, which are all plain or only one."""
    if run[0].is_flat_only:
        values = [column.value for column in run]
        return lambda source, _record: [value(source) for value in values]
    if len(run) > 1:
        taken = itemgetter(*(column.key for column in run))
        return lambda _source, record: taken(record)
    (column,) = run
    return lambda _source, record: column.cells(record[column.key])


def suggestion(written: str, known: Sequence[str]) -> str | None:
    """What was perhaps meant, where something is close."""
    found = nearest(written, known)
    return found[0] if found else None
