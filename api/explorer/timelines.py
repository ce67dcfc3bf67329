"""What was counted over time: a timeline for each dataset and measure that the question has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from api.domain.errors import Fault, InvalidValue, refusal
from api.drawings.amounts import Amount, in_words, remarks
from api.drawings.timeline import Bucket, timeline
from api.explorer.periods import MOST_BUCKETS, bucket_for, bucket_title, buckets, possible_buckets
from api.explorer.rows import Row, all_rows
from api.explorer.state import State
from api.pages.subrequests import Subrequests

# What is drawn where nobody asks for a measure.
_MEASURES = "killed,displaced"
_FIRST = "Killed"
_MOST_TIMELINES = 4


@dataclass(frozen=True)
class TableRow:
    """One row of the table behind a drawing."""

    name: str
    words: str
    remarks: list[str]
    # What it is made of.
    link: str


@dataclass(frozen=True)
class Series:
    """One timeline with its table."""

    measure: str
    of_what: str
    dataset: str
    svg: Markup
    rows: list[TableRow]


@dataclass(frozen=True)
class Timelines:
    """All timelines of a question, on one axis of time."""

    bucket: str
    # The other buckets, with their addresses.
    others: list[tuple[str, str]]
    series: list[Series]
    has_floating: bool


def timelines(state: State, subrequests: Subrequests, covered: tuple[date, date]) -> Timelines | None:
    """The timelines of a question; null where nothing can be drawn. `covered` is the period that its datasets cover."""
    first, last = _asked(state, covered)
    bucket = state.view.get("by") or bucket_for(first, last)
    rows = _rows(state, subrequests, bucket)
    found = [date.fromisoformat(row["starts"][bucket]) for row in rows]
    if not found:
        return None
    start, end = _shown(state, (first, last), found)
    if "by" not in state.view and (fitting := bucket_for(start, end)) != bucket:
        bucket = fitting
        rows = _rows(state, subrequests, bucket)
        found = [date.fromisoformat(row["starts"][bucket]) for row in rows]
        start, end = _shown(state, (first, last), found)
    possible = possible_buckets(start, end)
    if bucket not in possible:
        message = (
            f"'by' {bucket} makes more than {MOST_BUCKETS} of this period; ask for coarser ones, or a shorter period."
        )
        raise refusal([Fault("by", message, InvalidValue, did_you_mean=possible[0])])
    by_series: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        key, labels = row["key"], row["labels"]
        of_what = ", ".join(filter(None, (labels["object"], labels["unit"] if key["unit"] == "household" else None)))
        by_series.setdefault((labels["measure"], of_what, labels["dataset"], key["dataset"]), []).append(row)
    # Those that say the most first, but whatever is counted of people killed before all else.
    most = sorted(by_series.items(), key=lambda one: (one[0][0] != _FIRST, -len(one[1])))[:_MOST_TIMELINES]
    series = [
        _series(state, bucket, (start, end), (measure, of_what, dataset), rows)
        for (measure, of_what, dataset, _id), rows in most
    ]
    amounts = [Amount.of(row) for _names, rows in most for row in rows]
    others = [(other, state.looked_at(by=other).address) for other in possible]
    return Timelines(bucket, others, series, any(amount.floating != 0 for amount in amounts))


def _asked(state: State, covered: tuple[date, date]) -> tuple[date, date]:
    """The period that is asked for, or covered where none is."""
    first, last = (state.day(name) or other for name, other in zip(("date_from", "date_to"), covered, strict=True))
    return first, max(first, last)


def _shown(state: State, asked: tuple[date, date], found: Sequence[date]) -> tuple[date, date]:
    """The period that is drawn. What was asked for is shown whole, unless it is longer than any timeline; what was not begins
    and ends with what there is."""
    start = asked[0] if "date_from" in state.filters else min(found)
    end = asked[1] if "date_to" in state.filters else max(found)
    return (start, end) if possible_buckets(start, end) else (min(found), max(found))


def _rows(state: State, subrequests: Subrequests, bucket: str) -> Sequence[Row]:
    measure = state.filters.get("measure", _MEASURES)
    query = {**state.filters, "measure": measure, "group_by": bucket}
    return all_rows(subrequests.total, "/v1/figures/totals", query) or []


def _series(
    state: State, bucket: str, period: tuple[date, date], names: tuple[str, str, str], rows: Sequence[Row]
) -> Series:
    measure, of_what, dataset = names
    by_start = {date.fromisoformat(row["starts"][bucket]): row for row in rows}
    drawn = []
    for start, end in buckets(bucket, *period):
        row = by_start.get(start)
        inner = state.with_(date_from=start.isoformat(), date_to=(end - timedelta(days=1)).isoformat()).looked_at(
            by=None
        )
        amount = None if row is None else Amount.of(row)
        drawn.append(Bucket(start, end, bucket_title(bucket, start), amount, inner.address))
    table = [
        TableRow(
            bucket_title(bucket, start), in_words(Amount.of(row)), remarks(Amount.of(row)), row["links"]["figures"]
        )
        for start, row in sorted(by_start.items())
    ]
    label = f"{measure}{f' ({of_what})' if of_what else ''} by {bucket}, {dataset}"
    return Series(measure, of_what, dataset, timeline(drawn, label), table)
