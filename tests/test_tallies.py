"""What is counted beforehand is what there is, and a list tells it as its total."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.db import connect
from api.models import LEVELS, DayTally, Event, Figure, Participation, Tally
from api.settings import Settings
from tests.databases import Databases
from tests.small_world import ATLAS, HILLS, ISLES, load_world

EVENT_COLUMNS = ("type", "subtype", "outcome", "coding_status", *LEVELS)
FIGURE_COLUMNS = ("kind", "type", "measure", "population", "object", "sex", "term", *LEVELS)
# What is counted, the column of the value, its value, the kind or family, and the dataset.
Counts = Counter[tuple[Any, ...]]


def _there(address: str) -> Counts:
    """The same counts, one record after the other."""
    found: Counts = Counter()
    engine = connect(Settings(database_url=address))
    with engine.connect() as connection:
        datasets = {}
        for model, within, columns in ((Event, "kind", EVENT_COLUMNS), (Figure, "family", FIGURE_COLUMNS)):
            for row in connection.execute(select(model.__table__)).mappings():
                datasets[row["id"]] = row["dataset_id"]
                held = [("", ""), *((name, row[name]) for name in columns if row[name] is not None)]
                found.update((model.__tablename__, *pair, row[within], row["dataset_id"]) for pair in held)
        parts = connection.execute(select(Participation.__table__)).mappings().all()
        for name in ("group_id", "role"):
            distinct = {(row[name], row["kind"], row["event_id"]) for row in parts}
            found.update(("event", name, value, kind, datasets[event]) for value, kind, event in distinct)
    engine.dispose()
    return found


def _counted(address: str) -> Counts:
    engine = connect(Settings(database_url=address))
    with engine.connect() as connection:
        rows = connection.execute(select(Tally.__table__)).mappings().all()
    engine.dispose()
    return Counter({tuple(row[name] for name in KEY): row["records"] for row in rows})


DAYS = ("date_start", "date_end")


def _there_by_day(address: str) -> Counts:
    """The same counts by day, each record counted on every day that its dataset knows from its own on."""
    rows = []
    engine = connect(Settings(database_url=address))
    with engine.connect() as connection:
        for model, within in ((Event, "kind"), (Figure, "family")):
            for row in connection.execute(select(model.__table__)).mappings():
                rows += [(model.__tablename__, name, row[within], row["dataset_id"], row[name]) for name in DAYS]
    engine.dispose()
    return Counter(
        {key: sum(1 for row in rows if row[:-1] == key[:-1] and row[-1] <= key[-1]) for key in set(rows)},
    )


def _counted_by_day(address: str) -> Counts:
    engine = connect(Settings(database_url=address))
    with engine.connect() as connection:
        rows = connection.execute(select(DayTally.__table__)).mappings().all()
    engine.dispose()
    return Counter({tuple(row[name] for name in DAY_KEY): row["records"] for row in rows})


DAY_KEY = ("counted", "name", "within", "dataset_id", "day")
KEY = ("counted", "name", "value", "within", "dataset_id")


def test_every_load_leaves_the_counts_as_the_records_are(databases: Databases) -> None:
    address = databases.migrated()
    for sources in ((ATLAS, HILLS), (ISLES,), (HILLS, ISLES)):
        load_world(address, *sources)
        there = _there(address)
        assert there and _counted(address) == there
        by_day = _there_by_day(address)
        assert by_day and _counted_by_day(address) == by_day


QUESTIONS = (
    *({}, {"kind": "incident,episode,aggregate"}, {"kind": "episode"}, {"dataset": "hills"}),
    *({"country": "MMR"}, {"country": "MMR,FJI"}, {"type": "battles"}, {"type": "battles,protests"}),
    *({"location": "north-isles"}, {"group": "SG"}, {"group": "SG,TM"}, {"group_role": "attacker"}),
    *({"group": "SG", "group_role": "attacker"}, {"group": "great-pact", "include_members": "true"}),
    *({"bbox": "-180,-90,180,90"}, {"bbox": "90,10,100,30"}, {"near": "21,96", "radius_km": "900"}),
    *({"bbox": "90,10,100,30", "type": "battles"}, {"bbox": "90,10,100,30", "country": "MMR", "date_to": "2031-01-14"}),
    *({"near": "21,96", "radius_km": "900", "location": "MMR"}, {"best_min": "5", "measure": "killed"}),
    *({"date_from": "2031-01-14"}, {"date_to": "2031-01-14"}, {"date_from": "2031-01-11", "date_to": "2031-01-30"}),
    *({"date_from": "2031-01-13", "date_to": "2031-01-13", "kind": "episode,aggregate"}, {"date_from": "1990-01-01"}),
    *({"date_from": "2031-01-11", "country": "MMR"}, {"date_to": "1989-12-31"}, {"date_from": "2090-01-01"}),
    *({"group": "SG", "type": "battles", "country": "MMR"}, {"group_role": "attacker", "date_from": "2031-01-13"}),
    *({"group": "SG", "location": "MMR", "subtype": "armed_clash"}, {"group": "SG", "location": "north-isles"}),
    *({"outcome": "captured"}, {"measure": "killed"}, {"family": "casualty"}, {"population": "civilians"}),
)


@pytest.mark.parametrize(
    ("path", "asked", "dataset"),
    [
        (path, asked, dataset)
        for path, asked, dataset in product(
            ("/v1/events", "/v1/figures", "/v1/casualties", "/v1/displacements"), QUESTIONS, ("", "isles")
        )
        if not (path != "/v1/events" and "outcome" in asked)
        and not (path in ("/v1/casualties", "/v1/displacements") and "family" in asked)
        and not (dataset and "dataset" in asked)
    ],
    ids=str,
)
def test_total_is_what_the_whole_list_has(world: FlaskClient, path: str, asked: dict[str, str], dataset: str) -> None:
    question = {**asked, **({"dataset": dataset} if dataset else {})}
    whole = world.get(path, query_string={**question, "format": "ndjson"})
    assert whole.status_code == 200, whole.text
    for more in ({}, {"count": "exact"}):
        # A page that is not the last has to know the total from elsewhere.
        assert world.get(path, query_string={**question, **more, "limit": "1"}).json["total"] == len(
            whole.text.splitlines()
        )
