"""Whatever clients ask for, and however slowly they read it, a worker stays within a stated size and health is answered.

On SQLite alone, whose pages are kept in the worker as well. `make soak` asks for longer, of both engines.
"""

from __future__ import annotations

import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from tests.databases import Databases
from tests.heavy import asked_heavily, heavy_questions, most_memory
from tests.many_events import many_events
from tests.running import ANSWER_SECONDS, LOOK_SECONDS, Running, running

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it"),
    pytest.mark.engines("sqlite"),
]

# A page of five megabytes, and so many who do not read it: kept for each of them it would be a gigabyte.
PAGE, READERS = "/v1/events?dataset=other&limit=1000", 200
# Megabytes that a worker may grow by: for them, and for heavy clients.
MOST_FOR_READERS, MOST_FOR_HEAVY = 250, 450
CLIENTS, ROUNDS = 30, 2


@pytest.fixture(scope="module")
def server(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of many events, with all defaults, that has answered each kind of question once."""
    with running(many_events(databases, corpus_address), tmp_path_factory.mktemp("heavy")) as found:
        for question in heavy_questions(1):
            assert asked_heavily(found.port, question) == "200", question[0]
        yield found


def test_pages_that_nobody_reads_take_no_memory_of_their_own(server: Running) -> None:
    with ExitStack() as opened, most_memory(server) as memory:
        unread = [opened.enter_context(_unread(server.port)) for _ in range(READERS)]
        statuses = Counter(each.recv(12)[9:] for each in unread)
        assert set(statuses) == {b"200", b"503"}, statuses
        for path in ("/health/live", "/health/ready", "/v1/events?limit=1"):
            assert server.status(path) == 200
    assert memory.growth < MOST_FOR_READERS
    assert asked_heavily(server.port, (PAGE, None)) == "200"


def _unread(port: int) -> closing[socket.socket]:
    """A connection on which the page is asked for, with next to no room for it on this side."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(ANSWER_SECONDS)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return closing(reader)


def test_heavy_clients_keep_a_worker_within_its_size(server: Running) -> None:
    with most_memory(server) as memory, ThreadPoolExecutor(CLIENTS) as clients:
        # From the second round on, since the first was asked before.
        questions = list(heavy_questions(ROUNDS + 1))[len(list(heavy_questions(1))) :]
        answers = [clients.submit(asked_heavily, server.port, question) for question in questions]
        while not all(answer.done() for answer in answers):
            assert server.status() == 200
            time.sleep(LOOK_SECONDS)
    statuses = Counter(answer.result() for answer in answers)
    assert set(statuses) <= {"200", "503"}, statuses
    assert memory.growth < MOST_FOR_HEAVY
