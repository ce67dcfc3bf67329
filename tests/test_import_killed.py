"""An import that is killed leaves what was there, and the next one comes to the same as if nothing had happened.

The import is a process of its own, and the signal is the one that nothing can catch.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seeds.corpus.files import SEEDS
from seeds.datasets import IMPORTERS
from tests.conftest import load_into
from tests.databases import Databases
from tests.made_release import made_release
from tests.stored import answers, changes, last_change, rows, served, state

# The standing release, and the newer one that is killed: it changes all of it, withdraws some and brings much more. Of that
# the next import brings the first rows, which the killed one had written.
STANDING, NEWER, NEXT = 60, 600, 150
# How much of the file has been read when the import is killed: most of what comes before is written by then.
LEAST_PERCENT = 60
PATIENCE_SECONDS = 120
COMMAND = (sys.executable, "-c", "from api.cli import main; main()", "import", "ucdp-ged")


@dataclass(frozen=True)
class Releases:
    """A database with the corpus and a release, which is not to be written to, and the files of newer ones."""

    address: str
    newer: Path
    next: Path


@pytest.fixture(scope="module")
def releases(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("releases")
    standing, newer, following = (folder / f"ged{version}1.csv" for version in (23, 24, 25))
    made_release(standing, STANDING, seed=1, first_id=100_000 - STANDING // 20)
    made_release(newer, NEWER, seed=2)
    made_release(following, NEXT, seed=2)
    address = databases.copy(corpus_address)
    load_into(address, IMPORTERS["ucdp-ged"](standing))
    return Releases(address, newer, following)


@contextmanager
def importing(address: str, path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An import on its way, and the terminal that it writes to; over when the block is."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(path)],
        cwd=SEEDS.parent,
        env={**os.environ, "DATABASE_URL": address, "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=follower,
    )
    os.close(follower)
    try:
        yield process, leader
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def wait_until_most_is_read(terminal: int) -> None:
    """Waits until the progress bar says so."""
    seen, until = b"", time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        seen += os.read(terminal, 1 << 12)
        if any(int(percent) >= LEAST_PERCENT for percent in re.findall(rb"(\d+)%", seen)):
            return
    raise AssertionError(f"the import has not come far: {seen[-200:]!r}")


def kill_in_the_middle(address: str, path: Path) -> None:
    """Kills an import that has begun to write."""
    with importing(address, path) as (process, terminal):
        wait_until_most_is_read(terminal)
        assert process.poll() is None, "the import is over before it could be killed"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_a_killed_import_leaves_no_trace_and_the_next_is_clean(releases: Releases, databases: Databases) -> None:
    address, undisturbed = databases.copy(releases.address), databases.copy(releases.address)
    number, before = last_change(address), rows(address)
    with served(address, cache_megabytes=0) as client:

        def told() -> tuple[str, dict[str, Any]]:
            return client.get("/v1/events?limit=1").json["coverage"]["revision"], answers(client)

        was = told()
        kill_in_the_middle(address, releases.newer)
        assert told() == was
        assert client.get("/health/ready").status_code == 200
        assert rows(address) == before
        for into in (address, undisturbed):
            load_into(into, IMPORTERS["ucdp-ged"](releases.next))
        assert client.get("/v1/events?dataset=ucdp-ged&limit=1").json["total"] == NEXT
        with served(undisturbed) as other:
            assert answers(client) == answers(other)
    assert changes(address, number) == changes(undisturbed, number)
    assert state(address) == state(undisturbed)


def test_a_first_import_that_is_killed_leaves_no_dataset(
    databases: Databases, corpus_address: str, releases: Releases
) -> None:
    address = databases.copy(corpus_address)
    before = rows(address)
    kill_in_the_middle(address, releases.newer)
    assert rows(address) == before
    with served(address) as client:
        assert [dataset["id"] for dataset in client.get("/v1/datasets").json["data"]] == ["gazetteer", "op1027"]
