"""Rate limits that two workers share by a Redis server, which may go away."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis

from tests.conftest import IS_CI
from tests.running import START_SECONDS, Running, free_port, running

pytestmark = pytest.mark.engines("sqlite")

MOST = 6


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's server, which keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        assert not IS_CI, "in CI Redis must run"
        pytest.skip("redis-server is not installed")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.1), START_SECONDS * 10)
            with closing(redis.Redis(port=port, retry=retry)) as client:
                client.ping()
            yield process
        finally:
            process.kill()


def asked(server: Running) -> tuple[int, str | None]:
    """The status of an answer, on a connection of its own, so that either worker may give it; and what is left."""
    with closing(server.connection()) as connection:
        connection.request("GET", "/v1/codebook")
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["RateLimit"]


def test_two_workers_count_together(world_address: str, tmp_path: Path) -> None:
    port = free_port()
    knobs = {"workers": 2, "rate_limit": f"{MOST} per hour", "rate_limit_storage": f"redis://127.0.0.1:{port}"}
    with redis_server(tmp_path, port) as store, running(world_address, tmp_path, **knobs) as server:
        statuses = [asked(server)[0] for _time in range(2 * MOST)]
        # Those before were about health.
        allowed = statuses.count(200)
        assert 0 < allowed <= MOST
        assert statuses == [200] * allowed + [429] * (2 * MOST - allowed)
        # Without the store each worker counts by itself, from nothing on.
        store.kill()
        store.wait()
        assert asked(server)[0] == 200
