"""A snapshot holds a dataset whole, with its terms and checksums, and can be fetched in parts."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet

from tests.conftest import application, close
from tests.small_world import DATASETS
from tests.test_errors import problem
from tests.test_formats import get, records

pytestmark = pytest.mark.engines("sqlite")

TABLES = ("events", "figures", "groups", "locations", "documents")


@pytest.fixture
def own(world_address: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an application with a cache folder of its own, in which no snapshot stands."""
    app = application(world_address, cache_folder=str(tmp_path))
    yield app.test_client()
    close(app)


def test_snapshot_holds_the_whole_dataset_in_both_forms(own: FlaskClient, tmp_path: Path) -> None:
    manifest = get(own, "/v1/datasets/hills/snapshot").json
    for name in ("licence", "licence_url", "citation"):
        assert manifest[name] == DATASETS["hills"][name]
    bodies = {}
    for file in manifest["files"]:
        response = get(own, file["url"])
        assert (len(response.data), hashlib.sha256(response.data).hexdigest()) == (file["bytes"], file["sha256"])
        assert (response.mimetype, response.headers["ETag"]) == (file["media_type"], f'"{file["sha256"]}"')
        bodies[response.mimetype] = response.data
    stored = tmp_path / "got.duckdb"
    stored.write_bytes(bodies["application/vnd.duckdb"])
    packed = zipfile.ZipFile(io.BytesIO(bodies["application/zip"]))
    with duckdb.connect(str(stored), read_only=True) as database:
        assert dict(database.sql("from about").fetchall())["citation"] == manifest["citation"]
        for name in TABLES:
            expected = records(own, f"/v1/{name}?dataset=hills")
            table = parquet.read_table(io.BytesIO(packed.read(f"{name}.parquet")))
            assert sorted(table.column("id").to_pylist()) == sorted(record["id"] for record in expected)
            assert table.equals(
                parquet.read_table(io.BytesIO(get(own, f"/v1/{name}.parquet?dataset=hills&sort=id").data))
            )
            assert database.sql(f"select id from {name} order by id").fetchall() == [
                (record["id"],) for record in sorted(expected, key=lambda record: record["id"])
            ]
            assert manifest["tables"][name] == len(expected)
        claims = [
            (figure["id"], claim["document"])
            for figure in records(own, "/v1/figures?dataset=hills")
            for claim in figure["claims"]
        ]
        found = database.sql("select figure_id, document_id from claims").fetchall()
        assert sorted(found) == sorted(claims) and manifest["tables"]["claims"] == len(claims) > 0
    assert json.loads(packed.read("README.json"))["tables"] == manifest["tables"]


def test_parts_of_a_snapshot_can_be_fetched(own: FlaskClient, tmp_path: Path) -> None:
    url = "/v1/datasets/hills/snapshot.zip"
    whole = get(own, url)
    tag = whole.headers["ETag"]
    told = own.head(url, buffered=True)
    assert told.headers["Content-Length"] == str(len(whole.data)) and told.headers["Accept-Ranges"] == "bytes"
    part = own.get(url, headers={"Range": "bytes=10-99", "If-Range": tag}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[10:100])
    changed = own.get(url, headers={"Range": "bytes=10-99", "If-Range": '"other"'}, buffered=True)
    assert (changed.status_code, changed.data) == (200, whole.data)
    assert own.get(url, headers={"If-None-Match": tag}, buffered=True).status_code == 304
    for answer in (whole, part, get(own, "/v1/datasets/hills/snapshot"), get(own, "/v1/datasets/hills/dcat.json")):
        assert 'rel="license"' in answer.headers["Link"] and answer.headers["Revision"]
    for parts in ("bytes=0-1,3-4", f"bytes={len(whole.data)}-"):
        refused = own.get(url, headers={"Range": parts})
        assert problem(refused, 416, "range-not-satisfiable") and refused.headers["Content-Range"].startswith(
            "bytes */"
        )
    # It was made once.
    (made,) = tmp_path.glob("*/snapshots/hills/*/")
    assert sorted(file.name for file in made.iterdir()) == ["manifest.json", "snapshot.duckdb", "snapshot.zip"]
    assert "Accept-Ranges" not in get(own, "/v1/events?format=csv").headers


def test_snapshot_that_may_not_be_passed_on_is_refused_by_name(own: FlaskClient) -> None:
    for ending in ("snapshot", "snapshot.zip", "snapshot.duckdb"):
        detail = problem(own.get(f"/v1/datasets/isles/{ending}"), 403, "not-for-redistribution")["detail"]
        # Terms that nobody checked yet are refused too, so nothing is said of what they allow.
        assert detail == "'isles' is marked as not for redistribution; its terms are named ask first."
        problem(own.get(f"/v1/datasets/hillz/{ending}"), 404, "not-found")
        problem(own.get(f"/v1/datasets/hills/{ending}?limit=1"), 400, "unknown-parameter")
