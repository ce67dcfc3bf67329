"""Draws a number with its bounds as a small band, in SVG: lowest to highest, the best as a stroke, an open end as an arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

# In pixels; the arrow of an open end stands behind the scale.
WIDTH, HEIGHT, _ARROW = 132, 14, 12
_LEAST = 3.0

Numbers = Mapping[str, Any]


def most(rows: Iterable[Numbers]) -> float:
    """The greatest number in these rows, by which their bands are to one scale; 1 where none has a number."""
    return max((row[name] for row in rows for name in ("low", "best", "high") if row[name]), default=1)


def band(numbers: Numbers, scale: float) -> Markup:
    """The band of these numbers, where `scale` is as long as it can be; hatched where there is no number."""
    low, best, high = (numbers[name] for name in ("low", "best", "high"))
    if low is None and best is None and high is None:
        drawn = Markup('<rect class="unnumbered" x="0" y="2" width="{}" height="10"/>').format(WIDTH - _ARROW)
    else:
        drawn = _drawn(low, best, high, bool(numbers["open_ended"]), scale)
    return Markup(
        '<svg class="band" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true">{2}</svg>'
    ).format(WIDTH, HEIGHT, drawn)


def _drawn(low: float | None, best: float | None, high: float | None, is_open: bool, scale: float) -> Markup:
    def along(number: float) -> float:
        return round((WIDTH - _ARROW) * number / (scale or 1), 1)

    start = along(low or 0)
    known = [number for number in (low, best, high) if number is not None]
    end = max(along(max(known)), start + _LEAST)
    parts = [Markup('<rect class="sure" x="0" y="5" width="{}" height="4"/>').format(start) if start else Markup()]
    parts.append(
        Markup('<rect class="range" x="{}" y="2" width="{}" height="10"/>').format(start, round(end - start, 1))
    )
    if best is not None:
        parts.append(
            Markup('<rect class="best" x="{}" y="0" width="2.5" height="14"/>').format(max(along(best) - 1.2, 0))
        )
    if is_open:
        parts.append(Markup('<path class="open" d="M{0} 7h7m-3.5-3.5 3.5 3.5-3.5 3.5"/>').format(round(end + 2, 1)))
    return Markup().join(parts)
