"""Makes the links of a page: the same question with something else, and records beside the one that was asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

from api.records.formats import HTML

# What is about the page, and no part of the question. OGC API Features calls the format `f`.
_OF_PAGES = ("format", "f", "cursor", "page")
_SAFE = ",:"
# What is refused where none of these is asked beside it.
_NEEDS = {
    "row": ("group_by",),
    "group_by": ("row",),
    "radius_km": ("near",),
    "near": ("radius_km",),
    "include_members": ("group",),
    "period": ("date_from", "date_to"),
}


def address_of(path: str, **query: Any) -> str:
    """A path of the API with this query, as a link takes it; what is null is left out."""
    asked = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(asked, safe=_SAFE)}" if asked else path


def here() -> str:
    """The path that is asked, whose ending names the form alone."""
    return request.path.removesuffix(f".{HTML}")


def question() -> list[tuple[str, str]]:
    """What the current request asks, without what is about the page alone."""
    return [(name, value) for name, value in request.args.items(multi=True) if name not in _OF_PAGES]


def asked_as(pairs: list[tuple[str, str]]) -> str:
    """The current address with these pairs as its query."""
    return f"{here()}?{urlencode(pairs, safe=_SAFE)}" if pairs else here()


def without(name: str) -> str:
    """The current question without this parameter, and without what cannot stand without it."""
    pairs = question()
    dropped = dropped_with(name, dict(pairs))
    return asked_as([(asked, value) for asked, value in pairs if asked not in dropped])


def dropped_with(name: str, asked: Iterable[str]) -> set[str]:
    """This parameter, and those that would be refused without it where nothing else of what is asked stands in for it."""
    left = set(asked) - {name}
    return {name, *(one for one, needed in _NEEDS.items() if name in needed and left.isdisjoint(needed))}


def with_value(name: str, value: str, instead_of: str | None = None) -> str:
    """The current question with this value of one parameter, in the place of one of its values or else of all."""
    asks = question()
    if instead_of is not None:
        pairs = [(asked, _replaced(had, instead_of, value) if asked == name else had) for asked, had in asks]
        if pairs != asks:
            return asked_as(pairs)
    pairs = [(asked, value if asked == name else had) for asked, had in asks]
    return asked_as(pairs if name in dict(pairs) else [*pairs, (name, value)])


def _replaced(written: str, one: str, other: str) -> str:
    """A list with another in the place of one of its values; as it is, where it has not that one."""
    values = values_of(written)
    return listed([other if value == one else value for value in values]) if one in values else written


def values_of(written: str) -> list[str]:
    """The values of a list that is written as one parameter."""
    return [value.strip() for value in next(csv.reader([written], skipinitialspace=True), [])]


def listed(values: Sequence[str]) -> str:
    """Values as one parameter takes them: in double quotes where they hold a comma."""
    written = StringIO()
    csv.writer(written, lineterminator="").writerow(values)
    return written.getvalue()


def with_pairs(name: str, instead: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The current question with these parameters and values in the place of one parameter."""
    pairs = [
        (asked, value) for asked, value in request.args.items(multi=True) if asked not in _OF_PAGES or asked == name
    ]
    return [pair for asked in pairs for pair in (instead if asked[0] == name else (asked,))]


def beside_this(identity: str) -> str:
    """The record of this id, where another one was asked for."""
    return f"{here().rpartition('/')[0]}/{quote(identity)}"


GLOBALS = {function.__name__: function for function in (address_of, here, question, without, with_value, beside_this)}
