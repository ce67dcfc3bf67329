"""Finds the country of a row by its code and its name, which have to be of the same country."""

from __future__ import annotations

from collections.abc import Sequence

from api.domain.countries import country_code, country_name
from seeds.importer.records import Unknown
from seeds.importer.report import Unreadable


def country_of(code: str | None, name: str, column: str, printed: str) -> tuple[str, Sequence[Unknown]]:
    """The alpha-3 code of a row's country, empty where it has none, and what was not known of it.

    `code` is what stands in `column`, as printed, for us; null where that says nothing, and the name alone tells it.
    Errors: Unreadable, where code and name are of two countries.
    """
    by_name = country_code(name) if name else None
    is_known = code is not None and (country_name(code) is not None or by_name is None)
    if code is None or not is_known:
        return by_name or "", ((column, printed, by_name or "no country"),)
    if by_name not in (None, code):
        message = f"'{name}' is not the country of {column} '{printed}', which is {country_name(code) or code}"
        raise Unreadable("country", message)
    return code, ()
