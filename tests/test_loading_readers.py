"""Readers see the data as it was until a load commits, and as it is from then on; never anything between."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.columns.copy_files import exclusive_lock, file_of, folder_of
from api.columns.pieces import stored_pieces
from api.load.loading import load
from api.load.source import LoadRefused
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.revision import revision
from tests.conftest import load_into
from tests.databases import Databases
from tests.edited_seeds import seeded
from tests.made import Made, made_event, made_figure, made_group
from tests.running import ANSWER_SECONDS, LOOK_SECONDS
from tests.stored import connected, served

EVENTS = "/v1/events?dataset=other&limit=1000"
TOTALS = "/v1/figures/totals?dataset=other&group_by=population"
GROUPS = "/v1/groups?dataset=other"
EXPORT = "/v1/figures?dataset=other&format=ndjson"
# How many records a batch of an export brings (api/answers/stored_records.py and row_records.py).
BATCHED = 200
# How long a reader waits between two questions, of which there are many in each load.
READING_SECONDS = 0.02
# Loads while a reader asks; each takes a fraction of a second.
LOADS = 3


def made(number: int) -> Made:
    """A little dataset in which everything says this number."""
    figures = [made_figure(f"killed-{place}", low=number, best=number, high=number) for place in range(3)]
    return Made(
        made_events=[
            made_event("first", title=f"Fight {number}", figures=figures[:1]),
            made_event("second", title=f"Fight {number}", figures=figures[1:]),
            *(made_event(f"only-{number}-{more}", figures=[]) for more in range(number)),
        ]
    )


@pytest.fixture(scope="module")
def template(databases: Databases) -> str:
    """A database with the seeds as they ship, and a little dataset that says one everywhere. Not to be written to."""
    found = databases.copy(seeded(databases))
    load_into(found, made(1))
    return found


@pytest.fixture
def address(databases: Databases, template: str) -> str:
    """The same to write to."""
    return databases.copy(template)


def told(client: FlaskClient, query: str) -> tuple[str, str]:
    """The revision of an answer, and everything else in it."""
    response = client.get(query)
    assert response.status_code == 200, response.text
    if response.mimetype != "application/json":
        return response.headers["ETag"], response.text
    body = response.json
    return body["coverage"]["revision"], json.dumps(body, sort_keys=True)


def load_with(address: str, number: int, progress: Callable[[str, int], None]) -> None:
    """Loads the little dataset, and calls back at each of its steps."""
    engine = connect_for_loading(Settings(database_url=address))
    try:
        load(engine, made(number), progress)
    finally:
        engine.dispose()


def test_a_load_under_way_neither_shows_nor_blocks(address: str) -> None:
    with served(address, cache_megabytes=0, busy_timeout_seconds=0) as client:
        before = {query: told(client, query) for query in (EVENTS, TOTALS, GROUPS, EXPORT)}
        steps: list[str] = []

        def ask(step: str, _count: int) -> None:
            steps.append(step)
            assert {query: told(client, query) for query in before} == before

        load_with(address, 2, ask)
        assert {"documents", "groups", "events", "events rendered"} <= set(steps)
        after = {query: told(client, query) for query in before}
        assert all(after[query] != before[query] for query in before)


def test_a_load_that_fails_never_shows(address: str) -> None:
    with served(address, cache_megabytes=0) as client:
        before = told(client, EVENTS)

        def fail(step: str, _count: int) -> None:
            if step == "events rendered":
                raise LoadRefused("enough")

        with pytest.raises(LoadRefused):
            load_with(address, 2, fail)
        assert told(client, EVENTS) == before


def test_a_load_that_ends_in_the_middle_of_an_answer_does_not_show_in_it(address: str, tmp_path: Path) -> None:
    queries = (EVENTS, TOTALS, GROUPS)
    with served(address) as client:
        before = {query: told(client, query) for query in queries}
    # Elsewhere the copy of that state is still to be made, and each answer waits for it in the middle.
    elsewhere: dict[str, Any] = {"cache_megabytes": 0, "cache_folder": str(tmp_path)}
    settings = Settings(database_url=address, **elsewhere)
    with connected(address) as connection:
        lock = file_of(stored_pieces(connection), revision(connection), folder_of(settings)).with_suffix(".lock")
    with served(address, **elsewhere) as client, ThreadPoolExecutor() as pool:
        with exclusive_lock(lock, 0):
            during = {query: pool.submit(told, client.application.test_client(), query) for query in queries}
            wait_until_opened(lock)
            load_into(address, made(2))
        assert {query: answer.result() for query, answer in during.items()} == before
        assert all(told(client, query) != before[query] for query in queries)


def wait_until_opened(lock: Path) -> None:
    """Waits until somebody else in this process has the file of a lock open as well."""
    until = time.monotonic() + ANSWER_SECONDS
    while sum(held == str(lock) for held in open_files()) < 2:
        assert time.monotonic() < until
        time.sleep(LOOK_SECONDS)


def open_files() -> Iterator[str]:
    """The files that this process has open."""
    for descriptor in Path("/proc/self/fd").iterdir():
        # It may be closed meanwhile.
        with suppress(FileNotFoundError):
            yield os.readlink(descriptor)


def many() -> Made:
    """More events, figures and groups than a batch of an export brings."""
    numbers = range(BATCHED + BATCHED // 4)
    return Made(
        made_events=[made_event(f"one-{number}", figures=[made_figure(f"dead-{number}")]) for number in numbers],
        made_groups=[made_group(), *(made_group(f"guard-{number}", name=f"Guard {number}") for number in numbers)],
    )


# Exports of events and figures from numbers that the copy gives, and of groups from rows of its own.
STREAMS = (
    EXPORT,
    "/v1/events?dataset=other&format=csv&sort=id",
    "/v1/events?dataset=other&format=geojson",
    "/v1/figures/totals?dataset=other&group_by=month,population&format=ndjson",
    "/v1/groups?format=ndjson",
)


def test_exports_that_began_before_loads_end_as_they_began(address: str) -> None:
    load_into(address, many())
    with served(address, cache_megabytes=0) as client:
        before = {query: client.get(query) for query in STREAMS}
        streams = {query: client.get(query, buffered=False) for query in STREAMS}
        came = {query: [next(iter(stream.response))] for query, stream in streams.items()}
        # As many loads as a process keeps copies, and one more, each asked for its own.
        for number in (2, 3, 4):
            load_into(address, made(number))
            assert client.get(EVENTS).json["total"] == number + 2
        for query, stream in streams.items():
            came[query] += stream.response
            stream.close()
            text = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in came[query]).decode()
            assert text == before[query].text, query
            for name in ("ETag", "Total-Count"):
                assert stream.headers[name] == before[query].headers[name]
            assert client.get(query).text != text


def test_someone_who_reads_all_the_time_sees_each_state_whole(address: str) -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    over = Signal()

    def read(client: FlaskClient, query: str) -> int:
        asked = 0
        while not over.is_set():
            revision, answer = told(client, query)
            seen[query, revision].add(answer)
            asked += 1
            # The load is to come on too.
            time.sleep(READING_SECONDS)
        return asked

    with ExitStack() as stack:
        # Made one after the other: Python 3.11 fails at times where two threads compile routes at once.
        client, *others = (stack.enter_context(served(address, cache_megabytes=0)) for _each in range(4))
        pool = stack.enter_context(ThreadPoolExecutor())
        asked = (EVENTS, TOTALS, EXPORT)
        readers = [pool.submit(read, other, query) for other, query in zip(others, asked, strict=True)]
        settled: dict[tuple[str, str], str] = {}
        try:
            for number in range(1, LOADS + 1):
                load_into(address, made(1 + number % 2))
                for query in asked:
                    revision, answer = told(client, query)
                    settled[query, revision] = answer
        finally:
            over.set()
        assert all(reader.result() > LOADS for reader in readers)
    assert len(settled) == LOADS * len(asked)
    for key, answers in seen.items():
        assert len(answers) == 1
        assert key not in settled or answers == {settled[key]}
