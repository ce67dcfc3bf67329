"""A made release in UCDP's layout, of any number of rows, from a seed: what tests of long imports need. Nothing in it is real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tests.ucdp_files import BATTLE, as_csv

FIRST_DAY, DAYS = date(1995, 1, 1), 28 * 365
# The units are the gazetteer's, the villages are made up.
UNITS = (
    ("Sagaing region", "Katha district"),
    ("Kachin state", "Myitkyina district"),
    ("Chin state", "Hakha district"),
    ("Kayin state", "Hpa-An district"),
)
SIDES = (("201", "KIO"), ("3051", "ULA"), ("8060", "NUG"), ("99001", "Hill Guard"), ("99002", "River Pact"))
VILLAGES_A_UNIT = 40


def made_rows(count: int, *, seed: int, first_id: int = 100_000) -> Iterator[dict[str, str]]:
    """So many rows. Another seed has the same ids with other numbers, places and days."""
    numbers = random.Random(seed)
    for place in range(count):
        state, district = numbers.choice(UNITS)
        side_id, side = numbers.choice(SIDES)
        day = FIRST_DAY + timedelta(days=numbers.randrange(DAYS))
        deaths = [numbers.randrange(4) for _side in range(4)]
        kind = numbers.choice("113")
        yield {
            **BATTLE,
            "id": str(first_id + place),
            "year": str(day.year),
            "type_of_violence": kind,
            "side_b_new_id": "1" if kind == "3" else side_id,
            "side_b": "Civilians" if kind == "3" else side,
            "adm_1": state,
            "adm_2": district,
            "where_coordinates": f"Made {numbers.randrange(VILLAGES_A_UNIT)} village",
            "date_start": day.isoformat(),
            "date_end": (day + timedelta(days=numbers.choice((0, 0, 0, 5)))).isoformat(),
            **dict(zip(("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"), map(str, deaths), strict=True)),
            "low": str(max(0, sum(deaths) - 1)),
            "best": str(sum(deaths)),
            "high": str(sum(deaths) + numbers.randrange(9)),
        }


def made_release(path: Path, count: int, *, seed: int, first_id: int = 100_000) -> list[dict[str, str]]:
    """The rows of a release, which is written to this file."""
    rows = list(made_rows(count, seed=seed, first_id=first_id))
    path.write_text(as_csv(*rows), encoding="utf-8", newline="")
    return rows
