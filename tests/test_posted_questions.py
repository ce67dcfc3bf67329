"""A question that is posted as JSON gets the answer and the refusals that the same question gets by GET."""

from __future__ import annotations

import http.client
import json
import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.answers.posted_questions import MOST_BODY_BYTES
from api.domain.codebook import values
from tests.described import described, resolved
from tests.running import ANSWER_SECONDS, Running, running
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

EVENTS = "/v1/events/query"
# As many senders as are waited for, and as many again are not.
SENDERS = 40
SQUARE = {"type": "Polygon", "coordinates": [[[94, 22], [97, 22], [97, 25], [94, 25], [94, 22]]]}


@pytest.fixture(scope="module")
def long_server(corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(corpus_address, tmp_path_factory.mktemp("long")) as server:
        server.wait_until_answered("/v1/events?limit=1")
        yield server


def posted(client: FlaskClient, path: str, body: object) -> TestResponse:
    return client.post(path, json=body)


@for_each(
    ("path", "body", "query"),
    [
        ("events", {}, {}),
        ("events", {"type": ["battles", "Riots"], "limit": 7, "sort": "date"}, {"type": "battles,riots", "limit": "7", "sort": "date"}),
        ("events", {"bbox": [94, 22, 97.5, 25], "facets": ["type"]}, {"bbox": "94,22,97.5,25", "facets": "type"}),
        ("events", {"near": [23.79, 95.68], "radius_km": 50}, {"near": "23.79,95.68", "radius_km": "50"}),
        ("events", {"group": ["AA"], "include_members": True}, {"group": "AA", "include_members": "true"}),
        ("events", {"within": SQUARE}, {"within": json.dumps(SQUARE)}),
        ("events", {"within": "mmr005"}, {"within": "mmr005"}),
        ("figures", {"group_by": ["type", "outlet"], "row": ["battles", None]}, {"group_by": "type,outlet", "row": "battles,"}),
        # One value, though it holds a comma.
        ("figures", {"source": ["Associated Press", "no one, as it were"]}, {"source": 'Associated Press,"no one, as it were"'}),
        ("groups", {"q": "arakan", "fields": ["id", "name"]}, {"q": "arakan", "fields": "id,name"}),
        ("casualties/totals", {"measure": ["killed"], "group_by": ["month"]}, {"measure": "killed", "group_by": "month"}),
        ("events/totals", {"group_by": ["type"], "format": "csv"}, {"group_by": "type", "format": "csv"}),
    ],
)  # fmt: skip
def test_posted_question_gets_the_answer_of_its_query(
    client: FlaskClient, path: str, body: object, query: dict[str, str]
) -> None:
    asked, meant = posted(client, f"/v1/{path}/query", body), client.get(f"/v1/{path}", query_string=query)
    assert (asked.status_code, asked.mimetype) == (meant.status_code, meant.mimetype)
    if meant.mimetype == "text/csv":
        assert asked.data == meant.data
        return
    ours, theirs = asked.get_json(), meant.get_json()
    # `next` and where a refusal happened are addresses of the question's own.
    own = {"next", "instance"}
    assert {key: ours[key] for key in ours.keys() - own} == {key: theirs[key] for key in theirs.keys() - own}


@for_each("name", ["id", "date_from", "type", "bbox", "q", "within", "LONG"])
def test_what_is_long_is_not_told_again(client: FlaskClient, name: str) -> None:
    long = "b" * (MOST_BODY_BYTES - 100)
    refused = posted(client, EVENTS, {long: "x"} if name == "LONG" else {name: long})
    assert refused.status_code == 400 and len(refused.data) < 20_000


# Of each kind of sign what could be read again and again from each place in it.
@for_each(
    "written",
    [
        "a",
        "a ",
        " ",
        '"',
        '"a ',
        '" ',
        '"a" ',
        "|",
        "a |",
        "*",
        "(*",
        "-",
        "1",
        "1.",
        "T1 ",
        ",",
        "\u00e9",
        "[",
        "\u0315\u0316",
        "\u1037\u0316",
    ],
)
def test_nothing_however_long_holds_up_a_worker(long_server: Running, written: str) -> None:
    length = MOST_BODY_BYTES // 4
    for name in ("q", "group", "location", "date_from", "near", "within", "limit", "sort", "fields", "row"):
        # No thread answers anybody while another reads what was asked, so that nobody would be answered here.
        begun = "2023-11-06T" if name == "date_from" else ""
        question = json.dumps({name: begun + (written * length)[:length] + "x"}, ensure_ascii=False)
        assert _posted(long_server, question.encode()) in (200, 400), name


def test_the_question_of_the_manual_is_answered(client: FlaskClient) -> None:
    manual = (Path(__file__).parent.parent / "docs" / "asking.md").read_text(encoding="utf-8")
    (question,) = re.findall(r"```json\n(.*?)```", manual, re.DOTALL)
    (row,) = posted(client, "/v1/casualties/totals/query", json.loads(question)).json["data"]
    asked = {name: each if isinstance(each, str) else ",".join(each) for name, each in json.loads(question).items()}
    (same,) = client.get("/v1/casualties/totals", query_string=asked).json["data"]
    assert row == same and row["best"] > 0


def test_every_list_and_total_with_filters_takes_posted_questions(client: FlaskClient) -> None:
    paths = described()["paths"]
    asked = {path for path in paths if f"{path}/query" in paths}
    assert {"/v1/events", "/v1/events/totals", "/v1/casualties/totals", "/v1/locations", "/v1/documents"} <= asked
    for path in sorted(asked):
        operation = paths[f"{path}/query"]["post"]
        schema = resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        by_get = [each for each in map(resolved, paths[path]["get"]["parameters"]) if each["in"] == "query"]
        assert set(schema["properties"]) == {each["name"] for each in by_get}
        assert posted(client, f"{path}/query", schema["example"]).json["returned"] > 0
        assert client.get(f"{path}/query").status_code in (404, 405)


def test_every_page_is_had_by_posting_to_next(client: FlaskClient) -> None:
    for first in ({"limit": 20}, {"limit": 20, "page": 1}):
        found, following = [], EVENTS
        while following is not None:
            answer = posted(client, following, first).json
            found += [record["id"] for record in answer["data"]]
            following = answer["next"]
        assert found == [record["id"] for record in client.get("/v1/events?limit=1000").json["data"]]


def test_more_ids_than_an_address_holds_are_taken(client: FlaskClient) -> None:
    known = [record["id"] for record in client.get("/v1/figures?limit=1000").json["data"]]
    ids = (known * 1000)[:400]
    assert sum(map(len, ids)) > 8192
    unique = list(dict.fromkeys(ids))
    assert posted(client, "/v1/figures/query", {"id": unique, "limit": 1000}).json["total"] == len(unique)
    # The parts of a list may stand in the address and in the body.
    both = posted(client, f"/v1/figures/query?id={unique[0]}", {"id": unique[1:3]}).json
    assert both["total"] == 3


def test_nothing_of_a_posted_question_is_cached(client: FlaskClient) -> None:
    one, other = (posted(client, EVENTS, {"kind": [kind]}) for kind in values("event_kind")[:2])
    assert one.json["data"] != other.json["data"]
    for answer in (one, other, client.post(EVENTS, json={}, headers={"If-None-Match": "*"})):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert "ETag" not in answer.headers


@for_each(
    ("body", "slug", "told"),
    [
        (b"", "invalid-body", "no JSON"),
        (b"[]", "invalid-body", "JSON object of parameters"),
        (b'{"q": "\xff"}', "invalid-body", "no JSON"),
        (b'{"limit": NaN}', "invalid-body", "'NaN' is no number"),
        (b"[" * 100_000, "invalid-body", "nested too deeply"),
        (b'{"limit": 1, "limit": 2}', "repeated-parameter", "stands twice"),
        (b'{"limit": "5"}', "invalid-value", "takes a whole number"),
        (b'{"limit": true}', "invalid-value", "takes a whole number"),
        (b'{"limit": null}', "invalid-value", "takes a whole number"),
        (b'{"include_members": "true"}', "invalid-value", "takes true or false"),
        (b'{"country": "MMR"}', "invalid-value", "takes an array"),
        (b'{"country": true}', "invalid-value", "takes an array"),
        (b'{"country": 5}', "invalid-value", "takes an array"),
        (b'{"country": []}', "invalid-value", "it is empty"),
        (b'{"country": [["MMR"]]}', "invalid-value", "takes an array"),
        (b'{"bbox": ["1", 2, 3, 4]}', "invalid-value", "takes an array of numbers"),
        (b'{"q": {"a": 1}}', "invalid-value", "takes text"),
        (b'{"q": "\\ud800"}', "invalid-body", "surrogate"),
        (b'{"\\ud800": 1}', "invalid-body", "surrogate"),
        (b'{"within": {"\\ud800": 1}}', "invalid-body", "surrogate"),
        (b'{"within": {"type": "Polygon", "coordinates": %s1%s}}' % (b"[" * 300, b"]" * 300), "invalid-value", "GeoJSON"),
        (b'{"within": {"type": "Polygon", "coordinates": [[[%s, 0], [1, 0], [1, 1], [0, 0]]]}}' % (b"9" * 30), "invalid-value", "GeoJSON"),
        (b'{"within": {"type": "Polygon", "coordinates": [%s]}}' % (b"9" * 400), "invalid-body", "no JSON"),
        (b'{"q": "a\\u0000b"}', "invalid-value", "control character"),
        (b'{"contry": ["MMR"], "limit": 0}', "unknown-parameter", "Did you mean 'country'?"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_question_is_refused(client: FlaskClient, body: bytes, slug: str, told: str) -> None:
    response = client.post(EVENTS, data=body, content_type="application/json")
    problem: dict[str, Any] = response.get_json(force=True)
    assert (response.status_code, problem["type"]) == (400, f"/problems/{slug}")
    assert told in problem["detail"]


def test_other_bodies_and_longer_ones_are_refused(client: FlaskClient) -> None:
    assert client.post(EVENTS, data={"limit": "1"}).status_code == 415
    packed = client.post(EVENTS, data=b"{}", content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415 and "Content-Encoding" in packed.json["detail"]
    # As PowerShell writes it.
    assert client.post(EVENTS, data=b"\xef\xbb\xbf{}", content_type="application/json").status_code == 200
    longest = b"{" + b" " * (MOST_BODY_BYTES - 2) + b"}"
    assert client.post(EVENTS, data=longest, content_type="application/json").status_code == 200
    assert client.post(EVENTS, data=longest + b" ", content_type="application/json").status_code == 413


def test_browsers_of_any_origin_may_post(client: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    headers = client.options(EVENTS, headers={"Origin": "https://maps.example", **asked}).headers
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert "content-type" in headers["Access-Control-Allow-Headers"].lower()


def test_whoever_sends_slowly_keeps_nobody_from_a_page(corpus_address: str, tmp_path: Path) -> None:
    head = (
        f"POST {EVENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    )
    with running(corpus_address, tmp_path) as server:
        # Sent in pieces without a length, a body is read whole.
        connection = server.connection()
        pieces = iter((b'{"limit"', b": 1}"))
        connection.request("POST", EVENTS, pieces, {"Content-Type": "application/json"}, encode_chunked=True)
        assert json.loads(connection.getresponse().read())["returned"] == 1
        connection.close()
        slow = [socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS) for _ in range(SENDERS)]
        for sender in slow:
            sender.sendall(head.encode())
        assert [server.status("/v1/events?limit=1") for _ in range(3)] == [200] * 3
        # Some dozens are waited for.
        assert _posted(server, b'{"limit": 1}') == 200
        slow += [socket.create_connection(("127.0.0.1", server.port), ANSWER_SECONDS) for _ in range(SENDERS)]
        for sender in slow[SENDERS:]:
            sender.sendall(head.encode())
        refused, _, _ = select.select(slow, [], [], ANSWER_SECONDS)
        assert {sender.recv(12)[9:] for sender in refused} == {b"503"}
        assert server.status("/v1/events?limit=1") == server.status() == 200
        # Of another address someone may always post.
        assert _posted(server, b'{"limit": 1}', "127.0.0.2") == 200
        for sender in slow:
            sender.close()
        until = time.monotonic() + ANSWER_SECONDS
        while _posted(server, b'{"limit": 1}') != 200:
            assert time.monotonic() < until


def _posted(server: Running, body: bytes, address: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=ANSWER_SECONDS, source_address=(address, 0)
    )
    with closing(connection):
        connection.request("POST", EVENTS, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
