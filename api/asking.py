"""A query string read: every parameter known, given once, valid, and in agreement with the others. Knows no Flask.

Nothing is ignored, clamped or guessed: all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from marshmallow import ValidationError

from api.codebook import values as codes_of
from api.declare import Code, Filter, LookUp, NotAllowed, Parameter, RowValues, Several, Shape, Whole, Word
from api.dimensions import BY_NAME, DIMENSIONS, MOST_DIMENSIONS, Dimension
from api.errors import (
    Fault,
    InvalidValue,
    NotAcceptable,
    ParametersDisagree,
    Problem,
    RepeatedParameter,
    UnknownName,
    UnknownParameter,
    nearest,
    refuse,
)

DEFAULT_LIMIT = 100
MOST_LIMIT = 1000
# The last row that page numbers reach; further on, only a cursor is quick.
LAST_PAGED_ROW = 10_000

_NOT_OF_SCOPE = ("sort", "fields", "limit", "cursor", "page", "format")

JSON, CSV, GEOJSON, NDJSON = "json", "csv", "geojson", "ndjson"
# What each format is called in HTTP; the first is the default.
MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    CSV: "text/csv",
    GEOJSON: "application/geo+json",
    NDJSON: "application/x-ndjson",
}


@dataclass(frozen=True)
class Sort:
    """A key to sort by: the column it means, and whether it may be null (null comes last either way)."""

    key: str
    column: Callable[[], Any]
    is_nullable: bool = False


@dataclass(frozen=True)
class Takes:
    """What a path takes: its filters, and what else may stand in its query."""

    path: str
    resource: str
    shape: Shape | None
    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    default_sort: str = ""
    formats: tuple[str, ...] = (JSON, CSV, NDJSON)
    dimensions: tuple[Dimension, ...] = ()
    # Lists of figures and events take one row of a total; totals take dimensions alone.
    is_totals: bool = False
    # The top-level keys of a row of totals, which have no shape of their own.
    total_keys: tuple[str, ...] = ()
    # One record by its id takes no more than a format.
    is_record: bool = False
    # What the description groups it under, where that is not the kind of its records.
    resource_name: str | None = None
    # Filters with a value of their own where the client gives none.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # Examples that return data here, where those that the parameters came with do not.
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """What the description groups it under."""
        return self.resource_name or self.resource

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys of what is listed."""
        return self.total_keys if self.shape is None else self.shape.keys

    def parameters(self) -> tuple[Parameter, ...]:
        """Everything that may stand in the query, in the order of the description."""
        if self.is_record:
            return (FORMAT_OF_RECORD,) if self.formats else ()
        found: list[Parameter] = []
        for wanted in self.filters:
            found += [wanted.parameter, *wanted.companions]
        if self.dimensions:
            found.append(_group_by(self.dimensions, self.is_totals))
            if not self.is_totals:
                found.append(ROW)
        if self.sorts:
            keys = [sort.key for sort in self.sorts]
            both = [f"{sign}{key}" for key in keys for sign in ("", "-")]
            found.append(
                Parameter(
                    "sort", Code(both), f"The order; `-` for descending. Default `{self.default_sort}`.", both[-1]
                )
            )
        found.append(
            Parameter("fields", Several(Code(self.keys)), "Only these top-level keys.", ",".join(self.keys[:2]))
        )
        found += [LIMIT, CURSOR, PAGE]
        if not self.is_totals:
            found.append(COUNT)
        found.append(
            Parameter(
                "format",
                Code(self.formats),
                "The form of the answer; the Accept header works too. All but `json` give the whole result.",
                self.formats[0],
            )
        )
        return tuple(
            replace(parameter, example=self.examples.get(parameter.name, parameter.example)) for parameter in found
        )

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The same by name."""
        return {parameter.name: parameter for parameter in self.parameters()}


def _group_by(dimensions: Sequence[Dimension], is_totals: bool) -> Parameter:
    told = " ".join(f"`{dimension.name}`: {dimension.description}" for dimension in dimensions)
    what = f"Up to {MOST_DIMENSIONS} dimensions of the rows. {told}"
    if not is_totals:
        what = "With `row`: the dimensions of the total whose row is meant."
    return Parameter(
        "group_by",
        Several(Code([dimension.name for dimension in dimensions]), most=MOST_DIMENSIONS),
        what,
        "state_or_region",
    )


ROW = Parameter(
    "row",
    RowValues(),
    "With `group_by`: what counts in this row of the total, by its values; an empty value is null, and one that holds a"
    " comma stands in double quotes.",
    "mmr005",
)
LIMIT = Parameter(
    "limit",
    Whole(1),
    f"How many records: a page has {DEFAULT_LIMIT} unless this says otherwise, and at most {MOST_LIMIT:,} (a page of"
    " totals 1,000). Formats that give the whole result stop after this many, without a maximum.",
    "10",
)
CURSOR = Parameter("cursor", Word(), "Where the next page begins, as `next` gave it.", "")
PAGE = Parameter(
    "page",
    # A page has one record at least.
    Whole(1, metadata={"maximum": LAST_PAGED_ROW}),
    f"A page by number, for spreadsheets; up to row {LAST_PAGED_ROW:,}, then `cursor`.",
    "1",
)
FORMAT_OF_RECORD = Parameter("format", Code((JSON,)), "The form of the answer.", JSON)
COUNT = Parameter("count", Code(("exact",)), "`exact`: the exact total, however large.", "exact")


class Led(NamedTuple):
    """How a question is best answered."""

    # A select of the ids to start from, where a filter on something else leaves few.
    ids: Any = None
    # Whether one of the question's filters on the listed record itself leaves few: they are found first, then sorted.
    is_few: bool = False
    # What matches are counted from, where that is not the list's own order.
    counted_from: Any = None
    # Whether no other filter leaves fewer than those on who takes part, so that the list may be read in their order.
    is_by_part: bool = True
    # How many match, where that came out; and how many at least.
    total: int | None = None
    at_least: int = 0

    @property
    def is_in_order(self) -> bool:
        """Whether the list is read in its order until a page is full."""
        return self.ids is None and not self.is_few


IN_ORDER = Led()


@dataclass(frozen=True)
class Question:
    """A query understood."""

    takes: Takes
    # What was given, by parameter, as read; names as ids.
    values: Mapping[str, Any]
    understood: Mapping[Filter, Any]
    format: str
    sort: Sort | None
    is_descending: bool
    dimensions: tuple[Dimension, ...]
    # The query as it was written, for links.
    pairs: tuple[tuple[str, str], ...]
    # How it is best answered (see api/leading.py).
    led: Led = IN_ORDER

    @property
    def limit(self) -> int | None:
        found: int | None = self.values.get("limit")
        return found

    @property
    def page_size(self) -> int:
        """How many records a page has."""
        return self.limit or (MOST_LIMIT if self.takes.is_totals else DEFAULT_LIMIT)

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """What decides how many match, as it was written: everything but the order, the page and the form."""
        return tuple(sorted(pair for pair in self.pairs if pair[0] not in _NOT_OF_SCOPE))

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.values.get("fields", ()))

    @property
    def row(self) -> tuple[str | None, ...] | None:
        found = self.values.get("row")
        return None if found is None else tuple(found)


def choose_format(formats: Sequence[str], written: str | None, accepted: Callable[[Sequence[str]], str | None]) -> str:
    """The format that was asked for, by parameter or by Accept header.

    `accepted` gives the best of these media types for the header, or null. Errors: a `format` that is not here is a bad
    parameter (400); an Accept header that names nothing we have is 406.
    """
    if written is not None:
        if written not in formats:
            message = f"'{written}' is not a format of this address; it has {', '.join(formats)}."
            close = nearest(written, formats)
            raise refuse(
                [Fault("format", message, InvalidValue, did_you_mean=close[0] if close else None, allowed=formats)]
            )
        return written
    best = accepted([MEDIA_TYPES[name] for name in formats])
    for name in formats:
        if MEDIA_TYPES[name] == best:
            return name
    raise NotAcceptable(f"This address gives {', '.join(MEDIA_TYPES[name] for name in formats)}.")


def ask(takes: Takes, pairs: Sequence[tuple[str, str]], format_: str, look_up: LookUp) -> Question:
    """The question that this query asks. Errors: a Problem that tells every fault found."""
    values = _read(takes, takes.by_name, pairs)
    faults = [*_disagreements(takes, values, format_)]
    if faults:
        raise refuse(faults)
    asked: dict[str, Any] = {**takes.defaults, **values, "resource": takes.resource}
    understood, faults = _understand(takes, asked, look_up)
    if "row" in values:
        faults += _bad_row(values["group_by"], values["row"], look_up)
    if faults:
        raise refuse(faults)
    sort, is_descending = _sort(takes, values)
    dimensions = tuple(_dimension(takes, name) for name in values.get("group_by", ()))
    return Question(takes, values, understood, format_, sort, is_descending, dimensions, tuple(pairs))


def _dimension(takes: Takes, name: str) -> Dimension:
    return next(dimension for dimension in takes.dimensions if dimension.name == name)


def _read(takes: Takes, parameters: Mapping[str, Parameter], pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    given: set[str] = set()
    for name, written in pairs:
        parameter = parameters.get(name)
        if parameter is None:
            if name not in given:
                faults.append(_unknown(takes.path, name, tuple(parameters)))
            given.add(name)
            continue
        if name in given:
            message = f"'{name}' is given twice; write its values into one, separated by commas."
            if not parameter.is_list:
                message = f"'{name}' is given twice; it takes one value."
            faults.append(Fault(name, message, RepeatedParameter))
            continue
        given.add(name)
        if any(ord(character) < 32 or ord(character) == 127 for character in written):
            faults.append(Fault(name, f"'{name}' cannot be read: it holds a control character.", InvalidValue))
            continue
        try:
            values[name] = parameter.field.deserialize(written)
        except NotAllowed as error:
            faults.append(_not_allowed(name, error))
        except ValidationError as error:
            faults.append(Fault(name, f"'{name}' cannot be read: {_sentence(error)}.", InvalidValue))
    if faults:
        raise refuse(faults)
    return values


def _unknown(path: str, name: str, known: Sequence[str]) -> Fault:
    close = nearest(name, known)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return Fault(
        name,
        f"'{name}' is not a parameter of {path}.{hint}",
        UnknownParameter,
        did_you_mean=close[0] if close else None,
        allowed=known,
    )


def _not_allowed(name: str, error: NotAllowed) -> Fault:
    sentence = _sentence(error)
    written = sentence.split("'")[1] if "'" in sentence else ""
    close = nearest(written, error.allowed)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return Fault(
        name,
        f"'{name}' cannot be read: {sentence}.{hint}",
        InvalidValue,
        did_you_mean=close[0] if close else None,
        allowed=error.allowed,
    )


def _sentence(error: ValidationError) -> str:
    found: Any = error.messages
    while not isinstance(found, str):
        found = next(iter(found.values())) if isinstance(found, dict) else found[0]
    return found.rstrip(".")


def _disagreements(takes: Takes, values: Mapping[str, Any], format_: str) -> list[Fault]:
    found: list[Fault] = []

    def disagree(parameter: str, message: str) -> None:
        found.append(Fault(parameter, message, ParametersDisagree))

    for least, most in (("date_from", "date_to"), ("best_min", "best_max")):
        if least in values and most in values and values[least] > values[most]:
            disagree(least, f"'{least}' is {values[least]}, which is beyond '{most}', {values[most]}.")
    box = values.get("bbox")
    if box is not None and box[1] > box[3]:
        disagree("bbox", f"'bbox' has its south ({box[1]:g}) above its north ({box[3]:g}).")
    if ("near" in values) != ("radius_km" in values):
        missing, given = ("radius_km", "near") if "near" in values else ("near", "radius_km")
        disagree(given, f"'{given}' needs '{missing}'.")
    if "include_members" in values and "group" not in values:
        disagree("include_members", "'include_members' needs 'group'.")
    if "row" in values and "group_by" not in values:
        disagree("row", "'row' needs 'group_by', the dimensions that its values are of.")
    if not takes.is_totals and "group_by" in values:
        if "row" not in values:
            disagree("group_by", "'group_by' needs 'row' here; the rows themselves are at the totals.")
        elif len(values["row"]) != len(values["group_by"]):
            disagree("row", f"'row' has {len(values['row'])} values for {len(values['group_by'])} dimensions.")
    found += _bad_paging(values, format_)
    return found


def _bad_row(names: Sequence[str], row: Sequence[str | None], look_up: LookUp) -> list[Fault]:
    """Values of a row that their dimension cannot have."""
    pairs = zip(names, row, strict=True)
    faults = [_bad_value(BY_NAME[name], value, look_up) for name, value in pairs if value is not None]
    return [fault for fault in faults if fault is not None]


def _bad_value(dimension: Dimension, value: str, look_up: LookUp) -> Fault | None:
    message = f"'row' has '{value}' for {dimension.name}, which is not one of its values."
    labels = dimension.labels or ""
    if labels.startswith("code:"):
        allowed = codes_of(labels.removeprefix("code:"))
        return None if value in allowed else Fault("row", message, InvalidValue, allowed=allowed)
    if dimension.begins is not None:
        try:
            dimension.begins(value)
        except ValueError:
            return Fault("row", message, InvalidValue)
        return None
    # Countries and claimants have no records of their own.
    parameter = dimension.name if dimension.name in ("country", "claimant") else "id"
    try:
        meant = look_up.resolve(parameter, [value], {"resource": f"{labels}s"})
    except Problem as problem:
        (fault,) = problem.faults
        return replace(fault, parameter="row", message=message)
    return None if value in meant else Fault("row", message, UnknownName, did_you_mean=meant[0])


def _bad_paging(values: Mapping[str, Any], format_: str) -> list[Fault]:
    found: list[Fault] = []
    if format_ != JSON:
        for name in ("cursor", "page", "count"):
            if name in values:
                message = f"'{name}' goes with pages; {format_} gives the whole result. Use 'limit' to cap it."
                found.append(Fault(name, message, ParametersDisagree))
        return found
    limit = values.get("limit", DEFAULT_LIMIT)
    if limit > MOST_LIMIT:
        message = f"'limit' is {limit:,}, over the most, {MOST_LIMIT:,}; follow 'next', or use format=csv or ndjson."
        found.append(Fault("limit", message, InvalidValue))
    if "page" in values and "cursor" in values:
        found.append(Fault("page", "'page' and 'cursor' exclude each other.", ParametersDisagree))
    elif "page" in values and values["page"] * limit > LAST_PAGED_ROW:
        message = f"'page' reaches past row {LAST_PAGED_ROW:,}; follow 'next', which carries a 'cursor', from there on."
        found.append(Fault("page", message, InvalidValue))
    return found


def _understand(takes: Takes, asked: Mapping[str, Any], look_up: LookUp) -> tuple[dict[Filter, Any], list[Fault]]:
    """The filters that were asked, with their values as ids. Names are looked up in the order of the filters."""
    understood: dict[Filter, Any] = {}
    faults: list[Fault] = []
    for wanted in takes.filters:
        if wanted.name not in asked:
            continue
        value = asked[wanted.name]
        try:
            understood[wanted] = value if wanted.understand is None else wanted.understand(value, asked, look_up)
        except Problem as problem:
            faults += problem.faults
    return understood, faults


def _sort(takes: Takes, values: Mapping[str, Any]) -> tuple[Sort | None, bool]:
    written = values.get("sort", takes.default_sort)
    for sort in takes.sorts:
        if sort.key == written.removeprefix("-"):
            return sort, written.startswith("-")
    return None, False


def groupable(*, without: Sequence[str] = ()) -> tuple[Dimension, ...]:
    """The dimensions, but for some."""
    return tuple(dimension for dimension in DIMENSIONS if dimension.name not in without)
