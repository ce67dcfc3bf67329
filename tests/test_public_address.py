"""Links speak of the address that a setting names, or of this machine; whatever else a request says is not believed.

On SQLite alone: none of it depends on the database.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import application, close
from tests.running import ANSWER_SECONDS, running
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

LIST = "/v1/events?limit=1"
PUBLIC = "https://Data.example/conflict/, http://other.example:8080"
# What a client may write, and a proxy that was not told to overwrite it passes on.
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/@evil.example",
    "X-Forwarded-Proto": "javascript",
    "X-Forwarded-Port": "1",
    "Forwarded": "host=evil.example;proto=javascript",
}


@contextmanager
def serving(address: str, **knobs: object) -> Iterator[FlaskClient]:
    app = application(address, **knobs)
    yield app.test_client()
    close(app)


def get(client: FlaskClient, host: str, path: str = LIST, **headers: str) -> TestResponse:
    return client.get(path, headers={"Host": host, **headers})


@for_each("host", ["localhost", "localhost:9000", "127.0.0.1:8000", "[::1]:8000", "LocalHost", "192.0.2.7:8000"])
def test_links_speak_of_the_host_that_is_this_machine(world_address: str, host: str) -> None:
    with serving(world_address, host="192.0.2.7") as client:
        answer = get(client, host)
        assert answer.json["next"].startswith(f"http://{host.lower()}{LIST}&cursor=")
        assert f"<http://{host.lower()}{LIST}" in ", ".join(answer.headers.getlist("Link"))


@for_each(
    ("host", "expected"),
    [
        ("data.example", "https://data.example/conflict"),
        ("DATA.example:443", "https://data.example/conflict"),
        ("other.example", "http://other.example:8080"),
    ],
)
def test_links_are_made_of_the_address_that_is_set(world_address: str, host: str, expected: str) -> None:
    with serving(world_address, public_urls=PUBLIC) as client:
        assert get(client, host).json["next"].startswith(f"{expected}{LIST}&cursor=")


@pytest.mark.parametrize("public", ["", PUBLIC])
@for_each(
    "host",
    [
        "",
        " ",
        "evil.example",
        "localhost@evil.example",
        "localhost,evil.example",
        "localhost/..",
        "localhost:x",
        "[::1",
    ],
)
def test_any_other_host_is_refused(world_address: str, public: str, host: str) -> None:
    with serving(world_address, public_urls=public) as client:
        # So that an answer to a good request is kept, which a bad one could be given.
        get(client, "data.example" if public else "localhost")
        for path in (LIST, "/", "/docs/", "/openapi.json"):
            refused = get(client, host, path)
            assert (refused.status_code, refused.json["type"]) == (400, "/problems/unknown-host")
            assert "evil" not in str(refused.headers)
        # Who asks for health may know this machine by no name.
        assert get(client, host, "/health/live").status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
@for_each("header", list(FORGED))
def test_a_header_that_nobody_named_changes_nothing(world_address: str, proxies: int, header: str) -> None:
    with serving(world_address, trusted_proxies=proxies, cache_megabytes=0) as client:
        for path in (LIST, "/"):
            plain = get(client, "localhost", path)
            forged = get(client, "localhost", path, **{header: FORGED[header]})
            assert forged.data == plain.data
            for answer in (plain, forged):
                del answer.headers["Request-Id"]
            assert forged.headers == plain.headers


def test_a_client_is_who_the_named_proxy_says(world_address: str) -> None:
    with serving(world_address, trusted_proxies=1, rate_limit="1 per day") as client:
        first, second = "192.0.2.1", "192.0.2.2"
        # The last one is the proxy's own; those before are the client's word.
        asked = [first, first, f"192.0.2.9, {first}", second]
        answers = [get(client, "localhost", **{"X-Forwarded-For": name}).status_code for name in asked]
        assert answers == [200, 429, 429, 200]


def test_a_request_with_no_host_or_two_is_refused_by_the_server(world_address: str, tmp_path: Path) -> None:
    with running(world_address, tmp_path) as server:
        own = f"Host: 127.0.0.1:{server.port}\r\n"
        for hosts, status in ((own, 200), (own + own, 400), (own + "Host: evil.example\r\n", 400), ("", 400)):
            with socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS) as connection:
                connection.sendall(f"GET {LIST} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
                assert connection.makefile("rb").readline().split()[1] == str(status).encode(), hosts
