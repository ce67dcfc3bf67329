"""What Prometheus is told: the metrics of all workers together, on a port of their own."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.running import ANSWER_SECONDS, START_SECONDS, free_port, running, started

pytestmark = pytest.mark.engines("sqlite")

OPERATING = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
ASKED = 12


def metrics(port: int) -> dict[tuple[str, str, str], float]:
    """What is told, by name, path and status."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=ANSWER_SECONDS) as answer:
        text = answer.read().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(one.name, one.labels.get("path", ""), one.labels.get("status", "")): one.value for one in samples}


def test_workers_are_measured_together(world_address: str, tmp_path: Path) -> None:
    port = free_port()
    with running(world_address, tmp_path, workers=2, metrics_port=port) as server:
        for _time in range(ASKED):
            # Each on a connection of its own, so that either worker may give it.
            assert server.status("/v1/events?limit=1") == 200
        assert server.status("/v1/events/nothing") == 404
        assert server.status("/secret/path") == 404
        told = metrics(port)
        assert told["conflict_events_requests_total", "/v1/events", "200"] == ASKED
        assert told["conflict_events_requests_total", "/v1/events", "404"] == 1
        # Whatever is asked, there are only so many paths.
        assert told["conflict_events_requests_total", "other", "404"] == 1
        assert told["conflict_events_request_seconds_count", "/v1/events", ""] == ASKED + 1
        assert told["conflict_events_response_bytes_sum", "/v1/events", ""] > 0
        assert told["conflict_events_database_up", "", ""] == 1
        assert told["conflict_events_reading_copies", "", ""] >= 1
        with closing(server.connection()) as connection:
            connection.request("GET", "/metrics")
            assert connection.getresponse().status == 404
        described = set(re.findall(r"`(conflict_events_[a-z_]+)`", OPERATING))
        names = {re.sub("_(count|sum|bucket|created)$", "", name) for name, _path, _status in told}
        assert names <= described and len(described - names) <= 2


def test_a_port_of_metrics_that_is_in_use_is_told(world_address: str, tmp_path: Path) -> None:
    port = free_port()
    with running(world_address, tmp_path, port=port), started(world_address, tmp_path, metrics_port=port) as second:
        assert second.process.wait(START_SECONDS) == 1
        assert f"Port {port} of 127.0.0.1 is in use." in second.told()
        assert "CONFLICT_EVENTS_METRICS_PORT" in second.told() and "Traceback" not in second.told()
