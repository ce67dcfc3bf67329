"""An export that cannot go on is seen to be broken, whoever reads it: here a page of SQLite is damaged, or PostgreSQL ends
the connection in the middle.

The server is told of it by its own clients in tests/test_server.py; here are those that people use, and nginx.
"""

from __future__ import annotations

import http.client
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests

from tests.conftest import ENGINES, IS_CI
from tests.databases import Databases
from tests.many_events import EVENTS, EXPORT, many_events
from tests.running import ANSWER_SECONDS, START_SECONDS, Running, free_port, running
from tests.test_server import BEFORE_DAMAGE, DAMAGED, damage

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at as Linux shows them"),
    pytest.mark.engines("sqlite"),
]
# What is answered once there is a reading copy.
LIST = "/v1/events?limit=1"
# How curl tells that a transfer was cut: by an answer that ends too early, or by its connection.
CUT = (18, 56)


@dataclass
class Breaking:
    """A server whose export breaks when it is told to, if not by itself."""

    server: Running
    break_off: Callable[[], None]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture(scope="module")
def breaking(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breaking]:
    """A server of many events on each engine."""
    events = many_events(databases, corpus_address)
    folder = tmp_path_factory.mktemp("breaking")
    if databases.server is None:
        damaged = databases.copy(events)
        damage(Path(damaged.removeprefix("sqlite:///")), DAMAGED)
        with running(damaged, folder) as server:
            server.wait_until_answered(LIST)
            yield Breaking(server, lambda: None)
        return

    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    # Connected beforehand: while a connection is made all of an export might get through.
    with running(events, folder) as server, psycopg.connect(events, autocommit=True) as connection:
        server.wait_until_answered(LIST)

        def end_connections() -> None:
            connection.execute(f"{others} AND pid <> pg_backend_pid()")

        yield Breaking(server, end_connections)


@pytest.mark.skipif(shutil.which("curl") is None and not IS_CI, reason="curl is not installed")
@pytest.mark.engines(*ENGINES)
def test_curl_fails(breaking: Breaking) -> None:
    with subprocess.Popen(["curl", "--silent", breaking.address + EXPORT], stdout=subprocess.PIPE) as curl:
        assert curl.stdout is not None
        begun = curl.stdout.read(1)
        # What it has taken is not read, so it takes no more.
        breaking.break_off()
        lines = (begun + curl.stdout.read()).count(b"\n")
    assert curl.returncode in CUT
    assert 0 < lines < EVENTS
    # It says beforehand how many there should be, and goes on serving.
    head = requests.head(breaking.address + EXPORT, timeout=ANSWER_SECONDS)
    assert (head.status_code, head.headers["Total-Count"]) == (200, str(EVENTS))


@pytest.mark.engines(*ENGINES)
def test_requests_raises(breaking: Breaking) -> None:
    plain = {"Accept-Encoding": "identity"}
    with requests.get(breaking.address + EXPORT, stream=True, timeout=ANSWER_SECONDS, headers=plain) as answer:
        assert answer.status_code == 200
        breaking.break_off()
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = answer.content


def test_what_is_packed_is_not_whole_either(breaking: Breaking) -> None:
    # requests asks for a packed answer by itself. All that comes before the damage is so little that it may not have left.
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        _ = requests.get(breaking.address + EXPORT, timeout=ANSWER_SECONDS).content


def test_pandas_raises(breaking: Breaking) -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        pandas.read_json(breaking.address + EXPORT, lines=True)


# --- HTTP/1.0 ----------------------------------------------------------------------------------------------------


def asked_by_old_client(port: int, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """The answer to a request of HTTP/1.0: its end is the end of the connection."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        with connection.makefile("rb") as found:
            status = int(found.readline().split()[1])
            headers = http.client.parse_headers(found)
            return status, headers, found.read()


def test_an_old_client_gets_all_of_a_measured_length_or_nothing(breaking: Breaking) -> None:
    status, headers, body = asked_by_old_client(breaking.server.port, EXPORT + f"&limit={BEFORE_DAMAGE // 2}")
    assert (status, headers["Content-Length"]) == (200, str(len(body)))
    assert body.count(b"\n") == BEFORE_DAMAGE // 2
    status, headers, body = asked_by_old_client(breaking.server.port, EXPORT)
    assert status == 500 and headers["Content-Type"] == "application/problem+json"


# --- nginx -------------------------------------------------------------------------------------------------------

_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{newer};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        location / {{ proxy_pass {address}; }}
    }}
    server {{
        listen 127.0.0.1:{older};
        proxy_http_version 1.0;
        location / {{ proxy_pass {address}; }}
    }}
}}
"""


def nginx_program() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def nginx(address: str, folder: Path) -> Iterator[tuple[int, int]]:
    """The ports of an nginx in front of the server at this address: one that asks over HTTP/1.1, and one over HTTP/1.0."""
    program = nginx_program()
    if program is None:
        assert not IS_CI, "in CI nginx must be there"
        pytest.skip("nginx is not installed")
    newer, older = free_port(), free_port()
    # Its workers may be of another user.
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX.format(folder=folder, newer=newer, older=older, address=address))
    with subprocess.Popen([program, "-c", str(settings), "-e", str(folder / "error.log")]) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while True:
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", older)) == 0:
                        break
                assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
                time.sleep(0.05)
            yield newer, older
        finally:
            process.terminate()


def test_nginx_passes_the_break_on(breaking: Breaking, tmp_path: Path) -> None:
    with nginx(breaking.address, tmp_path) as (newer, older):
        plain = {"Accept-Encoding": "identity"}
        with requests.get(
            f"http://127.0.0.1:{newer}{EXPORT}", stream=True, timeout=ANSWER_SECONDS, headers=plain
        ) as cut:
            assert cut.status_code == 200
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                _ = cut.content
        raw = requests.get(f"http://127.0.0.1:{newer}{EXPORT}", stream=True, timeout=ANSWER_SECONDS)
        with raw, pytest.raises((requests.exceptions.RequestException, zlib.error)):
            _ = raw.content
        # Over HTTP/1.0 it could not know, and would make a whole answer of it.
        assert requests.get(f"http://127.0.0.1:{older}{EXPORT}", timeout=ANSWER_SECONDS).status_code == 500
        whole = requests.get(f"http://127.0.0.1:{older}{EXPORT}&limit=1000", timeout=ANSWER_SECONDS)
        assert sum(1 for _line in io.BytesIO(whole.content)) == 1_000
