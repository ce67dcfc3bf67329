"""Reads the gazetteer as a source for the load engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from api.domain.codebook.places import LEVELS
from api.domain.names import ALIAS_RANK
from api.store.record_types import Record
from seeds.corpus.files import DATASET, GAZETTEER, PLACE_FILES, place_rows
from seeds.corpus.folder_source import FolderSource, content_hash, names_of
from seeds.importer.records import name_row


class Gazetteer(FolderSource):
    """Places with P-codes, and those that corpora need beside them."""

    def __init__(self, folder: Path = GAZETTEER) -> None:
        super().__init__(folder)

    @property
    def content_hash(self) -> str:
        return content_hash(self.folder / DATASET, *(self.folder / name for name in PLACE_FILES))

    @cached_property
    def _rows(self) -> list[dict[str, str]]:
        rows = [row for name in PLACE_FILES for row in place_rows(self.folder / name)]
        # Parents before their children, whatever the order of the files.
        return sorted(rows, key=lambda row: LEVELS.index(row["level"]))

    def locations(self) -> Iterator[Record]:
        for row in self._rows:
            yield {
                "id": row["id"],
                "name": row["name"],
                "native_name": row["native_name"] or None,
                "level": row["level"],
                "parent_id": row["parent"] or None,
                "pcode": row["pcode"] or None,
                "country": row["country"] or None,
                "latitude": _decimal(row["latitude"]),
                "longitude": _decimal(row["longitude"]),
                "uncertainty_km": _decimal(row["uncertainty_km"]),
                "position_basis": row["position_basis"] or None,
            }

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        del connection
        if record_type != "location":
            return {}
        return {
            row["id"]: names_of(
                row["id"],
                row["pcode"] or None,
                row["name"],
                [
                    *([name_row(ALIAS_RANK, row["native_name"], "my")] if row["native_name"] else []),
                    *(
                        name_row(ALIAS_RANK, alias.strip(), _language(alias))
                        for alias in row["aliases"].split(";")
                        if alias.strip()
                    ),
                ],
            )
            for row in self._rows
        }


def _language(alias: str) -> str | None:
    """Burmese, where a name is written in its script; null, where the letters do not say."""
    return "my" if any("\u1000" <= letter <= "\u109f" for letter in alias) else None


def _decimal(text: str) -> float | None:
    return float(text) if text else None
