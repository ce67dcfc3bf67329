"""Says in words what answers say in codes: numbers with what they came with, days, places and code labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from markupsafe import Markup

from api.domain.codebook import CODEBOOK, MEASURES, values
from api.domain.countries import country_name
from api.domain.months import MONTHS
from api.drawings.amounts import is_open_ended, none_reported
from api.records.markdown import escaped

# How a qualifier is said before its number; of an exact number nothing is.
_BEFORE = {
    "at_least": "at least",
    "more_than": "more than",
    "nearly": "nearly",
    "around": "around",
    "at_most": "at most",
    "up_to": "up to",
}
# What pages call a code whose own label would be taken for something else: here, for a side of its own.
_PLAINER = {("population", "mixed"): "Sides not told apart", ("population", "unspecified"): "Not said who"}
# What pages call a parameter whose own name would not do, and the code list of those whose values are codes.
_PARAMETERS = {
    "q": "Words",
    "date_from": "From",
    "date_to": "Until",
    "location": "Place",
    "group_by": "By",
    "limit": "At most",
}
_CODE_LISTS = {
    "kind": "event_kind",
    "type": "event_type",
    "subtype": "event_subtype",
    "level": "location_level",
    "action": "change_action",
}
_LANGUAGES = {"en": "English", "my": "Burmese"}
# What a row of a total by side is that counts people of several sides together.
OF_ALL_SIDES = "what the sides leave of numbers for all of them together"
# Which killed make up a difference between the totals of two datasets, by the kind of difference.
DIFFERENCES = {
    "lacking": "in events that pair with none of the other",
    "uncovered": "in events of days that one of them does not cover",
    "toll": "in events that both have, with another number",
    "day": "in events that one of them has outside the period",
    "status": "in events for which one of them alone has a number",
    "rest": "within another event, or in figures that lie elsewhere than their event",
}
PAIRING = (
    "Events are paired by place, days, sides, type and number; a pair may still be two happenings. Each is paired with one at "
    "most, the best first: what is paired with none may still be told of in an event that another is paired with. "
    "The page of an event leads to what other datasets may say of it."
)
NO_NUMBER = {"unnumbered": "no number given", "unknown": "number not known", "none_reported": "none reported"}


@cache
def _labels(code_list: str) -> Mapping[str, str]:
    return {code.code: code.label for code in CODEBOOK[code_list].codes}


def label(code: str | None, code_list: str) -> str:
    """What a code is called; empty of null, and the code itself where the list has none such."""
    if code is None:
        return ""
    return _PLAINER.get((code_list, code)) or _labels(code_list).get(code, code)


def parameter(name: str) -> str:
    """What a parameter is called."""
    return _PARAMETERS.get(name) or spoken(name)


def asked(value: str, name: str) -> str:
    """What was asked by a parameter: codes by their labels, days as days, and anything else as it was written."""
    code_list = _CODE_LISTS.get(name, name)
    values = [value.strip() for value in value.split(",")]
    if code_list in CODEBOOK:
        return ", ".join(label(value, code_list).lower() for value in values)
    if name == "group_by":
        return ", ".join(spoken(value).lower() for value in values)
    is_day = name in ("date_from", "date_to") and len(value) == len("2023-11-01")
    return day(value) if is_day else ", ".join(values)


def language(code: str) -> str:
    """A language by its name; its code, where it is none of those that documents here are in."""
    return _LANGUAGES.get(code, code)


def meaning(code: str, code_list: str) -> str:
    """What a code means, as the codebook says it."""
    return next(one.definition for one in CODEBOOK[code_list].codes if one.code == code)


def country(code: str) -> str:
    """The name of a country; the code itself where it is none of ISO 3166-1."""
    return country_name(code) or code


def number(value: float | None) -> Markup:
    """A number as people write it, which a program finds exactly beside it; a dash where it is not known."""
    if value is None:
        return Markup('<span class="quiet" title="not known">\N{EN DASH}</span>')
    return Markup(f'<data value="{value}">{value:,}</data>')


def amount(numbers: Mapping[str, Any]) -> Markup:
    """A number with what came with it: `at least 23`, `around 100 (90 to 110)`, `140 (130 to 150, or more)`."""
    low, best, high = (numbers[name] for name in ("low", "best", "high"))
    # A claim has no status, and its qualifier says as much.
    status = numbers.get("status") or numbers.get("qualifier") or "unnumbered"
    known = [value for value in (best, low, high) if value is not None]
    told = none_reported(numbers) if numbers.get("none_reported") else None
    if told is None and (not known or status == "none_reported"):
        told = NO_NUMBER.get(status, NO_NUMBER["unnumbered"])
    if told is not None:
        # Hatched is what nobody gives a number of.
        is_none = told == NO_NUMBER["none_reported"]
        return Markup('<span class="amount{}">{}</span>').format("" if is_none else " none", told)
    before = _BEFORE.get(numbers.get("qualifier") or "", "")
    is_open = is_open_ended(numbers)
    if best is None and low is not None and high is not None:
        return Markup('<span class="amount"><b>{} to {}</b></span>').format(number(low), number(high))
    limits = _limits(low, known[0], high, is_open and not before)
    if not before and not limits and is_open:
        before = "at least"
    if not before and best is None and low is None:
        before = "at most"
    first = f"{before} " if before else ""
    return Markup(f'<span class="amount">{first}<b>{number(known[0])}</b>{limits}</span>')


def _limits(low: float | None, told: float, high: float | None, is_open: bool) -> Markup:
    """The bounds in brackets, where they say more than the number and its word."""
    if low in (None, told) and high in (None, told):
        return Markup()
    if high in (None, told):
        said = f"{number(low)} to {number(told)}, or more" if is_open else f"from {number(low)}"
    else:
        said = f"{number(low)} to {number(high)}{', or more' if is_open else ''}"
    return Markup(f' <span class="limits">({said})</span>')


# --- Days --------------------------------------------------------------------------------------------------------


def day(written: str | None) -> str:
    """An ISO day as `6 November 2023`; of a time its day; empty of null."""
    if written is None:
        return ""
    found = date.fromisoformat(written[:10])
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def period(told: Mapping[str, Any]) -> str:
    """A date with its precision: `6 November 2023`, `3 to 6 November 2023` with a dash, `November 2023`, `2023`."""
    first, last = date.fromisoformat(told["start"]), date.fromisoformat(told["end"])
    match told["precision"]:
        case "year" if (first.year, first.month, last.month) == (last.year, 1, 12):
            return str(first.year)
        case "month" if (first.year, first.month) == (last.year, last.month):
            return f"{MONTHS[first.month - 1]} {first.year}"
    return between(told["start"], told["end"])


def between(start: str, end: str) -> str:
    """From one day to another, without saying twice what they share."""
    first, last = date.fromisoformat(start[:10]), date.fromisoformat(end[:10])
    if first == last:
        return day(start)
    if first.year != last.year:
        return f"{day(start)} \N{EN DASH} {day(end)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} \N{EN DASH} {day(end)}"
    return f"{first.day}\N{EN DASH}{day(end)}"


def from_until(start: str | None, end: str | None) -> str:
    """A period that may be open on either side: `since 6 November 2023`, `until` it, or as `between`; empty where both are."""
    if start is not None and end is not None:
        return between(start, end)
    return f"since {day(start)}" if start is not None else f"until {day(end)}" if end is not None else ""


def bucket(written: str) -> str:
    """A bucket of time as words: `November 2023` of `2023-11`, `week of 6 November 2023` of `2023-W45`."""
    if "W" in written:
        return f"week of {day(date.fromisoformat(written).isoformat())}"
    if len(written) == len("2023-11"):
        return f"{MONTHS[int(written[5:]) - 1]} {written[:4]}"
    return day(written) if len(written) > len("2023") else written


def by_role(groups: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Those who took part by their role, in the codebook's order."""
    found = {role: [one for one in groups if one["role"] == role] for role in values("role")}
    return [(role, members) for role, members in found.items() if members]


def related(relations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A group's relations with the `documents` that say so, each once, whoever says it: in the codebook's order, and those
    with a first day before others."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in relations:
        own = tuple(one[name] for name in ("type", "direction", "valid_from", "valid_to"))
        told = found.setdefault((*own, one["group"]["id"]), {**one, "documents": []})
        if one["document"] is not None:
            told["documents"].append(one["document"])
    order = {code: place for place, code in enumerate(values("relation_type"))}
    return sorted(found.values(), key=lambda one: (order[one["type"]], one["valid_from"] is None, one["valid_from"]))


def in_families(figures: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Figures in the codebook's order, the killed first, with the parts behind their whole, where that is among them."""
    known = {figure["id"] for figure in figures}
    found = []
    order = {measure: place for place, measure in enumerate(MEASURES)}
    for figure in sorted(figures, key=lambda one: order[one["measure"]]):
        if figure["part_of"] not in known:
            found += [figure, *(part for part in figures if part["part_of"] == figure["id"])]
    return found


def spoken(code: str) -> str:
    """A name of a key as words: `first_date` is `First date`."""
    return code.replace("_", " ").capitalize()


def coded(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)
    )


def pair_differences(pair: Mapping[str, Any], title: Callable[[str], str | None]) -> list[str]:
    """What the two events of a comparison differ in, or which dataset alone has one; `title` calls a dataset by its id."""
    first, second = pair["first"], pair["second"]
    words = {
        "lacking": "not paired",
        "uncovered": f"on days that only {title((first or second)['dataset'])} covers",
        "toll": "another number",
        "status": "one of them alone has a number",
    }
    if first and second:
        words["day"] = f"other days: {period(second['date'])}"
    return [words[kind] for kind in pair["differences"]]


FILTERS = {
    function.__name__: function
    for function in (
        label,
        parameter,
        asked,
        language,
        meaning,
        country,
        number,
        amount,
        day,
        period,
        between,
        from_until,
        bucket,
        by_role,
        related,
        pair_differences,
        in_families,
        spoken,
        coded,
        escaped,
    )
}
