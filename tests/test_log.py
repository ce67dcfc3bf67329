"""The log has one line for each request, under the id that the answer carries, and tells no secret: no password, and not
what people search for."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.conftest import application, close
from tests.databases import Databases
from tests.running import running
from tests.sweep import for_each
from tests.test_seeds_cli import refused, run

pytestmark = pytest.mark.engines("sqlite")

SOUGHT = "zebrafish"
PASSWORD = "hunter2"


@for_each(
    "address",
    [
        f"mysql://me:{PASSWORD}@host/events",
        f"host=db user=me password={PASSWORD}",
        f"postgresql+psycopg2://me:{PASSWORD}@host/events",
        f"postgresql://me:{PASSWORD}@127.0.0.1:9/events",
        f"postgresql://me@127.0.0.1:9/events?password={PASSWORD}",
        f"postgresql://me:{PASSWORD}@127.0.0.1:9,127.0.0.1:10/events",
        f"postgresql://me@127.0.0.1:9/events?pasword={PASSWORD}",
    ],
)
def test_a_password_is_never_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    done = run("migrate")
    # A sentence, and no traceback.
    assert "DATABASE_URL" in refused(done) or "cannot be used" in refused(done)
    assert PASSWORD not in done.output


def test_each_request_is_one_line_under_the_id_of_its_answer(world_address: str, tmp_path: Path) -> None:
    with running(world_address, tmp_path, log_format="json") as server:
        asked = {}
        for path in ("/v1/events", "/v1/events.ndjson", "/v1/nothing", "/health/live"):
            connection = server.connection()
            connection.request("GET", f"{path}?q={SOUGHT}", headers={"Request-Id": "mine"})
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            asked[answer.headers["Request-Id"]] = {"path": path, "status": answer.status, "bytes": len(body)}
        lines = [json.loads(line) for line in server.told().splitlines() if line.startswith("{")]
    assert "mine" not in asked
    for identity, expected in asked.items():
        (line,) = (line for line in lines if line.get("id") == identity)
        assert {name: line[name] for name in expected} == expected
        assert (line["client"], line["method"], line["is_whole"]) == ("127.0.0.1", "GET", True)
    assert SOUGHT not in server.told()


@pytest.mark.parametrize("is_told", [False, True])
def test_a_query_is_logged_where_it_is_asked_for(
    world_address: str, caplog: pytest.LogCaptureFixture, is_told: bool
) -> None:
    app = application(world_address, log_queries=is_told)
    with caplog.at_level(logging.INFO, "api.requests"):
        app.test_client().get(f"/v1/events?q={SOUGHT}")
    assert "/v1/events" in caplog.text
    assert (SOUGHT in caplog.text) == is_told
    close(app)


def test_an_answer_that_is_sent_again_has_an_id_of_its_own(world: FlaskClient) -> None:
    first, second = (world.get("/v1/events?limit=2").headers["Request-Id"] for _time in range(2))
    assert first != second


@pytest.mark.engines("sqlite", "postgresql")
def test_a_failure_is_logged_without_what_was_searched_for(
    databases: Databases, world_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = application(world_address)

    def fail() -> str:
        with app.extensions["conflict_events"].engine.connect() as connection:
            connection.execute(text("SELECT absent FROM revision WHERE token = :sought"), {"sought": SOUGHT})
        return ""

    app.add_url_rule("/failure", "failure", fail)
    answer = app.test_client().get(f"/failure?q={SOUGHT}")
    assert answer.status_code == 500
    assert answer.json["instance"] == answer.headers["Request-Id"]
    assert answer.json["instance"] in caplog.text and "SELECT absent" in caplog.text
    assert SOUGHT not in caplog.text
    close(app)
