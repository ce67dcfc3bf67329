"""Finds the country that is meant by a code, a number or a name.

`countries.csv` has each country of ISO 3166-1 with its codes, its numbers (which are those of M49 too) and its usual names,
the first of them ours. Two numbers are of states of before 2012 that older files still have: 736, the Sudan, and 891,
Serbia and Montenegro. Kosovo has no code of ISO's; XKX and XK are what others have agreed on.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from api.domain.names import folded

# How many letters an alpha-3 code has.
ALPHA_3_LETTERS = 3
_COUNTRIES = Path(__file__).with_name("countries.csv")


class Country(NamedTuple):
    """A country: its alpha-3 and alpha-2 codes, its numbers without zeros in front, and what it is called."""

    alpha_3: str
    alpha_2: str
    numbers: tuple[str, ...]
    names: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """All of them, by alpha-3 code."""
    with _COUNTRIES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return tuple(
        Country(alpha_3, alpha_2, tuple(number.lstrip("0") for number in numbers.split("; ")), tuple(names.split("; ")))
        for alpha_3, alpha_2, numbers, names in rows
    )


@cache
def by_number() -> Mapping[str, str]:
    """The alpha-3 code of each country by its numbers, without zeros in front."""
    return {number: country.alpha_3 for country in countries() for number in country.numbers if number}


@cache
def _by_word() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for country in countries():
        for word in (country.alpha_3, country.alpha_2, *country.names):
            found[folded(word)] = country.alpha_3
    return found


def country_code(written: str) -> str | None:
    """The alpha-3 code of the country of this code, number or name, whatever its case; null where there is none."""
    return by_number().get(written.lstrip("0")) or _by_word().get(folded(written))


@cache
def _names() -> Mapping[str, str]:
    return {country.alpha_3: country.names[0] for country in countries()}


def country_name(alpha_3: str) -> str | None:
    """What the country of this code is called; null where there is none."""
    return _names().get(alpha_3)
