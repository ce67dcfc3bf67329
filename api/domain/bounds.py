"""What a worded number means: one table from qualifier and number to low, best and high.

Method: docs/totals.md, How a number is coded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from api.domain.codebook import values

# "Around" means up to a tenth less or more.
_AROUND_PARTS = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be at least, most likely and at most; null is unknown. `status` is a code of its own list."""

    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    status: str


def _exact(number: int) -> Bounds:
    return Bounds(number, number, number, False, "numbered")


def _at_least(number: int) -> Bounds:
    return Bounds(number, number, None, True, "numbered")


def _nearly(number: int) -> Bounds:
    if number == 0:
        raise ValueError("The qualifier nearly needs a number above zero, because no count lies below zero.")
    unit_of_last_digit = 1
    while number % (unit_of_last_digit * 10) == 0:
        unit_of_last_digit *= 10
    return Bounds(number - unit_of_last_digit, number, number, False, "numbered")


def _around(number: int) -> Bounds:
    # In floats 1.1 times 100 is 110.00000000000001 and would round up to 111, so the division is of whole numbers. Floor
    # division rounds down; of the negated number, it rounds up.
    low = number * (_AROUND_PARTS - 1) // _AROUND_PARTS
    high = -(-number * (_AROUND_PARTS + 1) // _AROUND_PARTS)
    return Bounds(low, number, high, False, "numbered")


def _at_most(number: int) -> Bounds:
    return Bounds(None, number, number, False, "numbered")


def _magnitude(unit: int) -> Bounds:
    """Two of the unit or more, because it is a plural; below ten of it, because that has a name of its own."""
    return Bounds(2 * unit, None, 10 * unit - 1, False, "numbered")


_WITH_NUMBER: Mapping[str, Callable[[int], Bounds]] = MappingProxyType(
    {
        "exact": _exact,
        "at_least": _at_least,
        "more_than": _at_least,
        "nearly": _nearly,
        "around": _around,
        "at_most": _at_most,
        "up_to": _at_most,
    }
)

_WITHOUT_NUMBER: Mapping[str, Bounds] = MappingProxyType(
    {
        "several": Bounds(None, None, None, True, "unnumbered"),
        "tens": _magnitude(10),
        "hundreds": _magnitude(100),
        "thousands": _magnitude(1_000),
        "tens_of_thousands": _magnitude(10_000),
        "hundreds_of_thousands": _magnitude(100_000),
        "millions": _magnitude(1_000_000),
        "none_reported": Bounds(0, 0, 0, False, "none_reported"),
        "unknown": Bounds(None, None, None, True, "unknown"),
    }
)


def bounds(qualifier: str, number: int | None) -> Bounds:
    """Low, best and high of a number under its qualifier.

    `number` is null exactly for the qualifiers that carry none (several, the magnitudes, none_reported, unknown).
    ValueError, with a sentence, for an unknown qualifier and for a number that is missing, superfluous, below zero
    (or zero after nearly) or not whole.
    """
    if qualifier in _WITHOUT_NUMBER:
        if number is not None:
            raise ValueError(f"The qualifier {qualifier} takes no number, so {number!r} must be null.")
        return _WITHOUT_NUMBER[qualifier]
    if qualifier not in _WITH_NUMBER:
        raise ValueError(f"There is no qualifier {qualifier!r}; it must be one of {', '.join(values('qualifier'))}.")
    if number is None:
        raise ValueError(f"The qualifier {qualifier} needs a number, and there is none.")
    # Seed files and imports are read without types: a decimal or a yes/no may arrive here all the same.
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(f"The number must be a whole number, not {number!r}.")  # noqa: TRY004 - one error for all bad content
    if number < 0:
        raise ValueError(f"The number must be zero or more, not {number}.")
    return _WITH_NUMBER[qualifier](number)
