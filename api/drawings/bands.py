"""Draws a number with its bounds as a small band, in SVG: lowest to highest, the best as a stroke, an open end as an arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from api.drawings.amounts import is_open_ended

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
        drawn = f'<rect class="unnumbered" x="0" y="2" width="{WIDTH - _ARROW}" height="10"/>'
    else:
        drawn = _drawn(low, best, high, is_open_ended(numbers), scale)
    # Nothing in it is text of anybody's.
    return Markup(
        f'<svg class="band" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{drawn}</svg>'
    )


def _drawn(low: float | None, best: float | None, high: float | None, is_open: bool, scale: float) -> str:
    def along(number: float) -> float:
        return round((WIDTH - _ARROW) * number / (scale or 1), 1)

    start = along(low or 0)
    known = [number for number in (low, best, high) if number is not None]
    end = max(along(max(known)), start + _LEAST)
    parts = [f'<rect class="sure" x="0" y="5" width="{start}" height="4"/>'] if start else []
    parts.append(f'<rect class="range" x="{start}" y="2" width="{end - start:.1f}" height="10"/>')
    if best is not None:
        parts.append(f'<rect class="best" x="{max(along(best) - 1.2, 0):.1f}" y="0" width="2.5" height="14"/>')
    if is_open:
        parts.append(f'<path class="open" d="M{end + 2:.1f} 7h7m-3.5-3.5 3.5 3.5-3.5 3.5"/>')
    return "".join(parts)
