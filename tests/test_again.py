"""Answers that are sent again: the same as if they were made anew, and for as long as the data is the same."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import ENGINES, application, close
from tests.databases import Databases
from tests.sweep import for_each
from tests.test_release_orders import removed

# What is sent again never reaches a database; whether its data has changed is for each database to say.
pytestmark = pytest.mark.engines("sqlite")

PATHS = (
    "/v1/events",
    "/v1/events?limit=1",
    "/v1/events/totals?group_by=type",
    "/v1/figures/totals?group_by=month",
    "/v1/groups?fields=id",
    "/v1/groups/crown-army",
    "/v1/codebook",
    "/v1/datasets",
)
# What clients may say beside the address.
MANNERS: tuple[Mapping[str, str], ...] = (
    {},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "zstd, br"},
    {"Origin": "https://maps.example"},
    {"Accept": "application/json"},
    {"Host": "127.0.0.1:8000"},
)


@contextmanager
def remembering_nothing(address: str) -> Iterator[Flask]:
    """An application that has answered nothing yet."""
    app = application(address)
    yield app
    close(app)


@pytest.fixture
def remembering(world_address: str) -> Iterator[Flask]:
    """The same for one test."""
    with remembering_nothing(world_address) as app:
        yield app


@pytest.fixture(scope="module")
def forgetful(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that makes every answer anew."""
    app = application(world_address, cache_megabytes=0)
    yield app.test_client()
    close(app)


@contextmanager
def reached(app: Flask) -> Iterator[list[str]]:
    """The addresses that the application itself is asked for."""
    found: list[str] = []

    def begin(_app: Flask) -> None:
        found.append(request.full_path.removesuffix("?"))

    with request_started.connected_to(begin, app):
        yield found


def told(response: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    """All that an answer says but its own id; the bytes of gzip hold the time."""
    packed = response.headers.get("Content-Encoding") == "gzip"
    headers = sorted(header for header in response.headers if header[0] != "Request-Id")
    return response.status, headers, gzip.decompress(response.data) if packed else response.data


@for_each("manner", MANNERS, ids=str)
def test_answer_is_sent_again_as_it_would_be_made(
    world_address: str, forgetful: FlaskClient, manner: Mapping[str, str]
) -> None:
    with remembering_nothing(world_address) as app:
        client = app.test_client()
        for path in PATHS:
            made = told(forgetful.get(path, headers=dict(manner)))
            with reached(app) as views:
                assert [told(client.get(path, headers=dict(manner))) for _time in range(3)] == [made] * 3, path
                assert views == [path]


@for_each("manner", MANNERS, ids=str)
def test_who_has_the_answer_is_told_so_in_the_same_words(
    remembering: Flask, forgetful: FlaskClient, manner: Mapping[str, str]
) -> None:
    client = remembering.test_client()
    tag = client.get("/v1/events", headers=dict(manner)).headers["ETag"]
    for written in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        asked = {**manner, "If-None-Match": written}
        made = forgetful.get("/v1/events", headers=asked)
        assert made.status_code == 304
        with reached(remembering) as views:
            assert told(client.get("/v1/events", headers=asked)) == told(made)
            assert views == []
    changed = client.get("/v1/events", headers={**manner, "If-None-Match": 'W/"other"'})
    assert changed.status_code == 200 and changed.data


def test_answer_is_made_for_who_has_it_not_after_others_had_it(remembering: Flask, forgetful: FlaskClient) -> None:
    tag = forgetful.get("/v1/events").headers["ETag"]
    client = remembering.test_client()
    with reached(remembering) as views:
        assert [client.get("/v1/events", headers={"If-None-Match": tag}).status_code for _time in range(2)] == [304] * 2
        assert len(views) == 1
        assert told(client.get("/v1/events")) == told(forgetful.get("/v1/events"))
        assert len(views) == 2
        assert client.get("/v1/events", headers={"If-None-Match": tag}).status_code == 304
        assert len(views) == 2


def test_head_has_the_headers_of_get(remembering: Flask) -> None:
    client = remembering.test_client()
    whole = client.get("/v1/events")
    for _time in range(2):
        head = client.head("/v1/events")
        assert head.data == b"" and told(head)[:2] == told(whole)[:2]
    assert told(client.get("/v1/events")) == told(whole)


@for_each(
    "path", ["/v1/events?contry=MMR", "/v1/groups/no-such-group", "/v1/events?format=csv", "/health/ready", "/docs"]
)
def test_faults_streams_and_pages_are_made_each_time(remembering: Flask, path: str) -> None:
    client = remembering.test_client()
    with reached(remembering) as views:
        assert told(client.get(path)) == told(client.get(path))
        assert len(views) == 2


@pytest.mark.engines(*ENGINES)
def test_nothing_is_sent_again_once_the_data_has_changed(databases: Databases, world_address: str) -> None:
    address = databases.copy(world_address)
    app = application(address)
    client = app.test_client()
    before = {path: client.get(path) for path in PATHS}
    removed(address, "isles")
    for path in PATHS[:4]:
        after = client.get(path, headers={"If-None-Match": before[path].headers["ETag"]})
        assert after.status_code == 200 and after.headers["ETag"] != before[path].headers["ETag"]
        assert told(client.get(path)) == told(after)
    close(app)


def test_what_is_sent_again_counts_against_the_limit(world_address: str) -> None:
    app = application(world_address, rate_limit="4 per minute; 100 per hour")
    client = app.test_client()
    answers = [client.get("/v1/events") for _time in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert left == ["r=3", "r=2", "r=1", "r=0"]
    names = [sorted(name for name, _value in answer.headers) for answer in answers]
    assert names == [names[0]] * 4
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"requests";q=4;w=60'}
    refused = client.get("/v1/events")
    assert refused.status_code == 429 and refused.json["type"] == "/problems/too-many-requests"
    other = client.get("/v1/events", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200 and "r=3" in other.headers["RateLimit"]
    close(app)


def test_little_memory_keeps_what_was_asked_last(world_address: str) -> None:
    app = application(world_address, cache_megabytes=1)
    client = app.test_client()
    paths = [f"/v1/events?limit={size}" for size in range(1, 400)]
    for path in paths:
        client.get(path)
    with reached(app) as views:
        client.get(paths[-1])
        assert views == []
        client.get(paths[0])
        assert views == [paths[0]]
    close(app)
