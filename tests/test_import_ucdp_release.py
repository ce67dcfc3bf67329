"""A third of the publisher's slice of Myanmar beside the corpus, imported by the command as the manual has it.

What the API says of it is held to the publisher's own rows, read without the importer; the corpus says what it said before.
What all rows become is looked at in tests/test_import_ucdp_files.py, before anything is loaded.
Skipped where the publisher's files do not lie beside the repository.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SHARED
from tests.databases import Databases
from tests.stored import served
from tests.sweep import for_each
from tests.test_seeds_cli import run
from tests.ucdp_files import as_csv, published_rows

FILE = SHARED / "data" / "ucdp" / "ged_myanmar.csv.gz"
EVERY_KIND = "kind=incident,episode,aggregate"
KILLED = "/v1/casualties/totals?measure=killed"
# What was asked of the corpus before, and has to be answered alike.
OF_THE_CORPUS = (
    KILLED,
    f"{KILLED}&group_by=population",
    f"{KILLED}&group_by=state_or_region",
    f"{KILLED}&group_by=month,group&date_from=2023-10-27&limit=1000",
    "/v1/displacements/totals?measure=displaced",
    "/v1/figures/totals?group_by=measure",
    f"/v1/events/totals?group_by=type&{EVERY_KIND}",
)
# UCDP's types of violence, by our types.
TYPES = {"1": "battles", "2": "battles", "3": "violence_against_civilians"}

pytestmark = [
    pytest.mark.skipif(not FILE.exists(), reason="the publisher's files do not lie beside the repository"),
    # So long a file is loaded on one engine; shorter ones are on both.
    pytest.mark.engines("sqlite"),
]


@dataclass(frozen=True)
class Imported:
    """A client of the database with both datasets, what the corpus said before, and what the command said."""

    client: FlaskClient
    corpus: dict[str, Any]
    told: str

    def rows(self, query: str) -> list[dict[str, Any]]:
        response = self.client.get(query)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json["data"]
        return found


def of_the_corpus(client: FlaskClient) -> dict[str, Any]:
    """The totals of the corpus, asked for it alone and among all datasets."""
    found = {}
    for query in OF_THE_CORPUS:
        alone = f"{query}{'&' if '?' in query else '?'}dataset=op1027"
        found[alone] = client.get(alone).json["data"]
        among = client.get(query).json["data"]
        found[query] = [row for row in among if row["key"].get("dataset", "op1027") == "op1027"]
    return found


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    """Every third row, and all of Kawlin's."""
    rows = published_rows(FILE)
    return [row for place, row in enumerate(rows) if place % 3 == 0 or "Kawlin" in row["where_coordinates"]]


@pytest.fixture(scope="module")
def imported(
    databases: Databases,
    corpus_address: str,
    published: list[dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Imported]:
    address = databases.copy(corpus_address)
    file = tmp_path_factory.mktemp("published") / FILE.name.removesuffix(".gz")
    file.write_text(as_csv(*published, columns=list(published[0])), encoding="utf-8", newline="")
    with served(address) as client:
        corpus = of_the_corpus(client)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", address)
            done = run("import", "ucdp-ged", file)
        assert done.exit_code == 0, done.output
        yield Imported(client, corpus, done.stdout)


def test_both_datasets_are_listed(imported: Imported, published: list[dict[str, str]]) -> None:
    listed = {dataset["id"]: dataset["counts"]["events"] for dataset in imported.rows("/v1/datasets")}
    assert listed["ucdp-ged"] == len(published) > 2_000
    assert listed["op1027"] > 0
    assert f"  rows read: {len(published):,}\n" in imported.told
    assert "  rows set aside: 0\n" in imported.told


def test_totals_of_the_corpus_have_not_moved(imported: Imported) -> None:
    assert of_the_corpus(imported.client) == imported.corpus


def test_totals_keep_the_datasets_apart(imported: Imported, published: list[dict[str, str]]) -> None:
    best = {row["key"]["dataset"]: row["best"] for row in imported.rows(f"{KILLED}&group_by=dataset")}
    assert best == {"op1027": 144, "ucdp-ged": sum(int(row["best"]) for row in published)}
    # Whatever else is asked, each row is of one of them.
    for query in (KILLED, f"{KILLED}&group_by=month", f"{KILLED}&location=Sagaing"):
        assert {row["key"]["dataset"] for row in imported.rows(query)} == {"op1027", "ucdp-ged"}


@for_each(
    ("bound", "of_row"),
    [
        ("best", lambda row: int(row["best"])),
        # Some rows are printed out of order; the figure's bounds enclose its best.
        ("low", lambda row: min(int(row["low"]), int(row["best"]))),
        ("high", lambda row: max(int(row["high"]), int(row["best"]))),
    ],
    ids=["best", "low", "high"],
)
def test_sums_by_year_and_type_are_those_of_the_file(
    imported: Imported, published: list[dict[str, str]], bound: str, of_row: Callable[[dict[str, str]], int]
) -> None:
    theirs: dict[tuple[str, str], int] = defaultdict(int)
    for row in published:
        theirs[row["year"], TYPES[row["type_of_violence"]]] += of_row(row)
    found = imported.rows(f"{KILLED}&dataset=ucdp-ged&group_by=year,type")
    ours = {(row["key"]["year"], row["key"]["type"]): row[bound] for row in found}
    assert ours == dict(theirs)


def test_a_place_and_a_period_find_both_datasets(imported: Imported, published: list[dict[str, str]]) -> None:
    query = "/v1/events?location=Kawlin&date_from=2023-10-27"
    assert {event["dataset"] for event in imported.rows(query)} == {"op1027", "ucdp-ged"}
    found = {event["id"] for event in imported.rows(f"{query}&{EVERY_KIND}&limit=1000")}
    assert "kawlin-town-captured-2023-11-06" in found
    in_kawlin = {
        f"ucdp-ged-{row['id']}"
        for row in published
        if row["date_start"] >= "2023-10-27" and "Kawlin" in row["where_coordinates"] and row["where_prec"] == "1"
    }
    assert in_kawlin and in_kawlin <= found


def test_each_event_counts_its_own_dead_once(imported: Imported, published: list[dict[str, str]]) -> None:
    response = imported.client.get(f"/v1/events?dataset=ucdp-ged&{EVERY_KIND}&format=geojson&fields=id,figures")
    assert len(response.json["features"]) == len(published)
    by_population = imported.rows(f"{KILLED}&dataset=ucdp-ged&group_by=population")
    assert sum(row["best"] for row in by_population) == sum(int(row["best"]) for row in published)
