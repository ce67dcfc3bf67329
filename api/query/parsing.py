"""Parses a query string into a Question: reads each parameter, checks that they agree, resolves names to ids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError

from api.domain.codebook import never_totalled
from api.domain.errors import (
    MOST_FAULTS,
    Fault,
    InvalidValue,
    ParametersDisagree,
    Problem,
    RepeatedParameter,
    UnknownParameter,
    nearest,
    refusal,
    suggestion,
)
from api.query.dimension import Dimension
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Filter, LookUp
from api.query.foreign_names import instead_of, value_instead_of
from api.query.parameters import Code, ListOf, NotAllowed, SeveralWrong
from api.query.question import Question
from api.query.standard_parameters import form_faults, paging_faults, row_faults, totals_faults
from api.records.formats import FLAT, GEOJSON, JSON, NDJSON

# A parameter that older browser libraries add against caches. It is taken and means nothing.
MEANINGLESS = "_"
# What parts values in ACLED's and other interfaces, and how a web page writes what parts parameters.
_PARTED = re.compile(r"[|;]|:OR:")
_ESCAPED = "amp;"
_ALL = ("*", "all")
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f]")


def read(endpoint: Endpoint, pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], list[Fault]]:
    """The values that were given, by parameter, and the faults of parameters that cannot be read."""
    parameters = endpoint.by_name
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    given: dict[str, list[str]] = {}
    for name, written in pairs:
        if name != MEANINGLESS:
            given.setdefault(name, []).append(written)
    for name, texts in given.items():
        parameter = parameters.get(name)
        if parameter is None:
            # What is close to a name that will not be told need not be looked for.
            known = tuple(parameters) if len(faults) < MOST_FAULTS else ()
            faults.append(unknown_parameter(endpoint.path, name, known))
            continue
        if len(texts) > 1 and not parameter.is_list:
            faults.append(Fault(name, f"'{name}' is given twice; it takes one value.", RepeatedParameter))
            continue
        if any(map(_CONTROL_CHARACTER.search, texts)):
            faults.append(Fault(name, f"'{name}' cannot be read: it holds a control character.", InvalidValue))
            continue
        try:
            values[name] = parameter.field.deserialize(texts if parameter.is_list else texts[0])
        except SeveralWrong as several:
            faults += [_unreadable(endpoint, name, error) for error in several.errors]
        except ValidationError as error:
            faults.append(_unreadable(endpoint, name, error))
    return values, faults


def _unreadable(endpoint: Endpoint, name: str, error: ValidationError) -> Fault:
    if isinstance(error, NotAllowed):
        return _not_allowed(endpoint, name, error)
    rest = " Leave it out: 'next' leads to all." if name == "limit" else ""
    return Fault(name, f"'{name}' cannot be read: {_sentence(error)}.{rest}", InvalidValue)


def unknown_parameter(where: str, name: str, known: Sequence[str]) -> Fault:
    """The fault of a name that is none of the known ones of an address or page, with what it is called there."""
    message = f"'{name}' is not a parameter of {where}."
    if name.startswith(_ESCAPED):
        meant = name.removeprefix(_ESCAPED)
        message += " The address is written as in a web page, with &amp; for &."
        return _not_among(known, meant, name, message, UnknownParameter)
    found = instead_of(name, known)
    if found is None:
        return _not_among(known, name, name, message, UnknownParameter)
    first = next(iter(found.names), None)
    return Fault(name, f"{message} {found.advice}", UnknownParameter, did_you_mean=first, allowed=known)


def _not_allowed(endpoint: Endpoint, name: str, error: NotAllowed) -> Fault:
    sentence = _sentence(error)
    written = sentence.split("'")[1] if "'" in sentence else ""
    meant = value_instead_of(written, error.allowed)
    if meant is not None:
        message = f"'{name}' cannot be read: {sentence}.{suggestion(meant)}"
        return Fault(name, message, InvalidValue, did_you_mean=meant, allowed=error.allowed, value=written)
    elsewhere = endpoint.elsewhere.get(written.casefold())
    where = _filters_having(endpoint, name, written) if elsewhere is None else f" It is asked for at {elsewhere}."
    message = f"'{name}' cannot be read: {sentence}.{where}"
    if name == "fields" and written in _ALL:
        message += " Leave it out for all."
    if name == "fields" and written == "boundary" and "boundaries" in endpoint.by_name:
        message += " It comes with boundaries=true, whatever 'fields' says."
    return replace(_not_among(error.allowed, written, name, message, InvalidValue), value=written)


def _filters_having(endpoint: Endpoint, name: str, written: str) -> str:
    """Which other filters have this value, in words: `air_drone_strike` is no `type`, but a `subtype`."""
    filters = [parameter for wanted in endpoint.filters for parameter in wanted.parameters]
    if name not in {parameter.name for parameter in filters}:
        return ""
    having = [
        f"'{parameter.name}'"
        for parameter in filters
        for field in (parameter.field.inner if isinstance(parameter.field, ListOf) else parameter.field,)
        if isinstance(field, Code) and field.meant(written) is not None
    ]
    return f" It is a value of {' and of '.join(having)}." if having else ""


def _not_among(allowed: Sequence[str], written: str, name: str, message: str, problem: type[Problem]) -> Fault:
    """The fault that something is none of these, with the closest of them."""
    close = next(iter(nearest(written, allowed)), None)
    return Fault(name, message + suggestion(close), problem, did_you_mean=close, allowed=allowed)


def _sentence(error: ValidationError) -> str:
    found: Any = error.messages
    while not isinstance(found, str):
        found = next(iter(found.values())) if isinstance(found, dict) else found[0]
    return found.rstrip(".")


def goes_with(endpoint: Endpoint, pairs: Sequence[tuple[str, str]], format_: str) -> bool:
    """Whether a question that has an answer has one in this format too."""
    values, _faults = read(endpoint, pairs)
    return not _disagreements(endpoint, values, format_, {name for name, _written in pairs})


def parse(endpoint: Endpoint, pairs: Sequence[tuple[str, str]], format_: str, look_up: LookUp) -> Question:
    """The question that this query asks. Errors: a Problem that tells every fault found."""
    values, faults = read(endpoint, pairs)
    unread = {fault.parameter for fault in faults}
    disagreements = _disagreements(endpoint, values, format_, {name for name, _written in pairs})
    faults += [fault for fault in disagreements if fault.parameter not in unread]
    query: dict[str, Any] = {**values, "resource": endpoint.resource}
    # What is wrong by itself cannot say what names mean.
    wrong = {fault.parameter for fault in faults}
    filter_values, unknown = _resolve_values(endpoint, query, look_up, wrong)
    faults += unknown
    faults += _within_one_another(pairs, values, filter_values, look_up)
    if "row" in values and not wrong & {"row", "group_by"}:
        faults += row_faults(values["group_by"], values["row"], look_up)
    if faults:
        raise refusal(_with_what_parts(endpoint, pairs, faults))
    sort, is_descending = _sort(endpoint, values)
    written = tuple((name, text) for name, text in pairs if name != MEANINGLESS)
    dimensions = tuple(_dimension(endpoint, name) for name in values.get("group_by", ()))
    return Question(endpoint, values, filter_values, format_, sort, is_descending, dimensions, written)


def _with_what_parts(endpoint: Endpoint, pairs: Sequence[tuple[str, str]], faults: Sequence[Fault]) -> list[Fault]:
    """The same faults, and where values are parted as others part them, what parts them here."""
    lists = {name for name, parameter in endpoint.by_name.items() if parameter.is_list}
    advice = dict.fromkeys(lists, "Several values stand between commas.")
    advice |= dict.fromkeys(
        ("date_from", "date_to"), "A period has its first day in 'date_from' and its last in 'date_to'."
    )
    parted = {name for name, text in pairs if name in advice and _PARTED.search(text)}
    return [
        replace(fault, message=f"{fault.message} {advice[fault.parameter]}") if fault.parameter in parted else fault
        for fault in faults
    ]


def _dimension(endpoint: Endpoint, name: str) -> Dimension:
    return next(dimension for dimension in endpoint.dimensions if dimension.name == name)


def _disagreements(endpoint: Endpoint, values: Mapping[str, Any], format_: str, given: AbstractSet[str]) -> list[Fault]:
    """The faults of parameters beside each other; of those given, some may have no value that can be read."""
    found: list[Fault] = []

    def disagree(parameter: str, message: str) -> None:
        found.append(Fault(parameter, message, ParametersDisagree))

    for least, most in (("date_from", "date_to"), ("best_min", "best_max")):
        if least in values and most in values and values[least] > values[most]:
            disagree(least, f"'{least}' is {values[least]}, which is beyond '{most}', {values[most]}.")
    box = values.get("bbox")
    if box is not None and box[1] > box[3]:
        disagree("bbox", f"'bbox' has its south ({box[1]:g}) above its north ({box[3]:g}).")
    if ("near" in given) != ("radius_km" in given):
        missing, alone = ("radius_km", "near") if "near" in given else ("near", "radius_km")
        disagree(alone, f"'{alone}' needs '{missing}'.")
    if "period" in given and not {"date_from", "date_to"} & given:
        disagree("period", "'period' needs 'date_from' or 'date_to'.")
    if "include_members" in given and "group" not in given:
        disagree("include_members", "'include_members' needs 'group'.")
    if "row" in given and "group_by" not in given:
        disagree("row", "'row' needs 'group_by', the dimensions that its values are of.")
    if not endpoint.is_totals and "group_by" in given:
        if "row" not in given:
            disagree("group_by", "'group_by' needs 'row' here; the rows themselves are at the totals.")
        elif {"row", "group_by"} <= values.keys() and len(values["row"]) != len(values["group_by"]):
            disagree("row", f"'row' has {len(values['row'])} values for {len(values['group_by'])} dimensions.")
    if endpoint.is_totals:
        asked = [_dimension(endpoint, name) for name in values.get("group_by", ())]
        found += totals_faults(values, asked, format_)
        apart = never_totalled(values)
        if apart is not None and any(dimension.name == "measure" for dimension in endpoint.always_in_key):
            message = f"'{apart}' has no totals: the figures are at /v1/figures."
            disagree("measure" if "measure" in values else "family", message)
        shown = {name for dimension in (*asked, *endpoint.always_in_key) for name in dimension.flat_names}
        for dimension in endpoint.key_dimensions:
            if any(name in dimension.flat_names and name not in shown for name in values.get("fields", ())):
                disagree("fields", f"'fields' has a column of '{dimension.name}', which is not in 'group_by'.")
    elif "boundaries" in given and format_ in FLAT and format_ != GEOJSON:
        disagree(
            "boundaries", f"'boundaries' goes with format={JSON}, {NDJSON} or {GEOJSON}; {format_} has no outlines."
        )
    in_flat_rows = [name for name in values.get("fields", ()) if name in endpoint.flat_keys]
    if in_flat_rows and format_ not in FLAT:
        disagree(
            "fields",
            f"'{in_flat_rows[0]}' stands in flat rows alone: ask for format={', '.join(FLAT[:-1])} or {FLAT[-1]}, or leave it out.",
        )
    found += form_faults(values, format_) + paging_faults(values, format_)
    return found


def _resolve_values(
    endpoint: Endpoint, query: Mapping[str, Any], look_up: LookUp, wrong: AbstractSet[str]
) -> tuple[dict[Filter, Any], list[Fault]]:
    """The filters that were asked, with their values as ids. Names are looked up in the order of the filters."""
    filter_values: dict[Filter, Any] = {}
    faults: list[Fault] = []
    for wanted in endpoint.filters:
        if wanted.name not in query or wrong & {wanted.name, *(companion.name for companion in wanted.companions)}:
            continue
        value = query[wanted.name]
        try:
            filter_values[wanted] = (
                value if wanted.resolve_value is None else wanted.resolve_value(value, query, look_up)
            )
        except Problem as problem:
            faults += problem.faults
    return filter_values, faults


# A place and what it lies in, as people write it: `Lashio, Shan`.
_AS_PEOPLE_WRITE = re.compile(r",\s")


def _within_one_another(
    pairs: Sequence[tuple[str, str]],
    values: Mapping[str, Any],
    filter_values: Mapping[Filter, Any],
    look_up: LookUp,
) -> list[Fault]:
    """The faults of a place that is written with the one that it lies in: as alternatives they ask for all of the latter."""
    name = "location"
    if not any(given == name and _AS_PEOPLE_WRITE.search(written) for given, written in pairs):
        return []
    places = next((value for wanted, value in filter_values.items() if wanted.name == name), ())
    told = zip(dict.fromkeys(values[name]), places, strict=True) if places else ()
    return [
        Fault(
            name,
            f"In '{name}', '{inner[0]}' lies in '{outer[0]}', and values of one parameter are alternatives: this would ask for"
            f" all of '{outer[0]}'. Ask for '{inner[0]}' alone, by its id where several places are called so.",
            ParametersDisagree,
            did_you_mean=inner[0],
        )
        for inner, outer in pairwise(told)
        if look_up.lies_in(inner[1], outer[1])
    ]


def _sort(endpoint: Endpoint, values: Mapping[str, Any]) -> tuple[Sort | None, bool]:
    written = values.get("sort", endpoint.default_sort)
    for sort in endpoint.sorts:
        if sort.key == written.removeprefix("-"):
            return sort, written.startswith("-")
    return None, False
