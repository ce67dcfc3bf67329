"""What there is to ask for in a loaded world: frequent and rare values of each filter, ids, and places in the order."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.benchmarks.engines import Database

# How many different values a workload asks in turn, and how many different ids.
VALUES, IDS = 40, 1000
# Fewer matches than this do not fill a page.
FULL_PAGE = 100
# Places in the order that are looked up at a depth, so that one odd page does not decide.
_NEWEST_FIRST = "FROM event WHERE kind = 'incident' ORDER BY date_start DESC, id DESC"


@dataclass(frozen=True)
class Facts:
    """Values by how many events have them, the most frequent first."""

    events: int
    countries: list[str]
    states: list[str]
    towns: list[str]
    groups: list[str]
    types: list[str]
    documents: list[str]
    # The day after which a group is in no event any more, by group.
    last_day: dict[str, date]
    # The countries that each group was ever in.
    group_countries: dict[str, set[str]]
    # Ids from all over the order.
    ids: list[str]
    # A point where much happened, as latitude and longitude.
    busiest_point: tuple[float, float]
    # The cursor of the page in the middle of the list of everything.
    middle_cursor: str

    def full(self, kind: str) -> list[str]:
        """Some values of this kind that fill a page, from the most frequent on."""
        found: list[str] = getattr(self, kind)
        return found[:VALUES]


def facts(database: Database) -> Facts:
    """What is in this database."""
    events = int(database.rows("SELECT count(*) FROM event")[0][0])
    in_order = database.rows(f"SELECT date_start, id {_NEWEST_FIRST} LIMIT 1 OFFSET ?", [events // 2])
    pairs = database.rows("SELECT group_id, country FROM participation GROUP BY group_id, country")
    group_countries: dict[str, set[str]] = {}
    for group, country in pairs:
        group_countries.setdefault(group, set()).add(country)
    last = database.rows("SELECT group_id, max(date_start) FROM participation GROUP BY group_id")
    step = max(events // IDS, 1)
    towns = _by_frequency(database, "event", "location_id")
    (point,) = database.rows("SELECT latitude, longitude FROM location WHERE id = ?", [towns[0]])
    return Facts(
        events,
        _by_frequency(database, "event", "country"),
        _by_frequency(database, "event", "state_or_region"),
        towns,
        _by_frequency(database, "participation", "group_id"),
        _by_frequency(database, "event", "type"),
        _by_frequency(database, "report", "document_id"),
        {group: _day(day) for group, day in last},
        group_countries,
        [f"world-{number}" for number in range(0, events, step)],
        (float(point[0]), float(point[1])),
        _cursor(*in_order[0]),
    )


def _by_frequency(database: Database, table: str, column: str) -> list[str]:
    rows = database.rows(f"SELECT {column} FROM {table} GROUP BY {column} ORDER BY count(*) DESC, {column}")
    return [value for (value,) in rows]


def _day(found: Any) -> date:
    """A day of either driver: SQLite's has it as text."""
    return found if isinstance(found, date) else date.fromisoformat(found)


def _cursor(day: Any, identity: str) -> str:
    """A cursor as `next` has it, after this event in the default order; the benchmark compares its form with a real one."""
    content = json.dumps(["-date", {"day": _day(day).isoformat()}, identity], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
