"""What is summed by day at load is what the figures add, and totals that read it come to the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api import totalling
from api.asking.question import IN_ORDER
from api.models import DaySum, Figure
from api.totals import daily
from tests.databases import Databases
from tests.small_world import ATLAS, HILLS, ISLES, load_world
from tests.statements import recorded
from tests.stored import connected

APART = (
    *("date_start", "date_end", "week", "last_week", "dataset_id"),
    *("measure", "unit", "object", "family", "type", "is_split", "population"),
)
SUMS = ("low", "best", "high", "opening", "figures", "unnumbered", "unknown", "none_reported")

Sums = dict[tuple[Any, ...], Counter[str]]


def _there(address: str) -> Sums:
    """The same sums, one figure after the other."""
    found: Sums = {}
    with connected(address) as connection:
        for row in connection.execute(select(Figure.__table__)).mappings():
            for way, told in (("joint", {"population": None}), ("split", {})):
                if row["is_nested_across"]:
                    continue
                key = {**row, "is_split": way == "split", **told}
                sums = found.setdefault(tuple(key[name] for name in APART), Counter(dict.fromkeys(SUMS, 0)))
                sums.update({bound: row[f"{way}_{bound}"] for bound in ("low", "best", "high")})
                sums.update({"opening": int(row[f"{way}_open"]), "figures": 1})
                sums.update({status: int(row["status"] == status) for status in SUMS[5:]})
    return found


def _summed(address: str) -> Sums:
    with connected(address) as connection:
        rows = connection.execute(select(DaySum.__table__)).mappings().all()
    found = {tuple(row[name] for name in APART): Counter({name: row[name] for name in SUMS}) for row in rows}
    assert len(found) == len(rows), "figures that are alike are summed once"
    return found


def test_every_load_leaves_the_sums_as_the_figures_are(databases: Databases) -> None:
    address = databases.migrated()
    for sources in ((ATLAS, HILLS), (ISLES,), (HILLS, ISLES)):
        load_world(address, *sources)
        there = _there(address)
        assert there and _summed(address) == there


@pytest.mark.parametrize("path", ["/v1/figures", "/v1/casualties", "/v1/displacements"])
@pytest.mark.parametrize(
    "group_by",
    [
        *("", "day", "week", "month", "year", "type", "month,type", "dataset,year", "measure"),
        *("population", "population,month", "type,population"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        *("", "date_from=2031-01-13", "date_to=2031-01-14", "date_from=2031-01-12&date_to=2031-01-13"),
        *(
            "dataset=hills",
            "measure=killed,injured",
            "population=civilians",
            "population=state_forces&date_to=2031-01-13",
            "type=battles",
            "dataset=isles,hills&type=battles&date_from=2031-01-13",
        ),
    ],
)
def test_total_of_what_is_summed_by_day_is_that_of_the_figures(
    world: FlaskClient, path: str, group_by: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{path}/totals?{'&'.join(filter(None, (group_by and f'group_by={group_by}', asked)))}"
    if path == "/v1/displacements" and "measure" in asked:
        address = address.replace("killed,injured", "displaced")
    # In a world this small every filter leaves few, and these would be started from.
    monkeypatch.setattr(totalling, "lead", lambda *_told: IN_ORDER)
    run = recorded(world.application.extensions["conflict_events"], monkeypatch)
    by_day = world.get(address)
    assert by_day.status_code == 200, by_day.text
    assert any("FROM day_sum" in statement for statement in run)
    monkeypatch.setattr(daily, "is_enough", lambda _question, _dimensions: False)
    assert by_day.json["data"] == world.get(f"{address}&limit=1000").json["data"]
