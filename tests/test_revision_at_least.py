"""A client that names the revision it has seen gets an answer of that one or a newer one, or is told when to ask again.

What several copies of one database do is in tests/test_standbys.py; here one stands for all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import application, close
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

PATHS = (
    "/v1/events?limit=1",
    "/v1/events/kawlin-town-captured-2023-11-06",
    "/v1/groups",
    "/v1/casualties/totals",
    "/v1/events?format=csv",
)


def asked(client: FlaskClient, path: str, wanted: str | None = None, **headers: str) -> TestResponse:
    named = {} if wanted is None else {"Revision-At-Least": wanted}
    return client.get(path, headers={**named, **headers})


def is_away(answer: TestResponse) -> None:
    """Holds that an answer tells to ask again for a revision that is not here."""
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/revision-away")
    assert int(answer.headers["Retry-After"]) > 0


@for_each("path", PATHS)
def test_an_answer_is_of_the_wanted_revision_or_a_newer_one(path: str, client: FlaskClient) -> None:
    first = asked(client, path)
    token, tag = first.headers["Revision"], first.headers["ETag"]
    number, name = token.split("-")
    older, other = f"{int(number) - 1}-{name}", f"{number}-00000000"
    # Now it may come from memory as well.
    for again in ({}, {}, {"If-None-Match": tag}):
        for wanted in (token, older, "0"):
            answer = asked(client, path, wanted, **again)
            assert (answer.status_code, answer.headers["Revision"]) == (304 if again else 200, token)
        # To wait brings no other one of that number.
        is_away(asked(client, path, other, **again))
    assert "Revision-At-Least" in first.headers["Vary"]


def test_what_is_no_revision_is_refused(client: FlaskClient) -> None:
    for wanted in ("", "7", "7-xyz", "-1-0a1b2c3d", "1" * 5000 + "-0a1b2c3d"):
        refused = asked(client, PATHS[0], wanted)
        assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (400, "Revision-At-Least")


def test_whoever_waits_for_a_revision_keeps_nobody_from_a_page(corpus_address: str) -> None:
    app = application(corpus_address, threads=1)
    tag = asked(app.test_client(), PATHS[0]).headers["ETag"]
    known: list[dict[str, str]] = [{}, {"If-None-Match": tag}]
    with ThreadPoolExecutor() as threads:
        waiting = [
            threads.submit(asked, app.test_client(), path, "999-0a1b2c3d", **more)
            for path, more in product(PATHS[:2], known)
        ]
        for n in range(1, 20):
            assert asked(app.test_client(), f"/v1/events?limit={n}").status_code == 200
        assert not any(each.done() for each in waiting)
        for each in waiting:
            is_away(each.result())
    close(app)
