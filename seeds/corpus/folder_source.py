"""What the gazetteer and a coded corpus have alike as sources for the load engine: a folder with its dataset, and names.

What is mapped from these folders has passed `seeds.corpus.check`; nothing is judged a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api.domain.names import CODE_RANK, ID_RANK, NAME_RANK
from api.load.source import EmptySource
from api.store.record_types import Record
from seeds.corpus.files import DATASET
from seeds.corpus.yaml_lines import read_lined
from seeds.importer.records import name_row

# What the files call as the database does, and is taken over as it stands.
_DATASET = ("id", "title", "publisher", "description", "licence", "licence_url", "citation")


class FolderSource(EmptySource):
    """A folder of seed files, which says in `dataset.yaml` what dataset it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def dataset(self) -> Record:
        found = read_yaml(self.folder / DATASET)
        return {
            **columns_of(found, _DATASET),
            "release": str(found["release"]),
            "first_date": day(found["first_date"]),
            "last_date": day(found["last_date"]),
            "is_redistributable": True,
        }


def content_hash(*paths: Path) -> str:
    """The hash of these files, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def read_yaml(path: Path) -> Any:
    """What a YAML file holds. Not to be written to."""
    return read_lined(path.read_bytes()).data


def columns_of(found: Mapping[str, Any], columns: Sequence[str]) -> Record:
    """These columns of what a file says, as they stand."""
    return {column: found[column] for column in columns}


def day(text: str | None) -> date | None:
    """A day as it is written; null where none is."""
    return None if text is None else date.fromisoformat(text)


def names_of(identity: str, code: str | None, name: str, aliases: Sequence[Record]) -> list[Record]:
    """The names of one record, its id first, no spelling twice."""
    rows = [name_row(ID_RANK, identity)]
    if code is not None:
        rows.append(name_row(CODE_RANK, code))
    rows.append(name_row(NAME_RANK, name))
    known = {name, code}
    for alias in aliases:
        if alias["name"] not in known:
            known.add(alias["name"])
            rows.append(alias)
    return rows
