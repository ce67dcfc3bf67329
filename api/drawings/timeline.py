"""Draws amounts over time, in buckets of a day, a week, a month or a year, on an axis that starts at zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from api.drawings.amounts import Amount, in_words, remarks
from api.drawings.scales import ticks
from api.drawings.svg import arrow, element, percent

# In pixels: the plot, what stands over it (arrows and the highest number), and the labels under it.
_PLOT, _TOP, _UNDER = 150, 18, 20
_HEIGHT = _TOP + _PLOT + _UNDER
# The least height that is seen, and how high a bucket without a number is hatched.
_LEAST, _HATCHED = 1.5, 7
# Labels under the axis; a phone shows every second one.
_LABELS = 6


@dataclass(frozen=True)
class Bucket:
    """A stretch of time with what is said of it; null where nothing is."""

    start: date
    # The day after its last.
    end: date
    name: str
    amount: Amount | None
    # Where a click on it leads.
    link: str


def timeline(buckets: Sequence[Bucket], label: str) -> Markup:
    """The buckets, which follow each other without a gap, over the whole width. `label` says what is drawn."""
    first, last = buckets[0].start, buckets[-1].end
    days = (last - first).days
    axis = ticks(max((bucket.amount.most for bucket in buckets if bucket.amount is not None), default=0) or 1)

    def along(day: date) -> float:
        return (day - first).days / days

    lines, numbers = _axis(axis)
    parts = lines
    for bucket in buckets:
        if bucket.amount is not None:
            left, right = along(bucket.start), along(bucket.end)
            parts.append(_drawn(bucket, bucket.amount, (left, right), axis[-1]))
    every = max(1, -(-len(buckets) // _LABELS))
    for place, bucket in enumerate(buckets[::every]):
        attributes = {"class": "tick second" if place % 2 else "tick", "x": percent(along(bucket.start))}
        parts.append(element("text", {**attributes, "y": _HEIGHT - 5}, [bucket.name]))
    # In front of the bars, which begin where they stand.
    parts += numbers
    frame = {"class": "timeline", "width": "100%", "height": _HEIGHT, "role": "group", "aria-label": label}
    days_shown = {"data-first": first.isoformat(), "data-last": last.isoformat()}
    return element("svg", {**frame, **days_shown}, parts)


def _axis(axis: Sequence[int]) -> tuple[list[Markup], list[Markup]]:
    """The lines of an axis, and its numbers."""
    lines, numbers = [], []
    for tick in axis:
        y = _height(tick, axis[-1])
        lines.append(element("line", {"class": "grid" if tick else "base", "x1": 0, "x2": "100%", "y1": y, "y2": y}))
        if tick:
            numbers.append(element("text", {"class": "tick scale", "x": 0, "y": y - 3}, [f"{tick:,}"]))
    return lines, numbers


def _height(value: float, top: int) -> float:
    """Where a value lies, from above."""
    return _TOP + _PLOT * (1 - value / top)


def _drawn(bucket: Bucket, amount: Amount, sides: tuple[float, float], top: int) -> Markup:
    """One bucket as a link with its numbers as a tooltip."""
    left, right = sides
    gap = 0.12 * (right - left)
    across = {"x": percent(left + gap), "width": percent(right - left - 2 * gap)}
    middle = percent((left + right) / 2)
    base = _height(0, top)
    words = f"{bucket.name}: {', '.join([in_words(amount), *remarks(amount)])}"
    whole = {"class": "reach", "x": percent(left), "width": percent(right - left), "y": _TOP, "height": _PLOT}
    parts = [element("title", {}, [words]), element("rect", whole)]
    if amount.low is None or amount.best is None or amount.high is None:
        parts.append(element("rect", {"class": "unnumbered", **across, "y": base - _HATCHED, "height": _HATCHED}))
        text = {"class": "count", "x": middle, "y": base - _HATCHED - 3}
        parts.append(element("text", text, [f"{amount.without_number}"]))
        return _link(bucket, words, parts)
    low, best, high = (_height(value, top) for value in (amount.low, amount.best, amount.high))
    if amount.floating:
        floats = _height(amount.most, top)
        parts.append(element("line", {"class": "floating", "x1": middle, "x2": middle, "y1": floats, "y2": high}))
    if amount.high > amount.low:
        parts.append(element("rect", {"class": "possible", **across, "y": high, "height": max(low - high, _LEAST)}))
    if amount.low:
        parts.append(element("rect", {"class": "sure", **across, "y": low, "height": max(base - low, _LEAST)}))
    mark = {"class": "best", "x1": across["x"], "x2": percent(right - gap), "y1": best, "y2": best}
    parts.append(element("line", mark))
    if amount.without_number:
        high -= _HATCHED
        parts.append(element("rect", {"class": "unnumbered", **across, "y": high, "height": _HATCHED}))
    if amount.is_open:
        parts.append(arrow("up", middle, high - 2))
    return _link(bucket, words, parts)


def _link(bucket: Bucket, words: str, parts: list[Markup]) -> Markup:
    # The table behind the drawing has the same links for the keyboard; here they would be hundreds of stops.
    attributes = {"href": bucket.link, "tabindex": -1, "aria-label": words, "data-start": bucket.start.isoformat()}
    return element("a", attributes, parts)
