"""Every real file and every case at hand: what the publisher's rows add up to, read with csv and json alone, is what the importer's
events add up to, by year, kind of violence or cause, and country. Skipped where the files do not lie beside the repository.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api.domain.countries import by_number
from seeds.datasets import importer_of
from tests.brought import brought
from tests.conftest import SHARED

pytestmark = [
    pytest.mark.engines("sqlite"),
    pytest.mark.skipif(not SHARED.exists(), reason="the publishers' files do not lie beside the repository"),
]

# Where real files and cases lie. A list of ids is no file of events; it has a test in test_import_publishers.py.
FILES = [
    *sorted((SHARED / "data" / "ucdp").glob("*")),
    *sorted((SHARED / "data" / "idmc").glob("*")),
    *(path for path in sorted((SHARED / "cases").glob("*/*")) if path.suffix != ".md" and "deleted" not in path.name),
]
# Of UCDP, whose rows have the numbers of Gleditsch and Ward, the countries that these files are of, by ISO's letters.
COUNTRIES = {"775": "MMR", "771": "BGD", "950": "FJI"}
# By year, kind and country how many events, and how many people.
Sums = Mapping[tuple[str, str, str], tuple[int, int]]


def published(path: Path) -> Iterator[Mapping[str, Any]]:
    """The rows of a file as its publisher wrote them."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(archive.namelist()[0])
    if path.suffix in (".json", ".geojson"):
        told = json.loads(content)
        yield from told if isinstance(told, list) else (feature["properties"] for feature in told["features"])
        return
    encoding = "utf-16" if content[:1] in (b"\xff", b"\xfe") else "cp1252" if "w1252" in path.name else "utf-8-sig"
    lines = content.decode(encoding)
    delimiter = max(",;\t", key=lines.partition("\n")[0].count)
    for row in csv.DictReader(io.StringIO(lines, newline=""), delimiter=delimiter):
        # Empty rows, and the tags of HXL.
        if any(row.values()) and not any(str(value).startswith("#") for value in row.values()):
            yield row


def sums(found: Iterator[tuple[str, str, str, int]]) -> Sums:
    events, people = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for *key, count in found:
        year, kind, country = key
        events[year, kind, country] += 1
        people[year, kind, country] += count
    return {key: (events[key], people[key]) for key in events}


def theirs(row: Mapping[str, Any]) -> tuple[str, str, str, int]:
    """The year, kind and country of a publisher's row, and its number."""
    if "best" in row:
        return str(row["year"]), str(row["type_of_violence"]), COUNTRIES[str(row["country_id"])], int(row["best"])
    if "figure" in row:
        return str(row["displacement_date"])[:4], row["displacement_type"], row["iso3"], int(row["figure"])
    country = by_number().get(row["iso"], "XKX" if row["country"] == "Kosovo" else "")
    return row["year"], row["event_type"], country, int(row["fatalities"])


def ours(address: str, path: Path) -> tuple[Sums, int]:
    """The same of the events that an import brings, and how many rows it sets aside."""
    _dataset, importer = importer_of(path, None)
    source = importer(path)
    source.report.is_strict = False
    found = brought(address, source)
    engine = create_engine(address)
    with engine.connect() as connection:
        countries = {row.id: row.country for row in connection.execute(text("SELECT id, country FROM location"))}
    engine.dispose()
    countries |= {identity: place["country"] for identity, place in found.locations.items()}

    def each() -> Iterator[tuple[str, str, str, int]]:
        for event in found.events.values():
            codes, whole = event["codes"], [one for one in event["figures"] if one["part_of"] is None]
            kind = codes.get("type_of_violence") or codes.get("displacement_type") or codes["event_type"]
            count = sum(figure["best"] or figure["low"] or 0 for figure in whole)
            yield str(event["date_end"].year), str(kind), countries[event["location_id"]] or "", count

    return sums(each()), source.report.set_aside_count


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_sums_are_the_publishers(corpus_address: str, path: Path) -> None:
    found, set_aside = ours(corpus_address, path)
    assert (found, set_aside) == (sums(map(theirs, published(path))), 0)
    assert found
