"""The recipes of docs/deploying.md, run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.conftest import IS_CI
from tests.running import ANSWER_SECONDS, LOOK_SECONDS, START_SECONDS, free_port, running

pytestmark = pytest.mark.engines("sqlite")

DEPLOYING = (Path(__file__).parent.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
HOST = "data.example.org"
LIST = "/v1/events?limit=1"
# In tenths, of 10 at the most; with what needs no rights alone it was 79.
MOST_EXPOSED = 20
# For how long an answer may be cached here.
CACHED_SECONDS = 1


def recipe(language: str) -> str:
    """The one block of this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DEPLOYING, re.DOTALL)
    return str(found)


def test_every_command_is_one_that_the_shell_can_read() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DEPLOYING, re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), block


def systemd_analyze(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What systemd says of the unit."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "conflict-events.service"
    # What is started has to be there, and so has the user.
    there = recipe("ini").replace("/opt/conflict-events/.venv/bin/conflict-events", "/bin/true")
    unit.write_text(there.replace("User=conflict-events", "User=daemon"), encoding="utf-8")
    return subprocess.run([program, *arguments, str(unit)], capture_output=True, text=True, check=False)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    done = systemd_analyze(tmp_path, "verify")
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_finds_the_unit_well_locked_up(tmp_path: Path) -> None:
    done = systemd_analyze(tmp_path, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager")
    assert done.returncode == 0, done.stdout


@contextmanager
def nginx(backend: int, folder: Path) -> Iterator[int]:
    """The port of an nginx with the recipe's server in front of this port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        assert not IS_CI, "in CI nginx must be there"
        pytest.skip("nginx is not installed")
    port = free_port()
    server = recipe("nginx").replace("listen 80;", f"listen 127.0.0.1:{port};").replace(":8000;", f":{backend};")
    server = server.replace("/var/cache/nginx/conflict-events", str(folder / "cache"))
    settings = folder / "nginx.conf"
    settings.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{server}}}\n",
        encoding="utf-8",
    )
    with subprocess.Popen([program, "-c", str(settings), "-e", str(folder / "error.log")]) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while True:
                try:
                    asked(port, "/health/live")
                    break
                except requests.ConnectionError:
                    assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
                    time.sleep(LOOK_SECONDS)
            yield port
        finally:
            process.terminate()


def asked(port: int, path: str = LIST, **headers: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{port}{path}", headers={"Host": HOST, **headers}, timeout=ANSWER_SECONDS)


def test_nginx_caches_as_answers_say_and_then_asks_by_their_tag(world_address: str, tmp_path: Path) -> None:
    knobs = {"public_urls": f"http://{HOST}", "trusted_proxies": 1, "cache_seconds": CACHED_SECONDS}
    with running(world_address, tmp_path, **knobs) as server, nginx(server.port, tmp_path) as port:
        first = asked(port)
        assert (first.status_code, first.headers["X-Cache"]) == (200, "MISS")
        assert first.json()["next"].startswith(f"http://{HOST}{LIST}&cursor=")
        forged = {"X-Forwarded-Prefix": "/@evil.example", "X-Forwarded-Host": "evil.example"}
        assert asked(port, **forged).content == first.content
        # Each form is cached by itself.
        assert "Content-Encoding" not in asked(port, **{"Accept-Encoding": "identity"}).headers
        assert asked(port, **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
        held = asked(port, **{"If-None-Match": first.headers["ETag"]})
        assert (held.status_code, held.content) == (304, b"")
        time.sleep(CACHED_SECONDS + 1)
        again = asked(port)
        assert (again.headers["X-Cache"], again.content) == ("REVALIDATED", first.content)
        assert asked(port, "/v1/nothing").status_code == 404
        assert "X-Cache" not in asked(port, "/health/ready").headers
