"""A body is waited for only so long, however it is sent, and whoever sends slowly harms nobody else of the same address.

On SQLite alone: what the server does with a body does not depend on the database.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import cycle, product
from pathlib import Path

import pytest

from api.domain.errors import BodyTooSlow
from tests.repeatedly import repeatedly
from tests.running import ANSWER_SECONDS, Running, running

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="connections are looked at as Linux shows them"),
    pytest.mark.engines("sqlite"),
]

EVENTS = "/v1/events/query"
HEAD = f"POST {EVENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
# Of each way to say where a body ends: a head with half of a body, and a piece more.
SLOWLY = {
    "with a length": (b'Content-Length: 99\r\n\r\n{"limit', b"1"),
    "in chunks": (b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"limit\r\n', b"1\r\n1\r\n"),
    # Whole, but for the chunk that says so.
    "without an end": (b'Transfer-Encoding: chunked\r\n\r\nc\r\n{"limit": 1}\r\n', b"1\r\n \r\n"),
}
# As `serve`, but that a body is waited for a shorter time than a request for a revision that does not come.
SOONER = "import api.server.slow_senders as s, api.cli as cli; s.BODY_SECONDS = 2; cli.main(['serve'])"
PIECES_A_SECOND = 5
MANY, BETWEEN_SECONDS = 20, 0.02


@pytest.fixture(scope="module")
def server(corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(corpus_address, tmp_path_factory.mktemp("slow"), (sys.executable, "-c", SOONER)) as found:
        found.wait_until_answered("/v1/events?limit=1")
        yield found


def connected(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS)


def answer_to(sender: socket.socket) -> tuple[int, str]:
    """The status and the body of what comes until the connection is closed."""
    received = b""
    while more := sender.recv(1 << 16):
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head[9:12]), body.decode()


def sent_slowly(server: Running, how: str, is_trickled: bool) -> tuple[int, str]:
    """The status and the problem that a body is answered with of which half comes, and then nothing or piece after piece."""
    begun, piece = SLOWLY[how]
    with connected(server) as sender, ExitStack() as sending:
        sender.sendall(HEAD.encode() + begun)

        def send_on() -> None:
            # It is read no further in the end.
            with suppress(OSError):
                sender.sendall(piece)

        if is_trickled:
            sending.enter_context(repeatedly(send_on, PIECES_A_SECOND))
        status, body = answer_to(sender)
        return status, json.loads(body)["type"]


def test_a_body_that_does_not_come_is_waited_for_only_so_long(server: Running) -> None:
    ways = list(product(SLOWLY, (False, True)))
    with ThreadPoolExecutor(len(ways)) as senders:
        answers = dict(zip(ways, senders.map(lambda way: sent_slowly(server, *way), ways), strict=True))
    assert answers == dict.fromkeys(ways, (408, f"/problems/{BodyTooSlow.slug}"))


def test_many_slow_bodies_are_each_told_as_what_they_are(server: Running) -> None:
    (worker,) = server.workers()
    files = Path(f"/proc/{worker}/fd")
    before = len(list(files.iterdir()))
    with ExitStack() as opened:
        senders = [opened.enter_context(connected(server)) for _ in range(MANY)]
        # Each begins a little later than the one before, on a connection as old.
        for sender, (begun, _piece) in zip(senders, cycle(SLOWLY.values()), strict=False):
            sender.sendall(HEAD.encode() + begun)
            time.sleep(BETWEEN_SECONDS)
        assert Counter(answer_to(sender)[0] for sender in senders) == {408: MANY}
    # To look at connections leaves no file open.
    assert len(list(files.iterdir())) < before + MANY


def test_others_of_the_same_address_are_answered_beside_a_slow_sender(server: Running) -> None:
    with connected(server) as sender, closing(server.connection()) as waiting:
        sender.sendall(HEAD.encode() + SLOWLY["with a length"][0])
        # It is worked on for longer than the body is waited for.
        waiting.request("GET", "/v1/events?limit=1", headers={"Revision-At-Least": "999-0a1b2c3d"})
        assert answer_to(sender)[0] == 408
        refused = waiting.getresponse()
        assert (refused.status, json.loads(refused.read())["type"]) == (503, "/problems/revision-away")
