"""From a query string to a question: what is read has to agree, and names become ids. Knows no table and no Flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.asking.grouping import bad_row
from api.asking.paging import bad_paging
from api.asking.question import Question
from api.asking.reading import read
from api.asking.takes import Sort, Takes
from api.declare.filter import Filter, LookUp
from api.dimensions import Dimension
from api.errors import Fault, ParametersDisagree, Problem, refuse


def ask(takes: Takes, pairs: Sequence[tuple[str, str]], format_: str, look_up: LookUp) -> Question:
    """The question that this query asks. Errors: a Problem that tells every fault found."""
    values = read(takes, pairs)
    faults = [*_disagreements(takes, values, format_)]
    if faults:
        raise refuse(faults)
    asked: dict[str, Any] = {**takes.defaults, **values, "resource": takes.resource}
    understood, faults = _understand(takes, asked, look_up)
    if "row" in values:
        faults += bad_row(values["group_by"], values["row"], look_up)
    if faults:
        raise refuse(faults)
    sort, is_descending = _sort(takes, values)
    dimensions = tuple(_dimension(takes, name) for name in values.get("group_by", ()))
    return Question(takes, values, understood, format_, sort, is_descending, dimensions, tuple(pairs))


def _dimension(takes: Takes, name: str) -> Dimension:
    return next(dimension for dimension in takes.dimensions if dimension.name == name)


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
    found += bad_paging(values, format_)
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
