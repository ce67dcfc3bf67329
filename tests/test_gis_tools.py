"""GDAL, geopandas and OWSLib open the running service, and get what /v1 gives; the recipes for them run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import requests
from owslib.ogcapi.features import Features

from tests.programs import program
from tests.running import ANSWER_SECONDS, running

pytestmark = pytest.mark.engines("sqlite")

RECIPES = Path(__file__).parent.parent / "docs" / "recipes"
ADDRESS = "http://127.0.0.1:8000"
ASKED = "dataset=op1027&measure=killed&population=state_forces&location=Sagaing"
BOX = (94.0, 22.0, 97.0, 25.0)
# How a collection is filtered by GDAL, and the same question at /v1.
SAME: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ""),
    ({"bbox": BOX}, "bbox=94,22,97,25"),
    ({"where": "type = 'battles' AND kind <> 'aggregate'"}, "type=battles&kind=incident,episode"),
    # GDAL sends any condition on days as `datetime`, which is of the whole period of an event.
    ({"where": "date_start >= '2023-11-06' AND date_start <= '2023-11-10'"}, "date_from=2023-11-06&date_to=2023-11-10"),
    ({"bbox": BOX, "where": "type IN ('battles')"}, "bbox=94,22,97,25&type=battles"),
    # Of days behind another condition it makes two periods, each open on one side.
    (
        {"where": "type = 'battles' AND date_start >= '2023-11-06' AND date_start <= '2023-11-10'"},
        "type=battles&date_from=2023-11-06&date_to=2023-11-10",
    ),
)


@pytest.fixture(scope="module")
def served(corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the corpus."""
    with running(corpus_address, tmp_path_factory.mktemp("served")) as server:
        yield f"http://127.0.0.1:{server.port}"


def told(address: str, path: str) -> Any:
    answer = requests.get(address + path, timeout=ANSWER_SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(address: str, query: str) -> set[str]:
    return {record["id"] for record in told(address, f"/v1/events?limit=1000&{query}")["data"]}


def number(address: str) -> tuple[Any, ...]:
    """Soldiers killed in Sagaing in November 2023, as a total says it."""
    (row,) = told(address, f"/v1/casualties/totals?{ASKED}&date_from=2023-11-01&date_to=2023-11-30")["data"]
    return tuple(row[name] for name in ("low", "best", "high"))


def test_gdal_asks_the_service_and_gets_the_same(served: str) -> None:
    assert [name for name, _type in pyogrio.list_layers(f"OAPIF:{served}/ogc")] == [
        collection["id"] for collection in told(served, "/ogc/collections")["collections"]
    ]
    for asked, query in SAME:
        found = pyogrio.read_dataframe(f"OAPIF:{served}/ogc", layer="events", **asked)
        assert set(found["id"]) == listed(served, query) and len(found) == len(set(found["id"])), asked
    # Along many pages.
    paged = pyogrio.read_dataframe(f"OAPIF:{served}/ogc", layer="events", PAGE_SIZE=7)
    assert sorted(paged["id"]) == sorted(listed(served, ""))
    by_state = pyogrio.read_dataframe(
        f"OAPIF:{served}/ogc/collections/totals-by-place?{ASKED}&datetime=2023-11-01/2023-11-30"
    )
    assert [(one.low, one.best, one.high) for one in by_state.itertuples()] == [number(served)]
    assert by_state.geometry.iloc[0].covers(geopandas.points_from_xy([95.68], [23.79])[0])


def test_owslib_opens_the_service(served: str) -> None:
    service = Features(f"{served}/ogc/")
    assert service.feature_collections() == [one["id"] for one in told(served, "/ogc/collections")["collections"]]
    assert service.conformance()["conformsTo"] and service.api()["openapi"] == "3.0.3"
    assert "killed_best" in service.collection_queryables("events")["properties"]
    found = service.collection_items("events", bbox=[*BOX], datetime_="2023-11-01/2023-11-30", limit=1000)
    assert {one["id"] for one in found["features"]} == listed(
        served, "bbox=94,22,97,25&date_from=2023-11-01&date_to=2023-11-30"
    )
    by_filter = service.collection_items("events", filter="type = 'battles'", limit=1000)
    assert {one["id"] for one in by_filter["features"]} == listed(served, "type=battles")
    (one,) = service.collection_items(
        "totals-by-place", **dict(part.split("=") for part in ASKED.split("&")), datetime_="2023-11-01/2023-11-30"
    )["features"]
    assert tuple(one["properties"][name] for name in ("low", "best", "high")) == number(served)


def test_the_recipe_for_geopandas_runs_and_gives_the_number(served: str) -> None:
    code = "\n".join(
        re.findall(r"```python\n(.*?)```", (RECIPES / "geopandas.md").read_text(encoding="utf-8"), re.DOTALL)
    )
    ran = subprocess.run(
        [sys.executable, "-c", code.replace(ADDRESS, served)], capture_output=True, text=True, check=True
    )
    assert re.search(r"Sagaing\s+{}\s+{}\s+{}".format(*number(served)), ran.stdout), ran.stdout


# The Python that Debian's QGIS is for, and what a script does there that needs no window.
SYSTEM_PYTHON = "/usr/bin/python3"
IN_QGIS = """
from qgis.core import QgsApplication
application = QgsApplication([], False)
application.initQgis()
{recipe}
print(layer.featureCount(), sorted((one["place"], one["low"], one["best"], one["high"]) for one in layer.getFeatures() if one["place"]))
del deaths, layer
QgsProject.instance().clear()
application.exitQgis()
"""


@pytest.mark.tools
def test_the_recipe_for_qgis_runs_and_gives_each_area(served: str, tmp_path: Path) -> None:
    program("qgis")
    recipe = "\n".join(re.findall(r"```python\n(.*?)```", (RECIPES / "qgis.md").read_text("utf-8"), re.DOTALL))
    ran = subprocess.run(
        [SYSTEM_PYTHON, "-c", IN_QGIS.format(recipe=recipe.replace(ADDRESS, served))],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
    )
    rows = told(served, "/v1/figures/totals?measure=killed&group_by=state_or_region")["data"]
    # QGIS 3.22 shows null as 0, as the recipe warns.
    wanted = sorted(
        (row["key"]["state_or_region"], row["low"] or 0, row["best"] or 0, row["high"] or 0)
        for row in rows
        if row["key"]["state_or_region"]
    )
    assert ran.stdout.splitlines() == [str([(*number(served), True)]), f"{len(rows)} {wanted}"], ran.stdout + ran.stderr


@pytest.mark.tools
def test_the_recipe_for_gdal_runs_and_gives_the_number(served: str, tmp_path: Path) -> None:
    program("ogr2ogr")
    number_of, package = re.findall(r"```sh\n(.*?)```", (RECIPES / "gdal.md").read_text(encoding="utf-8"), re.DOTALL)
    told_of = [
        subprocess.run(
            command.replace(ADDRESS, served), shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        for command in (number_of, package)
    ]
    found = [int(re.search(rf"\b{name} \(Integer\) = (\d+)", told_of[0].stdout)[1]) for name in ("low", "best", "high")]  # type: ignore[index]
    assert tuple(found) == number(served)
    battles = pyogrio.read_dataframe(tmp_path / "battles.gpkg")
    wanted = told(served, "/v1/events?format=geojson&type=battles&bbox=94,22,97,25")["features"]
    assert set(battles["id"]) == {one["id"] for one in wanted if (one["properties"]["killed_best"] or 0) >= 1} != set()
