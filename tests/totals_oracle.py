"""Totals in plain Python, one figure after the other, as the chapter on totals defines them. Knows no SQL and no HTTP.

What is talked about is said by tests/filter_oracle.py, and which rows it is in by tests/row_oracle.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.filter_oracle import in_part, in_scope, is_event_asked
from tests.known import Asked, Known, Record
from tests.row_oracle import TIMES, Key, rows_of_event, rows_of_figure

# What makes figures numbers of different things, which are never added.
APART = ("dataset", "measure", "unit", "object")


@dataclass(frozen=True)
class Row:
    """A row of a total of figures, and the figures it is made of."""

    key: Mapping[str, str | None]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    statuses: Mapping[str, int]
    spanning: int
    members: tuple[str, ...]

    def numbers(self) -> dict[str, Any]:
        """All that the row says but for its key, by name."""
        bounds = {"low": self.low, "best": self.best, "high": self.high, "open_ended": self.open_ended}
        return {**bounds, "figures": len(self.members), **self.statuses, "spanning": self.spanning}


@dataclass(frozen=True)
class EventRow:
    """A row of a total of events, and the events it counts."""

    key: Mapping[str, str | None]
    spanning: int
    members: tuple[str, ...]


# --- Numbers -----------------------------------------------------------------------------------------------------


def low_of(figure: Record) -> int:
    return 0 if figure["low"] is None else int(figure["low"])


def best_of(figure: Record) -> int:
    return low_of(figure) if figure["best"] is None else int(figure["best"])


def high_of(figure: Record) -> int:
    return best_of(figure) if figure["high"] is None else int(figure["high"])


def is_open(figure: Record) -> bool:
    """Whether nobody says how many there are at the most."""
    return bool(figure["open_ended"]) or figure["high"] is None


def added(row: Mapping[str, Record], scope: Mapping[str, Record]) -> tuple[int | None, int | None, int | None, bool]:
    """Low, best and high of the figures of one row, and whether its high end is open."""
    low = best = high = 0
    for figure in row.values():
        parts = [part for part in scope.values() if part["part_of"] == figure["id"]]
        own_low, own_best, own_high = low_of(figure), best_of(figure), high_of(figure)
        for part in parts:
            is_here, is_certain = part["id"] in row, part["nesting"] == "certain"
            own_best -= best_of(part)
            own_low -= low_of(part) if is_here else high_of(part)
            if is_certain:
                own_high -= high_of(part) if is_here else low_of(part)
        if any(part["id"] not in row and is_open(part) for part in parts):
            own_low = 0
        low, best, high = low + max(0, own_low), best + max(0, own_best), high + max(0, own_high)
    opens = any(is_open(figure) and not _has_a_limit(figure, row) for figure in row.values())
    if all(figure[bound] is None for figure in row.values() for bound in ("low", "best", "high")):
        return None, None, None, opens
    return low, best, high, opens


def _has_a_limit(figure: Record, row: Mapping[str, Record]) -> bool:
    """Whether it lies for certain in a figure of the same row that has a limit itself."""
    return figure["nesting"] == "certain" and figure["part_of"] in row and not is_open(row[figure["part_of"]])


# --- Rows --------------------------------------------------------------------------------------------------------


def figure_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[Row]:
    """The rows of a total of figures, in order."""
    scope = in_scope(events, asked, known)
    rows: dict[Key, dict[str, Record]] = {}
    reaching: dict[Key, int] = {}
    names = _key_names(dimensions, APART)
    for event in events:
        for figure in event["figures"]:
            if figure["id"] in scope and in_part(figure, asked, known):
                for key in rows_of_figure(figure, event, names, known):
                    rows.setdefault(key, {})[figure["id"]] = figure
                    reaching[key] = reaching.get(key, 0) + _reaches_out(figure, dimensions, asked)
    return [
        Row(
            dict(zip(names, key, strict=True)),
            *added(rows[key], scope),
            {
                status: sum(figure["status"] == status for figure in rows[key].values())
                for status in ("numbered", "unnumbered", "unknown", "none_reported")
            },
            reaching[key],
            tuple(sorted(rows[key])),
        )
        for key in sorted(rows, key=_order)
    ]


def event_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[EventRow]:
    """The rows of a total of events, in order; incidents alone unless the question says otherwise."""
    asked = {"kind": ["incident"], **asked}
    rows: dict[Key, set[str]] = {}
    reaching: dict[Key, int] = {}
    names = _key_names(dimensions, ("dataset",))
    for event in events:
        if not is_event_asked(event, asked, known):
            continue
        for key in rows_of_event(event, names, known):
            rows.setdefault(key, set()).add(event["id"])
            reaching[key] = reaching.get(key, 0) + _reaches_out(event, dimensions, asked)
    return [
        EventRow(dict(zip(names, key, strict=True)), reaching[key], tuple(sorted(rows[key])))
        for key in sorted(rows, key=_order)
    ]


def _key_names(dimensions: Sequence[str], always: Sequence[str]) -> tuple[str, ...]:
    return (*dimensions, *(name for name in always if name not in dimensions))


def _order(key: Key) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in key]


def _reaches_out(record: Record, dimensions: Sequence[str], asked: Asked) -> bool:
    """Whether it reaches beyond its bucket or beyond the days that are asked about."""
    start, end = record["date_start"], record["date_end"]
    return (
        any(TIMES[name](start) != TIMES[name](end) for name in dimensions if name in TIMES)
        or ("date_from" in asked and start < date.fromisoformat(asked["date_from"][0]))
        or ("date_to" in asked and end > date.fromisoformat(asked["date_to"][0]))
    )
