"""Whoever reads while an import runs sees the release that stood or the new one, and never some of each.

The import is a process of its own, as it is in operation; readers ask over HTTP again and again.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from seeds.corpus.files import SEEDS
from seeds.datasets import IMPORTERS
from tests.conftest import load_into
from tests.databases import Databases
from tests.made_release import made_release
from tests.stored import served

# More events than one batch of a stream holds; the newer release changes all of them and brings more.
STANDING, NEWER = 210, 300
LIST = "/v1/events?dataset=ucdp-ged&kind=incident,aggregate&limit=1000&fields=id,title"
TOTALS = "/v1/casualties/totals?dataset=ucdp-ged&measure=killed"
BY_YEAR = f"{TOTALS}&group_by=year"
EXPORT = "/v1/events?dataset=ucdp-ged&kind=incident,aggregate&format=csv"
# Answers from before the import that a reader has to have seen, so that it is sure to have read while it ran.
LEAST_SEEN = 3
# How long a reader waits between two rounds of questions, of which there are dozens in an import.
READING_SECONDS = 0.05


class State(NamedTuple):
    """A release as its rows say: how many events, and how many dead."""

    events: int
    killed: int


@dataclass(frozen=True)
class Releases:
    """A database with a release, which is not to be written to, and a newer one."""

    address: str
    standing: State
    newer: State
    file: Path


def _release(path: Path, count: int, seed: int) -> State:
    rows = made_release(path, count, seed=seed)
    return State(len(rows), sum(int(row["best"]) for row in rows))


@pytest.fixture(scope="module")
def releases(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("releases")
    first, file = folder / "ged231.csv", folder / "ged241.csv"
    standing, newer = _release(first, STANDING, 1), _release(file, NEWER, 2)
    assert standing.killed != newer.killed
    address = databases.copy(corpus_address)
    load_into(address, IMPORTERS["ucdp-ged"](first))
    return Releases(address, standing, newer, file)


def asked(client: FlaskClient, query: str) -> Any:
    response = client.get(query)
    assert response.status_code == 200, response.text
    return response.json


def seen(client: FlaskClient) -> list[tuple[str, State]]:
    """What each kind of answer says of the release, with the revision that it is of."""
    listed, totals, by_year = (asked(client, query) for query in (LIST, TOTALS, BY_YEAR))
    assert listed["returned"] == listed["total"] == len({event["id"] for event in listed["data"]})
    # An export does not say its revision in its body; its rows have to fit one release.
    exported = list(csv.DictReader(io.StringIO(client.get(EXPORT).text)))
    return [
        (listed["coverage"]["revision"], State(listed["total"], -1)),
        (totals["coverage"]["revision"], State(-1, totals["data"][0]["best"])),
        (by_year["coverage"]["revision"], State(-1, sum(row["best"] for row in by_year["data"]))),
        ("export", State(len(exported), sum(int(row["killed_best"]) for row in exported))),
    ]


def test_readers_see_one_release_or_the_other(releases: Releases, databases: Databases) -> None:
    address = databases.copy(releases.address)
    states: dict[str, set[State]] = defaultdict(set)
    with served(address, cache_megabytes=0) as client:
        before = asked(client, LIST)["coverage"]["revision"]
        process = subprocess.Popen(
            [sys.executable, "-c", "from api.cli import main; main()", "import", "ucdp-ged", str(releases.file)],
            cwd=SEEDS.parent,
            env={**os.environ, "DATABASE_URL": address},
            stdout=subprocess.DEVNULL,
        )
        try:
            times_seen, is_over = 0, False
            while not is_over:
                # Asked once more after the import has ended.
                is_over = process.poll() is not None
                for revision, state in seen(client):
                    states[revision].add(state)
                    times_seen += revision == before
                time.sleep(READING_SECONDS)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0
        after = asked(client, LIST)["coverage"]["revision"]
    assert times_seen >= LEAST_SEEN
    assert states.keys() == {before, after, "export"}
    standing, newer = releases.standing, releases.newer
    assert states[before] == {State(standing.events, -1), State(-1, standing.killed)}
    assert states[after] == {State(newer.events, -1), State(-1, newer.killed)}
    assert states["export"] == {standing, newer}


def test_an_export_that_began_before_an_import_ends_as_it_began(releases: Releases, databases: Databases) -> None:
    address = databases.copy(releases.address)
    with served(address, cache_megabytes=0) as client:
        response = client.get(EXPORT, buffered=False)
        pieces = iter(response.response)
        body = [next(pieces), next(pieces)]
        load_into(address, IMPORTERS["ucdp-ged"](releases.file))
        assert asked(client, LIST)["total"] == NEWER
        body += pieces
        response.close()
        text = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in body).decode()
        rows = list(csv.DictReader(io.StringIO(text)))
    assert State(len(rows), sum(int(row["killed_best"]) for row in rows)) == releases.standing
