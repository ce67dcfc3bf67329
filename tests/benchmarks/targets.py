"""What is to be reached, each target once: its workload, what it was before, its limit, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SECTIONS = ("loads", "lists", "totals", "records", "exports")
SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
GENERATED, REAL = "generated", "real"
DATA = (GENERATED, REAL)
# A tenth of a load takes a few seconds on a machine that does other things too: less than this is no difference.
NOISE = 0.9


@dataclass(frozen=True)
class Target:
    """One line of the table. `limit` is the most, or with `is_least` the least, by engine; none where all is told."""

    key: str
    section: str
    workload: str
    before: str
    unit: str
    limit: Mapping[str, float] = field(default_factory=dict)
    is_least: bool = False
    # The data that the target is about, where it is not about both.
    data: tuple[str, ...] = DATA

    def is_met(self, engine: str, data: str, value: float) -> bool | None:
        """Whether the limit is kept; null where there is none for this engine and data."""
        limit = self.limit.get(engine) if data in self.data else None
        if limit is None:
            return None
        return value >= limit if self.is_least else value <= limit

    @property
    def reach(self) -> str:
        """The limit as the table has it."""
        limits = list(dict.fromkeys(self.limit.values()))
        written = " · ".join([*(written_in("", limit) for limit in limits[:-1]), written_in(self.unit, limits[-1])])
        over = " over real rows" if self.data == (REAL,) else ""
        return f"{'≥' if self.is_least else '≤'} {written}{over}"


def written_in(unit: str, value: float) -> str:
    """A number with its unit, with as many digits as say something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{value:,.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}".rstrip()


def _both(limit: float) -> dict[str, float]:
    return dict.fromkeys(ENGINES, limit)


def _each(sqlite: float, postgresql: float) -> dict[str, float]:
    return {SQLITE: sqlite, POSTGRESQL: postgresql}


# What was before was measured at a million generated events, on the same machine, before questions were answered from
# columns; where a target is to be no slower, that is its limit.
TARGETS = (
    Target(
        "lists_alone",
        "lists",
        "any list with one to three filters and its exact total, alone: the slowest",
        "672 ms",
        "ms",
        _both(50),
    ),
    Target("lists_p99", "lists", "the same at 8 connections, p99", "up to 2.9 s", "ms", _both(400)),
    Target(
        "lists_beside",
        "lists",
        "lists beside the better of Datasette and ROAPI, requests/s: the least",
        "",
        "times",
        _both(2),
        is_least=True,
        data=(REAL,),
    ),
    Target("newest", "lists", "newest 100 with exact total", "670 · 635/s", "/s", _each(670, 635), is_least=True),
    Target(
        "one_filter",
        "lists",
        "newest 100 of one filter with exact total: the slowest filter",
        "519 · 474/s",
        "/s",
        _each(519, 474),
        is_least=True,
    ),
    Target(
        "totals_one",
        "totals",
        "deaths by one dimension with none, one or two filters: the slowest",
        "5 to 29 s",
        "ms",
        _both(150),
    ),
    Target(
        "totals_several",
        "totals",
        "deaths by two or three dimensions over everything: the slowest",
        "not measured",
        "ms",
        _both(600),
    ),
    Target(
        "totals_beside",
        "totals",
        "totals beside the better of Datasette and ROAPI, requests/s: the least",
        "",
        "times",
        _both(2),
        is_least=True,
        data=(REAL,),
    ),
    Target(
        "named",
        "totals",
        "lists of groups, places and documents with any filter: the slowest",
        "2.3 to 5 s",
        "ms",
        _both(150),
    ),
    Target("facets", "totals", "six facets of a filter: the slowest", "", "ms", _both(60)),
    Target("worker", "totals", "memory of a worker after all that was asked", "not measured", "MB", _both(400)),
    Target(
        "again", "records", "asked again: the slowest list", "7,000 · 4,300/s", "/s", _each(7000, 4300), is_least=True
    ),
    Target("unchanged", "records", "If-None-Match, 304", "17,000 · 8,395/s", "/s", _each(17_000, 8395), is_least=True),
    Target("by_id", "records", "one event by id, in turn", "2,164 · 1,802/s", "/s", _each(2164, 1802), is_least=True),
    Target("ndjson", "exports", "all events as NDJSON", "72,000/s", "/s", _both(100_000), is_least=True),
    Target("csv", "exports", "all events as CSV", "130,000/s", "/s", _both(100_000), is_least=True),
    Target("geojson", "exports", "all events as GeoJSON", "121,000/s", "/s", _both(100_000), is_least=True),
    Target("first_byte", "exports", "first byte of an export: the latest", "", "ms", _both(200)),
    Target("growth", "exports", "growth of the worker's memory in an export: the most", "", "MB", _both(50)),
    Target(
        "import", "loads", "import, corpus loaded before, both cores", "140 to 680/s", "/s", _both(3000), is_least=True
    ),
    Target(
        "last_tenth",
        "loads",
        "its last tenth of the rows beside the first",
        "a fifth",
        "times",
        _both(NOISE),
        is_least=True,
    ),
    Target("import_memory", "loads", "memory of the import at its peak", "531 MB", "MB", _both(400)),
    Target("disk", "loads", "disk for an event, all included", "16 to 24 kB", "kB", _both(4)),
    Target("edit", "loads", "an edit of the corpus beside it, loaded", "not measured", "s", _both(15)),
)
BY_KEY = {target.key: target for target in TARGETS}
