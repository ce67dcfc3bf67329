"""What is new, changed and withdrawn since a load, a revision or a day, from the history of all records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import render_template, request

from api.domain.errors import refusal
from api.explorer.state import UNREAD, not_of_this_page
from api.pages.differences import READABLE, differences
from api.pages.links import address_of
from api.pages.subrequests import Names, Subrequests, called

# What may stand in the address of the page.
_PARAMETERS = ("since", "dataset", "record")
# Lines of history and loads that are shown at once.
_LINES, _LOADS = "500", 12
# The actions of a change, as a reader asks for them: withdrawals are told as loudly as what is new.
_SECTIONS = (("New", ("created",)), ("Changed", ("updated",)), ("Withdrawn", ("deleted", "merged")))
# What is told of a dataset by the load that brought it; its end is told by a line alone.
_TOLD_BY_LOADS = (("dataset", "created"), ("dataset", "updated"))
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """Changes of one sort: those of many records told by number, and each record that has a line of its own."""

    title: str
    # A dataset, a type of record in the plural, and how many of them.
    many: list[tuple[str, str, int]]
    each: list[Row]


def changes_page() -> str:
    """The page of what changed since what the current address names, by default since before the latest load."""
    asked = {name: value.strip() for name, value in request.args.items() if value.strip() and name not in UNREAD}
    faults = [not_of_this_page(name, _PARAMETERS) for name in asked if name not in _PARAMETERS]
    if faults:
        raise refusal(faults)
    subrequests = Subrequests()
    dataset = {name: value for name, value in asked.items() if name == "dataset"}
    releases = subrequests.ask("/v1/releases", **dataset, limit="1000")["data"][::-1]
    path = f"{request.script_root}/since"
    loads = [
        {
            **load,
            "since": _since(load),
            "link": address_of(path, **{**asked, "since": _since(load)}),
            "is_first": not any(other["dataset"] == load["dataset"] for other in releases[place + 1 :]),
        }
        for place, load in enumerate(releases)
    ]
    since = asked.get("since") or (loads[0]["since"] if loads else "0")
    filters = {name: value for name, value in asked.items() if name != "since"}
    changes = subrequests.ask("/v1/changes", **filters, since=since, limit=_LINES)
    # The load that stands at the beginning of what is shown, where there is one.
    begins = next((load for load in loads if load["since"] == since), None)
    return render_template(
        "since.html",
        path=path,
        since=since,
        asked=asked,
        begins=begins,
        loads=loads[:_LOADS],
        sections=_sections(changes["data"], [load for load in loads if _is_after(load, begins)]),
        total=changes["total"],
        returned=changes["returned"],
        cursor=address_of(path, **{**filters, "since": changes["cursor"]}),
        datasets=subrequests.ask("/v1/datasets")["data"],
        names=Names(subrequests, {}),
        called=called(subrequests, changes["data"]),
    )


def _since(load: Row) -> str:
    """The state that a load found, as its link to the changes has it."""
    return str(parse_qs(urlsplit(load["links"]["changes"]).query)["since"][0])


def _is_after(load: Row, begins: Row | None) -> bool:
    """Whether a load is told of as a whole: it, or one after it, is where the page begins."""
    return begins is not None and load["revision"] >= begins["revision"]


def _sections(lines: Sequence[Row], loads: Sequence[Row]) -> list[Section]:
    """The changes by what happened. Loads that have no line for each record are told by their counts."""
    summed = {
        line["revision"]
        for line in lines
        if line["record"] == "dataset" and (line["counts"] or line["action"] == "created")
    }
    found = []
    for title, actions in _SECTIONS:
        words = {"deleted": "withdrawn", "merged": "merged"}
        each: list[Row] = [
            {**line, "differences": differences(line["fields"], READABLE)}
            for line in lines
            if line["action"] in actions and (line["record"], line["action"]) not in _TOLD_BY_LOADS
        ]
        many = [
            (load["dataset"], records, counts[word])
            for load in loads
            if load["revision"] in summed
            for records, counts in load["counts"].items()
            for word in (words.get(action, action) for action in actions)
            if counts.get(word)
        ]
        found.append(Section(title, many, each))
    return found
