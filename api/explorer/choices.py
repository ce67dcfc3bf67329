"""The filters as choices: the values that a facet has, each with its exact count and the address that chooses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.explorer.periods import bucket_title, start_after
from api.explorer.state import State
from api.pages.wording import label as called_as

# Values that stand there at once; the others open.
_SHOWN = 7


@dataclass(frozen=True)
class Choice:
    """One value that can be chosen, or is and can be left out again."""

    name: str
    count: int
    link: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """The choices of one filter: those that stand there at once, the others, and how many records have further values."""

    title: str
    first: Sequence[Choice]
    more: Sequence[Choice]
    others: int


# The facets of the page: their dimension, the filter that they choose by, and their title.
FACETS = (
    ("state_or_region", "location", "Where"),
    ("country", "country", "Country"),
    ("group", "group", "Who took part"),
    ("type", "type", "What happened"),
    ("measure", "measure", "What was counted"),
    ("population", "population", "Whose people"),
    ("dataset", "dataset", "Dataset"),
)
DIMENSIONS = ",".join((*(dimension for dimension, _filter, _title in FACETS), "year"))


def facets(state: State, counted: Mapping[str, Any]) -> list[Facet]:
    """The facets that leave something to choose. `counted` is what a list answers to `facets`."""
    found = []
    for dimension, parameter, title in FACETS:
        values = [one for one in counted[dimension]["values"] if one["value"] is not None]
        chosen = {value.casefold() for value in state.values(parameter)}
        choices = [_choice(state, parameter, one, chosen) for one in values]
        if not choices or (len(choices) == 1 and not chosen):
            continue
        choices.sort(key=lambda choice: not choice.is_chosen)
        found.append(Facet(title, choices[:_SHOWN], choices[_SHOWN:], counted[dimension]["others"]))
    return found


def _choice(state: State, parameter: str, one: Mapping[str, Any], chosen: set[str]) -> Choice:
    value, label = one["value"], one["label"]
    name = called_as(value, parameter) if parameter == "population" else label
    written = next((text for text in (value, label) if text.casefold() in chosen), None)
    # A place or dataset is looked at instead of another; of the others several are looked at together.
    instead = parameter in ("location", "country", "dataset")
    if written is not None:
        changed = state.toggled(
            parameter, next(v for v in state.values(parameter) if v.casefold() == written.casefold())
        )
    else:
        changed = state.only(parameter, value) if instead else state.toggled(parameter, value)
    return Choice(name, one["count"], changed.address, written is not None)


def years(state: State, counted: Mapping[str, Any]) -> list[Choice]:
    """The years that have events, latest first."""
    found = sorted(counted["year"]["values"], key=lambda one: one["value"], reverse=True)
    return [_period(state, "year", date(int(one["value"]), 1, 1), one["count"]) for one in found]


def months(state: State, rows: Sequence[Mapping[str, Any]], most: int) -> list[Choice]:
    """The latest months that have events. `rows` are a total of events by month, latest first."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["starts"]["month"]] = counts.get(row["starts"]["month"], 0) + row["events"]
    latest = list(counts.items())[:most]
    return [_period(state, "month", date.fromisoformat(start), count) for start, count in latest]


def _period(state: State, bucket: str, start: date, count: int) -> Choice:
    last = start_after(bucket, start) - timedelta(days=1)
    # What is counted is what starts in it.
    days = {"date_from": start.isoformat(), "date_to": last.isoformat(), "period": "starts"}
    is_chosen = days.items() <= state.filters.items()
    changed = state.with_(date_from=None, date_to=None, period=None) if is_chosen else state.with_(**days)
    return Choice(bucket_title(bucket, start), count, changed.looked_at(by=None).address, is_chosen)
