"""Totals in plain Python, one figure after the other, as the chapter on totals defines them. Knows no SQL and no HTTP.

What is talked about is said by tests/filter_oracle.py, and which rows it is in by tests/row_oracle.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.filter_oracle import OF_SAID, all_hold, in_part, in_scope, is_event_asked
from tests.known import Asked, Known, Record
from tests.row_oracle import OF_SAID as SAID_DIMENSIONS
from tests.row_oracle import TIMES, Key, placed, rows_of_event, rows_of_figure, told

# What makes figures numbers of different things, which are never added.
APART = ("dataset", "measure", "unit", "object")
_STATUSES = ("numbered", "unnumbered", "unknown", "none_reported")
Figures = Mapping[str, Record]


@dataclass(frozen=True)
class Row:
    """A row of a total of figures, and the figures it is made of."""

    key: Mapping[str, str | None]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    floating: int | None
    statuses: Mapping[str, int]
    spanning: int
    # What each of its figures adds to low, best and high; null of one without a number.
    adds: Mapping[str, tuple[int, int, int] | None]
    # Those of its key wherever they stand, all that its account talks about, and the days of the row.
    kin: frozenset[str]
    scope: frozenset[str]
    period: tuple[date, date]

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(sorted(self.adds))

    def numbers(self) -> dict[str, Any]:
        """All that the row says but for its key, by name."""
        bounds = {"low": self.low, "best": self.best, "high": self.high, "open_ended": self.open_ended}
        counts = {"figures": len(self.members), **self.statuses, "spanning": self.spanning}
        return {**bounds, "floating": self.floating, **counts}


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


def _parts_of(figure: Record, scope: Figures) -> list[Record]:
    return [part for part in scope.values() if part["part_of"] == figure["id"]]


def adds(figure: Record, row: Figures, scope: Figures, spanning: frozenset[str]) -> tuple[int, int, int]:
    """What a figure of a row adds to its low, best and high; `spanning` are those that may lie outside the row."""

    def low_here(one: Record) -> int:
        return 0 if one["id"] in spanning else low_of(one)

    parts = _parts_of(figure, scope)
    low = low_here(figure) - sum(low_here(part) if part["id"] in row else high_of(part) for part in parts)
    if any(part["id"] not in row and is_open(part) for part in parts):
        low = 0
    best = best_of(figure) - sum(best_of(part) for part in parts)
    return max(0, low), max(0, best), _high(figure, row, scope)


def added(
    row: Figures, scope: Figures, spanning: frozenset[str] = frozenset()
) -> tuple[int | None, int | None, int | None, bool]:
    """Low, best and high of the figures of one row, and whether its high end is open."""
    each = [adds(figure, row, scope, spanning) for figure in row.values()]
    opens = any(_opens(figure, row) for figure in row.values())
    if all(figure[bound] is None for figure in row.values() for bound in ("low", "best", "high")):
        return None, None, None, opens
    low, best, high = (sum(numbers) for numbers in zip(*each, strict=True))
    return low, best, high, opens


def _high(figure: Record, row: Figures, scope: Figures) -> int:
    certain = [part for part in _parts_of(figure, scope) if part["nesting"] == "certain"]
    return max(0, high_of(figure) - sum(high_of(part) if part["id"] in row else low_of(part) for part in certain))


def _opens(figure: Record, row: Figures) -> bool:
    """Whether it leaves the high end of a row open: where it lies for certain in a figure of the row that has a limit
    itself, it does not."""
    is_limited = figure["nesting"] == "certain" and figure["part_of"] in row and not is_open(row[figure["part_of"]])
    return is_open(figure) and not is_limited


def floating(row: Figures, overlapping: Figures, scope: Figures) -> int | None:
    """What the high of a row would gain if all that overlaps its period stood in it; null where nobody says how much."""
    every = {**row, **overlapping}
    if any(_opens(figure, every) for identity, figure in every.items() if identity not in row):
        return None
    return sum(_high(figure, every, scope) for figure in every.values()) - sum(
        _high(figure, row, scope) for figure in row.values()
    )


# --- What each source says ---------------------------------------------------------------------------------------


def accounts(
    events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known
) -> dict[Key, dict[str, Record]]:
    """The figures that are talked about, by whose account it is: with the numbers of that account where the question asks
    who says so, and else with their own, in one account of everybody."""
    scope = in_scope(events, asked, known)
    names = [name for name in dimensions if name in SAID_DIMENSIONS]
    if not names and not OF_SAID.keys() & asked.keys():
        return {(): scope}
    said: dict[Key, dict[str, list[Record]]] = {}
    for identity, figure in scope.items():
        passing = [claim for claim in figure["claims"] if all_hold(OF_SAID, claim, asked, known)]
        for claim in told(passing, names, known):
            account = tuple(SAID_DIMENSIONS[name](claim, known) for name in names)
            said.setdefault(account, {}).setdefault(identity, []).append(claim)
    return {
        account: {identity: as_claimed(scope[identity], claims, known) for identity, claims in figures.items()}
        for account, figures in said.items()
    }


def as_claimed(figure: Record, claims: Sequence[Record], known: Known) -> Record:
    """A figure with the numbers of one of these claims: the preferred one, else the newest with a number, else the
    newest."""

    def rank(claim: Record) -> tuple[Any, ...]:
        published = known.documents[claim["document_id"]]["published_on"]
        newest = (published or date.min, claim["document_id"], [list(span) for span in claim["spans"]])
        return (claim["is_preferred"], _status(claim) in ("numbered", "none_reported"), *newest)

    claim = max(claims, key=rank)
    bounds = {name: claim[name] for name in ("low", "best", "high")}
    return {**figure, **bounds, "open_ended": claim["high"] is None, "said_status": _status(claim)}


def _status(claim: Record) -> str:
    if claim["qualifier"] == "none_reported":
        return "none_reported"
    if any(claim[name] is not None for name in ("low", "best", "high")):
        return "numbered"
    return "unknown" if claim["qualifier"] == "unknown" else "unnumbered"


# --- Rows --------------------------------------------------------------------------------------------------------


def figure_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[Row]:
    """The rows of a total of figures, in order."""
    event_of = {figure["id"]: event for event in events for figure in event["figures"]}
    names = _key_names(dimensions, APART)
    said = [name for name in names if name in SAID_DIMENSIONS]
    found: list[tuple[Key, Row]] = []
    for account, scope in accounts(events, asked, dimensions, known).items():
        whose = dict(zip(said, account, strict=True))
        others = [name for name in names if name not in said]
        rows: dict[Key, dict[str, Record]] = {}
        # By what its key has beside time, all that may float into a row.
        kin: dict[Key, dict[str, Record]] = {}
        for identity, figure in scope.items():
            if in_part(figure, asked, known):
                for key in rows_of_figure(placed(figure, asked), event_of[identity], others, known):
                    rows.setdefault(key, {})[identity] = figure
                    kin.setdefault(_timeless(others, key), {})[identity] = figure
        for key, row in rows.items():
            period = _period(dict(zip(others, key, strict=True)), asked)
            told_key = {**dict(zip(others, key, strict=True)), **whose}
            of_key = kin[_timeless(others, key)]
            made = _row({name: told_key[name] for name in names}, row, scope, of_key, period, dimensions, asked)
            found.append((tuple(told_key[name] for name in names), made))
    return [row for _key, row in sorted(found, key=lambda one: _order(one[0]))]


def _row(
    key: Mapping[str, str | None],
    row: Figures,
    scope: Figures,
    kin: Figures,
    period: tuple[date, date],
    dimensions: Sequence[str],
    asked: Asked,
) -> Row:
    overlapping = {
        identity: figure
        for identity, figure in kin.items()
        if figure["date_start"] <= period[1] and period[0] <= figure["date_end"]
    }
    spanning = frozenset(identity for identity, figure in scope.items() if _reaches_out(figure, dimensions, asked))
    statuses = [figure.get("said_status", figure["status"]) for figure in row.values()]
    return Row(
        key,
        *added(row, scope, spanning),
        floating(row, overlapping, scope),
        {status: statuses.count(status) for status in _STATUSES},
        len(spanning & row.keys()),
        {
            identity: adds(figure, row, scope, spanning) if status in ("numbered", "none_reported") else None
            for (identity, figure), status in zip(row.items(), statuses, strict=True)
        },
        frozenset(kin),
        frozenset(scope),
        period,
    )


def event_rows(events: Sequence[Record], asked: Asked, dimensions: Sequence[str], known: Known) -> list[EventRow]:
    """The rows of a total of events, in order."""
    rows: dict[Key, set[str]] = {}
    reaching: dict[Key, int] = {}
    names = _key_names(dimensions, ("dataset",))
    for event in events:
        if not is_event_asked(event, asked, known):
            continue
        for key in rows_of_event(placed(event, asked), names, known):
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


# --- Periods -----------------------------------------------------------------------------------------------------


def _reaches_out(record: Record, dimensions: Sequence[str], asked: Asked) -> bool:
    """Whether it reaches beyond its bucket or beyond the days that are asked about."""
    start, end = record["date_start"], record["date_end"]
    first, last = _asked_for(asked)
    return (
        start < first
        or end > last
        or any(TIMES[name](start) != TIMES[name](end) for name in dimensions if name in TIMES)
    )


def _asked_for(asked: Asked) -> tuple[date, date]:
    first, last = (asked.get(name, [None])[0] for name in ("date_from", "date_to"))
    return (
        date.min if first is None else date.fromisoformat(first),
        date.max if last is None else date.fromisoformat(last),
    )


def _timeless(names: Sequence[str], key: Key) -> Key:
    return tuple(value for name, value in zip(names, key, strict=True) if name not in TIMES)


def _period(key: Mapping[str, str | None], asked: Asked) -> tuple[date, date]:
    """The first and the last day of a row: of its buckets, within the days that are asked about."""
    first, last = _asked_for(asked)
    for name, bucket in key.items():
        if name in TIMES:
            assert bucket is not None
            begin, end = _days_of(name, bucket)
            first, last = max(first, begin), min(last, end)
    return first, last


def _days_of(name: str, bucket: str) -> tuple[date, date]:
    """The first and the last day of a bucket."""
    if name == "week":
        monday = date.fromisocalendar(int(bucket[:4]), int(bucket[6:]), 1)
        return monday, monday + timedelta(6)
    first = date.fromisoformat(f"{bucket}-01-01"[:10])
    last = first
    while last < date.max and TIMES[name](last + timedelta(1)) == bucket:
        last += timedelta(1)
    return first, last
