"""Replicates a file of real UCDP GED rows to as many as asked, always the same.

Copy k of an event has its id + k times 10,000,000, its dates moved back by k times 37 days within the years that the dataset
covers, and its point moved by less than a twentieth of a degree. All else is the publisher's, the dead too. Copy 0 is
the file itself. So ids and dates come in the order of the file and not in their own.
"""

from __future__ import annotations

import csv
import gzip
import random
from datetime import date
from pathlib import Path

from tests.benchmarks.processes import ROOT

# The real rows of Myanmar, where they lie beside the repository, as for the tests of the importer.
USUAL = ROOT.parent / "shared" / "data" / "ucdp" / "ged_myanmar.csv.gz"
# The importer finds the release in the name.
NAME = "GEDEvent_v24_1.csv"
FIRST_DAY, LAST_DAY = date(1989, 1, 1).toordinal(), date(2023, 12, 31).toordinal()
DAYS_A_COPY, IDS_A_COPY, MOST_DEGREES, SEED = 37, 10_000_000, 0.05, 19890101
# The publisher's releases of all years have no such column.
LEFT_OUT = "extract"
DECIMALS = 6


def replicate(source: Path, target: Path, events: int) -> None:
    """Writes so many rows, with the columns of the source in its order."""
    with gzip.open(source, "rt", newline="") if source.suffix == ".gz" else source.open(newline="") as read:
        header, *rows = list(csv.reader(read))
    columns = [number for number, name in enumerate(header) if name != LEFT_OUT]
    numbers = random.Random(SEED)
    with target.open("w", newline="") as written:
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([header[column] for column in columns])
        for number in range(events):
            copy, place = divmod(number, len(rows))
            row = _moved(dict(zip(header, rows[place], strict=True)), copy, numbers)
            writer.writerow([row[header[column]] for column in columns])


def _moved(row: dict[str, str], copy: int, numbers: random.Random) -> dict[str, str]:
    """The row as it stands in this copy of the file."""
    if copy == 0:
        return row
    first, last = date.fromisoformat(row["date_start"]), date.fromisoformat(row["date_end"])
    start = FIRST_DAY + (first.toordinal() - copy * DAYS_A_COPY - FIRST_DAY) % (LAST_DAY - FIRST_DAY + 1)
    row["id"] = str(int(row["id"]) + copy * IDS_A_COPY)
    row["date_start"] = date.fromordinal(start).isoformat()
    row["date_end"] = date.fromordinal(start + (last - first).days).isoformat()
    row["year"] = row["date_start"][:4]
    for name, limit in (("latitude", 90), ("longitude", 180)):
        moved = float(row[name]) + numbers.uniform(-MOST_DEGREES, MOST_DEGREES)
        row[name] = repr(round(max(-limit, min(limit, moved)), DECIMALS))
    if row["geom_wkt"]:
        row["geom_wkt"] = f"POINT ({row['longitude']} {row['latitude']})"
    return row
