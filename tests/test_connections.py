"""Whoever opens connections and is silent on them, or sends heads without end, keeps nobody from an answer.

On SQLite alone: what the server does with a connection does not depend on the database.
"""

from __future__ import annotations

import resource
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from api.server.connections import HEAD_BYTES
from tests.running import ANSWER_SECONDS, free_port, running
from tests.test_metrics import metrics

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="limits of open files are those of Linux"),
    pytest.mark.engines("sqlite"),
]

SILENT = 1_500
HALF_A_HEAD = b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: "


@contextmanager
def more_files(number: int) -> Iterator[None]:
    """Lets this process open so many more than it may usually."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(usual, number + 1_024)), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


def test_silent_connections_keep_nobody_from_an_answer(corpus_address: str, tmp_path: Path) -> None:
    # Each of two workers takes as many as one alone does.
    with running(corpus_address, tmp_path, workers=2) as server, more_files(SILENT), ExitStack() as opened:
        silent = [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS))
            for _ in range(SILENT)
        ]
        for half in silent[::2]:
            half.sendall(HALF_A_HEAD)
        for path in ("/health/live", "/health/ready", "/v1/events?limit=1"):
            assert server.status(path) == 200, path
        # Nobody was answered for the reason that these were closed before.
        polled = select.poll()
        for connection in silent:
            polled.register(connection, select.POLLIN)
        assert polled.poll(0) == []


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_connection_that_stays_silent_is_closed(corpus_address: str, tmp_path: Path, sent: bytes) -> None:
    sooner = "import api.server.connections as c, api.cli as cli; c._HEAD_SECONDS = 1; cli.main(['serve'])"
    with (
        running(corpus_address, tmp_path, (sys.executable, "-c", sooner)) as server,
        # Left to itself, the server would close it after as long as others wait for an answer.
        socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS / 2) as connection,
    ):
        connection.sendall(sent)
        while connection.recv(1 << 16):
            pass


def test_whoever_is_silent_where_metrics_are_told_is_cut(corpus_address: str, tmp_path: Path) -> None:
    sooner = "import api.operation.metrics as m, api.cli as cli; m._SILENT_SECONDS = 1; cli.main(['serve'])"
    with (
        running(corpus_address, tmp_path, (sys.executable, "-c", sooner), metrics_port=(port := free_port())) as server,
        socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection,
    ):
        assert connection.recv(1) == b""
        assert metrics(port)
        assert "Traceback" not in server.told()


def test_a_head_without_end_is_refused(corpus_address: str, tmp_path: Path) -> None:
    with (
        running(corpus_address, tmp_path) as server,
        socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS) as connection,
    ):
        connection.sendall(HALF_A_HEAD.ljust(HEAD_BYTES, b"a"))
        assert connection.recv(12) == b"HTTP/1.1 431"
        assert server.status() == 200
