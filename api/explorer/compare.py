"""Compares two datasets, sources or periods side by side, and says what their numbers of killed come apart by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import render_template, request

from api.domain.errors import AmbiguousName, Fault, InvalidValue, Problem, UnknownName, refusal
from api.drawings.amounts import Amount, in_words, scale
from api.drawings.bars import bar
from api.explorer.measure_totals import Line, in_order, line, measured
from api.explorer.rows import Row, all_rows
from api.explorer.state import State
from api.pages.subrequests import Names, Subrequests
from api.pages.wording import DIFFERENCES, label
from api.query.filters.shared import OF_COMPARISONS

# What is compared, and the first and second of it.
_VIEWS = ("of", "first", "second", "against_from", "against_to")
WAYS = ("datasets", "sources", "periods")
# Places, sources and figures that are offered or listed.
_PLACES, _SOURCES, _FIGURES = 24, 40, 60
# The filters that a comparison of datasets takes.
_COMPARABLE = frozenset(parameter.name for found in OF_COMPARISONS for parameter in found.parameters)


@dataclass(frozen=True)
class Suggestion:
    """Something that can be compared, and how many events each side has."""

    name: str
    counts: list[str]
    link: str


@dataclass(frozen=True)
class Side:
    """One of what is compared."""

    name: str
    events: int | None
    # By dataset: what was counted, and the line of it, null where nothing is told.
    datasets: Mapping[str, Sequence[tuple[str, Line | None]]]


def compare_page() -> str:
    """The page that compares what the current address asks, as HTML. Errors: a Problem that tells what is wrong."""
    subrequests = Subrequests()
    state = State.read(f"{request.script_root}/compare", list(request.args.items(multi=True)), _VIEWS)
    way = state.view.get("of", WAYS[0])
    if way not in WAYS:
        raise refusal([Fault("of", f"'of' is one of {', '.join(WAYS)}.", InvalidValue, allowed=WAYS)])
    found = {"datasets": _datasets, "sources": _sources, "periods": _periods}[way](state, subrequests)
    ways = [(name, state.looked_at(of=name, first=None, second=None).address) for name in WAYS]
    return render_template(
        "compare.html", state=state, way=way, ways=ways, explore=state.at(f"{request.script_root}/"), **found
    )


# --- Datasets ----------------------------------------------------------------------------------------------------


def _datasets(state: State, subrequests: Subrequests) -> dict[str, Any]:
    loaded = [one for one in subrequests.ask("/v1/datasets")["data"] if one["counts"]["events"]]
    state = _in_common(state, loaded)
    names = {one["id"]: one["title"] for one in loaded}
    rows = _by_township(subrequests, _without(state.filters, "location"))
    found: dict[str, Any] = {"shared_places": _places(state, rows), "names": names, "problem": None, "asked": state}
    if "location" not in state.filters and "country" not in state.filters:
        return found
    try:
        answer = subrequests.ask(
            "/v1/comparisons", **{name: written for name, written in state.filters.items() if name in _COMPARABLE}
        )
    except Problem as problem:
        # A page of its own leads from names that are unknown to those that were meant.
        if problem.status != 400 or isinstance(problem, UnknownName | AmbiguousName):
            raise
        return {**found, "problem": problem.detail}
    said = [{**one, "amount": _toll(one["killed"])} for one in answer["said"]]
    most = scale(one["amount"] for one in said)
    for one in said:
        one.update(words=in_words(one["amount"]), bar=bar(one["amount"], most))
        one["link"] = state.only("dataset", one["dataset"]).at("/v1/events")
    covered = {one["id"]: (one["first_date"], one["last_date"]) for one in loaded}
    apart = [
        {
            **one,
            "because": [(one[part], words) for part, words in DIFFERENCES.items() if one[part]],
            "periods": _apart_in_time([covered[name] for name in one["datasets"]]),
        }
        for one in answer["apart"]
    ]
    telling = {one["dataset"] for one in said}
    place = state.filters.get("location", "")
    known = Names(subrequests, {}).location(place) if place else None
    inside = {row["key"]["township"] for row in _by_township(subrequests, state.filters)} - {None}
    # What lies in one township is no other place than that.
    others = rows if len(inside) > 1 else [row for row in rows if row["key"]["township"] not in inside]
    return {
        **found,
        "shared_places": _places(state, others),
        "place": place if known is None else f"{known['name']}, {label(known['level'], 'location_level').lower()}",
        "said": said,
        "silent": [one for one in loaded if one["id"] not in telling],
        "apart": apart,
        "pairs": answer["data"],
        "all_pairs": answer["total"],
        "toll": _toll,
        "in_words": in_words,
    }


def _by_township(subrequests: Subrequests, filters: Mapping[str, str]) -> list[Row]:
    return all_rows(subrequests.ask, "/v1/events/totals", {**filters, "group_by": "township"}) or []


def _apart_in_time(periods: Sequence[tuple[str | None, str | None]]) -> Sequence[tuple[str | None, str | None]] | None:
    """The periods of two datasets, where each declares one and no day is in both; else null."""
    if any(None in period for period in periods):
        return None
    (first, last), (other_first, other_last) = periods
    return periods if str(last) < str(other_first) or str(other_last) < str(first) else None


def _in_common(state: State, loaded: Sequence[Row]) -> State:
    """The same over the period that all datasets asked for cover, where none is asked for."""
    if {"date_from", "date_to"} & state.filters.keys():
        return state
    asked = state.values("dataset")
    covered = [one for one in loaded if one["first_date"] and (not asked or one["id"] in asked)]
    first, last = (
        max((one["first_date"] for one in covered), default=""),
        min((one["last_date"] for one in covered), default=""),
    )
    return state.with_(date_from=first, date_to=last) if first and first <= last else state


def _places(state: State, rows: Sequence[Row]) -> list[Suggestion]:
    """The townships that more than one dataset has events of."""
    counts: dict[str, dict[str, int]] = {}
    names = {}
    for row in rows:
        if row["key"]["township"] is not None:
            counts.setdefault(row["key"]["township"], {})[row["labels"]["dataset"]] = row["events"]
            names[row["key"]["township"]] = row["labels"]["township"]
    shared = [(place, each) for place, each in counts.items() if len(each) > 1]
    shared.sort(key=lambda one: -min(one[1].values()))
    return [
        Suggestion(
            names[place],
            [f"{count:,} in {dataset}" for dataset, count in each.items()],
            state.only("location", place).address,
        )
        for place, each in shared[:_PLACES]
    ]


def _toll(killed: Row | None) -> Amount:
    """A number of killed; of nobody who tells of dead, no number."""
    return (
        Amount(None, None, None)
        if killed is None
        else Amount(killed["low"], killed["best"], killed["high"], killed["open_ended"])
    )


def _beside(
    totals: Sequence[Sequence[Row]], most: Callable[[Row], int]
) -> list[dict[str, list[tuple[str, Line | None]]]]:
    """The lines of several totals by dataset, each total with all that any of them counts, so that they stand side by side."""
    every = {(row["labels"]["dataset"], measured(row)): row for rows in totals for row in rows}
    wanted = sorted(every, key=lambda key: in_order(every[key]))
    found = []
    for rows in totals:
        own = {(row["labels"]["dataset"], measured(row)): row for row in rows}
        lines: dict[str, list[tuple[str, Line | None]]] = {}
        for dataset, name in wanted:
            row = own.get((dataset, name))
            lines.setdefault(dataset, []).append((name, None if row is None else line(name, row, most(row))))
        found.append(lines)
    return found


def _without(filters: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in filters.items() if name not in names}


# --- Sources -----------------------------------------------------------------------------------------------------


def _sources(state: State, subrequests: Subrequests) -> dict[str, Any]:
    filters = {"measure": "killed", **state.filters}
    answer = subrequests.ask("/v1/figures/totals", **filters, group_by="source", sort="-figures", limit=str(_SOURCES))
    rows = [row for row in answer["data"] if row["key"]["source"] is not None]
    first, second = (state.view.get(name) for name in ("first", "second"))
    most = scale(Amount.of(row) for row in rows)
    lines = [
        (line(row["labels"]["source"], row, most), row["labels"], _chosen(state, row["key"]["source"])) for row in rows
    ]
    found: dict[str, Any] = {"sources": lines, "all_sources": answer["total"], "asked": state}
    if first is None or second is None:
        return found
    totals = [
        _total_of(subrequests, filters, name, parameter) for parameter, name in (("first", first), ("second", second))
    ]
    most = scale(Amount.of(row) for rows_of in totals for row in rows_of)
    names = {row["key"]["source"]: row["labels"]["source"] for row in rows}
    beside = _beside(totals, lambda _row: most)
    sides = [Side(names.get(name, name), None, of_one) for name, of_one in zip((first, second), beside, strict=True)]
    figures = [_figures_of(subrequests, filters, name) for name in (first, second)]
    every = {figure["id"]: figure for of_one in figures for figure in of_one.values()}
    table = [
        (
            figure,
            *(
                _said_by(subrequests, of_one.get(identity), name)
                for of_one, name in zip(figures, (first, second), strict=True)
            ),
        )
        for identity, figure in every.items()
    ]
    in_both = sum(identity in figures[0] and identity in figures[1] for identity in every)
    return {**found, "sides": sides, "table": table, "in_both": in_both, "counts": [len(of_one) for of_one in figures]}


def _total_of(subrequests: Subrequests, filters: Mapping[str, str], source: str, parameter: str) -> Sequence[Row]:
    """The totals of what a source says. Errors: a Problem, which names the parameter of the page that gave the source."""
    try:
        found: Sequence[Row] = subrequests.ask("/v1/figures/totals", **filters, source=_quoted(source))["data"]
    except Problem as problem:
        named = [replace(fault, parameter=parameter) for fault in problem.faults if fault.parameter == "source"]
        raise refusal(named) if named else problem from None
    return found


def _chosen(state: State, source: str) -> tuple[str, bool]:
    """The address that chooses a source as the first or second of two, or leaves it out again, and whether it is chosen."""
    chosen = [name for name in (state.view.get("first"), state.view.get("second")) if name is not None]
    is_chosen = source in chosen
    chosen = [name for name in chosen if name != source] if is_chosen else [*chosen[-1:], source]
    first, second = (*chosen, None, None)[:2]
    return state.looked_at(first=first, second=second).address, is_chosen


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"' if "," in name or '"' in name else name


def _figures_of(subrequests: Subrequests, filters: Mapping[str, str], source: str) -> dict[str, Row]:
    answer = subrequests.ask("/v1/figures", **filters, source=_quoted(source), limit=str(_FIGURES))
    return {figure["id"]: figure for figure in answer["data"]}


def _said_by(subrequests: Subrequests, figure: Row | None, source: str) -> Row | None:
    """What a source says of a figure: its claim, or that of a document of this outlet; null where it says nothing."""
    if figure is None:
        return None
    # Most sources are no outlet.
    answer = subrequests.ask_or_none("/v1/documents", outlet=_quoted(source), fields="id", limit="1000")
    own = {source, *(document["id"] for document in (answer or {"data": []})["data"])}
    found = [claim for claim in figure["claims"] if own & {claim["claimant"], *claim["chain"], claim["document"]}]
    return min(found, key=lambda claim: not claim["preferred"], default=None)


# --- Periods -----------------------------------------------------------------------------------------------------


def _periods(state: State, subrequests: Subrequests) -> dict[str, Any]:
    coverage = subrequests.ask("/v1/events", **state.filters, limit="1", fields="id")["coverage"]
    covered = date.fromisoformat(coverage["last_date"] or date.today().isoformat())
    last = state.day("date_to") or max(covered, state.day("date_from") or covered)
    first = state.day("date_from") or last.replace(day=1)
    against_to = _day(state, "against_to", _before(first, 1))
    against_from = _day(state, "against_from", _before(against_to, (last - first).days))
    periods = [(first, last), (against_from, against_to)]
    sides, kinds = [], []
    answers = []
    for start, end in periods:
        filters = {**_without(state.filters, "period"), "date_from": start.isoformat(), "date_to": end.isoformat()}
        totals = subrequests.ask("/v1/figures/totals", **{"family": "casualty,displacement", **filters})["data"]
        types = subrequests.ask("/v1/events/totals", **filters, group_by="type")["data"]
        answers.append((start, end, totals, types))
        kinds.append({(row["labels"]["type"], row["labels"]["dataset"]): row for row in types})
    scales: dict[str, int] = {}
    for _start, _end, totals, _types in answers:
        for row in totals:
            scales[row["key"]["measure"]] = max(scales.get(row["key"]["measure"], 1), Amount.of(row).most)
    beside = _beside([totals for _start, _end, totals, _types in answers], lambda row: scales[row["key"]["measure"]])
    for (start, end, _totals, types), of_one in zip(answers, beside, strict=True):
        sides.append(Side(f"{start.isoformat()}/{end.isoformat()}", sum(row["events"] for row in types), of_one))
    table = [
        (kind, dataset, *(of_one.get((kind, dataset)) for of_one in kinds))
        for kind, dataset in sorted({*kinds[0], *kinds[1]})
    ]
    return {"sides": sides, "periods": periods, "types": table, "asked": state}


def _before(day: date, days: int) -> date:
    """The day so many days before another; the first that a date can say, where that is sooner."""
    return date.fromordinal(max(date.min.toordinal(), day.toordinal() - days))


def _day(state: State, name: str, otherwise: date) -> date:
    """The day that a parameter of the page gives. Errors: a Problem where it is no day."""
    written = state.view.get(name)
    try:
        return otherwise if written is None else date.fromisoformat(written)
    except ValueError:
        raise refusal([Fault(name, f"'{name}' is a day, such as 2023-11-01.", InvalidValue)]) from None
