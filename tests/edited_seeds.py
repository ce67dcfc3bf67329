"""Copies of the shipped seeds that tests may change, file by file, and a database that holds them unchanged."""

from __future__ import annotations

import csv
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from seeds.corpus.corpus_source import Corpus
from seeds.corpus.files import SEEDS
from seeds.corpus.gazetteer_source import Gazetteer
from seeds.corpus.yaml_lines import read_lined
from tests.conftest import load_into
from tests.databases import Databases

# The one in Python takes five times as long.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Plainly(_Dumper):  # type: ignore[misc]  # whichever there is
    """Writes out what stands in two places twice, since seed files have no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


EVENTS, GROUPS = "op1027/events.yaml", "op1027/groups.yaml"
PLACES = "gazetteer/places.csv"
# A district that the corpus has nothing to say of, in a state of its own.
ELSEWHERE = "mmr001d001"


def seeded(databases: Databases) -> str:
    """A database with these seeds as they ship, loaded in a second that is over. Not to be written to."""

    def fill(address: str) -> None:
        with TemporaryDirectory() as folder:
            load_into(address, *EditedSeeds(Path(folder)).sources)
        # Times are kept in whole seconds; what a test loads has to be told from what was loaded here.
        time.sleep(1 - time.time() % 1)

    return databases.made_once("seeds", fill)


class EditedSeeds:
    """The seed files in a folder of a test's own, with those places alone that the corpus names and that lie above them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("gazetteer", "op1027", "schema"):
            shutil.copytree(SEEDS / name, folder / name)
        corpus = "".join(path.read_text(encoding="utf-8") for path in (folder / "op1027").rglob("*.yaml"))
        additions = (folder / "gazetteer" / "additions.csv").read_text(encoding="utf-8")
        named = set(re.findall(r"\bmmr\w*", corpus + additions)) | {ELSEWHERE}
        with self.places() as places:
            above = list(named & places.keys())
            for identity in above:
                if places[identity]["parent"]:
                    above.append(places[identity]["parent"])
            for identity in places.keys() - set(above):
                del places[identity]

    @property
    def sources(self) -> tuple[Gazetteer, Corpus]:
        """What is loaded from the files as they are now."""
        return Gazetteer(self.folder / "gazetteer"), Corpus(self.folder / "op1027")

    @contextmanager
    def opened(self, name: str) -> Iterator[Any]:
        """The content of one YAML file, written back afterwards where it was changed."""
        path = self.folder / name
        before = read_lined(path.read_bytes()).data
        content: Any = deepcopy(before)
        yield content
        if content == before:
            return
        written = yaml.dump(content, Dumper=_Plainly, allow_unicode=True, sort_keys=False)
        path.write_text(written, encoding="utf-8")

    @contextmanager
    def places(self) -> Iterator[dict[str, dict[str, str]]]:
        """The gazetteer's places by id, written back afterwards."""
        path = self.folder / PLACES
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        found = {row["id"]: row for row in rows}
        yield found
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(found.values())

    @contextmanager
    def event(self, identity: str) -> Iterator[dict[str, Any]]:
        """One event of the corpus."""
        with self.opened(EVENTS) as content:
            yield _with_id(content["events"], identity)

    @contextmanager
    def group(self, identity: str) -> Iterator[dict[str, Any]]:
        """One group of the corpus."""
        with self.opened(GROUPS) as content:
            yield _with_id(content["groups"], identity)

    @contextmanager
    def figure(self, event: str, identity: str) -> Iterator[dict[str, Any]]:
        """One figure of an event."""
        with self.event(event) as found:
            yield _with_id(found["figures"], identity)

    def in_documents(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes every document of the corpus."""
        for path in sorted((self.folder / "op1027" / "documents").iterdir()):
            with self.opened(f"op1027/documents/{path.name}") as document:
                change(document)

    def without_figure(self, event: str, identity: str) -> None:
        """Takes away a figure and the claims on it."""
        with self.event(event) as found:
            found["figures"] = [figure for figure in found["figures"] if figure["id"] != identity]
        self._without("claims", "figure", {identity})

    def without_event(self, identity: str) -> None:
        """Takes away an event with its figures and all that documents say of them."""
        with self.opened(EVENTS) as content:
            gone = _with_id(content["events"], identity)
            content["events"].remove(gone)
        self._without("reports", "event", {identity})
        self._without("claims", "figure", {figure["id"] for figure in gone.get("figures") or []})
        self._without("facts", "event", {identity})

    def _without(self, key: str, about: str, gone: set[str]) -> None:
        def change(document: dict[str, Any]) -> None:
            document[key] = [entry for entry in document[key] if entry.get(about) not in gone]

        self.in_documents(change)


def _with_id(records: list[dict[str, Any]], identity: str) -> dict[str, Any]:
    (found,) = (record for record in records if record["id"] == identity)
    return found
