"""Draws an amount as a bar: solid to what is sure, lighter to what is possible, a mark at the best, an arrow at an open end."""

from __future__ import annotations

from markupsafe import Markup

from api.drawings.amounts import Amount
from api.drawings.svg import arrow, element, percent

_HEIGHT, _BAR = 18, 12
# As parts of the width: what is left for the hatching and the arrow of an open end, and how wide is hatched what has no
# number.
_ROOM, _HATCHED = 0.9, 0.03


def bar(amount: Amount, most: int) -> Markup:
    """A bar as wide as where it stands, where `most` reaches to its end. One without a number is hatched."""
    top = (_HEIGHT - _BAR) / 2
    if amount.low is None or amount.best is None or amount.high is None:
        return _bar([_hatched(0, top)])
    low, best, high, floats = (
        _ROOM * value / most for value in (amount.low, amount.best, amount.high, amount.high + (amount.floating or 0))
    )
    parts = []
    if floats > high:
        line = {"class": "floating", "x1": percent(high), "x2": percent(floats), "y1": _HEIGHT / 2, "y2": _HEIGHT / 2}
        parts.append(element("line", line))
    if high > 0:
        parts.append(element("rect", {"class": "possible", "y": top, "width": percent(high), "height": _BAR}))
    if low > 0:
        parts.append(element("rect", {"class": "sure", "y": top, "width": percent(low), "height": _BAR}))
    mark = {"class": "best", "x1": percent(best), "x2": percent(best), "y1": top - 2, "y2": top + _BAR + 2}
    parts.append(element("line", mark))
    end = high
    if amount.without_number:
        parts.append(_hatched(high, top))
        end += _HATCHED
    if amount.is_open:
        parts.append(arrow("right", percent(end), _HEIGHT / 2))
    return _bar(parts)


def _hatched(start: float, top: float) -> Markup:
    """What has no number, and so no length."""
    attributes = {"class": "unnumbered", "x": percent(start), "y": top, "width": percent(_HATCHED), "height": _BAR}
    return element("rect", attributes)


def _bar(parts: list[Markup]) -> Markup:
    return element("svg", {"class": "bar", "width": "100%", "height": _HEIGHT, "aria-hidden": "true"}, parts)
