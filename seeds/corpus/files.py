"""Reads a coded corpus and the gazetteer as they stand in their files, and judges nothing.

The folder of a corpus holds dataset.yaml, groups.yaml, events.yaml and documents/*.yaml; that of the gazetteer holds
dataset.yaml and the files of places. Content of the wrong shape reads as empty here: `seeds.corpus.check` is what says so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from seeds.corpus.yaml_lines import LinedYaml, Plain, YamlFault, read_lined
from seeds.corpus.yaml_lines import Path as DataPath

Record: TypeAlias = dict[str, Plain]

SEEDS = Path(__file__).parent.parent
GAZETTEER = SEEDS / "gazetteer"

# The files of the gazetteer: MIMU's places, and those that coded corpora need beside them.
PLACES, ADDITIONS = "places.csv", "additions.csv"
PLACE_FILES = (PLACES, ADDITIONS)
# The files of a corpus that every corpus has, and the key whose list each holds (the dataset is no list).
EVENTS = "events.yaml"
LISTS: Mapping[str, str] = {"groups": "groups.yaml", "events": EVENTS}
DATASET = "dataset.yaml"
DOCUMENTS = "documents"
# What an id of the seeds is made of.
ID_FORM = re.compile(r"[a-z0-9_-]+")
# The keys of a figure whose coder sets its bounds, in place of those of its preferred claim.
OWN_BOUNDS = ("low", "best", "high", "open_ended")


class FileLine(NamedTuple):
    """A file, relative to the corpus folder, and a line in it."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer: what is needed to refer to it and to know it by its names."""

    id: str
    level: str
    parent: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedFile:
    """One YAML file of a corpus or of the gazetteer. `kind` is the name of its schema."""

    name: str
    kind: str
    yaml: LinedYaml
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One record of the corpus with its path from the top: ("events", 3, "figures", 0)."""

    record: Record
    path: DataPath

    def text(self, key: str) -> str | None:
        """The text under a key; null when there is none or it is not text."""
        value = self.record.get(key)
        return value if isinstance(value, str) else None

    def whole(self, key: str) -> int | None:
        """The whole number under a key; null when there is none or it is something else."""
        value = self.record.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self, key: str) -> Iterator[tuple[DataPath, str]]:
        """The texts of a list under a key, each with its path."""
        for index, value in enumerate(listed(self.record.get(key))):
            if isinstance(value, str):
                yield (*self.path, key, index), value

    def items(self, key: str) -> Iterator[Item]:
        """The records of a list under a key."""
        for index, value in enumerate(listed(self.record.get(key))):
            yield Item(mapped(value), (*self.path, key, index))

    def spans(self) -> Iterator[tuple[DataPath, int, int]]:
        """Each span of the record that is two whole numbers, with its path."""
        found: list[tuple[DataPath, Plain]] = [((*self.path, "span"), self.record.get("span"))]
        found += [((*self.path, "spans", index), span) for index, span in enumerate(listed(self.record.get("spans")))]
        for path, span in found:
            match span:
                case [int(start), int(end)] if not isinstance(start, bool) and not isinstance(end, bool):
                    yield path, start, end


@dataclass(frozen=True, slots=True)
class CodedCorpus:
    """Everything that a corpus folder says. Lists hold one mapping for each item, empty where the file has no mapping."""

    folder: Path
    files: tuple[SeedFile, ...]
    dataset: Record
    groups: list[Record]
    events: list[Record]
    documents: list[Record]
    gazetteer: Mapping[str, Place]
    _files_by_key: Mapping[tuple[str | int, ...], SeedFile] = field(repr=False)

    def items(self, name: str) -> Iterator[Item]:
        """The records of `groups`, `events` or `documents`."""
        listed_records: Mapping[str, Sequence[Record]] = {
            "groups": self.groups,
            "events": self.events,
            DOCUMENTS: self.documents,
        }
        for index, record in enumerate(listed_records[name]):
            yield Item(record, (name, index))

    def figures(self) -> Iterator[tuple[Item, Item]]:
        """Every figure with its event, event first."""
        for event in self.items("events"):
            for figure in event.items("figures"):
                yield event, figure

    def within(self, path: DataPath) -> tuple[SeedFile, DataPath]:
        """The file in which the thing at a path stands, and its path inside that file.

        Paths begin with "dataset", "groups", "events" or "documents"; a number says which of these, in the order of
        the lists here: ("documents", 0, "claims", 2, "number").
        """
        if path[0] == DOCUMENTS:
            return self._files_by_key[path[:2]], path[2:]
        return self._files_by_key[path[:1]], path if path[0] in LISTS else path[1:]

    def position(self, path: DataPath) -> FileLine:
        """The file and line of a key or list item."""
        file, inside = self.within(path)
        return FileLine(file.name, file.yaml.line(inside))


def read(folder: Path, gazetteer: Path = GAZETTEER) -> CodedCorpus:
    """The coded corpus in a folder, with the places of a gazetteer's folder.

    A file of the corpus that is missing or cannot be read is empty and says so in `files`.
    """
    dataset = read_file(folder, DATASET, "dataset")
    files: dict[tuple[str | int, ...], SeedFile] = {("dataset",): dataset}
    for key, name in LISTS.items():
        files[(key,)] = read_file(folder, name, key)
    for index, path in enumerate(sorted((folder / DOCUMENTS).glob("*.yaml"))):
        files[(DOCUMENTS, index)] = read_file(folder, f"{DOCUMENTS}/{path.name}", "document")
    records = {key: [mapped(item) for item in listed(mapped(files[(key,)].yaml.data).get(key))] for key in LISTS}
    return CodedCorpus(
        folder=folder,
        files=tuple(files.values()),
        dataset=mapped(dataset.yaml.data),
        groups=records["groups"],
        events=records["events"],
        documents=[mapped(file.yaml.data) for key, file in files.items() if key[0] == DOCUMENTS],
        gazetteer=read_gazetteer(gazetteer),
        _files_by_key=files,
    )


def read_gazetteer(folder: Path = GAZETTEER) -> dict[str, Place]:
    """The places of both files of a gazetteer by id. A file or row that cannot be read is left out here, and
    `seeds.corpus.gazetteer_check` says so.
    """
    places: dict[str, Place] = {}
    for name in PLACE_FILES:
        with suppress(OSError, UnicodeDecodeError, csv.Error):
            for row in place_rows(folder / name):
                identity = row.get("id")
                if identity:
                    names = _names(row.get("name"), row.get("native_name"), *(row.get("aliases") or "").split(";"))
                    places[identity] = Place(identity, row.get("level") or "", row.get("parent") or None, names)
    return places


def place_rows(path: Path) -> list[dict[str, str]]:
    """The rows of one file of places by column, in order."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def listed(value: Plain) -> list[Plain]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mapped(value: Plain) -> Record:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def _names(*names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in names if name is not None and name.strip() != "")


def read_file(folder: Path, name: str, kind: str) -> SeedFile:
    """One YAML file of a folder. Where it cannot be opened, it is missing or has a fault that says why."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError)
        fault = YamlFault(1, f"cannot be opened: {error.strerror}", "a file that can be read")
        return SeedFile(name, kind, LinedYaml(faults=[] if is_missing else [fault]), is_missing)
    return SeedFile(name, kind, read_lined(content))
