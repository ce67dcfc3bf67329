"""Rounds axes and classes to numbers that people read easily."""

from __future__ import annotations

import math
from collections.abc import Sequence

# What an axis counts by, as parts of a power of ten.
_STEPS = (1, 2, 5, 10)


def ticks(most: float, about: int = 3) -> list[int]:
    """Whole numbers from zero to `most` or just above it, evenly apart, about so many beside zero."""
    step = _step(most / about)
    return list(range(0, math.ceil(most / step) * step + 1, step))


def _step(least: float) -> int:
    """The first easy step that is no smaller than this, and 1 at least."""
    if least <= 1:
        return 1
    power = int(10 ** math.floor(math.log10(least)))
    return next(step * power for step in _STEPS if step * power >= least)


def classes(values: Sequence[int], most_classes: int = 5) -> list[tuple[int, int]]:
    """Classes of positive values, lowest and highest of each; easy numbers that grow evenly by factors, none of them empty."""
    if not values:
        return []
    top = max(values)
    distinct = sorted(set(values))
    if len(distinct) <= most_classes:
        return [(value, value) for value in distinct]
    edges = sorted({_rounded(top ** (part / most_classes)) for part in range(1, most_classes)} | {top})
    bounds, start = [], 1
    for edge in edges:
        inside = [value for value in values if start <= value <= edge]
        if inside:
            bounds.append((start, edge))
        start = edge + 1
    return bounds


def _rounded(value: float) -> int:
    """Rounded to one digit."""
    power = int(10 ** max(0, math.floor(math.log10(max(value, 1)))))
    return max(1, round(value / power) * power)


def class_of(value: int, bounds: Sequence[tuple[int, int]]) -> int:
    """Which class a value is in, from 1."""
    return next(place for place, (_low, high) in enumerate(bounds, 1) if value <= high)
