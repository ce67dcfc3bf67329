"""A number as it is drawn: its bounds, its open end, what may float in, and how many reports give no number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Amount:
    """What a row of a total says. Low, best and high are null together, where nobody gave a number."""

    low: int | None
    best: int | None
    high: int | None
    is_open: bool = False
    # What `high` would gain if all that overlaps the row's period stood in it; null where nobody says how much.
    floating: int | None = 0
    # How many figures it rests on, and how many of them give no number.
    figures: int = 0
    without_number: int = 0
    # What is said in place of a number, where those that give one say that there were none.
    none_reported: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Amount:
        """The amount that a row of /v1/…/totals says."""
        without = row["unnumbered"] + row["unknown"]
        numbers = (row["low"], row["best"], row["high"])
        return cls(*numbers, row["open_ended"], row["floating"], row["figures"], without, none_reported(row))

    @property
    def has_number(self) -> bool:
        return self.best is not None

    @property
    def most(self) -> int:
        """The highest that is drawn of it; 0 where there is no number."""
        return (self.high or 0) + (self.floating or 0)


def none_reported(row: Mapping[str, Any]) -> str | None:
    """What is said of a row of a total that rests on reports of none, and on nothing else that has a number; null of others."""
    if row["high"] != 0 or not row["none_reported"]:
        return None
    return "no number from some, none reported by others" if row["unnumbered"] + row["unknown"] else "none reported"


def is_open_ended(numbers: Mapping[str, Any]) -> bool:
    """Whether there may have been more. A claim does not say so: it is open where it has a least and no most, and not where a
    publisher gives a best number without bounds."""
    if "open_ended" in numbers:
        return bool(numbers["open_ended"])
    return numbers["high"] is None and numbers["low"] is not None


def in_words(amount: Amount) -> str:
    """An amount in words: `at least 20`, `140 (130 to 150 or more)`, `none reported`, `no number`."""
    if amount.low is None or amount.best is None or amount.high is None:
        return "no number"
    if amount.none_reported:
        return amount.none_reported
    if amount.low == amount.high:
        return f"at least {amount.best:,}" if amount.is_open else f"{amount.best:,}"
    return f"{amount.best:,} ({amount.low:,} to {amount.high:,}{' or more' if amount.is_open else ''})"


def remarks(amount: Amount) -> list[str]:
    """What has to be said beside it: what may lie in the row as well, and who gives no number."""
    found = []
    if amount.floating is None:
        found.append("more may fall here, nobody says how many")
    elif amount.floating:
        found.append(f"up to {amount.floating:,} more may fall here")
    if amount.without_number:
        found.append(f"{amount.without_number:,} {_give(amount.without_number)} no number")
    return found


def _give(reports: int) -> str:
    return "figure gives" if reports == 1 else "figures give"


def scale(amounts: Iterable[Amount]) -> int:
    """The highest that is drawn of any of them; 1 where none is."""
    return max((amount.most for amount in amounts), default=0) or 1
