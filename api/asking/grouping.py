"""`group_by` and `row`: the dimensions of a total, and one row of it by its values. Knows no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.codebook import values as codes_of
from api.declare.filter import LookUp
from api.declare.values import Code, Parameter, RowValues, Several
from api.dimensions import BY_NAME, MOST_DIMENSIONS, Dimension
from api.errors import Fault, InvalidValue, Problem, UnknownName

# Facets that one answer may have.
MOST_FACETS = 10

ROW = Parameter(
    "row",
    RowValues(),
    "With `group_by`: what counts in this row of the total, by its values; an empty value is null, and one that holds a"
    " comma stands in double quotes.",
    "mmr005",
)


def group_by(dimensions: Sequence[Dimension], is_totals: bool) -> Parameter:
    """The parameter of a path with these dimensions: of its totals, or of the records that one row is made of."""
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


def facets(dimensions: Sequence[Dimension]) -> Parameter:
    """The parameter of a list that asks for the values which its matching records have in some dimensions."""
    return Parameter(
        "facets",
        Several(Code([dimension.name for dimension in dimensions]), most=MOST_FACETS),
        f"Up to {MOST_FACETS} dimensions: the answer tells their values, each with the number of matching records, the 100 most"
        " frequent. A facet's own filter is left out.",
        "type,country",
    )


def bad_row(names: Sequence[str], row: Sequence[str | None], look_up: LookUp) -> list[Fault]:
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
    try:
        meant = look_up.resolve(dimension.values_of, [value], {"resource": f"{labels}s"})
    except Problem as problem:
        (fault,) = problem.faults
        return replace(fault, parameter="row", message=message)
    return None if value in meant else Fault("row", message, UnknownName, did_you_mean=meant[0])
