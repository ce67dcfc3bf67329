"""Nobody stops the service for the others: what is too dear is ended, slots are kept apart, stalled readers are cut.

Each through a real socket. On SQLite, but for what a database itself does.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask, Response
from sqlalchemy import text
from werkzeug.serving import make_server

from api.answers import admission, totals
from api.answers.service import reading
from api.columns.snapshot import Snapshot
from api.columns.statements import CompiledStatement
from api.domain import deadlines
from api.domain.errors import MOST_SUGGESTED, MOST_TOLD
from api.store.driver_rows import fetch_rows
from tests.conftest import ENGINES, IS_CI, application, close
from tests.databases import QUICKEST, Databases, postgresql_folder, postgresql_server
from tests.many_events import EVENTS, EXPORT, many_events
from tests.running import ANSWER_SECONDS, Running, running
from tests.sweep import for_each

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="connections are cut and processes stopped as on Linux"),
    pytest.mark.engines("sqlite"),
]

TOTAL = "/v1/events/totals?group_by=month"
SNAPSHOT = "/v1/datasets/other/snapshot.zip"
SLOTS, STALLED_SECONDS = 2, 3
# A request here works no longer than that.
REQUEST_SECONDS = 2
# Less than any file takes that is sent.
FEW_BYTES = 1_000


@pytest.fixture(scope="module")
def server(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with few slots for exports, that cuts readers off soon."""
    folder = tmp_path_factory.mktemp("overload")
    with running(
        many_events(databases, corpus_address),
        folder,
        exports=SLOTS,
        stalled_seconds=STALLED_SECONDS,
        rate_limit="900 per hour",
    ) as found:
        yield found


def asked(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of an answer on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def wait_for_answer(port: int, path: str) -> None:
    until = time.monotonic() + ANSWER_SECONDS
    while asked(port, path)[0] != 200:
        assert time.monotonic() < until, path
        time.sleep(0.1)


@contextmanager
def stalled(port: int, path: str, until: float = 0) -> Iterator[http.client.HTTPResponse]:
    """An answer that has begun to arrive and is not read; where there is no slot for it, asked again until then."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        while answer.status == 503 and time.monotonic() < until:
            answer.read()
            time.sleep(0.1)
            connection.request("GET", path)
            answer = connection.getresponse()
        with answer:
            assert answer.status == 200
            yield answer


# --- Slots -------------------------------------------------------------------------------------------------------


def test_stalled_readers_keep_slots_of_exports_alone_and_are_cut(server: Running) -> None:
    assert asked(server.port, SNAPSHOT)[0] == 200
    with ExitStack() as opened:
        unread = [opened.enter_context(stalled(server.port, EXPORT)) for _ in range(SLOTS)]
        status, headers, body = asked(server.port, EXPORT)
        assert status == 503 and int(headers["retry-after"]) > 0
        problem = json.loads(body)
        assert (
            problem["type"] == "/problems/busy"
            and f"exports as may be worked on at once, {SLOTS}," in problem["detail"]
        )
        for path in ("/v1/events?limit=1", "/v1/events/event-00001", TOTAL, "/health/live", "/health/ready"):
            assert asked(server.port, path)[0] == 200, path
        # A snapshot is one of them, also where it stands.
        assert asked(server.port, SNAPSHOT)[0] == 503
        # As many others are answered at once as there are slots: all that stalled have lost theirs.
        for _ in unread:
            opened.enter_context(stalled(server.port, EXPORT, until=time.monotonic() + ANSWER_SECONDS))
        for answer in unread:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                answer.read()


def test_answers_that_are_no_totals_or_exports_are_told_as_a_class(
    corpus_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_QUEUE_SECONDS", 0)
    app = application(corpus_address, threads=1)
    client, slots = app.test_client(), app.extensions["conflict_events"].slots
    for taken, path, told in (
        (slots.answers, "/v1/events?limit=1", "As many answers as may be worked on at once, 1, are."),
        (slots.totals, TOTAL, "As many totals as may be worked on at once, 4, are."),
    ):
        for _ in range(taken.number):
            taken.take()
        answer = client.get(path)
        assert answer.status_code == 503 and answer.json["detail"].startswith(told), answer.text
        for _ in range(taken.number):
            taken.leave()
        assert client.get(path).status_code == 200
    close(app)


def test_a_reader_that_stays_is_not_cut(server: Running) -> None:
    # It stalls twice, for longer in all than it may at once.
    with stalled(server.port, EXPORT) as answer:
        lines = 0
        for _ in range(2):
            time.sleep(STALLED_SECONDS * 0.7)
            lines += answer.read(6_000_000).count(b"\n")
        assert lines + answer.read().count(b"\n") == EVENTS


def test_health_is_not_counted_against_a_rate(server: Running) -> None:
    for path in ("/health/live", "/health/ready"):
        assert not [name for name in asked(server.port, path)[1] if "ratelimit" in name]
    assert [name for name in asked(server.port, "/v1/groups")[1] if "ratelimit" in name]


# --- A full disk -------------------------------------------------------------------------------------------------


@for_each("form", ["xlsx", "parquet"])
def test_a_file_that_cannot_be_finished_is_not_sent(server: Running, form: str) -> None:
    asked_for = f"/v1/events?dataset=op1027&format={form}"
    # Without room no reading copy is made either.
    wait_for_answer(server.port, "/v1/events?limit=1")
    with no_room_in(server.workers()):
        status, headers, _body = asked(server.port, asked_for)
        assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert asked(server.port, asked_for)[0] == 200


@contextmanager
def no_room_in(processes: Sequence[int]) -> Iterator[None]:
    """While the block lasts no file of these processes can grow beyond a few bytes, as on a disk that is full."""
    usual = {process: resource.prlimit(process, resource.RLIMIT_FSIZE) for process in processes}
    for process, (_soft, hard) in usual.items():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (FEW_BYTES, hard))
    try:
        yield
    finally:
        for process, limits in usual.items():
            resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


# --- Suggestions -------------------------------------------------------------------------------------------------


@for_each("parameter", ["id", "document", "group", "claimant"])
def test_a_thousand_unknown_values_get_a_short_answer(server: Running, parameter: str) -> None:
    unknown = ",".join(f"event-{number}" for number in range(9_000, 9_500))
    status, _headers, body = asked(server.port, f"/v1/events?{parameter}={unknown}")
    faults = json.loads(body)["errors"]
    assert status == 400 and len(faults) == MOST_TOLD and len(body) < 20_000
    assert sum("candidates" in fault for fault in faults) <= MOST_SUGGESTED


def test_a_thousand_unknown_parameters_get_a_short_answer(server: Running) -> None:
    status, _headers, body = asked(server.port, "/v1/events?" + "&".join(f"x{number}=" for number in range(1_000)))
    assert status == 400 and len(body) < 50_000
    assert "980 more things are wrong" in json.loads(body)["detail"]


# --- Deadlines ---------------------------------------------------------------------------------------------------

_FOR_EVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(3600)",
}


def by_the_driver(snapshot: Snapshot) -> Any:
    return fetch_rows(snapshot.connection, _FOR_EVER[snapshot.connection.dialect.name], ())


def by_sqlalchemy(snapshot: Snapshot) -> Any:
    return snapshot.connection.execute(text(_FOR_EVER[snapshot.connection.dialect.name])).all()


def by_the_copy(snapshot: Snapshot) -> Any:
    return snapshot.copy.rows(CompiledStatement("SELECT count(*) FROM range(1000000000000) a, range(1000) b", {}))


def by_our_own_code(_snapshot: Snapshot) -> Any:
    while True:
        deadlines.check("going round in circles")


ENDLESS: Sequence[Callable[[Snapshot], Any]] = (by_the_driver, by_sqlalchemy, by_the_copy, by_our_own_code)


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """The port at which an application is served by a thread of this process."""
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield listening.server_port
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.mark.engines(*ENGINES)
def test_whatever_takes_too_long_is_ended_and_told(corpus_address: str) -> None:
    app = application(corpus_address, request_seconds=REQUEST_SECONDS)
    for work in ENDLESS:

        def view(work: Callable[[Snapshot], Any] = work) -> Response:
            with reading() as snapshot:
                work(snapshot)
            raise AssertionError("it came to an end")

        app.add_url_rule(f"/{work.__name__}", work.__name__, view)
    with serving(app) as port, ThreadPoolExecutor() as clients:
        # Nobody is to wait for the reading copy.
        wait_for_answer(port, "/v1/events?limit=1")
        answers = list(clients.map(lambda work: asked(port, f"/{work.__name__}"), ENDLESS))
        for (status, headers, body), doing in zip(
            answers, ("reading rows", "reading rows", "selecting and counting", "going round in circles"), strict=True
        ):
            problem = json.loads(body)
            assert (status, problem["type"]) == (503, "/problems/too-dear"), problem
            assert f"for {REQUEST_SECONDS} seconds" in problem["detail"] and doing in problem["detail"]
            assert int(headers["retry-after"]) > 0
        # What was interrupted serves again.
        wait_for_answer(port, "/v1/events?limit=1")
    close(app)


def test_the_rows_of_a_total_are_written_no_longer_than_a_request_may_work(
    corpus_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Any] = []

    def slow_line(row: Any) -> bytes:
        rows.append(row)
        time.sleep(0.2)
        return b""

    monkeypatch.setattr(totals, "csv_line", slow_line)
    monkeypatch.setattr(deadlines, "ITEMS_BETWEEN_CHECKS", 1)
    app = application(corpus_address, request_seconds=REQUEST_SECONDS)
    answer = app.test_client().get("/v1/figures/totals?group_by=document,measure,location&format=csv")
    assert answer.status_code == 503 and "writing the rows of a total" in answer.json["detail"]
    assert len(rows) <= REQUEST_SECONDS / 0.2
    close(app)


# --- A database that hangs ---------------------------------------------------------------------------------------


def first_process(address: str) -> int:
    """The process of PostgreSQL that started all others at this address."""
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        status = Path(f"/proc/{row[0]}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))


@contextmanager
def hung(address: str) -> Iterator[None]:
    """While the block lasts PostgreSQL takes connections and statements and answers none."""
    first = first_process(address)
    # One that ends stays listed as long as the first is stopped, so that none of these numbers is another's meanwhile.
    os.kill(first, signal.SIGSTOP)
    others = [int(process) for process in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
    for process in others:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in [*others, first]:
            os.kill(process, signal.SIGCONT)


# As `serve`, but that a server that does not answer, and a slot, are waited for shorter.
SOONER = """
import api.answers.admission as admission, api.store.database as database, api.cli as cli
database.CONNECT_SECONDS = database.FIRST_QUERY_SECONDS = admission._QUEUE_SECONDS = 2
cli.main(["serve"])
"""


@pytest.mark.skipif(postgresql_folder() is None and not IS_CI, reason="PostgreSQL's programs are not installed")
def test_a_database_that_hangs_is_told_as_away_and_health_is_not_silent(tmp_path: Path) -> None:
    # A server of its own, since others of this run would hang as well.
    with postgresql_server(QUICKEST) as own, ExitStack() as opened:
        address = Databases(own, tmp_path).migrated()
        # Fewer slots for answers than requests that hang: were health one of them, it would wait as well.
        server = opened.enter_context(running(address, tmp_path, (sys.executable, "-c", SOONER), threads=2))
        once, again = "/v1/events?limit=1", "/v1/events?limit=2"
        # Connections that stand already hang as well as new ones.
        assert asked(server.port, once)[0] == 200
        with hung(address), ThreadPoolExecutor() as clients:
            paths = (once, again, TOTAL, "/v1/events/of-this-id", "/health/ready")
            waiting = [clients.submit(asked, server.port, path) for path in paths]
            assert asked(server.port, "/health/live")[0] == 200
            # Each client would have given up after a while.
            assert {answer.result()[0] for answer in waiting} == {503}
        assert asked(server.port, again)[0] == 200
