"""The total of figures that are at hand, as an event's flat row has it. Knows no database.

Method: design/domain.md, Totals. What a question adds up is worked out in the reading copy (api/columns/families.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure's bounds as totals count them: null low is 0, null best the low, null high the best with an open end."""

    low: int
    best: int
    high: int
    is_open: bool

    @classmethod
    def of(cls, low: int | None, best: int | None, high: int | None, open_ended: bool) -> Quantity:
        counted_low = 0 if low is None else low
        counted_best = counted_low if best is None else best
        return cls(counted_low, counted_best, counted_best if high is None else high, open_ended or high is None)


@dataclass(frozen=True, slots=True)
class Part:
    """A figure that lies inside another, surely or possibly."""

    quantity: Quantity
    is_certain: bool


def joint(whole: Quantity, parts: Sequence[Part]) -> Quantity:
    """What the whole adds to a row that holds all of its parts."""
    return Quantity(
        max(0, whole.low - sum(part.quantity.low for part in parts)),
        max(0, whole.best - sum(part.quantity.best for part in parts)),
        max(0, whole.high - sum(part.quantity.high for part in parts if part.is_certain)),
        whole.is_open,
    )


def opens_its_row(own: Quantity, whole: Quantity | None, is_certain: bool) -> bool:
    """Whether a figure leaves the high end of a row open that also holds its whole.

    A certain part of a closed whole does not: its whole is its limit.
    """
    return own.is_open and not (whole is not None and is_certain and not whole.is_open)


class Total(NamedTuple):
    """A total as it is told: no bounds where no figure has a number."""

    low: int | None
    best: int | None
    high: int | None
    is_open: bool


def total(figures: Iterable[Mapping[str, object]]) -> Total:
    """The total of these figures, which are all that is in scope and of one measure, unit and object.

    Each has `id`, `low`, `best`, `high`, `open_ended`, `part_of` and `nesting`.
    """
    listed = list(figures)
    quantities = {str(figure["id"]): _quantity(figure) for figure in listed}
    parts: dict[str, list[Part]] = {}
    for figure in listed:
        if figure["part_of"] is not None:
            part = Part(quantities[str(figure["id"])], figure["nesting"] == "certain")
            parts.setdefault(str(figure["part_of"]), []).append(part)
    is_open = any(
        opens_its_row(
            quantities[str(figure["id"])], quantities.get(str(figure["part_of"])), figure["nesting"] == "certain"
        )
        for figure in listed
    )
    if all(figure[bound] is None for figure in listed for bound in ("low", "best", "high")):
        return Total(None, None, None, is_open)
    added = [
        joint(quantity, parts[identity]) if identity in parts else quantity for identity, quantity in quantities.items()
    ]
    return Total(
        sum(quantity.low for quantity in added),
        sum(quantity.best for quantity in added),
        sum(quantity.high for quantity in added),
        is_open,
    )


def _quantity(figure: Mapping[str, object]) -> Quantity:
    low, best, high = (figure[bound] for bound in ("low", "best", "high"))
    assert not isinstance(low, str | float) and not isinstance(best, str | float) and not isinstance(high, str | float)
    return Quantity.of(low, best, high, bool(figure["open_ended"]))  # type: ignore[arg-type]  # bounds are whole or null
