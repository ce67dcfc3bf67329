"""Lists that count events and totals of all kinds, asked with few filters or none: what a dashboard shows first.

The issue sets no target for these; the slowest are told, so that nobody has to find them by waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from statistics import median
from urllib.parse import urlencode

from tests.benchmarks.client import asked_alone
from tests.benchmarks.combinations import slowest_first
from tests.benchmarks.facts import Facts
from tests.benchmarks.findings import told
from tests.benchmarks.stage import Stage

BROAD = "whole lists and totals"
LISTS = ("/v1/groups", "/v1/groups?sort=-events", "/v1/locations", "/v1/locations?sort=-events", "/v1/documents")
# By what figures and events are totalled here.
OF_FIGURES = ("month", "type", "population", "country", "group")
OF_EVENTS = ("month", "type", "country", "group")


def _filters(facts: Facts) -> list[str]:
    """One filter of each of the commonest, and none."""
    asked: list[dict[str, str]] = [
        {},
        {"country": facts.countries[0]},
        {"group": facts.groups[0]},
        {"type": "battles"},
        {"population": "state_forces"},
        {"date_from": "2010-01-01", "date_to": "2012-12-31"},
    ]
    return [urlencode(pairs) for pairs in asked]


def _paths(facts: Facts) -> dict[str, list[str]]:
    """Paths by what they are of."""
    filters = _filters(facts)
    totals = {
        "totals of deaths": [f"/v1/casualties/totals?measure=killed&group_by={name}" for name in OF_FIGURES],
        "totals of events": [f"/v1/events/totals?group_by={name}" for name in OF_EVENTS],
    }
    return {
        "lists of groups, places and documents": list(_joined(LISTS, filters)),
        **{what: list(_joined(listed, filters)) for what, listed in totals.items()},
    }


def _joined(listed: tuple[str, ...] | list[str], filters: list[str]) -> Iterator[str]:
    for path, asked in product(listed, filters):
        yield f"{path}{'&' if '?' in path else '?'}{asked}".rstrip("?&")


def measure(stage: Stage) -> None:
    """Asks each alone for the first time, the quicker of two."""
    for what, all_listed in _paths(stage.large.facts).items():
        listed = all_listed[: stage.pace.combinations]
        taken = dict(zip(listed, asked_alone(stage.large.fresh, listed, times=2), strict=True))
        slowest = slowest_first(taken)[:2]
        stage.findings.append(
            told(BROAD, f"{what}, {len(listed)} of them: the median", f"{median(taken.values()):.1f} ms")
        )
        stage.findings += [
            told(BROAD, f"{what}: among the slowest", f"{taken[path]:.1f} ms: `{path}`") for path in slowest
        ]
