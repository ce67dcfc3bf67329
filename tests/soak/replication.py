"""What a primary and its standbys give: rates of one, two and three readers, seconds of failing, and long reads.

A reader is a server of its own, in front of a standby of its own.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPException
from pathlib import Path

import psycopg

from seeds.datasets import DATASETS
from tests.conftest import load_into
from tests.databases import Databases, Server, replicated
from tests.made import Made, made_event
from tests.many_events import EVENTS, EXPORT, many_events
from tests.running import ANSWER_SECONDS, LOOK_SECONDS, Running, running
from tests.soak.load import LIST, MIXED, SLOW_BYTES, SLOW_SECONDS, Load, ask

READERS, CLIENTS = 3, 4
# How long the export is read slowly, and how long PostgreSQL lets one hold up what the standby is sent.
SLOWLY_SECONDS, DELAY = 20, "2s"
FEEDBACK = {"hot_standby_feedback": "on", "wal_receiver_status_interval": "1s"}
# What may be done with long reads on a standby.
KEPT = {
    "neither": {"max_standby_streaming_delay": DELAY},
    "replay waits for them (max_standby_streaming_delay = -1)": {"max_standby_streaming_delay": "-1"},
    "hot_standby_feedback": {"max_standby_streaming_delay": DELAY, **FEEDBACK},
}
TICKS = os.sysconf("SC_CLK_TCK")


def replication(folder: Path, seconds: float, only: str) -> Iterator[tuple[str, str]]:
    """Rates and failures, then long reads."""
    if only in "replication":
        yield from _readers(folder, seconds)
    if only in "long reads":
        for what, settings in KEPT.items():
            with replicated(1, **settings) as servers:
                yield f"a long read: {what}", _long_read(servers, _filled(servers[0], folder), folder)


def _readers(folder: Path, seconds: float) -> Iterator[tuple[str, str]]:
    with replicated(READERS) as servers:
        address = _filled(servers[0], folder)
        for number in range(1, READERS + 1):
            yield f"rates, {number} of {READERS} readers", _rates(servers[1 : number + 1], address, folder, seconds)
        yield from _failures(servers, address, folder)


def _filled(primary: Server, folder: Path) -> str:
    """The address of a database on a primary with the corpus and some thousand events."""
    databases = Databases(primary.address, folder / str(primary.port))
    databases.folder.mkdir()
    corpus = databases.migrated()
    load_into(corpus, *DATASETS.values())
    return many_events(databases, corpus)


def _on(servers: list[Server], address: str, how: str = "") -> str:
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://postgres@{hosts}/{address.rpartition('/')[2]}{how}"


def _rates(standbys: list[Server], address: str, folder: Path, seconds: float) -> str:
    with ExitStack() as opened:
        readers = [opened.enter_context(running(_on([standby], address), folder)) for standby in standbys]
        for reader in readers:
            Load(reader.port, MIXED, 1).for_seconds(1)
        before = sum(map(_processor_seconds, readers))
        loads = [opened.enter_context(Load(reader.port, MIXED, CLIENTS).running()) for reader in readers]
        time.sleep(seconds)
        answers = sum(load.statuses.total() for load in loads)
        used = sum(map(_processor_seconds, readers)) - before
    return (
        f"{answers / seconds:.0f} answers/s on {used / seconds:.1f} cores, {answers / used:.0f} for each second of a core; "
        + "; ".join(map(str, loads))
    )


def _processor_seconds(server: Running) -> float:
    """What a server's workers have used of the processor so far."""
    return sum(
        sum(map(int, Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[11:13])) / TICKS
        for worker in server.workers()
    )


def _failures(servers: list[Server], address: str, folder: Path) -> Iterator[tuple[str, str]]:
    """A standby dies, then the primary, and a standby is promoted: for how long requests fail."""
    primary, first, second, *_rest = servers
    named = _on(servers, address, "?target_session_attrs=any&load_balance_hosts=random")
    with running(named, folder) as server:
        for what, fault in (
            ("a standby dies", first.die),
            ("the primary dies", primary.die),
            ("another standby is promoted", second.promote),
        ):
            asking = Load(server.port, MIXED, CLIENTS)
            with asking.running():
                time.sleep(1)
                fault()
                time.sleep(5)
            yield what, f"requests failed for {asking.longest_failing:.2f} s at the longest; {asking}"
        begun = time.monotonic()
        load_into(named, Made(made_events=[made_event("event-new", figures=[])]))
        while ask(server.port, "/v1/events/event-new") != "200":
            time.sleep(LOOK_SECONDS)
        yield "a load on the promoted one", f"is served after {time.monotonic() - begun:.1f} s"


def _long_read(servers: list[Server], address: str, folder: Path) -> str:
    """An export is read slowly from a standby while a load changes all of its events, and the primary is vacuumed."""
    standby = servers[1]
    with running(_on([standby], address), folder) as server, closing(server.connection()) as connection:
        # With room for all of it on this side the export would be over before it is read.
        connection.sock = socket.socket()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BYTES)
        connection.sock.settimeout(ANSWER_SECONDS)
        connection.sock.connect(("127.0.0.1", server.port))
        connection.request("GET", EXPORT)
        answer = connection.getresponse()
        got = answer.read(SLOW_BYTES).count(b"\n")
        until = time.monotonic() + SLOWLY_SECONDS
        # What the standby reads is told to the primary once a second.
        time.sleep(2)
        changed = [
            made_event(f"event-{number:05}", codes={"note": str(number)}, figures=[]) for number in range(EVENTS)
        ]
        load_into(address, Made(made_events=changed))
        with psycopg.connect(address, autocommit=True) as vacuuming:
            vacuuming.execute("VACUUM")
            token = _token(address)
        begun, behind = time.monotonic(), None
        try:
            while time.monotonic() < until:
                time.sleep(SLOW_SECONDS)
                got += answer.read(SLOW_BYTES).count(b"\n")
                if behind is None and _token(_on([standby], address)) == token:
                    behind = time.monotonic() - begun
            got += answer.read().count(b"\n")
            came = f"whole, {got:,} lines"
        except (OSError, HTTPException) as error:
            came = f"broken off ({type(error).__name__}) after {got:,} lines"
        arrived = "not while it was read" if behind is None else f"{behind:.1f} s after its vacuum"
        return f"{came}; the load arrived {arrived}; {LIST}: {ask(server.port, LIST)}"


def _token(address: str) -> str:
    with psycopg.connect(address, autocommit=True) as connection:
        return str(connection.execute("SELECT token FROM revision").fetchone())
