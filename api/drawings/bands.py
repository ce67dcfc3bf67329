"""Draws a number with its bounds as a small bar, in SVG: solid to the lowest, lighter to the highest, the best as a stroke, an
open end as an arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from api.drawings.amounts import is_open_ended

# In pixels, where the page gives it no other width; and the part of the width that leaves room for the arrow of an open end.
_WIDTH, _HEIGHT, _ROOM = 132, 14, 90
# The least part of the width that is seen.
_LEAST = 1.0

Numbers = Mapping[str, Any]


def most(rows: Iterable[Numbers]) -> float:
    """The greatest number in these rows, by which their bands are to one scale; 1 where none has a number."""
    return max((row[name] for row in rows for name in ("low", "best", "high") if row[name]), default=1)


def band(numbers: Numbers, scale: float) -> Markup:
    """The band of these numbers, where `scale` is as long as it can be; hatched where there is no number."""
    low, best, high = (numbers[name] for name in ("low", "best", "high"))
    if low is None and best is None and high is None:
        drawn = f'<rect class="unnumbered" y="2" width="{_ROOM}%" height="10"/>'
    else:
        drawn = _drawn(low, best, high, is_open_ended(numbers), scale)
    # Nothing in it is text of anybody's.
    return Markup(f'<svg class="band" width="{_WIDTH}" height="{_HEIGHT}" aria-hidden="true">{drawn}</svg>')


def _drawn(low: float | None, best: float | None, high: float | None, is_open: bool, scale: float) -> str:
    def along(number: float) -> float:
        return round(_ROOM * number / (scale or 1), 1)

    start = along(low or 0)
    known = [number for number in (low, best, high) if number is not None]
    end = max(along(max(known)), start)
    parts = [f'<rect class="sure" width="{max(start, _LEAST)}%" y="2" height="10"/>'] if start else []
    if end > start:
        parts.append(f'<rect class="range" x="{start}%" width="{max(end - start, _LEAST):.1f}%" y="2" height="10"/>')
    if best is not None:
        parts.append(f'<rect class="best" x="{along(best)}%" width="2" height="{_HEIGHT}"/>')
    if is_open:
        parts.append(
            f'<svg x="{end}%" overflow="visible"><path class="open" d="M3 7h7m-3.5-3.5 3.5 3.5-3.5 3.5"/></svg>'
        )
    return "".join(parts)
