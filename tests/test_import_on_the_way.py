"""Files as people have them: a page of an answer that says so in its own way, texts that a web page or a workbook has changed, the
same event in two exports, columns that stand twice, and tables of others. All rows are invented.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from seeds.acled.export import Acled
from seeds.datasets import importer_of
from seeds.idmc.updates import IdmcIdu
from seeds.importer.report import ImportFault
from seeds.insecurity_insight.incidents import HealthIncidents
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled as acled
from tests import test_import_idmc_idu as idmc
from tests import test_import_insecurity_insight as insight
from tests.brought import Brought, Importer, brought
from tests.sweep import for_each
from tests.test_import_numbers import refused
from tests.ucdp_files import BATTLE, as_csv, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

SECOND = {**BATTLE, "id": "7002"}
FEATURES = [{"type": "Feature", "geometry": None, "properties": row} for row in (BATTLE, SECOND)]


def read(address: str, source: Any) -> tuple[Brought, list[str]]:
    """What a file brings where a row that cannot be read keeps no other out, and what its report tells."""
    source.report.is_strict = False
    return brought(address, source), list(source.report.lines())


def as_json(folder: Path, *answers: object) -> UcdpGed:
    path = folder / "events.json"
    path.write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
    return UcdpGed(path)


# --- Pages ---------------------------------------------------------------------------------------------------------

NEXT = {"rel": "next", "href": "https://example.org/2"}


@for_each(
    ("answer", "said"),
    [
        # ArcGIS, OGC API Features, HAL, GraphQL, Elasticsearch, and what else interfaces say.
        ({"features": [{"attributes": BATTLE}, {"attributes": SECOND}], "exceededTransferLimit": True}, "one page"),
        (
            {"type": "FeatureCollection", "features": FEATURES, "links": [{"rel": "self", "href": "a"}, NEXT]},
            "one page",
        ),
        ({"type": "FeatureCollection", "links": [NEXT], "features": FEATURES}, "one page"),
        ({"_links": {"next": {"href": "/2"}}, "data": [BATTLE, SECOND]}, "one page"),
        ({"data": {"events": {"nodes": [BATTLE, SECOND], "pageInfo": {"hasNextPage": True}}}}, "one page"),
        ({"hits": {"total": {"value": 9000}, "hits": [{"_source": BATTLE}]}}, "one page, 1 of 9,000 records,"),
        ({"data": [BATTLE, SECOND], "has_more": True}, "one page"),
        ({"data": [BATTLE, SECOND], "meta": {"pagination": {"total": 400}}}, "one page, 2 of 400 records,"),
    ],
)
def test_an_answer_that_says_there_is_more_is_one_page(tmp_path: Path, answer: object, said: str) -> None:
    with pytest.raises(ImportFault, match=f"this is {said} of what the publisher's interface has"):
        assert as_json(tmp_path, answer).dataset


@for_each(
    "answers",
    [
        # Pages one after the other, of which only the last is the last.
        [
            {"features": [{"attributes": BATTLE}], "exceededTransferLimit": True},
            {"features": [{"attributes": SECOND}]},
        ],
        [
            {"features": FEATURES[:1], "links": [NEXT]},
            {"features": FEATURES[1:], "links": [{"rel": "prev", "href": "a"}]},
        ],
        [[{"data": [BATTLE], "has_more": True}, {"data": [SECOND], "has_more": False}]],
        [{"data": [BATTLE, SECOND], "links": {"next": None}, "meta": {"pagination": {"total": 2, "total_pages": 1}}}],
        [{"hits": {"total": {"value": 2, "relation": "eq"}, "hits": [{"_source": BATTLE}, {"_source": SECOND}]}}],
    ],
)
def test_all_pages_are_the_whole(corpus_address: str, tmp_path: Path, answers: Sequence[object]) -> None:
    found = brought(corpus_address, as_json(tmp_path, *answers))
    assert list(found.events) == ["ucdp-ged-7001", "ucdp-ged-7002"]
