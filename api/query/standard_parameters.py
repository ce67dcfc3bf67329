"""Parameters that many addresses share: format, limit, page, cursor, group_by, row and facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.domain.codebook import values as codes_of
from api.domain.errors import Fault, InvalidValue, ParametersDisagree, Problem, UnknownName
from api.query.dimension import Dimension
from api.query.dimensions import BY_NAME, MOST_DIMENSIONS
from api.query.filters.filter import LookUp
from api.query.parameters import Code, ListOf, Parameter, RowKey, Text, TrueOrFalse, WholeNumber
from api.records.formats import CSV, GEOJSON, JSON, PARQUET, XLSX

DEFAULT_LIMIT = 100
MOST_LIMIT = 1000
# The last row that page numbers reach; further on, only a cursor is quick.
LAST_PAGED_ROW = 10_000

LIMIT = Parameter(
    "limit",
    WholeNumber(1),
    f"How many records: a page has {DEFAULT_LIMIT} unless this says otherwise, and at most {MOST_LIMIT:,} (a page of"
    " totals 1,000). Formats that give the whole result stop after this many, without a maximum.",
    "10",
)
CURSOR = Parameter("cursor", Text(), "Where the next page begins, as `next` gave it.", "")
PAGE = Parameter(
    "page",
    # A page has one record at least.
    WholeNumber(1, metadata={"maximum": LAST_PAGED_ROW}),
    f"A page by number, for spreadsheets; up to row {LAST_PAGED_ROW:,}, then `cursor`.",
    "1",
)

BOM = Parameter(
    "bom", TrueOrFalse(), "Of CSV: `true` puts a byte order mark first, by which Excel knows UTF-8.", "true"
)
HXL = Parameter("hxl", TrueOrFalse(), "Of CSV: `true` puts a row of HXL tags after the header.", "true")
LONG, WIDE = "long", "wide"
# What a total may be asked besides.
FILL = Parameter(
    "fill",
    TrueOrFalse(),
    "Of totals by time: `true` gives buckets in which nothing is counted a row too, within the period asked for, or else within"
    " what each dataset covers, and so buckets that figures only float into, as `floating` says.",
    "true",
)
SHAPE = Parameter(
    "shape",
    Code((LONG, WIDE)),
    "Of totals as CSV, workbook or Parquet: `wide` has a column for each value of the last dimension, with the number in"
    " `fields`, such as `key,best`, or with several numbers one for each.",
    WIDE,
)
# Parameters that say how CSV is written.
OF_CSV = (BOM, HXL)


def form_faults(values: Mapping[str, Any], format_: str) -> list[Fault]:
    """The faults of parameters about one form of the answer beside another one."""
    return [
        Fault(found.name, f"'{found.name}' is about CSV; ask for format=csv, or leave it out.", ParametersDisagree)
        for found in OF_CSV
        if found.name in values and format_ != CSV
    ]


def paging_faults(values: Mapping[str, Any], format_: str) -> list[Fault]:
    """The faults of parameters for pages: those that do not go together, and pages out of reach."""
    found: list[Fault] = []
    if format_ != JSON:
        for name in ("cursor", "page", "facets"):
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


# Facets that one answer may have.
MOST_FACETS = 10

ROW = Parameter(
    "row",
    RowKey(),
    "With `group_by`: what counts in this row of the total, by its values; an empty value is null, and one that holds a"
    " comma stands in double quotes.",
    "mmr005",
)


def group_by(dimensions: Sequence[Dimension], is_totals: bool) -> Parameter:
    """The parameter of a path with these dimensions: of its totals, or of the records that one row is made of."""
    listed = " ".join(f"`{dimension.name}`: {dimension.description}" for dimension in dimensions)
    what = f"Up to {MOST_DIMENSIONS} dimensions of the rows. {listed}"
    if not is_totals:
        what = "With `row`: the dimensions of the total whose row is meant."
    return Parameter(
        "group_by",
        ListOf(Code([dimension.name for dimension in dimensions]), most=MOST_DIMENSIONS),
        what,
        "state_or_region",
    )


def facets(dimensions: Sequence[Dimension]) -> Parameter:
    """The parameter of a list that asks for the values which its matching records have in some dimensions."""
    return Parameter(
        "facets",
        ListOf(Code([dimension.name for dimension in dimensions]), most=MOST_FACETS),
        f"Up to {MOST_FACETS} dimensions: the answer tells their values, each with the number of matching records, the 100 most"
        " frequent. A facet's own filter is left out.",
        "type,country",
    )


def totals_faults(values: Mapping[str, Any], dimensions: Sequence[Dimension], format_: str) -> list[Fault]:
    """The faults of parameters of totals that do not go together with what is asked."""
    found: list[Fault] = []
    if values.get("fill") and all(dimension.last_bucket is None for dimension in dimensions):
        message = "'fill' needs a dimension of time in 'group_by': day, week, month or year."
        found.append(Fault("fill", message, ParametersDisagree))
    if values.get("shape") == WIDE:
        if format_ not in (CSV, XLSX, PARQUET):
            message = f"'shape' is about rows of columns; ask for format={CSV}, {XLSX} or {PARQUET}, or leave it out."
            found.append(Fault("shape", message, ParametersDisagree))
        elif not dimensions:
            message = "'shape' needs 'group_by': the values of its last dimension become columns."
            found.append(Fault("shape", message, ParametersDisagree))
    if "boundaries" in values and format_ != GEOJSON:
        message = f"'boundaries' is about outlines; ask for format={GEOJSON}, or leave it out."
        found.append(Fault("boundaries", message, ParametersDisagree))
    if format_ == GEOJSON and not any(dimension.is_of_places for dimension in dimensions):
        message = f"'format' is {GEOJSON}, which needs a place in 'group_by', such as state_or_region or township."
        found.append(Fault("format", message, ParametersDisagree))
    return found


def row_faults(names: Sequence[str], row: Sequence[str | None], look_up: LookUp) -> list[Fault]:
    """The faults of a row's values that their dimension cannot have."""
    pairs = zip(names, row, strict=True)
    faults = [_row_fault(BY_NAME[name], value, look_up) for name, value in pairs if value is not None]
    return [fault for fault in faults if fault is not None]


def _row_fault(dimension: Dimension, value: str, look_up: LookUp) -> Fault | None:
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
    try:
        meant = look_up.resolve(dimension.values_of, [value], {"resource": f"{labels}s"})
    except Problem as problem:
        (fault,) = problem.faults
        return replace(fault, parameter="row", message=message)
    return None if value in meant else Fault("row", message, UnknownName, did_you_mean=meant[0])


BOUNDARIES = Parameter(
    "boundaries",
    TrueOrFalse(),
    "The outline of each country, state, region and district, where there is one: in JSON as `boundary`, a GeoJSON geometry, and"
    " in GeoJSON in the place of its point.",
    "true",
)


def format_of_record(forms: Sequence[str]) -> Parameter:
    """The parameter of an address that has these formats and streams none of them."""
    return Parameter("format", Code(forms), "The form of the answer; the Accept header works too.", forms[0])
