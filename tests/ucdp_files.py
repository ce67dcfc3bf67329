"""Invented files in UCDP's layout, and the records that the importer makes of them. Knows no test."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.record_types import Record
from seeds.ucdp.ged import UcdpGed

# One row of today's 49 columns. Its people, numbers and sources are invented; sides and places are the corpus's.
BATTLE: dict[str, str] = {
    "id": "7001",
    "relid": "",
    "year": "2023",
    "active_year": "True",
    "code_status": "Clear",
    "type_of_violence": "1",
    "conflict_dset_id": "",
    "conflict_new_id": "90",
    "conflict_name": "Myanmar (Burma): Kachin",
    "dyad_dset_id": "",
    "dyad_new_id": "91",
    "dyad_name": "Government of Myanmar (Burma) - KIO",
    "side_a_dset_id": "",
    "side_a_new_id": "144",
    "side_a": "Government of Myanmar (Burma)",
    "side_b_dset_id": "",
    "side_b_new_id": "201",
    "side_b": "KIO",
    "number_of_sources": "1",
    "source_article": '"The Courier,2023-11-04,A headline"',
    "source_office": "The Courier",
    "source_date": "2023-11-04",
    "source_headline": "A headline",
    "source_original": "",
    "where_prec": "1",
    "where_coordinates": "Kawlin town",
    "where_description": "",
    "adm_1": "Sagaing region",
    "adm_2": "Katha district",
    "latitude": "23.79",
    "longitude": "95.68",
    "geom_wkt": "",
    "priogrid_gid": "",
    "country": "Myanmar (Burma)",
    "country_id": "775",
    "region": "",
    "event_clarity": "1",
    "date_prec": "1",
    "date_start": "2023-11-03",
    "date_end": "2023-11-03",
    "deaths_a": "3",
    "deaths_b": "2",
    "deaths_civilians": "0",
    "deaths_unknown": "1",
    "best": "6",
    "high": "9",
    "low": "4",
    "gwnoa": "775",
    "gwnob": "",
}
COLUMNS = tuple(BATTLE)
# What is missing up to release 19.1, which has 42 columns.
NEWER = {
    "relid",
    "code_status",
    "conflict_dset_id",
    "dyad_dset_id",
    "side_a_dset_id",
    "side_b_dset_id",
    "where_description",
}
ATTACK = {**BATTLE, "type_of_violence": "3", "side_b_new_id": "1", "side_b": "Civilians"}
# An event in a country that the gazetteer knows nothing of.
ELSEWHERE = {"country": "Bangladesh", "country_id": "771", "adm_1": "Upper Division", "adm_2": "Hill District"}
DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")


def as_csv(*rows: dict[str, str], columns: Sequence[str] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def written(folder: Path, *rows: dict[str, str], name: str = "events.csv") -> Path:
    """A file with these rows, those with the common id each under its own."""
    path = folder / name
    first = int(BATTLE["id"])
    numbered = [
        {**row, "id": str(first + place)} if row["id"] == BATTLE["id"] else row for place, row in enumerate(rows)
    ]
    path.write_text(as_csv(*numbered), encoding="utf-8", newline="")
    return path


def published_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a published file, read without the importer."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(archive.namelist()[0])
    else:
        content = gzip.decompress(path.read_bytes())
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


class Brought:
    """The records that a file brings, by kind, and the names."""

    def __init__(self, address: str, source: UcdpGed) -> None:
        engine = connect_for_loading(Settings(database_url=address))
        with engine.connect() as connection:
            listed = [told for told in source.records(connection) if told[0] != "end"]
            self.names = {kind: source.names(kind, connection) for kind in ("location", "group")}
        engine.dispose()
        self.order = listed
        self.events, self.groups, self.locations, self.documents = (
            [record for kind, record in listed if kind == wanted]
            for wanted in ("event", "group", "location", "document")
        )

    def aliases(self, kind: str, identity: str) -> list[str]:
        return [row["name"] for row in self.names[kind].get(identity, []) if row["rank"] == 3]


def bring(address: str, folder: Path, *rows: dict[str, str]) -> Brought:
    return Brought(address, UcdpGed(written(folder, *rows)))


def figures(event: Record) -> dict[str, tuple[Any, ...]]:
    """The figures of an event by the end of their id: population, low, best, high."""
    return {
        figure["id"].removeprefix(event["id"]): tuple(figure[name] for name in ("population", "low", "best", "high"))
        for figure in event["figures"]
    }
