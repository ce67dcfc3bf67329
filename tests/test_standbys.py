"""Reading scales out on PostgreSQL's own replication: a primary, two standbys, and a service that knows all three.

Real servers on this machine. Synchronous is nothing here, so that what a standby has not got yet can be seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from api.store.revision import NO_REVISION, SELECT_TOKEN
from tests.conftest import load_into
from tests.databases import QUICKEST, REPLICATED, Databases, Server, postgresql_folder, replicated
from tests.made import Made, made_event
from tests.running import ANSWER_SECONDS, LOOK_SECONDS, Running, running
from tests.test_seeds_cli import refused, run

pytestmark = pytest.mark.engines("postgresql")

# Within so many seconds a request that failed is answered again, whichever server is away (docs/operating.md).
BOUND_SECONDS = 10
LIST = "/v1/events?limit=1"
ASKED_TIMES = 20
# How long a client that always asks waits between two questions: it is to be refused often enough for the bound to show.
ASKING_SECONDS = BOUND_SECONDS / 50


def hosts(servers: list[Server]) -> str:
    return ",".join(f"127.0.0.1:{server.port}" for server in servers)


def asked(server: Running, path: str = LIST, **headers: str) -> tuple[int, dict[str, str]]:
    with closing(server.connection()) as connection:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def ask_one(server: Server, statement: str) -> str:
    with psycopg.connect(f"{server.address}/postgres", autocommit=True) as connection:
        return str(connection.execute(statement).fetchone()[0])  # type: ignore[index]  # it gives one row


@contextmanager
def always_answered(server: Running) -> Iterator[None]:
    """While the block lasts, what is asked is answered, if need be when it is asked again within the bound."""
    is_over, late = threading.Event(), []

    def ask(start: int) -> None:
        number, failing_since = start, None
        while not is_over.is_set():
            number += 1
            # A new question each time, which no cache answers.
            status, _headers = asked(server, f"/v1/events?limit={number % 1000 + 1}&fields=id")
            now = time.monotonic()
            failing_since = None if status == 200 else failing_since or now
            if failing_since is not None and now - failing_since > BOUND_SECONDS:
                late.append((status, now - failing_since))
                return
            time.sleep(ASKING_SECONDS)

    clients = [threading.Thread(target=ask, args=(start,)) for start in (0, 500)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        is_over.set()
        for client in clients:
            client.join()
    assert late == []


def wait_until(server: Running, token: str) -> dict[str, str]:
    """The headers of an answer of this revision or a newer one, which comes within the bound."""
    until = time.monotonic() + BOUND_SECONDS
    while True:
        status, headers = asked(server, Revision_At_Least=token)
        if status == 200:
            return headers
        assert time.monotonic() < until, server.told()
        time.sleep(LOOK_SECONDS)


def spread(servers: list[Server]) -> set[Server]:
    """Those of these servers that the service reads from, seen by ending its connections again and again: the next ones lead to a
    server by chance."""
    ours = "FROM pg_stat_activity WHERE client_port > 0 AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    found: set[Server] = set()
    for _ in range(ASKED_TIMES):
        found |= {
            server for server in servers if ask_one(server, f"SELECT count(pg_terminate_backend(pid)) {ours}") != "0"
        }
        if len(found) > 1:
            break
        time.sleep(10 * LOOK_SECONDS)
    return found


def test_reads_spread_over_standbys_and_outlive_each_server(
    databases: Databases, corpus_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgresql_folder()), prepend=":")
    monkeypatch.setenv("DATABASE_URL", corpus_address)
    assert run("backup", tmp_path / "corpus").exit_code == 0
    with replicated(2) as servers:
        primary, first, second = servers
        named = f"postgresql://postgres@{hosts(servers)}/postgres"
        # For whoever writes the primary is found, wherever it stands.
        monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres@{hosts(servers[::-1])}/postgres")
        assert run("restore", tmp_path / "corpus").exit_code == 0
        for_reading = f"{named}?target_session_attrs=prefer-standby&load_balance_hosts=random"
        with running(for_reading, tmp_path) as server, always_answered(server):
            assert spread([first, second]) == {first, second}

            # Whoever has seen the newer state is never given the older again.
            seen = wait_until(server, NO_REVISION)["revision"]
            for standby in (first, second):
                ask_one(standby, "SELECT pg_wal_replay_pause()")
            load_into(named, Made(made_events=[made_event("event-1", figures=[])]))
            loaded = ask_one(primary, SELECT_TOKEN)
            assert asked(server)[1]["revision"] == seen
            status, headers = asked(server, Revision_At_Least=loaded)
            assert (status, headers["retry-after"]) == (503, "5")
            # So with a cursor that the primary gave.
            status, headers = asked(server, f"/v1/changes?since={loaded}.1")
            assert (status, headers["retry-after"]) == (503, "5")
            ask_one(second, "SELECT pg_wal_replay_resume()")
            assert {wait_until(server, loaded)["revision"] for _ in range(ASKED_TIMES)} == {loaded}
            ask_one(first, "SELECT pg_wal_replay_resume()")

            first.die()
            wait_until(server, loaded)
            told = run("doctor")
            assert f"FAULT  host 127.0.0.1:{first.port}: " in told.stdout and refused(told) == "1 to mend."
            first.start(QUICKEST | REPLICATED)
            primary.die()
            wait_until(server, loaded)
            assert refused(run("load")).endswith("Start the primary, or promote a standby.")
            second.promote()
            load_into(named, Made(made_events=[made_event("event-2", figures=[])]))
            loaded = ask_one(second, SELECT_TOKEN)
            assert wait_until(server, loaded)["revision"] == loaded
            # The other standby follows the new primary.
            until = time.monotonic() + ANSWER_SECONDS
            while ask_one(first, SELECT_TOKEN) != loaded:
                assert time.monotonic() < until
                time.sleep(LOOK_SECONDS)
