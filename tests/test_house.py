"""How the packages of `api/` call each other while requests and a load run: few of them, and in one direction. Which engine it is
changes nothing in that, so one is enough.

The running code is traced, so a callback counts as a call of whoever calls it, and a generator's every step as a call of
whoever asks for the next piece. What Flask hands on (a view, a hook) is called by nobody of ours.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, FunctionType
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import application, close
from tests.databases import Databases
from tests.small_world import ATLAS, HILLS, load_world
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

# What every package may use, and what wires them together.
NOT_COUNTED = {"domain", "boundaries", "records", "settings", "app"}
MOST_PACKAGES = 5
# The module through which Flask hands a request to views and hooks.
HANDED_ON_BY = "flask.app"


class Trace:
    """The packages that code was entered in, and the calls from one to another, each with the first example."""

    def __init__(self) -> None:
        self.entered: set[str] = set()
        self.calls: dict[tuple[str, str], str] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call":
            return
        own = package_of(frame)
        if own is None:
            return
        self.entered.add(own)
        caller = frame.f_back
        while caller is not None and package_of(caller) is None:
            if caller.f_globals.get("__name__") == HANDED_ON_BY:
                return
            caller = caller.f_back
        above = None if caller is None else package_of(caller)
        if caller is not None and above is not None and above != own:
            self.calls.setdefault((above, own), f"{named(caller)} calls {named(frame)}")

    def there_and_back(self) -> list[str]:
        """The pairs of packages that call each other, with an example for each direction."""
        return [
            f"{one} and {other} call each other: {told}; {self.calls[other, one]}"
            for (one, other), told in sorted(self.calls.items())
            if one < other and (other, one) in self.calls
        ]


def package_of(frame: FrameType) -> str | None:
    """The counted package of `api` that a frame's code is in; null for any other code."""
    first, _dot, rest = str(frame.f_globals.get("__name__")).partition(".")
    package = rest.partition(".")[0]
    return package if first == "api" and package and package not in NOT_COUNTED else None


def named(frame: FrameType) -> str:
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname} (line {frame.f_lineno})"


@pytest.fixture
def world(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that remembers no answer: of those, nothing is made."""
    app = application(world_address, cache_megabytes=0)
    yield app.test_client()
    close(app)


@contextmanager
def traced() -> Iterator[Trace]:
    trace = Trace()
    # What is left of requests before, and waits to be collected, would end in the middle of this one.
    gc.disable()
    sys.setprofile(trace)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        gc.enable()


def faults(trace: Trace, expected: set[str]) -> list[str]:
    """What is wrong with a trace; `expected` are the packages that the way leads through, without which nothing was traced."""
    found = trace.there_and_back()
    if not expected <= trace.entered:
        found.append(f"never entered: {sorted(expected - trace.entered)}")
    if len(trace.entered) > MOST_PACKAGES:
        found.append(f"more than {MOST_PACKAGES} packages are entered: {sorted(trace.entered)}")
    return found


# Every list, asked in as many ways as it can be: each is traced by itself.
LISTS = (
    "/v1/events?group={groups}",
    "/v1/events?group={groups}&format=csv",
    "/v1/events?group={groups}&facets=type,group",
    "/v1/events?format=ndjson",
    "/v1/figures?location={locations}&best_min=1&sort=-best&limit=1",
    "/v1/figures?q=alpha&format=geojson",
    "/v1/groups?dataset={datasets}&q=army",
    "/v1/groups?format=csv&sort=-events",
    "/v1/groups?group={groups}&include_members=true&measure=killed",
    "/v1/locations?parent={locations}",
    "/v1/locations?bbox=90,10,100,30&type=battles",
    "/v1/locations?dataset={datasets}&format=geojson",
    "/v1/documents?dataset={datasets}&q=report",
    "/v1/documents?format=csv&verification=confirmed",
    "/v1/datasets?id={datasets}",
    "/v1/datasets?format=ndjson",
    "/v1/codebook",
)


@for_each("path", LISTS)
def test_lists_enter_few_packages_in_one_direction(world: FlaskClient, path: str) -> None:
    ids = {name: world.get(f"/v1/{name}").json["data"][-1]["id"] for name in ("groups", "locations", "datasets")}
    with traced() as trace:
        response = world.get(path.format(**ids))
        assert response.status_code == 200 and response.data, response.text
    assert not faults(trace, {"resources", "answers", "columns"})


@for_each("kind", ["events", "figures", "groups", "locations", "documents", "datasets", "codebook"])
def test_one_record_enters_few_packages_in_one_direction(world: FlaskClient, kind: str) -> None:
    identity = world.get(f"/v1/{kind}").json["data"][0]["id"]
    with traced() as trace:
        assert world.get(f"/v1/{kind}/{identity}").status_code == 200
    assert not faults(trace, {"resources", "answers", "store"})


def test_a_total_enters_few_packages_in_one_direction(world: FlaskClient) -> None:
    with traced() as trace:
        response = world.get("/v1/casualties/totals?group_by=group,month&measure=killed")
        assert response.status_code == 200 and response.json["data"]
    assert not faults(trace, {"resources", "answers", "query", "columns"})


def test_a_load_enters_few_packages_in_one_direction(databases: Databases) -> None:
    address = databases.migrated()
    with traced() as trace:
        load_world(address, ATLAS, HILLS)
    assert not faults(trace, {"load", "store", "columns"})


def rows() -> Iterator[int]:
    yield 1


def read(given: Callable[[], Iterator[int]]) -> None:
    assert list(given()) == [1]


def ask(reading: Callable[[Callable[[], Iterator[int]]], None], given: Callable[[], Iterator[int]]) -> None:
    reading(given)


def test_a_callback_and_a_generator_count_as_calls() -> None:
    answers, query = {"__name__": "api.answers.made"}, {"__name__": "api.query.made"}
    with traced() as trace:
        FunctionType(ask.__code__, answers)(FunctionType(read.__code__, query), FunctionType(rows.__code__, answers))
    assert set(trace.calls) == {("answers", "query"), ("query", "answers")}
    assert len(faults(trace, {"store"})) == 2
