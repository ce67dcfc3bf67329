"""Words, boxes and circles: how long the slowest of a hundred answers takes while eight clients ask."""

from __future__ import annotations

from tests.benchmarks.client import asked_alone
from tests.benchmarks.findings import told, under
from tests.benchmarks.lists import events
from tests.benchmarks.stage import Stage, Subject
from tests.benchmarks.world import WORDS
from tests.benchmarks.wrk import CONNECTIONS

Q, MAP = "full-text `q`", "bbox and near"
MOST_P99_MS, MOST_FREQUENT_WORD_MS = 50, 300
# Half the height of the boxes in degrees, and the radius of the circles in kilometres.
SMALL, LARGE = (0.25, 25), (10, 1000)
# Between the points that are asked around, in degrees.
STEP = 0.05
POINTS = 20


def measure(stage: Stage) -> None:
    """`q` with filters, the word that every second event holds, and places on a map."""
    facts = stage.large.facts
    filters = [
        *({"country": value} for value in facts.countries[:5]),
        *({"type": value} for value in facts.types),
        {"group": facts.groups[0]},
        {"date_from": "2015-01-01", "date_to": "2016-12-31"},
    ]
    asked = {
        "q with a filter": [events(q=word, **narrowed) for word in WORDS[:8] for narrowed in filters],
        "q of a frequent word with a filter": [events(q="fighting", **narrowed) for narrowed in filters],
        **{
            f"{name}, {size}": paths
            for size, reach in (("small", SMALL), ("large", LARGE))
            for name, paths in _around(stage, reach)
        },
    }
    subjects = {f"ours, first time, {name}": Subject(stage.large.fresh, paths) for name, paths in asked.items()}
    again = {
        f"ours, asked again, {name}": Subject(stage.remembering, paths[:POINTS], is_warmed=True)
        for name, paths in asked.items()
    }
    found = stage.take_turns(subjects | again)
    for name, paths in asked.items():
        workload = Q if name.startswith("q ") else MAP
        at = f"p99 at {CONNECTIONS} connections"
        first, repeated = found[f"ours, first time, {name}"], found[f"ours, asked again, {name}"]
        stage.findings += [
            under(workload, f"{name}, first time, {at}", first.p99_ms, MOST_P99_MS),
            under(workload, f"{name}, asked again, {at}", repeated.p99_ms, MOST_P99_MS),
        ]
        some = paths[:POINTS]
        alone = dict(zip(some, asked_alone(stage.large.fresh, some, times=2), strict=True))
        slowest = max(alone, key=alone.__getitem__)
        stage.findings.append(
            told(workload, f"{name}, first time, alone, the slowest", f"{alone[slowest]:.1f} ms: `{slowest}`")
        )
    (frequent,) = asked_alone(stage.large.fresh, [events(q="fighting")])
    stage.findings.append(
        under(Q, "a word that every second event holds, first time, alone", frequent, MOST_FREQUENT_WORD_MS)
    )


def _around(stage: Stage, reach: tuple[float, int]) -> list[tuple[str, list[str]]]:
    """Boxes and circles of one size around where most happened."""
    degrees, radius_km = reach
    latitude, longitude = stage.large.facts.busiest_point
    points = [(latitude + STEP * number, longitude - STEP * number) for number in range(POINTS)]
    return [
        ("bbox", [events(bbox=_box(north, east, degrees)) for north, east in points]),
        ("near", [events(near=f"{north:.4f},{east:.4f}", radius_km=str(radius_km)) for north, east in points]),
    ]


def _box(latitude: float, longitude: float, degrees: float) -> str:
    """A box around a point, west,south,east,north."""
    west, east = max(longitude - degrees, -180), min(longitude + degrees, 180)
    south, north = max(latitude - degrees, -90), min(latitude + degrees, 90)
    return f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}"
