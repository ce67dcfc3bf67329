"""Totals, beside the plain sum that counts parts together with their wholes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.client import Client
from tests.benchmarks.engines import Database
from tests.benchmarks.findings import at_most_times, told, under
from tests.benchmarks.processes import Server
from tests.benchmarks.stage import Stage

TOTALS = "totals"
MOST_OF_PLAIN, MOST_COLD_MS = 1.5, 300
# How often both are timed, taking turns.
TIMES = 7


@dataclass(frozen=True)
class Sum:
    """A total as the service is asked for it, and the plain statement that ignores nesting."""

    what: str
    path: str
    statement: str
    values: Sequence[Any] = ()


def measure(stage: Stage) -> None:
    """By month and state over one country, and by month over everything."""
    database = stage.large.database
    month = "substr(date_start, 1, 7)" if database.is_sqlite else "to_char(date_start, 'YYYY-MM')"
    country = stage.large.facts.countries[0]
    summed = f"SELECT {month}, {{}}sum(best) FROM figure WHERE measure = 'killed'{{}} GROUP BY {month}{{}}"
    by_state = Sum(
        f"by month and state over the country {country}",
        _path(group_by="month,state_or_region", country=country),
        summed.format("state_or_region, ", " AND country = ?", ", state_or_region"),
        [country],
    )
    everything = Sum("by month over everything", _path(group_by="month"), summed.format("", "", ""))
    for one in (by_state, everything):
        ours, plain, first = _taking_turns(stage.large.fresh, database, one)
        what = f"{one.what}, {ours:,.1f} ms beside {plain:,.1f} ms"
        stage.findings.append(at_most_times(TOTALS, what, ours / plain, MOST_OF_PLAIN, "the plain sum"))
        if one is everything:
            # The first of them found the database's memory as the other workloads left it.
            stage.findings.append(under(TOTALS, f"{one.what}, cold", max(first, ours), MOST_COLD_MS))
    with Client(stage.remembering) as client:
        client.ask(everything.path)
        stage.findings.append(
            told(TOTALS, "by month over everything, asked again", f"{client.ask(everything.path).ms:.1f} ms")
        )


def _path(**asked: str) -> str:
    return f"/v1/casualties/totals?{urlencode({'measure': 'killed', **asked}, safe=',')}"


def _taking_turns(server: Server, database: Database, one: Sum) -> tuple[float, float, float]:
    """The median milliseconds of ours and of the plain statement, and those of ours at the first time."""
    ours, plain = [], []
    statement = one.statement if database.is_sqlite else one.statement.replace("?", "%s")
    with Client(server) as client, database.bare() as connection:
        for _time in range(TIMES):
            ours.append(client.ask(one.path).ms)
            start = time.perf_counter()
            connection.execute(statement, one.values).fetchall()
            plain.append((time.perf_counter() - start) * 1000)
    return median(ours), median(plain), ours[0]
