"""What there is to ask for in the loaded data: frequent and rare values of each filter, and ids, from the flat tables."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# How many different values a workload asks in turn, and how many different ids.
VALUES, IDS = 40, 1000
# So many titles tell which words are frequent; the shortest words are hardly asked for.
SAMPLED, SHORTEST_WORD = 20_000, 4
# The shares of the events in which a frequent and a less frequent word stand, at the most.
FREQUENT_SHARE, USUAL_SHARE = 0.6, 0.06
# Groups whose last event is before this are gone in the newest third of the time.
LATE = date(2010, 1, 1)


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
    claimants: list[str]
    # A group that had gone before LATE, if there is one, with its last day; else the rarest.
    early: tuple[str, date]
    # A frequent group and a frequent state that it never was in.
    stranger: tuple[str, str]
    # A frequent, a usual and a rare word.
    words: tuple[str, str, str]
    # Ids from all over the order.
    ids: list[str]
    # A point where much happened, as latitude and longitude.
    busiest_point: tuple[float, float]


def facts(file: Path) -> Facts:
    """What is in these flat tables."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return _facts(connection)
    finally:
        connection.close()


def _facts(connection: sqlite3.Connection) -> Facts:
    def by_frequency(column: str) -> list[str]:
        rows = connection.execute(
            f"SELECT {column} FROM events WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY count(*) DESC, {column}"
        )
        return [value for (value,) in rows]

    sides = "SELECT group_a AS side, state, date_end FROM events UNION ALL SELECT group_b, state, date_end FROM events"
    grouped = (
        f"SELECT side, max(date_end) FROM ({sides}) WHERE side IS NOT NULL GROUP BY side ORDER BY count(*) DESC, side"
    )
    last_day = {side: date.fromisoformat(day) for side, day in connection.execute(grouped)}
    groups, states, towns = list(last_day), by_frequency("state"), by_frequency("place")
    were_in = set(connection.execute(f"SELECT DISTINCT side, state FROM ({sides})"))
    early = next((side for side, day in last_day.items() if day < LATE), groups[-1])
    never = (groups[-1], states[0])
    stranger = next(
        ((side, state) for side in groups[:VALUES] for state in states if (side, state) not in were_in), never
    )
    (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
    point = connection.execute(
        "SELECT latitude, longitude FROM events WHERE location_precision = 'exact' AND latitude IS NOT NULL "
        "GROUP BY place ORDER BY count(*) DESC, place LIMIT 1"
    ).fetchone()
    (ids,) = zip(*connection.execute("SELECT id FROM events WHERE rowid % ? = 0", [max(events // IDS, 1)]), strict=True)
    return Facts(
        events,
        by_frequency("country"),
        states,
        towns,
        groups,
        by_frequency("type"),
        by_frequency("document"),
        by_frequency("claimant"),
        (early, last_day[early]),
        stranger,
        _words(connection),
        list(ids[:IDS]),
        (point[0], point[1]),
    )


def _words(connection: sqlite3.Connection) -> tuple[str, str, str]:
    counted: Counter[str] = Counter()
    titles = connection.execute("SELECT words FROM events ORDER BY id LIMIT ?", [SAMPLED]).fetchall()
    for (title,) in titles:
        counted.update({word for word in title.split() if len(word) >= SHORTEST_WORD and word.isalpha()})

    def most(share: float) -> str:
        return max((word for word in counted if counted[word] <= share * len(titles)), key=lambda w: (counted[w], w))

    return most(FREQUENT_SHARE), most(USUAL_SHARE), min(counted, key=lambda word: (counted[word], word))
