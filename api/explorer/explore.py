"""The start page: what matches a question, where and when, how many were killed or displaced, who took part, and each event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from flask import render_template, request

from api.boundaries import CREDIT
from api.domain.errors import Fault, InvalidValue, refusal
from api.explorer.choices import DIMENSIONS, Choice, Facet, facets, months, years
from api.explorer.event_map import Map, map_of
from api.explorer.measure_totals import Family, measure_totals
from api.explorer.periods import BUCKETS
from api.explorer.state import State
from api.explorer.timelines import Timelines, timelines
from api.pages.links import address_of, dropped_with
from api.pages.relaxed import Relaxed, relaxed
from api.pages.subrequests import Names, Subrequests
from api.pages.wording import asked as asked_words

_EVENTS_SHOWN, _GROUPS_SHOWN, _MONTHS_SHOWN = 20, 12, 6
_EVENT_FIELDS = "id,dataset,title,date,location,groups,figures,reports,outcome"
# The word for each relation, by its type and direction, said before the other group.
_ALLIANCES = {
    ("member_of", "from"): "in",
    ("allied_with", "from"): "with",
    ("allied_with", "to"): "with",
    ("part_of", "from"): "part of",
    ("armed_wing_of", "from"): "armed wing of",
    ("branch_of", "from"): "branch of",
}
# What a filter is called before its value; of the others, its own name is.
_LABELS = {
    "date_from": "from",
    "date_to": "until",
    "location": "where",
    "group": "who",
    "type": "what",
    "measure": "counted",
    "population": "whose people",
    "q": "words",
    "include_members": "with their members",
}


@dataclass(frozen=True)
class ChosenFilter:
    """A filter that is set, as words, with the address that leaves it out."""

    name: str
    value: str
    without: str


@dataclass(frozen=True)
class Explored:
    """All that the start page shows of one question."""

    state: State
    total: int
    chosen: list[ChosenFilter]
    facets: list[Facet]
    months: list[Choice]
    years: list[Choice]
    events: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    all_groups: int
    families: list[Family]
    timelines: Timelines | None
    map: Map | None
    relaxed: list[Relaxed]
    coverage: Mapping[str, Any]

    @property
    def compare(self) -> str:
        return self.state.at(f"{request.script_root}/compare")


def explore_page(body: bytes, revision: str) -> str:
    """The start page of what the current address asks, as HTML. `body` is what it says in JSON."""
    subrequests = Subrequests()
    page = explore(subrequests, list(request.args.items(multi=True)))
    asked = page.state.values("dataset")
    start = orjson.loads(body)
    with_events = (dataset for dataset in start["datasets"] if dataset["counts"]["events"])
    cited = [dataset for dataset in with_events if not asked or dataset["id"] in asked]
    names = Names(subrequests, {})
    return render_template(
        "explore.html", page=page, start=start, cited=cited, revision=revision, credit=CREDIT, names=names
    )


def explore(subrequests: Subrequests, pairs: Sequence[tuple[str, str]]) -> Explored:
    """What the start page shows of what its address asks. Errors: a Problem that tells what of it is wrong."""
    state = State.read(f"{request.script_root}/", pairs)
    if state.view.get("by", BUCKETS[0]) not in BUCKETS:
        raise refusal([Fault("by", f"'by' is one of {', '.join(BUCKETS)}.", InvalidValue, allowed=BUCKETS)])
    asked = {"limit": str(_EVENTS_SHOWN), "fields": _EVENT_FIELDS, "facets": DIMENSIONS}
    found = subrequests.ask("/v1/events", **state.filters, **asked)
    without_days = state.with_(date_from=None, date_to=None, period=None)
    by_month = {"group_by": "month", "sort": "-key", "limit": str(4 * _MONTHS_SHOWN), "fields": "starts,events"}
    latest = subrequests.ask("/v1/events/totals", **without_days.filters, **by_month)["data"]
    is_empty = found["total"] == 0
    groups: dict[str, Any] = {"data": [], "total": 0} if is_empty else _groups(state, subrequests)
    return Explored(
        state,
        found["total"],
        _chosen(state, found["facets"]),
        facets(state, found["facets"]),
        months(state, latest, _MONTHS_SHOWN),
        years(state, found["facets"]),
        found["data"],
        groups["data"],
        groups["total"],
        [] if is_empty else measure_totals(state, subrequests),
        None if is_empty else timelines(state, subrequests, _covered(found)),
        None if is_empty else map_of(state, subrequests),
        _relaxed(state, subrequests) if is_empty else [],
        found["coverage"],
    )


def _groups(state: State, subrequests: Subrequests) -> dict[str, Any]:
    """Those who took part in most, each with whom it belongs to and fights beside."""
    found = subrequests.ask("/v1/groups", **state.filters, sort="-events", limit=str(_GROUPS_SHOWN))
    for group in found["data"]:
        allied = {
            (word, one["group"]["id"]): one
            for one in group["relations"]
            if (word := _ALLIANCES.get((one["type"], one["direction"]))) is not None
        }
        group["allied"] = [(word, one["group"]) for (word, _id), one in allied.items()]
        group["link"] = state.only("group", group["id"]).address
    return found


def _covered(found: Mapping[str, Any]) -> tuple[date, date]:
    """The period that the datasets cover, within the years that events match in at any time; a day where none says."""
    coverage, years_found = found["coverage"], sorted(one["value"] for one in found["facets"]["year"]["values"])
    first, last = (coverage[name] or date.today().isoformat() for name in ("first_date", "last_date"))
    if years_found:
        first, last = max(first, f"{years_found[0]}-01-01"), min(last, f"{years_found[-1]}-12-31")
    return date.fromisoformat(first), max(date.fromisoformat(first), date.fromisoformat(last))


def _chosen(state: State, counted: Mapping[str, Any]) -> list[ChosenFilter]:
    """The filters that are set, by their labels where a facet has them."""
    labels = {one["value"]: one["label"] for facet in counted.values() for one in facet["values"] if one["value"]}
    return [
        ChosenFilter(
            _LABELS.get(name, name.replace("_", " ")),
            ", ".join(labels.get(value) or asked_words(value, name) for value in state.values(name)),
            _without(state, name).address,
        )
        for name in state.filters
        if name != "period"
    ]


def _without(state: State, name: str) -> State:
    """The same without a filter, and without what cannot stand without it."""
    return state.with_(**dict.fromkeys(dropped_with(name, state.filters)))


def _relaxed(state: State, subrequests: Subrequests) -> list[Relaxed]:
    """Of a question that nothing matches, the same without one filter where that is not empty, else without any; fewest first."""
    found = []
    for name in state.filters:
        if name in ("date_from", "date_to", "period"):
            continue
        value = ", ".join(state.values(name))
        found.append((f"without {_LABELS.get(name, name.replace('_', ' '))} “{value}”", _without(state, name)))
    if {"date_from", "date_to"} & state.filters.keys():
        found.append(("at any time", state.with_(date_from=None, date_to=None, period=None)))

    everything = [("without any filter", State(state.path, {}, {}))]
    return sorted(_finding(found, subrequests) or _finding(everything, subrequests), key=lambda one: one.total)


def _finding(questions: Sequence[tuple[str, State]], subrequests: Subrequests) -> list[Relaxed]:
    """Those of these questions that events match."""
    one_event = {"limit": "1", "fields": "id"}
    asked = (
        (words, other.address, address_of("/v1/events", **other.filters, **one_event)) for words, other in questions
    )
    return relaxed(subrequests, asked)
