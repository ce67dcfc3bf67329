"""Each parameter of a query read by itself, with the faults that it has alone. Knows no database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError

from api.asking.takes import Takes
from api.declare.values import NotAllowed
from api.errors import Fault, InvalidValue, Problem, RepeatedParameter, UnknownParameter, nearest, refuse, suggestion


def read(takes: Takes, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The values that were given, by parameter. Errors: a Problem that tells every parameter that cannot be read."""
    parameters = takes.by_name
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
    return _not_among(known, name, name, f"'{name}' is not a parameter of {path}.", UnknownParameter)


def _not_allowed(name: str, error: NotAllowed) -> Fault:
    sentence = _sentence(error)
    written = sentence.split("'")[1] if "'" in sentence else ""
    return _not_among(error.allowed, written, name, f"'{name}' cannot be read: {sentence}.", InvalidValue)


def _not_among(allowed: Sequence[str], written: str, name: str, message: str, kind: type[Problem]) -> Fault:
    """The fault that something is none of these, with the closest of them."""
    close = next(iter(nearest(written, allowed)), None)
    return Fault(name, message + suggestion(close), kind, did_you_mean=close, allowed=allowed)


def _sentence(error: ValidationError) -> str:
    found: Any = error.messages
    while not isinstance(found, str):
        found = next(iter(found.values())) if isinstance(found, dict) else found[0]
    return found.rstrip(".")
