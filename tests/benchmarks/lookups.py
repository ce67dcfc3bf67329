"""Single records, pages deep in a list, and what counting costs beside the page that it stands on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from urllib.parse import parse_qs, urlparse

from api.asking.media_types import JSON
from api.asking.understanding import ask
from api.db import connect
from api.keeping import ByRevision, Memory, revision
from api.lookup.database import DatabaseLookUp
from api.pages import count, page
from api.resources.events import LIST, LISTING
from api.settings import Settings
from tests.benchmarks.client import Client
from tests.benchmarks.findings import at_most_times, rate_of, share, told
from tests.benchmarks.lists import GROWTH, MOST_GROWTH, events, mean_size
from tests.benchmarks.processes import BenchmarkFailed
from tests.benchmarks.stage import Sized, Stage, Subject

DEPTH, TOTAL, RECORD = "page in the middle by cursor", "`total` of a filtered list", "one event by id"
MOST_DEPTH, MOST_COUNT, LEAST_RECORD = 1.3, 1.0, 0.5
# How often a statement is timed, and the pages, all of other lengths, that ask for one count.
TIMES, MOST_LIMIT = 9, 100


def measure(stage: Stage) -> None:
    """Records, depth, growth of both, and counts."""
    large, small = stage.large, stage.small
    record = _records(large)
    size = mean_size(large.fresh, record.paths)
    with stage.ceilings([size]) as ceilings:
        found = stage.take_turns(
            {
                "ours, one event by id": record,
                ceilings.name(size): ceilings.like(size),
                "ours, one event by id, a tenth of the events": _records(small),
                "ours, first page": Subject(large.fresh, [events()]),
                "ours, page in the middle": _middle(large),
                "ours, page in the middle, a tenth of the events": _middle(small),
            }
        )
    part = rate_of(found["ours, one event by id"], found[ceilings.name(size)])
    stage.findings.append(share(RECORD, f"{len(record.paths):,} ids in turn", part, LEAST_RECORD, "the ceiling"))
    depth = found["ours, page in the middle"].cost_ms / found["ours, first page"].cost_ms
    stage.findings.append(
        at_most_times(DEPTH, f"after {large.facts.events // 2:,} events", depth, MOST_DEPTH, "the first page")
    )
    for name, what in (("one event by id", "look-up by id"), ("page in the middle", "page in the middle")):
        growth = found[f"ours, {name}"].cost_ms / found[f"ours, {name}, a tenth of the events"].cost_ms
        stage.findings.append(at_most_times(GROWTH, what, growth, MOST_GROWTH, "the cost"))
    _measure_counts(stage)
    _measure_exact_counts(stage)


def _records(sized: Sized) -> Subject:
    return Subject(sized.fresh, [f"/v1/events/{identity}" for identity in sized.facts.ids])


def _middle(sized: Sized) -> Subject:
    """The page after half of the list. Errors: BenchmarkFailed where a cursor that we wrote is not as `next` has it."""
    with Client(sized.fresh) as client:
        following = json.loads(client.ask(events(limit="1")).body)["next"]
    given = parse_qs(urlparse(following).query)["cursor"][0]
    written = sized.facts.middle_cursor
    # Both begin with the order and the kind of the key; what follows is another day and another event.
    if given[:_CURSOR_START] != written[:_CURSOR_START]:
        raise BenchmarkFailed(f"cursors have another form by now: {given}, and not {written}")
    return Subject(sized.fresh, [events(cursor=written)])


# Characters of a cursor before the day in it.
_CURSOR_START = 16


def _measure_counts(stage: Stage) -> None:
    """Times counting and paging apart, inside this process: over HTTP no page comes without its count."""
    facts = stage.large.facts
    asked = {
        "country": facts.countries[0],
        "group": facts.groups[0],
        "location": facts.states[0],
        "type": facts.types[0],
        "date_from": "2010-01-01",
    }
    engine = connect(Settings(database_url=stage.large.database.address))
    try:
        with engine.connect() as connection:
            kept = ByRevision(1)
            remember = partial(kept.remember, revision(connection))
            for name, value in asked.items():
                question = ask(LIST, [(name, value)], JSON, DatabaseLookUp(connection))
                question = LISTING.led(connection, question, Memory(remember, remember))
                paging = _milliseconds(partial(page, connection, LISTING, question, lambda: "/v1/events"))
                counting = _milliseconds(partial(count, connection, LISTING, question))
                what = f"by {name}, {counting:.1f} ms beside {paging:.1f} ms"
                stage.findings.append(at_most_times(TOTAL, what, counting / paging, MOST_COUNT, "the page's statement"))
    finally:
        engine.dispose()


def _milliseconds(run: Callable[[], object]) -> float:
    taken = []
    for _time in range(TIMES):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def _measure_exact_counts(stage: Stage) -> None:
    """Asks for an exact count, and then for the same in another page, which has the count and not the page."""
    country = stage.large.facts.countries[0]
    with Client(stage.remembering) as client:
        first = client.ask(events(country=country, count="exact", limit="1")).ms
        again, without = [], []
        for limit in range(MOST_LIMIT - TIMES, MOST_LIMIT):
            again.append(client.ask(events(country=country, count="exact", limit=str(limit))).ms)
            without.append(client.ask(events(country=country, limit=str(limit + TIMES))).ms)
    stage.findings += [
        told(TOTAL, "count=exact for the first time", f"{first:,.1f} ms"),
        at_most_times(
            TOTAL, "count=exact, remembered", median(again) / median(without), MOST_REMEMBERED, "the list without it"
        ),
    ]


# What is remembered costs nothing; this leaves room for the noise of single answers.
MOST_REMEMBERED = 1.3
