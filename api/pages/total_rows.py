"""Says of the rows of a total in which order a page shows them, and what they have alike, so that it is said once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.domain.codebook import MEASURES

Row = Mapping[str, Any]


_PLACES = {measure: place for place, measure in enumerate(MEASURES)}


def place_of_measure(row: Row) -> int:
    """Where the measure of a row stands in the codebook's order, the killed first."""
    return _PLACES[row["key"]["measure"]]


def by_measure(rows: Sequence[Row]) -> list[Row]:
    """Rows of a total in that order."""
    return sorted(rows, key=place_of_measure)


class Alike(NamedTuple):
    """What rows have alike: whether they are all of one measure, their datasets, and whether any figure has no number."""

    is_one_measure: bool
    datasets: list[str]
    has_unnumbered: bool


def alike(rows: Sequence[Row]) -> Alike:
    """What these rows of a total of figures have alike."""
    measures = {tuple(row["key"][name] for name in ("measure", "object", "unit")) for row in rows}
    datasets = list(dict.fromkeys(row["key"]["dataset"] for row in rows))
    return Alike(len(measures) == 1, datasets, any(row["unnumbered"] + row["unknown"] for row in rows))
